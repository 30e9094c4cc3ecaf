import initSqlJs from 'sql.js';
import type { Database } from 'sql.js';
import { ModelRegistry } from '../../src/registry/registry';
import type { BackendState } from '../../src/registry/row';
import { stampOf } from '../../src/registry/stamp';
import type { Clock } from '../../src/shared/clock';
import { systemClock } from '../../src/shared/clock';
import { Emitter } from '../../src/shared/events';
import type { Logger } from '../../src/shared/logger';
import { silentLogger } from '../../src/shared/logger';
import { MIGRATIONS } from '../../src/storage/state/schema';
import { SqlSession, totalChanges } from '../../src/storage/state/sqlSession';
import type {
  SqlReader,
  SqlWriter,
  StateDatabase,
  StateStatus,
  StateView,
  TransactionResult,
} from '../../src/storage/stateDatabase';

const sql = await initSqlJs();

/** What all windows of a test share: the tables of the registry, in a real database in memory. */
export class SharedMemory {
  readonly database: Database = new sql.Database();
  readonly published = new Emitter<undefined>();
  /** Transactions that changed something. */
  generation = 0;

  constructor() {
    const writer = new SqlSession(this.database);
    for (const migration of MIGRATIONS) migration.apply(writer);
  }
}

/** One window's state on shared memory: the contract of the real one, without files. Not open: it is degraded. */
export class MemoryState implements StateDatabase {
  status: StateStatus;
  readonly #statusChanged = new Emitter<StateStatus>();
  #queue: Promise<unknown> = Promise.resolve();
  /** Set while nothing can be written. */
  failure: Extract<TransactionResult<unknown>, { ok: false }> | undefined;
  /** Names of the transactions that were begun. */
  readonly begun: string[] = [];

  constructor(
    readonly memory = new SharedMemory(),
    isOpen = true,
  ) {
    this.status = isOpen ? { state: 'open', generation: 0 } : { state: 'degraded', message: 'no folder' };
  }

  get onDidChangeStatus(): (listener: (status: StateStatus) => void) => () => void {
    return this.#statusChanged.on;
  }

  open(): Promise<void> {
    this.status = { state: 'open', generation: this.memory.generation };
    this.memory.published.fire(undefined);
    this.#statusChanged.fire(this.status);
    return Promise.resolve();
  }

  async transaction<T>(name: string, change: (writer: SqlWriter) => T): Promise<TransactionResult<T>> {
    const run = this.#queue.then(() => this.#run(name, change));
    this.#queue = run.catch(() => undefined);
    return run;
  }

  view<T>(initial: T, read: (reader: SqlReader, previous: T) => T): StateView<T> {
    const changed = new Emitter<T>();
    let value = initial;
    const update = (): void => {
      if (this.status.state !== 'open') return;
      const next = read(new SqlSession(this.memory.database), value);
      if (next === value) return;
      value = next;
      changed.fire(value);
    };
    update();
    this.memory.published.on(update);
    return {
      get value() {
        return value;
      },
      onDidChange: changed.on,
    };
  }

  close(): Promise<void> {
    this.status = { state: 'closed' };
    return Promise.resolve();
  }

  #run<T>(name: string, change: (writer: SqlWriter) => T): TransactionResult<T> {
    this.begun.push(name);
    const { status } = this;
    if (status.state === 'closed') return { ok: false, code: 'closed', message: 'The window closes.' };
    if (status.state === 'degraded')
      return { ok: false, code: 'storage_unavailable', message: status.message };
    if (this.failure) return this.failure;
    const { database } = this.memory;
    const before = totalChanges(database);
    database.run('BEGIN');
    let value: T;
    try {
      value = change(new SqlSession(database));
      database.run('COMMIT');
    } catch (thrown) {
      database.run('ROLLBACK');
      throw thrown;
    }
    if (totalChanges(database) !== before) {
      this.memory.generation += 1;
      this.memory.published.fire(undefined);
    }
    return { ok: true, value };
  }
}

/** A registry of one window, for tests of what stands on it. */
export function memoryRegistry(
  options: { readonly state?: StateDatabase; readonly clock?: Clock; readonly logger?: Logger } = {},
): ModelRegistry {
  return new ModelRegistry({
    state: options.state ?? new MemoryState(),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });
}

let probes = 0;

/** Lets a registry know a backend as if a probe had just found it so. */
export async function setReadiness(
  registry: ModelRegistry,
  backend: string,
  facts: Pick<BackendState, 'readiness' | 'message' | 'nextStep' | 'version'>,
): Promise<void> {
  // On a boot of its own, and each later than the one before, so that every one counts.
  probes += 1;
  await registry.recordProbe({
    ...{ backend, rows: [], onlyNews: false },
    seen: { ...stampOf(systemClock, 'set'), refreshedMono: probes },
    after: () => ({ ...facts, failures: facts.readiness === 'ok' ? 0 : 1 }),
  });
}
