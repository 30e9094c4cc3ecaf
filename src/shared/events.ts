/** A list of listeners. A listener that throws is reported and never stops the others or the caller. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  constructor(private readonly onListenerError: (thrown: unknown) => void = () => undefined) {}

  /** Adds a listener; the returned function removes it. */
  readonly on = (listener: (value: T) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (thrown) {
        this.onListenerError(thrown);
      }
    }
  }
}
