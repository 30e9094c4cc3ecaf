import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_POINTS_PER_LOG_SIZE,
  inferBySize,
  interpolateBySize,
  seriesKey,
} from '../../../src/ranking/interpolate';

const POINTS = [
  { modelId: 's/m-8B', sizeB: 8, score: 40 },
  { modelId: 's/m-32B', sizeB: 32, score: 60 },
  { modelId: 's/m-70B', sizeB: 70, score: 72 },
];

describe('interpolateBySize', () => {
  it('is linear in the logarithm of the size between scored siblings', () => {
    expect(interpolateBySize(POINTS, 16)).toBeCloseTo(50, 9);
    expect(interpolateBySize(POINTS, 8)).toBeCloseTo(40, 9);
    expect(interpolateBySize(POINTS, 32)).toBeCloseTo(60, 9);
    expect(inferBySize(POINTS, 16)?.from.map(({ modelId }) => modelId)).toEqual(['s/m-8B', 's/m-32B']);
  });

  it('never goes above the largest scored sibling', () => {
    expect(interpolateBySize(POINTS, 200)).toBe(72);
    const worseLargest = [
      { modelId: 'a', sizeB: 8, score: 70 },
      { modelId: 'b', sizeB: 32, score: 50 },
    ];
    expect(interpolateBySize(worseLargest, 9)).toBeLessThanOrEqual(50);
  });

  it('goes on downwards below the smallest sibling, to 0 at most', () => {
    expect(interpolateBySize(POINTS, 4)).toBeCloseTo(30, 9);
    expect(interpolateBySize(POINTS, 0.01)).toBe(0);
    expect(interpolateBySize(POINTS, 0)).toBe(0);
  });

  it('assumes a usual slope below a single sibling and holds its score above it', () => {
    const one = [{ modelId: 'a', sizeB: 32, score: 60 }];
    expect(interpolateBySize(one, 32 / Math.E)).toBeCloseTo(60 - DEFAULT_POINTS_PER_LOG_SIZE, 9);
    expect(interpolateBySize(one, 70)).toBe(60);
  });

  it('does not take its slope from siblings of nearly the same size', () => {
    const twins = [
      { modelId: 'a', sizeB: 30.5, score: 50 },
      { modelId: 'b', sizeB: 30.6, score: 62 },
    ];
    expect(interpolateBySize(twins, 15)).toBeCloseTo(
      50 - DEFAULT_POINTS_PER_LOG_SIZE * Math.log(30.5 / 15),
      9,
    );
  });

  it('has nothing to say without siblings', () => {
    expect(interpolateBySize([], 8)).toBeUndefined();
  });

  it('stays within 0 and the largest sibling for any points', () => {
    const point = fc.record({
      modelId: fc.string(),
      sizeB: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      score: fc.double({ min: 0, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), fc.double(), (points, sizeB) => {
        const sorted = points.sort((a, b) => a.sizeB - b.sizeB);
        const score = interpolateBySize(sorted, sizeB) ?? NaN;
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(sorted[sorted.length - 1]!.score);
      }),
    );
  });
});

describe('seriesKey', () => {
  it('is one for all sizes of a line and apart for other lines', () => {
    expect(seriesKey('Qwen/Qwen3-8B-GGUF')).toBe(seriesKey('Qwen/Qwen3-32B'));
    expect(seriesKey('Qwen/Qwen3-8B')).not.toBe(seriesKey('deepseek-ai/DeepSeek-R1-Distill-Qwen-8B'));
    expect(seriesKey('Qwen/Qwen3-8B')).toContain('qwen3');
  });
});
