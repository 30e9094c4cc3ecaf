import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../../src/pool/proposal';
import { ProposalStore } from '../../../src/pool/proposalStore';
import { proposalOf as proposal } from '../../support/proposals';
import { MemoryState, SharedMemory } from '../../support/registryState';

/** A change that stores all of these. */
const storing = (made: readonly Proposal[]) => (_known: unknown, put: (proposal: Proposal) => void) =>
  made.forEach(put);

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
      proposal('b', {
        ...{
          kind: 'swap',
          replaces: 'key',
          replacesName: 'old',
          status: 'installing',
          phase: 'evicting',
          owner: 'w1',
        },
        problem: { code: 'in_use', message: 'A call uses it.', at: NOW, attempts: 2 },
      }),
    ];
    await store.update('add', NOW, storing(made));
    expect(setUp(memory).store.all).toEqual(made);
    expect(setUp(memory, 'laptop').store.all).toEqual([]);
  });

  it('changes one, loses none that is left out, and writes nothing where nothing changed', async () => {
    const { store, memory } = setUp();
    await store.update('add', NOW, storing([proposal('a'), proposal('b')]));
    const rejected = await store.update('reject', NOW, ([first], put) => {
      if (first) put({ ...first, status: 'rejected' });
      return first?.id;
    });
    expect(rejected).toEqual({ ok: true, value: 'a' });
    expect(store.all.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'rejected'],
      ['b', 'open'],
    ]);
    const before = memory.generation;
    await store.update('same', NOW, (known, put) => known.forEach(put));
    expect(memory.generation).toBe(before);
  });

  it('forgets what ended more than a year ago, and nothing that is open', async () => {
    const { store } = setUp();
    const old = { createdAt: '2025-01-01T00:00:00.000Z', changedAt: '2025-01-01T00:00:00.000Z' };
    await store.update(
      'add',
      NOW,
      storing([proposal('over', { ...old, status: 'rejected' }), proposal('open', old)]),
    );
    expect(store.all.map(({ id }) => id)).toEqual(['open']);
  });

  it('tells when another window changed them', async () => {
    const memory = new SharedMemory();
    const [mine, other] = [setUp(memory), setUp(memory)];
    const heard: number[] = [];
    mine.store.onDidChange((proposals) => void heard.push(proposals.length));
    await other.store.update('add', NOW, storing([proposal('a')]));
    expect(heard).toEqual([1]);
  });
});
