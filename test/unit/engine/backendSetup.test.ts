import { MockAgent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AddressSources } from '../../../src/backends/findAddresses';
import { BackendSetup, newBackendId, newServers, sameBackendUrl } from '../../../src/engine/backendSetup';
import { HttpClient } from '../../../src/shared/http';
import { BACKEND_KINDS, idPattern } from '../../../src/shared/settings';
import { closedUrl, httpClient, keepingLogger, serve, serveJson, until } from '../backends/loopback';

const OLLAMA = {
  '/api/version': { version: '0.32.15' },
  '/api/tags': { models: [{ name: 'qwen3:8b', model: 'qwen3:8b', digest: 'd', size: 1 }] },
  '/api/ps': { models: [] },
};
const KEY = 'key-canary-0123456789';
const never = new AbortController().signal;

function machine(change: Partial<AddressSources> = {}): AddressSources {
  return {
    env: {},
    platform: 'darwin',
    readText: () => Promise.resolve(null),
    addressOf: () => Promise.resolve(null),
    ...change,
  };
}

function setup(http: HttpClient = httpClient(), addresses = machine()) {
  const logger = keepingLogger();
  return { setup: new BackendSetup({ http, addresses, logger }), logger };
}

/** A server that lists one model to whoever has the key. */
function keyed(header: string, value: string) {
  return serve((request, response) => {
    if (request.headers[header] !== value) return void response.writeHead(401).end('{"error":"who are you"}');
    response.end('{"object":"list","data":[{"id":"a/b","object":"model"}]}');
  });
}

describe('the kinds that are offered', () => {
  it('are all of them, with what each needs', () => {
    const { kinds } = setup().setup;
    expect(kinds.map(({ kind }) => kind)).toEqual(BACKEND_KINDS);
    const needs = Object.fromEntries(
      kinds.map(({ kind, hosted, needsUrl, key }) => [kind, [hosted, needsUrl, key]]),
    );
    expect(needs).toMatchObject({
      ollama: [false, true, 'optional'],
      openai_compatible: [false, true, 'optional'],
      anthropic: [true, false, 'needed'],
      vscode: [false, false, 'never'],
    });
  });
});

describe('finding', () => {
  it('tells what answers and on which machine', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    const around = agent.get('http://172.17.0.1:11434');
    for (const [path, answer] of Object.entries(OLLAMA)) {
      around.intercept({ path }).reply(200, answer).persist();
    }
    const files: Readonly<Record<string, string>> = {
      '/.dockerenv': '',
      '/proc/net/route': 'Iface\neth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n',
    };
    const addresses = machine({
      platform: 'linux',
      readText: (file) => Promise.resolve(files[file] ?? null),
    });
    expect(await setup(new HttpClient(agent), addresses).setup.find(never)).toEqual([
      {
        kind: 'ollama',
        label: 'Ollama',
        url: 'http://172.17.0.1:11434',
        readiness: 'ok',
        version: '0.32.15',
        place: 'container_host',
        host: 'container_host',
      },
    ]);
  });

  it('asks no other machine where nobody has asked for it', async () => {
    const { url } = await serveJson(OLLAMA);
    const other = 'http://10.1.2.3:11434';
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    const away = agent.get(other);
    for (const [path, answer] of Object.entries(OLLAMA)) {
      away.intercept({ path }).reply(200, answer).persist();
    }
    const named = machine({ env: { OLLAMA_HOST: other } });
    const subject = setup(new HttpClient(agent), named).setup;
    expect(await subject.find(never)).toMatchObject([{ url: other, place: 'elsewhere' }]);
    expect(await subject.find(never, { onlyHere: true })).toEqual([]);
    const here = setup(httpClient(), machine({ env: { OLLAMA_HOST: url } })).setup;
    expect(await here.find(never, { onlyHere: true })).toMatchObject([{ url }]);
  });

  it('asks what OLLAMA_HOST names first', async () => {
    const { url } = await serveJson(OLLAMA);
    const addresses = machine({ env: { OLLAMA_HOST: url } });
    const [first] = await setup(httpClient(), addresses).setup.find(never);
    expect(first).toMatchObject({ kind: 'ollama', url, place: 'this_machine' });
    expect(first).not.toHaveProperty('host');
  });

  it('stops at once when it is cancelled', async () => {
    let asked = false;
    const { url } = await serve(() => void (asked = true));
    const caller = new AbortController();
    const reason = new Error('the user pressed Escape');
    const finding = setup(httpClient(), machine({ env: { OLLAMA_HOST: url } })).setup.find(caller.signal);
    finding.catch(() => undefined);
    await until(() => asked);
    caller.abort(reason);
    await expect(finding).rejects.toBe(reason);
  });
});

describe('a draft', () => {
  it('is asked what it is and what it would serve', async () => {
    const { url } = await serveJson(OLLAMA);
    const { setup: subject } = setup();
    expect(await subject.recognise({ url: `${url}/`, headers: {} }, never)).toMatchObject({
      kind: 'ollama',
      url,
    });
    expect(await subject.probe({ kind: 'ollama', url, headers: {} }, never)).toMatchObject({
      readiness: 'ok',
      version: '0.32.15',
      models: [{ modelId: 'qwen3:8b' }],
    });
  });

  it('sends its key and headers, and its key stands in no log', async () => {
    const server = await keyed('authorization', `Bearer ${KEY}`);
    const { setup: subject, logger } = setup();
    const draft = { kind: 'openai_compatible', url: server.url, headers: { 'x-team': 'blue' } } as const;
    expect(await subject.probe(draft, never)).toMatchObject({ readiness: 'unauthorized' });
    expect(await subject.probe({ ...draft, key: KEY }, never)).toMatchObject({
      readiness: 'ok',
      models: [{ modelId: 'a/b' }],
    });
    expect(await subject.recognise({ url: server.url, headers: {}, key: KEY }, never)).toMatchObject({
      kind: 'openai_compatible',
    });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-team': 'blue' });
    expect(JSON.stringify(logger.lines)).not.toContain(KEY);
  });

  it('of a hosted kind sends the key in the header of its kind', async () => {
    const server = await keyed('x-api-key', KEY);
    const draft = { kind: 'anthropic', url: server.url, headers: {}, key: KEY } as const;
    await setup().setup.probe(draft, never);
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': KEY });
    expect(server.requests[0]?.headers).toHaveProperty('anthropic-version');
  });

  it('where nothing listens says why, and what to do', async () => {
    const url = await closedUrl();
    const { setup: subject } = setup();
    expect(await subject.recognise({ url, headers: {} }, never)).toBeNull();
    expect(await subject.probe({ kind: 'ollama', url, headers: {} }, never)).toMatchObject({
      readiness: 'unreachable',
      message: `Nothing listens on ${url}.`,
    });
  });

  it('is left at once when the person cancels', async () => {
    let asked = false;
    const { url } = await serve(() => void (asked = true));
    const caller = new AbortController();
    const probing = setup().setup.probe({ kind: 'ollama', url, headers: {} }, caller.signal);
    probing.catch(() => undefined);
    await until(() => asked);
    caller.abort();
    await expect(probing).rejects.toThrow();
  });
});

describe('servers that are new', () => {
  const at = (url: string, host?: string) => ({ url, ...(host === undefined ? {} : { host }) });
  const urls = (servers: readonly { readonly url: string }[]) => servers.map(({ url }) => url);

  it('are those that are not added yet', () => {
    const found = [at('http://127.0.0.1:11434'), at('http://127.0.0.1:8080')];
    expect(urls(newServers(found, []))).toEqual(urls(found));
    expect(urls(newServers(found, [at('http://127.0.0.1:11434')]))).toEqual(['http://127.0.0.1:8080']);
    expect(newServers(found, found)).toEqual([]);
  });

  it('are one each, whatever names their machine answers to', () => {
    const found = [
      ...[at('http://localhost:11434'), at('http://127.0.0.1:11434'), at('http://127.0.0.1:8080')],
      ...[at('http://172.20.0.1:11434', 'windows'), at('http://10.0.0.2:11434', 'windows')],
    ];
    expect(urls(newServers(found, []))).toEqual([
      'http://localhost:11434',
      'http://127.0.0.1:8080',
      'http://172.20.0.1:11434',
    ]);
  });

  it('are not those that were added as the end of a tunnel', () => {
    const tunnel = at('http://localhost:11434', 'gpubox');
    expect(newServers([at('http://127.0.0.1:11434')], [tunnel])).toEqual([]);
  });

  it('may be at addresses that nobody can read, and at none', () => {
    const found = [at('http://127.0.0.1:11434')];
    expect(newServers(found, [{}, at('not an address')])).toEqual(found);
  });
});

describe('a new id', () => {
  it.each([
    ['ollama', 'http://127.0.0.1:11434', undefined, [], 'ollama'],
    ['ollama', 'http://localhost:11434', undefined, ['ollama'], 'ollama_2'],
    ['ollama', 'http://gpubox:11434', undefined, ['ollama'], 'ollama_gpubox'],
    ['ollama', 'http://127.0.0.1:9999', 'GPU box', [], 'ollama_gpu_box'],
    ['ollama', 'http://gpubox:1', undefined, ['ollama_gpubox', 'ollama_gpubox_2'], 'ollama_gpubox_3'],
    ['vllm', 'http://192.168.1.5:8000', undefined, [], 'vllm_192_168_1_5'],
    ['vllm', 'http://[fd00::5]:8000', undefined, [], 'vllm_fd00_5'],
    ['ollama', 'http://172.29.96.1:11434', 'windows', [], 'ollama_windows'],
    ['openai_compatible', 'https://openrouter.ai/api', undefined, [], 'openai_compatible_openrouter_ai'],
    ['openai', undefined, undefined, ['openai'], 'openai_2'],
    ['ollama', 'http://127.0.0.1:9999', '???', [], 'ollama'],
  ] as const)('for %s at %s (%s) beside %j is %s', (kind, url, host, taken, id) => {
    const setting = { kind, ...(url === undefined ? {} : { url }), ...(host === undefined ? {} : { host }) };
    expect(newBackendId(setting, new Set(taken))).toBe(id);
  });

  it('is short enough whatever the host is called', () => {
    const url = `http://${'very-long-name.'.repeat(10)}example:1`;
    const first = newBackendId({ kind: 'openai_compatible', url }, new Set());
    expect(first).toMatch(idPattern);
    expect(newBackendId({ kind: 'openai_compatible', url }, new Set([first]))).toMatch(idPattern);
  });
});

it('knows one backend by however its address is written', () => {
  expect(sameBackendUrl('http://a:1/v1/', 'http://a:1')).toBe(true);
  expect(sameBackendUrl('http://a:1', 'http://a:2')).toBe(false);
});
