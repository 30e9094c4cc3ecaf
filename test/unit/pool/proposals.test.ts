import { describe, expect, it } from 'vitest';
import { entryKey, type PoolEntry, type PoolState } from '../../../src/pool/poolState';
import { propose, type Proposal, type ProposalCandidate } from '../../../src/pool/proposals';
import { poolEntry } from '../../support/poolEntries';

const GIB = 2 ** 30;
const DAY_MS = 86_400_000;
const START = Date.parse('2026-09-01T00:00:00Z');

function pool(entries: readonly PoolEntry[], given: Partial<PoolState> = {}): PoolState {
  const used = entries.reduce((sum, { sizeOnDiskGb }) => sum + sizeOnDiskGb, 0);
  return {
    ...{ diskBudgetGb: 100, diskUsedGb: used, disks: [{ host: 'local', usedGb: used }], entries },
    ...{ allowedOrgs: ['org'], allowedFamilies: [], lastRefreshAt: null },
    ...given,
  };
}

function candidate(
  ollamaName: string,
  score: number,
  given: Partial<ProposalCandidate> = {},
): ProposalCandidate {
  return {
    ...{ backend: 'ollama', ollamaName, hfRepoId: `org/${ollamaName}`, quant: 'Q4_K_M', task: 'coding' },
    ...{ sizeBytes: 10 * GIB, score, fits: true },
    justification: {
      ...{ benchmarkBasis: ['LiveBench'], hardwareFit: 'fits', evidence: 'direct', freshness: 'today' },
    },
    ...given,
  };
}

const spent = (name: string, given: Partial<PoolEntry> = {}): PoolEntry =>
  poolEntry(name, { sizeOnDiskGb: 10, installedAt: new Date(START).toISOString(), ...given });

/** A pool over days: each day's proposals are kept as a store would. */
class History {
  known: readonly Proposal[] = [];
  #ids = 0;

  day(day: number, state: PoolState, candidates: readonly ProposalCandidate[]): readonly Proposal[] {
    const { added, superseded } = propose({
      ...{ pool: state, known: this.known, candidates, task: 'coding', threshold: 5 },
      ...{ now: this.at(day), newId: () => `p${(this.#ids += 1)}` },
    });
    const replaced = new Map(superseded.map((proposal) => [proposal.id, proposal]));
    this.known = [...this.known.map((proposal) => replaced.get(proposal.id) ?? proposal), ...added];
    return added;
  }

  set(id: string, status: Proposal['status'], day: number): void {
    this.known = this.known.map((proposal) =>
      proposal.id === id ? { ...proposal, status, changedAt: this.at(day) } : proposal,
    );
  }

  at(day: number): string {
    return new Date(START + day * DAY_MS).toISOString();
  }
}

describe('proposals', () => {
  it('adds the best of each task that fits the budget to an empty pool, and nothing that is not allowed', () => {
    const made = new History().day(0, pool([], { diskBudgetGb: 40 }), [
      candidate('best', 90, { hfRepoId: 'other/best' }),
      candidate('huge', 85, { sizeBytes: 60 * GIB }),
      candidate('slow', 84, { fits: false }),
      candidate('good', 80),
      candidate('maths', 70, { task: 'math' }),
    ]);
    expect(made).toMatchObject([
      { kind: 'add', target: { ollamaName: 'good' }, diskImpactGb: 10, status: 'open' },
      { kind: 'add', target: { ollamaName: 'maths' } },
    ]);
  });

  it('proposes the best that beats an entry by the threshold', () => {
    const entry = spent('old', { currentScore: 50 });
    const swap = (...candidates: readonly ProposalCandidate[]) =>
      new History().day(0, pool([entry]), candidates).filter(({ kind }) => kind === 'swap');
    expect(swap(candidate('near', 54.9))).toEqual([]);
    expect(swap(candidate('better', 55), candidate('best', 60))).toMatchObject([
      {
        ...{ replaces: entryKey(entry), target: { ollamaName: 'best' }, scoreDelta: 10, diskImpactGb: 0 },
        justification: { summary: expect.stringContaining('10.0 points more than old') as string },
      },
    ]);
  });

  it('makes one open proposal per entry and per target', () => {
    const entries = [spent('one', { currentScore: 10 }), spent('two', { currentScore: 20 })];
    const made = new History().day(0, pool(entries), [candidate('best', 90), candidate('second', 80)]);
    expect(made.map(({ target, replaces }) => [replaces, target.ollamaName])).toEqual([
      [entryKey({ backend: 'ollama', ollamaName: 'one' }), 'best'],
      [entryKey({ backend: 'ollama', ollamaName: 'two' }), 'second'],
    ]);
  });

  it('leaves pinned models and those of the user alone', () => {
    const entries = [spent('pinned', { pinned: true }), spent('users', { origin: 'user' })];
    expect(new History().day(40, pool(entries), [candidate('best', 90)])).toEqual([]);
  });

  it('goes through 60 days: none twice, rejections respected, each in its state', () => {
    const history = new History();
    const old = spent('old', { currentScore: 50, lastUsedAt: history.at(20) });
    const good = spent('good', { currentScore: 80, lastUsedAt: history.at(59) });
    const first = history.day(0, pool([old]), [candidate('new', 60)]);
    expect(first).toMatchObject([{ id: 'p1', kind: 'swap' }]);
    for (let day = 1; day < 10; day++) {
      expect(history.day(day, pool([old]), [candidate('new', 60)])).toEqual([]);
    }
    history.set('p1', 'rejected', 10);
    for (let day = 11; day < 30; day++) {
      expect(history.day(day, pool([old]), [candidate('new', 64.9)])).toEqual([]);
    }
    // Another threshold better: then it may be said once more.
    expect(history.day(30, pool([old]), [candidate('new', 65)])).toMatchObject([{ scoreDelta: 15 }]);
    const again = history.known.at(-1)?.id ?? '';
    history.set(again, 'failed_target_missing', 31);
    for (let day = 32; day < 45; day++) {
      expect(history.day(day, pool([old]), [candidate('new', 99)])).toEqual([]);
    }
    // Another one comes, is approved by a person, and the old one is dominated and unused for 30 days.
    const third = history.day(45, pool([old]), [candidate('good', 80)]);
    expect(third).toMatchObject([{ kind: 'swap', target: { ollamaName: 'good' } }]);
    history.set(third[0]?.id ?? '', 'approved', 46);
    expect(history.day(49, pool([old, good]), [])).toEqual([]);
    const last = history.day(50, pool([old, good]), []);
    expect(last).toMatchObject([{ kind: 'evict', target: { ollamaName: 'old' }, diskImpactGb: -10 }]);
    for (let day = 51; day <= 60; day++) expect(history.day(day, pool([old, good]), [])).toEqual([]);
    expect(history.known.map(({ kind, status }) => [kind, status])).toEqual([
      ['swap', 'rejected'],
      ['swap', 'failed_target_missing'],
      ['swap', 'approved'],
      ['evict', 'open'],
    ]);
  });

  it('proposes a rejected pair again after 90 days', () => {
    const history = new History();
    const state = pool([spent('old', { currentScore: 50, lastUsedAt: history.at(100) })]);
    const [made] = history.day(0, state, [candidate('new', 60)]);
    history.set(made?.id ?? '', 'rejected', 0);
    expect(history.day(89, state, [candidate('new', 60)])).toEqual([]);
    expect(history.day(90, state, [candidate('new', 60)])).toHaveLength(1);
  });

  it('supersedes what holds no longer', () => {
    const history = new History();
    const old = spent('old', { currentScore: 50 });
    history.day(0, pool([old]), [candidate('new', 60)]);
    history.day(1, pool([old]), [candidate('newer', 70)]);
    expect(history.known.map(({ target, status }) => [target.ollamaName, status])).toEqual([
      ['new', 'superseded'],
      ['newer', 'open'],
    ]);
    history.day(2, pool([]), []);
    expect(history.known.map(({ status }) => status)).toEqual(['superseded', 'superseded']);
  });
});
