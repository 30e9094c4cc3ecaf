import type { DispatchFilter, DispatchQuery, DispatchSummary } from '../shared/dispatchQuery';
import type { DispatchRecord } from '../shared/dispatchRecord';

/**
 * The append-only transcript of dispatch records, one JSON object a line. Implemented by `transcriptFiles.ts`; rooms
 * that write or read records see this interface.
 */
export interface TranscriptStore {
  /**
   * Queues one record and returns at once; it is on disk within 50 ms while the folder can be written. Never throws.
   * While it cannot be written, records are kept in memory (at most 1,000) and tried again.
   */
  append(record: object): void;
  /** Resolves when everything appended so far is on disk, or has failed to be. */
  flush(): Promise<void>;
  /** Newest first. Torn and malformed lines are left out; what could not be written yet is included. */
  read(query: TranscriptQuery): Promise<TranscriptPage>;
  /**
   * A page of the records that match, of all windows, through the index; what could not be written yet is included.
   * Where the index does not work, the newest records are still read: `notice` says why nothing else can be asked.
   * Rejects when a question needs the index and it does not work, and when `signal` aborts.
   */
  query(query: DispatchQuery, signal?: AbortSignal): Promise<DispatchPage>;
  /** Counts of the records that match, for menus and a histogram; null where the index does not work. */
  summary(filter: DispatchFilter, asOf: number | null, signal?: AbortSignal): Promise<DispatchSummary | null>;
  /**
   * Calls the listener after records were appended or deleted, by this window or another one, within 3 s; and while
   * the index is being built. The folder is watched only while somebody listens.
   */
  readonly onDidChange: (listener: () => void) => () => void;
  /** Set while records cannot be written: why, and what to do. */
  readonly problem: string | undefined;
}

export interface TranscriptQuery {
  readonly limit: number;
  readonly offset?: number;
}

export interface TranscriptPage {
  /** Parsed JSON, not yet checked against the record's schema. */
  readonly records: readonly unknown[];
  readonly more: boolean;
}

export interface DispatchPage {
  /** Where in the list the page begins: what was asked for, or the page with the record that was looked for. */
  readonly offset: number;
  readonly records: readonly DispatchRecord[];
  /** How many records match, of those known so far. */
  readonly total: number;
  /** How many records are known so far, whether they match or not. */
  readonly known: number;
  /** Whether every record on disk is known. */
  readonly complete: boolean;
  /** Lines that could not be read as records. */
  readonly unreadable: number;
  /** Give it with the questions for further pages of the same list. */
  readonly asOf: number;
  /** Why the index does not work, and what to do; only the newest records can be read then. */
  readonly notice: string | undefined;
}
