import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weighObservations } from '../../../src/ranking/merge';
import { PublishedWeigher } from '../../../src/ranking/publishedWeigher';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';

const anyObservation: fc.Arbitrary<RankObservation> = fc
  .record(
    {
      source: fc.constantFrom('lmarena', 'livebench', 'hf-popularity', 'somebody'),
      benchmark: fc.constantFrom('p', 'q', 'r', 's'),
      task: fc.constantFrom('general' as const, 'coding' as const),
      observedAt: fc.constantFrom('2024', '2025-07', '2026-05-01', SNAPSHOT_DATE, 'nonsense'),
      independent: fc.boolean(),
      evidence: fc.constantFrom('direct' as const, 'base' as const, 'self-reported' as const),
      quant: fc.constantFrom('Q4_K_M', 'q8', 'mystery'),
      weak: fc.boolean(),
    },
    { requiredKeys: ['source', 'benchmark', 'task', 'observedAt', 'independent'] },
  )
  .chain((changes) =>
    fc
      .tuple(fc.constantFrom('org/model', 'Org/Model-GGUF'), fc.double({ min: -5, max: 1500, noNaN: true }))
      .map(([modelId, value]) => observation(modelId, value, changes)),
  );

describe('PublishedWeigher', () => {
  it('says to the last bit what weighing the observations of a model says, for it and for each of its builds', () => {
    fc.assert(
      fc.property(
        fc.array(anyObservation, { maxLength: 25 }),
        fc.integer({ min: 0, max: 3 }),
        (observations, lineagePosition) => {
          const index = buildRankIndex(observations);
          const builds = ['Q4_K_M', 'Q8_0', 'Q6_K'].map((quant) =>
            candidate('org/model', 8, { quant, lineagePosition }),
          );
          const [group] = index.prepare(builds).groups;
          const weigher = new PublishedWeigher(index, { rankingDate: SNAPSHOT_DATE });
          const evidence = weigher.weigh(group!);
          expect(evidence.unscored).toBe(0);
          const published = index
            .rowsOf(group?.number)
            .map((row) => row.observation)
            .filter(({ weak }) => weak !== true);
          for (const quant of [undefined, 'Q4_K_M', 'Q8_0', 'Q6_K']) {
            const { contributions, ...expected } = weighObservations({
              observations: published,
              target: { model: 'org/model', ...(quant === undefined ? {} : { quant }) },
              snapshotDate: SNAPSHOT_DATE,
              lineagePosition,
            });
            const sum = (quant === undefined ? undefined : evidence.ofQuant?.get(quant)) ?? evidence.ofModel;
            expect(sum).toEqual(contributions.length === 0 ? undefined : expected);
            expect(weigher.contributions(group!, quant)).toEqual(contributions);
          }
        },
      ),
    );
  });
});
