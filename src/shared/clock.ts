import process from 'node:process';
import { abortReason } from './abort';

/** Time, as the rooms see it. The product uses `systemClock`; tests step a fake one. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. May step backwards. */
  now(): number;
  /**
   * Monotonic time in milliseconds, with a fraction. The system clock counts from an origin that all processes of one
   * boot of the operating system share, because rows and leases carry it from one window to another.
   */
  monotonicMs(): number;
  /** Runs `fn` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // `performance.now()` would count from the start of this process. The division leaves microseconds, which a number
  // holds exactly for 285 years.
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    // A background timer must not keep a process alive that has nothing else to do.
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** ISO 8601 text of the clock's wall time. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** Resolves after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      cancel();
      if (signal) reject(abortReason(signal));
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
