import { describe, expect, it } from 'vitest';
import {
  attemptSpans,
  filterDispatches,
  firstTokenFraction,
  hasInherited,
  joinPages,
  OUTCOME_KINDS,
  OUTCOME_LABELS,
} from '../../../webview-ui/dispatchesView';
import { dispatchesMessage, dispatchRecord } from './samples';

const ids = (records: readonly { readonly recordId: string }[]) => records.map((record) => record.recordId);
const record = (recordId: string) => dispatchRecord({ recordId });
const provenance = dispatchRecord().provenance;

describe('filters', () => {
  const records = [
    dispatchRecord({ recordId: 'a', model: 'small-one', backend: 'ollama', outcome: { kind: 'cancelled' } }),
    dispatchRecord({
      recordId: 'b',
      model: 'big-one',
      backend: 'llama_server',
      outcome: { kind: 'refused' },
      provenance: { ...provenance, thinking: 'inherited_from_primary' },
    }),
  ];
  const NO_FILTER = { text: '', outcome: 'all', inheritedOnly: false } as const;

  it('choose by outcome, by text and by inherited values', () => {
    expect(ids(filterDispatches(records, NO_FILTER))).toEqual(['a', 'b']);
    expect(ids(filterDispatches(records, { ...NO_FILTER, outcome: 'refused' }))).toEqual(['b']);
    expect(ids(filterDispatches(records, { ...NO_FILTER, text: 'SMALL ollama' }))).toEqual(['a']);
    expect(ids(filterDispatches(records, { ...NO_FILTER, inheritedOnly: true }))).toEqual(['b']);
  });

  it('know an inherited value in any field', () => {
    for (const field of Object.keys(provenance)) {
      expect(
        hasInherited(dispatchRecord({ provenance: { ...provenance, [field]: 'inherited_from_primary' } })),
      ).toBe(true);
    }
    expect(hasInherited(dispatchRecord({ provenance: { ...provenance, thinking: 'unknown' } }))).toBe(false);
  });

  it('name every outcome', () => {
    expect([...OUTCOME_KINDS].toSorted()).toEqual(Object.keys(OUTCOME_LABELS).toSorted());
  });
});

describe('pages', () => {
  it('are appended when they are older, without a record that moved down meanwhile', () => {
    expect(ids(joinPages([record('3'), record('2')], [record('2'), record('1')], 2))).toEqual([
      '3',
      '2',
      '1',
    ]);
  });

  it('from the top go before what is known', () => {
    expect(ids(joinPages([record('2'), record('1')], [record('3'), record('2')], 0))).toEqual([
      '3',
      '2',
      '1',
    ]);
  });

  it('from the top replace what is known when records between them are missing', () => {
    expect(ids(joinPages([record('2'), record('1')], [record('9'), record('8')], 0))).toEqual(['9', '8']);
  });

  it('of the whole log give the whole log, in order', () => {
    const whole = ids(dispatchesMessage(250, 0, 500).records);
    const joined = [0, 100, 200].reduce(
      (known, offset) => joinPages(known, dispatchesMessage(250, offset, 100).records, offset),
      joinPages([], [], 0),
    );
    expect(ids(joined)).toEqual(whole);
  });
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
