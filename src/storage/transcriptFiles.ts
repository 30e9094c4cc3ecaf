import { join } from 'node:path';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import type { FileHandle, FileLayer } from './fileLayer';
import { nodeFileLayer, systemCodeOf } from './fileLayer';
import { linesBackward } from './linesBackward';
import type { RecordSource } from './newestFirst';
import { newestFirst } from './newestFirst';
import type { TranscriptFileName } from './transcriptName';
import { dayOf, parseTranscriptFileName, transcriptFileName } from './transcriptName';
import type { TranscriptPage, TranscriptQuery, TranscriptStore } from './transcriptStore';

/** Records gather this long before they are written together; the contract allows 50. */
const BATCH_DELAY_MS = 20;
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Most records that are kept while the folder cannot be written; older ones are dropped first. */
const MAX_KEPT_RECORDS = 1_000;
const NEWLINE = 0x0a;

export interface TranscriptFilesOptions {
  /** The extension's storage folder; the files lie in its `transcript` folder. */
  readonly storageFolder: string;
  /** Letters, digits, `_` and `-`; new for each window and each start of it, so that no two processes share a file. */
  readonly writerId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files?: FileLayer;
  readonly maxFileBytes?: number;
}

/** The transcript as JSON lines in files of which each has one writer, so that no lock is needed. */
export class TranscriptFiles implements TranscriptStore {
  readonly #folder: string;
  readonly #files: FileLayer;
  readonly #maxFileBytes: number;
  #pending: string[] = [];
  #problem: string | undefined;
  #part = 1;
  #day = '';
  #cancelTimer: (() => void) | undefined;
  /** Writes and the first step of reads, one after the other. */
  #queue: Promise<void> = Promise.resolve();

  constructor(private readonly options: TranscriptFilesOptions) {
    this.#folder = join(options.storageFolder, 'transcript');
    this.#files = options.files ?? nodeFileLayer;
    this.#maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  append(record: object): void {
    try {
      this.#pending.push(JSON.stringify(record));
      if (this.#problem !== undefined) this.#dropOldest();
      this.#cancelTimer ??= this.options.clock.after(BATCH_DELAY_MS, () => void this.flush());
    } catch (thrown) {
      this.options.logger.log('error', 'transcript.append.failed', { error: messageOf(thrown) });
    }
  }

  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    return this.#enqueue(() => this.#writePending());
  }

  async read(query: TranscriptQuery): Promise<TranscriptPage> {
    const offset = query.offset ?? 0;
    // Taken in turn with the writes: a record is then either in a file within its size here, or among the pending.
    const sources = await this.#enqueue(() => this.#sources());
    const records: unknown[] = [];
    let position = 0;
    for await (const record of newestFirst(sources)) {
      if (position >= offset + query.limit) return { records, more: true };
      if (position >= offset) records.push(record);
      position += 1;
    }
    return { records, more: false };
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Writes all that waits as one batch. Never rejects; what could not be written stays. */
  async #writePending(): Promise<void> {
    if (this.#pending.length === 0) return;
    const lines = this.#pending;
    this.#pending = [];
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    let written = 0;
    try {
      await this.#files.makeFolder(this.#folder);
      const handle = await this.#openForBatch(bytes.byteLength);
      try {
        await closeTornLine(handle);
        while (written < bytes.byteLength) written += await handle.append(bytes.subarray(written));
      } finally {
        await handle.close();
      }
      if (this.#problem !== undefined)
        this.options.logger.log('info', 'transcript.writable', { folder: this.#folder });
      this.#problem = undefined;
    } catch (thrown) {
      // What is whole on disk must not be written again; a torn line is closed before the next batch.
      this.#pending = [...lines.slice(countNewlines(bytes.subarray(0, written))), ...this.#pending];
      if (this.#pending.length === 0) return;
      this.#problem = problemText(this.#folder, thrown);
      this.#dropOldest();
      this.options.logger.log('warn', 'transcript.write.failed', {
        code: systemCodeOf(thrown) ?? messageOf(thrown),
        waiting: this.#pending.length,
      });
    }
  }

  /** Opens today's file, or the next one of today when the batch would take it over the limit. */
  async #openForBatch(batchBytes: number): Promise<FileHandle> {
    const day = dayOf(this.options.clock.now());
    if (day !== this.#day) this.#part = 1;
    this.#day = day;
    for (;;) {
      const name = transcriptFileName(day, this.options.writerId, this.#part);
      const handle = await this.#files.open(join(this.#folder, name), 'append');
      const sizeBytes = await handle.sizeBytes();
      if (sizeBytes === 0 || sizeBytes + batchBytes <= this.#maxFileBytes) return handle;
      await handle.close();
      this.#part += 1;
    }
  }

  async #sources(): Promise<readonly RecordSource[]> {
    await this.#writePending();
    const waiting = [...this.#pending].reverse();
    const memory: RecordSource = {
      latest: '9999',
      async *records() {
        for (const line of waiting) yield* parsedLine(line);
      },
    };
    let names: readonly string[] = [];
    try {
      names = await this.#files.names(this.#folder);
    } catch (thrown) {
      this.#problem ??= problemText(this.#folder, thrown);
    }
    const files = names.flatMap((name) => parseTranscriptFileName(name) ?? []);
    return [memory, ...(await Promise.all([...seriesOf(files)].map((series) => this.#source(series))))];
  }

  async #source([newest, ...older]: Series): Promise<RecordSource> {
    const parts: { readonly file: string; readonly sizeBytes: number | undefined }[] = [];
    for (const { name, series } of [newest, ...older]) {
      const file = join(this.#folder, name);
      // Only our own files grow by what is pending now; those of other windows are measured when they are opened.
      const ours = series.endsWith(`-${this.options.writerId}`);
      parts.push({ file, sizeBytes: ours ? await this.#sizeBytes(file) : undefined });
    }
    const recordsOf = this.#recordsOf.bind(this);
    return {
      latest: newest.latest,
      async *records() {
        for (const { file, sizeBytes } of parts) yield* recordsOf(file, sizeBytes);
      },
    };
  }

  async #sizeBytes(file: string): Promise<number> {
    try {
      const handle = await this.#files.open(file, 'read');
      try {
        return await handle.sizeBytes();
      } finally {
        await handle.close();
      }
    } catch {
      // Retention in another window may delete a file at any moment.
      return 0;
    }
  }

  async *#recordsOf(file: string, sizeBytes: number | undefined): AsyncGenerator<unknown, void, undefined> {
    let handle: FileHandle;
    try {
      handle = await this.#files.open(file, 'read');
    } catch {
      return;
    }
    try {
      for await (const line of linesBackward(handle, sizeBytes ?? (await handle.sizeBytes())))
        yield* parsedLine(line);
    } finally {
      await handle.close();
    }
  }

  #dropOldest(): void {
    const excess = this.#pending.length - MAX_KEPT_RECORDS;
    if (excess <= 0) return;
    this.#pending = this.#pending.slice(excess);
    this.options.logger.log('warn', 'transcript.dropped', { records: excess });
  }
}

/** The parts of one writer's day, newest first. */
type Series = readonly [TranscriptFileName, ...TranscriptFileName[]];

function seriesOf(files: readonly TranscriptFileName[]): Iterable<Series> {
  const bySeries = new Map<string, Series>();
  for (const file of [...files].sort((a, b) => a.part - b.part)) {
    bySeries.set(file.series, [file, ...(bySeries.get(file.series) ?? [])]);
  }
  return bySeries.values();
}

/** The record of a line; nothing where the line is torn or is not a JSON object. */
function* parsedLine(line: string): Generator<unknown, void, undefined> {
  const value = parseJson(line);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield value;
}

async function closeTornLine(handle: FileHandle): Promise<void> {
  const sizeBytes = await handle.sizeBytes();
  if (sizeBytes === 0) return;
  const last = await handle.read(sizeBytes - 1, 1);
  if (last[0] !== NEWLINE) await handle.append(Buffer.from('\n'));
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count += 1;
  return count;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'the folder may not be written by this user',
  EPERM: 'the folder may not be written by this user',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where the folder should be',
  EEXIST: 'a file stands where the folder should be',
};

function problemText(folder: string, thrown: unknown): string {
  const code = systemCodeOf(thrown);
  const reason = (code === undefined ? undefined : REASONS[code]) ?? code ?? messageOf(thrown);
  return (
    `Records of calls cannot be written to ${folder}: ${reason}. ` +
    `The last ${MAX_KEPT_RECORDS} are kept in memory and tried again with every call. ` +
    'Free some space or make the folder writable; nothing else has to be done.'
  );
}
