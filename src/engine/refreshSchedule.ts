import { messageOf } from '../shared/errors';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { Catalogue } from './catalogue';
import type { RefreshCycle } from './refreshCycle';

/** After a start the models that are there matter, not those that could be. */
const FIRST_MS = 30_000;
const LOOK_EVERY_MS = 10 * 60_000;
const HOUR_MS = 60 * 60_000;
/**
 * Machines that started with the working day do not ask at the same minute. The spread is that of 10 minutes to either
 * side, but only later, never sooner: the answers of the last refresh that are kept must have aged, or the next one would
 * read those again.
 */
const JITTER_MS = 20 * 60_000;

export interface RefreshScheduleOptions {
  readonly cycle: Pick<RefreshCycle, 'refresh'>;
  readonly catalogue: Pick<Catalogue, 'isDue' | 'refresh' | 'status'>;
  /** When any window last refreshed, ISO 8601; null: never. */
  readonly lastRefreshAt: () => string | null;
  /** By `refreshIntervalMs`. */
  readonly intervalMs: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * How old what is known may get before it is time, in milliseconds. `intervalHours`: less than an hour counts as one;
 * `random`: at least 0, less than 1, and the same for as long as the window lives.
 */
export function refreshIntervalMs(intervalHours: number, random: number): number {
  return Math.max(1, intervalHours) * HOUR_MS + random * JITTER_MS;
}

/** Refreshes when this window begins to work for all, and then whenever it is time. */
export class RefreshSchedule {
  #cancelTurn: (() => void) | undefined;
  #controller: AbortController | undefined;

  constructor(private readonly options: RefreshScheduleOptions) {}

  start(): void {
    this.stop();
    const { signal } = (this.#controller = new AbortController());
    this.#turnAfter(FIRST_MS, signal, () => this.#refresh('start', signal));
  }

  /** Ends a refresh that only the schedule wanted, too: another window does the work now. */
  stop(): void {
    this.#cancelTurn?.();
    this.#controller?.abort();
  }

  #turnAfter(delayMs: number, signal: AbortSignal, work: () => Promise<void>): void {
    this.#cancelTurn = this.options.clock.after(delayMs, () => void this.#turn(signal, work));
  }

  async #turn(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!signal.aborted) this.options.logger.log('warn', 'refresh.failed', { error: messageOf(thrown) });
    }
    if (!signal.aborted) this.#turnAfter(LOOK_EVERY_MS, signal, () => this.#lookWhetherDue(signal));
  }

  async #lookWhetherDue(signal: AbortSignal): Promise<void> {
    const { catalogue, intervalMs } = this.options;
    if (this.#isDue()) return this.#refresh('schedule', signal);
    // The catalogue alone is due sooner after a failure. What it finds then is worth a refresh; a failure is not.
    if (catalogue.status.state === 'off' || !(await catalogue.isDue(intervalMs())) || signal.aborted) return;
    const { state } = await catalogue.refresh(signal);
    if (state === 'live') await this.#refresh('schedule', signal);
  }

  #isDue(): boolean {
    const last = this.options.lastRefreshAt();
    if (last === null) return true;
    const sinceMs = this.options.clock.now() - Date.parse(last);
    // A refresh in the future: the clock was set back.
    return sinceMs < 0 || sinceMs >= this.options.intervalMs();
  }

  async #refresh(reason: 'start' | 'schedule', signal: AbortSignal): Promise<void> {
    await this.options.cycle.refresh({ reason, signal });
  }
}
