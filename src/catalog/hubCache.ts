import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { CacheEntry } from './hubCacheFile';
import { HubCacheFile } from './hubCacheFile';

export interface HubCacheOptions {
  /** Where its one file is; made where it is missing. */
  readonly folder: string;
  /** Another one for each window, fit for a file's name. */
  readonly writerId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 1,000. */
  readonly maxEntries?: number;
  /** Of keys and values together, default 8 MiB. A value that takes more than a quarter of it is not kept. */
  readonly maxBytes?: number;
  /** How long changes are gathered before they are written. Default 2,000. */
  readonly writeDelayMs?: number;
}

const FRESH_MS = 24 * 60 * 60_000;
/** The file is text within text: quotes and backslashes are written twice or more. */
const FILE_BYTES_PER_BYTE = 4;

/**
 * Answers of Hugging Face by address, in memory and in one file. Bounded in number and bytes; what was used longest ago
 * goes first. A file that cannot be used is put aside, and one warning says so. Nothing here rejects: a cache that
 * cannot be read or written is an empty one.
 */
export class HubCache {
  readonly #file: HubCacheFile;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  /** In the order of last use, the oldest first. */
  readonly #entries = new Map<string, CacheEntry>();
  #bytes = 0;
  #loading: Promise<void> | undefined;
  #isChanged = false;
  #cancelWrite: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();
  #hasWarned = false;

  constructor(private readonly options: HubCacheOptions) {
    this.#file = new HubCacheFile(options.folder, options.writerId, options.clock);
    this.#maxEntries = options.maxEntries ?? 1_000;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
  }

  /** What is kept for the key. */
  async get(key: string): Promise<CacheEntry | undefined> {
    await this.#load();
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // The order of use is not worth a write of its own.
    this.#isChanged = true;
    return entry;
  }

  /** Whether the server said within the last 24 hours that the entry holds. One from the future is not fresh. */
  isFresh({ checkedAtMs }: CacheEntry): boolean {
    const ageMs = this.options.clock.now() - checkedAtMs;
    return ageMs >= 0 && ageMs < FRESH_MS;
  }

  /** Keeps a value as of now. */
  async set(key: string, value: unknown, etag?: string): Promise<void> {
    await this.#load();
    this.#remove(key);
    const checkedAtMs = this.options.clock.now();
    this.#add({ key, checkedAtMs, json: JSON.stringify(value), ...(etag === undefined ? {} : { etag }) });
    this.#changed();
  }

  /** Notes that what is kept for the key still holds. */
  async renew(key: string): Promise<void> {
    await this.#load();
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#remove(key);
    this.#add({ ...entry, checkedAtMs: this.options.clock.now() });
    this.#changed();
  }

  async delete(key: string): Promise<void> {
    await this.#load();
    if (this.#remove(key)) this.#changed();
  }

  /** Writes what is not written yet, and resolves when that is done. */
  flush(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#file.read(this.#maxBytes * FILE_BYTES_PER_BYTE).then((read) => {
      if (read.ok) for (const entry of read.entries) this.#add(entry);
      else {
        const { why, isAside } = read;
        this.options.logger.log('warn', 'catalog.hub_cache_reset', { why, isAside });
      }
    });
    return this.#loading;
  }

  #add(entry: CacheEntry): void {
    const bytes = bytesOf(entry);
    this.#remove(entry.key);
    if (bytes > this.#maxBytes / 4) return;
    this.#entries.set(entry.key, entry);
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    this.#bytes -= bytesOf(entry);
    return this.#entries.delete(key);
  }

  #changed(): void {
    this.#isChanged = true;
    this.#cancelWrite ??= this.options.clock.after(
      this.options.writeDelayMs ?? 2_000,
      () => void this.flush(),
    );
  }

  async #write(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    try {
      await this.#file.write([...this.#entries.values()]);
      this.#hasWarned = false;
    } catch (thrown) {
      this.#isChanged = true;
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      const why = messageOf(thrown);
      this.options.logger.log('warn', 'catalog.hub_cache_not_written', { why });
    }
  }
}

function bytesOf({ key, json }: CacheEntry): number {
  return Buffer.byteLength(key) + Buffer.byteLength(json);
}
