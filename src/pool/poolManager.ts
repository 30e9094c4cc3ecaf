import * as l10n from '@vscode/l10n';
import type { InstallAdapter, InstalledModel } from '../backends/installAdapter';
import { isInstallError, normaliseModelName } from '../backends/installAdapter';
import { isoNow, type Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { formatNumber } from '../shared/numberText';
import { bytesToGib } from '../shared/units';
import type { TransactionResult } from '../storage/stateDatabase';
import { isAllowed, type PolicyTarget } from './allowed';
import { PoolEvictions, type EvictionOutcome } from './poolEvictions';
import {
  PoolInstalls,
  type InstallOutcome,
  type InstallPreview,
  type PoolInstallRequest,
} from './poolInstalls';
import { reconcile, type Reconciled } from './poolReconcile';
import type { ModelUses, PoolRegistrar } from './poolRegistrar';
import type { PoolRemoval } from './poolRemovals';
import {
  entryKey,
  gibToBytes,
  type PoolBlob,
  type PoolEntry,
  type PoolErrorCode,
  type PoolState,
} from './poolState';
import type { PoolStateStore } from './poolStateStore';
import type { PullRuns } from './pullRuns';
import { overBytes, promisesOn } from './reservations';

export interface PoolManagerOptions {
  readonly store: PoolStateStore;
  readonly pulls: PullRuns;
  /** The one that `pulls` has at its gate. */
  readonly registrar: PoolRegistrar;
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly uses: ModelUses;
  /** Bytes to download, by the registry's manifest or the catalogue; null where nobody knows. */
  readonly sizeOf?: (request: PoolInstallRequest) => Promise<number | null>;
  /** Free bytes on the volume of a backend's models; null where it cannot be seen from here. */
  readonly freeBytes: (backendId: string) => Promise<number | null>;
  /** Layers by the manifest on disk, where that can be read. */
  readonly manifestBlobs?: (backendId: string, name: string) => Promise<readonly PoolBlob[] | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface PoolBounds {
  /** GiB on each host; null: the default, min(100 GiB, half of the disk as if the pool were empty). */
  readonly diskBudgetGb: number | null;
  readonly allowedOrgs: readonly string[];
  readonly allowedFamilies: readonly string[];
  /** The backend whose disk the default is made from. */
  readonly defaultBackend: string;
}

export interface Adoption {
  readonly backend: string;
  readonly ollamaName: string;
  readonly hfRepoId: string | null;
  readonly family?: string;
  readonly score: number;
  /** `user`: known, but outside the budget and never removed. Default `pool`. */
  readonly origin?: PoolEntry['origin'];
  /** Its layers, where they are known better than by the manifest on disk. */
  readonly blobs?: readonly PoolBlob[];
}

type Done =
  | { readonly status: 'success' }
  | { readonly status: 'error'; readonly code: PoolErrorCode; readonly message: string };

const DEFAULT_BUDGET_GB = 100;
/** Uses that follow each other sooner are not stored one by one: a commit writes the whole state. */
const USED_STEP_MS = 5 * 60_000;

/** Installed models under a disk budget. Every promise it makes stands in the state, so that it binds all windows. */
export class PoolManager {
  readonly #options: PoolManagerOptions;
  readonly #installs: PoolInstalls;
  readonly #evictions: PoolEvictions;

  constructor(options: PoolManagerOptions) {
    this.#options = options;
    this.#evictions = new PoolEvictions(options);
    this.#installs = new PoolInstalls({ ...options, evictions: this.#evictions });
    options.registrar.onDidEnd((run) => {
      if (run.code === 'install_failed') void this.#installs.cleanUp(run);
      void this.drain();
    });
  }

  /** A copy of the pool as this window last saw it. */
  snapshot(): PoolState {
    return this.#options.store.snapshot();
  }

  /** What left the pool in the last year, newest first, as this window last saw it. */
  get removals(): readonly PoolRemoval[] {
    return this.#options.store.removals;
  }

  /** Calls the listener after any window changed the pool; the returned function stops that. */
  onDidChange(listener: (pool: PoolState) => void): () => void {
    return this.#options.store.onDidChange(listener);
  }

  /** Whether policy may install a model without a person's word. */
  isAllowed(target: PolicyTarget): boolean {
    return isAllowed(this.snapshot(), target);
  }

  /** What installing would do, for the one dialog that asks. Changes nothing. */
  preview(request: PoolInstallRequest): Promise<InstallPreview> {
    return this.#installs.preview(request);
  }

  /** Installs a model, or says why not; resolves when it is there. Never rejects for what can be expected. */
  install(request: PoolInstallRequest): Promise<InstallOutcome> {
    return this.#installs.install(request);
  }

  /** Removes a model of the pool, at once or when no call uses it any more. */
  evict(model: { readonly backend: string; readonly ollamaName: string }): Promise<EvictionOutcome> {
    return this.#evictions.evict(model.backend, model.ollamaName);
  }

  /** Removes what waits for its last call to end. To be called when one has ended, and at each tick. Never rejects. */
  drain(): Promise<void> {
    return this.#evictions.drain();
  }

  /** Makes the pool agree with what a backend lists. */
  reconcile(backend: string, signal?: AbortSignal): Promise<Reconciled> {
    return reconcile(this.#options.store, this.#options.adapterFor(backend), backend, signal);
  }

  /** Takes a model that was installed outside into the pool. */
  async adopt(adoption: Adoption): Promise<Done> {
    const { store, clock } = this.#options;
    const { backend, origin = 'pool' } = adoption;
    const model = await this.#listed(backend, adoption.ollamaName);
    if ('code' in model) return { status: 'error', ...model };
    const bytes = gibToBytes(model.sizeOnDiskGb);
    const digest = model.digest ?? null;
    const onDisk = adoption.blobs ?? (await this.#options.manifestBlobs?.(backend, model.ollamaName));
    const byTag = [{ digest: `tag:${digest ?? model.ollamaName}`, bytes }];
    const entry: PoolEntry = {
      ...{ backend, ollamaName: model.ollamaName, hfRepoId: adoption.hfRepoId },
      ...{ quant: model.quant ?? 'unknown', digest, sizeOnDiskGb: model.sizeOnDiskGb },
      ...(adoption.family === undefined ? {} : { family: adoption.family }),
      ...{ blobs: onDisk ?? byTag, basis: onDisk ? ('manifest' as const) : ('tag' as const) },
      ...{ installedAt: isoNow(clock), lastUsedAt: null, currentScore: adoption.score },
      ...{ pinned: false, origin },
    };
    const over = await store.update('pool.adopt', (draft, sql) => {
      if (draft.entries.some((each) => entryKey(each) === entryKey(entry))) return 0;
      const runs = this.#options.pulls.queue.read(sql);
      const promises = promisesOn({ pool: draft, runs, scope: store.scope, backend });
      const missing = origin === 'user' ? 0 : overBytes(promises, bytes);
      if (missing === 0) draft.entries.push(entry);
      return missing;
    });
    if (!over.ok) return { status: 'error', code: 'storage_unavailable', message: over.message };
    if (over.value === 0) return { status: 'success' };
    const message = l10n.t(
      '{0} would exceed disk budget by {1} GB. Raise modelPool.pool.diskBudgetGb, or remove a model first.',
      model.ollamaName,
      formatNumber(bytesToGib(over.value), 2),
    );
    return { status: 'error', code: 'budget_exceeded', message };
  }

  /** Notes that a call used a model; what the pool does not know is ignored. Coarse: within five minutes once. */
  async markUsed(model: Pick<PoolEntry, 'backend' | 'ollamaName'>, atIso: string): Promise<void> {
    const key = entryKey(model);
    const isNews = (entry: PoolEntry): boolean =>
      entryKey(entry) === key &&
      (entry.lastUsedAt === null || Date.parse(atIso) - Date.parse(entry.lastUsedAt) >= USED_STEP_MS);
    if (!this.snapshot().entries.some(isNews)) return;
    await this.#each('pool.used', (entry) => (isNews(entry) ? { ...entry, lastUsedAt: atIso } : entry));
  }

  /** Gives each model its score anew; `undefined` leaves the one that it has. */
  async updateScores(scoreOf: (entry: PoolEntry) => number | undefined): Promise<void> {
    await this.#each('pool.scores', (entry) => {
      const currentScore = scoreOf(entry);
      return currentScore === undefined ? entry : { ...entry, currentScore };
    });
  }

  /** Notes which models call tools, as far as that is known. */
  async updateToolCalling(callsTools: (entry: PoolEntry) => boolean | undefined): Promise<void> {
    await this.#each('pool.tool_calling', (entry) => {
      const toolCalling = callsTools(entry);
      return toolCalling === undefined ? entry : { ...entry, toolCalling };
    });
  }

  /** Keeps a model from every plan, or no longer. `busy` where it goes already. */
  async pin(model: Pick<PoolEntry, 'backend' | 'ollamaName'>, pinned: boolean): Promise<Done> {
    const { store, pulls } = this.#options;
    const key = entryKey(model);
    const result = await store.update<PoolErrorCode | null>('pool.pin', (draft, sql) => {
      const entry = draft.entries.find((each) => entryKey(each) === key);
      if (!entry) return 'not_in_pool';
      const runs = pulls.queue.read(sql);
      const { leaving } = promisesOn({ pool: draft, runs, scope: store.scope, backend: model.backend });
      if (pinned && leaving.has(key)) return 'busy';
      draft.entries = draft.entries.map((each) => (each === entry ? { ...entry, pinned } : each));
      return null;
    });
    if (!result.ok) return { status: 'error', code: 'storage_unavailable', message: result.message };
    if (result.value === null) return { status: 'success' };
    const message =
      result.value === 'busy'
        ? l10n.t('{0} makes room for another model already.', model.ollamaName)
        : l10n.t('{0} is not in the pool.', model.ollamaName);
    return { status: 'error', code: result.value, message };
  }

  /** Takes the user's bounds in place of those that are stored. A budget below what is used removes nothing. */
  async configurePool(bounds: PoolBounds): Promise<void> {
    const { store, freeBytes } = this.#options;
    const isDefault = bounds.diskBudgetGb === null;
    const free = isDefault ? await freeBytes(bounds.defaultBackend) : null;
    this.#log(
      await store.update('pool.configure', (draft) => {
        // The default stays what it was first: else it would shrink as the disk fills for other reasons.
        if (bounds.diskBudgetGb !== null) draft.diskBudgetGb = bounds.diskBudgetGb;
        else if (draft.budgetBasis !== 'default') draft.diskBudgetGb = this.#defaultBudgetGb(free);
        draft.budgetBasis = isDefault ? 'default' : 'setting';
        draft.allowedOrgs = [...bounds.allowedOrgs];
        draft.allowedFamilies = [...bounds.allowedFamilies];
      }),
    );
  }

  /** Notes that a refresh has ended. */
  async markRefreshed(): Promise<void> {
    this.#log(
      await this.#options.store.update('pool.refreshed', (draft) => {
        draft.lastRefreshAt = isoNow(this.#options.clock);
      }),
    );
  }

  #defaultBudgetGb(freeBytes: number | null): number {
    if (freeBytes === null) return DEFAULT_BUDGET_GB;
    return Math.min(DEFAULT_BUDGET_GB, Math.floor((bytesToGib(freeBytes) + this.snapshot().diskUsedGb) / 2));
  }

  async #each(name: string, change: (entry: PoolEntry) => PoolEntry): Promise<void> {
    this.#log(
      await this.#options.store.update(name, (draft) => {
        draft.entries = draft.entries.map(change);
      }),
    );
  }

  async #listed(
    backend: string,
    name: string,
  ): Promise<InstalledModel | { readonly code: PoolErrorCode; readonly message: string }> {
    const wanted = normaliseModelName(name);
    const adapter = this.#options.adapterFor(backend);
    try {
      const model = (await adapter?.list())?.find(
        ({ ollamaName }) => normaliseModelName(ollamaName) === wanted,
      );
      return (
        model ?? { code: 'failed_target_missing', message: l10n.t('{0} has no model {1}.', backend, name) }
      );
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return thrown;
    }
  }

  #log(result: TransactionResult<unknown>): void {
    if (!result.ok) this.#options.logger.log('warn', 'pool.not_stored', { code: result.code });
  }
}
