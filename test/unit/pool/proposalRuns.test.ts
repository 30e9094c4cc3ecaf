import { afterEach, describe, expect, it } from 'vitest';
import type { EvictionOutcome } from '../../../src/pool/poolEvictions';
import type { InstallOutcome, PoolInstallRequest } from '../../../src/pool/poolInstalls';
import { entryKey, type PoolEntry, type PoolState } from '../../../src/pool/poolState';
import type { Proposal } from '../../../src/pool/proposal';
import { ProposalRuns } from '../../../src/pool/proposalRuns';
import { ProposalStore } from '../../../src/pool/proposalStore';
import type { StoredRun } from '../../../src/pool/pullRunRows';
import { Emitter } from '../../../src/shared/events';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { poolEntry } from '../../support/poolEntries';
import { proposalOf } from '../../support/proposals';
import { MemoryState, SharedMemory } from '../../support/registryState';

/** Polls with a deadline that a busy machine keeps. */
const eventually = <T>(value: () => T) => expect.poll(value, { timeout: 10_000, interval: 5 });

const OLD = poolEntry('old');
const NEW = poolEntry('a', { hfRepoId: 'org/a' });
const SWAP = { kind: 'swap', replaces: entryKey(OLD), replacesName: 'old' } as const;
const MINUTE_MS = 60_000;

/** The pool that all windows share, which does what a test says. */
class Pool {
  entries: PoolEntry[] = [OLD];
  running = new Set<string>();
  readonly asked: PoolInstallRequest[] = [];
  readonly evictions: string[] = [];
  installs: (request: PoolInstallRequest) => Promise<InstallOutcome> = () => {
    this.entries.push(NEW);
    return Promise.resolve(installed());
  };
  evicts = (): EvictionOutcome => ({ status: 'success', name: 'old' });

  snapshot(): PoolState {
    const bounds = { diskBudgetGb: 100, allowedOrgs: ['org'], allowedFamilies: [], lastRefreshAt: null };
    return { ...bounds, diskUsedGb: 1, disks: [], entries: [...this.entries] };
  }

  install(request: PoolInstallRequest): Promise<InstallOutcome> {
    this.asked.push(request);
    return this.installs(request);
  }

  async evict(model: { readonly ollamaName: string }): Promise<EvictionOutcome> {
    this.evictions.push(model.ollamaName);
    const outcome = this.evicts();
    // As long as a server takes, in which another window could ask for the same.
    for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
    if (outcome.status === 'success') {
      this.entries = this.entries.filter(({ ollamaName }) => ollamaName !== model.ollamaName);
    }
    return outcome;
  }
}

function installed(evicted: readonly string[] = []): InstallOutcome {
  return { status: 'success', name: 'a', alreadyInstalled: false, evicted, pending: [] };
}

/** A run as far as anybody here looks at it. */
function runOf(status: StoredRun['status'], given: Partial<StoredRun> = {}): StoredRun {
  return {
    ...{ runId: 'r', backend: 'ollama', name: 'a', label: 'A', status, owner: 'w1', bootId: 'boot' },
    ...{ renewedMono: 0, position: 1, attempt: 1, attemptFromBytes: 0, idleAttempts: 0, highWaterBytes: 0 },
    ...{ totalBytes: 0, percent: null, takenOver: false, message: null, code: null, reservedBytes: 0 },
    ...{ evicts: [], intent: null, ...given },
  };
}

const opened: ProposalRuns[] = [];
afterEach(() => opened.splice(0).forEach((runs) => runs.dispose()));

async function setUp(...made: readonly Proposal[]) {
  const memory = new SharedMemory();
  const clock = new FakeClock('2026-11-21T00:00:00Z');
  const pool = new Pool();
  const changed = new Emitter<void>();
  const queue = { runs: [] as readonly StoredRun[], onDidChange: changed.on };
  const pulls = {
    queue,
    set(...runs: readonly StoredRun[]) {
      queue.runs = runs;
      changed.fire();
    },
  };
  const open = (owner: string) => {
    const state = new MemoryState(memory);
    const store = new ProposalStore({ state, scope: { hostOf: () => 'local', hostName: 'desk' } });
    const uses = { now: () => Promise.resolve({ inUse: new Set<string>(), running: pool.running }) };
    const runs = new ProposalRuns({ store, pool, pulls, uses, owner, clock, logger: silentLogger });
    opened.push(runs);
    return { state, store, runs };
  };
  const first = open('w1');
  await first.store.update('add', '2026-11-21T00:00:00Z', (_known, put) => made.forEach(put));
  const shown = () => first.store.all.find(({ id }) => id === 'p');
  return { ...first, open, pool, pulls, clock, shown };
}

describe('approving a proposal', () => {
  it('installs the target, then removes what it replaces', async () => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    const phases: string[] = [];
    const outcome = await runs.approve('p', {
      onPhase: (phase) => void phases.push(`${phase} ${String(shown()?.status)} ${String(shown()?.owner)}`),
    });
    expect(outcome).toEqual({ status: 'success', evicted: ['old'], pending: [] });
    expect(phases).toEqual(['installing installing w1', 'evicting installing w1']);
    expect(pool.asked).toMatchObject([
      {
        ...{ ollamaName: 'a', hfRepoId: 'org/a', sizeOnDiskGb: 5, initialScore: 60, consent: 'user' },
        ...{ mayEvict: [entryKey(OLD)], evictFirst: false, family: 'llama', label: 'A (Q4_K_M)' },
      },
    ]);
    expect(pool.entries.map(({ ollamaName }) => ollamaName)).toEqual(['a']);
    expect(shown()).toMatchObject({ status: 'approved', problem: null, owner: null });
  });

  it('adds and removes without another half', async () => {
    const alone = proposalOf('p');
    const { runs, pool, shown } = await setUp(alone, { ...alone, id: 'q', kind: 'evict' });
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'success', evicted: [] });
    expect([pool.evictions, pool.asked[0]?.mayEvict]).toEqual([[], []]);
    expect(shown()).toMatchObject({ status: 'approved' });
    await expect(runs.approve('q')).resolves.toMatchObject({ status: 'success', evicted: ['a'] });
    expect(pool.asked).toHaveLength(1);
  });

  it('is settled when a call still uses what goes, which goes when that has ended', async () => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    pool.evicts = () => ({ status: 'pending', code: 'in_use', message: 'A call uses it.' });
    await expect(runs.approve('p')).resolves.toEqual({ status: 'success', evicted: [], pending: ['old'] });
    expect(shown()?.status).toBe('approved');
  });

  it('counts what went with the install itself', async () => {
    const { runs, pool } = await setUp(proposalOf('p', SWAP));
    pool.installs = () => {
      pool.entries = [NEW];
      return Promise.resolve(installed(['old:latest']));
    };
    await expect(runs.approve('p')).resolves.toMatchObject({ evicted: ['old:latest'], pending: [] });
    expect(pool.evictions).toEqual([]);
  });

  it('stays open with the half that failed and why, and goes on there', async () => {
    const { runs, pool, shown, clock } = await setUp(proposalOf('p', SWAP));
    const works = pool.installs;
    pool.installs = () =>
      Promise.resolve({ status: 'error', code: 'disk_full', message: 'The disk is full.' });
    await expect(runs.approve('p')).resolves.toEqual({
      ...{ status: 'error', phase: 'installing', code: 'disk_full', message: 'The disk is full.' },
    });
    await runs.approve('p');
    expect(shown()).toMatchObject({
      ...{ status: 'open', phase: 'installing', owner: null },
      problem: { code: 'disk_full', at: new Date(clock.now()).toISOString(), attempts: 2 },
    });
    pool.installs = works;
    pool.evicts = () => ({ status: 'error', code: 'installer_unavailable', message: 'It does not answer.' });
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'error', phase: 'evicting' });
    expect(shown()).toMatchObject({ status: 'open', phase: 'evicting', problem: { attempts: 1 } });
    pool.evicts = () => ({ status: 'success', name: 'old' });
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'success', evicted: ['old'] });
    expect(pool.asked).toHaveLength(3);
  });

  it('is over for good where the target does not exist, and asks for no other in its place', async () => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    pool.installs = () =>
      Promise.resolve({ status: 'error', code: 'failed_target_missing', message: 'No such model.' });
    await expect(runs.approve('p')).resolves.toEqual({ status: 'moot', message: 'No such model.' });
    expect(shown()?.status).toBe('failed_target_missing');
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'moot' });
    expect(pool.asked.map(({ ollamaName }) => ollamaName)).toEqual(['a']);
  });

  it.each([
    ['the pool has the target', [OLD, NEW], 'in the pool already'],
    ['what it replaces is gone', [], 'not in the pool any more'],
    ['what it replaces is pinned', [{ ...OLD, pinned: true }], 'pinned'],
    ['what it replaces is not of the pool', [{ ...OLD, origin: 'user' as const }], 'outside the pool'],
  ])('is superseded where %s', async (_what, entries, words) => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    pool.entries = entries;
    const outcome = await runs.approve('p');
    expect(outcome).toMatchObject({ status: 'moot', message: expect.stringContaining(words) as string });
    expect(shown()?.status).toBe('superseded');
    expect(pool.asked).toEqual([]);
  });

  it('is superseded where the target turns out to be installed outside the pool', async () => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    pool.installs = () => Promise.resolve({ ...installed(), alreadyInstalled: true } as InstallOutcome);
    await expect(runs.approve('p')).resolves.toMatchObject({ status: 'moot' });
    expect([shown()?.status, pool.evictions]).toEqual(['superseded', []]);
  });

  it('is carried out once where two windows approve it at the same moment, and once where one does twice', async () => {
    const { runs, open, pool } = await setUp(proposalOf('p', SWAP));
    const other = open('w2').runs;
    const outcomes = await Promise.all([runs.approve('p'), runs.approve('p'), other.approve('p')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['success', 'success', 'error']);
    expect(outcomes[2]).toMatchObject({ phase: null, code: 'busy' });
    expect(pool.asked).toHaveLength(1);
  });

  it('begins nothing where nothing can be stored', async () => {
    const { runs, pool, state } = await setUp(proposalOf('p', SWAP));
    state.failure = { ok: false, code: 'storage_unavailable', message: 'The folder is read-only.' };
    await expect(runs.approve('p')).resolves.toMatchObject({ code: 'storage_unavailable', phase: null });
    expect(pool.asked).toEqual([]);
  });

  it('passes on the cancel, and stays open then', async () => {
    const { runs, pool, shown } = await setUp(proposalOf('p', SWAP));
    const controller = new AbortController();
    pool.installs = ({ signal }) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => {
          resolve({ status: 'error', code: 'cancelled', message: 'Cancelled.' });
        });
        controller.abort();
      });
    await expect(runs.approve('p', { signal: controller.signal })).resolves.toMatchObject({
      code: 'cancelled',
    });
    expect(shown()).toMatchObject({ status: 'open', phase: 'installing', problem: { code: 'cancelled' } });
  });
});

describe('approving by policy', () => {
  it('takes only what comes from those whom the list names, and removes nothing that is loaded', async () => {
    const stranger = proposalOf('p', SWAP);
    const { runs, pool, shown } = await setUp(
      { ...stranger, target: { ...stranger.target, ollamaName: 'hf.co/somebody/a:Q4_K_M' } },
      proposalOf('q', SWAP),
    );
    await expect(runs.approve('p', { consent: 'policy' })).resolves.toMatchObject({ code: 'not_allowed' });
    expect([pool.asked, shown()?.status]).toEqual([[], 'open']);
    pool.running.add(entryKey(OLD));
    await expect(runs.approve('q', { consent: 'policy' })).resolves.toMatchObject({
      ...{ phase: 'evicting', code: 'in_use' },
    });
    expect([pool.evictions, pool.asked[0]?.consent]).toEqual([[], 'policy']);
    // A person may.
    await expect(runs.approve('q')).resolves.toMatchObject({ evicted: ['old'] });
  });
});

describe('rejecting a proposal', () => {
  it('holds in every window, and has no effect on what was decided', async () => {
    const { runs, open, shown } = await setUp(proposalOf('p', SWAP), proposalOf('q', { status: 'approved' }));
    await expect(runs.reject('p')).resolves.toEqual({ status: 'success' });
    expect(shown()?.status).toBe('rejected');
    const other = open('w2');
    await expect(other.runs.approve('p')).resolves.toMatchObject({ status: 'moot' });
    await expect(other.runs.reject('q')).resolves.toEqual({ status: 'success' });
    expect(other.store.all.find(({ id }) => id === 'q')?.status).toBe('approved');
  });

  it('is refused while it is carried out', async () => {
    const { runs, open, pool } = await setUp(proposalOf('p', SWAP));
    let end: (outcome: InstallOutcome) => void = () => undefined;
    pool.installs = () => new Promise((resolve) => (end = resolve));
    const running = runs.approve('p');
    await eventually(() => pool.asked.length).toBe(1);
    await expect(open('w2').runs.reject('p')).resolves.toMatchObject({ status: 'error', code: 'busy' });
    pool.entries.push(NEW);
    end(installed());
    await expect(running).resolves.toMatchObject({ status: 'success' });
  });
});

describe('what a window that is gone has left', () => {
  const left = (phase: Proposal['phase']) =>
    proposalOf('p', { ...SWAP, status: 'installing', phase, owner: 'dead' });

  it('waits while the download goes on in whichever window, and is finished after it', async () => {
    const { pulls, pool, clock, shown, open } = await setUp(left('installing'));
    open('w2');
    pulls.set(runOf('pulling', { owner: 'dead' }));
    await clock.advance(10 * MINUTE_MS);
    expect(shown()).toMatchObject({ status: 'installing', owner: 'dead' });
    pool.entries.push(NEW);
    pulls.set(runOf('succeeded'));
    await clock.advance(1.9 * MINUTE_MS);
    expect(pool.evictions).toEqual([]);
    await clock.advance(0.2 * MINUTE_MS);
    await eventually(() => shown()?.status).toBe('approved');
    // Once, although two windows saw it.
    expect([pool.evictions, pool.asked]).toEqual([['old'], []]);
  });

  it.each([
    ['failed', { code: 'disk_full', message: 'The disk is full.' }, 'open'],
    ['cancelled', { code: 'cancelled', message: 'Cancelled.' }, 'open'],
    ['failed', { code: 'failed_target_missing', message: 'No such model.' }, 'failed_target_missing'],
  ] as const)('is open again where its download has %s, and begins nothing', async (status, why, becomes) => {
    const { pulls, pool, clock, shown } = await setUp(left('installing'));
    pulls.set(runOf(status, why));
    await clock.advance(2.1 * MINUTE_MS);
    await eventually(() => shown()?.status).toBe(becomes);
    expect(shown()).toMatchObject({ phase: 'installing', problem: why, owner: null });
    expect([pool.evictions, pool.asked]).toEqual([[], []]);
  });

  it('is open again where no download had begun', async () => {
    const { clock, shown } = await setUp(left('installing'));
    await clock.advance(2.1 * MINUTE_MS);
    await eventually(() => shown()?.status).toBe('open');
    expect(shown()?.problem?.message).toContain('closed before it was done');
  });

  it('is left to another window by one that closes in the middle', async () => {
    const { runs, pulls, pool, shown } = await setUp(proposalOf('p', SWAP));
    pool.installs = () => {
      pulls.set(runOf('pulling', { owner: null }));
      return Promise.resolve({ status: 'error', code: 'cancelled', message: 'This window closed.' });
    };
    await expect(runs.approve('p')).resolves.toMatchObject({ code: 'cancelled' });
    expect(shown()).toMatchObject({ status: 'installing', phase: 'installing', problem: null });
  });

  it('is no more the business of a slow window once another one has taken it over', async () => {
    const { runs, open, pool, clock, shown } = await setUp(proposalOf('p', SWAP));
    const ends: ((outcome: InstallOutcome) => void)[] = [];
    pool.installs = () => new Promise((resolve) => void ends.push(resolve));
    const slow = runs.approve('p');
    await eventually(() => ends.length).toBe(1);
    const other = open('w2').runs;
    await clock.advance(2.1 * MINUTE_MS);
    await eventually(() => shown()?.status).toBe('open');
    void other.approve('p');
    await eventually(() => ends.length).toBe(2);
    ends[0]?.({ status: 'error', code: 'disk_full', message: 'The disk is full.' });
    await slow;
    expect(shown()).toMatchObject({ status: 'installing', owner: 'w2' });
  });

  it('keeps what is loaded, for nobody is there to say otherwise', async () => {
    const { pool, clock, shown } = await setUp(left('evicting'));
    pool.entries.push(NEW);
    pool.running.add(entryKey(OLD));
    await clock.advance(2.1 * MINUTE_MS);
    await eventually(() => shown()?.status).toBe('open');
    expect([shown()?.problem?.code, pool.evictions]).toEqual(['in_use', []]);
  });

  it('is none of a window that was closed', async () => {
    const { runs, clock, shown } = await setUp(left('installing'));
    runs.dispose();
    await clock.advance(10 * MINUTE_MS);
    expect([shown()?.status, clock.pending]).toEqual(['installing', 0]);
  });
});
