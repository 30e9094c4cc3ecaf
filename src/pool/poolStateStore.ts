import type {
  SqlReader,
  SqlWriter,
  StateDatabase,
  StateView,
  TransactionResult,
} from '../storage/stateDatabase';
import type { Clock } from '../shared/clock';
import { noteRemovals, readRemovals, type PoolRemoval } from './poolRemovals';
import { readPool, poolStateOf, writePool, type PoolDraft, type PoolScope } from './poolRows';
import type { PoolState } from './poolState';

export interface PoolStateStoreOptions extends PoolScope {
  readonly state: StateDatabase;
  readonly clock: Clock;
}

interface Seen {
  readonly pool: PoolState;
  readonly removals: readonly PoolRemoval[];
  readonly text: string;
}

const EMPTY: PoolDraft = {
  diskBudgetGb: 0,
  budgetBasis: null,
  allowedOrgs: [],
  allowedFamilies: [],
  lastRefreshAt: null,
  entries: [],
};

/** The pool of this machine in the state that all windows share. Nothing of it is in memory alone. */
export class PoolStateStore {
  readonly scope: PoolScope;
  readonly #state: StateDatabase;
  readonly #clock: Clock;
  readonly #view: StateView<Seen>;

  constructor({ state, clock, hostOf, hostName }: PoolStateStoreOptions) {
    this.#state = state;
    this.#clock = clock;
    this.scope = { hostOf, hostName };
    const nothing = { pool: poolStateOf(EMPTY, this.scope), removals: [], text: '' };
    this.#view = state.view<Seen>(nothing, (sql, previous) => {
      const pool = poolStateOf(readPool(sql, this.scope), this.scope);
      const removals = readRemovals(sql, this.scope);
      const text = JSON.stringify([pool, removals]);
      return text === previous.text ? previous : { pool, removals, text };
    });
  }

  /** Calls the listener after any window changed the pool; the returned function stops that. */
  onDidChange(listener: (pool: PoolState) => void): () => void {
    return this.#view.onDidChange(({ pool }) => listener(structuredClone(pool)));
  }

  /** The pool as this window last saw it: a copy that is the caller's own. */
  snapshot(): PoolState {
    return structuredClone(this.#view.value.pool);
  }

  /** What left the pool in the last year, newest first, as this window last saw it. */
  get removals(): readonly PoolRemoval[] {
    return this.#view.value.removals;
  }

  /** The pool as it is now, another window's last commit included; as it was last seen where nothing can be read. */
  async load(): Promise<PoolState> {
    const result = await this.#state.transaction('pool.load', (sql) => this.read(sql));
    return result.ok ? poolStateOf(result.value, this.scope) : this.snapshot();
  }

  /**
   * Changes the pool in one transaction and returns what `mutator` returned. It gets the newest pool, may change it in
   * place, and may be run again when another window was first. What is derived is made anew.
   */
  update<T>(name: string, mutator: (draft: PoolDraft, sql: SqlWriter) => T): Promise<TransactionResult<T>> {
    return this.#state.transaction(name, (sql) => this.change(sql, (draft) => mutator(draft, sql)));
  }

  /** The same within a transaction that does more. */
  change<T>(sql: SqlWriter, mutator: (draft: PoolDraft) => T): T {
    const before = this.read(sql);
    const draft = { ...before, entries: [...before.entries] };
    const value = mutator(draft);
    noteRemovals(sql, this.scope, writePool(sql, this.scope, before, draft), this.#clock.now());
    return value;
  }

  /** The pool as a transaction sees it. */
  read(sql: SqlReader): PoolDraft {
    return readPool(sql, this.scope);
  }
}
