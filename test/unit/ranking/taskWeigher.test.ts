import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weighObservations } from '../../../src/ranking/merge';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import { rankSettings } from '../../../src/ranking/rankSettings';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { evidenceForTask } from '../../../src/ranking/taskEvidence';
import { TaskWeigher } from '../../../src/ranking/taskWeigher';
import { TASKS } from '../../../src/shared/settings';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';
import { RTX_4090 } from '../../fixtures/ranking/machines';

const anyObservation: fc.Arbitrary<RankObservation> = fc
  .record(
    {
      source: fc.constantFrom('lmarena', 'livebench', 'hf-popularity', 'somebody'),
      benchmark: fc.constantFrom('p', 'q', 'r', 's'),
      task: fc.constantFrom('general' as const, 'coding' as const, 'math' as const, 'vision' as const),
      observedAt: fc.constantFrom('2024', '2025-07', '2026-05-01', SNAPSHOT_DATE, 'nonsense'),
      independent: fc.boolean(),
      thinking: fc.boolean(),
      evidence: fc.constantFrom('direct' as const, 'base' as const, 'interpolated' as const),
      quant: fc.constantFrom('Q4_K_M', 'q8', 'mystery'),
      weak: fc.boolean(),
    },
    { requiredKeys: ['source', 'benchmark', 'task', 'observedAt', 'independent'] },
  )
  .chain((changes) =>
    fc.double({ min: 0, max: 100, noNaN: true }).map((value) => observation('org/model', value, changes)),
  );

describe('TaskWeigher', () => {
  it('says of a model and of each of its builds what weighing its single observations says', () => {
    fc.assert(
      fc.property(
        fc.array(anyObservation, { maxLength: 25 }),
        fc.constantFrom(...TASKS),
        fc.integer({ min: 0, max: 3 }),
        (observations, task, lineagePosition) => {
          const index = buildRankIndex(observations);
          const settings = rankSettings({
            hardware: RTX_4090,
            snapshot: { generatedAt: SNAPSHOT_DATE, observations: [] },
            options: { task },
          });
          const builds = ['Q4_K_M', 'Q8_0', 'Q6_K'].map((quant) =>
            candidate('org/model', 8, { quant, lineagePosition }),
          );
          const [group] = index.prepare(builds).groups;
          const weigher = new TaskWeigher(index, settings);
          const evidence = weigher.weigh(group!);
          const single = evidenceForTask(index.rowsOf(group?.number), settings.profile);
          expect(evidence.unscored).toBe(single.unscored);
          for (const quant of [undefined, 'Q4_K_M', 'Q8_0', 'Q6_K']) {
            const sum = (quant === undefined ? undefined : evidence.ofQuant?.get(quant)) ?? evidence.ofModel;
            const expected = weighObservations({
              observations: single.observations,
              target: { model: 'org/model', ...(quant === undefined ? {} : { quant }) },
              snapshotDate: SNAPSHOT_DATE,
              lineagePosition,
            });
            expect(sum === undefined).toBe(expected.contributions.length === 0);
            if (sum === undefined) continue;
            const { totalWeight, mean, squaredErrors, contributions, ...rest } = expected;
            expect(sum).toMatchObject(rest);
            expect(sum.totalWeight).toBeCloseTo(totalWeight, 9);
            expect(sum.mean).toBeCloseTo(mean, 9);
            expect(sum.squaredErrors).toBeCloseTo(squaredErrors, 9);
            expect(weigher.contributions(group!, quant)).toEqual(contributions);
          }
        },
      ),
    );
  });
});
