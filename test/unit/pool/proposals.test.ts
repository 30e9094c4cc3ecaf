import { describe, expect, it } from 'vitest';
import { entryKey, type PoolEntry, type PoolState } from '../../../src/pool/poolState';
import type { Proposal, ProposalCandidate } from '../../../src/pool/proposal';
import { propose } from '../../../src/pool/proposals';
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
    ...{ label: ollamaName, sizeBytes: 10 * GIB, score, fits: true, toolCalling: null },
    justify: () => ({
      ...{ benchmarkBasis: ['LiveBench'], hardwareFit: 'fits', evidence: 'direct', freshness: 'today' },
    }),
    ...given,
  };
}

const spent = (name: string, given: Partial<PoolEntry> = {}): PoolEntry =>
  poolEntry(name, { sizeOnDiskGb: 10, installedAt: new Date(START).toISOString(), ...given });

/** A pool over days: each day's proposals are kept as a store would. */
class History {
  known: readonly Proposal[] = [];
  #ids = 0;
  /** Scores for other tasks than the user's, by task and name. */
  scores: Readonly<Record<string, Readonly<Record<string, number>>>> = {};

  day(day: number, state: PoolState, candidates: readonly ProposalCandidate[]): readonly Proposal[] {
    const { added, changed } = propose({
      ...{ pool: state, known: this.known, candidates, tasks: ['coding', 'math', 'vision'], threshold: 5 },
      ...{ now: this.at(day), newId: () => `p${(this.#ids += 1)}` },
      scoreOf: ({ ollamaName, currentScore }, task) =>
        task === 'coding' ? currentScore : this.scores[task]?.[ollamaName],
    });
    const replaced = new Map(changed.map((proposal) => [proposal.id, proposal]));
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
        justification: {
          summary: expect.stringContaining('10.0 points more for coding here than old') as string,
        },
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

  it('leaves pinned models and those of the user alone: a better one may only come beside them', () => {
    const entries = [spent('pinned', { pinned: true }), spent('users', { origin: 'user' })];
    const made = new History().day(40, pool(entries), [candidate('best', 90)]);
    expect(made.map(({ kind, target }) => [kind, target.ollamaName])).toEqual([['add', 'best']]);
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

  it('stays with what it said while scores differ a little, with the figures of the day', () => {
    const history = new History();
    const state = pool([spent('old', { currentScore: 50 })]);
    history.day(0, state, [candidate('new', 56), candidate('rival', 55)]);
    expect(history.day(1, state, [candidate('new', 53), candidate('rival', 57)])).toEqual([]);
    expect(history.known).toMatchObject([{ status: 'open', target: { ollamaName: 'new' }, scoreDelta: 3 }]);
    expect(history.known[0]?.justification.summary).toContain('3.0 points more');
    // Less than half of the threshold.
    history.day(2, state, [candidate('new', 52.4)]);
    expect(history.known.map(({ status }) => status)).toEqual(['superseded']);
  });

  it('holds a rejection for the model, whichever build and whichever task', () => {
    const history = new History();
    const state = pool([]);
    const [made] = history.day(0, state, [candidate('x:q4', 80, { hfRepoId: 'org/x' })]);
    history.set(made?.id ?? '', 'rejected', 0);
    const otherBuild = candidate('hf.co/somebody/x:Q8_0', 81, { hfRepoId: 'org/x', quant: 'Q8_0' });
    expect(history.day(1, state, [otherBuild])).toEqual([]);
    expect(history.day(1, state, [{ ...otherBuild, task: 'math', score: 95 }])).toEqual([]);
    expect(history.day(1, state, [{ ...otherBuild, score: 85 }])).toHaveLength(1);
  });

  it('gives way to what is better by another threshold, but not to what was rejected', () => {
    const history = new History();
    const state = pool([spent('old', { currentScore: 50 })]);
    history.day(0, state, [candidate('best', 80), candidate('good', 60)]);
    history.set('p1', 'rejected', 0);
    history.day(1, state, [candidate('best', 80), candidate('good', 60)]);
    history.day(2, state, [candidate('best', 80), candidate('good', 60)]);
    expect(history.known.map(({ target, status }) => [target.ollamaName, status])).toEqual([
      ['best', 'rejected'],
      ['good', 'open'],
    ]);
    history.day(3, state, [candidate('newer', 65), candidate('best', 80), candidate('good', 60)]);
    expect(history.known.map(({ target, status }) => [target.ollamaName, status])).toEqual([
      ['best', 'rejected'],
      ['good', 'superseded'],
      ['newer', 'open'],
    ]);
  });

  it('measures a model at what it is there for, so that a specialist does not go for the second best', () => {
    const history = new History();
    history.scores = { math: { coder: 40, mathematician: 80 } };
    const entries = [
      spent('coder', { currentScore: 90, sizeOnDiskGb: 20, lastUsedAt: history.at(0) }),
      spent('mathematician', { currentScore: 30, sizeOnDiskGb: 20, lastUsedAt: history.at(0) }),
    ];
    const candidates = [candidate('second coder', 88), candidate('maths', 84, { task: 'math' })];
    expect(history.day(1, pool(entries), candidates)).toEqual([]);
    const better = candidate('better maths', 85, { task: 'math' });
    expect(history.day(2, pool(entries), [...candidates, better])).toMatchObject([
      { kind: 'swap', task: 'math', replacesName: 'mathematician', target: { ollamaName: 'better maths' } },
    ]);
  });

  it('adds for another task only what is better by the threshold than what is there', () => {
    const history = new History();
    history.scores = { math: { coder: 70 }, vision: {} };
    const state = pool([spent('coder', { currentScore: 90 })]);
    const maths = (score: number) => [
      candidate('maths', score, { task: 'math' }),
      candidate('seer', 20, { task: 'vision' }),
    ];
    expect(history.day(0, state, maths(74)).map(({ kind, task }) => [kind, task])).toEqual([
      ['add', 'vision'],
    ]);
    expect(history.day(1, state, maths(75))).toMatchObject([
      {
        ...{ kind: 'add', task: 'math', target: { ollamaName: 'maths' } },
        justification: {
          summary: expect.stringContaining('5.0 points more for math here than coder') as string,
        },
      },
    ]);
  });

  it('never has two builds of one model in the pool, nor one that is there on another server of the host', () => {
    const entries = [
      spent('x:q4', {
        currentScore: 50,
        hfRepoId: 'org/x',
        quant: 'Q4_K_M',
        lastUsedAt: new Date(START).toISOString(),
      }),
      spent('y', { currentScore: 40, lastUsedAt: new Date(START).toISOString() }),
    ];
    const made = new History().day(0, pool(entries), [
      candidate('x:q8', 60, { hfRepoId: 'org/x', quant: 'Q8_0' }),
      candidate('x:q6', 59, { hfRepoId: 'org/x', quant: 'Q6_K' }),
      candidate('y', 70, { backend: 'ollama_2' }),
    ]);
    expect(made).toMatchObject([{ kind: 'swap', replacesName: 'x:q4', target: { ollamaName: 'x:q8' } }]);
  });

  it('proposes builds of whoever offers a model of an allowed maker: a person sees the name and decides', () => {
    const state = pool([]);
    const from = (ollamaName: string, hfRepoId: string) =>
      new History().day(0, state, [candidate(ollamaName, 90, { hfRepoId })]).length;
    expect(from('hf.co/somebody/x-GGUF:Q4_K_M', 'org/x')).toBe(1);
    expect(from('x:8b', 'org/x')).toBe(1);
    expect(from('hf.co/org/x-GGUF:Q4_K_M', 'somebody/x')).toBe(0);
  });

  it('does not give the last model that calls tools for one that does not', () => {
    const entry = spent('old', { currentScore: 50, toolCalling: true });
    const better = candidate('new', 90, { toolCalling: false });
    expect(new History().day(0, pool([entry]), [better])).toEqual([]);
    expect(new History().day(0, pool([entry]), [{ ...better, toolCalling: true }])).toHaveLength(1);
    const other = spent('other', { currentScore: 90, toolCalling: true });
    expect(new History().day(0, pool([entry, other]), [better])).toHaveLength(1);
  });

  it('rather removes what nobody uses than replaces it, unless that was rejected', () => {
    const history = new History();
    const entries = [
      spent('idle', { currentScore: 40 }),
      spent('good', { currentScore: 80, lastUsedAt: history.at(59) }),
    ];
    history.day(0, pool(entries), [candidate('new', 79)]);
    history.day(30, pool(entries), [candidate('new', 79)]);
    const states = () => history.known.map(({ kind, status }) => [kind, status]);
    expect(states()).toEqual([
      ['swap', 'superseded'],
      ['evict', 'open'],
    ]);
    history.set('p2', 'rejected', 31);
    history.day(32, pool(entries), [candidate('new', 79)]);
    expect(states().at(-1)).toEqual(['swap', 'open']);
  });

  it('keeps what nobody uses where it is much better than the others at something', () => {
    const history = new History();
    const entries = [
      spent('idle', { currentScore: 40 }),
      spent('good', { currentScore: 80, lastUsedAt: history.at(59) }),
    ];
    history.scores = { math: { idle: 75, good: 70 } };
    expect(history.day(40, pool(entries), [])).toEqual([]);
    history.scores = { math: { idle: 74, good: 70 } };
    expect(history.day(41, pool(entries), [])).toMatchObject([{ kind: 'evict' }]);
  });

  it('knows a half-done one: what has come stays agreed to, and is over once the other is gone', () => {
    const history = new History();
    const old = spent('old', { currentScore: 50 });
    history.day(0, pool([old]), [candidate('new', 60)]);
    history.known = history.known.map((each) => ({ ...each, phase: 'evicting' }));
    const come = spent('new', { currentScore: 60 });
    history.day(1, pool([old, come]), []);
    expect(history.known).toMatchObject([{ status: 'open', phase: 'evicting' }]);
    history.day(2, pool([come]), []);
    expect(history.known).toMatchObject([{ status: 'approved' }]);
  });
});
