import { normaliseModelName, type InstallAdapter } from '../backends/installAdapter';
import type { ModelsInUse } from '../dispatch/inUse';
import type { ModelUses } from '../pool/poolRegistrar';
import { entryKey, type PoolEntry } from '../pool/poolState';
import type { ModelRegistry } from '../registry/registry';
import { modelRefKey, type ModelRef } from '../shared/modelRef';
import { isLeased, type Lease } from '../storage/leaseStore';
import { digestSubject } from './modelSubject';

export interface PoolUsesOptions {
  readonly registry: Pick<ModelRegistry, 'listForBackend'>;
  /** The calls of this window. */
  readonly inUse: Pick<ModelsInUse, 'has'>;
  /** What the other windows use. */
  readonly others: () => Promise<readonly Lease[]>;
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
}

/** How long a server may take to say what it has loaded; one that takes longer counts as using all of it. */
const LOADED_TIMEOUT_MS = 5_000;

/**
 * Which models of the pool must stay now: those with a call in any window, and those that their server has loaded. What
 * cannot be found out counts as in use.
 */
export class PoolUses implements ModelUses {
  constructor(private readonly options: PoolUsesOptions) {}

  async now(models: readonly PoolEntry[]): Promise<{
    readonly inUse: ReadonlySet<string>;
    readonly running: ReadonlySet<string>;
  }> {
    const backends = [...new Set(models.map(({ backend }) => backend))];
    const [others, ...loaded] = await Promise.all([
      this.options.others(),
      ...backends.map((backend) => this.#loadedOn(backend)),
    ]);
    const loadedOn = new Map(backends.map((backend, at) => [backend, loaded[at] ?? null]));
    const inUse = new Set<string>();
    const running = new Set<string>();
    for (const entry of models) {
      const names = loadedOn.get(entry.backend) ?? null;
      const refs = this.#refsOf(entry);
      if (names?.has(normaliseModelName(entry.ollamaName))) running.add(entryKey(entry));
      if (names === null || this.#isCalled(entry, refs, others)) inUse.add(entryKey(entry));
    }
    return { inUse, running };
  }

  /** By name, or by the digest: one file may have several names, and a call to one of them holds it. */
  #isCalled(entry: PoolEntry, refs: readonly ModelRef[], others: readonly Lease[]): boolean {
    const keys = [
      ...refs.map(modelRefKey),
      ...(entry.digest === null ? [] : [entry.digest, digestSubject(entry.digest)]),
    ];
    return refs.some((ref) => this.options.inUse.has(ref)) || isLeased(others, keys);
  }

  #refsOf(entry: PoolEntry): readonly ModelRef[] {
    const wanted = normaliseModelName(entry.ollamaName);
    return this.options.registry
      .listForBackend(entry.backend)
      .filter(({ modelId, capabilities }) => {
        const isSameFile = entry.digest !== null && capabilities.digest === entry.digest;
        return isSameFile || normaliseModelName(modelId) === wanted;
      })
      .map(({ backend, provider, modelId }) => ({ backend, provider, modelId }));
  }

  /** Null: it does not say, or does not answer. A server that is gone uses nothing, but it removes nothing either. */
  async #loadedOn(backend: string): Promise<ReadonlySet<string> | null> {
    const adapter = this.options.adapterFor(backend);
    if (!adapter?.loaded) return null;
    try {
      const names = await adapter.loaded({ signal: AbortSignal.timeout(LOADED_TIMEOUT_MS) });
      return new Set(names.map(normaliseModelName));
    } catch {
      return null;
    }
  }
}
