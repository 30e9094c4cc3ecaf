import type { Clock } from '../../src/shared/clock';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/** A clock that moves only when told to; timers fire in order of their due time. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = '2026-11-21T00:00:00Z') {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  after(delayMs: number, fn: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, delayMs), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, or null when none waits. */
  get nextDueMs(): number | null {
    const due = [...this.#timers].map((timer) => timer.at - this.#monotonic);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Steps the wall clock alone, as a person or NTP would. */
  stepWall(ms: number): void {
    this.#now += ms;
  }

  /** Moves both clocks, fires what falls due, and lets promises settle between timers. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = [...this.#timers]
        .filter((timer) => timer.at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now += next.at - this.#monotonic;
      this.#monotonic = next.at;
      next.fn();
    }
    this.#now += end - this.#monotonic;
    this.#monotonic = end;
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
