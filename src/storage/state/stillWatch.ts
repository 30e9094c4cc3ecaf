import type { Clock } from '../../shared/clock';

/** For how long a thing has looked the same, by the monotonic clock: no step of the wall clock can mislead it. */
export class StillWatch {
  #look: string | undefined;
  #sinceMs = 0;

  constructor(private readonly clock: Clock) {}

  /** Milliseconds since the first of the looks in turn that were the same as this one. */
  stillForMs(look: string): number {
    const now = this.clock.monotonicMs();
    if (look !== this.#look) {
      this.#look = look;
      this.#sinceMs = now;
    }
    return now - this.#sinceMs;
  }
}
