import { describe, expect, it } from 'vitest';
import {
  benchmarkKey,
  ELO_AT_0,
  ELO_AT_100,
  linkScales,
  onCommonScale,
} from '../../../src/ranking/linkScales';
import type { ScaleColumn, ScaleLinks } from '../../../src/ranking/linkScales';
import type { RankObservation } from '../../../src/ranking/rankTypes';
import { observation } from '../../fixtures/ranking/builders';

interface ScalePoint {
  readonly modelKey: string;
  readonly benchmarkKey: string;
  readonly observation: RankObservation;
}

/** Links what single figures say, as the index does. */
function linkPoints(figures: readonly ScalePoint[]): ScaleLinks {
  const keys = [...new Set(figures.map((point) => point.benchmarkKey))];
  const models = [...new Set(figures.map((point) => point.modelKey))];
  const columns = keys.map((key): ScaleColumn => {
    const column = figures.filter((point) => point.benchmarkKey === key);
    return {
      key,
      facts: column[0]!.observation,
      models: Uint32Array.from(column, ({ modelKey }) => models.indexOf(modelKey)),
      values: Float64Array.from(column, (point) => point.observation.value),
    };
  });
  return linkScales(columns, models.length);
}

type Column = Partial<RankObservation> & { readonly benchmark: string };

const ARENA: Column = { source: 'lmarena', benchmark: 'Arena text', scale: 'elo' };

/** Points of one benchmark for models m0, m1, ...; `undefined` where a model was not tested. */
function points(column: Column, values: readonly (number | undefined)[]): ScalePoint[] {
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const row = observation(`m${index}`, value, column);
    return [{ modelKey: `m${index}`, benchmarkKey: benchmarkKey(row), observation: row }];
  });
}

const models = Array.from({ length: 12 }, (_, index) => index);
const ratings = models.map((index) => 1000 + 40 * index);

function link(links: ScaleLinks, benchmark: string) {
  return links.links.get(benchmark);
}

describe('linkScales', () => {
  it('makes the arena rating the scale, from 0 at 900 to 100 at 1500', () => {
    const links = linkPoints(points(ARENA, ratings));
    expect(links.anchor).toBe('Arena text');
    expect([ELO_AT_0, ELO_AT_100]).toEqual([900, 1500]);
    expect(onCommonScale(link(links, 'Arena text'), 1200)).toBeCloseTo(50, 9);
    expect(onCommonScale(link(links, 'Arena text'), 800)).toBe(0);
    expect(onCommonScale(link(links, 'Arena text'), 1700)).toBe(100);
  });

  it('links a benchmark exactly where it agrees with the anchor exactly', () => {
    const scores = ratings.map((rating) => (rating - 900) / 10);
    const links = linkPoints([...points(ARENA, ratings), ...points({ benchmark: 'Exam' }, scores)]);
    const exam = link(links, 'Exam');
    expect(exam).toMatchObject({ via: 'direct', sharedModels: 12 });
    expect(exam?.reliability).toBeCloseTo(1, 9);
    expect(onCommonScale(exam, 30)).toBeCloseTo(50, 6);
    expect(onCommonScale(exam, 60)).toBeCloseTo(100, 6);
  });

  it('does not pull the extremes of a noisy benchmark towards the middle', () => {
    // Alternating noise of +-6 points: least squares would flatten the slope, equating keeps mean and spread.
    const scores = models.map((index) => 10 + 4 * index + (index % 2 === 0 ? 6 : -6));
    const links = linkPoints([...points(ARENA, ratings), ...points({ benchmark: 'Noisy' }, scores)]);
    const noisy = link(links, 'Noisy');
    const onScale = scores.map((score) => (noisy?.intercept ?? 0) + (noisy?.slope ?? 0) * score);
    const anchor = ratings.map((rating) => (rating - 900) / 6);
    const spread = (values: readonly number[]): number => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    };
    expect(spread(onScale)).toBeCloseTo(spread(anchor), 6);
    expect(noisy?.reliability).toBeLessThan(0.95);
    expect(noisy?.standardError).toBeGreaterThan(3);
  });

  it('turns a scale on which less is better', () => {
    const ranks = ratings.map((rating) => (1600 - rating) / 100);
    const links = linkPoints([
      ...points(ARENA, ratings),
      ...points({ benchmark: 'Mean rank', scale: 'score', lowerIsBetter: true }, ranks),
    ]);
    expect(onCommonScale(link(links, 'Mean rank'), 4)).toBeCloseTo(50, 6);
    expect(link(links, 'Mean rank')?.slope).toBeLessThan(0);
  });

  it('keeps a benchmark that shares nine models with the scale as evidence only', () => {
    const nine = ratings.map((rating, index) => (index < 9 ? rating / 20 : undefined));
    const ten = ratings.map((rating, index) => (index < 10 ? rating / 20 : undefined));
    const links = linkPoints([
      ...points(ARENA, ratings),
      ...points({ benchmark: 'Nine' }, nine),
      ...points({ benchmark: 'Ten' }, ten),
    ]);
    expect(link(links, 'Nine')).toBeUndefined();
    expect(onCommonScale(link(links, 'Nine'), 50)).toBeUndefined();
    expect(link(links, 'Ten')?.sharedModels).toBe(10);
  });

  it('keeps a benchmark that measures something else as evidence only', () => {
    const unrelated = [50, 90, 10, 60, 40, 95, 5, 55, 45, 88, 12, 51];
    const opposite = ratings.map((rating) => 2000 - rating);
    const flat = ratings.map(() => 50);
    const links = linkPoints([
      ...points(ARENA, ratings),
      ...points({ benchmark: 'Unrelated' }, unrelated),
      ...points({ benchmark: 'Opposite' }, opposite),
      ...points({ benchmark: 'Flat' }, flat),
    ]);
    expect([...links.links.keys()]).toEqual(['Arena text']);
  });

  it('links a new benchmark through others that share models with the anchor', () => {
    const all = Array.from({ length: 24 }, (_, index) => index);
    const oldModels = all.map((index) => (index < 12 ? 1000 + 15 * index : undefined));
    const bridge = all.map((index) => 10 + 2.5 * index);
    const newModels = all.map((index) => (index >= 8 ? 30 + 2 * index : undefined));
    const links = linkPoints([
      ...points(ARENA, oldModels),
      ...points({ benchmark: 'Bridge' }, bridge),
      ...points({ benchmark: 'New' }, newModels),
    ]);
    const newLink = link(links, 'New');
    expect(newLink?.via).toBe('second');
    // Model 16 is 15 rating steps of 6.. above model 0: 1000 + 15 x 16 = 1240.
    expect(onCommonScale(newLink, 30 + 2 * 16)).toBeCloseTo((1240 - 900) / 6, 6);
    expect(newLink?.standardError).toBeGreaterThan(0);
  });

  it("keeps makers' own runs of a benchmark apart from the independent ones", () => {
    const own = ratings.map((rating) => (rating - 700) / 10);
    const independent = ratings.map((rating) => (rating - 900) / 10);
    const links = linkPoints([
      ...points(ARENA, ratings),
      ...points({ benchmark: 'Exam' }, independent),
      ...points({ benchmark: 'Exam', independent: false }, own),
    ]);
    const reported = benchmarkKey(observation('m', 50, { benchmark: 'Exam', independent: false }));
    expect(onCommonScale(links.links.get(reported), 50)).toBeLessThan(
      onCommonScale(link(links, 'Exam'), 50) ?? 0,
    );
  });

  it('takes the independent percentage with the most models where there is no arena', () => {
    const wide = models.map((index) => 20 + 5 * index);
    const links = linkPoints([
      ...points({ benchmark: 'Wide' }, wide),
      ...points(
        { benchmark: 'Narrow' },
        wide.map((score, index) => (index < 11 ? score / 2 : undefined)),
      ),
    ]);
    expect(links.anchor).toBe('Wide');
    expect(onCommonScale(link(links, 'Wide'), 42)).toBe(42);
    expect(onCommonScale(link(links, 'Narrow'), 21)).toBeCloseTo(42, 6);
  });

  it('takes percentages as they are where no benchmark has ten models', () => {
    const links = linkPoints([
      ...points({ benchmark: 'Exam' }, [40, 60]),
      ...points({ benchmark: 'Errors', lowerIsBetter: true }, [30]),
      ...points({ benchmark: 'Opinion', scale: 'score' }, [7]),
      ...points(ARENA, [1200]),
    ]);
    expect(links.anchor).toBeUndefined();
    expect(onCommonScale(link(links, 'Exam'), 60)).toBe(60);
    expect(onCommonScale(link(links, 'Errors'), 30)).toBe(70);
    expect(onCommonScale(link(links, 'Arena text'), 1200)).toBeCloseTo(50, 9);
    expect(link(links, 'Opinion')).toBeUndefined();
  });
});
