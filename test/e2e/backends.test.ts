import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { hostname } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { describeModel } from '../fakes/ollama/package';
import { createAuthority, serveSecurely, type PrivateAuthority } from '../support/certificates';
import { startProxy, type TestProxy } from '../support/proxy';
import { useEditor } from './support/editor';

const KEY = 'key-canary-0123456789';

/** An OpenAI-compatible endpoint that lists its models to whoever has the key. */
class KeyedServer {
  readonly #server: Server;
  readonly keys: (string | undefined)[] = [];
  key = KEY;
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      this.keys.push(request.headers.authorization);
      const allowed = request.headers.authorization === `Bearer ${this.key}`;
      response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
      const list = { object: 'list', data: [{ id: 'qwen/qwen3', object: 'model' }] };
      response.end(JSON.stringify(allowed ? list : { error: { message: 'who are you?' } }));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.url = `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('adding backends', () => {
  let ollama: FakeOllama;
  let tunnel: FakeOllama;
  let authority: PrivateAuthority;
  const keyed = new KeyedServer();
  const editor = useEditor(async () => {
    [ollama, tunnel] = await Promise.all([
      startFakeOllama({ installed: { 'qwen3:8b': describeModel({ family: 'qwen3' }) } }),
      startFakeOllama(),
      keyed.start(),
    ]);
    authority = createAuthority();
    return { env: { OLLAMA_HOST: ollama.url, NODE_EXTRA_CA_CERTS: authority.file } };
  });
  beforeAll(async () => {
    await editor().workbench.openOurViews();
  });
  afterAll(async () => {
    authority.forget();
    await Promise.all([ollama.stop(), tunnel.stop(), keyed.stop()]);
  });

  const settingsText = (): string =>
    readFileSync(path.join(editor().server.userDataFolder, 'Machine', 'settings.json'), 'utf8');
  const written = (): unknown =>
    (JSON.parse(settingsText()) as Record<string, unknown>)['modelPool.backends'];

  it('offers what answers with where it is, says what it serves, and adds it when told to', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Add Backend');
    const offers = await workbench.quickInput.waitForOptions('what was found', (found) =>
      found.some(({ description }) => description.startsWith(ollama.url)),
    );
    // Another test's llama-server may be at its usual address meanwhile.
    const found = offers.find(({ label }) => label === 'Ollama');
    expect(found?.description).toBe(`${ollama.url} · ${hostname()}`);
    expect(found?.detail).toMatch(/^version /);
    expect(offers.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['Enter an address…', 'OpenAI', 'Anthropic']),
    );
    await workbench.screenshot('add-backend-found-dark');
    await workbench.quickInput.choose('Ollama');
    const steps = await workbench.quickInput.waitForOptions('what it serves', (found) =>
      found.some(({ label }) => label === 'Add'),
    );
    expect(steps[0]).toMatchObject({ label: 'Add', description: 'as ollama', detail: 'qwen3:8b' });
    expect(await workbench.quickInput.placeholder()).toMatch(/^Ollama \S+ at http:\S+: 1 model$/);
    await workbench.screenshot('add-backend-summary-dark');
    await workbench.quickInput.choose('Add');
    await workbench.tree('Pool').waitForLabels(['qwen3:8b']);
    expect(written()).toEqual([{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
  });

  it('asks for a key where the server wants one, and keeps it out of the settings', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter(`${keyed.url}/v1`);
    await expect.poll(() => workbench.quickInput.title(), { timeout: 60_000 }).toMatch(/^API key of /);
    await workbench.quickInput.enter(KEY);
    const steps = await workbench.quickInput.waitForOptions('what it serves', (found) =>
      found.some(({ label }) => label === 'Add'),
    );
    expect(steps[0]).toMatchObject({ description: 'as openai_compatible', detail: 'qwen/qwen3' });
    await workbench.quickInput.choose('Add');
    await workbench.tree('Pool').waitForLabels(['qwen/qwen3']);
    expect(written()).toMatchObject([{}, { id: 'openai_compatible', url: keyed.url }]);
    expect(settingsText()).not.toContain(KEY);
    expect(editor().logs()).not.toContain(KEY);
  });

  it('sets another key, and says whether the backend takes it', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Set API Key');
    await workbench.quickInput.choose('openai_compatible');
    await workbench.quickInput.enter('a-wrong-key');
    const refused = await workbench.notifications.waitFor(/The API key of openai_compatible is set\./);
    expect(refused).toMatch(/refuses us \(status 401\)\. Set its key/);
    await workbench.notifications.clear();

    keyed.key = 'a-new-key';
    await workbench.openQuestion('Model Pool: Set API Key');
    const offers = await workbench.quickInput.waitForOptions(
      'who takes a key',
      (found) => found.length === 3,
    );
    expect(offers[0]).toMatchObject({ label: 'openai_compatible', detail: 'wants a key' });
    expect(offers[2]?.label).toBe('Hugging Face');
    await workbench.quickInput.choose('openai_compatible');
    await workbench.quickInput.enter('a-new-key');
    await workbench.notifications.waitFor(
      /The API key of openai_compatible is set\. It answers: 1 models?\./,
    );
    await workbench.notifications.clear();
  });

  it('removes a key after a question', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Set API Key');
    await workbench.quickInput.choose('openai_compatible');
    await workbench.quickInput.enter('');
    expect(await workbench.dialog.buttons()).toContain('Remove');
    expect(await workbench.dialog.message()).toBe('Remove the API key of openai_compatible?');
    await workbench.dialog.press('Remove');
    await workbench.notifications.waitFor(/The API key of openai_compatible is removed\..*Set its key/);
    expect(keyed.keys.at(-1)).toBeUndefined();
    await workbench.notifications.clear();
  });

  it('names the machine behind a tunnel', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter(tunnel.url);
    await workbench.quickInput.choose('It runs on another machine…');
    await workbench.quickInput.enter('gpubox');
    const steps = await workbench.quickInput.waitForOptions('the new id', (found) =>
      found.some(({ description }) => description === 'as ollama_gpubox'),
    );
    expect(steps[0]).toMatchObject({ label: 'Add', detail: 'It serves no model yet.' });
    await workbench.quickInput.choose('Add');
    await expect
      .poll(written, { timeout: 60_000 })
      .toMatchObject([{}, {}, { id: 'ollama_gpubox', kind: 'ollama', url: tunnel.url, host: 'gpubox' }]);
  });

  it('adds what is down only after saying why it cannot be reached', async () => {
    const { workbench } = editor();
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter('http://127.0.0.1:9');
    await expect
      .poll(() => workbench.quickInput.placeholder(), { timeout: 60_000 })
      .toBe('Nothing that is known answers at http://127.0.0.1:9. What is it?');
    await workbench.quickInput.choose('vLLM');
    const steps = await workbench.quickInput.waitForOptions('the reason', (found) =>
      found.some(({ label }) => label === 'Add anyway'),
    );
    expect(steps.find(({ label }) => label === 'Add anyway')).toMatchObject({
      description: 'as vllm',
      detail: 'Nothing listens on http://127.0.0.1:9.',
    });
    await workbench.screenshot('add-backend-down-dark');
    await workbench.quickInput.choose('Add anyway');
    await expect.poll(written, { timeout: 60_000 }).toMatchObject([{}, {}, {}, { id: 'vllm', kind: 'vllm' }]);
  });

  it('trusts a private authority, and nobody else', async () => {
    const { workbench } = editor();
    const stranger = createAuthority();
    onTestFinished(() => stranger.forget());
    for (const [issuer, expected] of [
      [authority, /^OpenAI-compatible server at https:\S+: 1 model$/],
      [stranger, /^The certificate of https:\S+ comes from nobody that this machine trusts/],
    ] as const) {
      const port = await serveSecurely(issuer.issue('localhost'), (request, response) => {
        const list = { object: 'list', data: [{ id: 'acme/tiny', object: 'model' }] };
        response.writeHead(request.url === '/v1/models' ? 200 : 404, { 'content-type': 'application/json' });
        response.end(JSON.stringify(list));
      });
      await workbench.openQuestion('Model Pool: Add Backend');
      await workbench.quickInput.choose('Enter an address…');
      await workbench.quickInput.enter(`https://localhost:${port}`);
      // What does not answer is not known for what it is.
      if (issuer === stranger) await workbench.quickInput.choose('vLLM');
      await expect.poll(() => workbench.quickInput.placeholder(), { timeout: 60_000 }).toMatch(expected);
      await workbench.quickInput.cancel();
    }
  });
});

describe('behind a proxy', () => {
  let ollama: FakeOllama;
  let proxy: TestProxy;
  let stopProxy: () => Promise<void> = () => Promise.resolve();
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({ installed: { 'qwen3:8b': describeModel({ family: 'qwen3' }) } });
    const names = { 'gpubox.internal': Number(new URL(ollama.url).port) };
    proxy = await startProxy({ names }, (stop) => (stopProxy = stop));
    return { settings: { 'http.proxy': proxy.url }, env: { OLLAMA_HOST: ollama.url } };
  });
  afterAll(async () => {
    await Promise.all([ollama.stop(), stopProxy()]);
  });

  it('what is elsewhere goes through http.proxy, and what is on this machine does not', async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.openQuestion('Model Pool: Add Backend');
    await workbench.quickInput.waitForOptions('what was found', (found) =>
      found.some(({ description }) => description.startsWith(ollama.url)),
    );
    await workbench.quickInput.choose('Enter an address…');
    await workbench.quickInput.enter('http://gpubox.internal:11434');
    const steps = await workbench.quickInput.waitForOptions('what it serves', (found) =>
      found.some(({ label }) => label === 'Add'),
    );
    expect(steps[0]).toMatchObject({ description: 'as ollama_gpubox_internal', detail: 'qwen3:8b' });
    await workbench.quickInput.cancel();
    const ours = proxy.forwarded.map(({ url }) => new URL(url).host);
    expect(new Set(ours)).toEqual(new Set(['gpubox.internal:11434']));
  });
});
