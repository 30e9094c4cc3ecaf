import { describe, expect, it } from 'vitest';
import { DEFAULT_PRIOR, priorBySize } from '../../../src/ranking/prior';

describe('priorBySize', () => {
  const scored = (sizeB: number, scores: readonly number[]) => scores.map((score) => ({ sizeB, score }));

  it('is the lower quartile of the size class', () => {
    const prior = priorBySize(scored(8, [10, 20, 30, 40, 50, 60, 70, 80, 90]));
    expect(prior(7)).toBe(30);
  });

  it('is 30 where hardly anything is scored', () => {
    expect(DEFAULT_PRIOR).toBe(30);
    expect(priorBySize(scored(8, [90, 90, 90]))(8)).toBe(30);
  });

  it('never gives a larger model the lower floor', () => {
    const prior = priorBySize([...scored(3, Array(9).fill(50)), ...scored(8, Array(9).fill(20))]);
    expect(prior(8)).toBe(50);
    expect(prior(1)).toBe(50);
    expect(prior(300)).toBe(50);
  });
});
