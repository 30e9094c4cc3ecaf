import { isDeepStrictEqual } from 'node:util';
import type { BackendConfig, ListedModel } from '../backends/contract';
import type { Clock } from '../shared/clock';
import { compareCodePoints } from '../shared/codePointOrder';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { StateDatabase } from '../storage/stateDatabase';
import type { BackendFacts } from './backendState';
import { saysTheSame, UNKNOWN_FACTS } from './backendState';
import type { Baseline } from './baseline';
import { baselineRows, EMPTY_BASELINE, parseBaseline } from './baseline';
import type { RegistryBatch } from './registryStore';
import { RegistryStore } from './registryStore';
import type { BackendState, RegisteredModel, RegistryRow, RowWrite } from './row';
import { rowKey } from './row';
import type { Server } from './server';
import { serverOf } from './server';
import type { RegistrySnapshot } from './snapshot';
import { snapshotOf } from './snapshot';
import type { Stamp } from './stamp';
import type { StoredRegistry } from './storedRegistry';
import { validateRow } from './validateRow';

export type UpsertResult =
  /** The rows that won; those that were older than what is stored, or not valid, are not among them. */
  | { readonly applied: readonly RegistryRow[] }
  | { readonly error: 'storage_unavailable'; readonly message: string };

/** What a probe found: what its backend serves, and how it is itself. */
export interface ProbeReport {
  readonly backend: string;
  /** Of the moment of asking. */
  readonly seen: Stamp;
  /** None where the probe failed. */
  readonly rows: readonly RegistryRow[];
  readonly after: (before: BackendFacts) => BackendFacts;
  /** Whether rows and a state that say what is known already are left unstored, so that a look leaves no trace. */
  readonly onlyNews: boolean;
}

export interface RegistryOptions {
  readonly state: StateDatabase;
  readonly clock: Clock;
  readonly logger: Logger;
}

const NO_MODELS: readonly RegisteredModel[] = Object.freeze([]);

/**
 * What every backend serves, keyed on (backend, provider), as all windows share it. Reads are synchronous, from a frozen
 * snapshot, and go on answering while storage or every backend is down.
 *
 * Only configured backends are shown; before `configureBackends` was first called, all are. What cannot be stored is
 * shown in this window all the same (a person with a full disk still sees what is served) and is stored as soon as that
 * works; the writer hears of the error.
 */
export class ModelRegistry {
  readonly #store: RegistryStore;
  readonly #logger: Logger;
  readonly #rowsChanged: Emitter<readonly RegistryRow[]>;
  readonly #backendsChanged: Emitter<readonly BackendState[]>;
  #snapshot: RegistrySnapshot;
  #configs: readonly BackendConfig[] = [];
  #baseline: Baseline = EMPTY_BASELINE;
  #probing: ReadonlySet<string> = new Set();
  #states: ReadonlyMap<string, BackendState> = new Map();

  constructor(options: RegistryOptions) {
    const { logger } = ((this.#logger = options.logger), options);
    const onListenerError = (thrown: unknown): void =>
      logger.log('error', 'registry.listener.failed', { error: messageOf(thrown) });
    this.#rowsChanged = new Emitter(onListenerError);
    this.#backendsChanged = new Emitter(onListenerError);
    this.#store = new RegistryStore(options);
    this.#snapshot = snapshotOf(this.#store.shown.rows.values());
    this.#store.onDidChange((before) => this.#changed(before));
  }

  /**
   * Fires after a commit of this window or another one, with the rows that changed; those that are gone come with no
   * models.
   */
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

  /** What is known of a backend, and when that was seen; undefined before anything is. */
  lastSeen(id: string): { readonly facts: BackendFacts; readonly seen: Stamp } | undefined {
    return this.#store.shown.backends.get(id);
  }

  /** Every row of the configured backends, also those without models. */
  rows(): readonly RegistryRow[] {
    return [...this.#store.shown.rows.values()];
  }

  /**
   * Validates the writes and stores those that are newer than what is there, in one transaction. Bad rows, bad models
   * and rows of backends that are not configured are left out. Never rejects.
   */
  async upsert(writes: readonly RowWrite[]): Promise<UpsertResult> {
    const rows = writes.flatMap((write) => this.#validated(write));
    return rows.length === 0 ? { applied: [] } : this.#write('upsert', { rows });
  }

  /** Stores what a probe found, rows and state in one transaction. Never rejects. */
  async recordProbe({ backend, seen, rows, after, onlyNews }: ProbeReport): Promise<UpsertResult> {
    const valid = rows.flatMap((row) => this.#validated(row));
    const state = { id: backend, seen, after };
    if (!onlyNews) return this.#write('probe', { rows: valid, backend: state });
    const known = this.#store.shown.rows;
    const news = valid.filter((row) => !servesTheSame(row, known.get(rowKey(row))));
    const before = this.lastSeen(backend)?.facts ?? UNKNOWN_FACTS;
    if (!saysTheSame(before, after(before))) return this.#write('look', { rows: news, backend: state });
    return news.length === 0 ? { applied: [] } : this.#write('look', { rows: news });
  }

  /**
   * Replaces the list of configured backends, and shows it at once. A backend that was removed while this window runs
   * loses its rows and its state, as does one under whose id another server (address or kind) is known; what is stored
   * of others that are not configured here is hidden, because another VS Code profile may have them.
   */
  async configureBackends(configs: readonly BackendConfig[]): Promise<void> {
    this.#configs = [...configs].sort((a, b) => compareCodePoints(a.id, b.id));
    await this.#configureStore();
  }

  /** Takes what ships with the extension (a parsed JSON file): its rows stand where a configured backend has none. */
  async seed(raw: unknown): Promise<void> {
    const baseline = parseBaseline(raw, this.#logger);
    if (!baseline) return;
    this.#baseline = baseline;
    if (this.#configs.length > 0) await this.#configureStore();
  }

  /** Says whether this window asks a backend just now; ignored when it is not configured (any more). */
  setProbing(id: string, probing: boolean): void {
    const next = new Set(this.#probing);
    if (probing) next.add(id);
    else next.delete(id);
    this.#probing = next;
    this.#showBackends();
  }

  /** Sweeps the state; run now and then by one window of all. Never rejects. */
  maintain(): Promise<void> {
    return this.#store.maintain();
  }

  /** Stops following the state; reads go on answering. */
  dispose(): void {
    this.#store.dispose();
  }

  async #configureStore(): Promise<void> {
    const servers = new Map<string, Server>(this.#configs.map((config) => [config.id, serverOf(config)]));
    const configured = this.#store.configure(
      servers,
      baselineRows(this.#baseline, servers.values(), this.#logger),
    );
    this.#showBackends();
    await configured;
  }

  async #write(name: string, batch: RegistryBatch): Promise<UpsertResult> {
    const commit = await this.#store.write(name, batch);
    return commit.ok
      ? { applied: commit.applied }
      : { error: 'storage_unavailable', message: commit.message };
  }

  #validated(write: unknown): readonly RegistryRow[] {
    const result = validateRow(write);
    if (!result.ok) {
      this.#logger.log('warn', 'registry.row.refused', { reason: result.reason });
      return [];
    }
    const { row, dropped } = result;
    const { backend, provider } = row;
    for (const { index, reason } of dropped) {
      this.#logger.log('warn', 'registry.model.dropped', { backend, provider, index, reason });
    }
    return [row];
  }

  #changed(before: StoredRegistry): void {
    const { rows } = this.#store.shown;
    this.#showBackends();
    const changed = [...rows.values()].filter((row) => before.rows.get(rowKey(row)) !== row);
    for (const [key, row] of before.rows) if (!rows.has(key)) changed.push({ ...row, models: [] });
    if (changed.length === 0) return;
    this.#snapshot = snapshotOf(rows.values(), this.#snapshot);
    this.#rowsChanged.fire(changed);
  }

  #showBackends(): void {
    const states = new Map(this.#configs.map((config) => [config.id, this.#stateOf(config)]));
    // Order counts as well.
    if (isDeepStrictEqual([...states], [...this.#states])) return;
    this.#states = states;
    this.#backendsChanged.fire(this.backends());
  }

  #stateOf({ id, kind, url, host }: BackendConfig): BackendState {
    const facts = this.lastSeen(id)?.facts ?? UNKNOWN_FACTS;
    return { id, kind, url, host, probing: this.#probing.has(id), ...facts };
  }
}

/** Whether two rows list the same, in any order; until when a model stays loaded is no news, it moves with every call. */
function servesTheSame(a: RegistryRow, b: RegistryRow | undefined): boolean {
  if (b?.models.length !== a.models.length) return false;
  return isDeepStrictEqual(comparable(a.models), comparable(b.models));
}

function comparable(models: readonly ListedModel[]): ReadonlyMap<string, ListedModel> {
  return new Map(
    models.map((model) => {
      const { modelId, running } = model;
      return [modelId, running ? { ...model, running: { ...running, expiresAt: '' } } : model];
    }),
  );
}
