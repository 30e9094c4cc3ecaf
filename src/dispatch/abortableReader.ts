import { abortReason } from '../shared/abort';

/**
 * The next items of an iterator, or a rejection with the signal's reason as soon as it aborts, even when the iterator
 * ignores the signal. One listener serves all items: racing a promise for each would keep every one of them alive.
 */
export class AbortableReader<T> {
  #reject: ((reason: Error) => void) | undefined;
  readonly #onAbort = (): void => this.#reject?.(abortReason(this.signal));

  constructor(
    private readonly iterator: AsyncIterator<T>,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) {
        reject(abortReason(this.signal));
        return;
      }
      this.#reject = reject;
      this.iterator.next().then(resolve, reject);
    });
  }

  dispose(): void {
    this.#reject = undefined;
    this.signal.removeEventListener('abort', this.#onAbort);
  }
}
