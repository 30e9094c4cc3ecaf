import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Candidate } from '../../src/catalog/candidate';
import type { ModelRef } from '../../src/shared/modelRef';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import { openTrialHouse, type TrialHouse } from '../support/trialHouse';
import { hear } from '../unit/dispatch/support/rig';

const NEVER = new AbortController().signal;
const GIB = 2 ** 30;
const TOOLS: ModelRef = { backend: 'ollama', provider: 'local', modelId: 'tools:8b' };
const LIAR: ModelRef = { ...TOOLS, modelId: 'liar:1b' };
const PLAIN: ModelRef = { ...TOOLS, modelId: 'plain:1b' };

/** Of the two larger models only one at a time fits the machine of the house. */
const INSTALLED = {
  'tools:8b': describeModel({ weightsBytes: 5 * GIB, capabilities: ['completion', 'tools'] }),
  'liar:1b': describeModel({
    ...{ weightsBytes: 8.6 * GIB, parameterSize: '1.0B', capabilities: ['completion', 'tools'] },
    script: { toolCallAsText: true },
  }),
  'plain:1b': describeModel({ weightsBytes: 1 * GIB, parameterSize: '1.1B', contextLength: 4_096 }),
};

const CANDIDATE: Candidate = {
  ...{ hfRepoId: 'maker/tools', name: 'tools', org: 'maker', family: 'Maker', role: 'chat', sizeB: 8 },
  capabilities: { tools: true, thinking: null, vision: null },
  architecture: {
    ...{ hidden: 4_096, vocab: 128_256, contextMax: 32_768 },
    kv: { rule: 'full', fullBytesPerTokenF16: 131_072 },
  },
  ...{ builds: [], lineagePosition: 0 },
};

let fake: FakeOllama;
let house: TrialHouse;

async function open(options: FakeOllamaOptions = {}): Promise<void> {
  fake = await startFakeOllama({ installed: INSTALLED, ...options });
  house = await openTrialHouse({
    configs: [{ id: 'ollama', kind: 'ollama', url: fake.url, host: 'local', headers: {} }],
    candidates: [CANDIDATE],
    canonicalId: ({ modelId }) => (modelId === PLAIN.modelId ? undefined : CANDIDATE.hfRepoId),
  });
}

afterEach(async () => {
  expect(house.dispatcher.inUse.refs()).toEqual([]);
  await house.close();
  await fake.stop();
});

function bodiesOf(path: string): readonly Readonly<Record<string, unknown>>[] {
  return fake.requests
    .filter((request) => request.path === path)
    .map((request) => JSON.parse(request.body) as Record<string, unknown>);
}

function find(ref: ModelRef) {
  const model = house.registry.find(ref.backend, ref.provider, ref.modelId);
  if (!model) throw new Error(`${ref.modelId} is not listed`);
  return model;
}

describe('warming a model of Ollama', () => {
  it('loads it for half an hour with the context that its calls ask for, so that none of them loads it anew', async () => {
    await open({ loadMs: 40 });
    const plan = house.trials.planWarm(TOOLS);
    expect(plan).toMatchObject({ ok: true, contextTokens: 32_768, isLoaded: false, reloads: false });
    const phases: string[] = [];
    const warmed = await house.trials.warm(TOOLS, {
      signal: NEVER,
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(warmed).toMatchObject({
      ok: true,
      loaded: true,
      keptMinutes: 30,
      contextTokens: 32_768,
      displaced: [],
    });
    expect(warmed.ok && warmed.loadMs).toBeGreaterThanOrEqual(39);
    expect(phases).toEqual(['loading', 'checking']);
    expect(bodiesOf('/api/generate')).toEqual([
      { model: 'tools:8b', keep_alive: '30m', stream: false, options: { num_ctx: 32_768 } },
    ]);
    const keptMs = Date.parse(find(TOOLS).running?.expiresAt ?? '') - Date.now();
    expect(keptMs).toBeGreaterThan(25 * 60_000);
    const [runner] = fake.runners.list();
    await hear(house.dispatcher.dispatch({ model: TOOLS, sessionId: 'ask', messages: [hello] }));
    expect(bodiesOf('/api/chat')).toMatchObject([{ options: { num_ctx: 32_768 } }]);
    expect(fake.runners.list()).toEqual([runner]);
    expect(fake.runners.list()[0]).toBe(runner);
    expect(house.records.map(({ sessionId }) => sessionId)).toEqual(['ask']);
  });

  it('says that it was loaded already, and keeps the context that it has', async () => {
    await open();
    await fetch(`${fake.url}/api/generate`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tools:8b', options: { num_ctx: 2_048 } }),
    });
    expect(await house.trials.warm(TOOLS, { signal: NEVER })).toMatchObject({
      ...{ ok: true, loaded: false, loadMs: null, contextTokens: 2_048 },
    });
    expect(bodiesOf('/api/generate').at(-1)).toMatchObject({ options: { num_ctx: 2_048 } });
  });

  it('says that more context means another load, and loads it anew then', async () => {
    await open();
    await house.trials.warm(TOOLS, { signal: NEVER });
    await fetch(`${fake.url}/api/generate`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tools:8b', options: { num_ctx: 4_096 } }),
    });
    await house.refresh('ollama');
    expect(house.trials.planWarm(TOOLS)).toMatchObject({ contextTokens: 4_096, reloads: false });
    expect(house.trials.planWarm(TOOLS, 10_000)).toMatchObject({ contextTokens: 32_768, reloads: true });
    const warmed = await house.trials.warm(TOOLS, { signal: NEVER, minContext: 10_000 });
    expect(warmed).toMatchObject({ ok: true, loaded: true, contextTokens: 32_768 });
  });

  it('says which loaded model may go for it, and which went', async () => {
    await open({ maxLoaded: 1 });
    await house.trials.warm(LIAR, { signal: NEVER });
    const plan = house.trials.planWarm(TOOLS);
    expect(plan.ok && plan.mayDisplace.map(({ modelId }) => modelId)).toEqual(['liar:1b']);
    const warmed = await house.trials.warm(TOOLS, { signal: NEVER });
    expect(warmed.ok && warmed.displaced.map(({ modelId }) => modelId)).toEqual(['liar:1b']);
  });

  it('leaves the context to the server for a model that the catalogue does not know', async () => {
    await open();
    expect(await house.trials.warm(PLAIN, { signal: NEVER })).toMatchObject({
      ok: true,
      contextTokens: 4_096,
    });
    expect(bodiesOf('/api/generate')).toEqual([{ model: 'plain:1b', keep_alive: '30m', stream: false }]);
  });

  it('has calls that are made while it loads ask for the same context', async () => {
    await open({ loadMs: 60_000 });
    expect(house.trials.contextFor(find(PLAIN))).toBeNull();
    const abort = new AbortController();
    const warming = house.trials.warm(PLAIN, { signal: abort.signal, minContext: 3_000 });
    const loads = [{ options: { num_ctx: 4_096 } }];
    await vi.waitFor(() => expect(bodiesOf('/api/generate')).toMatchObject(loads));
    expect(find(PLAIN).running).toBeUndefined();
    expect(house.trials.contextFor(find(PLAIN))).toBe(4_096);
    abort.abort();
    await expect(warming).rejects.toThrow(/abort/i);
  });

  it('holds the model while it loads, and lets go at once when it is called off', async () => {
    await open({ loadMs: 60_000 });
    const abort = new AbortController();
    const warming = house.trials.warm(TOOLS, { signal: abort.signal });
    await vi.waitFor(() => expect(bodiesOf('/api/generate')).toHaveLength(1));
    expect(house.dispatcher.inUse.has(TOOLS)).toBe(true);
    abort.abort();
    await expect(warming).rejects.toThrow(/abort/i);
    expect(house.dispatcher.inUse.has(TOOLS)).toBe(false);
    expect(fake.runners.list()).toEqual([]);
  });

  it.each([
    ['the queue is full', { busy: 1 }, /did not load tools:8b: server busy/],
    ['another program has the port', { html: 1 }, /tools:8b was not loaded/],
  ] as const)('says why it failed where %s', async (_what, faults, message) => {
    await open();
    // After the look that comes first.
    const warming = house.trials.warm(TOOLS, {
      signal: NEVER,
      onProgress: () => Object.assign(fake.faults, faults),
    });
    const warmed = await warming;
    expect(warmed).toMatchObject({ ok: false });
    expect(warmed.ok ? '' : warmed.message).toMatch(message);
  });
});

const hello = { role: 'user', content: 'hi there' } as const;

describe('trying tool calling on Ollama', () => {
  it('takes the word of a server that says no, and asks nobody', async () => {
    await open();
    expect(await house.trials.probeToolCalling(PLAIN, NEVER)).toMatchObject({ result: 'no', how: 'listed' });
    expect(bodiesOf('/api/chat')).toEqual([]);
    expect(house.trials.toolCalling(find(PLAIN))).toBe(false);
    expect(house.records).toEqual([]);
  });

  it('finds a model that really calls the tool, keeps that for its file, and leaves a record', async () => {
    await open();
    expect(house.trials.toolCalling(find(TOOLS))).toBeUndefined();
    const verdict = await house.trials.probeToolCalling(TOOLS, NEVER);
    expect(verdict).toMatchObject({ result: 'yes', how: 'tried' });
    expect(house.records).toMatchObject([
      { recordId: verdict.recordId, sessionId: 'probe', toolFormat: 'native', finishReason: 'tool_calls' },
    ]);
    expect(house.trials.toolCalling(find(TOOLS))).toBe(true);
    expect(house.trials.toolCallingFound(find(TOOLS))).toMatchObject({ callsTools: true, how: 'tried' });
  });

  it('finds one whose server lists tools although it only writes about them; calls get none from then on, tries do', async () => {
    await open();
    expect(await house.trials.probeToolCalling(LIAR, NEVER)).toMatchObject({ result: 'no', how: 'tried' });
    expect(house.trials.toolCalling(find(LIAR))).toBe(false);
    const request = { model: LIAR, messages: [hello], tools: [tool], sessionId: 'ask' };
    const resolution = house.dispatcher.explain(request);
    expect(resolution.ok && resolution.route.toolFormat).toBe('none');
    expect(await house.trials.probeToolCalling(LIAR, NEVER)).toMatchObject({ result: 'no', how: 'tried' });
    expect(bodiesOf('/api/chat').every((body) => 'tools' in body)).toBe(true);
  });

  it('keeps nothing where the call failed, and holds the model until then', async () => {
    await open();
    fake.faults.hang = true;
    const abort = new AbortController();
    const probing = house.trials.probeToolCalling(TOOLS, abort.signal);
    await vi.waitFor(() => expect(bodiesOf('/api/chat')).toHaveLength(1));
    expect(house.dispatcher.inUse.has(TOOLS)).toBe(true);
    abort.abort();
    await expect(probing).rejects.toThrow(/abort/i);
    fake.faults.hang = false;
    fake.faults.busy = 1;
    expect(await house.trials.probeToolCalling(TOOLS, NEVER)).toMatchObject({ result: 'inconclusive' });
    expect(house.trials.toolCalling(find(TOOLS))).toBeUndefined();
  });
});

const tool = { name: 'get_weather', description: 'w', parameters: { type: 'object', properties: {} } };

describe('measuring a model of Ollama', () => {
  it('loads it, measures it three times, and keeps the figures under its digest', async () => {
    await open({ loadMs: 30 });
    const runs: number[] = [];
    const result = await house.trials.measure(TOOLS, {
      signal: NEVER,
      onProgress: (progress) => {
        if (progress.phase === 'measuring') runs.push(progress.run);
        expect(house.dispatcher.inUse.has(TOOLS)).toBe(true);
      },
    });
    expect(result).toMatchObject({ ok: true, measuredBy: 'server', runs: 3, answerTokens: 128 });
    if (!result.ok) throw new Error(result.message);
    expect(runs).toEqual([0, 1, 2, 3]);
    expect(result.measurement).toMatchObject({
      ...{ hostId: 'local', digest: find(TOOLS).capabilities.digest, quant: 'Q4_K_M', from: 'measure' },
      ...{ contextTokens: 32_768, decodeTokPerSec: result.decodeTokPerSec },
    });
    expect(result.measurement.loadMs).toBeGreaterThanOrEqual(29);
    // A millisecond a token is the fake's pace, and no machine makes it faster.
    expect(result.decodeTokPerSec).toBeGreaterThan(1);
    expect(result.decodeTokPerSec).toBeLessThan(1_100);
    expect(house.trials.measured(find(TOOLS))).toEqual(result.measurement);
    expect(house.records).toHaveLength(4);
    expect(fake.runners.list()).toHaveLength(1);
    expect(house.trials.measurements()).toHaveLength(1);
  });

  it('names no time of a load that did not happen', async () => {
    await open();
    await house.trials.warm(TOOLS, { signal: NEVER });
    const result = await house.trials.measure(TOOLS, { signal: NEVER });
    expect(result).toMatchObject({ ok: true, loadMs: null });
    expect(result.ok && result.measurement).not.toHaveProperty('loadMs');
  });

  it('keeps nothing when it is called off between two runs', async () => {
    await open();
    const abort = new AbortController();
    const measuring = house.trials.measure(TOOLS, {
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.phase === 'measuring' && progress.run === 2) abort.abort();
      },
    });
    await expect(measuring).rejects.toThrow(/abort/i);
    expect(house.trials.measurements()).toEqual([]);
    expect(bodiesOf('/api/chat').length).toBeLessThanOrEqual(3);
  });
});

describe('a call that somebody makes anyway', () => {
  it('tells how fast the model is, and with which context it is loaded now', async () => {
    await open();
    const ask = () =>
      hear(
        house.dispatcher.dispatch({
          ...{ model: TOOLS, sessionId: 'ask', messages: [{ role: 'user', content: 'loop' }] },
          parameters: { maxTokens: 40 },
        }),
      );
    await ask();
    expect(house.trials.measurements()).toMatchObject([
      { from: 'dispatch', digest: find(TOOLS).capabilities.digest, contextTokens: 32_768 },
    ]);
    await ask();
    expect(house.trials.measurements()).toHaveLength(1);
  });
});
