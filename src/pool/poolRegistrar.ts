import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { InstallAdapter, InstalledModel } from '../backends/installAdapter';
import { isInstallError, normaliseModelName } from '../backends/installAdapter';
import { isoNow, type Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { formatNumber } from '../shared/numberText';
import { bytesToGib, formatBytes } from '../shared/units';
import type { SqlReader, SqlWriter } from '../storage/stateDatabase';
import { distinctBytes, wholeBlobs } from './diskUse';
import type { Refusal } from './livePull';
import { entryKey, gibToBytes, type PoolBlob, type PoolEntry } from './poolState';
import type { PoolStateStore } from './poolStateStore';
import type { PullGate } from './pullGate';
import { readRuns, type StoredRun } from './pullRunRows';
import {
  findSpace,
  noDiskSpace,
  overBytes,
  promisesOn,
  unpromisedBytes,
  type SpaceAnswer,
  type Uses,
} from './reservations';

/** Which models must stay now. What cannot be found out counts as in use. Rejects never. */
export interface ModelUses {
  now(models: readonly PoolEntry[]): Promise<Uses>;
}

export interface PoolRegistrarOptions {
  readonly store: PoolStateStore;
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly uses: ModelUses;
  /** Of the disk on which a backend keeps its models; null where that cannot be seen. Never rejects. */
  readonly freeBytes: (backendId: string) => Promise<number | null>;
  /** Layers by the manifest on disk, where that can be read. */
  readonly manifestBlobs?: (backendId: string, name: string) => Promise<readonly PoolBlob[] | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const intentSchema = z.object({
  hfRepoId: z.string().nullable(),
  quant: z.string(),
  family: z.exactOptional(z.string()),
  score: z.number(),
  /** As far as it was known before the pull, at least; 0: not at all. */
  sizeBytes: z.number().nonnegative(),
  /** Keys of the models that may go for it; `any`: whichever the plan names. */
  mayEvict: z.union([z.literal('any'), z.array(z.string()).readonly()]),
});

/** What an install wants, kept with its run so that whichever window ends it can write it down. */
export type PoolIntent = z.infer<typeof intentSchema>;

type Admission = Refusal | Pick<StoredRun, 'reservedBytes' | 'evicts'>;

/** Gives pulls their space in the budget, and writes down what has arrived. */
export class PoolRegistrar implements PullGate {
  readonly #ended: Emitter<StoredRun>;
  /** Calls the listener after the end of a pull of the pool was stored, by this window. */
  readonly onDidEnd: (listener: (run: StoredRun) => void) => () => void;

  constructor(private readonly options: PoolRegistrarOptions) {
    this.#ended = new Emitter((error) => options.logger.log('error', 'pool.listener_failed', { error }));
    this.onDidEnd = this.#ended.on;
  }

  /** What must stay now of the models on one backend's host. */
  usesOn(backend: string): Promise<Uses> {
    const { store, uses } = this.options;
    const { hostOf } = store.scope;
    const host = hostOf(backend);
    return uses.now(store.snapshot().entries.filter((entry) => hostOf(entry.backend) === host));
  }

  /** Room for a model as a transaction sees it. */
  space(
    sql: SqlReader,
    backend: string,
    ollamaName: string,
    intent: PoolIntent,
    uses: Uses,
    only?: ReadonlySet<string>,
  ): SpaceAnswer {
    const { store } = this.options;
    const { scope } = store;
    return findSpace({
      ...{ pool: store.read(sql), runs: readRuns(sql, scope), scope, backend, ollamaName, uses },
      neededBytes: intent.sizeBytes,
      ...(only ? { only } : {}),
    });
  }

  /** What a run may hold, or why it must not begin. */
  admission(sql: SqlReader, backend: string, ollamaName: string, intent: PoolIntent, uses: Uses): Admission {
    const { mayEvict, sizeBytes: reservedBytes } = intent;
    if (mayEvict !== 'any') {
      // Among those that were agreed to, whatever the order would be among all.
      const agreed = this.space(sql, backend, ollamaName, intent, uses, new Set(mayEvict));
      if (agreed.kind === 'space') return { reservedBytes, evicts: agreed.plan.evict.map(entryKey) };
    }
    const answer = this.space(sql, backend, ollamaName, intent, uses);
    if (answer.kind === 'refused') return answer.refusal;
    if (mayEvict === 'any') return { reservedBytes, evicts: answer.plan.evict.map(entryKey) };
    const names = answer.plan.evict.map((entry) => entry.ollamaName).join(', ');
    const message = l10n.t(
      'What must go for {0} has changed: now it would be {1}. Look at the plan again.',
      ollamaName,
      names,
    );
    return { code: 'busy', message };
  }

  async readmit(run: StoredRun): Promise<(sql: SqlReader) => Admission> {
    const intent = intentSchema.parse(run.intent);
    const uses = await this.usesOn(run.backend);
    return (sql) => this.admission(sql, run.backend, run.name, intent, uses);
  }

  async grow({
    backend,
  }: StoredRun): Promise<(sql: SqlReader, run: StoredRun, bytes: number) => Refusal | null> {
    const { store } = this.options;
    const { scope } = store;
    const free = await this.options.freeBytes(backend);
    return (sql, run, bytes) => {
      const key = entryKey({ backend, ollamaName: run.name });
      const query = { pool: store.read(sql), runs: readRuns(sql, scope), scope, backend };
      const over = overBytes(promisesOn(query, key, run.evicts), bytes);
      if (over > 0) return tooBig(run.name, over);
      // Else the download would fill the disk to its last byte before anybody is told.
      const left = free === null ? Infinity : unpromisedBytes(query, free, key);
      const needed = Math.max(0, bytes - run.highWaterBytes);
      return needed > left ? noDiskSpace(run.name, left, formatBytes(needed)) : null;
    };
  }

  async arrived(run: StoredRun, layers: readonly PoolBlob[]): Promise<(sql: SqlWriter) => Refusal | null> {
    const intent = intentSchema.parse(run.intent);
    const { manifestBlobs, store, clock } = this.options;
    const listed = await this.#listed(run);
    const toolCalling = await this.#callsTools(run);
    const onDisk =
      layers.length > 0 ? null : await (manifestBlobs?.(run.backend, run.name) ?? Promise.resolve(null));
    const told = distinctBytes([{ blobs: layers }]);
    const sizeBytes = listed ? gibToBytes(listed.sizeOnDiskGb) : Math.max(told, intent.sizeBytes);
    const digest = listed?.digest ?? null;
    const entry: PoolEntry = {
      ...{ backend: run.backend, ollamaName: run.name, hfRepoId: intent.hfRepoId, digest },
      quant: listed?.quant ?? intent.quant,
      ...(intent.family === undefined ? {} : { family: intent.family }),
      sizeOnDiskGb: bytesToGib(sizeBytes),
      blobs: onDisk ?? wholeBlobs(layers, sizeBytes, digest ?? run.runId),
      basis: layers.length > 0 ? 'pull' : onDisk ? 'manifest' : 'tag',
      ...{ installedAt: isoNow(clock), lastUsedAt: null, currentScore: intent.score },
      ...{ pinned: false, origin: 'pool' },
      ...(toolCalling === undefined ? {} : { toolCalling }),
    };
    return (sql) => {
      // The run as it is by now: it may have been promised other models than when it began.
      const now = readRuns(sql, store.scope).find(({ runId }) => runId === run.runId) ?? run;
      return this.#register(sql, entry, now);
    };
  }

  ended(run: StoredRun): void {
    this.#ended.fire(run);
  }

  /** The entry comes, and what goes for it is marked, in one transaction. */
  #register(sql: SqlWriter, entry: PoolEntry, run: StoredRun): Refusal | null {
    const { store } = this.options;
    const { scope } = store;
    const key = entryKey(entry);
    return store.change(sql, (draft) => {
      const others = draft.entries.filter((other) => entryKey(other) !== key);
      const left = others.map((other): PoolEntry => {
        return run.evicts.includes(entryKey(other)) ? { ...other, pendingEviction: true } : other;
      });
      const pool = { ...draft, entries: [...left, entry] };
      const runs = readRuns(sql, scope);
      const over = overBytes(promisesOn({ pool, runs, scope, backend: entry.backend }, key), 0);
      if (over === 0) {
        draft.entries = pool.entries;
        return null;
      }
      // Small layers that nobody had named can be too much in the end. Then the newcomer goes, and nothing for it.
      draft.entries = [...others, { ...entry, pendingEviction: true }];
      return tooBig(run.name, over);
    });
  }

  async #listed(run: StoredRun): Promise<InstalledModel | undefined> {
    const wanted = normaliseModelName(run.name);
    try {
      const models = await this.options.adapterFor(run.backend)?.list();
      return models?.find((model) => normaliseModelName(model.ollamaName) === wanted);
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return undefined;
    }
  }

  async #callsTools(run: StoredRun): Promise<boolean | undefined> {
    try {
      const model = await this.options.adapterFor(run.backend)?.inspect({ name: run.name });
      return model?.capabilities.includes('tools');
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return undefined;
    }
  }
}

function tooBig(name: string, over: number): Refusal {
  const message = l10n.t(
    '{0} is bigger than was known: it would exceed disk budget by {1} GB. Raise modelPool.pool.diskBudgetGb or make room, then resume.',
    name,
    formatNumber(bytesToGib(over), 2),
  );
  return { code: 'budget_exceeded', message };
}
