import { beforeAll, describe, expect, it } from 'vitest';
import type { RankedModel, RankHardware } from '../../../src/ranking/rankTypes';
import { TASKS } from '../../../src/shared/settings';
import { RTX_4090 } from '../../fixtures/ranking/machines';
import { ReferenceRankings } from '../../support/referenceRankings';

/** Everything fits here, so that every model has a row. */
const ANYTHING_FITS: RankHardware = { platform: 'nvidia', vramGb: 1e5, ramGb: 1e5, bandwidthGbps: 1e5 };

let rankings: ReferenceRankings;

beforeAll(async () => {
  rankings = await ReferenceRankings.load();
});

describe('the ranking of the models that ship', () => {
  it('puts at least five independent families of scores on one scale', () => {
    const linked = new Set<string>();
    for (const { benchmarkScore } of rankings.rank(ANYTHING_FITS, 'general'))
      for (const { source, independent, combinedWeight } of benchmarkScore.contributions)
        if (independent && combinedWeight > 0) linked.add(source);
    for (const source of ['lmarena', 'livebench', 'euroeval', 'open-llm-leaderboard', 'bigcodebench'])
      expect([...linked]).toContain(source);
    // Agreement with faithfulness in summaries is negative on the shared models: no measure of quality.
    expect([...linked]).not.toContain('vectara-hhem');
  });

  it('has something to say about every chat model, and says so where it only guesses', () => {
    for (const task of TASKS) {
      const rows = rankings.rank(ANYTHING_FITS, task);
      for (const { name, benchmarkScore } of rows) {
        const counted = benchmarkScore.contributions.some(({ combinedWeight }) => combinedWeight > 0);
        const { interpolatedFrom, succeeds, guessed } = benchmarkScore;
        const kinds = [
          counted,
          interpolatedFrom !== undefined,
          succeeds !== undefined,
          guessed !== undefined,
        ];
        expect(kinds.filter(Boolean), name).toHaveLength(1);
        if (!counted) expect(benchmarkScore.confidence, name).toBe('low');
      }
    }
  });

  it('never puts a model above a newer one of its line and size that is at least as good, on as good evidence', () => {
    const grade = { high: 2, medium: 1, low: 0 };
    const placed = rankings.rank(RTX_4090, 'general').flatMap((row, place) => {
      const line = rankings.placeOf(row);
      return line === undefined || row.fit !== 'gpu' ? [] : [{ row, place, line }];
    });
    const isBetter = (newer: RankedModel, older: RankedModel): boolean =>
      newer.quality > older.quality &&
      newer.quant === older.quant &&
      grade[newer.benchmarkScore.confidence] >= grade[older.benchmarkScore.confidence];
    for (const older of placed)
      for (const newer of placed) {
        const sameSize = newer.row.sizeB === older.row.sizeB && newer.row.activeB === older.row.activeB;
        if (newer.line.line !== older.line.line || newer.line.order <= older.line.order || !sameSize)
          continue;
        if (isBetter(newer.row, older.row))
          expect(newer.place, `${newer.row.name} under ${older.row.name}`).toBeLessThan(older.place);
      }
  });
});
