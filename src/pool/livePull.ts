import type { InstallEvent } from '../backends/installAdapter';
import type { PoolBlob, PoolErrorCode } from './poolState';
import type { StoredRun } from './pullRunRows';

export interface Refusal {
  readonly code: PoolErrorCode;
  readonly message: string;
}

interface PullRate {
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

/** Before the end no run shows more than this, for the end alone is the end. */
const MOST_PERCENT_BEFORE_END = 99;

/** A download of this window as it stands. What it shows never runs backwards, whatever the server counts. */
export class LivePull {
  readonly #controller = new AbortController();
  readonly #layers = new Map<string, number>();
  #status: 'pulling' | 'verifying' = 'pulling';
  #completedBytes: number;
  #totalBytes: number;
  #percent: number | null;
  /** Message and rate hold for one step: the next one has its own. */
  #message: string | null;
  #rate: PullRate = {};
  /** Bytes that the server has named. */
  #namedBytes = 0;
  #changed = false;
  /** Why this window ends it by itself. */
  refusal: Refusal | null = null;
  /** The server has said its last word, which is being stored. */
  ending = false;
  /** Another window has it now, or a person ended it there: nothing of it is this window's to write. */
  #lost = false;

  constructor(readonly run: StoredRun) {
    this.#completedBytes = run.highWaterBytes;
    this.#totalBytes = Math.max(run.totalBytes, run.reservedBytes);
    this.#percent = run.percent;
    this.#message = run.message;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get lost(): boolean {
    return this.#lost;
  }

  get namedBytes(): number {
    return this.#namedBytes;
  }

  /** The layers that the server has named. */
  get layers(): readonly PoolBlob[] {
    return [...this.#layers].map(([digest, bytes]) => ({ digest, bytes }));
  }

  abort(): void {
    this.#controller.abort();
  }

  lose(): void {
    this.#lost = true;
    this.#controller.abort();
  }

  note(event: InstallEvent): void {
    switch (event.type) {
      case 'pulling':
      case 'verifying':
        this.#status = event.type;
        this.#message = event.message;
        this.#rate = {};
        break;
      case 'progress': {
        const { bytesPerSecond } = event;
        this.#layers.set(event.digest, event.layerTotalBytes);
        this.#namedBytes = Math.max(this.#namedBytes, event.totalBytes);
        this.#totalBytes = Math.max(this.#totalBytes, event.totalBytes);
        this.#completedBytes = Math.max(this.#completedBytes, event.completedBytes);
        const percent = Math.floor((this.#completedBytes / this.#totalBytes) * 100);
        this.#percent = Math.min(MOST_PERCENT_BEFORE_END, Math.max(this.#percent ?? 0, percent));
        this.#message = null;
        this.#rate = rateOf(bytesPerSecond, this.#totalBytes - this.#completedBytes);
        break;
      }
      // The result of `install` says the same, and comes last.
      case 'success':
      case 'error':
        return;
    }
    this.#changed = true;
  }

  /** Whether anything was noted since this was last asked. */
  takeChange(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** What the state is told of it. */
  get progress(): Pick<StoredRun, 'status' | 'highWaterBytes' | 'totalBytes' | 'percent' | 'message'> {
    return {
      status: this.#status,
      highWaterBytes: this.#completedBytes,
      totalBytes: this.#totalBytes,
      percent: this.#percent,
      message: this.#message,
    };
  }

  /** What is shown here besides. */
  get rate(): PullRate {
    return this.#rate;
  }
}

/** The server's own time left is that of the layers it has named; the model may be known to be bigger. */
function rateOf(bytesPerSecond: number | undefined, leftBytes: number): PullRate {
  if (bytesPerSecond === undefined) return {};
  return bytesPerSecond > 0
    ? { bytesPerSecond, secondsLeft: leftBytes / bytesPerSecond }
    : { bytesPerSecond };
}
