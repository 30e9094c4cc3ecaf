import * as l10n from '@vscode/l10n';
import type { InstallAdapter } from '../backends/installAdapter';
import { isInstallError, normaliseModelName } from '../backends/installAdapter';
import { sleep, type Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { formatNumber } from '../shared/numberText';
import { bytesToGib, BYTES_PER_GIB, formatBytes } from '../shared/units';
import type { SqlReader } from '../storage/stateDatabase';
import { isAllowed } from './allowed';
import type { Refusal } from './livePull';
import type { EvictionPlan } from './planEviction';
import type { PoolEvictions } from './poolEvictions';
import type { PoolIntent, PoolRegistrar } from './poolRegistrar';
import { entryKey, gibToBytes, nameOfKey, type PoolEntry, type PoolErrorCode } from './poolState';
import type { PoolStateStore } from './poolStateStore';
import { isOver, isSameModel, type StoredRun } from './pullRunRows';
import type { PullRun, PullRuns } from './pullRuns';
import { noDiskSpace, overBytes, promisesOn, unpromisedBytes } from './reservations';

export interface PoolInstallRequest {
  readonly backend: string;
  readonly ollamaName: string;
  readonly hfRepoId: string | null;
  /** What people call the model. Default its name. */
  readonly label?: string;
  readonly quant: string;
  readonly sizeOnDiskGb?: number;
  /** Where nobody knows how much it takes: what it takes for sure, so that what cannot be is not begun. */
  readonly atLeastGb?: number;
  readonly family?: string;
  readonly initialScore: number;
  /** `user`: a person said yes to this install. `policy`: nobody did, so the allow-list binds it. */
  readonly consent: 'user' | 'policy';
  /** Keys (`entryKey`) of the models that may go for it, as they were shown; `any`, the default: as the plan says. */
  readonly mayEvict?: 'any' | readonly string[];
  /**
   * Whether models may go before the download where the disk has no room for both. Default false, because a download
   * that fails then has cost them.
   */
  readonly evictFirst?: boolean;
  /** Aborting cancels the run, unless it is one that was under way before. */
  readonly signal?: AbortSignal;
  /** Hears the run as it goes. */
  readonly onEvent?: (run: PullRun) => void;
}

export type InstallOutcome =
  | {
      readonly status: 'success';
      readonly name: string;
      readonly alreadyInstalled: boolean;
      /** Names of models that went for it. */
      readonly evicted: readonly string[];
      /** Names of models that go as soon as no call uses them. */
      readonly pending: readonly string[];
    }
  | { readonly status: 'error'; readonly code: PoolErrorCode; readonly message: string };

/** What an install would do. */
export interface InstallPreview {
  /** Null where nobody knows before the pull. */
  readonly sizeBytes: number | null;
  readonly budgetBytes: number;
  /** What the pool holds on that disk now, and what is promised to models on their way. */
  readonly usedBytes: number;
  /** The same when it is done. */
  readonly afterBytes: number;
  readonly freeBytes: number | null;
  /** What would go, and what stays, and why. */
  readonly plan: EvictionPlan;
  /** True where models would have to go before the download, because the disk has no room for both. */
  readonly evictFirst: boolean;
  /** Why it would be refused; null: it would not. */
  readonly refusal: Refusal | null;
}

export interface PoolInstallsOptions {
  readonly store: PoolStateStore;
  readonly pulls: PullRuns;
  readonly registrar: PoolRegistrar;
  readonly evictions: PoolEvictions;
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly sizeOf?: (request: PoolInstallRequest) => Promise<number | null>;
  readonly freeBytes: (backendId: string) => Promise<number | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A download comes before the models that go for it only where so much stays free besides. */
const SPARE_BYTES = 5 * BYTES_PER_GIB;
/** From a window's last look at whether a model still is to go until the server has removed it: some milliseconds. */
const REMOVED_WITHIN_MS = 500;

type Reserved =
  | { readonly kind: 'run'; readonly run: StoredRun; readonly shared: boolean }
  | { readonly kind: 'evict-first'; readonly names: readonly string[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Installs into the pool: consent, size, space, and then a pull that is written down wherever it ends. */
export class PoolInstalls {
  constructor(private readonly options: PoolInstallsOptions) {}

  async preview(request: PoolInstallRequest): Promise<InstallPreview> {
    const { store, pulls, registrar, freeBytes } = this.options;
    const { backend, ollamaName } = request;
    const sizeBytes = await this.#sizeBytes(request);
    const intent = intentOf(request, sizeBytes);
    const [uses, free] = await Promise.all([registrar.usesOn(backend), freeBytes(backend)]);
    const read = await pulls.queue.transaction('pool.preview', (sql) => {
      const query = { pool: store.read(sql), runs: pulls.queue.read(sql), scope: store.scope, backend };
      const { settledBytes, reservedBytes, budgetBytes } = promisesOn(query, entryKey(request));
      const only = intent.mayEvict === 'any' ? undefined : new Set(intent.mayEvict);
      const answer = registrar.space(sql, backend, ollamaName, intent, uses, only);
      const afterBytes = settledBytes + reservedBytes + intent.sizeBytes;
      const disk = this.#diskAnswer(sql, request, intent.sizeBytes, free, answer.plan.evict.length > 0);
      return { usedBytes: settledBytes + reservedBytes, afterBytes, budgetBytes, answer, disk };
    });
    if (!read.ok) {
      const refusal: Refusal = { code: 'storage_unavailable', message: read.message };
      const plan: EvictionPlan = { evict: [], freedGb: 0, remainingNeededGb: 0, kept: [] };
      const bytes = { budgetBytes: 0, usedBytes: 0, afterBytes: 0 };
      return { sizeBytes, ...bytes, freeBytes: free, plan, evictFirst: false, refusal };
    }
    const { usedBytes, afterBytes, budgetBytes, answer, disk } = read.value;
    const isRefused = answer.kind === 'refused';
    return {
      ...{ sizeBytes, budgetBytes, usedBytes, freeBytes: free, plan: answer.plan },
      afterBytes: isRefused ? afterBytes : afterBytes - gibToBytes(answer.plan.freedGb),
      evictFirst: !isRefused && disk === 'evict-first',
      refusal: isRefused ? answer.refusal : disk === null || disk === 'evict-first' ? null : disk,
    };
  }

  async install(request: PoolInstallRequest): Promise<InstallOutcome> {
    const early = this.#forbidden(request) ?? (await this.#present(request));
    if (early) return early;
    const sizeBytes = await this.#sizeBytes(request);
    if (sizeBytes === null && request.consent === 'policy') {
      const message = l10n.t(
        'Nobody knows how big {0} is, so nothing was begun. Install it yourself to go on.',
        request.ollamaName,
      );
      return refused({ code: 'budget_exceeded', message });
    }
    const intent = intentOf(request, sizeBytes);
    let reserved = await this.#reserve(request, intent);
    if (reserved.kind === 'evict-first') {
      const stayed = await this.#evictAll(request.backend, reserved.names);
      if (stayed) return stayed;
      reserved = await this.#reserve(request, intent);
    }
    if (reserved.kind === 'refused') return refused(reserved.refusal);
    if (reserved.kind === 'evict-first') {
      const message = l10n.t(
        'The disk has no room for {0} although models were removed for it. Free some space, then install again.',
        request.ollamaName,
      );
      return refused({ code: 'disk_full', message });
    }
    return this.#follow(request, reserved.run, reserved.shared);
  }

  /** After a failed install: a tag that is listed and has lost its layers is removed. What can still be used is not. */
  async cleanUp({ backend, name }: StoredRun): Promise<void> {
    const adapter = this.options.adapterFor(backend);
    const key = entryKey({ backend, ollamaName: name });
    if (!adapter || this.options.store.snapshot().entries.some((entry) => entryKey(entry) === key)) return;
    try {
      if (!(await this.#isListed(adapter, name))) return;
      await adapter.inspect({ name });
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      if (thrown.code !== 'failed_target_missing') return;
      const result = await adapter.evict({ name });
      this.options.logger.log('info', 'pool.cleaned_up', { status: result.status });
    }
  }

  #forbidden(request: PoolInstallRequest): InstallOutcome | null {
    if (request.consent === 'user') return null;
    const { hfRepoId, family } = request;
    const target = hfRepoId === null ? null : { hfRepoId, ...(family === undefined ? {} : { family }) };
    if (target && isAllowed(this.options.store.snapshot(), target)) return null;
    const message = l10n.t(
      '{0} is not on the lists modelPool.pool.allowedOrgs and modelPool.pool.allowedFamilies, so it is installed only when you say so.',
      hfRepoId ?? request.ollamaName,
    );
    return refused({ code: 'not_allowed', message });
  }

  /** The end where there is nothing to do, or nobody to do it; null: go on. */
  async #present(request: PoolInstallRequest): Promise<InstallOutcome | null> {
    const { backend, ollamaName: name } = request;
    const adapter = this.options.adapterFor(backend);
    if (!adapter) {
      const message = l10n.t(
        'The backend {0} is not set up, or installs nothing. Add an Ollama server, then install.',
        backend,
      );
      return refused({ code: 'installer_unavailable', message });
    }
    try {
      // Advice comes as a rejection with the command.
      if (adapter.advisory) await adapter.install({ name });
      // Before the server is asked: what another window was just removing is not listed any more then.
      const kept = await this.#keep(backend, name);
      if (kept !== 'stayed' && kept !== 'kept') return kept;
      if (kept === 'kept') await sleep(this.options.clock, REMOVED_WITHIN_MS);
      if (!(await this.#isListed(adapter, name))) return null;
      return { status: 'success', name, alreadyInstalled: true, evicted: [], pending: [] };
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return refused(thrown);
    }
  }

  /**
   * A model that waits to go and is wanted again stays, where the budget has room for it.
   *
   * @returns `kept` where it waited to go, `stayed` where it did not
   */
  async #keep(backend: string, ollamaName: string): Promise<InstallOutcome | 'kept' | 'stayed'> {
    const { store, pulls } = this.options;
    const key = entryKey({ backend, ollamaName });
    const isLeaving = (entry: PoolEntry): boolean =>
      entryKey(entry) === key && entry.pendingEviction === true;
    // Also where it does not wait as this window last saw it: another one may just have decided so.
    const result = await store.update('pool.keep', (draft, sql) => {
      if (!draft.entries.some(isLeaving)) return null;
      const entries = draft.entries.map((entry): PoolEntry => {
        if (!isLeaving(entry)) return entry;
        return staying(entry);
      });
      const pool = { ...draft, entries };
      const over = overBytes(
        promisesOn({ pool, runs: pulls.queue.read(sql), scope: store.scope, backend }),
        0,
      );
      if (over === 0) draft.entries = entries;
      return over;
    });
    if (!result.ok) {
      if (!store.snapshot().entries.some(isLeaving)) return 'stayed';
      return refused({ code: 'storage_unavailable', message: result.message });
    }
    if (result.value === null) return 'stayed';
    if (result.value === 0) return 'kept';
    const message = l10n.t(
      '{0} makes room for another model; keeping it would exceed disk budget by {1} GB.',
      ollamaName,
      formatNumber(bytesToGib(result.value), 2),
    );
    return refused({ code: 'budget_exceeded', message });
  }

  async #isListed(adapter: InstallAdapter, name: string): Promise<boolean> {
    const wanted = normaliseModelName(name);
    return (await adapter.list()).some(({ ollamaName }) => normaliseModelName(ollamaName) === wanted);
  }

  async #sizeBytes(request: PoolInstallRequest): Promise<number | null> {
    if (request.sizeOnDiskGb !== undefined) return gibToBytes(request.sizeOnDiskGb);
    return (await this.options.sizeOf?.(request)) ?? null;
  }

  /** One transaction: the run and its space come into being together, or neither does. */
  async #reserve(request: PoolInstallRequest, intent: PoolIntent): Promise<Reserved> {
    const { pulls, registrar, freeBytes } = this.options;
    const { backend, ollamaName: name, label = name } = request;
    const [uses, free] = await Promise.all([registrar.usesOn(backend), freeBytes(backend)]);
    const result = await pulls.queue.transaction('pool.reserve', (sql): Reserved => {
      const same = pulls.queue.read(sql).find((run) => isSameModel(run, { backend, name }));
      if (same && !isOver(same)) return { kind: 'run', run: same, shared: true };
      const admission = registrar.admission(sql, backend, name, intent, uses);
      if ('code' in admission) return { kind: 'refused', refusal: admission };
      const disk = this.#diskAnswer(sql, request, intent.sizeBytes, free, admission.evicts.length > 0);
      if (disk === 'evict-first') {
        return request.evictFirst
          ? { kind: 'evict-first', names: this.#namesOf(sql, admission.evicts) }
          : { kind: 'refused', refusal: noRoomForBoth(name, free) };
      }
      if (disk !== null) return { kind: 'refused', refusal: disk };
      return { kind: 'run', ...pulls.queue.enqueue(sql, { backend, name, label, intent, ...admission }) };
    });
    if (result.ok) return result.value;
    return { kind: 'refused', refusal: { code: 'storage_unavailable', message: result.message } };
  }

  /** What the disk itself says, whatever the budget: null where there is room, or nobody can see it. */
  #diskAnswer(
    sql: SqlReader,
    request: PoolInstallRequest,
    sizeBytes: number,
    freeBytes: number | null,
    evicts: boolean,
  ): Refusal | 'evict-first' | null {
    if (freeBytes === null) return null;
    const { store, pulls } = this.options;
    const { backend, ollamaName: name } = request;
    const runs = pulls.queue.read(sql);
    const begun = runs.find((run) => isSameModel(run, { backend, name }) && run.status !== 'succeeded');
    const needed = Math.max(0, sizeBytes - (begun?.highWaterBytes ?? 0));
    const left = unpromisedBytes({ runs, scope: store.scope, backend }, freeBytes);
    if (evicts) return left - needed < SPARE_BYTES ? 'evict-first' : null;
    if (needed <= left) return null;
    const size = formatBytes(needed);
    const isExact = request.sizeOnDiskGb !== undefined;
    return noDiskSpace(name, left, isExact ? size : l10n.t('at least {0}', size));
  }

  #namesOf(sql: SqlReader, keys: readonly string[]): readonly string[] {
    const { entries } = this.options.store.read(sql);
    return entries.filter((entry) => keys.includes(entryKey(entry))).map(({ ollamaName }) => ollamaName);
  }

  async #evictAll(backend: string, names: readonly string[]): Promise<InstallOutcome | null> {
    for (const name of names) {
      const outcome = await this.options.evictions.evict(backend, name);
      if (outcome.status !== 'success') return refused(outcome);
    }
    return null;
  }

  async #follow(request: PoolInstallRequest, run: StoredRun, shared: boolean): Promise<InstallOutcome> {
    const { pulls, evictions, store } = this.options;
    const { ollamaName: name, signal, onEvent } = request;
    const cancel = (): void => {
      if (!shared) pulls.cancel(run.runId);
    };
    const stop = pulls.onDidChange((runs) => {
      const now = runs.find(({ runId }) => runId === run.runId);
      if (now) onEvent?.(now);
    });
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    const over = await pulls.whenOver(run.runId);
    signal?.removeEventListener('abort', cancel);
    stop();
    if (!over)
      return refused({ code: 'cancelled', message: l10n.t('This window closed, or the run was dismissed.') });
    if (over.status !== 'succeeded') {
      return refused({
        code: over.code ?? 'install_failed',
        message: over.message ?? l10n.t('It was not installed.'),
      });
    }
    const victims = pulls.queue.runs.find(({ runId }) => runId === run.runId)?.evicts ?? [];
    await evictions.drain();
    const left = new Set(store.snapshot().entries.map(entryKey));
    return {
      ...{ status: 'success', name, alreadyInstalled: false },
      evicted: victims.filter((key) => !left.has(key)).map(nameOfKey),
      pending: victims.filter((key) => left.has(key)).map(nameOfKey),
    };
  }
}

function staying(entry: PoolEntry): PoolEntry {
  const { pendingEviction, ...stays } = entry;
  return pendingEviction ? stays : entry;
}

function intentOf(request: PoolInstallRequest, knownBytes: number | null): PoolIntent {
  const { hfRepoId, quant, family, initialScore: score, mayEvict = 'any', atLeastGb = 0 } = request;
  const sizeBytes = knownBytes ?? gibToBytes(atLeastGb);
  return { hfRepoId, quant, ...(family === undefined ? {} : { family }), score, sizeBytes, mayEvict };
}

function noRoomForBoth(name: string, freeBytes: number | null): Refusal {
  const message = l10n.t(
    'The disk has {0} free: too little to download {1} before the models go that make room for it. Remove them first, or free some space.',
    formatBytes(freeBytes ?? 0),
    name,
  );
  return { code: 'disk_full', message };
}

function refused({ code, message }: Refusal): Extract<InstallOutcome, { status: 'error' }> {
  return { status: 'error', code, message };
}
