import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HIGH_CONFIDENCE_RECENCY_FLOOR,
  LOW_CONFIDENCE_WEIGHT_FLOOR,
  mergeBenchmarks,
  PRIOR_WEIGHT,
} from '../../../src/ranking/merge';
import type { MergeInput, MergeObservation } from '../../../src/ranking/merge';
import type { EvidenceGrade, MergedScore } from '../../../src/ranking/rankTypes';
import {
  DEFAULT_SOURCE_WEIGHTS,
  DEFAULT_UNKNOWN_SOURCE_WEIGHT,
  sourceWeight,
} from '../../../src/ranking/sources';
import { monthsBefore, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';

const TARGET = { model: 'Qwen/Qwen3-32B-GGUF', quant: 'Q4_K_M' };

function row(
  value: number,
  evidence: EvidenceGrade,
  changes: Partial<MergeObservation> = {},
): MergeObservation {
  return {
    source: 'open-llm-leaderboard',
    benchmark: 'mmlu',
    value,
    evidence,
    observedAt: SNAPSHOT_DATE,
    ...changes,
  };
}

function merge(observations: readonly MergeObservation[], changes: Partial<MergeInput> = {}): MergedScore {
  return mergeBenchmarks({ observations, target: TARGET, snapshotDate: SNAPSHOT_DATE, ...changes });
}

describe('mergeBenchmarks', () => {
  it('gives nothing for nothing', () => {
    expect(merge([])).toEqual({ score: 0, confidence: 'low', contributions: [], interval: [0, 0] });
  });

  it('is the plain weighted mean of the peers where no prior is given', () => {
    expect(merge([row(80, 'direct')]).score).toBeCloseTo(80, 9);
    expect(merge([row(90, 'direct'), row(10, 'self-reported')]).score).toBeCloseTo(
      (90 + 0.35 * 10) / 1.35,
      9,
    );
  });

  it('pulls towards the prior with the weight of half a perfect observation', () => {
    const { score } = merge([row(80, 'variant')], { prior: 40 });
    expect(PRIOR_WEIGHT).toBe(0.5);
    expect(score).toBeCloseTo((0.85 * 80 + 0.5 * 40) / 1.35, 9);
  });

  it('never lifts a model above what it was seen to do', () => {
    expect(merge([row(20, 'self-reported')], { prior: 60 }).score).toBeCloseTo(20, 9);
  });

  it('weighs evidence times recency times source, and shows each', () => {
    const { contributions } = merge([
      row(80, 'base', { observedAt: monthsBefore(9), source: 'hf-popularity' }),
    ]);
    expect(contributions).toHaveLength(1);
    expect(contributions[0]).toMatchObject({
      grade: 'base',
      evidenceConfidence: 0.7,
      recencyWeight: 0.5,
      sourceWeight: 0.25,
      normalisedValue: 80,
      value: 80,
      independent: true,
    });
    expect(contributions[0]!.combinedWeight).toBeCloseTo(0.7 * 0.5 * 0.25, 12);
  });

  it('grades an observation without a grade of its own, and what a maker reported as self-reported', () => {
    const ungraded: MergeObservation = { ...row(80, 'direct'), evidence: undefined };
    const gradeOf = (changes: Partial<MergeObservation>): EvidenceGrade | undefined =>
      merge([{ ...ungraded, ...changes }]).contributions[0]?.grade;
    expect(gradeOf({ hfRepoId: 'Qwen/Qwen3-32B', quant: 'q4' })).toBe('direct');
    expect(gradeOf({ hfRepoId: 'Qwen/Qwen3-32B' })).toBe('variant');
    expect(gradeOf({ hfRepoId: 'Qwen/Qwen3-14B' })).toBe('base');
    expect(gradeOf({ hfRepoId: 'Qwen/Qwen3-32B', quant: 'q4', independent: false })).toBe('self-reported');
  });

  it('is of high confidence only with a fresh, direct observation of some weight', () => {
    expect([HIGH_CONFIDENCE_RECENCY_FLOOR, LOW_CONFIDENCE_WEIGHT_FLOOR]).toEqual([0.8, 0.3]);
    expect(merge([row(80, 'direct')]).confidence).toBe('high');
    expect(merge([row(80, 'direct', { observedAt: monthsBefore(4) })]).confidence).toBe('medium');
    expect(merge([row(80, 'base')]).confidence).toBe('medium');
    expect(merge([row(80, 'direct', { observedAt: monthsBefore(36) })]).confidence).toBe('low');
    expect(merge([row(70, 'interpolated'), row(65, 'self-reported')]).confidence).toBe('low');
  });

  it('is of medium confidence where observations that are each too weak weigh enough together', () => {
    const weak = (source: string, changes: Partial<MergeObservation> = {}): MergeObservation =>
      row(80, 'variant', { source, observedAt: monthsBefore(18), ...changes });
    expect(merge([weak('lmarena')]).confidence).toBe('low');
    expect(merge([weak('lmarena'), weak('livebench')]).confidence).toBe('medium');
    // Columns of one source share its voice, and guesses and own figures do not add up to evidence.
    const share = { share: 0.5 };
    expect(merge([weak('lmarena', share), weak('lmarena', { ...share, benchmark: 'b' })]).confidence).toBe(
      'low',
    );
    const boasts = ['a', 'b', 'c', 'd'].map((source) => weak(source, { evidence: 'self-reported' }));
    expect(merge([weak('lmarena'), ...boasts]).confidence).toBe('low');
  });

  it('gives a source of weight zero no say', () => {
    const { score, confidence } = merge([row(80, 'direct')], {
      sourceWeights: { 'open-llm-leaderboard': 0 },
    });
    expect([score, confidence]).toEqual([0, 'low']);
  });

  it('knows the source weights of the peers, and 0.5 for the rest', () => {
    expect(DEFAULT_SOURCE_WEIGHTS['open-llm-leaderboard']).toBe(1);
    expect(DEFAULT_SOURCE_WEIGHTS['hf-popularity']).toBe(0.25);
    expect(DEFAULT_UNKNOWN_SOURCE_WEIGHT).toBe(0.5);
    expect(sourceWeight('somebody')).toBe(0.5);
    expect(sourceWeight('constructor')).toBe(0.5);
    expect(sourceWeight('a', { a: NaN })).toBe(0);
  });

  it('widens the interval as evidence thins', () => {
    const width = ({ interval: [low, high] }: MergedScore): number => high - low;
    const one = merge([row(60, 'variant')], { prior: 40 });
    const two = merge([row(60, 'variant'), row(60, 'variant', { source: 'livebench' })], { prior: 40 });
    expect(width(two)).toBeLessThan(width(one));
    expect(one.interval[0]).toBeLessThan(one.score);
    expect(one.interval[1]).toBeGreaterThan(one.score);
  });

  const grades = ['direct', 'variant', 'base', 'interpolated', 'self-reported'] as const;
  const value = fc.double({ min: 0, max: 100, noNaN: true });
  const prior = fc.option(value, { nil: undefined });
  const months = fc.double({ min: 0, max: 120, noNaN: true });

  it('never scores the same value higher for being observed earlier or graded weaker', () => {
    const grade = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(value, prior, months, months, grade, grade, (x, p, a, b, g, h) => {
        const scoreOf = (age: number, rank: number): number =>
          merge(
            [row(x, grades[rank]!, { observedAt: monthsBefore(age) })],
            p === undefined ? {} : { prior: p },
          ).score;
        const weaker = scoreOf(Math.max(a, b), Math.max(g, h));
        expect(weaker).toBeLessThanOrEqual(scoreOf(Math.min(a, b), Math.min(g, h)) + 1e-9);
      }),
    );
  });

  it('never scores lower for a better value', () => {
    fc.assert(
      fc.property(value, value, value, prior, (other, a, b, p) => {
        const scoreOf = (x: number): number =>
          merge([row(x, 'variant'), row(other, 'base', { source: 'x' })], p === undefined ? {} : { prior: p })
            .score;
        expect(scoreOf(Math.max(a, b))).toBeGreaterThanOrEqual(scoreOf(Math.min(a, b)) - 1e-9);
      }),
    );
  });

  it('does not depend on the order of the observations, to the last bit', () => {
    const rows = fc.array(
      fc.record({
        value,
        evidence: fc.constantFrom(...grades),
        source: fc.constantFrom('livebench', 'lmarena', 'x'),
        benchmark: fc.constantFrom('a', 'b', 'c'),
        observedAt: fc.constantFrom('2025', '2026-01', '2026-05-01'),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(rows, prior, (observations, p) => {
        const changes = p === undefined ? {} : { prior: p };
        expect(merge([...observations].reverse(), changes)).toEqual(merge(observations, changes));
      }),
    );
  });

  it('gives finite numbers between 0 and 100 for any input', () => {
    const any = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    const rows = fc.array(
      fc.record({
        value: any,
        source: fc.string(),
        benchmark: fc.string(),
        observedAt: fc.string(),
        normalisedValue: any,
        share: any,
        relevance: any,
      }),
    );
    fc.assert(
      fc.property(rows, any, any, (observations, p, lineagePosition) => {
        const merged = merge(observations, { prior: p, lineagePosition });
        for (const number of [merged.score, ...merged.interval]) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
