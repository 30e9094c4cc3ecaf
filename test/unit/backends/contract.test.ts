import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import type {
  Backend,
  BackendConfig,
  EditorModel,
  EditorModels,
  ListedModel,
  ProbeFailure,
  ProbeResult,
} from '../../../src/backends/contract';
import { recogniseBackend } from '../../../src/backends/recognise';
import { validateRow } from '../../../src/registry/validateRow';
import { BACKEND_KINDS } from '../../../src/shared/settings';
import { closedUrl, httpClient, keepingLogger, serve, serveJson } from './loopback';
import type { ContractKind } from './support/contractKinds';
import { CONTRACT_KINDS } from './support/contractKinds';
import { containing } from './textMatchers';

const never = new AbortController().signal;

type Logger = ReturnType<typeof keepingLogger>;

function backendAt(
  kind: BackendConfig['kind'],
  url: string,
  { logger = keepingLogger(), key }: { readonly logger?: Logger; readonly key?: string } = {},
): Backend {
  const config: BackendConfig = { id: 'under_test', kind, url, host: 'local', headers: {} };
  const http = httpClient().withHeaders(() =>
    Promise.resolve(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  );
  return BACKEND_KIND_TABLE[kind].create({ config, http, logger });
}

function modelsOf(result: ProbeResult): readonly ListedModel[] {
  if (result.readiness !== 'ok') throw new Error(`${result.readiness}: ${result.message}`);
  return result.models;
}

function failureOf(result: ProbeResult): ProbeFailure {
  if (result.readiness === 'ok') throw new Error('it was ok');
  return result;
}

const idsOf = (result: ProbeResult): readonly string[] => modelsOf(result).map(({ modelId }) => modelId);

/** What the registry leaves out of a probe's list. */
function refusedByRegistry(models: readonly ListedModel[]): readonly unknown[] {
  const row = validateRow({
    ...{ backend: 'under_test', provider: 'local', source: 'probe' },
    ...{ refreshedAt: 1, refreshedMono: 1, bootId: 'boot', models },
  });
  if (!row.ok) throw new Error(row.reason);
  return row.dropped;
}

it('has every kind of backend in it, once', () => {
  const covered = [...CONTRACT_KINDS.map(({ kind }) => kind), 'vscode'];
  expect([...covered].sort()).toEqual([...BACKEND_KINDS].sort());
});

describe.each(CONTRACT_KINDS)('a backend of kind $kind', (contract: ContractKind) => {
  const { kind, documented } = contract;

  /** Probes a server that answers every request in the same way. */
  async function probeAnswering(answer: (response: ServerResponse) => void, logger?: Logger) {
    const { url } = await serve((_request, response) => answer(response));
    return backendAt(kind, url, logger === undefined ? {} : { logger }).probe(never);
  }

  async function probeListing(entries: readonly unknown[], logger?: Logger): Promise<ProbeResult> {
    const { url } = await serveJson(contract.answers(entries));
    return backendAt(kind, url, logger === undefined ? {} : { logger }).probe(never);
  }

  it(`lists ids, names and capabilities: ${documented.source}`, async () => {
    const { url } = await serveJson(documented.answers);
    const models = modelsOf(await backendAt(kind, url).probe(never));
    expect(models).toEqual(documented.models);
    expect(refusedByRegistry(models)).toEqual([]);
  });

  it('takes an address that ends in a slash, or in the version that people copy along', async () => {
    const { url } = await serveJson(documented.answers);
    for (const ending of ['/', '/v1', '/v1/', '/v1beta/']) {
      expect(modelsOf(await backendAt(kind, url + ending).probe(never)), ending).toEqual(documented.models);
    }
  });

  it('sends what its client adds with every request', async () => {
    const server = await serveJson(documented.answers);
    await backendAt(kind, server.url, { key: 'sesame' }).probe(never);
    expect(server.requests.length).toBeGreaterThan(0);
    for (const { headers } of server.requests) expect(headers.authorization).toBe('Bearer sesame');
  });

  it('lists nothing where nothing is', async () => {
    expect(modelsOf(await probeListing([]))).toEqual([]);
  });

  it('drops malformed entries alone, with a log line each', async () => {
    const bad = [null, 7, 'x', [], {}, { id: 5, name: 5 }, { id: '', name: '' }];
    const logger = keepingLogger();
    const result = await probeListing([contract.entry('b'), ...bad, contract.entry('a')], logger);
    expect(idsOf(result)).toEqual(['a', 'b']);
    expect(logger.lines.filter(({ event }) => event === 'backend.entry_dropped')).toHaveLength(bad.length);
  });

  it('does not fill the log with the malformed entries of one answer', async () => {
    const logger = keepingLogger();
    await probeListing([...Array.from({ length: 5_000 }, () => null), contract.entry('a')], logger);
    const lines = logger.lines.filter(({ event }) => event.startsWith('backend.'));
    expect(lines.length).toBeLessThan(20);
    expect(lines.at(-1)?.facts).toMatchObject({ count: 5_000 });
  });

  it.each([
    ['text', 'Bad gateway', 'something else'],
    ['nothing', '', 'something else'],
    ['half of JSON', '{"data":[', 'something else'],
    ['a web page', '<!doctype html><title>Router</title>', 'a web page'],
    ['JSON of another shape', '{"hello":"world"}', 'something else'],
    ['a list of another name', '{"items":[],"data":{},"models":{}}', 'something else'],
    ['a number', '7', 'something else'],
    ['null', 'null', 'something else'],
  ])('is bad_response for %s', async (_what, body, words) => {
    const result = await probeAnswering((response) => void response.end(body));
    expect(result).toMatchObject({ readiness: 'bad_response', message: containing(words) });
  });

  it.each([
    [401, 'unauthorized', 'Model Pool: Set API Key'],
    [403, 'unauthorized', 'Model Pool: Set API Key'],
    [404, 'bad_status', 'port and kind'],
    [302, 'bad_status', 'port and kind'],
    [429, 'bad_status', 'Wait'],
    [500, 'bad_status', ''],
    [503, 'bad_status', ''],
  ] as const)('says what status %i means, and what to do', async (status, readiness, hint) => {
    const result = failureOf(
      await probeAnswering((response) => void response.writeHead(status).end('{"error":{"message":"no"}}')),
    );
    expect(result).toMatchObject({ readiness, nextStep: containing(hint) });
    expect(result.message).toMatch(/^\S.*\.$/);
    expect(result.nextStep).toMatch(/^\S.*\.$/);
  });

  it('rejects with the reason when its signal aborts while the server hangs', async () => {
    const controller = new AbortController();
    const reason = new Error('the window closes');
    const { url } = await serve(() => controller.abort(reason));
    await expect(backendAt(kind, url).probe(controller.signal)).rejects.toBe(reason);
  });

  it('rejects with the reason, and asks nothing, when its signal was aborted before', async () => {
    const server = await serveJson(documented.answers);
    const reason = new Error('too late');
    await expect(backendAt(kind, server.url).probe(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('is unreachable where nothing listens', async () => {
    const url = await closedUrl();
    expect(await backendAt(kind, url).probe(never)).toMatchObject({
      readiness: 'unreachable',
      message: `Nothing listens on ${url}.`,
    });
  });

  it('is invalid_url for what is no address', async () => {
    for (const url of ['', '8080', 'ftp://host', 'file:///etc/passwd']) {
      expect(await backendAt(kind, url).probe(never)).toMatchObject({ readiness: 'invalid_url' });
    }
  });

  it('is unreachable when the connection breaks in the middle of an answer', async () => {
    const result = await probeAnswering((response) => {
      response.writeHead(200, { 'content-length': 10_000 }).write('{"data":[{"id":"a"},');
      setImmediate(() => response.destroy());
    });
    expect(result).toMatchObject({ readiness: 'unreachable' });
  });

  it('stops reading an answer that is far too long', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const result = await probeAnswering((response) => {
      response.on('error', () => undefined).write('{"data":["');
      const more = (): void => {
        while (sent < 64 && !response.destroyed) {
          sent += 1;
          if (!response.write(mebibyte)) return void response.once('drain', more);
        }
      };
      more();
    });
    expect(result).toMatchObject({ readiness: 'bad_response', message: containing('far more') });
    expect(sent).toBeLessThan(64);
  });

  it('waits for an answer that comes slowly', async () => {
    const { url } = await serve(async ({ path }, response) => {
      const value = documented.answers[path];
      const text = JSON.stringify(value ?? { error: 'no' });
      response.writeHead(value === undefined ? 404 : 200);
      for (let at = 0; at < 4; at++) {
        response.write(text.slice((at * text.length) / 4, ((at + 1) * text.length) / 4));
        await delay(10);
      }
      response.end();
    });
    expect(modelsOf(await backendAt(kind, url).probe(never))).toEqual(documented.models);
  });

  it('lists 10,000 models', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `m${String(index).padStart(5, '0')}`);
    const result = await probeListing([...ids].reverse().map(contract.entry));
    expect(idsOf(result)).toEqual(ids);
  }, 30_000);

  it('lists a model once that the server lists twice', async () => {
    const result = await probeListing(['b', 'a', 'b', 'a'].map(contract.entry));
    expect(idsOf(result)).toEqual(['a', 'b']);
  });

  it('keeps ids of any script as they are', async () => {
    const ids = ['a (b)+c@d,e', 'naïve/modèle:1', 'данные', 'हिन्दी', '模型-7b'];
    const models = modelsOf(await probeListing(ids.map(contract.entry)));
    expect(models.map(({ modelId }) => modelId)).toEqual(ids);
    expect(refusedByRegistry(models)).toEqual([]);
  });

  it('never lets a name for people cost a model', async () => {
    const { named } = contract;
    if (named === undefined) {
      // An id is no text for people: it is what the server must be asked for, and not ours to change.
      const models = modelsOf(await probeListing([contract.entry('a\u0000b'), contract.entry('c')]));
      expect(models.map(({ modelId }) => modelId)).toEqual(['a\u0000b', 'c']);
      return;
    }
    const names = ['\u0000\u001b[31mred\r\n', '💥', 'a\ud800b', 'ü'.repeat(150), ' x\u202ey  z ', 'A & B!'];
    const models = modelsOf(await probeListing(names.map((name, index) => named(`m${index}`, name))));
    expect(models.map(({ displayName }) => displayName)).toEqual([
      '31mred',
      'm1',
      'a b',
      'm3',
      'x y z',
      'A B',
    ]);
    expect(refusedByRegistry(models)).toEqual([]);
  });

  it('lets no odd fact cost a model', async () => {
    const odd: Readonly<Record<string, unknown>> = {
      ...{ context_length: 0.5, max_context_length: -1, max_model_len: 'long', inputTokenLimit: 1e300 },
      ...{
        max_input_tokens: {},
        quantization: 'x'.repeat(5_000),
        arch: [],
        display_name: 7,
        displayName: {},
      },
      ...{ details: 'gguf', capabilities: 'all', meta: 5, architecture: [], status: 'x', digest: 9 },
      ...{ supported_parameters: 'tools', thinking: 'yes', publisher: 3, root: {}, modified_at: 1 },
    };
    const models = modelsOf(
      await probeListing(['a', 'b'].map((id) => Object.assign({}, odd, contract.entry(id)))),
    );
    expect(models.map(({ modelId }) => modelId)).toEqual(['a', 'b']);
    expect(refusedByRegistry(models)).toEqual([]);
  });

  it('says no secret that a server, an address or a key holds', async () => {
    const secrets = ['sk-proj-Zx81kQpLm2Wv9RtY7uHs', 'hunter2hunter2', 'sesame-0pen-4711'];
    const body = `{"error":{"message":"bad key ${secrets[0]}","api_key":"${secrets[0]}"},"data":[{"k":"${secrets[0]}"}]}`;
    const said: string[] = [];
    for (const [status, text] of [
      ...[200, 400, 401, 403, 404, 500].map((code) => [code, body] as const),
      [200, `not JSON ${secrets[0]}`] as const,
    ]) {
      const { url } = await serve((_request, response) => void response.writeHead(status).end(text));
      const logger = keepingLogger();
      const withUser = url.replace('//', `//user:${secrets[1]}@`);
      const result = await backendAt(kind, withUser, { logger, key: secrets[2] ?? '' }).probe(never);
      said.push(JSON.stringify([result, logger.lines]));
    }
    for (const secret of secrets) expect(said.join()).not.toContain(secret);
  });

  it('never rejects, whatever JSON comes', async () => {
    const entry = contract.entry('a');
    const anything = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.record(
        {
          data: fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 }),
          models: fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 }),
          version: fc.jsonValue({ maxDepth: 1 }),
        },
        { requiredKeys: [] },
      ),
      fc
        .dictionary(fc.constantFrom(...Object.keys(entry as object)), fc.jsonValue({ maxDepth: 2 }))
        .map((mixed) => ({ data: [mixed, entry], models: [mixed, entry], version: '1.0.0' })),
    );
    let answer: unknown = {};
    const { url } = await serve((_request, response) => void response.end(JSON.stringify(answer)));
    const backend = backendAt(kind, url);
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        answer = value;
        const result = await backend.probe(never);
        if (result.readiness !== 'ok') return;
        for (const { modelId, displayName } of result.models) {
          expect(typeof modelId).toBe('string');
          expect(typeof displayName).toBe('string');
        }
      }),
      { numRuns: 60 },
    );
  }, 20_000);

  it(`is taken for ${contract.recognisedAs ?? 'nothing'} where nobody says what it is`, async () => {
    const { url } = await serveJson(documented.answers);
    const found = await recogniseBackend({ http: httpClient(), url, signal: never });
    expect(found?.kind ?? null).toBe(contract.recognisedAs);
  });
});

describe('a backend of kind vscode', () => {
  const model = (id: string, change: Partial<EditorModel> = {}): EditorModel => ({
    ...{ id, name: id, vendor: 'copilot', family: 'gpt', maxInputTokens: 64_000 },
    ...change,
  });

  function backendOf(editorModels: EditorModels | undefined, logger = keepingLogger()): Backend {
    const config: BackendConfig = { id: 'vscode', kind: 'vscode', url: '', host: 'local', headers: {} };
    return BACKEND_KIND_TABLE.vscode.create({
      config,
      http: httpClient(),
      logger,
      ...(editorModels === undefined ? {} : { editorModels }),
    });
  }

  const listing = (models: readonly EditorModel[]): Backend =>
    backendOf({ list: () => Promise.resolve(models) });

  it('lists ids, names, vendors and capabilities as the editor tells them', async () => {
    const models = modelsOf(
      await listing([
        model('gpt-6', { name: 'GPT-6', tools: true, vision: false }),
        model('claude', { name: 'Claude 💥', vendor: 'Acme Inc.', family: '', maxInputTokens: 0 }),
      ]).probe(never),
    );
    expect(models).toEqual([
      { modelId: 'claude', displayName: 'Claude', provider: 'Acme Inc.', capabilities: {} },
      {
        modelId: 'gpt-6',
        displayName: 'GPT-6',
        provider: 'copilot',
        capabilities: { tools: true, vision: false, contextLength: 64_000, family: 'gpt' },
      },
    ]);
    expect(refusedByRegistry(models)).toEqual([]);
  });

  it('lists nothing where nobody is signed in', async () => {
    expect(modelsOf(await listing([]).probe(never))).toEqual([]);
  });

  it('keeps models of two vendors that have one id, and one of each', async () => {
    const models = modelsOf(
      await listing([model('a'), model('a', { vendor: 'other' }), model('a')]).probe(never),
    );
    expect(models.map(({ provider }) => provider)).toEqual(['copilot', 'other']);
  });

  it('lists 10,000 models', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `m${String(index).padStart(5, '0')}`);
    expect(idsOf(await listing(ids.map((id) => model(id))).probe(never))).toEqual(ids);
  });

  it('rejects with the reason when its signal aborts while the editor hangs, and when it was aborted before', async () => {
    const reason = new Error('enough');
    const hanging = backendOf({ list: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const probing = hanging.probe(controller.signal);
    controller.abort(reason);
    await expect(probing).rejects.toBe(reason);
    await expect(listing([]).probe(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('says what to do where the editor fails or there is none, without its words', async () => {
    const logger = keepingLogger();
    const failing = backendOf({ list: () => Promise.reject(new Error('no model')) }, logger);
    const said = failureOf(await failing.probe(never));
    expect(said).toMatchObject({ readiness: 'unreachable', nextStep: containing('signed in') });
    expect(JSON.stringify(said)).not.toContain('no model');
    expect(logger.lines).toMatchObject([{ event: 'vscode.list_failed', facts: { why: 'no model' } }]);
    expect(await backendOf(undefined).probe(never)).toEqual(said);
  });

  it('asks no server', async () => {
    const found = await BACKEND_KIND_TABLE.vscode.recognise({
      url: 'http://127.0.0.1:1',
      get: () => Promise.reject(new Error('asked')),
    });
    expect(found).toBeNull();
  });
});
