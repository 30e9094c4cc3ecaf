import { Emitter } from '../shared/events';
import type { ModelRef } from '../shared/modelRef';
import { modelRefKey } from '../shared/modelRef';

/** Which models have a call now, in this window. */
export interface ModelsInUse {
  has(ref: ModelRef): boolean;
  refs(): readonly ModelRef[];
  /** Fires when a model begins or ceases to be in use; the returned function stops listening. */
  readonly onDidChange: (listener: (refs: readonly ModelRef[]) => void) => () => void;
}

/** Counts the calls of each model. */
export class UseCounter implements ModelsInUse {
  readonly #calls = new Map<string, { readonly ref: ModelRef; count: number }>();
  readonly #changed = new Emitter<readonly ModelRef[]>();

  readonly onDidChange = this.#changed.on;

  has(ref: ModelRef): boolean {
    return this.#calls.has(modelRefKey(ref));
  }

  refs(): readonly ModelRef[] {
    return [...this.#calls.values()].map(({ ref }) => ref);
  }

  /** Counts one call in; the returned function counts it out, once. */
  enter(ref: ModelRef): () => void {
    const key = modelRefKey(ref);
    const entry = this.#calls.get(key) ?? { ref, count: 0 };
    entry.count += 1;
    this.#calls.set(key, entry);
    if (entry.count === 1) this.#changed.fire(this.refs());
    let left = false;
    return () => {
      if (left) return;
      left = true;
      entry.count -= 1;
      if (entry.count > 0) return;
      this.#calls.delete(key);
      this.#changed.fire(this.refs());
    };
  }
}
