import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_PRIOR, priorsOf } from '../../../src/ranking/prior';
import type { ScoredModel } from '../../../src/ranking/prior';

const YEAR_MS = 365.25 * 24 * 60 * 60 * 1000;
const date = (year: number): number => Date.UTC(2020, 0, 1) + (year - 2020) * YEAR_MS;
const undated = (sizeB: number, scores: readonly number[]): ScoredModel[] =>
  scores.map((score) => ({ sizeB, score, releasedMs: NaN }));

/** Models of many sizes and dates whose odds grow evenly with both, half of them a little better, half a little worse. */
const GROWING: readonly ScoredModel[] = [1, 3, 8, 14, 30, 70, 200].flatMap((sizeB) =>
  [2023, 2024, 2025, 2026].flatMap((year) =>
    [-6, -2, 2, 6].map((off) => ({
      sizeB,
      releasedMs: date(year),
      score: 100 / (1 + Math.exp(-(0.4 * Math.log(sizeB / 14) + 0.9 * (year - 2025)))) + off,
    })),
  ),
);

describe('priorsOf, of models without a date', () => {
  it('is the lower quartile of the size class', () => {
    const { prior, guess } = priorsOf(undated(8, [10, 20, 30, 40, 50, 60, 70, 80, 90]));
    expect(prior(7, NaN)).toBe(30);
    expect(guess(7, date(2026))).toBe(30);
  });

  it('is 30, and no guess, where hardly anything is scored', () => {
    expect(DEFAULT_PRIOR).toBe(30);
    const { prior, guess } = priorsOf(undated(8, [90, 90, 90]));
    expect(prior(8, NaN)).toBe(30);
    expect(guess(8, NaN)).toBeUndefined();
    expect(priorsOf([]).guess(8, date(2026))).toBeUndefined();
  });

  it('never gives a larger model the lower floor', () => {
    const { prior } = priorsOf([...undated(3, Array(9).fill(50)), ...undated(8, Array(9).fill(20))]);
    expect(prior(8, NaN)).toBe(50);
    expect(prior(1, NaN)).toBe(50);
    expect(prior(300, NaN)).toBe(50);
  });
});

describe('priorsOf, of models with a date', () => {
  const { prior } = priorsOf(GROWING);

  it('lies a quartile under what models of that size and date score', () => {
    for (const sizeB of [3, 14, 70])
      for (const year of [2024, 2025, 2026]) {
        const middle = 100 / (1 + Math.exp(-(0.4 * Math.log(sizeB / 14) + 0.9 * (year - 2025))));
        expect(prior(sizeB, date(year))).toBeLessThan(middle);
        expect(prior(sizeB, date(year))).toBeGreaterThan(middle - 10);
      }
  });

  it('is carried no further than to the newest and the largest that are scored', () => {
    expect(prior(14, date(2029))).toBeCloseTo(prior(14, date(2026)), 9);
    expect(prior(5_000, date(2026))).toBeCloseTo(prior(200, date(2026)), 9);
  });

  it('says nothing about dates where fewer than 40 models have one, or newer ones are worse', () => {
    const few = priorsOf(GROWING.slice(0, 39));
    expect(few.prior(8, date(2026))).toBe(few.prior(8, date(2023)));
    const turned = priorsOf(
      GROWING.map((model) => ({ ...model, releasedMs: date(2050) - model.releasedMs + date(2000) })),
    );
    expect(turned.prior(8, date(2023))).toBe(turned.prior(8, date(2026)));
  });

  it('is never less for a larger or a newer model, and always within 0 and 100', () => {
    const model = fc.record({
      sizeB: fc.double({ min: 0.1, max: 2000, noNaN: true }),
      score: fc.double({ min: 0, max: 100, noNaN: true }),
      releasedMs: fc.oneof(fc.constant(NaN), fc.integer({ min: date(2021), max: date(2027) })),
    });
    const size = fc.double({ min: 0.01, max: 1e5, noNaN: true });
    const when = fc.integer({ min: date(2019), max: date(2031) });
    fc.assert(
      fc.property(
        fc.array(model, { minLength: 40, maxLength: 120 }),
        size,
        size,
        when,
        when,
        (models, a, b, early, late) => {
          const { prior: of } = priorsOf(models);
          const less = of(Math.min(a, b), Math.min(early, late));
          const more = of(Math.max(a, b), Math.max(early, late));
          expect(less).toBeGreaterThanOrEqual(0);
          expect(more).toBeLessThanOrEqual(100);
          expect(less).toBeLessThanOrEqual(more + 1e-9);
        },
      ),
    );
  });
});
