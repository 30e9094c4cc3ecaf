import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import type { Clock } from '../shared/clock';
import {
  NEWEST_FIRST,
  NO_DISPATCH_FILTER,
  type DispatchFilter,
  type DispatchQuery,
  type DispatchSummary,
} from '../shared/dispatchQuery';
import { dispatchRecordSchema } from '../shared/dispatchRecord';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { FileHandle, FileLayer } from './fileLayer';
import { nodeFileLayer, systemCodeOf } from './fileLayer';
import type { RecordSource } from './newestFirst';
import { newestFirst } from './newestFirst';
import { TranscriptIndex, TranscriptIndexError } from './transcriptIndex';
import { dayOf, parseTranscriptFileName, transcriptFileName } from './transcriptName';
import { fileSources, linesSource } from './transcriptSources';
import type { DispatchPage, TranscriptPage, TranscriptQuery, TranscriptStore } from './transcriptStore';
import { TranscriptWatch } from './transcriptWatch';

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
  /** Where the index's worker and its WASM lie; without them only the newest records can be asked for. */
  readonly index?: { readonly workerFile: string; readonly wasmFile: string };
}

/**
 * The transcript as JSON lines in files of which each has one writer, so that no lock is needed. Its index is asked
 * first; without one the newest records are read from the ends of the files.
 */
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
  readonly #index: TranscriptIndex | undefined;
  readonly #watch: TranscriptWatch;

  constructor(private readonly options: TranscriptFilesOptions) {
    this.#folder = join(options.storageFolder, 'transcript');
    this.#files = options.files ?? nodeFileLayer;
    this.#maxFileBytes = options.maxFileBytes ?? MAX_FILE_BYTES;
    const { clock, logger, index } = options;
    this.#index = index && new TranscriptIndex({ folder: this.#folder, ...index, clock, logger });
    this.#watch = new TranscriptWatch({
      folder: this.#folder,
      clock,
      onListenerError: (thrown) =>
        logger.log('error', 'transcript.listener.failed', { error: messageOf(thrown) }),
    });
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

  async query(query: DispatchQuery, signal?: AbortSignal): Promise<DispatchPage> {
    await this.flush();
    try {
      const index = this.#indexOrThrow();
      const waiting = this.#problem === undefined ? [] : this.#pending;
      return { ...(await index.query(query, waiting, signal)), notice: undefined };
    } catch (thrown) {
      if (!(thrown instanceof TranscriptIndexError) || !asksForNewest(query)) throw thrown;
      return this.#newestPage(query, thrown.message);
    }
  }

  async summary(
    filter: DispatchFilter,
    asOf: number | null,
    signal?: AbortSignal,
  ): Promise<DispatchSummary | null> {
    try {
      return await this.#indexOrThrow().summary(filter, asOf, signal);
    } catch (thrown) {
      if (thrown instanceof TranscriptIndexError) return null;
      throw thrown;
    }
  }

  readonly onDidChange = (listener: () => void): (() => void) => {
    const removals = [this.#watch.on(listener), this.#index?.onDidProgress(listener)];
    return () => {
      for (const remove of removals) remove?.();
    };
  };

  /** Writes what still waits and ends the index. Idempotent. */
  async dispose(): Promise<void> {
    await this.flush();
    await this.#index?.dispose();
  }

  #indexOrThrow(): TranscriptIndex {
    if (this.#index) return this.#index;
    throw new TranscriptIndexError('index_unavailable', l10n.t('The records of calls have no index here.'));
  }

  /** Without the index nothing is known of how many there are: another page is promised while there is one. */
  async #newestPage({ offset, limit }: DispatchQuery, notice: string): Promise<DispatchPage> {
    const page = await this.read({ offset, limit });
    const records = page.records.flatMap((raw) => dispatchRecordSchema.safeParse(raw).data ?? []);
    const known = offset + records.length + (page.more ? 1 : 0);
    const unreadable = page.records.length - records.length;
    return { offset, records, total: known, known, complete: !page.more, unreadable, asOf: 0, notice };
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
    let written = 0;
    try {
      await this.#files.makeFolder(this.#folder);
      // Mostly one; more after a time in which nothing could be written.
      for (const batch of batchesOf(lines, this.#maxFileBytes)) {
        await this.#writeBatch(batch, (whole) => (written += whole));
      }
      if (this.#problem !== undefined)
        this.options.logger.log('info', 'transcript.writable', { folder: this.#folder });
      this.#problem = undefined;
    } catch (thrown) {
      // What is whole on disk must not be written again; a torn line is closed before the next batch.
      this.#pending = [...lines.slice(written), ...this.#pending];
      if (this.#pending.length === 0) return;
      this.#problem = problemText(this.#folder, thrown);
      this.#dropOldest();
      this.options.logger.log('warn', 'transcript.write.failed', {
        code: systemCodeOf(thrown) ?? messageOf(thrown),
        waiting: this.#pending.length,
      });
      // Nothing changes in the folder, and yet there is more to see.
      this.#watch.fire();
    }
  }

  /** Writes lines as one batch and says how many are whole on disk, also before it rejects. */
  async #writeBatch(lines: readonly string[], wrote: (lines: number) => void): Promise<void> {
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    const handle = await this.#openForBatch(bytes.byteLength);
    let written = 0;
    try {
      await closeTornLine(handle);
      while (written < bytes.byteLength) written += await handle.append(bytes.subarray(written));
    } finally {
      wrote(countNewlines(bytes.subarray(0, written)));
      await handle.close();
    }
  }

  /** Opens today's file, or the next one of today when the batch would take it over the limit. */
  async #openForBatch(batchBytes: number): Promise<FileHandle> {
    const day = dayOf(this.options.clock.now());
    if (day !== this.#day) this.#part = await this.#lastPartOf(day);
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

  /** The last part that a writer of this name has begun: an earlier one with some room left holds what is older. */
  async #lastPartOf(day: string): Promise<number> {
    // A folder that cannot be listed may still be written to.
    const names = await this.#files.names(this.#folder).catch(() => []);
    const first = parseTranscriptFileName(transcriptFileName(day, this.options.writerId, 1));
    const parts = names.flatMap((name) => parseTranscriptFileName(name) ?? []);
    return Math.max(1, ...parts.filter(({ series }) => series === first?.series).map(({ part }) => part));
  }

  async #sources(): Promise<readonly RecordSource[]> {
    await this.#writePending();
    const memory = linesSource([...this.#pending].reverse());
    try {
      return [memory, ...(await fileSources(this.#files, this.#folder, this.options.writerId))];
    } catch (thrown) {
      this.#problem ??= problemText(this.#folder, thrown);
      return [memory];
    }
  }

  #dropOldest(): void {
    const excess = this.#pending.length - MAX_KEPT_RECORDS;
    if (excess <= 0) return;
    this.#pending = this.#pending.slice(excess);
    this.options.logger.log('warn', 'transcript.dropped', { records: excess });
  }
}

function asksForNewest({ filter, order }: DispatchQuery): boolean {
  return isDeepStrictEqual(filter, NO_DISPATCH_FILTER) && isDeepStrictEqual(order, NEWEST_FIRST);
}

async function closeTornLine(handle: FileHandle): Promise<void> {
  const sizeBytes = await handle.sizeBytes();
  if (sizeBytes === 0) return;
  const last = await handle.read(sizeBytes - 1, 1);
  if (last[0] !== NEWLINE) await handle.append(Buffer.from('\n'));
}

/** The lines in order, in batches that fit into a file; a line that is longer than a file has one to itself. */
function batchesOf(lines: readonly string[], maxBytes: number): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let batchBytes = Infinity;
  for (const line of lines) {
    const lineBytes = Buffer.byteLength(line) + 1;
    if (batchBytes + lineBytes > maxBytes) {
      batches.push([]);
      batchBytes = 0;
    }
    batches.at(-1)?.push(line);
    batchBytes += lineBytes;
  }
  return batches;
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === NEWLINE) count += 1;
  return count;
}

const REASONS: Readonly<Record<string, () => string>> = {
  EACCES: () => l10n.t('the folder may not be written by this user'),
  EPERM: () => l10n.t('the folder may not be written by this user'),
  EROFS: () => l10n.t('the file system is read-only'),
  ENOSPC: () => l10n.t('the disk is full'),
  EDQUOT: () => l10n.t('the disk quota is used up'),
  ENOTDIR: () => l10n.t('a file stands where the folder should be'),
  EEXIST: () => l10n.t('a file stands where the folder should be'),
};

function remedyText(code: string | undefined): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return l10n.t('Make the folder writable.');
    case 'ENOSPC':
    case 'EDQUOT':
      return l10n.t('Free some space.');
    case 'ENOTDIR':
    case 'EEXIST':
      return l10n.t('Move that file away.');
    default:
      return l10n.t('Free some space or make the folder writable.');
  }
}

function problemText(folder: string, thrown: unknown): string {
  const code = systemCodeOf(thrown);
  const reason = (code === undefined ? undefined : REASONS[code]?.()) ?? code ?? messageOf(thrown);
  return l10n.t(
    'Records of calls cannot be written to {0}: {1}. The last {2} are kept in memory and tried again with every call. {3} Nothing else has to be done.',
    folder,
    reason,
    MAX_KEPT_RECORDS,
    remedyText(code),
  );
}
