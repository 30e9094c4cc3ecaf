import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { SqlWriter, StateDatabase, StateFailureCode, StateView } from '../storage/stateDatabase';
import type { BackendFacts, StoredBackend } from './backendState';
import { UNKNOWN_FACTS } from './backendState';
import type { Kept } from './kept';
import { isEmpty, keepAlso, keepNoMore, keepOnly, NOTHING_KEPT } from './kept';
import type { RegistryRow } from './row';
import { rowKey } from './row';
import type { Server } from './server';
import { isSameServer } from './server';
import type { Stamp } from './stamp';
import { MICROSECONDS_PER_MILLISECOND, microsecondsNow } from './stamp';
import { backendsNotSeenSince, claimBackend, putBackend, readBackend, removeBackend } from './storedBackends';
import type { StoredRegistry } from './storedRegistry';
import { shownRegistry, viewOfRegistry } from './storedRegistry';
import { putRow, removeRowsOf, sweepEmptyRows } from './storedRows';

/** How long what could not be stored waits before it is tried again. */
const RETRY_MS = 5_000;
/** How long rows without models and backends that nobody configures here are kept. */
const SWEEP_AFTER_DAYS = 30;
const MS_PER_DAY = 24 * 60 * 60_000;

/** What one probe, or one report of a session, found. */
export interface RegistryBatch {
  readonly rows: readonly RegistryRow[];
  /** What a probe says of its backend; `after` gets what was known when it is stored. */
  readonly backend?: {
    readonly id: string;
    readonly seen: Stamp;
    readonly after: (before: BackendFacts) => BackendFacts;
  };
}

export type RegistryCommit =
  | { readonly ok: true; readonly applied: readonly RegistryRow[] }
  | { readonly ok: false; readonly message: string };

export interface RegistryStoreOptions {
  readonly state: StateDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `failed`: a bug of ours in the change. */
type FailureCode = StateFailureCode | 'failed';

type Transacted<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode; readonly message: string };

type Servers = ReadonlyMap<string, Server>;

/**
 * The registry's rows and backend states between this window and the state that all share. What cannot be stored (the
 * disk is full, the state is read-only, or another window's settings have another server under that id) is shown in this
 * window all the same, and goes along with the next transaction that works.
 */
export class RegistryStore {
  readonly #view: StateView<StoredRegistry>;
  readonly #changed = new Emitter<StoredRegistry>();
  readonly #stopFollowing: () => void;
  #shown: StoredRegistry;
  #kept = NOTHING_KEPT;
  #servers: Servers | undefined;
  #seedRows: readonly RegistryRow[] = [];
  /** Backends that were removed while this window ran, and still are to be removed from the state. */
  #removed: Servers = new Map();
  /** What of the configuration the state has not seen yet; a new object with each configuration. */
  #unclaimed: object | undefined;
  #failure: FailureCode | undefined;
  #cancelRetry: (() => void) | undefined;
  #disposed = false;

  constructor(private readonly options: RegistryStoreOptions) {
    this.#view = viewOfRegistry(options.state, options.logger);
    this.#shown = this.#view.value;
    this.#stopFollowing = this.#view.onDidChange(() => this.#show());
  }

  /** What this window shows of the configured backends. */
  get shown(): StoredRegistry {
    return this.#shown;
  }

  /** Calls the listener with what was shown before, after it changed. */
  get onDidChange(): (listener: (before: StoredRegistry) => void) => () => void {
    return this.#changed.on;
  }

  /**
   * Sets which servers are configured, and which rows stand where nothing is known of them yet. Takes effect at once in
   * this window; resolves when the state was told, or could not be.
   */
  async configure(servers: Servers, seedRows: readonly RegistryRow[]): Promise<void> {
    const before = this.#servers ?? servers;
    this.#removed = new Map([...this.#removed, ...before].filter(([id]) => !servers.has(id)));
    this.#kept = keepOnly(this.#kept, (id) => isUnchanged(id, before, servers));
    this.#servers = servers;
    this.#seedRows = seedRows;
    this.#unclaimed = {};
    this.#show();
    await this.write('configure', { rows: [] });
  }

  /** Stores a batch, with all that waits, in one transaction. Never rejects. */
  async write(name: string, batch: RegistryBatch): Promise<RegistryCommit> {
    const servers = this.#servers;
    // Rows of a backend that was removed or replaced meanwhile are of a server that nobody asked for any more.
    const isWanted = (id: string): boolean =>
      this.#servers === undefined || isUnchanged(id, servers ?? this.#servers, this.#servers);
    const result = await this.#transaction(name, (sql) => this.#apply(sql, batch, isWanted));
    if (this.#disposed) return { ok: false, message: 'The window closes.' };
    if (result.ok) {
      const { applied, refused, stored, claimed } = result.value;
      if (claimed === this.#unclaimed) [this.#unclaimed, this.#removed] = [undefined, new Map()];
      this.#kept = keepAlso(
        keepNoMore(this.#kept, stored),
        [...refused.rows.values()].filter(({ backend }) => isWanted(backend)),
        [...refused.backends.values()].filter(({ server }) => isWanted(server.backend)),
        microsecondsNow(this.options.clock),
      );
      this.#recovered();
      this.#show();
      return { ok: true, applied };
    }
    this.#kept = this.#withBatch(this.#kept, batch, isWanted);
    this.#failed(result.code, result.message);
    this.#show();
    return { ok: false, message: result.message };
  }

  /** Removes from the state what nobody has seen for 30 days: rows without models, and backends not configured here. */
  async maintain(): Promise<void> {
    const { clock, logger } = this.options;
    const servers = this.#servers;
    if (!servers) return;
    const before = (clock.now() - SWEEP_AFTER_DAYS * MS_PER_DAY) * MICROSECONDS_PER_MILLISECOND;
    const result = await this.#transaction('sweep', (sql) => {
      const forgotten = backendsNotSeenSince(sql, before).filter((id) => !servers.has(id));
      for (const id of forgotten) removeAll(sql, id);
      return { emptyRows: sweepEmptyRows(sql, before), backends: forgotten.length };
    });
    if (result.ok && result.value.emptyRows + result.value.backends > 0)
      logger.log('info', 'registry.swept', result.value);
  }

  /** Ends the listening and the retries; what is shown stays. */
  dispose(): void {
    this.#disposed = true;
    this.#cancelRetry?.();
    this.#stopFollowing();
  }

  /** May run more than once for one transaction: changes nothing but the state. */
  #apply(sql: SqlWriter, batch: RegistryBatch, isWanted: (id: string) => boolean): Work {
    const claimed = this.#unclaimed;
    const nowUs = microsecondsNow(this.options.clock);
    if (claimed) this.#claim(sql, nowUs);
    const work = newWork(claimed);
    const owners = new Map<string, 'ours' | 'foreign' | 'unknown'>();
    const ownerOf = (id: string): 'ours' | 'foreign' | 'unknown' => {
      const known = owners.get(id);
      if (known) return known;
      const server = this.#servers?.get(id);
      const owner = server ? claimBackend(sql, server, nowUs) : 'unknown';
      owners.set(id, owner);
      return owner;
    };
    const put = (row: RegistryRow): boolean => {
      const isOurs = ownerOf(row.backend) !== 'foreign';
      if (!isOurs) work.refused.rows.set(rowKey(row), row);
      return isOurs && putRow(sql, row, nowUs);
    };
    for (const [key, row] of this.#kept.rows) {
      put(row);
      if (!work.refused.rows.has(key)) work.stored.rows.set(key, row);
    }
    for (const [id, state] of this.#kept.backends) {
      if (ownerOf(id) === 'foreign') continue;
      putBackend(sql, state, () => state.facts, nowUs);
      work.stored.backends.set(id, state);
    }
    const applied = new Map<string, RegistryRow>();
    for (const row of batch.rows) if (isWanted(row.backend) && put(row)) applied.set(rowKey(row), row);
    work.applied = [...applied.values()];
    const { backend } = batch;
    const server = backend && isWanted(backend.id) ? this.#servers?.get(backend.id) : undefined;
    if (backend && server) {
      if (ownerOf(backend.id) === 'ours')
        putBackend(sql, { server, seen: backend.seen }, backend.after, nowUs);
      else work.refused.backends.set(backend.id, this.#stateAfter(server, backend));
    }
    return work;
  }

  /** Brings the state in line with what is configured here: rows are of the server that is configured, or go. */
  #claim(sql: SqlWriter, nowUs: number): void {
    for (const [id, server] of this.#removed) {
      const stored = readBackend(sql, id);
      // What another window has under that id stays with it.
      if (!stored || isSameServer(stored.server, server)) removeAll(sql, id);
    }
    for (const [id, server] of this.#servers ?? []) {
      const stored = readBackend(sql, id);
      if (stored && !isSameServer(stored.server, server)) removeAll(sql, id);
      claimBackend(sql, server, nowUs);
    }
    // Their stamps are older than any other, so that they are stored only where nothing is.
    for (const row of this.#seedRows) putRow(sql, row, nowUs);
  }

  #withBatch(kept: Kept, { rows, backend }: RegistryBatch, isWanted: (id: string) => boolean): Kept {
    const server = backend && isWanted(backend.id) ? this.#servers?.get(backend.id) : undefined;
    return keepAlso(
      kept,
      rows.filter((row) => isWanted(row.backend)),
      backend && server ? [this.#stateAfter(server, backend)] : [],
      microsecondsNow(this.options.clock),
    );
  }

  #stateAfter(server: Server, { id, seen, after }: NonNullable<RegistryBatch['backend']>): StoredBackend {
    return { server, seen, facts: after(this.#shown.backends.get(id)?.facts ?? UNKNOWN_FACTS) };
  }

  #show(): void {
    const before = this.#shown;
    const seeds = this.#unclaimed ? this.#seedRows : [];
    this.#shown = shownRegistry({
      ...{ stored: this.#view.value, kept: this.#kept, seeds, servers: this.#servers },
      ...{ previous: before, nowUs: microsecondsNow(this.options.clock) },
    });
    this.#changed.fire(before);
  }

  async #transaction<T>(name: string, change: (sql: SqlWriter) => T): Promise<Transacted<T>> {
    try {
      return await this.options.state.transaction(`registry.${name}`, change);
    } catch (thrown) {
      return { ok: false, code: 'failed', message: messageOf(thrown) };
    }
  }

  #failed(code: FailureCode, message: string): void {
    if (code !== this.#failure) this.options.logger.log('error', 'registry.store.failed', { code, message });
    this.#failure = code;
    // Neither ends while this window lives.
    if (code === 'schema_too_new' || code === 'closed') return;
    this.#cancelRetry?.();
    this.#cancelRetry = this.options.clock.after(RETRY_MS, () => {
      if (this.#unclaimed || !isEmpty(this.#kept)) void this.write('retry', { rows: [] });
    });
  }

  #recovered(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#failure !== undefined) this.options.logger.log('info', 'registry.store.recovered');
    this.#failure = undefined;
  }
}

/** What one run of a transaction did. */
interface Work {
  readonly claimed: object | undefined;
  applied: readonly RegistryRow[];
  /** Of what was kept: stored now, or older than what is. */
  readonly stored: { readonly rows: Map<string, RegistryRow>; readonly backends: Map<string, StoredBackend> };
  /** Not stored, because another window's settings have another server under that id. */
  readonly refused: {
    readonly rows: Map<string, RegistryRow>;
    readonly backends: Map<string, StoredBackend>;
  };
}

function newWork(claimed: object | undefined): Work {
  return {
    claimed,
    applied: [],
    stored: { rows: new Map(), backends: new Map() },
    refused: { rows: new Map(), backends: new Map() },
  };
}

function removeAll(sql: SqlWriter, backend: string): void {
  removeRowsOf(sql, backend);
  removeBackend(sql, backend);
}

/** Whether the same server goes under an id before and now. */
function isUnchanged(id: string, before: Servers, now: Servers): boolean {
  const [was, is] = [before.get(id), now.get(id)];
  return was !== undefined && is !== undefined && isSameServer(was, is);
}
