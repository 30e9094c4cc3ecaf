import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import { TASKS, type Task } from '../shared/settings';
import type { RankingService } from './rankingService';

export interface BackgroundRankingsOptions {
  readonly rankings: Pick<RankingService, 'rank' | 'known' | 'onDidChange'>;
  /** Machines whose models there is a choice between. */
  readonly hosts: () => ReadonlySet<HostId>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whatever changed may change again at once; and nobody waits for this. */
const QUIET_MS = 3_000;
/** Between two rankings others get their turn: each takes the processor for a while. */
const PAUSE_MS = 200;

/**
 * Ranks for every task on every machine that serves several models, when nothing else is to be done: the best model of
 * a task is chosen at once when a call needs one, from rankings that are there. A call that comes before has its task
 * ranked first.
 */
export class BackgroundRankings {
  #cancel: (() => void) | undefined;
  /** Counts what makes a round that runs worthless. */
  #round = 0;
  readonly #stopListening: () => void;

  constructor(private readonly options: BackgroundRankingsOptions) {
    this.#stopListening = options.rankings.onDidChange(() => this.soon());
  }

  /** Begins a round after a while without another call of this. */
  soon(): void {
    this.#round += 1;
    this.#cancel?.();
    this.#cancel = this.options.clock.after(QUIET_MS, () => void this.#rankAll(this.#round));
  }

  /**
   * Ranks for one task now, for a call that is to choose, and never rejects; undefined where all that matters is ranked.
   */
  missing(task: Task): (() => Promise<void>) | undefined {
    const { rankings, hosts } = this.options;
    const unranked = [...hosts()].filter((host) => !rankings.known(task, host));
    if (unranked.length === 0) return undefined;
    return async () => {
      await Promise.allSettled(unranked.map((host) => rankings.rank(task, host)));
    };
  }

  dispose(): void {
    this.#stopListening();
    this.#round += 1;
    this.#cancel?.();
  }

  /** What is ranked already costs nothing. Never rejects. */
  async #rankAll(round: number): Promise<void> {
    const { rankings, hosts, clock, logger } = this.options;
    for (const host of hosts()) {
      for (const task of TASKS) {
        try {
          await rankings.rank(task, host);
        } catch (thrown) {
          logger.log('warn', 'ranking.background.failed', { task, host, error: messageOf(thrown) });
        }
        await new Promise<void>((resolve) => (this.#cancel = clock.after(PAUSE_MS, resolve)));
        if (round !== this.#round) return;
      }
    }
  }
}
