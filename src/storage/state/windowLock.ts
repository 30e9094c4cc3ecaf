import { join } from 'node:path';
import type { Clock } from '../../shared/clock';
import { sleep } from '../../shared/clock';
import { messageOf } from '../../shared/errors';
import type { Logger } from '../../shared/logger';
import { systemCodeOf } from '../fileLayer';
import { StillWatch } from './stillWatch';
import type { LockFiles } from './lockFiles';

const STALE_MS = 5_000;
const HEARTBEAT_MS = 1_000;
/** A lock that did not beat twice in turn is dead, whatever the wall clock says. */
const DEAD_MS = 2 * HEARTBEAT_MS;
const LOOK_EVERY_MS = 4;
/** After other windows were met, this window lets them pass for so long before it takes the lock again. */
const MANNERS_MS = 6;
const CROWDED_FOR_MS = 1_000;

export interface WindowLockOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  /** Longest wait for the lock. */
  readonly waitMs: number;
  readonly files: LockFiles;
}

/**
 * A lock between windows that only saves them from doing work in vain: correctness rests on publishing. So the wait for it
 * is bounded, and where it cannot be made or does not come free the transaction goes on without it.
 */
export class WindowLock {
  readonly #still: StillWatch;
  #crowdedUntilMs = 0;
  #releasedMs = 0;
  #said = false;

  constructor(private readonly options: WindowLockOptions) {
    this.#still = new StillWatch(options.clock);
  }

  /** Another window wrote: from now on, for a while, leave it a gap. */
  noteCompany(): void {
    this.#crowdedUntilMs = this.options.clock.monotonicMs() + CROWDED_FOR_MS;
  }

  /** Never rejects. Call what it returns when the work is done. */
  async acquire(): Promise<() => Promise<void>> {
    const { clock, random, waitMs, files, folder } = this.options;
    const file = join(folder, 'state.lock');
    const started = clock.monotonicMs();
    // Whoever has just had the lock would take it again before the others have looked.
    const gapMs = this.#releasedMs + MANNERS_MS * (1 + random()) - started;
    if (gapMs > 0 && started < this.#crowdedUntilMs) await sleep(clock, gapMs);
    for (;;) {
      try {
        const release = await files.lock(file, {
          ...{ lockfilePath: file, realpath: false, retries: 0, stale: STALE_MS, update: HEARTBEAT_MS },
          // Its own default throws from a timer. Whoever was too slow loses the lock, and nothing else.
          onCompromised: (thrown) =>
            this.options.logger.log('debug', 'state.lock.compromised', { error: messageOf(thrown) }),
        });
        return async () => {
          this.#releasedMs = clock.monotonicMs();
          await release().catch(() => undefined);
        };
      } catch (thrown) {
        if (systemCodeOf(thrown) !== 'ELOCKED') return this.#without(thrown);
      }
      this.noteCompany();
      if (await this.#isDead(file)) await files.remove(file).catch(() => undefined);
      else if (clock.monotonicMs() - started >= waitMs) return nothing;
      else await sleep(clock, LOOK_EVERY_MS * (0.5 + random()));
    }
  }

  async #isDead(file: string): Promise<boolean> {
    const look = await this.options.files.look(file).catch(() => undefined);
    return look !== undefined && this.#still.stillForMs(look) > DEAD_MS;
  }

  #without(thrown: unknown): () => Promise<void> {
    // Where the folder is not there yet it is made by the publish.
    if (!this.#said && systemCodeOf(thrown) !== 'ENOENT') {
      this.#said = true;
      this.options.logger.log('info', 'state.lock.unavailable', {
        code: systemCodeOf(thrown) ?? messageOf(thrown),
      });
    }
    return nothing;
  }
}

async function nothing(): Promise<void> {
  return Promise.resolve();
}
