import { afterEach, describe, expect, it } from 'vitest';
import { noteFigure } from '../support/soak';
import { nameIn, PoolHistory, type HistoryOptions, type WorldModel } from '../support/poolHistory';

const DAYS = 60;
const BUDGET_GB = 40;
const TIMEOUT_MS = 120_000;

const opened: PoolHistory[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((history) => history.close()));
});

async function open(options: HistoryOptions = {}): Promise<PoolHistory> {
  const history = await PoolHistory.open(options);
  opened.push(history);
  return history;
}

function good(name: string, gib: number, coding: number, given: Partial<WorldModel> = {}): WorldModel {
  return { org: 'good', name, gib, coding, ...given };
}

describe('sixty days of a pool', () => {
  it(
    'proposes each change on its day, once, and respects what was said',
    { timeout: TIMEOUT_MS },
    async () => {
      const began = performance.now();
      const history = await open();
      const { proposalRuns } = history.refresh;
      /** What appeared, by day. */
      const made: Record<number, readonly string[]> = {};
      const live = async (day: number, used: readonly string[] = []): Promise<void> => {
        const before = new Set(history.proposals.all.map(({ id }) => id));
        const report = await history.live(day, used);
        expect(report.errors).toEqual([]);
        const fresh = history.proposals.all.filter(({ id }) => !before.has(id));
        expect(report.proposalsEmitted).toBe(fresh.length);
        if (fresh.length > 0) made[day] = fresh.map(({ kind, target }) => `${kind} ${target.ollamaName}`);
      };

      history.publish(good('alpha', 10, 50), good('beta', 8, 40), {
        org: 'evil',
        name: 'evil',
        gib: 9,
        coding: 95,
      });
      await live(0);
      await live(1);
      await expect(proposalRuns.approve(history.open('alpha:8b').id)).resolves.toMatchObject({
        status: 'success',
      });
      for (let day = 2; day < 5; day++) await live(day, ['alpha:8b']);

      history.publish(good('gamma', 12, 62));
      await live(5, ['alpha:8b']);
      expect(history.open('gamma:8b').justification.summary).toMatch(
        /^gamma \(Q4_K_M\) scores \d+\.\d points more for coding here than alpha:8b \(\d+\.\d instead of \d+\.\d\) and takes 2\.0 GiB more disk\.$/,
      );
      await expect(proposalRuns.reject(history.open('gamma:8b').id)).resolves.toEqual({ status: 'success' });
      for (let day = 6; day < 16; day++) await live(day, ['alpha:8b']);

      // Better by much more than another threshold.
      history.publish(good('gamma', 12, 85));
      await live(16, ['alpha:8b']);
      history.ollama.faults.registryDown = true;
      await expect(proposalRuns.approve(history.open('gamma:8b').id)).resolves.toMatchObject({
        ...{ status: 'error', phase: 'installing', code: 'installer_unavailable' },
      });
      expect(history.pooled).toEqual(['alpha:8b']);
      history.ollama.faults.registryDown = false;
      await live(17, ['alpha:8b']);
      await expect(proposalRuns.approve(history.open('gamma:8b').id)).resolves.toMatchObject({
        ...{ status: 'success', evicted: ['alpha:8b'] },
      });
      expect(history.pooled).toEqual(['gamma:8b']);
      // One that is announced, and that nobody has.
      history.publish(good('ghost', 10, 98, { exists: false }));
      await live(18, ['gamma:8b']);
      await expect(proposalRuns.approve(history.open('ghost:8b').id)).resolves.toMatchObject({
        status: 'moot',
      });

      // A person installs one by hand, and never uses it. It can be bettered, and after a month it need not be there.
      const zeta = good('zeta', 14, 20);
      history.publish(zeta);
      await expect(
        history.window.pool.install({
          ...{ backend: 'ollama', ollamaName: nameIn(zeta), hfRepoId: 'good/zeta', quant: 'Q4_K_M' },
          ...{ sizeOnDiskGb: 14, initialScore: 20, consent: 'user' },
        }),
      ).resolves.toMatchObject({ status: 'success' });
      for (let day = 19; day < 50; day++) await live(day, ['gamma:8b']);
      await expect(proposalRuns.approve(history.open('zeta:8b').id)).resolves.toMatchObject({
        ...{ status: 'success', evicted: ['zeta:8b'] },
      });
      for (let day = 50; day <= DAYS; day++) await live(day, ['gamma:8b']);

      expect(made).toEqual({
        0: ['add alpha:8b'],
        5: ['swap gamma:8b'],
        16: ['swap gamma:8b'],
        18: ['swap ghost:8b'],
        19: ['swap alpha:8b'],
        48: ['evict zeta:8b'],
      });
      expect(history.shown).toEqual([
        'approved add alpha:8b',
        'rejected swap gamma:8b for alpha:8b',
        'approved swap gamma:8b for alpha:8b',
        'failed_target_missing swap ghost:8b for gamma:8b',
        'superseded swap alpha:8b for zeta:8b',
        'approved evict zeta:8b',
      ]);
      expect(history.pooled).toEqual(['gamma:8b']);
      expect(history.asked('/api/delete')).toEqual(['alpha:8b', 'zeta:8b']);
      noteFigure('sixty days, scripted, ms', Math.round(performance.now() - began));
    },
  );

  /** A busy world: every few days something new, bigger, better, or of somebody who is not on the list. */
  function news(day: number): readonly WorldModel[] {
    if (day % 4 !== 0 || day > 40) return [];
    const coding = 30 + day;
    return [
      good(`g${day}`, 6 + (day % 12), coding),
      { org: 'evil', name: `e${day}`, gib: 5, coding: coding + 20 },
      good(`missing${day}`, 5, coding + 10, { exists: day % 8 !== 0 }),
      good(`big${day}`, 60, coding + 25),
    ];
  }

  it('downloads and deletes nothing where nobody says yes', { timeout: TIMEOUT_MS }, async () => {
    const history = await open({ autonomy: 'ask' });
    const old = good('old', 10, 25);
    history.publish(old);
    history.ollama.store.install('old:8b', history.packageOf(old));
    await expect(
      history.window.pool.adopt({ backend: 'ollama', ollamaName: 'old:8b', hfRepoId: 'good/old', score: 25 }),
    ).resolves.toEqual({ status: 'success' });
    let emitted = 0;
    for (let day = 0; day <= DAYS; day++) {
      history.publish(...news(day));
      emitted += (await history.live(day)).proposalsEmitted;
    }
    expect(emitted).toBeGreaterThan(3);
    expect([history.asked('/api/pull'), history.asked('/api/delete')]).toEqual([[], []]);
    expect([history.pooled, history.ollama.store.names()]).toEqual([['old:8b'], ['old:8b']]);
  });

  it(
    'keeps to the budget and the list where it may act by itself, and comes to rest',
    { timeout: TIMEOUT_MS },
    async () => {
      const began = performance.now();
      const history = await open({ autonomy: 'within-budget', budgetGb: BUDGET_GB });
      const requests = () => [...history.asked('/api/pull'), ...history.asked('/api/delete')].length;
      let atDay50 = 0;
      for (let day = 0; day <= DAYS; day++) {
        history.publish(...news(day));
        // The registry is away for two days in the middle.
        history.ollama.faults.registryDown = day === 24 || day === 25;
        await history.live(day);
        expect(history.window.pool.snapshot().diskUsedGb).toBeLessThanOrEqual(BUDGET_GB);
        if (day === 50) atDay50 = requests();
      }
      const pulls = history.asked('/api/pull');
      // It did something, of the right makers alone, and nothing that the budget has no room for.
      expect(new Set(pulls).size).toBeGreaterThan(4);
      expect(pulls.filter((name) => !/^(?:g|missing)\d+:8b$/.test(name))).toEqual([]);
      expect(history.mostSettledGb).toBeLessThanOrEqual(BUDGET_GB);
      // What came on the last day is there; since then nothing is new, and nobody asks for anything any more.
      const [best] = history.window.pool
        .snapshot()
        .entries.toSorted((a, b) => b.currentScore - a.currentScore);
      expect(best?.ollamaName).toBe('missing36:8b');
      expect([requests(), history.shown.filter((line) => line.startsWith('open'))]).toEqual([atDay50, []]);
      noteFigure('sixty days, within the budget, ms', Math.round(performance.now() - began));
    },
  );
});
