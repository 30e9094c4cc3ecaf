import { describe, expect, it, vi } from 'vitest';
import type { BackendConfig, ListedModel } from '../../../src/backends/contract';
import type { Candidate } from '../../../src/catalog/candidate';
import { ContextStore } from '../../../src/engine/contextStore';
import { LoadContexts } from '../../../src/engine/loadContexts';
import { profileFromOverride, unknownProfile } from '../../../src/hardware/overrideProfile';
import type { HardwareProfile } from '../../../src/hardware/profile';
import type { RegisteredModel } from '../../../src/registry/row';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { MemoryState, memoryRegistry, SharedMemory } from '../../support/registryState';

const GIB = 2 ** 30;
const CONFIGS: readonly BackendConfig[] = [
  { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434', host: 'local', headers: {} },
  { id: 'llama_server', kind: 'llama_server', url: 'http://127.0.0.1:8080', host: 'local', headers: {} },
];
const QWEN: Candidate = {
  ...{ hfRepoId: 'Qwen/Qwen3-8B', name: 'Qwen3-8B', org: 'Qwen', family: 'Qwen3', role: 'chat', sizeB: 8.2 },
  capabilities: { tools: true, thinking: true, vision: false },
  architecture: {
    ...{ hidden: 4_096, vocab: 151_936, contextMax: 40_960 },
    kv: { rule: 'full', fullBytesPerTokenF16: 147_456 },
  },
  ...{ builds: [], lineagePosition: 0 },
};

function listed(modelId: string, more: Partial<ListedModel> = {}): ListedModel {
  const { capabilities, ...rest } = more;
  return {
    ...{ modelId, displayName: modelId },
    capabilities: { digest: `digest of ${modelId}`, quant: 'Q4_K_M', sizeBytes: 5 * GIB, ...capabilities },
    ...rest,
  };
}

/** An engine's part around the choice of contexts: one machine with a GPU, and what its backends list. */
async function house(
  served: Readonly<Record<string, readonly ListedModel[]>>,
  given: {
    readonly profile?: HardwareProfile;
    readonly memory?: SharedMemory;
    readonly vramGb?: number;
  } = {},
) {
  const clock = new FakeClock();
  const state = new MemoryState(given.memory);
  const registry = memoryRegistry({ state, clock });
  let revision = 0;
  const list = async (
    models: Readonly<Record<string, readonly ListedModel[]>>,
    source: 'probe' | 'baseline' = 'probe',
  ): Promise<void> => {
    revision += 1;
    await registry.upsert(
      Object.entries(models).map(([backend, of]) => ({
        ...{ backend, provider: 'qwen', source, bootId: 'boot', models: of },
        ...{ refreshedAt: clock.now() * 1_000, refreshedMono: revision },
      })),
    );
  };
  await list(served);
  const override = {
    platform: 'nvidia',
    vramGb: given.vramGb ?? 24,
    ramGb: 64,
    bandwidthGbps: 1_000,
  } as const;
  const profileOf = vi.fn(() =>
    Promise.resolve(given.profile ?? profileFromOverride('local', override, clock)),
  );
  const store = new ContextStore({ state, hostName: 'box', logger: silentLogger });
  const contexts = new LoadContexts({
    ...{ store, registry, profileOf, clock, logger: silentLogger },
    backend: (id) => CONFIGS.find((config) => config.id === id),
    candidates: () => Promise.resolve([QWEN]),
    canonicalId: ({ modelId }) => (modelId.startsWith('qwen3:8b') ? QWEN.hfRepoId : undefined),
  });
  registry.onDidChangeRows(() => contexts.rowsChanged());
  const find = (modelId: string, backend = 'ollama'): RegisteredModel => {
    const model = registry.find(backend, 'qwen', modelId);
    if (!model) throw new Error(`${modelId} is not listed`);
    return model;
  };
  const choose = (modelId: string, need?: number) => contexts.choiceFor(find(modelId), need);
  return { clock, contexts, store, profileOf, list, find, choose };
}

describe('the context that a model is loaded with', () => {
  it('is the largest that fits its machine, known as soon as machine and catalogue were read', async () => {
    const { choose, contexts, profileOf } = await house({ ollama: [listed('qwen3:8b')] });
    expect(choose('qwen3:8b').contextTokens).toBeNull();
    await contexts.prepare();
    expect(choose('qwen3:8b')).toEqual({ contextTokens: 40_960, reloads: false });
    expect(choose('qwen3:8b')).toEqual({ contextTokens: 40_960, reloads: false });
    expect(profileOf).toHaveBeenCalledTimes(1);
  });

  it('looks at no machine for the list that ships with us, only for models that were found', async () => {
    const { contexts, list, profileOf } = await house({});
    await list({ llama_server: [listed('a')] });
    await contexts.prepare();
    await list({ ollama: [listed('qwen3:8b')] }, 'baseline');
    await contexts.prepare();
    expect(profileOf).not.toHaveBeenCalled();
    await list({ ollama: [listed('qwen3:8b')] });
    await contexts.prepare();
    expect(profileOf).toHaveBeenCalledTimes(1);
  });

  it('leaves room for what is loaded on the same machine, on any backend, and follows what is listed', async () => {
    const big = { running: { sizeBytes: 14 * GIB, vramBytes: 14 * GIB } };
    const { choose, contexts, list } = await house({
      ollama: [listed('qwen3:8b')],
      llama_server: [listed('big', big)],
    });
    await contexts.prepare();
    const { contextTokens: beside } = choose('qwen3:8b');
    expect(beside).toBeGreaterThanOrEqual(4_096);
    expect(beside).toBeLessThan(40_960);
    await list({ llama_server: [listed('big')] });
    await contexts.prepare();
    expect(choose('qwen3:8b').contextTokens).toBe(40_960);
  });

  it('stays what is allocated while it is loaded, and is raised for a need with word of the reload', async () => {
    const loaded = { running: { contextTokens: 8_192, sizeBytes: 6 * GIB, vramBytes: 6 * GIB } };
    const { choose, contexts } = await house({ ollama: [listed('qwen3:8b', loaded)] });
    await contexts.prepare();
    expect(choose('qwen3:8b')).toEqual({ contextTokens: 8_192, reloads: false });
    expect(choose('qwen3:8b', 8_192)).toEqual({ contextTokens: 8_192, reloads: false });
    expect(choose('qwen3:8b', 9_000)).toEqual({ contextTokens: 40_960, reloads: true });
  });

  it('never asks for more than the model holds', async () => {
    const capabilities = { contextLength: 16_384 };
    const { choose, contexts } = await house({ ollama: [listed('qwen3:8b', { capabilities })] });
    await contexts.prepare();
    expect(choose('qwen3:8b', 100_000).contextTokens).toBe(16_384);
  });

  it('is the server own for models that the catalogue does not know, on machines that nobody described, and elsewhere than on Ollama', async () => {
    const served = { ollama: [listed('qwen3:8b'), listed('mystery')], llama_server: [listed('qwen3:8b')] };
    const known = await house(served);
    await known.contexts.prepare();
    expect(known.choose('mystery').contextTokens).toBeNull();
    expect(known.choose('mystery', 5_000).contextTokens).toBe(8_192);
    expect(known.contexts.choiceFor(known.find('qwen3:8b', 'llama_server'), 5_000).contextTokens).toBeNull();
    const unknown = await house(served, { profile: unknownProfile('gpubox', new FakeClock()) });
    await unknown.contexts.prepare();
    expect(unknown.choose('qwen3:8b').contextTokens).toBeNull();
  });

  it('is what its own Modelfile asks for, and whoever shows a choice is told when machine and catalogue were read', async () => {
    const { choose, contexts, list } = await house({});
    const told = vi.fn();
    contexts.onDidChange(told);
    const variant = listed('qwen3:8b-16k');
    await list({
      ollama: [
        listed('qwen3:8b'),
        { ...variant, capabilities: { ...variant.capabilities, ownContext: 16_384 } },
      ],
    });
    await contexts.prepare();
    expect(choose('qwen3:8b-16k').contextTokens).toBe(16_384);
    expect(choose('qwen3:8b-16k', 20_000).contextTokens).toBe(20_480);
    expect(choose('qwen3:8b').contextTokens).toBe(40_960);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is not touched for an embedding model', async () => {
    const embedding = { capabilities: { embedding: true } };
    const { choose, contexts } = await house({ ollama: [listed('qwen3:8b', embedding)] });
    await contexts.prepare();
    expect(choose('qwen3:8b', 5_000).contextTokens).toBeNull();
  });
});

describe('another machine under the same name', () => {
  it('is taken over as soon as it was read, and until then the old one counts', async () => {
    const { choose, contexts, profileOf, clock } = await house({ ollama: [listed('qwen3:8b')] });
    await contexts.prepare();
    const smaller = { platform: 'nvidia', vramGb: 8, ramGb: 64, bandwidthGbps: 300 } as const;
    profileOf.mockResolvedValue(profileFromOverride('local', smaller, clock));
    contexts.factsChanged();
    expect(choose('qwen3:8b').contextTokens).toBe(40_960);
    await vi.waitFor(() => expect(choose('qwen3:8b').contextTokens).toBeLessThan(40_960));
    expect(profileOf).toHaveBeenCalledTimes(2);
  });
});

describe('a context that was asked for', () => {
  it('is asked for again, by every window, until the model was seen unloaded ten minutes later', async () => {
    const memory = new SharedMemory();
    const { choose, contexts, clock, find, list } = await house({ ollama: [listed('qwen3:8b')] }, { memory });
    await contexts.prepare();
    await contexts.note(find('qwen3:8b'), 12_288);
    expect(choose('qwen3:8b').contextTokens).toBe(12_288);
    const other = await house({}, { memory });
    expect(other.choose('qwen3:8b').contextTokens).toBe(12_288);
    await clock.advance(9 * 60_000);
    await list({ ollama: [listed('qwen3:8b')] });
    expect(choose('qwen3:8b').contextTokens).toBe(12_288);
    await clock.advance(60_000);
    await list({ ollama: [listed('qwen3:8b')] });
    expect(choose('qwen3:8b').contextTokens).toBe(40_960);
  });

  it('counts for more than what was listed before it, and for less than what is listed after it', async () => {
    const loaded = { running: { contextTokens: 8_192, sizeBytes: 6 * GIB, vramBytes: 6 * GIB } };
    const { choose, contexts, clock, find, list } = await house({ ollama: [listed('qwen3:8b', loaded)] });
    await contexts.prepare();
    await clock.advance(1_000);
    await contexts.note(find('qwen3:8b'), 12_288);
    expect(choose('qwen3:8b')).toEqual({ contextTokens: 12_288, reloads: false });
    expect(choose('qwen3:8b', 10_000)).toEqual({ contextTokens: 12_288, reloads: false });
    await clock.advance(1_000);
    await list({ ollama: [listed('qwen3:8b', loaded)] });
    expect(choose('qwen3:8b').contextTokens).toBe(8_192);
    // The same number as before, but what was listed since says otherwise.
    await clock.advance(1_000);
    await contexts.note(find('qwen3:8b'), 12_288);
    expect(choose('qwen3:8b').contextTokens).toBe(12_288);
  });

  it('is written down once, not with every call', async () => {
    const { contexts, store, clock, find } = await house({ ollama: [listed('qwen3:8b')] });
    await contexts.note(find('qwen3:8b'), 8_192);
    const first = store.find('local', 'digest of qwen3:8b')?.chosenAtMs;
    await clock.advance(60_000);
    await contexts.note(find('qwen3:8b'), 8_192);
    expect(store.find('local', 'digest of qwen3:8b')?.chosenAtMs).toBe(first);
    await contexts.note(find('qwen3:8b'), 4_096);
    expect(store.find('local', 'digest of qwen3:8b')?.contextTokens).toBe(4_096);
    await clock.advance(6 * 60_000);
    await contexts.note(find('qwen3:8b'), 4_096);
    expect(store.find('local', 'digest of qwen3:8b')?.chosenAtMs).toBe(clock.now());
  });
});

describe('what a load puts out', () => {
  const loaded = (gib: number) => ({ running: { sizeBytes: gib * GIB, vramBytes: gib * GIB } });

  it('is said where a model does not fit beside the others of its server', async () => {
    const served = { ollama: [listed('qwen3:8b'), listed('big', loaded(20))] };
    const { contexts, find } = await house(served);
    await contexts.prepare();
    expect(contexts.displacedBy(find('qwen3:8b'), 8_192).map(({ modelId }) => modelId)).toEqual(['big']);
    const roomy = await house(served, { vramGb: 48 });
    await roomy.contexts.prepare();
    expect(roomy.contexts.displacedBy(roomy.find('qwen3:8b'), 8_192)).toEqual([]);
  });

  it('may be any other one where the server does not tell how many it holds', async () => {
    const { contexts, find } = await house({ llama_server: [listed('a'), listed('b', loaded(1))] });
    const displaced = contexts.displacedBy(find('a', 'llama_server'), null);
    expect(displaced.map(({ modelId }) => modelId)).toEqual(['b']);
    expect(contexts.displacedBy(find('b', 'llama_server'), null)).toEqual([]);
  });
});

describe('what the choice of a context rests on', () => {
  it('is the model on its machine, and what it is loaded with', async () => {
    const loaded = { running: { contextTokens: 8_192, sizeBytes: 6 * GIB } };
    const { contexts, find } = await house({ ollama: [listed('qwen3:8b', loaded), listed('mystery')] });
    const facts = await contexts.factsOf(find('qwen3:8b'));
    expect(facts).toMatchObject({
      model: { sizeB: 8.2, quant: 'Q4_K_M', architecture: { contextMax: 40_960 } },
      hardware: { vramGb: 24 },
      allocated: 8_192,
    });
    expect(await contexts.factsOf(find('mystery'))).toMatchObject({ model: { sizeB: 0 }, allocated: null });
  });

  it('is nothing on a machine that nobody described, and for what takes no context', async () => {
    const served = { ollama: [listed('qwen3:8b')], llama_server: [listed('qwen3:8b')] };
    const { contexts, find } = await house(served, { profile: unknownProfile('gpubox', new FakeClock()) });
    expect(await contexts.factsOf(find('qwen3:8b'))).toMatchObject({ hardware: null });
    expect(await contexts.factsOf(find('qwen3:8b', 'llama_server'))).toBeNull();
  });
});
