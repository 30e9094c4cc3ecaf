import { describe, expect, it } from 'vitest';
import {
  attemptSpans,
  firstTokenFraction,
  hasInherited,
  OUTCOME_KINDS,
  OUTCOME_LABELS,
} from '../../../webview-ui/dispatchesView';
import { dispatchRecord } from './samples';

const provenance = dispatchRecord().provenance;

it('an inherited value is known in any field', () => {
  for (const field of Object.keys(provenance)) {
    expect(
      hasInherited(dispatchRecord({ provenance: { ...provenance, [field]: 'inherited_from_primary' } })),
    ).toBe(true);
  }
  expect(hasInherited(dispatchRecord({ provenance: { ...provenance, thinking: 'unknown' } }))).toBe(false);
});

it('every outcome has a name', () => {
  expect([...OUTCOME_KINDS].toSorted()).toEqual(Object.keys(OUTCOME_LABELS).toSorted());
});

describe('the waterfall', () => {
  const attempt = {
    n: 1,
    status: 503,
    reason: 'overloaded',
    delayMs: null,
    delayOrigin: null,
    firstChunk: false,
  };
  const startedAt = '2026-03-09T14:00:00.000Z';

  it('places each attempt and the wait before it on the time line of the call', () => {
    const { spans, totalMs } = attemptSpans({
      startedAt,
      durationMs: 4_000,
      attempts: [
        { ...attempt, startedAt, durationMs: 1_000 },
        { ...attempt, n: 2, startedAt: '2026-03-09T14:00:02.000Z', durationMs: 2_000, delayMs: 1_000 },
      ],
    });
    expect(totalMs).toBe(4_000);
    expect(spans[0]).toMatchObject({ start: 0, width: 0.25, waitWidth: 0 });
    expect(spans[1]).toMatchObject({ start: 0.5, width: 0.5, waitWidth: 0.25 });
  });

  it('stretches its line when an attempt ends after the call, and never leaves it', () => {
    const { spans, totalMs } = attemptSpans({
      startedAt,
      durationMs: 100,
      attempts: [
        { ...attempt, startedAt: '2026-03-09T13:59:59.000Z', durationMs: 50 },
        { ...attempt, n: 2, startedAt: '2026-03-09T14:00:01.000Z', durationMs: 1_000, delayMs: 9_000 },
      ],
    });
    expect(totalMs).toBe(2_000);
    for (const { start, width, waitWidth } of spans) {
      expect(start - waitWidth).toBeGreaterThanOrEqual(0);
      expect(start + width).toBeLessThanOrEqual(1);
    }
  });

  it('of a call without attempts is empty', () => {
    expect(attemptSpans({ startedAt, durationMs: 0, attempts: [] })).toEqual({ spans: [], totalMs: 1 });
  });

  it('marks the first token on the same line', () => {
    expect(firstTokenFraction({ startedAt, firstTokenAt: '2026-03-09T14:00:01.000Z' }, 4_000)).toBe(0.25);
    expect(firstTokenFraction({ startedAt, firstTokenAt: null }, 4_000)).toBeNull();
    expect(firstTokenFraction({ startedAt, firstTokenAt: 'never' }, 4_000)).toBeNull();
  });
});
