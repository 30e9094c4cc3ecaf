import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../../src/pool/proposals';
import { ProposalStore } from '../../../src/pool/proposalStore';
import { MemoryState, SharedMemory } from '../../support/registryState';

function proposal(id: string, given: Partial<Proposal> = {}): Proposal {
  return {
    ...{ id, kind: 'swap', status: 'open', replaces: 'key', scoreDelta: 7, diskImpactGb: 3 },
    target: { backend: 'ollama', ollamaName: 'a', hfRepoId: 'org/a', quant: 'Q4_K_M', family: 'llama' },
    justification: {
      ...{ summary: 'better', benchmarkBasis: ['LiveBench'], hardwareFit: 'fits' },
      ...{ evidence: 'direct', freshness: 'today' },
    },
    ...{ createdAt: '2026-11-01T00:00:00.000Z', changedAt: '2026-11-01T00:00:00.000Z' },
    ...given,
  };
}

const NOW = '2026-11-21T00:00:00.000Z';

function setUp(memory = new SharedMemory(), hostName = 'desk') {
  const state = new MemoryState(memory);
  return { state, memory, store: new ProposalStore({ state, scope: { hostOf: () => 'local', hostName } }) };
}

describe('proposals in the state', () => {
  it('keeps every field, for other windows too, oldest first', async () => {
    const { store, memory } = setUp();
    const made = [
      proposal('z', { createdAt: '2026-10-01T00:00:00.000Z' }),
      proposal('a', { kind: 'evict', status: 'rejected' }),
    ];
    await store.update('add', NOW, () => made);
    expect(setUp(memory).store.all).toEqual(made);
    expect(setUp(memory, 'laptop').store.all).toEqual([]);
  });

  it('changes one, loses none that is left out, and writes nothing where nothing changed', async () => {
    const { store, memory } = setUp();
    await store.update('add', NOW, () => [proposal('a'), proposal('b')]);
    await store.update('reject', NOW, (known) =>
      known.filter(({ id }) => id === 'a').map((each) => ({ ...each, status: 'rejected' })),
    );
    expect(store.all.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'rejected'],
      ['b', 'open'],
    ]);
    const before = memory.generation;
    await store.update('same', NOW, (known) => known);
    expect(memory.generation).toBe(before);
  });

  it('forgets what ended more than a year ago, and nothing that is open', async () => {
    const { store } = setUp();
    const old = { createdAt: '2025-01-01T00:00:00.000Z', changedAt: '2025-01-01T00:00:00.000Z' };
    await store.update('add', NOW, () => [
      proposal('over', { ...old, status: 'rejected' }),
      proposal('open', old),
    ]);
    expect(store.all.map(({ id }) => id)).toEqual(['open']);
  });

  it('tells when another window changed them', async () => {
    const memory = new SharedMemory();
    const [mine, other] = [setUp(memory), setUp(memory)];
    const heard: number[] = [];
    mine.store.onDidChange((proposals) => void heard.push(proposals.length));
    await other.store.update('add', NOW, () => [proposal('a')]);
    expect(heard).toEqual([1]);
  });
});
