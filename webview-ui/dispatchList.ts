import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { Dispatches } from '../src/shared/reportMessages';
import type { GridRows } from './gridModel';

/** One list of records as the host has answered it so far: counts, and the pages that the reader has come by. Pure. */

export const PAGE_RECORDS = 100;
/** Pages that are kept: those nearest to the last one. */
const MAX_PAGES = 20;

export interface DispatchList extends Pick<
  Dispatches,
  'list' | 'total' | 'known' | 'complete' | 'asOf' | 'unreadable' | 'problem' | 'notice'
> {
  /** Pages by their number, from 0. */
  readonly pages: ReadonlyMap<number, readonly DispatchRecord[]>;
}

/** The list after an answer: a page of the same list is joined to it, one of another list takes its place. */
export function withPage(before: DispatchList | null, answer: Dispatches): DispatchList {
  const { list, offset, records, total, known, complete, asOf, unreadable, problem, notice } = answer;
  const page = Math.floor(offset / PAGE_RECORDS);
  const kept = before?.list === list ? [...before.pages] : [];
  const pages = [...kept.filter(([number]) => number !== page), [page, records] as const]
    .sort(([a], [b]) => Math.abs(a - page) - Math.abs(b - page))
    .slice(0, MAX_PAGES);
  return { list, total, known, complete, asOf, unreadable, problem, notice, pages: new Map(pages) };
}

/** The rows of the list for the table. */
export function rowsOf(list: DispatchList): GridRows<DispatchRecord> {
  const indexById = new Map<string, number>();
  for (const [page, records] of list.pages) {
    for (const [index, record] of records.entries()) {
      indexById.set(record.recordId, page * PAGE_RECORDS + index);
    }
  }
  return {
    identity: list.list,
    length: list.total,
    at: (index) => list.pages.get(Math.floor(index / PAGE_RECORDS))?.[index % PAGE_RECORDS],
    indexOf: (recordId) => indexById.get(recordId),
  };
}

/** The offset of the first page that rows `first`..`end` (not included) need and that is not here; null: none. */
export function missingOffset(list: DispatchList, first: number, end: number): number | null {
  const lastPage = Math.floor((Math.min(end, list.total) - 1) / PAGE_RECORDS);
  for (let page = Math.floor(first / PAGE_RECORDS); page <= lastPage; page += 1) {
    if (!list.pages.has(page)) return page * PAGE_RECORDS;
  }
  return null;
}

export function recordIn(list: DispatchList, recordId: string): DispatchRecord | null {
  for (const records of list.pages.values()) {
    const found = records.find((record) => record.recordId === recordId);
    if (found) return found;
  }
  return null;
}

/** Where the page with a row begins. */
export function pageOffset(row: number): number {
  return row - (row % PAGE_RECORDS);
}
