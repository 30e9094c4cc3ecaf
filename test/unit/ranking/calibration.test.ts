import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateHost } from '../../../src/ranking/calibration';
import type { CalibrationPair, Placement } from '../../../src/ranking/calibration';

function pair(ratio: number, placement: Placement = 'accelerator', estimatedTokPerSec = 40): CalibrationPair {
  return { placement, estimatedTokPerSec, measuredTokPerSec: estimatedTokPerSec * ratio };
}

function factorOf(...ratios: readonly number[]): number {
  return calibrateHost(ratios.map((ratio) => pair(ratio))).accelerator?.factor ?? NaN;
}

const ratio = fc.double({ min: 0.02, max: 50, noNaN: true });
const ratios = fc.array(ratio, { minLength: 1, maxLength: 12 });
const pairs = fc.array(
  fc.record({
    placement: fc.constantFrom<Placement>('accelerator', 'system'),
    estimatedTokPerSec: fc.double(),
    measuredTokPerSec: fc.double(),
  }),
  { maxLength: 12 },
);

describe('the factor of a machine', () => {
  it('is not there before anything was measured', () => {
    expect(calibrateHost([])).toEqual({ rows: [], errorBefore: null, errorAfter: null });
  });

  it('follows the measurements the more of them agree', () => {
    const factors = [1, 2, 5, 20, 500].map((count) => factorOf(...Array<number>(count).fill(0.5)));
    expect(factors).toEqual(factors.toSorted((a, b) => b - a));
    expect(factors[0]).toBeCloseTo(0.5 ** (1 / 2), 9);
    expect(factors[2]).toBeCloseTo(0.5 ** (5 / 6), 9);
    expect(factors[4]).toBeCloseTo(0.5, 2);
  });

  it('lies between 1 and the ratios, whatever they are', () => {
    fc.assert(
      fc.property(ratios, (some) => {
        const factor = factorOf(...some);
        expect(factor).toBeGreaterThanOrEqual(Math.min(1, ...some) - 1e-9);
        expect(factor).toBeLessThanOrEqual(Math.max(1, ...some) + 1e-9);
        expect(factor).toBeGreaterThanOrEqual(0.25 - 1e-9);
        expect(factor).toBeLessThanOrEqual(4 + 1e-9);
      }),
    );
  });

  it('is the same in whatever order they come, and the mirror of it for the inverse ratios', () => {
    fc.assert(
      fc.property(ratios, (some) => {
        expect(factorOf(...some.toReversed())).toBe(factorOf(...some));
        expect(factorOf(...some.map((one) => 1 / one)) * factorOf(...some)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('grows when any ratio does', () => {
    fc.assert(
      fc.property(ratios, fc.nat(), fc.double({ min: 1, max: 3, noNaN: true }), (some, at, more) => {
        const raised = some.map((one, index) => (index === at % some.length ? one * more : one));
        expect(factorOf(...raised)).toBeGreaterThanOrEqual(factorOf(...some) - 1e-12);
      }),
    );
  });

  it('is not moved by one wrong measurement beyond what the others say', () => {
    const alike = [0.88, 0.9, 0.92, 0.94];
    for (const wrong of [0.01, 0.5, 2, 100]) {
      // Shrunk, so between the middle of the others and 1.
      expect(factorOf(...alike, wrong)).toBeGreaterThan(0.9);
      expect(factorOf(...alike, wrong)).toBeLessThan(0.96);
    }
  });

  it('of accelerators and of system memory are learned apart', () => {
    const { accelerator, system } = calibrateHost([
      pair(0.8),
      pair(0.8),
      pair(2, 'system'),
      pair(2, 'system'),
      pair(2, 'system'),
    ]);
    expect(accelerator?.measurements).toBe(2);
    expect(accelerator?.factor).toBeLessThan(1);
    expect(system?.measurements).toBe(3);
    expect(system?.factor).toBeGreaterThan(1.5);
    expect(calibrateHost([pair(0.8)]).system).toBeUndefined();
  });

  it('narrows the range of the others, ever less', () => {
    const shares = [1, 2, 5, 20, 1_000].map(
      (count) => calibrateHost(Array.from({ length: count }, () => pair(0.9))).accelerator?.rangeShare ?? NaN,
    );
    expect(shares).toEqual(shares.toSorted((a, b) => b - a));
    expect(shares[0]).toBeCloseTo(Math.sqrt(3 / 4), 9);
    expect(shares[4]).toBeCloseTo(Math.sqrt(1 / 2), 3);
  });

  it('is a number for every input, and what is no rate teaches nothing', () => {
    fc.assert(
      fc.property(pairs, (some) => {
        const { accelerator, system, rows, errorBefore, errorAfter } = calibrateHost(some);
        const numbers = [accelerator, system].flatMap((one) => (one ? [one.factor, one.rangeShare] : []));
        expect(numbers.filter((one) => !(one > 0 && Number.isFinite(one)))).toEqual([]);
        expect(rows.every((row) => row.calibratedTokPerSec >= 0)).toBe(true);
        expect([errorBefore, errorAfter].some(Number.isNaN)).toBe(false);
      }),
    );
    const nothing = [
      { ...pair(1), measuredTokPerSec: 0 },
      { ...pair(1), estimatedTokPerSec: 0 },
      { ...pair(1), estimatedTokPerSec: -40, measuredTokPerSec: -40 },
    ];
    expect(calibrateHost(nothing).rows).toEqual([]);
  });
});

describe('the error after calibration', () => {
  it('is that of each model by the others alone, so that a measurement does not explain itself', () => {
    const { rows, errorAfter } = calibrateHost([pair(0.5), pair(0.5), pair(1)]);
    expect(rows.map(({ calibratedTokPerSec }) => calibratedTokPerSec / 40)).toEqual([
      expect.closeTo(0.5 ** (0.5 * (2 / 3)), 9),
      expect.closeTo(0.5 ** (0.5 * (2 / 3)), 9),
      expect.closeTo(0.5 ** (2 / 3), 9),
    ]);
    expect(errorAfter).toBeCloseTo(2 ** (2 / 3) - 1, 9);
  });

  it('falls where the measurements agree', () => {
    const { errorBefore, errorAfter } = calibrateHost([0.78, 0.8, 0.82, 0.81, 0.79].map((one) => pair(one)));
    expect(errorBefore).toBeCloseTo(0.25, 2);
    expect(errorAfter).toBeLessThan(0.1);
  });

  it('is not known of one measurement, nor of one of each kind', () => {
    const { errorBefore, errorAfter } = calibrateHost([pair(0.8)]);
    expect(errorBefore).toBeCloseTo(0.25, 6);
    expect(errorAfter).toBeNull();
    expect(calibrateHost([pair(0.8), pair(0.8, 'system')]).errorAfter).toBeNull();
  });

  it('is counted over the same models as the error before', () => {
    const { errorBefore } = calibrateHost([pair(0.8), pair(0.8), pair(10, 'system')]);
    expect(errorBefore).toBeCloseTo(0.25, 6);
  });
});
