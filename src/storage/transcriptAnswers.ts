import type { Clock } from '../shared/clock';
import { NO_DISPATCH_FILTER, type DispatchQuery } from '../shared/dispatchQuery';
import { dispatchRecordSchema, type DispatchRecord } from '../shared/dispatchRecord';
import { parseJson } from '../shared/json';
import type { IndexedPage } from './transcriptIndexMessages';
import { TranscriptScan, type ScanSink } from './transcriptScan';
import type { RecordPlace, TranscriptTable } from './transcriptTable';

/** An answer waits at most this long for what has just been written, and for the newest files of a new index. */
const READ_BEFORE_ANSWER_MS = 200;
/** The number of the file that stands for the lines which the host could not write yet. */
const WAITING = 0;

/** The questions of the host, answered from the table, which is kept up with the files. For the worker thread only. */
export class TranscriptAnswers {
  readonly #scan: TranscriptScan;
  #waiting: readonly string[] = [];
  /** A list of which the first page was asked for: more of it may be. */
  #begun: DispatchQuery | undefined;
  #firstLook = true;

  constructor(
    folder: string,
    private readonly table: TranscriptTable,
    private readonly clock: Clock,
    sliceBytes?: number,
  ) {
    const sink: ScanSink = {
      add: (record, file, offsetBytes, lengthBytes) =>
        this.table.insert(record, { file, offsetBytes, lengthBytes }),
      dropFile: (file) => this.table.dropFile(file),
    };
    this.#scan = new TranscriptScan(folder, sink, sliceBytes);
  }

  /** Whether there is more to read. */
  get pending(): boolean {
    return this.#scan.next !== 'nothing';
  }

  /** Reads the next slice of the files; true while there is more. */
  readOn(): boolean {
    this.table.together(() => this.#scan.step());
    return this.pending;
  }

  /** Makes the further pages of the list quick, of which one was asked for last. False where there is nothing to do. */
  prepare(): boolean {
    const list = this.#begun;
    this.#begun = undefined;
    return list !== undefined && this.table.list(list);
  }

  /** The page that a question is about, with the lines that are not on disk yet. */
  page(query: DispatchQuery, waiting: readonly string[]): IndexedPage {
    this.#keepUp(query.offset + query.limit);
    this.#takeWaiting(waiting);
    const offset = this.#offsetOf(query);
    const places = this.table.page({ ...query, offset });
    const total = this.table.count(query.filter, query.asOf);
    this.#begun = total > query.limit ? query : undefined;
    return {
      offset,
      records: this.#recordsAt(places),
      total,
      known: this.table.count(NO_DISPATCH_FILTER, query.asOf),
      complete: !this.pending,
      unreadable: this.#scan.unreadable,
      asOf: query.asOf ?? this.table.round,
    };
  }

  /** Reads what has come since; of an index that is being built, the newest until there is enough for a page. */
  #keepUp(wanted: number): void {
    const begunMs = this.clock.monotonicMs();
    if (this.#scan.look() && !this.#firstLook) this.table.beginRound();
    this.#firstLook = false;
    for (;;) {
      const { next } = this.#scan;
      if (next === 'nothing' || (next === 'older' && this.table.known >= wanted)) return;
      if (this.clock.monotonicMs() - begunMs > READ_BEFORE_ANSWER_MS) return;
      this.readOn();
    }
  }

  #offsetOf(query: DispatchQuery): number {
    const position = query.around === null ? null : this.table.positionOf(query.around, query);
    return position === null ? query.offset : position - (position % query.limit);
  }

  /** Without those whose file went away after the look; the next question is answered without it. */
  #recordsAt(places: readonly RecordPlace[]): DispatchRecord[] {
    const lines = this.#scan.linesAt(places);
    return places.flatMap(({ file, offsetBytes }, index) => {
      const line = file === WAITING ? this.#waiting[offsetBytes] : lines[index];
      return line === undefined ? [] : (dispatchRecordSchema.safeParse(parseJson(line)).data ?? []);
    });
  }

  #takeWaiting(lines: readonly string[]): void {
    if (lines.length === 0 && this.#waiting.length === 0) return;
    this.table.dropFile(WAITING);
    this.#waiting = lines;
    const records = lines.map((line) => dispatchRecordSchema.safeParse(parseJson(line)).data);
    // One of them may have been written while the question was on its way.
    const written = this.table.idsAmong(records.flatMap((record) => record?.recordId ?? []));
    this.table.together(() => {
      for (const [index, record] of records.entries()) {
        if (!record || written.has(record.recordId)) continue;
        this.table.insert(record, { file: WAITING, offsetBytes: index, lengthBytes: 0 });
      }
    });
  }
}
