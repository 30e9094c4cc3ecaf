import { describe, expect, it } from 'vitest';
import { rankModels } from '../../../src/ranking/rank';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankInput } from '../../../src/ranking/rankTypes';
import { rankingInput, SHAPES } from '../../bench/ranking/rankingInput';
import { RTX_4090 } from '../../fixtures/ranking/machines';

/** The same objects, and how often anything of them is read: unlike time, the same on every machine. */
function counted<T extends object>(
  items: readonly T[],
): { readonly items: readonly T[]; readonly reads: () => number } {
  let reads = 0;
  const watched = items.map(
    (item) =>
      new Proxy(item, {
        get: (target, key): unknown => {
          reads += 1;
          return Reflect.get(target, key);
        },
      }),
  );
  return { items: watched, reads: () => reads };
}

/** Reads per observation and candidate: while preparing, in a first ranking and in a second one. */
function readsOf(builds: number, shape: keyof typeof SHAPES) {
  const made = rankingInput(builds, SHAPES[shape]);
  const observations = counted(made.snapshot.observations);
  const candidates = counted(made.candidates);
  const input: RankInput = {
    candidates: candidates.items,
    snapshot: { ...made.snapshot, observations: observations.items },
    hardware: RTX_4090,
    options: { includeUnfit: true },
  };
  const index = buildRankIndex(observations.items);
  const preparing = observations.reads() / observations.items.length;
  const { models } = rankModels(input, index);
  const first = candidates.reads() / builds;
  rankModels(input, index);
  const again = candidates.reads() / builds - first;
  return { preparing, first, again, observations, models };
}

describe.each(['usual', 'one series', 'eight quants per repo', 'one benchmark'] as const)(
  'the work of a ranking (%s)',
  (shape) => {
    const small = readsOf(250, shape);
    const large = readsOf(2_000, shape);

    it('grows with the number of builds and results, not faster', () => {
      for (const key of ['preparing', 'first', 'again'] as const)
        expect(large[key], key).toBeLessThan(small[key] * 1.2);
    });

    it('reads each result a few times while it is prepared, and none of them to rank', () => {
      expect(large.preparing).toBeLessThan(30);
      expect(large.observations.reads()).toBe(large.preparing * large.observations.items.length);
    });

    it('does not group the same candidates again', () => {
      expect(large.again).toBeLessThan(large.first);
    });

    it('makes contributions and the fit at other contexts for the rows that are looked at', () => {
      const before = large.observations.reads();
      const [row] = large.models;
      expect(row?.benchmarkScore.contributions.length).toBeGreaterThan(0);
      expect(row?.fitByContext.length).toBeGreaterThan(0);
      const read = large.observations.reads() - before;
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(large.observations.items.length);
      // Once they are made they stay.
      expect(row?.benchmarkScore.contributions).toBe(row?.benchmarkScore.contributions);
      expect(row?.fitByContext).toBe(row?.fitByContext);
    });
  },
);

describe('a ranking with an index that it was not prepared with', () => {
  it('groups other candidates, also where an array was changed', () => {
    const { candidates, snapshot } = rankingInput(20, SHAPES.usual);
    const index = buildRankIndex(snapshot.observations);
    const changing = [...candidates];
    const rank = () =>
      rankModels(
        { candidates: changing, snapshot, hardware: RTX_4090, options: { includeUnfit: true } },
        index,
      ).models.length;
    expect(rank()).toBe(20);
    changing.pop();
    expect(rank()).toBe(19);
    changing[0] = { ...candidates[19]!, hfRepoId: candidates[1]!.hfRepoId };
    expect(rank()).toBe(18);
  });
});
