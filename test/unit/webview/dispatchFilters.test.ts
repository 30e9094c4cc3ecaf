import { describe, expect, it } from 'vitest';
import { DISPATCH_COLUMNS, NEWEST_FIRST, NO_DISPATCH_FILTER } from '../../../src/shared/dispatchQuery';
import {
  asksAnew,
  filterOf,
  isNewestFirst,
  menusOf,
  nextDispatchOrder,
  NO_FILTERS,
  spanLabel,
} from '../../../webview-ui/dispatchFilters';
import { parsePageState, SPANS } from '../../../webview-ui/state';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const kept = parsePageState({}).dispatches;

describe('what is asked', () => {
  it('is everything by default, and what was set otherwise', () => {
    expect(filterOf(kept, NOW)).toEqual(NO_DISPATCH_FILTER);
    expect(filterOf({ ...kept, ...NO_FILTERS }, NOW)).toEqual(NO_DISPATCH_FILTER);
    const set = { text: 'a', backend: 'b', outcome: 'served', inheritedOnly: true } as const;
    expect(filterOf({ ...kept, ...set }, NOW)).toEqual({ ...NO_DISPATCH_FILTER, ...set });
  });

  it('counts a span of time back from now, and takes a chosen part of the chart as it is', () => {
    const bar = { fromMs: 5, untilMs: 6 };
    expect(filterOf({ ...kept, span: 'day', ...bar }, NOW)).toMatchObject({
      fromMs: NOW - 86_400_000,
      untilMs: null,
    });
    expect(filterOf({ ...kept, span: 'chosen', ...bar }, NOW)).toMatchObject(bar);
    expect(filterOf({ ...kept, span: 'all', ...bar }, NOW)).toMatchObject({ fromMs: null, untilMs: null });
    expect(new Set(SPANS.map(spanLabel)).size).toBe(SPANS.length);
  });

  it('is asked anew when a filter or the order changes, not when a record is chosen', () => {
    expect(asksAnew({ selectedId: 'x' })).toBe(false);
    expect(asksAnew({ order: NEWEST_FIRST })).toBe(true);
    for (const key of Object.keys(NO_FILTERS)) expect(asksAnew({ [key]: null })).toBe(true);
    const notAsked = Object.keys(kept).filter((key) => !asksAnew({ [key]: null }));
    expect(notAsked).toEqual(['selectedId']);
  });
});

describe('menus', () => {
  const summary = {
    facets: {
      backend: [
        { value: 'one', records: 1_200 },
        { value: 'two', records: 3 },
      ],
      provider: [{ value: 'only', records: 5 }],
      model: [],
      outcome: [{ value: 'provider_error', records: 2 }],
      errorCode: [],
    },
    inherited: 0,
    histogram: [],
  };

  it('offer every value with its records, where there is a choice', () => {
    expect(menusOf(summary, kept, new Set()).map(({ field, options }) => [field, options])).toEqual([
      [
        'backend',
        [
          [null, 'All backends'],
          ['one', 'one (1,200)'],
          ['two', 'two (3)'],
        ],
      ],
      [
        'outcome',
        [
          [null, 'All outcomes'],
          ['provider_error', 'Error (2)'],
        ],
      ],
    ]);
  });

  it('stay once they were shown, so that the others do not move', () => {
    const shown = menusOf(summary, kept, new Set(['model', 'provider']));
    expect(shown.map(({ field, options }) => [field, options.length])).toEqual([
      ['backend', 3],
      ['provider', 2],
      ['model', 1],
      ['outcome', 2],
    ]);
  });

  it('keep what was chosen, also when no record has it', () => {
    const model = menusOf(summary, { ...kept, model: 'gone' }, new Set()).find(
      ({ field }) => field === 'model',
    );
    expect(model?.options.at(-1)).toEqual(['gone', 'gone (0)']);
    expect(menusOf(null, { ...kept, provider: 'only' }, new Set()).map(({ field }) => field)).toEqual([
      'provider',
      'outcome',
    ]);
  });
});

describe('the order', () => {
  it('turns round at the second click, and begins with what a reader looks for', () => {
    for (const column of DISPATCH_COLUMNS) {
      const first = nextDispatchOrder({ column: column === 'in' ? 'out' : 'in', descending: true }, column);
      expect(first.column).toBe(column);
      expect(nextDispatchOrder(first, column)).toEqual({ column, descending: !first.descending });
    }
    expect(nextDispatchOrder(NEWEST_FIRST, 'total').descending).toBe(true);
    expect(nextDispatchOrder(NEWEST_FIRST, 'model').descending).toBe(false);
    expect(nextDispatchOrder({ column: 'model', descending: false }, 'time')).toEqual(NEWEST_FIRST);
    expect(isNewestFirst(NEWEST_FIRST)).toBe(true);
    expect(isNewestFirst({ column: 'time', descending: false })).toBe(false);
  });
});
