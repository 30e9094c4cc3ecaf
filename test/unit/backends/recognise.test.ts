import { MockAgent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import { BACKEND_KINDS } from '../../../src/shared/settings';
import { findBackends, ollamaHostUrl, recogniseBackend } from '../../../src/backends/recognise';
import { HttpClient } from '../../../src/shared/http';
import { closedUrl, httpClient, serve, serveJson } from './loopback';

const OLLAMA = { '/api/version': { version: '0.32.15' }, '/api/tags': { models: [] } };
const LLAMA = {
  '/v1/models': { data: [{ id: 'm', owned_by: 'llamacpp' }] },
  '/props': { build_info: 'b11669' },
};

function recognise(url: string) {
  return recogniseBackend({ http: httpClient(), url, signal: new AbortController().signal });
}

describe('recogniseBackend', () => {
  it('knows Ollama and its version, with or without a trailing slash', async () => {
    const { url } = await serveJson(OLLAMA);
    const found = { kind: 'ollama', label: 'Ollama', url, readiness: 'ok', version: '0.32.15' };
    await expect(recognise(url)).resolves.toEqual(found);
    await expect(recognise(`${url}/`)).resolves.toEqual(found);
  });

  it('knows llama-server by who owns its models', async () => {
    const { url } = await serveJson(LLAMA);
    await expect(recognise(url)).resolves.toMatchObject({
      kind: 'llama_server',
      readiness: 'ok',
      version: 'b11669',
    });
  });

  it('knows an empty router by its name', async () => {
    const { url } = await serve((request, response) => {
      response.setHeader('server', 'llama.cpp');
      if (request.path !== '/v1/models') return void response.writeHead(404).end();
      response.end('{"data":[]}');
    });
    await expect(recognise(url)).resolves.toEqual({
      kind: 'llama_server',
      label: 'llama-server',
      url,
      readiness: 'ok',
    });
  });

  it('knows llama-server while it loads, and when it wants a key', async () => {
    const answer = (status: number, body: string) =>
      serve((_request, response) => void response.writeHead(status, { server: 'llama.cpp' }).end(body));
    const loading = await answer(
      503,
      '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
    );
    await expect(recognise(loading.url)).resolves.toMatchObject({
      kind: 'llama_server',
      readiness: 'bad_status',
    });
    const locked = await answer(401, '{"error":{"type":"authentication_error"}}');
    await expect(recognise(locked.url)).resolves.toMatchObject({
      kind: 'llama_server',
      readiness: 'unauthorized',
    });
  });

  it('takes nothing else for a model server', async () => {
    const page = await serve((_request, response) => void response.end('<html>'));
    const vllm = await serveJson({ '/v1/models': { data: [{ id: 'm', owned_by: 'vllm' }] } });
    const versioned = await serveJson({ '/api/version': { version: '1' } });
    for (const { url } of [page, vllm, versioned]) await expect(recognise(url)).resolves.toBeNull();
    await expect(recognise(await closedUrl())).resolves.toBeNull();
    await expect(recognise('nonsense')).resolves.toBeNull();
  });

  it('rejects with the reason when its signal aborts', async () => {
    const { url } = await serve(() => undefined);
    const controller = new AbortController();
    const asking = recogniseBackend({ http: httpClient(), url, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

describe('findBackends', () => {
  /** Nothing leaves the process: what is not intercepted is refused. */
  function network(servers: Readonly<Record<string, Readonly<Record<string, object>>>>): HttpClient {
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    for (const [origin, routes] of Object.entries(servers)) {
      for (const [path, body] of Object.entries(routes)) {
        agent.get(origin).intercept({ path }).reply(200, body).persist();
      }
    }
    return new HttpClient(agent);
  }

  it('asks the usual ports and says which kind answers', async () => {
    const http = network({ 'http://127.0.0.1:11434': OLLAMA, 'http://127.0.0.1:9931': LLAMA });
    await expect(findBackends(http, {})).resolves.toMatchObject([
      { kind: 'ollama', url: 'http://127.0.0.1:11434' },
      { kind: 'llama_server', url: 'http://127.0.0.1:9931' },
    ]);
  });

  it('asks OLLAMA_HOST first, and not twice where it is the usual address', async () => {
    const http = network({ 'http://gpubox:11434': OLLAMA, 'http://127.0.0.1:11434': OLLAMA });
    const urls = async (host: string) =>
      (await findBackends(http, { OLLAMA_HOST: host })).map(({ url }) => url);
    await expect(urls('gpubox')).resolves.toEqual(['http://gpubox:11434', 'http://127.0.0.1:11434']);
    await expect(urls('0.0.0.0')).resolves.toEqual(['http://127.0.0.1:11434']);
  });

  it('goes by the answer, not by the port', async () => {
    const http = network({ 'http://127.0.0.1:8080': OLLAMA });
    await expect(findBackends(http, {})).resolves.toMatchObject([
      { kind: 'ollama', url: 'http://127.0.0.1:8080' },
    ]);
  });

  it('finds nothing where nothing listens', async () => {
    await expect(findBackends(network({}), {})).resolves.toEqual([]);
  });
});

describe('ollamaHostUrl', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['   ', null],
    ['gpubox', 'http://gpubox:11434'],
    ['gpubox:8000', 'http://gpubox:8000'],
    [':8000', 'http://127.0.0.1:8000'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    ['0.0.0.0:8000', 'http://127.0.0.1:8000'],
    ['[::]:8000', 'http://[::1]:8000'],
    ['[::1]', 'http://[::1]:11434'],
    ['::1', 'http://[::1]:11434'],
    ['http://gpubox', 'http://gpubox'],
    ['https://models.example', 'https://models.example'],
    ['https://models.example:8443/ollama', 'https://models.example:8443'],
    ['"gpubox:1"', 'http://gpubox:1'],
    ['ftp://gpubox', null],
    ['gpubox:99999', null],
    ['gpubox:port', null],
  ])('%s means %s', (value, url) => {
    expect(ollamaHostUrl(value)).toBe(url);
  });
});

describe('BACKEND_KIND_TABLE', () => {
  it('has a row for every kind, whose addresses are on loopback', () => {
    expect(Object.keys(BACKEND_KIND_TABLE).sort()).toEqual([...BACKEND_KINDS].sort());
    for (const { label, defaultUrls } of Object.values(BACKEND_KIND_TABLE)) {
      expect(label).not.toBe('');
      for (const url of defaultUrls) expect(new URL(url).hostname).toBe('127.0.0.1');
    }
  });

  it.each(BACKEND_KINDS)('makes a backend of kind %s with its configuration', (kind) => {
    const config = { id: 'x', kind, url: 'http://127.0.0.1:1', host: 'local', headers: {} };
    expect(BACKEND_KIND_TABLE[kind].create({ config, http: httpClient() }).config).toBe(config);
  });
});
