import type { DispatchFilter } from '../src/shared/dispatchQuery';
import type { PageMessage } from '../src/shared/reportMessages';
import { filterOf, isNewestFirst } from './dispatchFilters';
import { missingOffset, PAGE_RECORDS, pageOffset, recordIn } from './dispatchList';
import type { ExportFormat } from './dispatchesTab';
import type { DispatchesData } from './pageData';
import type { DispatchesState } from './state';

/** Rows beyond those in sight that are asked for as well, so that a wheel does not outrun the answers. */
const ROWS_AHEAD = 40;

/** What asking for records needs of the page. */
interface Asker {
  dispatches(): DispatchesData;
  kept(): DispatchesState;
  /** Whether the reader looks at the top of the log. */
  isAtTop(): boolean;
  send(message: PageMessage): void;
  /** Records of the list with this number were asked for. */
  asked(list: number): void;
  /** A record that was looked for is not there; null: none is missing. */
  missing(recordId: string | null): void;
}

/** Asks for the records of the log: one list at a time, by the pages that come into view, and what sums it up. */
export class RecordRequests {
  readonly #page: Asker;
  /** What the list that was asked for last is narrowed to; its pages must all have the same. */
  #filter: DispatchFilter;
  /** A record that is looked for in the list. */
  #soughtId: string | null;
  /** The rows of the log that are in the page. */
  #shown = { first: 0, end: 0 };
  /** The list, complete or not, that a summary was asked for. */
  #summaryOf = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(page: Asker) {
    this.#page = page;
    this.#filter = filterOf(page.kept(), Date.now());
    this.#soughtId = page.kept().selectedId;
  }

  /** Asks for a list anew, with the page of one of its rows. */
  askForList(row = 0): void {
    this.stop();
    this.#page.missing(null);
    this.#filter = filterOf(this.#page.kept(), Date.now());
    this.#askFor(this.#page.dispatches().wanted + 1, pageOffset(row), null);
  }

  /** The same in a while; what is asked meanwhile takes its place. */
  askForListAfter(delayMs: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.askForList(), delayMs);
  }

  /** Asks for the list and for where this record stands in it. */
  seek(recordId: string): void {
    this.#soughtId = recordId;
    this.askForList();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** To be called when records have come. */
  received(): void {
    const { list, newer } = this.#page.dispatches();
    if (!list) return;
    if (this.#soughtId !== null && recordIn(list, this.#soughtId)) this.#soughtId = null;
    if (this.#soughtId !== null && list.complete) {
      this.#page.missing(this.#soughtId);
      this.#soughtId = null;
    }
    this.#askForSummary();
    if (newer) this.reloadAtTop();
    else this.show(this.#shown.first, this.#shown.end);
  }

  /** To be called when there are other records than before. */
  changed(): void {
    const { list, loading } = this.#page.dispatches();
    if (loading) return;
    if (list?.complete !== false) this.reloadAtTop();
    // Older records come below what is shown; in another order they may come anywhere.
    else if (isNewestFirst(this.#page.kept().order) && this.#soughtId === null)
      this.#askForPage(pageOffset(this.#shown.first));
    else this.askForList(this.#shown.first);
  }

  /** Newer records come by themselves while the reader looks at the newest ones, else they are announced. */
  reloadAtTop(): void {
    const { newer, loading } = this.#page.dispatches();
    if (newer && !loading && this.#page.isAtTop()) this.askForList();
  }

  /** One question at a time: what the reader has scrolled past meanwhile is never asked for. */
  show(first: number, end: number): void {
    this.#shown = { first, end };
    const { list, loading, failure, wanted } = this.#page.dispatches();
    if (list?.list !== wanted || loading || failure !== null) return;
    const near = [Math.max(0, first - ROWS_AHEAD), end + ROWS_AHEAD] as const;
    const offset = missingOffset(list, first, end) ?? missingOffset(list, ...near);
    if (offset !== null) this.#askForPage(offset);
  }

  /** Has the records that the list is narrowed to written into a file. */
  exportAs(format: ExportFormat): void {
    this.#page.send({ type: 'exportRecords', format, filter: this.#filter });
  }

  /** Asks for a further page of the list. */
  #askForPage(offset: number): void {
    const { list, wanted } = this.#page.dispatches();
    this.#askFor(wanted, offset, list?.complete === true ? list.asOf : null);
  }

  #askFor(list: number, offset: number, asOf: number | null): void {
    this.#page.asked(list);
    this.#page.send({
      type: 'queryDispatches',
      list,
      query: {
        ...{ filter: this.#filter, order: this.#page.kept().order, offset, limit: PAGE_RECORDS, asOf },
        around: this.#soughtId,
      },
    });
  }

  /** Once for the first answer of a list, and again when all of its records are known. */
  #askForSummary(): void {
    const { list } = this.#page.dispatches();
    if (list?.notice !== null) return;
    const summaryOf = `${list.list} ${list.complete}`;
    if (summaryOf === this.#summaryOf) return;
    this.#summaryOf = summaryOf;
    const asOf = list.complete ? list.asOf : null;
    this.#page.send({ type: 'queryDispatchSummary', list: list.list, filter: this.#filter, asOf });
  }
}
