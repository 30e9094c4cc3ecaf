import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dispatchRecordSchema, type DispatchRecord } from '../shared/dispatchRecord';
import { parseJson } from '../shared/json';
import { systemCodeOf } from './fileLayer';
import { parseTranscriptFileName } from './transcriptName';

/** Read at a time; a longer line is left out, so that no file can fill the memory. A record has about 1.5 kB. */
const SLICE_BYTES = 256 * 1024;
/** A file that begins otherwise than before is another file. Holds the first record's id. */
const HEAD_BYTES = 128;
const NEWLINE = 0x0a;

/** Who is told what the files hold. Files are named by numbers from 1 on that are never used again. */
export interface ScanSink {
  add(record: DispatchRecord, file: number, offsetBytes: number, lengthBytes: number): void;
  dropFile(file: number): void;
}

interface ScannedFile {
  readonly name: string;
  readonly latest: string;
  readonly id: number;
  sizeBytes: number;
  modifiedMs: number;
  head: string;
  unreadable: number;
  /**
   * What was there at the first look lies before `backEnd` and is read from its end on. `tail`: no newline was found
   * yet, so that the last line is torn; `line`: a line longer than a slice is being left out.
   */
  backEnd: number;
  back: 'untouched' | 'tail' | 'lines' | 'line';
  /** What comes later is read forward from here on. `skipping`: a line longer than a slice is being left out. */
  nextByte: number;
  skipping: boolean;
  /** No whole line is left between `nextByte` and `sizeBytes`. */
  settled: boolean;
}

/**
 * Follows the transcript's files. What was there at the first look is read newest first: the newest day's files from
 * their ends, so that the newest records are known at once. What is added to a file later is read from where reading
 * stopped, before anything else. A file that is gone takes its records with it, and one that was replaced is read
 * anew. A last line without its newline waits for it. Synchronous: for the worker thread only.
 */
export class TranscriptScan {
  readonly #files = new Map<string, ScannedFile>();
  #nextId = 1;
  #looked = false;

  constructor(
    private readonly folder: string,
    private readonly sink: ScanSink,
    private readonly sliceBytes = SLICE_BYTES,
  ) {}

  /** What the next step reads: what has just come, the ends of the newest files, or the rest. */
  get next(): 'news' | 'newest' | 'older' | 'nothing' {
    if (this.#news()) return 'news';
    const older = this.#older();
    if (!older) return 'nothing';
    const newestDay = [...this.#files.values()].reduce(
      (day, { latest }) => (latest > day ? latest : day),
      '',
    );
    return older.back === 'untouched' && older.latest === newestDay ? 'newest' : 'older';
  }

  /** Lines that could not be read as records. */
  get unreadable(): number {
    return [...this.#files.values()].reduce((sum, file) => sum + file.unreadable, 0);
  }

  /** Looks at the folder. True when something was added or taken away since the look before. */
  look(): boolean {
    const names = new Set(this.#names());
    let changed = false;
    for (const file of [...this.#files.values()]) {
      if (names.has(file.name)) continue;
      this.#files.delete(file.name);
      this.sink.dropFile(file.id);
      changed = true;
    }
    for (const name of names) changed = this.#lookAt(name) || changed;
    this.#looked = true;
    return changed;
  }

  /** Reads one slice. */
  step(): void {
    const file = this.#news() ?? this.#older();
    if (!file) return;
    const news = !file.settled;
    try {
      const head = this.#read(file.name, 0, HEAD_BYTES).toString('latin1');
      if (!head.startsWith(file.head)) {
        this.#begin(file.name, file);
      } else {
        file.head = head;
        if (news) this.#forward(file);
        else this.#backward(file);
      }
    } catch {
      // Deleted between the look and now, or not ours to read: the next look finds out.
      file.settled = true;
      file.backEnd = 0;
    }
  }

  /** The lines at some places, in their order; undefined where the file is gone or has become shorter. */
  linesAt(
    places: readonly { readonly file: number; readonly offsetBytes: number; readonly lengthBytes: number }[],
  ): readonly (string | undefined)[] {
    const names = new Map([...this.#files.values()].map(({ id, name }) => [id, name]));
    const handles = new Map<number, number>();
    const line = (file: number, offset: number, length: number): string | undefined => {
      const name = names.get(file);
      if (name === undefined) return undefined;
      const handle = handles.get(file) ?? openSync(join(this.folder, name), 'r');
      handles.set(file, handle);
      const bytes = readFrom(handle, offset, length);
      return bytes.byteLength === length ? bytes.toString('utf8') : undefined;
    };
    try {
      return places.map(({ file, offsetBytes, lengthBytes }) => {
        try {
          return line(file, offsetBytes, lengthBytes);
        } catch {
          return undefined;
        }
      });
    } finally {
      for (const handle of handles.values()) closeSync(handle);
    }
  }

  #news(): ScannedFile | undefined {
    return [...this.#files.values()].find((file) => !file.settled);
  }

  #older(): ScannedFile | undefined {
    return [...this.#files.values()]
      .filter((file) => file.backEnd > 0)
      .reduce<ScannedFile | undefined>(
        (best, file) => (best && readBefore(best, file) ? best : file),
        undefined,
      );
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.folder);
    } catch (thrown) {
      // No folder, or a file in its place: nothing was written yet.
      if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(thrown) ?? '')) return [];
      throw thrown;
    }
  }

  #lookAt(name: string): boolean {
    if (!parseTranscriptFileName(name)) return false;
    const stats = statSync(join(this.folder, name), { throwIfNoEntry: false });
    if (!stats?.isFile()) return false;
    const { size: sizeBytes, mtimeMs: modifiedMs } = stats;
    const known = this.#files.get(name);
    if (known?.sizeBytes === sizeBytes && known.modifiedMs === modifiedMs) return false;
    if (!known || sizeBytes <= known.sizeBytes) {
      // Files only ever grow: anything else is another file under the same name.
      this.#begin(name, { sizeBytes, modifiedMs });
    } else if (known.backEnd > 0 && (known.back === 'untouched' || known.back === 'tail')) {
      Object.assign(known, { sizeBytes, modifiedMs, backEnd: sizeBytes, back: 'untouched' });
    } else {
      Object.assign(known, { sizeBytes, modifiedMs, settled: false });
    }
    return true;
  }

  /** Takes a file as new, in place of the one that had its name. */
  #begin(name: string, { sizeBytes, modifiedMs }: Pick<ScannedFile, 'sizeBytes' | 'modifiedMs'>): void {
    const before = this.#files.get(name);
    if (before) this.sink.dropFile(before.id);
    const latest = parseTranscriptFileName(name)?.latest ?? '';
    // What comes after the first look is new as a whole.
    const old = !this.#looked;
    this.#files.set(name, {
      ...{ name, latest, id: this.#nextId++, sizeBytes, modifiedMs, head: '', unreadable: 0 },
      ...{ backEnd: old ? sizeBytes : 0, back: 'untouched' as const },
      ...{ nextByte: old ? sizeBytes : 0, skipping: false, settled: old },
    });
  }

  #forward(file: ScannedFile): void {
    const length = Math.min(this.sliceBytes, file.sizeBytes - file.nextByte);
    const slice = this.#read(file.name, file.nextByte, length);
    const firstEnd = file.skipping ? slice.indexOf(NEWLINE) : -1;
    if (firstEnd !== -1) {
      file.skipping = false;
      file.unreadable += 1;
    }
    const end = file.skipping ? slice.byteLength : this.#takeLines(file, slice, firstEnd + 1, file.nextByte);
    const tooLong = end === 0 && slice.byteLength === this.sliceBytes;
    if (tooLong) file.skipping = true;
    file.nextByte += tooLong ? slice.byteLength : end;
    file.settled = slice.byteLength < this.sliceBytes || file.nextByte >= file.sizeBytes;
  }

  #backward(file: ScannedFile): void {
    const from = Math.max(0, file.backEnd - this.sliceBytes);
    let slice = this.#read(file.name, from, file.backEnd - from);
    if (file.back !== 'lines') {
      const newline = slice.lastIndexOf(NEWLINE);
      if (newline === -1 && from > 0) {
        file.back = file.back === 'line' ? 'line' : 'tail';
        file.backEnd = from;
        return;
      }
      if (file.back === 'line') file.unreadable += 1;
      else file.nextByte = from + newline + 1;
      file.back = 'lines';
      slice = slice.subarray(0, newline + 1);
    }
    // From here on the slice ends with a whole line; only the file's first one is sure to begin in it.
    const first = from === 0 ? 0 : slice.indexOf(NEWLINE) + 1;
    if (from > 0 && first === slice.byteLength) {
      const tooLong = slice.byteLength === this.sliceBytes;
      file.back = tooLong ? 'line' : 'lines';
      file.backEnd = tooLong ? from : from + slice.byteLength;
      return;
    }
    file.backEnd = from + first;
    this.#takeLines(file, slice, first, from);
  }

  /** Takes the whole lines from `start` on and returns where the last of them ends; `from` is the slice's offset. */
  #takeLines(file: ScannedFile, slice: Buffer, start: number, from: number): number {
    let lineStart = start;
    for (let end = slice.indexOf(NEWLINE, lineStart); end !== -1; end = slice.indexOf(NEWLINE, lineStart)) {
      const text = slice.toString('utf8', lineStart, end);
      const offset = from + lineStart;
      const length = end - lineStart;
      lineStart = end + 1;
      if (text.trim() === '') continue;
      const { data } = dispatchRecordSchema.safeParse(parseJson(text));
      if (data) this.sink.add(data, file.id, offset, length);
      else file.unreadable += 1;
    }
    return lineStart;
  }

  #read(name: string, offset: number, length: number): Buffer {
    const handle = openSync(join(this.folder, name), 'r');
    try {
      return readFrom(handle, offset, length);
    } finally {
      closeSync(handle);
    }
  }
}

/** At most `length` bytes; fewer at the end of the file. */
function readFrom(handle: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(handle, buffer, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}

/** Newer days first; of one day first the ends of all files, then the one that was written last. */
function readBefore(a: ScannedFile, b: ScannedFile): boolean {
  if (a.latest !== b.latest) return a.latest > b.latest;
  if ((a.back === 'untouched') !== (b.back === 'untouched')) return a.back === 'untouched';
  return a.modifiedMs >= b.modifiedMs;
}
