import { abortReason } from '../shared/abort';

/** Lets a number of tasks run at a time; the others wait in order. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(private readonly count: number) {}

  /** Resolves when a slot is taken, which `release` must give back; rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortReason(signal);
    if (this.#taken < this.count) {
      this.#taken += 1;
      return;
    }
    // The one who leaves hands its slot on; it is counted already.
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(abortReason(signal));
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
