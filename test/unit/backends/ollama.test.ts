import { describe, expect, it } from 'vitest';
import type { BackendConfig, ProbeResult } from '../../../src/backends/contract';
import { createOllamaBackend } from '../../../src/backends/ollama';
import type { SeenRequest } from './loopback';
import { closedUrl, httpClient, keepingLogger, serve, serveJson } from './loopback';
import { containing } from './textMatchers';

/** Entries as `ollama serve` v0.32.15 answered on 2026-11-21 (tags-3, ps-two-loaded, show-scripted). */
const SCRIPTED = {
  name: 'scripted:latest',
  model: 'scripted:latest',
  modified_at: '2026-11-21T02:16:41.387540155Z',
  size: 11_296_374,
  digest: 'c5c76530a7da874ddd1fcf3b40768cad0f4c543d86ccdc49311e70054a01e06d',
  details: {
    parent_model: '',
    format: 'gguf',
    family: 'llama',
    families: ['llama'],
    parameter_size: '2.82M',
    quantization_level: 'unknown',
    context_length: 2048,
    embedding_length: 512,
  },
  capabilities: ['completion', 'tools', 'thinking'],
};
const RUNNING = {
  name: 'scripted:latest',
  model: 'scripted:latest',
  size: 29_129_440,
  digest: SCRIPTED.digest,
  details: { family: 'llama' },
  expires_at: '2026-11-21T02:22:51.93713976Z',
  size_vram: 0,
  context_length: 1024,
};
const SHOW = {
  details: { family: 'qwen3', parameter_size: '8.2B', quantization_level: 'Q4_K_M' },
  model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
  capabilities: ['completion', 'tools', 'vision'],
};
const VERSION = { version: '0.32.15' };

function backendAt(url: string, logger = keepingLogger()) {
  const config: BackendConfig = { id: 'ollama', kind: 'ollama', url, host: 'local', headers: {} };
  return createOllamaBackend({ config, http: httpClient(), logger });
}

function probe(url: string): Promise<ProbeResult> {
  return backendAt(url).probe(new AbortController().signal);
}

async function modelsAt(url: string) {
  const result = await probe(url);
  if (result.readiness !== 'ok') throw new Error(result.message);
  return result.models;
}

describe('createOllamaBackend', () => {
  it('lists what is installed and what runs, with the context that is allocated', async () => {
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: [SCRIPTED] },
      '/api/ps': { models: [RUNNING] },
    });
    await expect(probe(server.url)).resolves.toEqual({
      readiness: 'ok',
      version: '0.32.15',
      models: [
        {
          modelId: 'scripted:latest',
          displayName: 'scripted:latest',
          capabilities: {
            tools: true,
            vision: false,
            thinking: true,
            embedding: false,
            contextLength: 2048,
            allocatedContext: 1024,
            parameterSize: '2.82M',
            sizeBytes: 11_296_374,
            digest: SCRIPTED.digest,
            family: 'llama',
            modifiedAt: '2026-11-21T02:16:41.387540155Z',
          },
          running: {
            sizeBytes: 29_129_440,
            vramBytes: 0,
            contextTokens: 1024,
            expiresAt: '2026-11-21T02:22:51.93713976Z',
          },
        },
      ],
    });
  });

  it('sorts by name, because the server changes its order from call to call', async () => {
    const named = (name: string) => ({ ...SCRIPTED, name });
    const tags = { models: [named('b'), named('C'), named('a')] };
    const server = await serveJson({ '/api/version': VERSION, '/api/tags': tags, '/api/ps': { models: [] } });
    expect((await modelsAt(server.url)).map(({ modelId }) => modelId)).toEqual(['C', 'a', 'b']);
  });

  it.each([
    // What the server says of the file's own type is coarser, or nothing.
    ['hf.co/unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL', 'Q4_K_M', 'UD-Q4_K_XL'],
    ['hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:IQ4_XS', 'unknown', 'IQ4_XS'],
    ['hf.co/Owner/Model-GGUF:q5_k_m', 'unknown', 'Q5_K_M'],
    ['hf.co/owner/model-GGUF:latest', 'Q4_K_M', 'Q4_K_M'],
    ['hf.co/owner/model-GGUF:latest', 'unknown', undefined],
    // Tags of its own registry are free words.
    ['qwen3:8b-q8_0', 'Q8_0', 'Q8_0'],
    ['mine:q4_k_m', 'unknown', undefined],
  ])('knows of %s, which is said to be %s, that it is %s', async (name, said, quant) => {
    const tag = { ...SCRIPTED, name, details: { ...SCRIPTED.details, quantization_level: said } };
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: [tag] },
      '/api/ps': { models: [] },
    });
    expect((await modelsAt(server.url))[0]?.capabilities.quant).toBe(quant);
  });

  it('leaves the expiry out of a model that stays loaded', async () => {
    const forEver = { ...RUNNING, expires_at: '2319-03-03T02:11:24.060493108Z' };
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: [SCRIPTED] },
      '/api/ps': { models: [forEver] },
    });
    expect((await modelsAt(server.url))[0]?.running).not.toHaveProperty('expiresAt');
  });

  it('takes null for an empty list', async () => {
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: null },
      '/api/ps': { models: [] },
    });
    await expect(modelsAt(server.url)).resolves.toEqual([]);
  });

  it('drops an entry that makes no sense, with a log line, and keeps the others', async () => {
    const tags = { models: [{ name: '' }, null, { ...SCRIPTED, size: 'big' }, SCRIPTED] };
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': tags,
      '/api/ps': { models: [7] },
    });
    const logger = keepingLogger();
    const result = await backendAt(server.url, logger).probe(new AbortController().signal);
    expect(result).toMatchObject({ readiness: 'ok', models: [{ modelId: 'scripted:latest' }] });
    expect(logger.lines.filter(({ event }) => event === 'backend.entry_dropped')).toHaveLength(4);
  });

  it('keeps an entry whose details make no sense, without them', async () => {
    const odd = { ...SCRIPTED, details: 'gguf', capabilities: 'all' };
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: [odd] },
      '/api/ps': { models: [] },
    });
    const [model] = await modelsAt(server.url);
    expect(model?.capabilities).toEqual({
      sizeBytes: odd.size,
      digest: odd.digest,
      modifiedAt: odd.modified_at,
    });
  });

  it('lists without running state when /api/ps fails', async () => {
    const server = await serveJson({ '/api/version': VERSION, '/api/tags': { models: [SCRIPTED] } });
    expect((await modelsAt(server.url))[0]).not.toHaveProperty('running');
  });
});

describe('createOllamaBackend, asking what each model can do', () => {
  /** As servers before 0.32 answer: no capabilities, no context length. */
  const old = (name: string, digest: string) => ({ name, size: 5, digest, details: { family: 'qwen3' } });

  /** Counts `/api/show`, how many at once, and fails it for names that begin with `broken`. */
  async function oldServer(models: readonly object[]) {
    let active = 0;
    let mostAtOnce = 0;
    const waiting: (() => void)[] = [];
    const asked: string[] = [];
    const server = await serve(async (request: SeenRequest, response) => {
      const json = (value: unknown) => void response.end(JSON.stringify(value));
      if (request.path === '/api/version') return json(VERSION);
      if (request.path === '/api/tags') return json({ models });
      if (request.path !== '/api/show') return json({ models: [] });
      mostAtOnce = Math.max(mostAtOnce, ++active);
      asked.push(request.body);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        // Nobody goes before four are here, or the last ones; a fifth would come within the moment that they stay.
        const left = models.length - (asked.length - waiting.length);
        if (waiting.length < Math.min(4, left)) return;
        setTimeout(() => waiting.splice(0).forEach((go) => go()), 20);
      });
      active -= 1;
      if (request.body.includes('broken')) response.writeHead(500).end('{"error":"invalid file magic"}');
      else json(SHOW);
    });
    return { url: server.url, asked, mostAtOnce: () => mostAtOnce };
  }

  it('asks /api/show for it', async () => {
    const server = await oldServer([old('qwen3:8b', 'd1')]);
    const [model] = await modelsAt(server.url);
    expect(model?.capabilities).toMatchObject({
      tools: true,
      vision: true,
      thinking: false,
      contextLength: 40_960,
    });
    expect(server.asked).toEqual(['{"model":"qwen3:8b"}']);
  });

  it('believes /api/show over the list, which calls an embedding model completion', async () => {
    const listed = { ...SCRIPTED, capabilities: ['completion'] };
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { models: [listed] },
      '/api/ps': { models: [] },
      '/api/show': { capabilities: ['embedding'] },
    });
    const [model] = await modelsAt(server.url);
    expect(model?.capabilities).toMatchObject({ embedding: true, tools: false, contextLength: 2048 });
  });

  it('asks for four models at once and no more', async () => {
    const models = Array.from({ length: 11 }, (_, index) => old(`m${index}`, `d${index}`));
    const server = await oldServer(models);
    expect(await modelsAt(server.url)).toHaveLength(11);
    expect(server.mostAtOnce()).toBe(4);
  });

  it('never drops a model that cannot be shown', async () => {
    const server = await oldServer([old('broken:1', 'd1'), old('fine:1', 'd2')]);
    const models = await modelsAt(server.url);
    expect(models.map(({ modelId, capabilities }) => [modelId, capabilities.tools])).toEqual([
      ['broken:1', undefined],
      ['fine:1', true],
    ]);
  });

  it('asks once for each content, whatever tags it has', async () => {
    const models = [old('a:1', 'd1'), old('b:1', 'd2')];
    const server = await oldServer(models);
    const backend = backendAt(server.url);
    await backend.probe(new AbortController().signal);
    await backend.probe(new AbortController().signal);
    expect(server.asked).toHaveLength(2);
    models[0] = old('a:1', 'd3');
    await backend.probe(new AbortController().signal);
    expect(server.asked).toHaveLength(3);
  });

  it('asks nothing again about what stays while other models come, go and change their names', async () => {
    const models = [old('a:1', 'd1'), old('b:1', 'd2'), old('c:1', 'd3')];
    const server = await oldServer(models);
    const backend = backendAt(server.url);
    await backend.probe(new AbortController().signal);
    models.splice(0, 3, old('renamed:1', 'd2'), old('new:1', 'd4'));
    const result = await backend.probe(new AbortController().signal);
    expect(server.asked).toHaveLength(4);
    expect(server.asked.at(-1)).toBe('{"model":"new:1"}');
    expect(result).toMatchObject({
      models: [
        { modelId: 'new:1', capabilities: { tools: true } },
        { modelId: 'renamed:1', capabilities: { tools: true } },
      ],
    });
  });

  it('asks about the rest of a very long list in the next probes', async () => {
    const asked = new Set<string>();
    const models = Array.from({ length: 700 }, (_, index) => old(`m${index}`, `d${index}`));
    const { url } = await serve(({ path, body }, response) => {
      if (path === '/api/show') asked.add(body);
      response.end(
        JSON.stringify(path === '/api/version' ? VERSION : path === '/api/show' ? SHOW : { models }),
      );
    });
    const backend = backendAt(url);
    await backend.probe(new AbortController().signal);
    expect(asked.size).toBe(500);
    await backend.probe(new AbortController().signal);
    expect(asked.size).toBe(700);
  });
});

describe('createOllamaBackend, readiness', () => {
  it('is invalid_url for an address that nobody can ask', async () => {
    for (const url of ['not a url', 'ftp://host', 'file:///etc/passwd']) {
      await expect(probe(url)).resolves.toMatchObject({ readiness: 'invalid_url' });
    }
  });

  it('is unreachable where nothing listens, and says how to start Ollama', async () => {
    const url = await closedUrl();
    await expect(probe(url)).resolves.toEqual({
      readiness: 'unreachable',
      message: `Nothing listens on ${url}.`,
      nextStep: 'Start Ollama with `ollama serve`, or change the address in modelPool.backends.',
    });
  });

  it('is too_old where the server cannot chat, and tells what a newer but old one lacks', async () => {
    const routes = { '/api/tags': { models: [] }, '/api/ps': { models: [] } };
    const old = await serveJson({ ...routes, '/api/version': { version: '0.1.13' } });
    await expect(probe(old.url)).resolves.toEqual({
      readiness: 'too_old',
      message: 'Ollama 0.1.13 cannot chat over its API.',
      nextStep: 'Update Ollama to 0.1.14 or newer.',
    });
    const lacking = await serveJson({ ...routes, '/api/version': { version: '0.8.0' } });
    await expect(probe(lacking.url)).resolves.toMatchObject({
      readiness: 'ok',
      limits: ['Ollama 0.8.0 does not tell thinking from the answer: update it to 0.9.0 or newer.'],
    });
    const fine = await serveJson({ ...routes, '/api/version': VERSION });
    await expect(probe(fine.url)).resolves.not.toHaveProperty('limits');
  });

  it('is bad_response for a web page and for other JSON', async () => {
    const page = await serve((_request, response) => void response.end('<!doctype html><html></html>'));
    await expect(probe(page.url)).resolves.toMatchObject({
      readiness: 'bad_response',
      message: containing('a web page'),
    });
    const other = await serveJson({ '/api/version': ['1'] });
    await expect(probe(other.url)).resolves.toMatchObject({
      readiness: 'bad_response',
      message: containing('does not look like Ollama'),
    });
  });

  it('is bad_response where the list has another shape', async () => {
    const server = await serveJson({
      '/api/version': VERSION,
      '/api/tags': { tags: [] },
      '/api/ps': { models: [] },
    });
    await expect(probe(server.url)).resolves.toMatchObject({ readiness: 'bad_response' });
  });

  it.each([
    [401, 'unauthorized', 'Set API Key'],
    [403, 'unauthorized', 'origins'],
    [404, 'bad_status', 'port and kind'],
    [302, 'bad_status', 'port and kind'],
    [500, 'bad_status', 'log'],
  ] as const)('status %i is %s', async (status, readiness, hint) => {
    const server = await serve((_request, response) => void response.writeHead(status).end());
    await expect(probe(server.url)).resolves.toMatchObject({
      readiness,
      nextStep: containing(hint),
    });
  });

  it('rejects with the reason when its signal aborts', async () => {
    const server = await serve(() => undefined);
    const controller = new AbortController();
    const reason = new Error('the window closes');
    const probing = backendAt(server.url).probe(controller.signal);
    controller.abort(reason);
    await expect(probing).rejects.toBe(reason);
  });
});
