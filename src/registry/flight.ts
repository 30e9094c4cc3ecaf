import { abortReason } from '../shared/abort';

/** Why a probe was cut off by us: `changed` when its backend was removed, or is to be asked in another way. */
export type CutOff = 'cancelled' | 'changed' | 'stopped';

/** One probe on its way, for as long as somebody waits for it. */
export class Flight {
  readonly #controller = new AbortController();
  readonly #done: Promise<void>;
  #waiters = 0;
  #cutOff: CutOff | undefined;

  /**
   * Takes off in the next turn. `isLook`: nobody but us wants to know, so that only news of it are shown; a person or
   * the schedule that joins makes it a full probe.
   */
  constructor(
    fly: (flight: Flight) => Promise<void>,
    public isLook: boolean,
    /** Called as soon as it is cut off, before it has ended. */
    private readonly onCutOff: (flight: Flight) => void,
  ) {
    this.#done = Promise.resolve().then(() => fly(this));
    // Where nobody waits any more, a cut-off must not count as an unhandled rejection.
    this.#done.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cutOff(): CutOff | undefined {
    return this.#cutOff;
  }

  /**
   * Ends as the flight does, or rejects with the signal's reason as soon as it aborts. The last one who leaves so cuts
   * the flight off.
   */
  async wait(signal?: AbortSignal): Promise<void> {
    this.#waiters += 1;
    if (!signal) return this.#done;
    // A signal of its own for each wait: a refresh of many backends would hang as many listeners on the caller's.
    const own = AbortSignal.any([signal]);
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters -= 1;
        if (this.#waiters === 0) this.abort('cancelled');
        reject(abortReason(own));
      };
      own.addEventListener('abort', onAbort, { once: true });
      void this.#done.then(resolve, reject).finally(() => own.removeEventListener('abort', onAbort));
    });
  }

  abort(cutOff: CutOff): void {
    if (this.#cutOff !== undefined) return;
    this.#cutOff = cutOff;
    this.onCutOff(this);
    this.#controller.abort(new DOMException(`The probe was cut off (${cutOff})`, 'AbortError'));
  }
}
