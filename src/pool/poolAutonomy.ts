import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { Autonomy } from '../shared/settings';
import type { Proposal } from './proposal';
import type { ProposalRuns } from './proposalRuns';
import type { ProposalStore } from './proposalStore';

export interface PoolAutonomyOptions {
  /** The setting `pool.autonomy`, read before each proposal. */
  readonly autonomy: () => Autonomy;
  /** Whether this window does the background work of all. */
  readonly leads: () => boolean;
  readonly store: Pick<ProposalStore, 'all'>;
  readonly runs: Pick<ProposalRuns, 'approve'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What goes makes room, what is swapped makes the pool better, and what is added comes with the room that is left. */
const ORDER: readonly Proposal['kind'][] = ['evict', 'swap', 'add'];
/** After a failure; twice as long after each further one in a row, up to the longest. */
const FIRST_WAIT_MS = 12 * 60 * 60_000;
const LONGEST_WAIT_MS = 16 * 24 * 60 * 60_000;

/**
 * Carries proposals out by itself where the user has set `pool.autonomy` to `within-budget`: by the allow-list, within
 * the budget, one after the other, in the one window that works for all. With `ask` it does nothing.
 */
export class PoolAutonomy {
  #running: Promise<void> | null = null;

  constructor(private readonly options: PoolAutonomyOptions) {}

  /**
   * Carries out what may be; to be called after each refresh. Resolves when that is done, which may take as long as
   * downloads do; while it runs, further calls wait for the same end. Never rejects.
   */
  consider(): Promise<void> {
    this.#running ??= this.#carryOut().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #carryOut(): Promise<void> {
    const { store, runs, logger } = this.options;
    const byKind = Map.groupBy(store.all, ({ kind }) => kind);
    for (const { id } of ORDER.flatMap((kind) => byKind.get(kind) ?? [])) {
      // Each may take hours, and much can have been said since.
      const proposal = store.all.find((each) => each.id === id);
      if (!proposal || !this.#mayBegin(proposal)) continue;
      const outcome = await runs.approve(id, { consent: 'policy' });
      const code = outcome.status === 'error' ? { code: outcome.code } : {};
      logger.log('info', 'pool.autonomy', { kind: proposal.kind, status: outcome.status, ...code });
    }
  }

  #mayBegin({ status, problem }: Proposal): boolean {
    const { autonomy, leads, clock } = this.options;
    if (status !== 'open' || autonomy() !== 'within-budget' || !leads()) return false;
    if (!problem) return true;
    // A person has stopped it: then a person begins it again.
    if (problem.code === 'cancelled') return false;
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (problem.attempts - 1));
    const sinceMs = clock.now() - Date.parse(problem.at);
    // A failure in the future: the clock was set back.
    return sinceMs < 0 || sinceMs >= waitMs;
  }
}
