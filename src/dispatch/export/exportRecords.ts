import type { DispatchFilter, DispatchOrder, DispatchQuery } from '../../shared/dispatchQuery';
import type { DispatchRecord } from '../../shared/dispatchRecord';
import type { DispatchPage, TranscriptStore } from '../../storage/transcriptStore';
import { CSV_HEAD, csvLine } from './csv';
import { jsonLine } from './jsonLines';
import { otlpLine } from './otlp';

/** The forms in which records leave: lines of JSON, a table, or spans of OpenTelemetry. */
export type ExportFormat = 'jsonLines' | 'csv' | 'otlp';

export interface ExportedRecords {
  readonly written: number;
  /** How many matched when the export began; more than were written only where some were deleted meanwhile. */
  readonly matched: number;
}

export interface RecordExport {
  readonly transcript: Pick<TranscriptStore, 'query'>;
  readonly filter: DispatchFilter;
  readonly format: ExportFormat;
  /** The extension's version, which spans carry. */
  readonly version: string;
  /** Takes the next piece; nothing more is read until it has. */
  readonly write: (piece: string) => Promise<void>;
  readonly onProgress?: (exported: ExportedRecords) => void;
  readonly signal?: AbortSignal;
}

const PAGE_RECORDS = 500;
/** Below the end of any list: a question for it has every older record read first. */
const BEYOND_THE_END = 2 ** 40;
const OLDEST_FIRST: DispatchOrder = { column: 'time', descending: false };

/**
 * Writes the records that match, oldest first, a page at a time. Those that come meanwhile are left out. Rejects where
 * the records cannot be read or written, and when `signal` aborts.
 */
export async function exportRecords(task: RecordExport): Promise<ExportedRecords> {
  const { write, onProgress } = task;
  const { head, piece } = WRITERS[task.format];
  const { total: matched, asOf } = await wholeList(task);
  if (head !== '') await write(head);
  let written = 0;
  for (let offset = 0; offset < matched; offset += PAGE_RECORDS) {
    const { records } = await ask(task, { offset, limit: PAGE_RECORDS, asOf });
    if (records.length > 0) await write(piece(records, task.version));
    written += records.length;
    onProgress?.({ written, matched });
  }
  return { written, matched };
}

/** The list when everything on disk is known; each question reads on for a moment. */
async function wholeList(task: RecordExport): Promise<DispatchPage> {
  for (;;) {
    const list = await ask(task, { offset: BEYOND_THE_END, limit: 1, asOf: null });
    if (list.complete) return list;
  }
}

async function ask(
  { transcript, filter, signal }: RecordExport,
  part: Pick<DispatchQuery, 'offset' | 'limit' | 'asOf'>,
): Promise<DispatchPage> {
  const page = await transcript.query({ ...part, filter, order: OLDEST_FIRST, around: null }, signal);
  signal?.throwIfAborted();
  return page;
}

interface RecordWriter {
  /** What the file begins with. */
  readonly head: string;
  readonly piece: (records: readonly DispatchRecord[], version: string) => string;
}

const WRITERS: Readonly<Record<ExportFormat, RecordWriter>> = {
  jsonLines: {
    head: '',
    piece: (records) => records.map((record) => `${jsonLine(record)}\n`).join(''),
  },
  csv: {
    head: `${CSV_HEAD}\r\n`,
    piece: (records) => records.map((record) => `${csvLine(record)}\r\n`).join(''),
  },
  otlp: { head: '', piece: (records, version) => `${otlpLine(records, version)}\n` },
};
