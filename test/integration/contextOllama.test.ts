import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Candidate } from '../../src/catalog/candidate';
import { ServedModels } from '../../src/engine/servedModels';
import type { RegisteredModel } from '../../src/registry/row';
import type { ModelRef } from '../../src/shared/modelRef';
import { chatLimits } from '../../src/ui/chatLimits';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import { openTrialHouse, type TrialHouse } from '../support/trialHouse';
import { hear } from '../unit/dispatch/support/rig';

const NEVER = new AbortController().signal;
const GIB = 2 ** 30;
const BASE: ModelRef = { backend: 'ollama', provider: 'local', modelId: 'base:8b' };
const VARIANT: ModelRef = { ...BASE, modelId: 'base:8b-16k' };
const STRANGER: ModelRef = { ...BASE, modelId: 'stranger:1b' };

const facts = { weightsBytes: 7 * GIB, contextLength: 65_536, capabilities: ['completion', 'tools'] };
/** On the 16 GiB of the house the model fits with less than the 65,536 tokens that it was made for. */
const INSTALLED = {
  'base:8b': describeModel(facts),
  'base:8b-16k': describeModel({ ...facts, parameters: { num_ctx: 16_384, stop: ['num_ctx 7'] } }),
  'stranger:1b': describeModel({ weightsBytes: GIB, parameterSize: '1.1B', contextLength: 8_192 }),
};
const CANDIDATE: Candidate = {
  ...{ hfRepoId: 'maker/base', name: 'base', org: 'maker', family: 'Maker', role: 'chat', sizeB: 8 },
  capabilities: { tools: true, thinking: null, vision: null },
  architecture: {
    ...{ hidden: 4_096, vocab: 128_256, contextMax: 65_536 },
    kv: { rule: 'full', fullBytesPerTokenF16: 131_072 },
  },
  ...{ builds: [], lineagePosition: 0 },
};

let fake: FakeOllama;
let house: TrialHouse;
let served: ServedModels;

async function open(options: FakeOllamaOptions = {}): Promise<void> {
  fake = await startFakeOllama({ installed: INSTALLED, gpuShare: 0, ...options });
  const canonicalId = ({ modelId }: { readonly modelId: string }): string | undefined =>
    modelId.startsWith('base') ? CANDIDATE.hfRepoId : undefined;
  house = await openTrialHouse({
    configs: [{ id: 'ollama', kind: 'ollama', url: fake.url, host: 'local', headers: {} }],
    candidates: [CANDIDATE],
    canonicalId,
  });
  served = new ServedModels({
    ...{ registry: house.registry, canonicalId, hostOf: () => 'local', ranked: () => [] },
    ...{ kindOf: () => 'ollama', isService: () => false, triedToolCalling: () => undefined },
    contextFor: (model) => house.trials.contextFor(model),
  });
}

afterEach(async () => {
  await house.close();
  await fake.stop();
});

function find({ backend, provider, modelId }: ModelRef): RegisteredModel {
  const model = house.registry.find(backend, provider, modelId);
  if (!model) throw new Error(`${modelId} is not listed`);
  return model;
}

interface Body {
  readonly keep_alive?: unknown;
  readonly options?: { readonly num_ctx?: number };
}

function bodiesOf(path: string): readonly Body[] {
  return fake.requests
    .filter((request) => request.path === path)
    .map((request) => JSON.parse(request.body) as Body);
}

/** The number that the last call asked for. */
function asked(): number | undefined {
  return bodiesOf('/api/chat').at(-1)?.options?.num_ctx;
}

/** What `/api/ps` says of a model now. */
function allocated({ modelId }: ModelRef): number | undefined {
  const runner = fake.runners.list().find(({ model: { name } }) => `${name.model}:${name.tag}` === modelId);
  return runner?.contextTokens;
}

/** Tokens that VS Code's chat would be told it may use, both ways together. */
function chatTokens(ref: ModelRef): number {
  const { maxInputTokens, maxOutputTokens } = chatLimits(served.contextOf(find(ref)));
  return maxInputTokens + maxOutputTokens;
}

/** A slow machine has its time. */
function soon(holds: () => void): Promise<void> {
  return vi.waitFor(holds, 10_000);
}

/** One call; `minContext` is what it needs, `contextTokens` what it insists on. */
async function ask(
  ref: ModelRef,
  { minContext, contextTokens }: { readonly minContext?: number; readonly contextTokens?: number } = {},
): Promise<void> {
  // As the resolver does for a caller that needs so much.
  const need = minContext === undefined ? null : house.trials.contextFor(find(ref), minContext);
  const tokens = contextTokens ?? need;
  await hear(
    house.dispatcher.dispatch({
      ...{ model: ref, sessionId: 'ask', messages: [{ role: 'user', content: 'hi' }] },
      ...(tokens === null ? {} : { parameters: { contextTokens: tokens } }),
    }),
  );
}

describe('the context that a model of Ollama has', () => {
  it('is chosen before it is loaded, read back when a call has loaded it, and all that the chat may use', async () => {
    await open();
    const chosen = house.trials.contextFor(find(BASE)) ?? 0;
    expect(chosen).toBeGreaterThanOrEqual(8_192);
    expect(chosen).toBeLessThan(65_536);
    expect(chosen % 4_096).toBe(0);
    expect(chatTokens(BASE)).toBe(chosen);
    expect(find(BASE).running).toBeUndefined();
    await ask(BASE);
    expect(asked()).toBe(chosen);
    expect(allocated(BASE)).toBe(chosen);
    // At once, and not at the next look.
    await soon(() => expect(find(BASE).running?.contextTokens).toBe(chosen));
    expect(find(BASE).capabilities.allocatedContext).toBe(chosen);
    expect(chatTokens(BASE)).toBe(chosen);
  });

  it('is what the server gives, where that is less than it was asked for', async () => {
    await open();
    await ask(BASE, { contextTokens: 1_000_000 });
    expect(asked()).toBe(1_000_000);
    await soon(() => expect(find(BASE).running?.contextTokens).toBe(65_536));
    expect(chatTokens(BASE)).toBe(65_536);
    const [runner] = fake.runners.list();
    await ask(BASE);
    expect(asked()).toBe(65_536);
    expect(fake.runners.list()[0]).toBe(runner);
    expect(house.records.at(-1)).toMatchObject({ contextRequested: 65_536, contextAllocated: 65_536 });
  });

  it('is that of its Modelfile for one that was made for a context, before it is loaded and after', async () => {
    await open();
    await soon(() => expect(chatTokens(VARIANT)).toBe(16_384));
    await ask(VARIANT);
    expect(asked()).toBe(16_384);
    await soon(() => expect(find(VARIANT).running?.contextTokens).toBe(16_384));
    expect(chatTokens(VARIANT)).toBe(16_384);
  });

  it('is not known while nobody says, and then what the server took', async () => {
    await open();
    expect(served.contextOf(find(STRANGER))).toBeUndefined();
    await ask(STRANGER);
    expect(asked()).toBeUndefined();
    await soon(() => expect(find(STRANGER).running?.contextTokens).toBe(4_096));
    expect(chatTokens(STRANGER)).toBe(4_096);
  });

  it('is asked for once more where its server was away when its Modelfile was to be read', async () => {
    await open({ faults: { delayMs: 0 } });
    await fake.stop();
    fake.store.install('late:8b', describeModel({ ...facts, parameters: { num_ctx: 20_480 } }));
    await house.refresh('ollama');
    await fake.restart();
    await house.refresh('ollama');
    await soon(() => expect(chatTokens({ ...BASE, modelId: 'late:8b' })).toBe(20_480));
  });
});

describe('a loaded model of Ollama', () => {
  it('is loaded anew for a call that needs more, and for nothing else, however fast calls follow each other', async () => {
    await open();
    await house.trials.warm(BASE, { signal: NEVER, minContext: 1 });
    await house.trials.warm(VARIANT, { signal: NEVER });
    let loads = 0;
    let runner = fake.runners.list()[0];
    const load = async (what: () => Promise<unknown>): Promise<number> => {
      await what();
      const now = fake.runners.list()[0];
      if (now !== runner) loads += 1;
      runner = now;
      return loads;
    };
    // The same weights under another name: that one was made for another context, and is loaded now.
    expect(runner?.contextTokens).toBe(16_384);
    expect(await load(() => ask(VARIANT))).toBe(0);
    expect(await load(() => ask(VARIANT, { minContext: 9_000 }))).toBe(0);
    expect(await load(() => house.trials.warm(VARIANT, { signal: NEVER }))).toBe(0);
    expect(await load(() => house.trials.probeToolCalling(VARIANT, NEVER))).toBe(0);
    expect(await load(() => ask(VARIANT, { minContext: 16_384 }))).toBe(0);
    expect(await load(() => ask(VARIANT, { minContext: 16_385 }))).toBe(1);
    expect(runner?.contextTokens).toBe(20_480);
    // Nothing was read back yet, and what is listed is still the smaller number.
    expect(await load(() => ask(VARIANT))).toBe(1);
    expect(await load(() => ask(VARIANT, { minContext: 20_000 }))).toBe(1);
    await soon(() => expect(find(VARIANT).running?.contextTokens).toBe(20_480));
    expect(await load(() => ask(VARIANT))).toBe(1);
    expect(await load(() => house.trials.measure(VARIANT, { signal: NEVER }))).toBe(1);
    expect(await load(() => ask(VARIANT, { minContext: 1_000_000 }))).toBe(2);
    expect(runner?.contextTokens).toBe(65_536);
    expect(await load(() => ask(VARIANT, { minContext: 1_000_000 }))).toBe(2);
    expect(await load(() => ask(VARIANT))).toBe(2);
  });

  it('keeps the number that somebody else loaded it with', async () => {
    await open();
    const body = JSON.stringify({ model: 'base:8b', options: { num_ctx: 6_000 } });
    await fetch(`${fake.url}/api/generate`, { method: 'POST', body });
    await house.refresh('ollama');
    const [runner] = fake.runners.list();
    await ask(BASE);
    await ask(BASE, { minContext: 5_000 });
    expect(asked()).toBe(6_000);
    expect(fake.runners.list()[0]).toBe(runner);
    expect(chatTokens(BASE)).toBe(6_000);
  });

  it('is said to be loaded anew before it is', async () => {
    await open();
    await house.trials.warm(VARIANT, { signal: NEVER });
    expect(house.trials.planWarm(VARIANT)).toMatchObject({ contextTokens: 16_384, reloads: false });
    const plan = house.trials.planWarm(VARIANT, 30_000);
    expect(plan).toMatchObject({ contextTokens: 32_768, reloads: true });
    expect(allocated(VARIANT)).toBe(16_384);
  });
});

describe('what nobody asked for', () => {
  it('is never done: choosing, looking and planning load nothing, and only warming says how long a model stays', async () => {
    await open();
    const request = { model: BASE, sessionId: 'ask', messages: [] };
    house.dispatcher.explain(request);
    house.trials.planWarm(BASE);
    await house.trials.contextFacts(find(BASE));
    served.contextOf(find(BASE));
    await house.refresh('ollama');
    expect(fake.runners.list()).toEqual([]);
    expect([...bodiesOf('/api/chat'), ...bodiesOf('/api/generate')]).toEqual([]);
    await ask(BASE);
    await house.trials.probeToolCalling(BASE, NEVER);
    await house.trials.measure(BASE, { signal: NEVER });
    expect(bodiesOf('/api/chat').length).toBeGreaterThanOrEqual(6);
    for (const body of bodiesOf('/api/chat')) expect(body).not.toHaveProperty('keep_alive');
    // Measuring warms first.
    expect(bodiesOf('/api/generate').map((body) => body.keep_alive)).toEqual(['30m']);
  });
});
