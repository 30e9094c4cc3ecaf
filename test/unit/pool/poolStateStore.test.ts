import { describe, expect, it } from 'vitest';
import type { PoolState } from '../../../src/pool/poolState';
import { PoolStateStore } from '../../../src/pool/poolStateStore';
import { FakeClock } from '../../fakes/fakeClock';
import { entryOfBlobs, poolEntry } from '../../support/poolEntries';
import { MemoryState, SharedMemory } from '../../support/registryState';

function setUp(memory = new SharedMemory(), hostName = 'desk', clock = new FakeClock()) {
  const state = new MemoryState(memory);
  const hostOf = (backend: string) => (backend === 'ollama_box' ? 'box' : 'local');
  const store = new PoolStateStore({ state, clock, hostOf, hostName });
  return { store, state, memory, clock };
}

const ENTRY = poolEntry('qwen3:8b', { sizeOnDiskGb: 5.5, family: 'qwen3', toolCalling: true });

describe('the pool in the state', () => {
  it('is empty and allows nothing before it was configured', () => {
    expect(setUp().store.snapshot()).toEqual({
      diskBudgetGb: 0,
      diskUsedGb: 0,
      disks: [],
      entries: [],
      allowedOrgs: [],
      allowedFamilies: [],
      lastRefreshAt: null,
    });
  });

  it('keeps every fact of an entry and of the bounds, for other windows too', async () => {
    const { store, memory } = setUp();
    const entries = [
      ENTRY,
      poolEntry('z', {
        hfRepoId: null,
        digest: null,
        lastUsedAt: '2026-11-20T10:11:12.345Z',
        pinned: true,
        origin: 'user',
        basis: 'tag',
        toolCalling: false,
        pendingEviction: true,
        currentScore: 12.75,
      }),
    ];
    await store.update('fill', (draft) => {
      draft.entries.push(...entries);
      draft.diskBudgetGb = 100;
      draft.budgetBasis = 'setting';
      draft.allowedOrgs = ['Qwen'];
      draft.allowedFamilies = ['qwen3'];
      draft.lastRefreshAt = '2026-11-21T00:00:00.000Z';
    });
    expect(setUp(memory).store.snapshot()).toEqual({
      diskBudgetGb: 100,
      diskUsedGb: 5.5,
      disks: [{ host: 'local', usedGb: 5.5 }],
      entries,
      allowedOrgs: ['Qwen'],
      allowedFamilies: ['qwen3'],
      lastRefreshAt: '2026-11-21T00:00:00.000Z',
    } satisfies PoolState);
  });

  it('sums the distinct layers by itself', async () => {
    const { store } = setUp();
    const gib = 2 ** 30;
    await store.update('fill', (draft) => {
      draft.entries.push(entryOfBlobs('a', { shared: 4 * gib, a: gib }));
      draft.entries.push(entryOfBlobs('b', { shared: 4 * gib, b: gib }));
      draft.entries.push(entryOfBlobs('c', { shared: 4 * gib }, { backend: 'ollama_box' }));
    });
    expect(store.snapshot().diskUsedGb).toBe(10);
    expect(store.snapshot().disks).toEqual([
      { host: 'box', usedGb: 4 },
      { host: 'local', usedGb: 6 },
    ]);
  });

  it('hands out copies', async () => {
    const { store } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY));
    const mine = store.snapshot();
    Object.assign(mine.entries[0] ?? {}, { pinned: true });
    expect(store.snapshot().entries[0]?.pinned).toBe(false);
  });

  it('knows one model by one entry, however its name is written', async () => {
    const { store } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(poolEntry('llama3.2')));
    await store.update('again', (draft) => {
      draft.entries = [poolEntry('Llama3.2:latest', { pinned: true })];
    });
    expect(store.snapshot().entries).toMatchObject([{ ollamaName: 'Llama3.2:latest', pinned: true }]);
  });

  it('changes and removes entries', async () => {
    const { store } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY, poolEntry('b')));
    await store.update('change', (draft) => {
      draft.entries = draft.entries
        .filter(({ ollamaName }) => ollamaName === 'b')
        .map((entry) => ({ ...entry, currentScore: 9 }));
    });
    expect(store.snapshot().entries).toEqual([poolEntry('b', { currentScore: 9 })]);
  });

  it('writes down what left it, when, and whether Model Pool took it away, for a year', async () => {
    const { store, memory, clock } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY, poolEntry('b'), poolEntry('c')));
    expect(store.removals).toEqual([]);
    await store.update('mark', (draft) => {
      draft.entries = draft.entries.map((entry) =>
        entry.ollamaName === 'b' ? { ...entry, pendingEviction: true } : entry,
      );
    });
    await clock.advance(1_000);
    await store.update('leave', (draft) => {
      draft.entries = draft.entries.filter(({ ollamaName }) => ollamaName === 'c');
    });
    const [b, qwen] = setUp(memory).store.removals;
    expect([b?.ollamaName, b?.by, b?.removedAt]).toEqual(['b', 'pool', '2026-11-21T00:00:01.000Z']);
    expect(qwen).toEqual({
      ...{ backend: ENTRY.backend, ollamaName: 'qwen3:8b', bytes: 5.5 * 2 ** 30, by: 'outside' },
      ...{ installedAt: ENTRY.installedAt, removedAt: '2026-11-21T00:00:01.000Z' },
    });
    expect(setUp(memory, 'laptop').store.removals).toEqual([]);

    await clock.advance(366 * 86_400_000);
    await store.update('leave', (draft) => void (draft.entries = []));
    expect(store.removals.map(({ ollamaName }) => ollamaName)).toEqual(['c']);
  });

  it('writes nothing where nothing changed', async () => {
    const { store, memory } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY));
    const before = memory.generation;
    await store.update('same', (draft) => {
      draft.entries = draft.entries.map((entry) => ({ ...entry }));
    });
    expect(memory.generation).toBe(before);
  });

  it('changes nothing where the mutator throws', async () => {
    const { store } = setUp();
    await expect(
      store.update('broken', (draft) => {
        draft.entries.push(ENTRY);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(store.snapshot().entries).toEqual([]);
  });

  it('tells when another window changed it, and only then', async () => {
    const memory = new SharedMemory();
    const [mine, other] = [setUp(memory), setUp(memory)];
    const heard: number[] = [];
    mine.store.onDidChange((pool) => void heard.push(pool.entries.length));
    await other.store.update('fill', (draft) => void draft.entries.push(ENTRY));
    await other.state.transaction('else', (sql) =>
      sql.run("INSERT INTO meta (key, value) VALUES ('x', 'y')"),
    );
    expect(heard).toEqual([1]);
  });

  it('keeps machines that share a folder apart, but for servers that both see', async () => {
    const memory = new SharedMemory();
    const [desk, laptop] = [setUp(memory, 'desk'), setUp(memory, 'laptop')];
    await desk.store.update('fill', (draft) => {
      draft.diskBudgetGb = 50;
      draft.entries.push(ENTRY, poolEntry('far', { backend: 'ollama_box' }));
    });
    expect(laptop.store.snapshot()).toMatchObject({ diskBudgetGb: 0, entries: [{ ollamaName: 'far' }] });
    await laptop.store.update('empty', (draft) => {
      draft.entries = [];
    });
    expect(desk.store.snapshot()).toMatchObject({ diskBudgetGb: 50, entries: [{ ollamaName: 'qwen3:8b' }] });
  });

  it('reads past a row that it cannot read', async () => {
    const { store, state } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY, poolEntry('b')));
    await state.transaction('break', (sql) =>
      sql.run("UPDATE pool_entries SET blobs = 'none' WHERE model = 'b:latest'"),
    );
    expect(store.snapshot().entries).toEqual([ENTRY]);
  });

  it('loads what is stored now, and what it last saw where nothing can be read', async () => {
    const { store, state } = setUp();
    await store.update('fill', (draft) => void draft.entries.push(ENTRY));
    await expect(store.load()).resolves.toMatchObject({ entries: [ENTRY] });
    state.failure = { ok: false, code: 'storage_unavailable', message: 'no folder' };
    await expect(store.load()).resolves.toMatchObject({ entries: [ENTRY] });
    await expect(store.update('x', () => undefined)).resolves.toMatchObject({ code: 'storage_unavailable' });
  });
});
