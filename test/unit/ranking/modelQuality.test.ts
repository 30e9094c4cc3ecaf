import { describe, expect, it } from 'vitest';
import { rankModels } from '../../../src/ranking/rank';
import type { RankCandidate, RankedModel, RankObservation } from '../../../src/ranking/rankTypes';
import { candidate, observation, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';
import { RTX_4090 } from '../../fixtures/ranking/machines';

/** Eight scored models of 8B and eight of 27B, enough for a guess about others of their sizes. */
const OTHERS = [8, 27].flatMap((sizeB) =>
  Array.from({ length: 8 }, (_, index) => ({
    candidate: candidate(`other/m${index}-${sizeB}B`, sizeB),
    observation: observation(`other/m${index}-${sizeB}B`, sizeB + 20 + 4 * index),
  })),
);

function rows(
  candidates: readonly RankCandidate[],
  observations: readonly RankObservation[],
): ReadonlyMap<string, RankedModel> {
  const { models } = rankModels({
    candidates: [...OTHERS.map((other) => other.candidate), ...candidates],
    hardware: RTX_4090,
    snapshot: {
      generatedAt: SNAPSHOT_DATE,
      observations: [...OTHERS.map((other) => other.observation), ...observations],
    },
  });
  return new Map(models.map((row) => [row.modelId, row]));
}

describe('a model without results of its own', () => {
  it('is guessed from its size, lowly, and marked, where no relative is scored', () => {
    const row = rows([candidate('new/thing-27B', 27)], []).get('new/thing-27B');
    expect(row?.benchmarkScore).toMatchObject({ guessed: 'size', confidence: 'low', contributions: [] });
    expect(row?.evidence).toBe('interpolated');
    expect(row?.score).toBeGreaterThan(0);
    // The lower quartile of its class, never what the middle of it reaches.
    expect(row?.quality).toBeCloseTo(27 + 20 + 4, 0);
  });

  it('never stands above a model of its size with an average result of its own', () => {
    const all = rows([candidate('new/thing-27B', 27)], []);
    expect(all.get('new/thing-27B')?.score).toBeLessThan(all.get('other/m4-27B')?.score ?? 0);
  });

  it('is given the score of the generation before it, which most surpass', () => {
    const line = (modelId: string, order: number): RankCandidate =>
      candidate(modelId, 27, { lineage: { line: 'q', order } });
    const all = rows([line('q/old-27B', 1), line('q/new-27B', 2)], [observation('q/old-27B', 70)]);
    expect(all.get('q/new-27B')?.benchmarkScore).toMatchObject({ succeeds: 'q/old-27B', confidence: 'low' });
    expect(all.get('q/new-27B')?.quality).toBe(all.get('q/old-27B')?.quality);
    expect(all.get('q/new-27B')?.score).toBeLessThan(all.get('q/old-27B')?.score ?? 0);
  });

  it('has score 0 where nothing at all is scored', () => {
    const { models } = rankModels({
      candidates: [candidate('new/thing-27B', 27)],
      hardware: RTX_4090,
      snapshot: { generatedAt: SNAPSHOT_DATE, observations: [] },
    });
    expect(models[0]).toMatchObject({ score: 0, quality: 0, evidence: 'interpolated' });
  });

  it("is not guessed by the peers' way of scoring", () => {
    const { models } = rankModels({
      candidates: [...OTHERS.map((other) => other.candidate), candidate('new/thing-27B', 27)],
      hardware: RTX_4090,
      snapshot: { generatedAt: SNAPSHOT_DATE, observations: OTHERS.map((other) => other.observation) },
      options: { compat: true },
    });
    expect(models.find(({ modelId }) => modelId === 'new/thing-27B')?.score).toBe(0);
  });
});

describe('what a model can be expected to score', () => {
  it("is no higher for makers' own figures of other models", () => {
    const own = Array.from({ length: 30 }, (_, index) => `boast/m${index}-27B`);
    const guessed = (observations: readonly RankObservation[]): number | undefined =>
      rows(
        [candidate('new/thing-27B', 27), ...own.map((modelId) => candidate(modelId, 27))],
        observations,
      ).get('new/thing-27B')?.quality;
    expect(guessed(own.map((modelId) => observation(modelId, 99, { independent: false })))).toBe(guessed([]));
  });
});

describe('a later table of the rating that is the scale', () => {
  const arena = (modelId: string, rating: number, changes: Partial<RankObservation>): RankObservation =>
    observation(modelId, rating, { source: 'lmarena', scale: 'elo', ...changes });
  const wide = Array.from({ length: 12 }, (_, index) =>
    arena(`a/m${index}`, 1000 + 40 * index, { benchmark: 'Arena text 2025-12' }),
  );
  /** What the results of a model are worth on the common scale; none where they are evidence only. */
  const scaled = (observations: readonly RankObservation[], modelId: string): readonly number[] => {
    const { models } = rankModels({
      candidates: [candidate(modelId, 8)],
      hardware: RTX_4090,
      snapshot: { generatedAt: SNAPSHOT_DATE, observations: [...wide, ...observations] },
      options: { task: 'coding' },
    });
    return models[0]?.benchmarkScore.contributions.map(({ normalisedValue }) => normalisedValue) ?? [];
  };

  it('is on the same scale, however few models it has', () => {
    const [value] = scaled([arena('b/new', 1320, { benchmark: 'Arena text 2026-04' })], 'b/new');
    expect(value).toBeCloseTo(70, 9);
  });

  it('is not when it rates something else, or somebody else made it', () => {
    expect(scaled([arena('b/new', 1320, { benchmark: 'Arena code', task: 'coding' })], 'b/new')).toEqual([]);
    expect(scaled([arena('b/new', 1320, { benchmark: 'x', source: 'other' })], 'b/new')).toEqual([]);
  });

  it('brings models that only it knows into the links of other benchmarks', () => {
    const exam = (modelId: string, value: number): RankObservation =>
      observation(modelId, value, { source: 'exam', benchmark: 'Exam' });
    const later = Array.from({ length: 3 }, (_, index) => [
      arena(`b/m${index}`, 1400 + index, { benchmark: 'Arena text 2026-04' }),
      exam(`b/m${index}`, 80 + index),
    ]).flat();
    const exams = [
      ...wide.slice(0, 8).map(({ hfRepoId }, index) => exam(hfRepoId, 40 + 4 * index)),
      exam('c/new', 60),
    ];
    // Eight models are shared with the wide table alone, which is too few to link, eleven with both.
    expect(scaled(exams, 'c/new')).toEqual([]);
    expect(scaled([...exams, ...later], 'c/new')).toHaveLength(1);
  });
});
