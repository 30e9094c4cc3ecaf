import process from 'node:process';

const TURN_MS = 10;
/** A process that gets its turns has one long before. */
const LONGEST_WAIT_FOR_A_TURN_MS = 100;
const MICROSECONDS_PER_MILLISECOND = 1_000;

/**
 * A stopwatch for limits in time. It does not count for how long this process got no turn, as when the machine was paused
 * or gave its processors to others; what the process waits for, and what it works on by itself, counts in full.
 */
export class AwakeTime {
  #ms = 0;
  #atMs = performance.now();
  #workedMs = workedMs();
  readonly #turns: NodeJS.Timeout;

  constructor() {
    this.#turns = setInterval(() => this.#count(), TURN_MS);
    this.#turns.unref();
  }

  /** Milliseconds that count since it was made. */
  get ms(): number {
    this.#count();
    return this.#ms;
  }

  /** Ends the stopwatch and returns the milliseconds that count. */
  stop(): number {
    clearInterval(this.#turns);
    return this.ms;
  }

  #count(): void {
    const [nowMs, worked] = [performance.now(), workedMs()];
    const most = Math.max(LONGEST_WAIT_FOR_A_TURN_MS, worked - this.#workedMs);
    this.#ms += Math.min(nowMs - this.#atMs, most);
    [this.#atMs, this.#workedMs] = [nowMs, worked];
  }
}

/** Milliseconds of processor time of the whole process. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MILLISECOND;
}
