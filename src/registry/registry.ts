import type { BackendConfig } from '../backends/contract';
import { compareCodePoints } from '../shared/codePointOrder';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { BackendState, RegisteredModel, RegistryRow } from './row';
import type { RowCommit, RowStore } from './rowStore';
import { rowKey } from './rowStore';
import type { RegistrySnapshot } from './snapshot';
import { snapshotOf } from './snapshot';
import { isNewer } from './stamp';
import { validateRow } from './validateRow';

export type UpsertResult =
  /** The rows that won; those that were older than what is stored, or not valid, are not among them. */
  | { readonly applied: readonly RegistryRow[] }
  | { readonly error: 'storage_unavailable'; readonly message: string };

const NO_MODELS: readonly RegisteredModel[] = Object.freeze([]);

/**
 * What every backend serves, keyed on (backend, provider). Reads are synchronous, from a frozen snapshot, and go on
 * answering while storage or every backend is down.
 */
export class ModelRegistry {
  #snapshot: RegistrySnapshot;
  #states: ReadonlyMap<string, BackendState> = new Map();
  readonly #rowsChanged: Emitter<readonly RegistryRow[]>;
  readonly #backendsChanged: Emitter<readonly BackendState[]>;

  constructor(
    private readonly store: RowStore,
    private readonly logger: Logger,
  ) {
    const onListenerError = (thrown: unknown): void =>
      logger.log('error', 'registry.listener.failed', { error: messageOf(thrown) });
    this.#rowsChanged = new Emitter(onListenerError);
    this.#backendsChanged = new Emitter(onListenerError);
    this.#snapshot = snapshotOf(store.rows().values());
  }

  /** Fires after a commit with the rows that changed; rows of a backend that was removed come with no models. */
  get onDidChangeRows(): (listener: (rows: readonly RegistryRow[]) => void) => () => void {
    return this.#rowsChanged.on;
  }

  get onDidChangeBackends(): (listener: (states: readonly BackendState[]) => void) => () => void {
    return this.#backendsChanged.on;
  }

  listForBackend(backend: string): readonly RegisteredModel[] {
    return this.#snapshot.byBackend.get(backend) ?? NO_MODELS;
  }

  listForProvider(provider: string): readonly RegisteredModel[] {
    return this.#snapshot.byProvider.get(provider) ?? NO_MODELS;
  }

  /** Backends that serve something, in the order of their ids. */
  listAllByBackend(): ReadonlyMap<string, readonly RegisteredModel[]> {
    return this.#snapshot.byBackend;
  }

  /** Providers of whom something is served, in the order of their ids. */
  listAllByProvider(): ReadonlyMap<string, readonly RegisteredModel[]> {
    return this.#snapshot.byProvider;
  }

  find(backend: string, provider: string, modelId: string): RegisteredModel | undefined {
    return this.#snapshot.byRef.get(backend)?.get(provider)?.get(modelId);
  }

  /** The configured backends, in the order of their ids. */
  backends(): readonly BackendState[] {
    return [...this.#states.values()];
  }

  backend(id: string): BackendState | undefined {
    return this.#states.get(id);
  }

  /** Every stored row, also those without models. */
  rows(): readonly RegistryRow[] {
    return [...this.store.rows().values()];
  }

  /**
   * Validates the writes and stores those that are newer than what is there, in one transaction. Bad rows and bad models
   * are left out with a log line. Never rejects.
   */
  async upsert(writes: readonly RegistryRow[]): Promise<UpsertResult> {
    const valid = writes.flatMap((write) => this.#validated(write));
    if (valid.length === 0) return { applied: [] };
    let applied: RegistryRow[] = [];
    const commit = await this.#transaction((rows) => {
      const winners = new Map<string, RegistryRow>();
      for (const row of valid) {
        const key = rowKey(row);
        const current = winners.get(key) ?? rows.get(key);
        if (!current || isNewer(row, current)) winners.set(key, row);
      }
      applied = [...winners.values()];
      return { put: applied, remove: [] };
    });
    if (!commit.ok) return { error: 'storage_unavailable', message: commit.message };
    if (applied.length > 0) this.#changed(applied);
    return { applied };
  }

  /**
   * Replaces the list of configured backends. A backend that is gone, or whose address or kind is another one now, loses
   * its rows; the state of the others is kept.
   */
  async configureBackends(configs: readonly BackendConfig[]): Promise<void> {
    const kept = new Map<string, BackendState>();
    for (const { id, kind, url, host } of [...configs].sort((a, b) => compareCodePoints(a.id, b.id))) {
      const state = this.#states.get(id);
      const same = state?.kind === kind && state.url === url;
      kept.set(id, same ? { ...state, host } : { id, kind, url, host, readiness: 'unknown', probing: false });
    }
    const lost = new Set<string>();
    for (const { id, url, kind } of this.#states.values()) {
      const now = kept.get(id);
      if (now?.url !== url || now.kind !== kind) lost.add(id);
    }
    this.#states = kept;
    this.#backendsChanged.fire(this.backends());
    await this.#removeRowsOf((backend) => lost.has(backend));
  }

  /** Sets what is known of one backend; ignored when it is not configured (any more). */
  setBackendState(id: string, change: (state: BackendState) => BackendState): void {
    const state = this.#states.get(id);
    if (!state) return;
    this.#states = new Map(this.#states).set(id, change(state));
    this.#backendsChanged.fire(this.backends());
  }

  async #removeRowsOf(isGone: (backend: string) => boolean): Promise<void> {
    let removed: RegistryRow[] = [];
    const commit = await this.#transaction((rows) => {
      removed = [...rows.values()].filter((row) => isGone(row.backend));
      return { put: [], remove: removed.map(rowKey) };
    });
    if (commit.ok && removed.length > 0) this.#changed(removed.map((row) => ({ ...row, models: [] })));
  }

  #validated(write: unknown): readonly RegistryRow[] {
    const result = validateRow(write);
    if (!result.ok) {
      this.logger.log('warn', 'registry.row.refused', { reason: result.reason });
      return [];
    }
    const { row, dropped } = result;
    for (const { index, reason } of dropped) {
      this.logger.log('warn', 'registry.model.dropped', {
        backend: row.backend,
        provider: row.provider,
        index,
        reason,
      });
    }
    return [row];
  }

  async #transaction(change: Parameters<RowStore['transaction']>[0]): Promise<RowCommit> {
    try {
      return await this.store.transaction(change);
    } catch (thrown) {
      return { ok: false, message: messageOf(thrown) };
    }
  }

  #changed(rows: readonly RegistryRow[]): void {
    this.#snapshot = snapshotOf(this.store.rows().values());
    this.#rowsChanged.fire(rows);
  }
}
