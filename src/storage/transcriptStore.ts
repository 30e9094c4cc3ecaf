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
