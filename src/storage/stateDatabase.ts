/** What columns hold here. Integers stay within 2^53: store microseconds, not nanoseconds. */
export type SqlValue = string | number | null;

/** A row by its column names. Parsed with zod where it becomes a value of ours. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlReader {
  /** The rows of a query, in its order. */
  all(query: string, parameters?: readonly SqlValue[]): readonly SqlRow[];
}

export interface SqlWriter extends SqlReader {
  /** Runs one statement and returns how many rows it changed. */
  run(statement: string, parameters?: readonly SqlValue[]): number;
}

/**
 * Why a transaction was not stored; nothing of it was. Only where the folder fails in the very moment after the publish
 * can `storage_unavailable` be said of one that is stored.
 */
export type StateFailureCode = 'storage_unavailable' | 'schema_too_new' | 'closed';

export type TransactionResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: StateFailureCode; readonly message: string };

/** Whether the state can be read and written. Messages are for people: what happened, why, what to do. */
export type StateStatus =
  /** Not opened yet, or closed again. */
  | { readonly state: 'closed' }
  /** `generation` 0: nothing was ever stored. `notice` stays, once it says that the state was found damaged. */
  | { readonly state: 'open'; readonly generation: number; readonly notice?: string }
  /** Written by a newer version of the extension: it is read, and never written. */
  | { readonly state: 'read_only'; readonly generation: number; readonly message: string }
  /** It cannot be written now, or not even be read: views keep what they have, and every transaction tries again. */
  | { readonly state: 'degraded'; readonly message: string };

/** A value read from the state, made anew after each commit of any window. Its reader freezes it where it must be. */
export interface StateView<T> {
  readonly value: T;
  /** Calls the listener after a commit, of this window or another one, that changed the value. */
  readonly onDidChange: (listener: (value: T) => void) => () => void;
}

/**
 * The small state that all windows share. One way to change it, `transaction`; reads come from views and take no lock.
 * Implemented by `state/sqlState.ts`.
 */
export interface StateDatabase {
  readonly status: StateStatus;
  /** Not called for a new generation alone: that comes with every commit, and is what views are for. */
  readonly onDidChangeStatus: (listener: (status: StateStatus) => void) => () => void;

  /** Opens the newest good generation and begins to watch for newer ones. Never rejects: see `status`. */
  open(): Promise<void>;

  /**
   * Runs `change` on the newest state as one transaction and publishes it as the next generation. `change` is
   * synchronous and may be run again when another window was first. A change that changes no row publishes nothing.
   * Rejects with what `change` threw, and only then; nothing is changed then. SQL that fails throws, and so does a change
   * that returns a promise.
   */
  transaction<T>(name: string, change: (sql: SqlWriter) => T): Promise<TransactionResult<T>>;

  /**
   * A value that follows the state. `read` gets the value before; returning that very value means that nothing changed.
   * It is called at once when the state is open, and after each newer generation. Where it throws, as it may on the
   * tables of a newer version, that is logged and the value stays. Listeners are called when all views are new.
   */
  view<T>(initial: T, read: (sql: SqlReader, previous: T) => T): StateView<T>;

  /** Waits for the running transactions, ends the watch and frees the memory. Idempotent. */
  close(): Promise<void>;
}
