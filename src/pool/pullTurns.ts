import type { Clock } from '../shared/clock';
import { isOver, type StoredRun } from './pullRunRows';

/** A window that has not shown itself for so long downloads no more: another one goes on. */
const PULL_LEASE_MS = 120_000;

const MICROSECONDS_PER_MILLISECOND = 1_000;

export interface TurnQuery {
  /** In the order of the queue. */
  readonly runs: readonly StoredRun[];
  /** This window. */
  readonly owner: string;
  /** Whether this window downloads it now. */
  readonly isLive: (run: StoredRun) => boolean;
  readonly isGone: (run: StoredRun) => boolean;
  readonly maxConcurrent: number;
}

/**
 * The run that this window should begin or go on with now, or undefined. All windows together download no more than
 * `maxConcurrent` at once, first come first: where it is another living window's turn, it is waited for.
 */
export function nextTurn({ runs, owner, isLive, isGone, maxConcurrent }: TurnQuery): StoredRun | undefined {
  const open = runs.filter((run) => !isOver(run));
  const isAbandoned = (run: StoredRun): boolean =>
    run.owner === null || (run.owner === owner ? run.status !== 'queued' && !isLive(run) : isGone(run));
  const downloads = open.filter((run) => isLive(run) || (run.status !== 'queued' && !isAbandoned(run)));
  return open
    .filter((run) => !downloads.includes(run))
    .slice(0, Math.max(0, maxConcurrent - downloads.length))
    .find((run) => run.owner === owner || isAbandoned(run));
}

/**
 * Tells which owners are gone. Within one boot the monotonic stamps say so; where they cannot be compared (the boot
 * before, another machine) it is the time for which this window has seen the stamp unchanged. No wall clock is asked:
 * one that steps would end every lease there is.
 */
export class PullLeases {
  #seen: ReadonlyMap<string, { readonly stamp: string; readonly sinceMs: number }> = new Map();

  constructor(
    private readonly clock: Clock,
    private readonly bootId: string,
  ) {}

  /** The stamp of a renewal. */
  stamp(): Pick<StoredRun, 'bootId' | 'renewedMono'> {
    const renewedMono = Math.round(this.clock.monotonicMs() * MICROSECONDS_PER_MILLISECOND);
    return { bootId: this.bootId, renewedMono };
  }

  /** Looks at the stamps; to be called whenever the runs were read, and every some seconds. */
  note(runs: readonly StoredRun[]): void {
    const now = this.clock.monotonicMs();
    this.#seen = new Map(
      runs.map((run) => {
        const stamp = stampText(run);
        const before = this.#seen.get(run.runId);
        return [run.runId, before?.stamp === stamp ? before : { stamp, sinceMs: now }];
      }),
    );
  }

  isGone(run: StoredRun): boolean {
    if (run.owner === null) return true;
    const now = this.clock.monotonicMs();
    if (run.bootId === this.bootId) {
      return now - run.renewedMono / MICROSECONDS_PER_MILLISECOND > PULL_LEASE_MS;
    }
    const seen = this.#seen.get(run.runId);
    return seen?.stamp === stampText(run) && now - seen.sinceMs > PULL_LEASE_MS;
  }
}

function stampText({ owner, bootId, renewedMono }: StoredRun): string {
  return JSON.stringify([owner, bootId, renewedMono]);
}
