import type { Prober } from '../registry/prober';
import type { ModelRegistry } from '../registry/registry';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { Settings } from '../shared/settings';
import type { Leadership } from '../storage/leadership';
import { runRetention, type RetentionLimits } from '../storage/transcriptRetention';
import type { RefreshSchedule } from './refreshSchedule';

/** Between two rounds of sweeping; what is swept is counted in days. */
const SWEEP_INTERVAL_MS = 6 * 60 * 60_000;
/** After a start the models matter, not what is too old. */
const FIRST_SWEEP_MS = 60_000;
const BYTES_PER_MEGABYTE = 1_000_000;

/** How long and how much is kept of the records, by the settings. */
export function retentionLimits({ recordsRetentionDays, recordsMaxMb }: Settings): RetentionLimits {
  return { retentionDays: recordsRetentionDays, maxBytes: recordsMaxMb * BYTES_PER_MEGABYTE };
}

export interface BackgroundWorkOptions {
  readonly leadership: Leadership;
  readonly prober: Prober;
  readonly refreshSchedule: Pick<RefreshSchedule, 'start' | 'stop'>;
  readonly registry: ModelRegistry;
  readonly transcriptFolder: string;
  readonly limits: () => RetentionLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * What one window does for all: it probes and refreshes on schedule, and sweeps what is too old. Begins when this window
 * leads, ends when another one does.
 */
export class BackgroundWork {
  #cancelSweep: (() => void) | undefined;
  readonly #stopListening: () => void;

  constructor(private readonly options: BackgroundWorkOptions) {
    this.#stopListening = options.leadership.onDidChange((leads) => this.#change(leads));
  }

  /** Ends it for good; the lead itself is given up by whoever closes the stores. */
  dispose(): void {
    this.#stopListening();
    this.#change(false);
  }

  #change(leads: boolean): void {
    const { prober, refreshSchedule, logger } = this.options;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    if (leads) {
      logger.log('info', 'leader.began');
      prober.start();
      refreshSchedule.start();
      this.#sweepAfter(FIRST_SWEEP_MS);
      return;
    }
    prober.stop();
    refreshSchedule.stop();
  }

  #sweepAfter(delayMs: number): void {
    this.#cancelSweep = this.options.clock.after(delayMs, () => void this.#sweep());
  }

  async #sweep(): Promise<void> {
    const { registry, transcriptFolder: folder, limits, clock, logger } = this.options;
    this.#sweepAfter(SWEEP_INTERVAL_MS);
    await Promise.all([registry.maintain(), runRetention({ folder, clock, logger, ...limits() })]);
  }
}
