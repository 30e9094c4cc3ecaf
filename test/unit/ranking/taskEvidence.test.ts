import { describe, expect, it } from 'vitest';
import { buildRankIndex } from '../../../src/ranking/rankIndex';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { evidenceForTask } from '../../../src/ranking/taskEvidence';
import { TASK_PROFILES } from '../../../src/ranking/tasks';
import { observation } from '../../fixtures/ranking/builders';

describe('evidenceForTask', () => {
  const rowsOf = (rows: readonly RankObservation[]) => {
    const index = buildRankIndex(rows);
    return index.rowsOf(index.numberOf('org/model'));
  };

  it('lets a source with many columns speak once', () => {
    const rows = rowsOf([
      observation('org/model', 60, { benchmark: 'a' }),
      observation('org/model', 62, { benchmark: 'b' }),
      observation('org/model', 64, { benchmark: 'c', task: 'coding' }),
      observation('org/model', 70, { benchmark: 'd', source: 'other' }),
    ]);
    const { observations } = evidenceForTask(rows, TASK_PROFILES.general);
    const shares = new Map<string, number>();
    for (const { source, share = 0 } of observations) shares.set(source, (shares.get(source) ?? 0) + share);
    expect(shares.get('livebench')).toBeCloseTo(1, 12);
    expect(shares.get('other')).toBe(1);
    const shareOf = (benchmark: string) =>
      observations.find((row) => row.benchmark === benchmark)?.share ?? 0;
    expect(shareOf('a')).toBeGreaterThan(shareOf('c'));
  });

  it("treats all makers' reports as one voice", () => {
    const rows = rowsOf([
      observation('org/model', 60, { independent: false, source: 'reported-a', benchmark: 'a' }),
      observation('org/model', 62, { independent: false, source: 'reported-b', benchmark: 'b' }),
    ]);
    const { observations } = evidenceForTask(rows, TASK_PROFILES.general);
    expect(observations.reduce((sum, { share = 0 }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('counts results of other tasks less, and says how many cannot be compared', () => {
    const rows = rowsOf([
      observation('org/model', 60, { benchmark: 'general' }),
      observation('org/model', 7, { benchmark: 'opinion', scale: 'score' }),
    ]);
    const coding = evidenceForTask(rows, TASK_PROFILES.coding);
    expect(coding.observations[0]?.relevance).toBe(0.4);
    expect(coding.unscored).toBe(1);
    expect(evidenceForTask(rows, TASK_PROFILES.general).observations[0]?.relevance).toBe(1);
  });
});
