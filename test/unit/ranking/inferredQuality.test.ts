import { describe, expect, it } from 'vitest';
import { inferScore, relativesOf } from '../../../src/ranking/inferredQuality';
import type { Relative } from '../../../src/ranking/inferredQuality';
import type { Priors } from '../../../src/ranking/prior';

function model(modelId: string, sizeB: number, changes: Partial<Relative> = {}): Relative {
  return {
    modelId,
    sizeB,
    activeB: undefined,
    releasedMs: NaN,
    series: modelId,
    lineage: undefined,
    ...changes,
  };
}
const qwen = (order: number): Relative['lineage'] => ({ line: 'qwen', order });
const priorsAt = (value: number): Priors => ({ prior: () => value, guess: () => value });
const NOTHING_SCORED = relativesOf([]);

describe('inferScore', () => {
  it('goes by the scored models of the series first, pulled towards the prior, and names them', () => {
    const scored = relativesOf([
      [model('s-8B', 8, { series: 's', lineage: qwen(1) }), 40],
      [model('s-32B', 32, { series: 's', lineage: qwen(1) }), 60],
    ]);
    const inferred = inferScore(model('s-16B', 16, { series: 's', lineage: qwen(2) }), scored, priorsAt(30));
    expect(inferred?.score).toBeCloseTo((50 * 0.5 + 30 * 0.5) / 1, 9);
    expect(inferred).toMatchObject({
      confidence: 'low',
      contributions: [],
      interpolatedFrom: ['s-8B', 's-32B'],
    });
    expect(inferScore(model('s-16B', 16, { series: 's' }), scored, undefined)?.score).toBeCloseTo(50, 9);
  });

  it('never goes above the largest scored sibling, whatever the prior', () => {
    const scored = relativesOf([[model('s-8B', 8, { series: 's' }), 40]]);
    expect(inferScore(model('s-70B', 70, { series: 's' }), scored, priorsAt(90))?.score).toBeLessThanOrEqual(
      40,
    );
  });

  it('is no less than a guess far below its siblings, where their line says little, and no more than the lesser', () => {
    const steep = relativesOf([
      [model('s-20B', 20, { series: 's' }), 40],
      [model('s-32B', 32, { series: 's' }), 60],
    ]);
    const small = model('s-2B', 2, { series: 's' });
    expect(inferScore(small, steep, undefined)?.score).toBe(0);
    expect(inferScore(small, steep, priorsAt(25))?.score).toBe(25);
    expect(inferScore(small, steep, priorsAt(70))?.score).toBe(40);
  });

  it('takes the score of the generation before it at about its size, and says so', () => {
    const scored = relativesOf([
      [model('q1-27B', 27, { lineage: qwen(1) }), 50],
      [model('q2-27B', 27.8, { lineage: qwen(2) }), 70],
      [model('q4-27B', 27, { lineage: qwen(4) }), 90],
    ]);
    const inferred = inferScore(model('q3-27B', 27.8, { lineage: qwen(3) }), scored, priorsAt(30));
    expect(inferred).toMatchObject({ score: 70, confidence: 'low', succeeds: 'q2-27B', interval: [55, 85] });
    expect(inferred).not.toHaveProperty('guessed');
  });

  it('takes the lower where two of that generation are of its size', () => {
    const scored = relativesOf([
      [model('q2-27B', 27, { lineage: qwen(2) }), 70],
      [model('q2-27B-chat', 27, { lineage: qwen(2) }), 62],
    ]);
    expect(inferScore(model('q3-27B', 27, { lineage: qwen(3) }), scored, priorsAt(30))?.score).toBe(62);
  });

  it('takes no dense model for the forerunner of one with experts, nor one of another size or line', () => {
    const scored = relativesOf([
      [model('q2-27B', 27, { lineage: qwen(2) }), 70],
      [model('g2-35B-A3B', 35, { activeB: 3, lineage: { line: 'gemma', order: 1 } }), 70],
    ]);
    const sparse = model('q3-35B-A3B', 35, { activeB: 3, lineage: qwen(3) });
    expect(inferScore(sparse, scored, priorsAt(30))).toMatchObject({ score: 30, guessed: 'size' });
    expect(inferScore(model('q3-9B', 9, { lineage: qwen(3) }), scored, priorsAt(30))?.score).toBe(30);
  });

  it('guesses from size, and date where it is known, where no relative is scored', () => {
    expect(inferScore(model('x', 8), NOTHING_SCORED, priorsAt(30))).toEqual({
      score: 30,
      confidence: 'low',
      contributions: [],
      interval: [10, 50],
      guessed: 'size',
    });
    expect(inferScore(model('x', 8, { releasedMs: 1 }), NOTHING_SCORED, priorsAt(30))?.guessed).toBe(
      'size and date',
    );
  });

  it('has nothing to say where too few models are scored even for a guess, or no guess is wanted', () => {
    const unknown: Priors = { prior: () => 30, guess: () => undefined };
    expect(inferScore(model('x', 8), NOTHING_SCORED, unknown)).toBeUndefined();
    expect(inferScore(model('x', 8), NOTHING_SCORED, undefined)).toBeUndefined();
  });
});
