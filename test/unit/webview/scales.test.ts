import { describe, expect, it } from 'vitest';
import { scoreFraction, shareOf, speedBand, speedFraction } from '../../../webview-ui/scales';

describe('speed', () => {
  it.each([
    [0, 'poor'],
    [3.99, 'poor'],
    [4, 'slow'],
    [9.99, 'slow'],
    [10, 'usable'],
    [30, 'usable'],
    [30.1, 'fast'],
  ])('of %d tok/s is %s', (tokPerSec, band) => {
    expect(speedBand(tokPerSec)).toBe(band);
  });

  it('doubles by the same length everywhere on the bar', () => {
    const step = (from: number) => speedFraction(from * 2) - speedFraction(from);
    expect(step(5)).toBeCloseTo(step(50), 10);
  });

  it('stays on the bar whatever the value', () => {
    expect(speedFraction(0)).toBe(0);
    expect(speedFraction(-3)).toBe(0);
    expect(speedFraction(Number.NaN)).toBe(0);
    expect(speedFraction(0.2)).toBe(0);
    expect(speedFraction(1e9)).toBe(1);
  });
});

describe('scores and shares', () => {
  it('are held between the ends of the bar', () => {
    expect(scoreFraction(64.2)).toBeCloseTo(0.642);
    expect(scoreFraction(140)).toBe(1);
    expect(scoreFraction(-1)).toBe(0);
    expect(shareOf(3, 4)).toBe(0.75);
    expect(shareOf(3, 0)).toBe(0);
  });
});
