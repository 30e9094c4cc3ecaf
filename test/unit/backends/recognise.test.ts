import { MockAgent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import { BACKEND_KINDS, KINDS_WITHOUT_URL } from '../../../src/shared/settings';
import { ollamaHostUrl, recogniseBackend } from '../../../src/backends/recognise';
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

  it('knows LM Studio by its own list, and by the owner it writes where that is not to be had', async () => {
    const own = { data: [{ id: 'm', type: 'llm', state: 'loaded' }] };
    const studio = await serveJson({ '/api/v0/models': own, '/v1/models': { data: [{ id: 'm' }] } });
    const old = await serveJson({ '/v1/models': { data: [{ id: 'm', owned_by: 'organization_owner' }] } });
    const empty = await serveJson({ '/api/v0/models': { object: 'list', data: [] } });
    for (const { url } of [studio, old, empty]) {
      await expect(recognise(url)).resolves.toMatchObject({ kind: 'lm_studio', readiness: 'ok' });
    }
  });

  it('knows vLLM and its version, also one that wants a key', async () => {
    const models = { data: [{ id: 'm', owned_by: 'vllm' }] };
    const open = await serveJson({ '/v1/models': models, '/version': { version: '0.11.2' } });
    await expect(recognise(open.url)).resolves.toMatchObject({
      kind: 'vllm',
      readiness: 'ok',
      version: '0.11.2',
    });
    const locked = await serve(({ path }, response) => {
      if (path === '/version') return void response.end('{"version":"0.11.2"}');
      response.writeHead(path === '/v1/models' ? 401 : 404).end('{"error":"Unauthorized"}');
    });
    await expect(recognise(locked.url)).resolves.toMatchObject({ kind: 'vllm', readiness: 'unauthorized' });
  });

  it('takes anything else that lists models for an OpenAI-compatible server, also one that wants a key', async () => {
    const lists = [
      { data: [{ id: 'vendor/model', name: 'Model', context_length: 4096 }] },
      { object: 'list', data: [] },
      { object: 'list', data: [{ id: 'm', owned_by: 'sglang' }] },
      { data: [{}, { id: 'm' }] },
    ];
    for (const list of lists) {
      const { url } = await serveJson({ '/v1/models': list });
      await expect(recognise(`${url}/v1`)).resolves.toEqual({
        ...{ kind: 'openai_compatible', label: 'OpenAI-compatible server', url, readiness: 'ok' },
      });
    }
    const locked = await serve(
      (_request, response) => void response.writeHead(401).end('{"error":{"message":"no key"}}'),
    );
    await expect(recognise(locked.url)).resolves.toMatchObject({
      kind: 'openai_compatible',
      readiness: 'unauthorized',
    });
  });

  it('does not take a proxy in front of several servers for one of them', async () => {
    const owners = ['llamacpp', 'vllm', 'organization_owner', 'library'];
    const data = owners.map((owned_by, index) => ({ id: `m${index}`, owned_by }));
    const { url } = await serveJson({
      '/v1/models': { object: 'list', data },
      '/version': { version: '1.2.3' },
    });
    await expect(recognise(url)).resolves.toMatchObject({ kind: 'openai_compatible' });
  });

  it('knows a server behind a proxy that adds a path and takes the headers away', async () => {
    const { url } = await serveJson({
      '/box/v1/models': { data: [{ id: 'm', owned_by: 'llamacpp' }] },
      '/box/props': { build_info: 'b11669' },
    });
    await expect(recognise(`${url}/box/`)).resolves.toMatchObject({
      kind: 'llama_server',
      url: `${url}/box`,
    });
  });

  it('does not take an LM Studio, which answers everything with 200, for another kind', async () => {
    const { url } = await serve(({ path }, response) => {
      const data = [
        { id: 'm', object: 'model', type: 'llm', state: 'not-loaded', owned_by: 'organization_owner' },
      ];
      const known = path === '/v1/models' || path === '/api/v0/models';
      response.end(
        JSON.stringify(known ? { object: 'list', data } : { error: `Unexpected endpoint (GET ${path})` }),
      );
    });
    await expect(recognise(url)).resolves.toMatchObject({ kind: 'lm_studio' });
  });

  it('asks each path once', async () => {
    const server = await serveJson({ '/v1/models': { data: [{ id: 'm' }] } });
    await recognise(server.url);
    const paths = server.requests.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
  });

  it('takes nothing else for a model server', async () => {
    const page = await serve((_request, response) => void response.end('<html>'));
    const guarded = await serve((_request, response) => void response.writeHead(401).end('Unauthorized'));
    const versioned = await serveJson({ '/api/version': { version: '1' }, '/version': { version: '1' } });
    const other = await serveJson({ '/v1/models': { data: [{ name: 'a sofa' }] } });
    for (const { url } of [page, guarded, versioned, other]) await expect(recognise(url)).resolves.toBeNull();
    await expect(recognise(await closedUrl())).resolves.toBeNull();
    await expect(recognise('nonsense')).resolves.toBeNull();
  });

  it.each([
    ['https://api.openai.com', 'openai', '/v1/models'],
    ['https://api.openai.com/v1', 'openai', '/v1/models'],
    ['https://api.anthropic.com', 'anthropic', '/v1/models?limit=1000'],
    ['https://generativelanguage.googleapis.com/v1beta', 'gemini', '/v1beta/models?pageSize=1000'],
  ] as const)('knows %s by its host, and asks it nothing but its list', async (url, kind, path) => {
    for (const [status, readiness] of [
      ...([
        [200, 'ok'],
        [401, 'unauthorized'],
        [403, 'unauthorized'],
        [400, 'unauthorized'],
      ] as const),
      ...([
        [500, 'bad_status'],
        [429, 'bad_status'],
      ] as const),
    ]) {
      const agent = new MockAgent();
      agent.disableNetConnect();
      onTestFinished(() => agent.close());
      const { origin } = new URL(url);
      agent.get(origin).intercept({ path }).reply(status, {});
      const request = { http: new HttpClient(agent), url, signal: new AbortController().signal };
      await expect(recogniseBackend(request)).resolves.toMatchObject({ kind, readiness, url: origin });
      agent.assertNoPendingInterceptors();
    }
  });

  it('says nothing of a hosted service that cannot be reached', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    const request = {
      http: new HttpClient(agent),
      url: 'https://api.openai.com',
      signal: new AbortController().signal,
    };
    await expect(recogniseBackend(request)).resolves.toBeNull();
  });

  it('rejects with the reason when its signal aborts', async () => {
    const { url } = await serve(() => undefined);
    const controller = new AbortController();
    const asking = recogniseBackend({ http: httpClient(), url, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
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
  it('has a row for every kind, with a label of its own', () => {
    expect(Object.keys(BACKEND_KIND_TABLE).sort()).toEqual([...BACKEND_KINDS].sort());
    const labels = Object.values(BACKEND_KIND_TABLE).map(({ label }) => label);
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('looks for servers on loopback alone, and asks hosted services over TLS', () => {
    for (const { hosted, defaultUrls } of Object.values(BACKEND_KIND_TABLE)) {
      for (const url of defaultUrls) {
        expect(url).toMatch(hosted ? /^https:\/\/[a-z.]+$/ : /^http:\/\/127\.0\.0\.1:\d+$/);
      }
      expect(hosted && defaultUrls.length !== 1).toBe(false);
    }
  });

  it('sends a key wherever there may be one, as each service wants it', () => {
    const auth = Object.fromEntries(BACKEND_KINDS.map((kind) => [kind, BACKEND_KIND_TABLE[kind].auth]));
    expect(auth).toEqual({
      ...{ ollama: 'bearer', llama_server: 'bearer', lm_studio: 'bearer', vllm: 'bearer' },
      ...{ openai_compatible: 'bearer', openai: 'bearer', anthropic: 'x-api-key' },
      ...{ gemini: 'x-goog-api-key', vscode: 'none' },
    });
    expect(BACKEND_KIND_TABLE.anthropic.fixedHeaders).toEqual({ 'anthropic-version': '2023-06-01' });
  });

  it('lets only those go without an address that have one of their own, or need none', () => {
    const without = BACKEND_KINDS.filter((kind) => BACKEND_KIND_TABLE[kind].hosted || kind === 'vscode');
    expect([...KINDS_WITHOUT_URL].sort()).toEqual([...without].sort());
  });

  it.each(BACKEND_KINDS)('makes a backend of kind %s with its configuration', (kind) => {
    const config = { id: 'x', kind, url: 'http://127.0.0.1:1', host: 'local', headers: {} };
    expect(BACKEND_KIND_TABLE[kind].create({ config, http: httpClient() }).config).toBe(config);
  });
});
