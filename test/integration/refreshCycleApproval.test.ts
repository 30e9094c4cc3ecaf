import { afterEach, describe, expect, it } from 'vitest';
import { entryKey } from '../../src/pool/poolState';
import type { Proposal } from '../../src/pool/proposal';
import { ProposalRuns } from '../../src/pool/proposalRuns';
import { ProposalStore } from '../../src/pool/proposalStore';
import { silentLogger } from '../../src/shared/logger';
import { bytesToGib } from '../../src/shared/units';
import { declaredBytes, describeModel } from '../fakes/ollama/package';
import type { FakeOllama } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import { hastyClock, keyOf, poolWindow, wanted, type PoolWindow } from '../support/poolHouse';
import { proposalOf } from '../support/proposals';
import { MemoryState, SharedMemory } from '../support/registryState';
import { until } from '../unit/backends/loopback';

const GIB = 2 ** 30;
const SIZES = { a: 45, worst: 30, middle: 50 } as const;
/** Leases of minutes end within a second. */
const TIMES = 200;

const fakes: FakeOllama[] = [];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
});

/** What a window has that approves. */
type Approving = PoolWindow & {
  readonly state: MemoryState;
  readonly proposals: ProposalStore;
  readonly runs: ProposalRuns;
};

/** A pool of 80 of 100 GB that is to get `a` in the place of the better one of its two models. */
async function setUp(bytesPerSecond = 1e13, freeGib?: number) {
  const registry = Object.fromEntries(
    Object.entries(SIZES).map(([name, gib]) => {
      const guess = gib * GIB - 400;
      const small = declaredBytes(describeModel({ weightsBytes: guess, parameterSize: name })) - guess;
      return [name, describeModel({ weightsBytes: gib * GIB - small, parameterSize: name })];
    }),
  );
  const fake = await startFakeOllama({ registry, bytesPerSecond: 1e13, progressIntervalMs: 5 });
  fakes.push(fake);
  const memory = new SharedMemory();
  const used = () => bytesToGib([...fake.store.blobs.values()].reduce((sum, { bytes }) => sum + bytes, 0));
  const open = (owner: string): Approving => {
    const state = new MemoryState(memory);
    const clock = hastyClock(TIMES);
    const adapter = { maxAttemptsWithoutBytes: 50 };
    const freeBytes = () => Promise.resolve(freeGib === undefined ? null : (freeGib - used()) * GIB);
    const window = poolWindow({ state, url: fake.url, owner, clock, adapter, freeBytes });
    const proposals = new ProposalStore({ state, scope: window.store.scope });
    const uses = { now: () => Promise.resolve({ inUse: new Set<string>(), running: new Set<string>() }) };
    const { pool, pulls } = window;
    const runs = new ProposalRuns({
      ...{ store: proposals, pool, pulls, uses, owner, clock, logger: silentLogger },
    });
    closing.push(async () => {
      runs.dispose();
      await window.close();
    });
    return { ...window, state, proposals, runs };
  };
  const first = open('w1');
  const { pool, proposals } = first;
  await pool.configurePool({
    ...{ diskBudgetGb: 100, allowedOrgs: ['org'], allowedFamilies: [], defaultBackend: 'ollama' },
  });
  await pool.install(wanted('worst', 30, { initialScore: 10 }));
  await pool.install(wanted('middle', 50, { initialScore: 50 }));
  fake.pace.bytesPerSecond = bytesPerSecond;
  const swap = proposalOf('p', { kind: 'swap', replaces: keyOf('middle'), replacesName: 'middle' });
  await proposals.update('add', '2026-11-21T00:00:00Z', (_known, put) =>
    put({ ...swap, target: { ...swap.target, sizeBytes: 45 * GIB } }),
  );
  const shown = (): Proposal | undefined => proposals.all[0];
  const names = () => pool.snapshot().entries.map(({ ollamaName }) => ollamaName);
  return { ...first, fake, open, shown, names, used };
}

describe('approving a swap', { timeout: 30_000 }, () => {
  it('settles within the budget, through more than it, and spares what scores worse', async () => {
    const { runs, fake, pool, names, used } = await setUp();
    let most = 0;
    const outcome = await runs.approve('p', { onEvent: () => (most = Math.max(most, used())) });
    expect(outcome).toMatchObject({ status: 'success', evicted: ['middle:latest'], pending: [] });
    // Both were there for a moment, so that a failure would have cost nothing.
    expect(most).toBeGreaterThan(100);
    expect([names(), fake.store.names()]).toEqual([
      ['a', 'worst'],
      ['a:latest', 'worst:latest'],
    ]);
    expect(pool.snapshot().diskUsedGb).toBeCloseTo(75, 5);
  });

  it('costs nothing where the download fails, and goes on from there', async () => {
    const { runs, fake, names, shown } = await setUp();
    fake.faults.diskBytes = 90 * GIB;
    await expect(runs.approve('p')).resolves.toMatchObject({ phase: 'installing', code: 'disk_full' });
    expect([names(), shown()?.status, shown()?.phase]).toEqual([['middle', 'worst'], 'open', 'installing']);
    fake.faults.diskBytes = null;
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'success' });
    expect([names(), shown()?.status]).toEqual([['a', 'worst'], 'approved']);
  });

  it('removes first only what it replaces, only where it must, and only where that was agreed to', async () => {
    const { runs, fake, names } = await setUp(1e13, 100);
    await expect(runs.approve('p')).resolves.toMatchObject({ phase: 'installing', code: 'disk_full' });
    expect(names()).toEqual(['middle', 'worst']);
    await expect(runs.approve('p', { evictFirst: true })).resolves.toMatchObject({ status: 'success' });
    expect([names(), fake.store.names()]).toEqual([
      ['a', 'worst'],
      ['a:latest', 'worst:latest'],
    ]);
  });

  it('is finished by another window where the one that approved it died in the middle', async () => {
    const { runs, state, agent, fake, open, names, shown, pulls } = await setUp(60 * GIB);
    const other = open('w2');
    void runs.approve('p');
    await until(() => [...fake.store.partials.values()].some(({ allocatedBytes }) => allocatedBytes > GIB));
    state.failure = { ok: false, code: 'closed', message: 'dead' };
    runs.dispose();
    pulls.dispose();
    await agent.destroy();
    fake.pace.bytesPerSecond = 1e13;
    await expect.poll(() => shown()?.status, { timeout: 20_000 }).toBe('approved');
    expect(names()).toEqual(['a', 'worst']);
    expect(fake.store.names()).toEqual(['a:latest', 'worst:latest']);
    expect(other.pulls.runs).toMatchObject([{}, {}, { name: 'a', status: 'succeeded', takenOver: true }]);
    expect(other.pool.snapshot().entries.map(entryKey)).toEqual([keyOf('a'), keyOf('worst')]);
  });
});
