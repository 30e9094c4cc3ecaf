import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measurementThatCounts, type ComparedMeasurement } from '../../../src/ranking/measuredRates';
import type { Measurement } from '../../../src/shared/modelRef';

/** On a given hour, beside an estimate of 40 tok/s unless told otherwise. */
function measured(
  hour: number,
  decodeTokPerSec: number,
  from: Measurement['from'] = 'dispatch',
  estimatedTokPerSec = 40,
): ComparedMeasurement {
  const measuredAt = new Date(Date.UTC(2026, 10, 21, hour)).toISOString();
  return {
    estimatedTokPerSec,
    measurement: {
      ...{ hostId: 'local', digest: 'ab', quant: 'Q4_K_M', contextTokens: 8_192, decodeTokPerSec },
      ...{ measuredAt, from },
    },
  };
}

function rateOf(...some: readonly ComparedMeasurement[]): number | undefined {
  return measurementThatCounts(some)?.measurement.decodeTokPerSec;
}

describe('the measurement that stands for a model', () => {
  it('is the newest deliberate one, whatever an occasional call shows', () => {
    const deliberate = [measured(1, 30, 'measure'), measured(2, 33, 'measure')];
    expect(rateOf(...deliberate, measured(0, 10), measured(3, 20), measured(4, 21))).toBe(33);
  });

  it('is the middle of the later calls where three of them or more agree with each other', () => {
    const calls = [measured(2, 20), measured(3, 21), measured(4, 19)];
    expect(rateOf(measured(1, 33, 'measure'), ...calls)).toBe(20);
    expect(rateOf(measured(5, 33, 'measure'), ...calls)).toBe(33);
  });

  it('stays the deliberate one where the later calls do not agree', () => {
    const calls = [measured(2, 20), measured(3, 32), measured(4, 12)];
    expect(rateOf(measured(1, 33, 'measure'), ...calls)).toBe(33);
  });

  it('is the middle of the newest five calls where nobody measured', () => {
    expect(rateOf(measured(1, 30))).toBe(30);
    expect(rateOf(measured(1, 30), measured(2, 20))).toBe(20);
    const calls = [1, 2, 3, 4, 5, 6, 7].map((hour) => measured(hour, 10 + hour));
    expect(rateOf(...calls)).toBe(15);
  });

  it('compares rates of other contexts by their ratios to the estimates there', () => {
    const calls = [measured(1, 30), measured(2, 10, 'dispatch', 10), measured(3, 36)];
    expect(rateOf(...calls)).toBe(36);
  });

  it('prefers what can be compared, and takes the rate as it is where nothing can', () => {
    expect(rateOf(measured(2, 50, 'measure', 0), measured(1, 30))).toBe(30);
    expect(rateOf(measured(2, 50, 'measure', 0))).toBe(50);
    expect(rateOf()).toBeUndefined();
  });

  it('is the same in whatever order they come', () => {
    const some = fc.array(
      fc.record({
        hour: fc.integer({ min: 0, max: 5 }),
        rate: fc.integer({ min: 1, max: 60 }),
        from: fc.constantFrom<Measurement['from']>('measure', 'dispatch'),
        estimate: fc.constantFrom(0, 20, 40),
      }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(some, (rows) => {
        const all = rows.map(({ hour, rate, from, estimate }) => measured(hour, rate, from, estimate));
        expect(measurementThatCounts(all.toReversed())).toEqual(measurementThatCounts(all));
      }),
    );
  });
});
