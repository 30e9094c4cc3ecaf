import { watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import { parseTranscriptFileName } from './transcriptName';

/** A watcher may miss a change, and some file systems tell of none: the folder is looked at this often as well. */
const LOOK_EVERY_MS = 2_000;
/** Changes gather this long: a batch of records touches its file more than once. */
const GATHER_MS = 100;
/** Writers go on with the file of the day on which their batch began, so older files do not grow. */
const GROWING_DAYS = 2;

/** Says when files of the transcript's folder come, grow or go. Looks only while somebody listens. */
export class TranscriptWatch {
  readonly #changed: Emitter<void>;
  readonly #folder: string;
  readonly #clock: Clock;
  #listeners = 0;
  #stopWatching: (() => void) | undefined;
  #cancelLook: (() => void) | undefined;
  #cancelGather: (() => void) | undefined;
  #seen: string | undefined;

  constructor(options: {
    readonly folder: string;
    readonly clock: Clock;
    readonly onListenerError: (thrown: unknown) => void;
  }) {
    this.#folder = options.folder;
    this.#clock = options.clock;
    this.#changed = new Emitter(options.onListenerError);
  }

  readonly on = (listener: () => void): (() => void) => {
    const remove = this.#changed.on(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) this.#begin();
    let listening = true;
    return () => {
      if (!listening) return;
      listening = false;
      remove();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#end();
    };
  };

  /** Tells the listeners what they would not see in the folder. */
  fire(): void {
    this.#changed.fire();
  }

  #begin(): void {
    void this.#look();
    this.#lookLater();
  }

  #end(): void {
    for (const stop of [this.#stopWatching, this.#cancelLook, this.#cancelGather]) stop?.();
    this.#stopWatching = this.#cancelLook = this.#cancelGather = this.#seen = undefined;
  }

  #lookLater(): void {
    this.#cancelLook = this.#clock.after(LOOK_EVERY_MS, () => {
      this.#lookLater();
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#watch();
    const state = await folderState(this.#folder);
    if (this.#listeners === 0) return;
    const before = this.#seen;
    this.#seen = state;
    if (before !== undefined && before !== state) this.#changed.fire();
  }

  /** The folder is made with the first record, so that it may not be there yet. */
  #watch(): void {
    if (this.#stopWatching) return;
    try {
      const watcher = watch(this.#folder, { persistent: false }, () => this.#lookSoon());
      const stop = (): void => {
        watcher.close();
        if (this.#stopWatching === stop) this.#stopWatching = undefined;
      };
      watcher.on('error', stop);
      this.#stopWatching = stop;
    } catch {
      // The folder is looked at from time to time all the same.
    }
  }

  #lookSoon(): void {
    this.#cancelGather ??= this.#clock.after(GATHER_MS, () => {
      this.#cancelGather = undefined;
      void this.#look();
    });
  }
}

/** Changes when a file comes, goes, or one of the newest days grows. */
async function folderState(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const files = names.flatMap((name) => parseTranscriptFileName(name) ?? []);
  const days = [...new Set(files.map(({ latest }) => latest))].sort().slice(-GROWING_DAYS);
  const sizes = await Promise.all(
    files.map(async ({ name, latest }) => {
      if (!days.includes(latest)) return name;
      const stats = await stat(join(folder, name)).catch(() => undefined);
      return `${name}:${stats?.size ?? 0}`;
    }),
  );
  return sizes.sort().join('\n');
}
