import type { SqlReader, SqlWriter } from '../storage/stateDatabase';
import type { Refusal } from './livePull';
import type { PoolBlob } from './poolState';
import type { StoredRun } from './pullRunRows';

/** What the pool has to say about a pull; a pull without an intent is none of its business. */
export interface PullGate {
  /** Finds out what must be known before the run may begin again; what it returns decides within the transaction. */
  readmit(run: StoredRun): Promise<(sql: SqlReader) => Refusal | Pick<StoredRun, 'reservedBytes' | 'evicts'>>;
  /**
   * Finds out what must be known of a run that turned out to be bigger; what it returns decides within the transaction
   * whether so many bytes may be promised to it; null: yes.
   */
  grow(run: StoredRun): Promise<(sql: SqlReader, run: StoredRun, bytes: number) => Refusal | null>;
  /**
   * Looks at what has arrived; what it returns is run in the transaction that ends the run, and says why the run has
   * failed after all, or null.
   */
  arrived(run: StoredRun, layers: readonly PoolBlob[]): Promise<(sql: SqlWriter) => Refusal | null>;
  /** Told after the end of a run was stored. */
  ended(run: StoredRun): void;
}
