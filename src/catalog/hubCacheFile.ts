import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';

/** An answer as it is kept. */
export interface CacheEntry {
  readonly key: string;
  readonly etag?: string;
  /** When the server last said that it holds; wall-clock time, in milliseconds. */
  readonly checkedAtMs: number;
  /** The value, as JSON. */
  readonly json: string;
}

type CacheFileResult =
  /** In the order of last use, the oldest first; none where there is no file. */
  | { readonly ok: true; readonly entries: readonly CacheEntry[] }
  /** The file cannot be used and was put aside, where that was possible. */
  | { readonly ok: false; readonly why: string; readonly isAside: boolean };

const FILE_NAME = 'hub-cache.json';
const VERSION = 1;

/** A window that ended while it wrote leaves its file; nobody else takes so long. */
const ABANDONED_MS = 10 * 60_000;

const cacheFile = z.object({
  version: z.literal(VERSION),
  entries: z.array(
    z.object({
      key: z.string(),
      etag: z.string().exactOptional(),
      checkedAtMs: z.number(),
      json: z.string(),
    }),
  ),
});

/** The one file of the cache in a folder. Windows replace it as a whole; the last one wins. */
export class HubCacheFile {
  readonly #file: string;

  constructor(
    private readonly folder: string,
    /** Keeps the temporary files of several windows apart. One writer must not write twice at the same time. */
    private readonly writerId: string,
    private readonly clock: Clock,
  ) {
    this.#file = path.join(folder, FILE_NAME);
  }

  /** What the file holds. One that is larger than `maxBytes` is not read. Never rejects. */
  async read(maxBytes: number): Promise<CacheFileResult> {
    await this.#removeAbandoned();
    const read = await this.#parse(maxBytes);
    if (Array.isArray(read)) return { ok: true, entries: read };
    const isAside = await rename(this.#file, `${this.#file}.bad`).then(
      () => true,
      () => false,
    );
    return { ok: false, why: read, isAside };
  }

  /** Replaces the file. Rejects with the file system's error; the old file stays then. */
  async write(entries: readonly CacheEntry[]): Promise<void> {
    const temporary = `${this.#file}.${this.writerId}.tmp`;
    const lines = entries.map((entry) => JSON.stringify(entry));
    const text = `{"version":${VERSION},"entries":[\n${lines.join(',\n')}\n]}\n`;
    await mkdir(this.folder, { recursive: true });
    try {
      await writeFile(temporary, text);
      await rename(temporary, this.#file);
    } catch (thrown) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw thrown;
    }
  }

  /** The entries, or why there are none. */
  async #parse(maxBytes: number): Promise<CacheEntry[] | string> {
    let text: string;
    try {
      const { size } = await stat(this.#file);
      if (size > maxBytes) return `it has ${size} bytes, more than ${maxBytes}`;
      text = await readFile(this.#file, 'utf8');
    } catch (thrown) {
      const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
      return isMissing ? [] : `it cannot be read: ${messageOf(thrown)}`;
    }
    const parsed = cacheFile.safeParse(parseJson(text));
    if (parsed.success) return parsed.data.entries;
    return 'it is of another form or version';
  }

  async #removeAbandoned(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      if (!name.startsWith(`${FILE_NAME}.`) || !name.endsWith('.tmp')) continue;
      const file = path.join(this.folder, name);
      const changedMs = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      );
      if (this.clock.now() - changedMs > ABANDONED_MS) await rm(file, { force: true }).catch(() => undefined);
    }
  }
}
