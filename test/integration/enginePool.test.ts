import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../src/dispatch/chat';
import type { Engine } from '../../src/engine';
import type { EngineOptions } from '../../src/engine/engineOptions';
import type { PoolInstallRequest } from '../../src/pool/poolInstalls';
import type { ModelRef } from '../../src/shared/modelRef';
import { DEFAULT_SETTINGS, type Settings } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama, type FakeOllamaOptions } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';

const MB = 1_000_000;
const TALKER = 'talker:latest';
const OTHER = 'other:latest';

describe('the pool of an engine', () => {
  let storageDir: string;
  const engines: Engine[] = [];
  let ollama: FakeOllama;
  beforeEach(() => {
    storageDir = mkdtempSync(path.join(tmpdir(), 'mp-engine-pool-'));
  });
  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.dispose()));
    await ollama.stop();
    rmSync(storageDir, { recursive: true, force: true });
  });

  /** A window with one Ollama that offers two models of 50 MB. */
  async function open(
    settings: Partial<Settings> = {},
    fake: FakeOllamaOptions = {},
    options: Partial<EngineOptions> = {},
  ): Promise<Engine> {
    if (engines.length === 0) {
      const script = { answer: 'and so on ', endless: true };
      const seconds = { tokenIntervalMs: 5, ...fake };
      ollama = await startFakeOllama({
        registry: {
          [TALKER]: describeModel({ weightsBytes: 50 * MB, script }),
          [OTHER]: describeModel({ weightsBytes: 49 * MB }),
        },
        ...seconds,
      });
    }
    const backends = [{ id: 'ollama', kind: 'ollama' as const, url: ollama.url }];
    const engine = await testEngine(storageDir, backends, {
      settings: { ...DEFAULT_SETTINGS, backends, catalogOnline: false, poolDiskBudgetGb: 10, ...settings },
      ...options,
    });
    engines.push(engine);
    await engine.pool.ready();
    return engine;
  }

  function wish(ollamaName: string, given: Partial<PoolInstallRequest> = {}): PoolInstallRequest {
    return {
      ...{ backend: 'ollama', ollamaName, hfRepoId: `Org/${ollamaName}`, quant: 'Q4_K_M' },
      ...{ initialScore: 50, consent: 'user', sizeOnDiskGb: 0.05 },
      ...given,
    };
  }

  async function installed(engine: Engine, name: string): Promise<ModelRef> {
    expect(await engine.installs.install(wish(name))).toMatchObject({ status: 'success' });
    await engine.refreshAll(AbortSignal.timeout(10_000));
    const model = engine.served.all().find(({ modelId }) => modelId === name);
    if (!model) throw new Error(`${name} is not served`);
    return { backend: model.backend, provider: model.provider, modelId: model.modelId };
  }

  const names = (engine: Engine): readonly string[] =>
    engine.pool.manager.snapshot().entries.map(({ ollamaName }) => ollamaName);
  const served = (): readonly string[] => ollama.store.names();

  /** A chat that goes on until it is ended; its first words are there. */
  async function talk(engine: Engine, model: ModelRef): Promise<() => Promise<void>> {
    const events = engine.dispatcher.dispatch({
      ...{ model, sessionId: 'test' },
      messages: [{ role: 'user', content: 'go on' }],
    });
    let next: IteratorResult<ChatEvent, unknown> = await events.next();
    while (next.done !== true && next.value.type !== 'text') {
      if (next.value.type === 'finish') throw new Error(JSON.stringify(next.value));
      next = await events.next();
    }
    expect(next.done).not.toBe(true);
    return async () => {
      await events.return?.();
    };
  }

  it('refuses what the budget does not hold before a byte is asked for, and takes a raised budget at once', async () => {
    const engine = await open({ poolDiskBudgetGb: 0.02 });
    expect(await engine.installs.install(wish(OTHER))).toMatchObject({
      ...{ status: 'error', code: 'budget_exceeded' },
      message: expect.stringContaining('would exceed disk budget by 0.03 GB') as unknown,
    });
    expect(ollama.requests.filter(({ path: asked }) => asked === '/api/pull')).toEqual([]);
    engine.configure({ ...engine.settings, poolDiskBudgetGb: 1 });
    await expect
      .poll(async () => (await engine.installs.install(wish(OTHER))).status, { timeout: 10_000 })
      .toBe('success');
  });

  it('has a budget of at most half of the disk where nobody set one, and room for nothing before it is known', async () => {
    const engine = await open({ poolDiskBudgetGb: null });
    const { diskBudgetGb } = engine.pool.manager.snapshot();
    expect(diskBudgetGb).toBeGreaterThan(0);
    expect(diskBudgetGb).toBeLessThanOrEqual(100);
  });

  it('removes a model under a running chat only when the chat has ended', async () => {
    const engine = await open();
    const model = await installed(engine, TALKER);
    const end = await talk(engine, model);
    expect(await engine.installs.remove('ollama', TALKER)).toMatchObject({
      status: 'pending',
      code: 'in_use',
    });
    expect(served()).toContain(TALKER);
    // Who chooses for itself is not sent there any more, and is told so.
    const chosen = engine.dispatcher.explain({ messages: [], sessionId: 'test', model: { best: {} } });
    expect(chosen.ok).toBe(false);
    await end();
    await expect.poll(served, { timeout: 10_000 }).not.toContain(TALKER);
    await expect.poll(() => names(engine), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => engine.served.all(), { timeout: 10_000 }).toEqual([]);
  });

  it('waits for the call of another window, too', async () => {
    const engine = await open();
    const model = await installed(engine, TALKER);
    const other = await open();
    await other.refreshAll(AbortSignal.timeout(10_000));
    await expect.poll(() => names(other), { timeout: 10_000 }).toEqual([TALKER]);
    const end = await talk(other, model);
    await expect.poll(() => engine.leases.isUsedElsewhere(model), { timeout: 10_000 }).toBe(true);
    expect(await engine.installs.remove('ollama', TALKER)).toMatchObject({ status: 'pending' });
    expect(served()).toContain(TALKER);
    await end();
    // The window of the call drains at its end; the other one would at its next turn.
    await expect.poll(served, { timeout: 20_000 }).not.toContain(TALKER);
    await expect.poll(() => names(engine), { timeout: 10_000 }).toEqual([]);
  });

  it('waits for a measurement, which holds the model as a call does', async () => {
    const engine = await open({}, { tokenIntervalMs: 40 });
    const model = await installed(engine, TALKER);
    const abort = new AbortController();
    const measuring = engine.trials.measure(model, { signal: abort.signal });
    await expect.poll(() => engine.dispatcher.inUse.has(model), { timeout: 10_000 }).toBe(true);
    expect(await engine.installs.remove('ollama', TALKER)).toMatchObject({ status: 'pending' });
    expect(served()).toContain(TALKER);
    abort.abort();
    await measuring.catch(() => undefined);
    await expect.poll(served, { timeout: 10_000 }).not.toContain(TALKER);
  });

  it('goes on with a removal that a window has left behind', async () => {
    const engine = await open();
    const model = await installed(engine, TALKER);
    await talk(engine, model);
    expect(await engine.installs.remove('ollama', TALKER)).toMatchObject({ status: 'pending' });
    await engine.dispose();
    engines.splice(0);
    ollama.runners.clear();
    expect(served()).toContain(TALKER);
    const backends = [{ id: 'ollama', kind: 'ollama' as const, url: ollama.url }];
    const next = await testEngine(storageDir, backends);
    engines.push(next);
    next.start();
    await expect.poll(served, { timeout: 40_000 }).not.toContain(TALKER);
  }, 60_000);

  it('notes when a model was last used, and whether it calls tools', async () => {
    const engine = await open({}, { tokenIntervalMs: 1 });
    const model = await installed(engine, OTHER);
    expect(engine.pool.manager.snapshot().entries).toMatchObject([{ lastUsedAt: null, toolCalling: false }]);
    const answer = engine.dispatcher.dispatch({
      ...{ model, sessionId: 'test' },
      messages: [{ role: 'user', content: 'hello' }],
    });
    let next = await answer.next();
    while (next.done !== true) next = await answer.next();
    await expect
      .poll(() => engine.pool.manager.snapshot().entries[0]?.lastUsedAt, { timeout: 10_000 })
      .toMatch(/^20/);
  });

  it('takes a model that was installed outside into the pool when it is told to, and never by itself', async () => {
    const engine = await open(
      { poolDiskBudgetGb: 1 },
      { installed: { [OTHER]: describeModel({ weightsBytes: 50 * MB }) } },
    );
    await engine.refreshAll(AbortSignal.timeout(10_000));
    const row = engine.served.all().find(({ modelId }) => modelId === OTHER);
    if (!row) throw new Error('not served');
    expect(await engine.pool.manager.reconcile('ollama')).toMatchObject({
      status: 'reconciled',
      outside: [{ ollamaName: OTHER }],
    });
    expect(names(engine)).toEqual([]);
    expect(await engine.installs.adopt(row)).toEqual({ status: 'success' });
    expect(engine.pool.manager.snapshot()).toMatchObject({
      entries: [{ ollamaName: OTHER, origin: 'pool' }],
    });
    expect(engine.pool.manager.snapshot().diskUsedGb).toBeCloseTo(0.05, 2);
  });
});
