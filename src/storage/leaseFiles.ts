import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import { systemCodeOf } from './fileLayer';
import type { Lease, LeaseStore } from './leaseStore';
import { replaceFile } from './replaceFile';

const BEAT_MS = 5_000;
const STALE_MS = 20_000;
/** After this long without a beat a file is deleted by whoever reads. */
const FORGOTTEN_MS = 60 * 60 * 1_000;
const MICROSECONDS_PER_MILLISECOND = 1_000;

const leaseFile = z.object({
  models: z.array(z.string()),
  bootId: z.string(),
  /** Monotonic microseconds at the writing, comparable within one boot. */
  writtenMono: z.number(),
  /** ISO 8601, for people who look into the file: nothing is decided by it. */
  writtenAt: z.string(),
});
type LeaseFile = z.infer<typeof leaseFile>;

export interface LeaseFilesOptions {
  /** The extension's storage folder; the files lie in its `leases` folder. */
  readonly storageFolder: string;
  /** Letters, digits, `_` and `-`; no two windows share it. */
  readonly windowId: string;
  /** Of `readBootId`: what the clock's monotonic time is counted from. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly beatMs?: number;
  readonly staleMs?: number;
}

/**
 * One heartbeat file a window, so that no lock is needed.
 *
 * How old another window's file is, no wall clock says: one that steps ahead by an hour would end every lease there is,
 * and a model could be removed under a call. Within one boot the monotonic stamps tell. Where they cannot be compared
 * (the boot before, another machine on the same folder, a system without boot ids, a file that cannot be read), the age
 * is the time for which this window has seen the file unchanged. So the lease of a window that is dead ends in every
 * case, there 20 s after the first look at it, and one that beats never does.
 */
export class LeaseFiles implements LeaseStore {
  readonly #folder: string;
  readonly #file: string;
  readonly #beatMs: number;
  readonly #staleMs: number;
  #models: readonly string[] = [];
  #changed = false;
  #disposed = false;
  #failing = false;
  #cancelBeat: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  /** By file name: what a file was when it was last looked at, and since when it has been that. */
  #seen: Known = new Map();

  constructor(private readonly options: LeaseFilesOptions) {
    this.#folder = path.join(options.storageFolder, 'leases');
    this.#file = path.join(this.#folder, `${options.windowId}.json`);
    this.#beatMs = options.beatMs ?? BEAT_MS;
    this.#staleMs = options.staleMs ?? STALE_MS;
  }

  hold(models: readonly string[]): void {
    const next = [...new Set(models)].sort();
    if (this.#disposed || sameList(next, this.#models)) return;
    this.#models = next;
    this.#write();
  }

  async others(): Promise<readonly Lease[]> {
    let names: readonly string[];
    try {
      names = await readdir(this.#folder);
    } catch (thrown) {
      const code = systemCodeOf(thrown);
      if (code === 'ENOENT' || code === 'ENOTDIR') return [];
      this.options.logger.log('warn', 'lease.folder.unreadable', { error: causeOf(thrown) });
      return [{ windowId: 'unknown', models: 'unknown' }];
    }
    const before = this.#seen;
    const looks = await Promise.all(
      names.filter((name) => !this.#isOurs(name)).map((name) => this.#look(name, before)),
    );
    const found = looks.filter((look) => look !== undefined);
    this.#seen = new Map(found.map(({ name, print, sinceMs }) => [name, { print, sinceMs }]));
    await Promise.all(
      found.filter(({ ageMs }) => ageMs > FORGOTTEN_MS).map(({ name }) => this.#forget(name)),
    );
    return found.flatMap(({ name, models, ageMs }) =>
      ageMs > this.#staleMs || !name.endsWith('.json') ? [] : [{ windowId: path.parse(name).name, models }],
    );
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#models = [];
    this.#write();
    await this.#writing;
  }

  /** Writes what is held now, after the write that runs, if one does. */
  #write(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
    this.#changed = true;
    this.#writing ??= this.#writeWhileChanged();
  }

  async #writeWhileChanged(): Promise<void> {
    while (this.#changed) {
      this.#changed = false;
      await this.#store(this.#models);
    }
    this.#writing = undefined;
    if (this.#models.length > 0) {
      this.#cancelBeat = this.options.clock.after(this.#beatMs, () => this.#write());
    }
  }

  /** Never rejects: what fails is tried again with the next beat. */
  async #store(models: readonly string[]): Promise<void> {
    const { clock, windowId, bootId, logger } = this.options;
    try {
      if (models.length === 0) await rm(this.#file, { force: true });
      else {
        await mkdir(this.#folder, { recursive: true });
        const content: LeaseFile = {
          models: [...models],
          bootId,
          writtenMono: Math.round(clock.monotonicMs() * MICROSECONDS_PER_MILLISECOND),
          writtenAt: isoNow(clock),
        };
        await replaceFile(this.#file, `${JSON.stringify(content)}\n`, windowId);
      }
      this.#failing = false;
    } catch (thrown) {
      if (!this.#failing) logger.log('warn', 'lease.write.failed', { error: causeOf(thrown) });
      this.#failing = true;
    }
  }

  /** One file of another window; undefined where it is gone by now. */
  async #look(name: string, before: Known): Promise<Look | undefined> {
    let print: string;
    let lease: LeaseFile | undefined;
    try {
      print = await readFile(path.join(this.#folder, name), 'utf8');
      lease = leaseFile.safeParse(parseJson(print)).data;
    } catch (thrown) {
      print = causeOf(thrown);
      if (print === 'ENOENT') return undefined;
    }
    const nowMs = this.options.clock.monotonicMs();
    const seen = before.get(name);
    const sinceMs = seen?.print === print ? seen.sinceMs : nowMs;
    return {
      ...{ name, print, sinceMs, models: lease?.models ?? 'unknown' },
      ageMs: this.#stampedAgeMs(lease, nowMs) ?? nowMs - sinceMs,
    };
  }

  /** Undefined where the stamp cannot be compared with our clock; one that is ahead of it cannot either. */
  #stampedAgeMs(lease: LeaseFile | undefined, nowMs: number): number | undefined {
    if (lease?.bootId !== this.options.bootId) return undefined;
    const ageMs = nowMs - lease.writtenMono / MICROSECONDS_PER_MILLISECOND;
    return ageMs < 0 ? undefined : ageMs;
  }

  #isOurs(name: string): boolean {
    return name.startsWith(`${this.options.windowId}.`);
  }

  async #forget(name: string): Promise<void> {
    try {
      await rm(path.join(this.#folder, name), { force: true });
    } catch (thrown) {
      this.options.logger.log('debug', 'lease.delete.failed', { error: causeOf(thrown) });
    }
  }
}

type Known = ReadonlyMap<string, Pick<Look, 'print' | 'sinceMs'>>;

interface Look {
  readonly name: string;
  readonly models: Lease['models'];
  /** What the file was: its text, or why it could not be read. */
  readonly print: string;
  /** Monotonic milliseconds since when this window has known it like that. */
  readonly sinceMs: number;
  readonly ageMs: number;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function causeOf(thrown: unknown): string {
  return systemCodeOf(thrown) ?? messageOf(thrown);
}
