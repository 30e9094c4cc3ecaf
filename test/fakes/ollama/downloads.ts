import type { FaultSwitches } from './faults';
import type { Layer, RegistryTrouble } from './package';
import type { ModelStore } from './store';
import { blobPath } from './store';

/** How fast simulated time runs; tests change it at any moment. */
export interface Pace {
  /** Of each layer's download. */
  bytesPerSecond: number;
  /** Between two progress lines; 60 in the real server. */
  progressIntervalMs: number;
  /** First wait before a broken transfer is tried again; it doubles. 1,000 in the real server. */
  retryBackoffMs: number;
  /** Silence of `verifying sha256 digest`. */
  verifyMs: number;
}

export type DownloadEnd =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'left' };

type OnProgress = (completedBytes: number, totalBytes: number) => void;

interface Waiter {
  readonly onProgress: OnProgress;
  readonly end: (end: DownloadEnd) => void;
}

/** The real server gives a part up after so many retries. */
const MAX_RETRIES = 6;

/**
 * Downloads of layers, one per digest however many pulls wait for it. A download that everybody has left stops and
 * keeps its partial.
 */
export class Downloads {
  readonly #running = new Map<string, Download>();

  constructor(
    private readonly store: ModelStore,
    private readonly faults: FaultSwitches,
    private readonly pace: Pace,
    private readonly nowMs: () => number,
  ) {}

  /**
   * Waits until the layer's blob is there. `onProgress` hears every tick, never the end. Resolves with `left` when
   * `signal` aborts; the download goes on while another pull waits for it.
   */
  async fetch(
    layer: Layer,
    trouble: RegistryTrouble | undefined,
    onProgress: OnProgress,
    signal: AbortSignal,
  ): Promise<DownloadEnd> {
    if (signal.aborted) return { status: 'left' };
    let download = this.#running.get(layer.digest);
    if (download === undefined) {
      download = new Download(layer, trouble, this.store, this.faults, this.pace, this.nowMs, () =>
        this.#running.delete(layer.digest),
      );
      this.#running.set(layer.digest, download);
    }
    return download.join(onProgress, signal);
  }

  /** Ends all downloads, as the server's end does: in good order their parts are written down, killed they are not. */
  stopAll(how: 'terminated' | 'killed'): void {
    for (const download of [...this.#running.values()]) download.stop(how);
  }
}

class Download {
  #running = true;
  readonly #waiters = new Set<Waiter>();
  readonly #totalBytes: number;
  #completedBytes: number;
  #dropsLeft: number;
  #retries = 0;
  #resumeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly layer: Layer,
    private readonly trouble: RegistryTrouble | undefined,
    private readonly store: ModelStore,
    private readonly faults: FaultSwitches,
    private readonly pace: Pace,
    private readonly nowMs: () => number,
    private readonly onEnd: () => void,
  ) {
    this.#totalBytes = layer.transferBytes ?? layer.size;
    this.#completedBytes = store.partials.get(layer.digest)?.completedBytes ?? 0;
    this.#dropsLeft = trouble?.drops?.times ?? 0;
    if (!store.partials.has(layer.digest)) this.#writeParts(0);
    this.#schedule();
  }

  async join(onProgress: OnProgress, signal: AbortSignal): Promise<DownloadEnd> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) this.stop('terminated');
        resolve({ status: 'left' });
      };
      const waiter: Waiter = {
        onProgress,
        end: (end) => {
          signal.removeEventListener('abort', leave);
          resolve(end);
        },
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  stop(how: 'terminated' | 'killed'): void {
    if (!this.#running) return;
    if (how === 'terminated') this.#writeParts(this.#completedBytes);
    this.#finish({ status: 'left' });
  }

  #schedule(): void {
    const bytesPerMs = this.pace.bytesPerSecond / 1_000;
    const remainingMs = (this.#totalBytes - this.#completedBytes) / bytesPerMs;
    if (this.#mayReachEnd() && remainingMs < this.pace.progressIntervalMs) {
      this.#timer = setTimeout(() => this.#tick(Infinity), remainingMs);
    } else {
      const stepBytes = Math.round(this.pace.progressIntervalMs * bytesPerMs);
      this.#timer = setTimeout(() => this.#tick(stepBytes), this.pace.progressIntervalMs);
    }
  }

  #mayReachEnd(): boolean {
    return this.#limitBytes() === null && this.nowMs() >= this.#resumeAtMs && this.#dropsLeft <= 0;
  }

  #limitBytes(): number | null {
    return this.faults.stallAfterBytes ?? this.trouble?.stallAfterBytes ?? null;
  }

  #tick(stepBytes: number): void {
    if (this.nowMs() >= this.#resumeAtMs) {
      if (this.#retries >= MAX_RETRIES) {
        return this.#finish({ status: 'failed', error: 'max retries exceeded: EOF' });
      }
      const limit = Math.max(this.#limitBytes() ?? Infinity, this.#completedBytes);
      this.#completedBytes = Math.min(this.#completedBytes + stepBytes, this.#totalBytes, limit);
      this.#occupyDisk();
      this.#breakOff();
      const failure = this.#diskFailure();
      if (failure !== null) return this.#finish({ status: 'failed', error: failure });
      if (this.#completedBytes >= this.#totalBytes) {
        this.store.addBlob(this.layer);
        return this.#finish({ status: 'done' });
      }
    }
    for (const waiter of this.#waiters) waiter.onProgress(this.#completedBytes, this.#totalBytes);
    this.#schedule();
  }

  #occupyDisk(): void {
    const partial = this.store.partials.get(this.layer.digest);
    if (partial === undefined) return;
    partial.allocatedBytes = Math.max(partial.allocatedBytes, this.#completedBytes);
    partial.touchedAtMs = this.nowMs();
  }

  #diskFailure(): string | null {
    if (this.faults.diskBytes === null || this.store.usedBytes() <= this.faults.diskBytes) return null;
    const partial = this.store.partials.get(this.layer.digest);
    // The write that failed took no block: the partial stays as large as the disk allows, and its part starts again.
    if (partial !== undefined) {
      partial.allocatedBytes -= this.store.usedBytes() - this.faults.diskBytes;
      partial.completedBytes = 0;
      this.store.partials.set(this.layer.digest, partial);
    }
    return `write ${blobPath(this.layer.digest)}-partial: no space left on device`;
  }

  /** The transfer breaks off where the registry's trouble says so: the part is lost and tried again later. */
  #breakOff(): void {
    const drops = this.trouble?.drops;
    if (drops === undefined || this.#dropsLeft <= 0 || this.#completedBytes < drops.afterBytes) return;
    this.#dropsLeft -= 1;
    this.#completedBytes = 0;
    this.#resumeAtMs = this.nowMs() + this.pace.retryBackoffMs * 2 ** this.#retries;
    this.#retries += 1;
  }

  #writeParts(completedBytes: number): void {
    const before = this.store.partials.get(this.layer.digest);
    this.store.partials.set(this.layer.digest, {
      totalBytes: this.#totalBytes,
      completedBytes,
      allocatedBytes: Math.max(before?.allocatedBytes ?? 0, completedBytes),
      touchedAtMs: this.nowMs(),
    });
  }

  #finish(end: DownloadEnd): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.onEnd();
    for (const waiter of this.#waiters) waiter.end(end);
    this.#waiters.clear();
  }
}
