import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine';
import type { EngineOptions } from '../../src/engine/engineOptions';
import type { ChatEvent, ChatFinish } from '../../src/dispatch/chat';
import { dispatchRecordSchema } from '../../src/shared/dispatchRecord';
import { DEFAULT_SETTINGS, type BackendSetting } from '../../src/shared/settings';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { SCRIPTED_ANSWER } from '../support/scriptedModel';

describe('the engine, without a user interface', () => {
  let storageDir: string;
  let engine: Engine | undefined;
  let ollama: FakeOllama | undefined;
  let llama: LlamaServer | undefined;
  beforeEach(() => {
    storageDir = mkdtempSync(path.join(tmpdir(), 'mp-engine-'));
  });
  afterEach(async () => {
    await engine?.dispose();
    await Promise.all([ollama?.stop(), llama?.stop()]);
    [engine, ollama, llama] = [undefined, undefined, undefined];
    rmSync(storageDir, { recursive: true, force: true });
  });

  async function start(
    backends: readonly BackendSetting[],
    options: Partial<EngineOptions> = {},
  ): Promise<Engine> {
    engine = await testEngine(storageDir, backends, options);
    return engine;
  }

  it('ranks real models for this machine from what ships, with nothing else there', async () => {
    const ranking = await (await start([])).rankings.rank('general');
    expect(ranking.problems).toEqual([]);
    expect(ranking.profile.ramGb).toBeGreaterThan(1);
    expect(ranking.models.length).toBeGreaterThan(300);
    const fitting = ranking.models.filter((model) => model.fitsHardware);
    expect(fitting.length).toBeGreaterThan(10);
    for (const model of fitting.slice(0, 10)) {
      expect(model.score).toBeGreaterThan(0);
      expect(model.estimatedTokPerSec).toBeGreaterThan(0);
      const { contributions, interpolatedFrom, succeeds, guessed } = model.benchmarkScore;
      expect(contributions.length > 0 || (interpolatedFrom ?? succeeds ?? guessed) !== undefined).toBe(true);
    }
    for (const model of ranking.models.slice(-5)) expect(model.unfitReason ?? '').not.toBe('');
  });

  it('goes the main way: sees the served model, is asked, streams, records', async () => {
    llama = await startLlamaServer({ alias: 'tiny' });
    const pick = { backend: 'llama', provider: 'local', modelId: 'tiny' };
    const running = await start([{ id: 'llama', kind: 'llama_server', url: `${llama.url}/` }], {
      pick: () => pick,
    });
    await running.refreshAll(AbortSignal.timeout(20_000));
    expect(running.served.chat().map((model) => [model.backend, model.provider, model.modelId])).toEqual([
      ['llama', 'local', 'tiny'],
    ]);
    const { text, finish } = await collect(
      running.dispatcher.dispatch({ messages: [{ role: 'user', content: 'hi' }], sessionId: 'test' }),
    );
    expect(text).toBe(SCRIPTED_ANSWER);
    expect(finish).toMatchObject({ finishReason: 'stop', usage: { outputTokens: 14 } });
    expect(running.served.lastDecodeRate(pick)).toBeGreaterThan(0);
    await running.transcript.flush();
    const { records } = await running.transcript.read({ limit: 10 });
    expect(records).toHaveLength(1);
    expect(dispatchRecordSchema.parse(records[0])).toMatchObject({
      provenance: { model: 'operator_pin' },
      outcome: { kind: 'served' },
    });
  });

  it('notices at once that a backend is gone when a call to it fails', async () => {
    llama = await startLlamaServer({ alias: 'tiny' });
    const running = await start([{ id: 'llama', kind: 'llama_server', url: llama.url }]);
    await running.refreshAll(AbortSignal.timeout(20_000));
    await llama.kill();
    const { finish } = await collect(
      running.dispatcher.dispatch({ messages: [{ role: 'user', content: 'hi' }], sessionId: 'test' }),
    );
    expect(finish?.failure?.code).toBe('network');
    await expect
      .poll(() => running.registry.backend('llama')?.readiness, { timeout: 5_000 })
      .toBe('unreachable');
    expect(running.served.chat()).toHaveLength(1);
  });

  it('installs through Ollama, knows what it installed, and removes it', async () => {
    const running = await start([]);
    const ranking = await running.rankings.rank('general');
    const model = ranking.models.find((row) => row.fitsHardware && running.installs.nameOf(row) !== null);
    if (!model) throw new Error('nothing to install');
    const name = running.installs.nameOf(model) ?? '';
    ollama = await startFakeOllama({ registry: { [name]: describeModel({ weightsBytes: 50_000_000 }) } });
    running.configure({
      ...DEFAULT_SETTINGS,
      catalogOnline: false,
      backends: [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
    });
    await running.refreshAll(AbortSignal.timeout(10_000));
    const plan = await running.installs.plan(model);
    if (plan.kind === 'impossible') throw new Error(plan.message);
    expect(plan.request).toMatchObject({ backend: 'ollama', ollamaName: name, consent: 'user' });
    expect(plan.preview).toMatchObject({ refusal: null, plan: { evict: [] } });
    expect(running.installs.isInstalled(model)).toBe(false);
    expect(await running.installs.install(plan.request)).toMatchObject({ status: 'success', name });
    expect(running.pool.manager.snapshot().entries).toMatchObject([{ ollamaName: name, origin: 'pool' }]);
    expect(running.installs.isInstalled(model)).toBe(true);
    await expect.poll(() => running.served.chat().length, { timeout: 5_000 }).toBe(1);
    const [served] = running.served.chat();
    expect(served?.provider).not.toBe('local');
    expect(await running.installs.remove('ollama', served?.modelId ?? '')).toMatchObject({
      status: 'success',
    });
    expect(running.served.all()).toEqual([]);
    expect(running.pool.manager.snapshot().entries).toEqual([]);
    expect(running.installs.isInstalled(model)).toBe(false);
  });

  it('says why it cannot remove from a backend that is gone', async () => {
    const result = await (await start([])).installs.remove('ollama', 'qwen3:8b');
    expect(result).toMatchObject({ status: 'error', code: 'installer_unavailable' });
  });

  it('asks the best ranked of the served models where none is picked', async () => {
    ollama = await startFakeOllama({
      installed: {
        'tinyllama:latest': describeModel({ parameterSize: '1.1B' }),
        'qwen3:8b': describeModel({ parameterSize: '8.2B', parameterCount: 8_190_000_000 }),
      },
    });
    const running = await start([{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
    await running.refreshAll(AbortSignal.timeout(10_000));
    await running.rankings.rank('general');
    const explained = running.dispatcher.explain({ messages: [], sessionId: 'test' });
    expect(explained.ok && explained.route.ref.modelId).toBe('qwen3:8b');
    expect(explained.ok && explained.route.provenance.model).toBe('catalog_default');
  });

  it('ranks for the machine that the settings describe, as soon as they change', async () => {
    const running = await start([]);
    await running.rankings.rank('general');
    running.configure({
      ...DEFAULT_SETTINGS,
      catalogOnline: false,
      hardwareOverride: {
        platform: 'nvidia',
        vramGb: 24,
        ramGb: 64,
        bandwidthGbps: 1008,
        gpuName: 'RTX 4090',
      },
    });
    await expect
      .poll(async () => (await running.rankings.rank('general')).profile.gpuName, { timeout: 5_000 })
      .toBe('RTX 4090');
    const [best] = (await running.rankings.rank('general')).models;
    expect(best?.fit).toBe('gpu');
  });

  it('finds a server at the address that the environment names, and adds nothing by itself', async () => {
    ollama = await startFakeOllama();
    const running = await start([], { env: { OLLAMA_HOST: `127.0.0.1:${ollama.port}` } });
    const found = await running.setup.find(AbortSignal.timeout(10_000));
    expect(found.map((backend) => [backend.kind, backend.url])).toContainEqual(['ollama', ollama.url]);
    expect(running.registry.backends()).toEqual([]);
  });
});

async function collect(
  events: AsyncIterable<ChatEvent>,
): Promise<{ readonly text: string; readonly finish: ChatFinish | undefined }> {
  let text = '';
  let finish: ChatFinish | undefined;
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'finish') finish = event;
  }
  return { text, finish };
}
