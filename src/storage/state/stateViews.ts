import { messageOf } from '../../shared/errors';
import { Emitter } from '../../shared/events';
import type { Logger } from '../../shared/logger';
import type { SqlReader, StateView } from '../stateDatabase';
import type { StateImage } from './stateImage';

/** The views of one window. A view whose read throws is reported and keeps the value that it had. */
export class StateViews {
  /** Each makes its value anew, and returns how to tell its listeners where that changed it. */
  readonly #renewals = new Set<(image: StateImage) => (() => void) | undefined>();

  constructor(private readonly logger: Logger) {}

  add<T>(image: StateImage | undefined, initial: T, read: (sql: SqlReader, previous: T) => T): StateView<T> {
    const changed = new Emitter<T>((thrown) => this.#report('state.listener.failed', thrown));
    let value = initial;
    const renew = (from: StateImage): (() => void) | undefined => {
      try {
        const next = from.read((sql) => read(sql, value));
        if (Object.is(next, value)) return undefined;
        value = next;
        return () => changed.fire(next);
      } catch (thrown) {
        this.#report('state.view.failed', thrown);
        return undefined;
      }
    };
    if (image) renew(image);
    this.#renewals.add(renew);
    return {
      get value() {
        return value;
      },
      onDidChange: changed.on,
    };
  }

  /** Makes all values anew, and only then tells the listeners: none of them sees old beside new. */
  renew(image: StateImage): void {
    const changes = [...this.#renewals].map((renew) => renew(image));
    for (const tell of changes) tell?.();
  }

  #report(event: string, thrown: unknown): void {
    this.logger.log('error', event, { error: messageOf(thrown) });
  }
}
