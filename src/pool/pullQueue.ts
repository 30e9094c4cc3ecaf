import type {
  SqlReader,
  SqlWriter,
  StateDatabase,
  StateView,
  TransactionResult,
} from '../storage/stateDatabase';
import type { PoolScope } from './poolRows';
import { deleteRun, findRun, isOver, isSameModel, readRuns, writeRun, type StoredRun } from './pullRunRows';
import type { PullLeases } from './pullTurns';

export interface PullRequest {
  readonly backend: string;
  readonly name: string;
  readonly label: string;
  /** Bytes of the budget that are promised to it; 0 by default. */
  readonly reservedBytes?: number;
  readonly evicts?: readonly string[];
  /** What the pool writes down when it is there; kept as JSON. */
  readonly intent?: object;
}

export interface PullQueueOptions {
  readonly state: StateDatabase;
  readonly scope: PoolScope;
  /** This window among all of them. */
  readonly owner: string;
  readonly leases: PullLeases;
  readonly newRunId: () => string;
}

interface Seen {
  readonly runs: readonly StoredRun[];
  readonly text: string;
}

/** The pulls of all windows, as the state has them, and every way to change them. */
export class PullQueue {
  readonly #view: StateView<Seen>;

  constructor(private readonly options: PullQueueOptions) {
    this.#view = options.state.view<Seen>({ runs: [], text: '' }, (sql, previous) => {
      const runs = readRuns(sql, options.scope);
      const text = JSON.stringify(runs);
      return text === previous.text ? previous : { runs, text };
    });
  }

  /** In the order of the queue. */
  get runs(): readonly StoredRun[] {
    return this.#view.value.runs;
  }

  onDidChange(listener: () => void): () => void {
    return this.#view.onDidChange(() => listener());
  }

  transaction<T>(name: string, change: (sql: SqlWriter) => T): Promise<TransactionResult<T>> {
    return this.options.state.transaction(name, change);
  }

  read(sql: SqlReader): readonly StoredRun[] {
    return readRuns(sql, this.options.scope);
  }

  find(sql: SqlReader, runId: string): StoredRun | undefined {
    return findRun(sql, this.options.scope, runId);
  }

  write(sql: SqlWriter, run: StoredRun): void {
    writeRun(sql, this.options.scope, run);
  }

  delete(sql: SqlWriter, runId: string): void {
    deleteRun(sql, runId);
  }

  /**
   * Queues a pull within a transaction. A run of the same model that is not over is shared and stays as it is; one that
   * failed or was cancelled goes on with what is asked now.
   */
  enqueue(sql: SqlWriter, request: PullRequest): { readonly run: StoredRun; readonly shared: boolean } {
    const same = this.read(sql).find((run) => isSameModel(run, request));
    if (same && !isOver(same)) return { run: same, shared: true };
    const asked = {
      label: request.label,
      reservedBytes: request.reservedBytes ?? 0,
      evicts: request.evicts ?? [],
      intent: request.intent ?? null,
    };
    if (same && same.status !== 'succeeded') {
      return { run: this.again(sql, { ...same, ...asked }), shared: false };
    }
    if (same) this.delete(sql, same.runId);
    const run: StoredRun = {
      ...{ runId: this.options.newRunId(), backend: request.backend, name: request.name, ...asked },
      ...{ status: 'queued', owner: this.options.owner, ...this.options.leases.stamp() },
      ...{ position: this.#nextPosition(sql), attempt: 1, attemptFromBytes: 0, idleAttempts: 0 },
      ...{ highWaterBytes: 0, totalBytes: 0, percent: null, takenOver: false, message: null, code: null },
    };
    this.write(sql, run);
    return { run, shared: false };
  }

  /** Queues a run that is over again; at the end, for who waited is not overtaken. */
  again(sql: SqlWriter, run: StoredRun): StoredRun {
    const next: StoredRun = {
      ...run,
      ...{ status: 'queued', owner: this.options.owner, ...this.options.leases.stamp() },
      ...{ position: this.#nextPosition(sql), attempt: run.attempt + 1, idleAttempts: 0 },
      ...{ attemptFromBytes: run.highWaterBytes, takenOver: false, message: null, code: null },
    };
    this.write(sql, next);
    return next;
  }

  #nextPosition(sql: SqlReader): number {
    return Math.max(0, ...this.read(sql).map(({ position }) => position)) + 1;
  }
}
