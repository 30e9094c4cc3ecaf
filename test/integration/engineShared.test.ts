import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine';
import type { EngineOptions } from '../../src/engine/engineOptions';
import type { ChatFinish } from '../../src/dispatch/chat';
import { DEFAULT_SETTINGS, type BackendSetting } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';

/** What a change in one window may take to be seen in another. */
const SEEN = { timeout: 3_000, interval: 20 };
const KEY = 'sk-test-5f2c8a9b1d3e7f60';

describe('engines that share what is stored', () => {
  let storageDir: string;
  const engines: Engine[] = [];
  const servers: (FakeOllama | LlamaServer)[] = [];

  beforeEach(() => {
    storageDir = path.join(mkdtempSync(path.join(tmpdir(), 'mp-engines-')), 'storage');
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    rmSync(path.dirname(storageDir), { recursive: true, force: true });
  });

  async function start(
    backends: readonly BackendSetting[],
    options: Partial<EngineOptions> = {},
  ): Promise<Engine> {
    const engine = await testEngine(storageDir, backends, options);
    engines.push(engine);
    engine.start();
    return engine;
  }

  async function ollamaWith(...names: readonly string[]): Promise<readonly [FakeOllama, BackendSetting]> {
    const installed = Object.fromEntries(names.map((name) => [name, describeModel()]));
    const ollama = await startFakeOllama({ installed });
    servers.push(ollama);
    return [ollama, { id: 'ollama', kind: 'ollama', url: ollama.url }];
  }

  const idsOf = (engine: Engine): readonly string[] => engine.served.all().map((model) => model.modelId);

  it('show in one window what another one found, models and state alike', async () => {
    const [ollama, backend] = await ollamaWith('qwen3:8b');
    const [first, second] = [await start([backend]), await start([backend])];
    await first.refreshAll(AbortSignal.timeout(10_000));
    await expect.poll(() => idsOf(second), SEEN).toEqual(['qwen3:8b']);
    expect(second.registry.backend('ollama')).toMatchObject({ readiness: 'ok' });
    await ollama.kill();
    await second.refreshAll(AbortSignal.timeout(10_000));
    await expect.poll(() => first.registry.backend('ollama')?.readiness, SEEN).toBe('unreachable');
    expect(idsOf(first)).toEqual(['qwen3:8b']);
  });

  it('know after a restart what was served, while the server is down', async () => {
    const [ollama, backend] = await ollamaWith('qwen3:8b');
    const before = await start([backend]);
    await before.refreshAll(AbortSignal.timeout(10_000));
    await before.dispose();
    await ollama.kill();
    const after = await start([backend]);
    await expect.poll(() => idsOf(after), SEEN).toEqual(['qwen3:8b']);
    expect(after.registry.backend('ollama')?.lastProbeAt).toBeDefined();
  });

  it('forget a backend in every window when it is taken out of the settings', async () => {
    const [, backend] = await ollamaWith('qwen3:8b');
    const [first, second] = [await start([backend]), await start([backend])];
    await first.refreshAll(AbortSignal.timeout(10_000));
    await expect.poll(() => idsOf(second), SEEN).toEqual(['qwen3:8b']);
    first.configure({ ...DEFAULT_SETTINGS, catalogOnline: false });
    await expect.poll(() => idsOf(second), SEEN).toEqual([]);
  });

  it('serve a window that can store nothing, say so, and store all when they can again', async () => {
    const [, backend] = await ollamaWith('qwen3:8b');
    writeFileSync(storageDir, 'a file where the folder should be');
    const engine = await start([backend]);
    await engine.refreshAll(AbortSignal.timeout(10_000));
    expect(idsOf(engine)).toEqual(['qwen3:8b']);
    expect(engine.state.status).toMatchObject({ state: 'degraded' });
    rmSync(storageDir);
    await engine.refreshAll(AbortSignal.timeout(10_000));
    await expect.poll(() => engine.state.status.state, SEEN).toBe('open');
    const other = await start([backend]);
    await expect.poll(() => idsOf(other), SEEN).toEqual(['qwen3:8b']);
  });

  it('have one that does the background work, and another one after it', async () => {
    const [first, second] = [await start([]), await start([])];
    await expect
      .poll(() => [first, second].filter((engine) => engine.leads).length, { timeout: 5_000 })
      .toBe(1);
    const [leader, follower] = first.leads ? [first, second] : [second, first];
    await leader.dispose();
    await expect.poll(() => follower.leads, { timeout: 10_000 }).toBe(true);
  });

  it('take what a session reports, until it ends', async () => {
    const [, backend] = await ollamaWith('qwen3:8b');
    const engine = await start([backend]);
    await engine.refreshAll(AbortSignal.timeout(10_000));
    const session = engine.registerSession('other-extension');
    session.reportModels([
      { backend: 'ollama', provider: 'acme', models: [{ modelId: 'acme-1' }] },
      { backend: 'not_configured', provider: 'acme', models: [{ modelId: 'acme-2' }] },
    ]);
    await expect.poll(() => idsOf(engine), SEEN).toEqual(['acme-1', 'qwen3:8b']);
    expect(engine.registry.find('ollama', 'acme', 'acme-1')?.source).toBe('session');
    session.dispose();
    session.reportModels([{ backend: 'ollama', provider: 'acme', models: [] }]);
    expect(() => session.resolveModel()).toThrow(/has ended/);
    await engine.refreshAll(AbortSignal.timeout(10_000));
    // The probe is newer, and does not know it.
    await expect.poll(() => idsOf(engine), SEEN).toEqual(['qwen3:8b']);
  });

  it('let a session call the model that it resolves, on record under its name', async () => {
    const [, backend] = await ollamaWith('qwen3:8b');
    const engine = await start([backend]);
    await engine.refreshAll(AbortSignal.timeout(10_000));
    const session = engine.registerSession('other-extension');
    const [served] = engine.served.chat();
    if (!served) throw new Error('Nothing is served.');
    const { backend: id, provider, modelId } = served;
    const model = { backend: id, provider, modelId };
    expect(session.resolveModel({ model })).toEqual({
      ok: true,
      model,
      host: new URL(backend.url ?? '').origin,
    });
    let finish: ChatFinish | undefined;
    for await (const event of session.dispatch({ model, messages: [{ role: 'user', content: 'hi' }] })) {
      if (event.type === 'finish') finish = event;
    }
    expect(finish?.finishReason).toBe('stop');
    await engine.transcript.flush();
    const { records } = await engine.transcript.read({ limit: 1 });
    expect(records[0]).toMatchObject({ sessionId: 'other-extension', recordId: finish?.recordId });
  });

  it('show what ships for a hosted provider until it answers', async () => {
    const engine = await start([{ id: 'openai', kind: 'openai', url: 'http://127.0.0.1:9' }]);
    await expect.poll(() => idsOf(engine).length, SEEN).toBeGreaterThan(0);
    expect(new Set(engine.served.all().map((model) => model.source))).toEqual(new Set(['baseline']));
    await engine.refreshAll(AbortSignal.timeout(10_000));
    expect(engine.registry.backend('openai')?.readiness).toBe('unreachable');
    expect(idsOf(engine).length).toBeGreaterThan(0);
  });

  it('send the key of a backend with each request, and write it nowhere', async () => {
    const server = await startLlamaServer({ alias: 'tiny', args: ['--api-key', KEY] });
    servers.push(server);
    const keys = new Map<string, string>();
    const lines: string[] = [];
    const engine = await start([{ id: 'llama', kind: 'llama_server', url: server.url, secretName: 'mine' }], {
      secrets: { get: (name) => Promise.resolve(keys.get(name)) },
      logger: { log: (level, event, facts) => lines.push(JSON.stringify([level, event, facts])) },
    });
    await engine.refreshBackend('llama');
    expect(engine.registry.backend('llama')).toMatchObject({ readiness: 'unauthorized' });
    expect(engine.registry.backend('llama')?.nextStep).toContain('Set API Key');
    keys.set('mine', KEY);
    await engine.refreshBackend('llama');
    expect(engine.registry.backend('llama')).toMatchObject({ readiness: 'ok' });
    const events = engine.dispatcher.dispatch({
      model: { backend: 'llama', provider: 'local', modelId: 'tiny' },
      messages: [{ role: 'user', content: 'hi' }],
      sessionId: 'test',
    });
    let finish: ChatFinish | undefined;
    for await (const event of events) if (event.type === 'finish') finish = event;
    expect(finish?.finishReason).toBe('stop');
    await engine.dispose();
    const stored = filesUnder(storageDir).map((file) => readFileSync(file, 'latin1'));
    expect(stored.length).toBeGreaterThan(1);
    for (const text of [...stored, ...lines]) expect(text.includes(KEY)).toBe(false);
  });
});

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
