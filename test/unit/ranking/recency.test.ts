import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyRecencyDecay,
  dateMs,
  HALFLIFE_MONTHS,
  LINEAGE_STEP_PENALTY,
  MIN_RECENCY_WEIGHT,
} from '../../../src/ranking/recency';
import { monthsBefore, SNAPSHOT_DATE } from '../../fixtures/ranking/builders';

describe('applyRecencyDecay', () => {
  const at = (observedAt: string, lineagePosition?: number) =>
    applyRecencyDecay({ observedAt, snapshotDate: SNAPSHOT_DATE, lineagePosition });

  it('uses the constants of the peers', () => {
    expect([HALFLIFE_MONTHS, LINEAGE_STEP_PENALTY, MIN_RECENCY_WEIGHT]).toEqual([9, 0.6, 0.05]);
  });

  it('halves the weight every nine months of 30 days', () => {
    expect(at(SNAPSHOT_DATE)).toEqual({ ageMonths: 0, weight: 1, lineagePenaltyApplied: 1 });
    expect(at(monthsBefore(9))).toMatchObject({ ageMonths: 9, weight: 0.5 });
    expect(at(monthsBefore(18)).weight).toBeCloseTo(0.25, 12);
  });

  it('takes 0.6 per newer generation and stops at 0.05', () => {
    expect(at(SNAPSHOT_DATE, 1)).toMatchObject({ weight: 0.6, lineagePenaltyApplied: 0.6 });
    expect(at(SNAPSHOT_DATE, 2).weight).toBeCloseTo(0.36, 12);
    expect(at(monthsBefore(60), 5).weight).toBe(0.05);
  });

  it.each(['2027-01-01', 'not-a-date', '', '2024-20', '2026-05-29 10:00'])(
    'counts %j as age zero',
    (observedAt) => {
      expect(at(observedAt)).toMatchObject({ ageMonths: 0, weight: 1 });
    },
  );

  it('never weighs an earlier date or a higher position more', () => {
    const months = fc.double({ min: 0, max: 200, noNaN: true });
    const position = fc.integer({ min: 0, max: 20 });
    fc.assert(
      fc.property(months, months, position, position, (a, b, p, q) => {
        const earlier = at(monthsBefore(Math.max(a, b)), Math.max(p, q));
        const later = at(monthsBefore(Math.min(a, b)), Math.min(p, q));
        expect(earlier.weight).toBeLessThanOrEqual(later.weight);
      }),
    );
  });
});

describe('dateMs', () => {
  it('reads years, months, days and full times in UTC, whatever the time zone of the machine', () => {
    expect(dateMs('2025')).toBe(Date.UTC(2025, 0, 1));
    expect(dateMs('2025-03')).toBe(Date.UTC(2025, 2, 1));
    expect(dateMs('2025-03-09')).toBe(Date.UTC(2025, 2, 9));
    expect(dateMs('2025-03-09T12:00:00+02:00')).toBe(Date.UTC(2025, 2, 9, 10));
    expect(dateMs('2025-03-09T12:00:00')).toBeNaN();
  });
});
