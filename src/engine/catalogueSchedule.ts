import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { Catalogue } from './catalogue';

/** After a start the models that are there matter, not those that could be. */
const FIRST_MS = 30_000;
const LOOK_EVERY_MS = 10 * 60_000;
const HOUR_MS = 60 * 60_000;
/**
 * Machines that started with the working day do not ask at the same minute. Only later, never sooner: the cache's answers
 * of the last refresh must have aged, or the refresh would read those.
 */
const JITTER_MS = 20 * 60_000;

export interface CatalogueScheduleOptions {
  readonly catalogue: Catalogue;
  /** The setting `refresh.intervalHours`; less than an hour counts as one. */
  readonly intervalHours: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** Refreshes the catalogue when it is due, in the one window that works for all. */
export class CatalogueSchedule {
  readonly #jitterMs: number;
  #cancelTurn: (() => void) | undefined;
  #controller: AbortController | undefined;

  constructor(private readonly options: CatalogueScheduleOptions) {
    this.#jitterMs = options.random() * JITTER_MS;
  }

  start(): void {
    this.stop();
    this.#controller = new AbortController();
    this.#turnAfter(FIRST_MS, this.#controller.signal);
  }

  /** Ends a refresh that the schedule began, too: another window does the work now. */
  stop(): void {
    this.#cancelTurn?.();
    this.#controller?.abort();
  }

  #turnAfter(delayMs: number, signal: AbortSignal): void {
    this.#cancelTurn = this.options.clock.after(delayMs, () => void this.#turn(signal));
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { catalogue, intervalHours, logger } = this.options;
    try {
      const intervalMs = Math.max(1, intervalHours()) * HOUR_MS + this.#jitterMs;
      if ((await catalogue.isDue(intervalMs)) && !signal.aborted) await catalogue.refresh(signal);
    } catch (thrown) {
      if (!signal.aborted) logger.log('warn', 'catalogue.refresh.failed', { error: messageOf(thrown) });
    }
    if (!signal.aborted) this.#turnAfter(LOOK_EVERY_MS, signal);
  }
}
