import * as l10n from '@vscode/l10n';
import type { EvictResult, InstallAdapter } from '../backends/installAdapter';
import { isInstallError } from '../backends/installAdapter';
import type { Logger } from '../shared/logger';
import { sleep, type Clock } from '../shared/clock';
import { entryKey, type PoolEntry, type PoolErrorCode } from './poolState';
import type { PoolStateStore } from './poolStateStore';
import type { ModelUses } from './poolRegistrar';
import { isOver, isSameModel, readRuns } from './pullRunRows';

export interface PoolEvictionsOptions {
  readonly store: PoolStateStore;
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly uses: ModelUses;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Between the mark and the look at who uses a model. A call first says that it uses a model and then looks for the mark,
 * each of which reaches the other windows within some tens of milliseconds: after this, one of the two has seen the other.
 */
const SEEN_BY_ALL_MS = 500;

export type EvictionOutcome =
  | { readonly status: 'success'; readonly name: string }
  /** A call uses it: it goes when that has ended, whichever window is there then. */
  | { readonly status: 'pending'; readonly code: 'in_use'; readonly message: string }
  | { readonly status: 'error'; readonly code: PoolErrorCode; readonly message: string };

/**
 * Takes models out of the pool and off the disk. First the state says that a model goes, so that nothing new is sent to
 * it; then, when no call of any window uses it, it is deleted; then the state forgets it. Whoever dies in between is
 * followed by the next `drain`, of any window.
 */
export class PoolEvictions {
  /** What a person wants gone: that it is loaded keeps it no longer than its last call. */
  readonly #wanted = new Set<string>();
  #draining: Promise<void> | null = null;
  #again = false;

  constructor(private readonly options: PoolEvictionsOptions) {}

  /** Removes a model of the pool as soon as that may be. A person's word, so that being pinned or loaded keeps nothing. */
  async evict(backend: string, name: string): Promise<EvictionOutcome> {
    const { store } = this.options;
    const key = entryKey({ backend, ollamaName: name });
    const marked = await store.update<PoolErrorCode | null>('pool.evict', (draft, sql) => {
      const isPulled = readRuns(sql, store.scope).some(
        (run) => !isOver(run) && isSameModel(run, { backend, name }),
      );
      if (isPulled) return 'busy';
      const entry = draft.entries.find((each) => entryKey(each) === key);
      if (!entry) return 'not_in_pool';
      draft.entries = draft.entries.map((each) =>
        each === entry ? { ...entry, pendingEviction: true } : each,
      );
      return null;
    });
    if (!marked.ok) return error('storage_unavailable', marked.message);
    if (marked.value === 'busy')
      return error('busy', l10n.t('{0} is being installed. Cancel that first, then remove it.', name));
    if (marked.value !== null) return error(marked.value, l10n.t('{0} is not in the pool.', name));
    this.#wanted.add(key);
    const entry = store.snapshot().entries.find((each) => entryKey(each) === key);
    return entry ? this.#remove(entry, false) : { status: 'success', name };
  }

  /** Removes what is marked and not used any more. To be called when a call has ended, and at each tick. Never rejects. */
  drain(): Promise<void> {
    this.#again = true;
    this.#draining ??= this.#drainAll().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const leaving = this.options.store.snapshot().entries.filter(({ pendingEviction }) => pendingEviction);
      for (const entry of leaving) {
        const outcome = await this.#remove(entry, !this.#wanted.has(entryKey(entry)));
        if (outcome.status === 'error')
          this.options.logger.log('warn', 'pool.eviction_failed', { code: outcome.code });
      }
    }
  }

  async #remove(entry: PoolEntry, waitsWhileLoaded: boolean): Promise<EvictionOutcome> {
    const { store, uses, clock } = this.options;
    const { ollamaName: name } = entry;
    const key = entryKey(entry);
    await sleep(clock, SEEN_BY_ALL_MS);
    const { inUse, running } = await uses.now([entry]);
    if (inUse.has(key) || (waitsWhileLoaded && running.has(key))) {
      const message = l10n.t('{0} is in use. It is removed as soon as no call uses it.', name);
      return { status: 'pending', code: 'in_use', message };
    }
    const isMarked = (each: PoolEntry): boolean => entryKey(each) === key && each.pendingEviction === true;
    if (!(await store.load()).entries.some(isMarked))
      return error('busy', l10n.t('{0} was kept, or removed, by somebody else meanwhile.', name));
    const deleted = await this.#delete(entry);
    if (deleted.status === 'error' && deleted.code !== 'not_in_pool') return deleted;
    const forgotten = await store.update('pool.evicted', (draft) => {
      draft.entries = draft.entries.filter((each) => !isMarked(each));
    });
    if (!forgotten.ok) return error('storage_unavailable', forgotten.message);
    this.#wanted.delete(key);
    return { status: 'success', name };
  }

  async #delete({ backend, ollamaName: name }: PoolEntry): Promise<EvictResult> {
    const adapter = this.options.adapterFor(backend);
    if (!adapter) {
      const message = l10n.t('The backend {0} is not set up, so {1} stays until it is.', backend, name);
      return { status: 'error', code: 'installer_unavailable', message };
    }
    try {
      return await adapter.evict({ name });
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return { status: 'error', code: thrown.code, message: thrown.message };
    }
  }
}

function error(code: PoolErrorCode, message: string): EvictionOutcome {
  return { status: 'error', code, message };
}
