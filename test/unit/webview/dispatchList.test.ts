import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingOffset, PAGE_RECORDS, recordIn, rowsOf, withPage } from '../../../webview-ui/dispatchList';
import { dispatchesMessage } from './samples';

const page = (offset: number, total = 250) => dispatchesMessage(total, offset);

describe('a list', () => {
  it('joins its pages, whatever their order, and knows which rows are not here', () => {
    const list = [100, 0].reduce(
      (known: ReturnType<typeof withPage> | null, offset) => withPage(known, page(offset)),
      null,
    );
    if (!list) throw new Error('no list');
    const rows = rowsOf(list);
    expect(rows.length).toBe(250);
    expect(rows.at(0)?.recordId).toBe('sample-record-0');
    expect(rows.at(199)?.recordId).toBe('sample-record-199');
    expect(rows.at(200)).toBeUndefined();
    expect(rows.indexOf('sample-record-150')).toBe(150);
    expect(rows.indexOf('sample-record-200')).toBeUndefined();
    expect(recordIn(list, 'sample-record-150')?.recordId).toBe('sample-record-150');
    expect(recordIn(list, 'sample-record-200')).toBeNull();
  });

  it('is replaced by an answer for another list, counts and all', () => {
    const other = withPage(withPage(null, page(0)), { ...page(0, 3), list: 2 });
    expect(other).toMatchObject({ list: 2, total: 3 });
    expect(other.pages.size).toBe(1);
  });

  it('takes its counts from the newest answer', () => {
    const building = withPage(null, { ...page(0), complete: false, total: 100, known: 100 });
    expect(withPage(building, page(0))).toMatchObject({ complete: true, total: 250, known: 250 });
  });

  it('keeps a bounded number of pages, those nearest to the last one', () => {
    const all = Array.from({ length: 60 }, (_, number) => number * PAGE_RECORDS);
    const list = all.reduce(
      (known: ReturnType<typeof withPage> | null, offset) =>
        withPage(known, { ...page(0), offset, total: 6_000 }),
      null,
    );
    expect([...(list?.pages.keys() ?? [])].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => 40 + index),
    );
  });
});

describe('the page that is asked for next', () => {
  it('is the first that the rows need, and none when all are here or none is', () => {
    const list = withPage(null, page(100));
    expect(missingOffset(list, 90, 130)).toBe(0);
    expect(missingOffset(list, 100, 200)).toBeNull();
    expect(missingOffset(list, 150, 201)).toBe(200);
    expect(missingOffset(list, 240, 300)).toBe(200);
    expect(missingOffset(withPage(null, page(0, 0)), 0, 0)).toBeNull();
  });

  it('is asked for once: an answer with too few records leaves nothing to ask for', () => {
    const list = withPage(null, { ...page(0), records: [] });
    expect(missingOffset(list, 0, 50)).toBeNull();
  });

  it('leads to all rows that are in view, whatever the reader does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(260), fc.nat(40)), { minLength: 1, maxLength: 20 }), (views) => {
        let list = withPage(null, page(0));
        for (const [first, rows] of views) {
          for (let asked = 0; ; asked += 1) {
            const offset = missingOffset(list, first, first + rows);
            if (offset === null) break;
            expect(asked).toBeLessThan(3);
            list = withPage(list, page(offset));
          }
          for (let index = first; index < Math.min(250, first + rows); index += 1) {
            expect(rowsOf(list).at(index)?.recordId).toBe(`sample-record-${index}`);
          }
        }
      }),
    );
  });
});
