import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowAt, rowTop, scrollTopToShow, virtualWindow } from '../../../webview-ui/virtualRows';

const NO_DETAILS: ReadonlyMap<number, number> = new Map();
const rowHeight = 26;

describe('the window of rows', () => {
  it('holds the rows in view and the overscan on each side', () => {
    const shown = virtualWindow({
      count: 1_000,
      rowHeight,
      scrollTop: 2_600,
      viewportHeight: 260,
      overscan: 5,
      extras: NO_DETAILS,
    });
    expect(shown).toEqual({ first: 95, end: 116, above: 95 * 26, below: (1_000 - 116) * 26 });
  });

  it('starts at the first row and ends at the last', () => {
    const input = { count: 30, rowHeight, viewportHeight: 260, overscan: 8, extras: NO_DETAILS };
    expect(virtualWindow({ ...input, scrollTop: 0 })).toMatchObject({ first: 0, above: 0 });
    expect(virtualWindow({ ...input, scrollTop: 20 * 26 })).toMatchObject({ end: 30, below: 0 });
  });

  it('of an empty table is empty', () => {
    const shown = virtualWindow({
      count: 0,
      rowHeight,
      scrollTop: 0,
      viewportHeight: 500,
      overscan: 8,
      extras: NO_DETAILS,
    });
    expect(shown).toEqual({ first: 0, end: 0, above: 0, below: 0 });
  });

  it('shows the end of a list that became shorter than the scroll position', () => {
    const shown = virtualWindow({
      count: 20,
      rowHeight,
      scrollTop: 9_000,
      viewportHeight: 260,
      overscan: 0,
      extras: NO_DETAILS,
    });
    expect(shown.end).toBe(20);
    expect(shown.first).toBeLessThanOrEqual(10);
  });

  it('covers the view, and its parts add up to the whole height, for any details and any position', () => {
    const anyTable = fc.record({
      count: fc.integer({ min: 1, max: 500 }),
      details: fc.array(fc.tuple(fc.nat(499), fc.integer({ min: 0, max: 900 })), { maxLength: 6 }),
      scroll: fc.double({ min: 0, max: 1, noNaN: true }),
      viewportHeight: fc.integer({ min: 1, max: 900 }),
      overscan: fc.nat(10),
    });
    fc.assert(
      fc.property(anyTable, ({ count, details, scroll, viewportHeight, overscan }) => {
        const extras = new Map(details.filter(([index]) => index < count));
        const total = rowTop(count, rowHeight, extras);
        const scrollTop = scroll * Math.max(0, total - viewportHeight);
        const shown = virtualWindow({ count, rowHeight, scrollTop, viewportHeight, overscan, extras });
        const inPage = rowTop(shown.end, rowHeight, extras) - rowTop(shown.first, rowHeight, extras);
        expect(shown.above + inPage + shown.below).toBe(total);
        expect(shown.above).toBeLessThanOrEqual(scrollTop);
        expect(shown.above + inPage).toBeGreaterThanOrEqual(Math.min(total, scrollTop + viewportHeight));
      }),
    );
  });
});

describe('the row at a position', () => {
  const details = new Map([
    [2, 100],
    [5, 300],
  ]);

  it('counts the details above it', () => {
    expect(rowTop(2, rowHeight, details)).toBe(52);
    expect(rowTop(3, rowHeight, details)).toBe(178);
    expect(rowTop(6, rowHeight, details)).toBe(6 * 26 + 400);
  });

  it('is the row whose detail it falls into', () => {
    expect(rowAt(2 * 26 + 26 + 50, rowHeight, details)).toBe(2);
    expect(rowAt(177, rowHeight, details)).toBe(2);
    expect(rowAt(178, rowHeight, details)).toBe(3);
  });

  it('is the inverse of the top of a row', () => {
    for (let index = 0; index < 12; index += 1) {
      expect(rowAt(rowTop(index, rowHeight, details), rowHeight, details)).toBe(index);
    }
  });
});

describe('scrolling to a row', () => {
  const view = { rowHeight, scrollTop: 260, viewportHeight: 130, extras: NO_DETAILS };

  it('does not move when the row is in view', () => {
    expect(scrollTopToShow(11, view)).toBe(260);
  });

  it('moves no further than it must, up or down', () => {
    expect(scrollTopToShow(4, view)).toBe(104);
    expect(scrollTopToShow(20, view)).toBe(21 * 26 - 130);
  });

  it('takes the detail below it into view as well, and where that is longer than the view, its beginning', () => {
    expect(scrollTopToShow(14, view, 52)).toBe(14 * 26 + 26 + 52 - 130);
    expect(scrollTopToShow(14, view, 900)).toBe(14 * 26);
    expect(scrollTopToShow(11, view, 10)).toBe(260);
    expect(scrollTopToShow(4, view, 52)).toBe(104);
  });
});
