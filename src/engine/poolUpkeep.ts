import type { Dispatcher } from '../dispatch/dispatcher';
import type { PoolBounds, PoolManager } from '../pool/poolManager';
import { entryKey, type PoolEntry } from '../pool/poolState';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import type { Clock } from '../shared/clock';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { LOCAL_HOST, type ModelRef } from '../shared/modelRef';
import type { Settings } from '../shared/settings';

export interface PoolUpkeepOptions {
  readonly pool: PoolManager;
  readonly settings: () => Settings;
  readonly dispatcher: Pick<Dispatcher, 'inUse' | 'onDidRecord'>;
  readonly registry: Pick<ModelRegistry, 'listForBackend' | 'onDidChangeRows'>;
  /** Whether a model calls tools, as far as anybody knows. */
  readonly toolCallingOf: (model: RegisteredModel) => boolean | undefined;
  /** Fires when that may have changed. */
  readonly onDidTry: (listener: () => void) => () => void;
  /** Looks at a backend again: something was removed there. */
  readonly askAnew: (backendId: string) => void;
  readonly clock: Clock;
}

/** Between two looks at whether what is to go is still used: calls of other windows, and what a server has loaded. */
const DRAIN_EVERY_MS = 10_000;

/**
 * Keeps the pool true to what happens in this window: bounds from the settings, the last use of each model, whether it
 * calls tools, and the removal of what waits for its last call to end.
 */
export class PoolUpkeep {
  readonly #stops: readonly (() => void)[];
  #cancelDrain: (() => void) | undefined;
  #bounds: PoolBounds | undefined;
  #ready: Promise<void> | undefined;
  #disposed = false;
  /** Backends by the keys of the models that are to go. */
  #leaving: ReadonlyMap<string, string> = new Map();

  constructor(private readonly options: PoolUpkeepOptions) {
    const { pool, dispatcher, registry } = options;
    this.#stops = [
      pool.onDidChange(({ entries }) => this.#noteLeaving(entries)),
      dispatcher.inUse.onDidChange(() => this.#drainIfDue()),
      dispatcher.onDidRecord((record) => this.#noteUse(record)),
      registry.onDidChangeRows(() => this.#noteToolCalling()),
      options.onDidTry(() => this.#noteToolCalling()),
    ];
  }

  /** Resolves once the pool has the bounds of the settings, which it is given at the first call. */
  ready(): Promise<void> {
    this.#ready ??= this.#configure();
    return this.#ready;
  }

  /** To be called when the settings have changed. */
  settingsChanged(): void {
    // One after the other: the newest word is the last.
    if (this.#ready) this.#ready = this.#ready.then(() => this.#configure());
  }

  /** Gives the pool the bounds of the settings where they are others than before. */
  async #configure(): Promise<void> {
    const settings = this.options.settings();
    const { poolDiskBudgetGb, poolAllowedOrgs, poolAllowedFamilies, backends } = settings;
    const ollama = backends.filter(({ kind }) => kind === 'ollama');
    const local = ollama.find(({ host = LOCAL_HOST }) => host === LOCAL_HOST) ?? ollama[0];
    const bounds: PoolBounds = {
      diskBudgetGb: poolDiskBudgetGb,
      allowedOrgs: poolAllowedOrgs,
      allowedFamilies: poolAllowedFamilies,
      defaultBackend: local?.id ?? '',
    };
    if (JSON.stringify(bounds) === JSON.stringify(this.#bounds)) return;
    this.#bounds = bounds;
    await this.options.pool.configurePool(bounds);
    // What a window that is gone has left to be removed.
    this.#noteLeaving(this.options.pool.snapshot().entries);
  }

  /** Whether a model goes as soon as nothing uses it, so that no call should choose it by itself. */
  isLeaving({ backend, modelId }: Pick<ModelRef, 'backend' | 'modelId'>): boolean {
    return this.#leaving.size > 0 && this.#leaving.has(entryKey({ backend, ollamaName: modelId }));
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancelDrain?.();
    this.#stops.forEach((stop) => stop());
  }

  #noteLeaving(entries: readonly PoolEntry[]): void {
    const there = new Set(entries.map(entryKey));
    const gone = [...this.#leaving].flatMap(([key, backend]) => (there.has(key) ? [] : [backend]));
    const leaving = entries.filter(({ pendingEviction }) => pendingEviction);
    this.#leaving = new Map(leaving.map((entry) => [entryKey(entry), entry.backend]));
    new Set(gone).forEach(this.options.askAnew);
    this.#drainSoon();
  }

  #drainSoon(): void {
    if (this.#disposed || this.#cancelDrain || this.#leaving.size === 0) return;
    this.#cancelDrain = this.options.clock.after(DRAIN_EVERY_MS, () => {
      this.#cancelDrain = undefined;
      void this.options.pool.drain().then(() => this.#drainSoon());
    });
  }

  #drainIfDue(): void {
    if (this.#leaving.size > 0) void this.options.pool.drain();
  }

  #noteUse({ backend, model: ollamaName, startedAt, outcome }: DispatchRecord): void {
    if (outcome.kind === 'served') void this.options.pool.markUsed({ backend, ollamaName }, startedAt);
  }

  /** Only what is news is stored: a commit writes the whole state. */
  #noteToolCalling(): void {
    const { pool } = this.options;
    const found = pool.snapshot().entries.flatMap((entry) => {
      const callsTools = this.#toolCallingOf(entry);
      return callsTools === undefined || callsTools === entry.toolCalling
        ? []
        : [[entryKey(entry), callsTools] as const];
    });
    if (found.length === 0) return;
    const byKey = new Map(found);
    void pool.updateToolCalling((entry) => byKey.get(entryKey(entry)));
  }

  #toolCallingOf(entry: PoolEntry): boolean | undefined {
    const { registry, toolCallingOf } = this.options;
    const model = registry
      .listForBackend(entry.backend)
      .find(({ modelId }) => entryKey({ backend: entry.backend, ollamaName: modelId }) === entryKey(entry));
    return model && toolCallingOf(model);
  }
}
