import { isDeepStrictEqual } from 'node:util';
import type { Candidate, SnapshotLoadResult } from '../catalog/candidate';
import type { CatalogFile } from '../catalog/catalogFile';
import { NOTHING_KEPT, type KeptCatalogue } from '../catalog/catalogFileFormat';
import { discover, type DescribeRepo, type DiscoveryProgress } from '../catalog/discovery';
import { DiscoveryBook } from '../catalog/discoveryBook';
import type { RequestBudget } from '../catalog/discoveryBudget';
import type { RefreshEnd } from '../catalog/discoveryEnd';
import type { AskedOrganisation } from '../catalog/discoveryOrganisations';
import type { Hub } from '../catalog/hub';
import { mergeCatalogue } from '../catalog/liveCatalog';
import { abortReason, untilAborted } from '../shared/abort';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { catalogueStatus, type CatalogueStatus } from './catalogueStatus';

/** How often a window looks whether another one has found something. */
const LOOK_EVERY_MS = 60_000;
/** After a refresh that got nowhere the next one is due this much later. */
const RETRY_MS = 15 * 60_000;

/** Why a refresh ends that nobody has cancelled: the setting went off, or the window ends. */
const NOT_WANTED = new DOMException('The refresh is not wanted any more', 'AbortError');

export interface CatalogueOptions {
  readonly loadSnapshot: () => Promise<SnapshotLoadResult>;
  readonly file: CatalogFile;
  /** Behind `budget`, so that no request is made outside of a refresh. */
  readonly hub: Hub;
  readonly budget: RequestBudget;
  /** How a repository is read, by the models that are known when the refresh begins. */
  readonly describe: (known: readonly Candidate[]) => DescribeRepo;
  /** The setting `catalog.online`, read at each refresh. */
  readonly online: () => boolean;
  readonly organisations: () => readonly AskedOrganisation[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Which models exist: the snapshot with what discovery found, also by other windows and in earlier starts. Every failure
 * leaves what is known as it is, and the status says so.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #modelsChanged: Emitter<void>;
  readonly #statusChanged: Emitter<void>;
  readonly #progressed: Emitter<DiscoveryProgress>;
  /** Other models, or other facts of them. */
  readonly onDidChangeModels: Emitter<void>['on'];
  readonly onDidChangeStatus: Emitter<void>['on'];
  readonly onDidProgress: Emitter<DiscoveryProgress>['on'];
  #loading: Promise<void> | undefined;
  #shipped: SnapshotLoadResult | undefined;
  #merged: SnapshotLoadResult | undefined;
  #kept: KeptCatalogue = NOTHING_KEPT;
  #running: Promise<void> | undefined;
  #controller: AbortController | undefined;
  #cancelLook: (() => void) | undefined;
  #disposed = false;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    const onError = (thrown: unknown): void =>
      options.logger.log('error', 'catalogue.listener.failed', { error: messageOf(thrown) });
    this.#modelsChanged = new Emitter(onError);
    this.#statusChanged = new Emitter(onError);
    this.#progressed = new Emitter(onError);
    this.onDidChangeModels = this.#modelsChanged.on;
    this.onDidChangeStatus = this.#statusChanged.on;
    this.onDidProgress = this.#progressed.on;
  }

  /** The snapshot with what was found, as the ranking and the identities take it. Reads both files at the first call. */
  async snapshot(): Promise<SnapshotLoadResult> {
    await this.#load();
    return this.#merged ?? this.#options.loadSnapshot();
  }

  get status(): CatalogueStatus {
    const { online, clock } = this.#options;
    const shipped = this.#shipped?.snapshot;
    const known = shipped?.candidates.length ?? 0;
    return catalogueStatus({
      online: online(),
      refreshing: this.#running !== undefined,
      kept: this.#kept,
      snapshotDate: shipped === undefined || known === 0 ? null : shipped.generatedAt,
      foundModels: (this.#merged?.snapshot.candidates.length ?? known) - known,
      nowMs: clock.now(),
    });
  }

  /** Looks from time to time whether another window has found something. */
  start(): void {
    this.#cancelLook?.();
    if (this.#disposed) return;
    this.#cancelLook = this.#options.clock.after(LOOK_EVERY_MS, () => {
      void this.look().finally(() => this.start());
    });
  }

  /** Takes over what another window has found since. Never rejects. */
  async look(): Promise<void> {
    await this.#load();
    // What runs here joins the other window's finds when it ends.
    if (this.#running || !(await this.#options.file.hasChanged())) return;
    this.#take(await this.#options.file.read());
  }

  /**
   * Asks Hugging Face for new models, unless the setting is off or the server asked to wait; a refresh that runs already
   * is waited for. Returns how things stand afterwards. Rejects only with the reason of a cancel, which ends the refresh
   * for everybody who waits for it; what was found until then is kept.
   */
  async refresh(signal?: AbortSignal): Promise<CatalogueStatus> {
    await untilAborted(this.#load(), signal);
    if (this.#disposed || !this.#options.online()) return this.status;
    const cancel = (): void => this.#controller?.abort(signal && abortReason(signal));
    const running = (this.#running ??= this.#begin());
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      await untilAborted(running, signal);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    return this.status;
  }

  /** Whether a refresh by schedule is due, `intervalMs` after the last one; the one after a failure is due sooner. */
  async isDue(intervalMs: number): Promise<boolean> {
    await this.look();
    const { lastRefresh, waitUntil } = this.#kept;
    const nowMs = this.#options.clock.now();
    if (waitUntil !== undefined && nowMs < Date.parse(waitUntil)) return false;
    if (!lastRefresh) return true;
    const failed = lastRefresh.end.code === 'offline' || lastRefresh.end.code === 'refused';
    const sinceMs = nowMs - Date.parse(lastRefresh.endedAt);
    // A refresh in the future: the clock was set back.
    return sinceMs < 0 || sinceMs >= (failed ? Math.min(RETRY_MS, intervalMs) : intervalMs);
  }

  /** To be called when settings have changed: a refresh that is not wanted any more ends at once. */
  settingsChanged(): void {
    if (!this.#options.online()) this.#controller?.abort(NOT_WANTED);
    this.#statusChanged.fire();
  }

  /** Ends a refresh that runs, and keeps what it has found. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#cancelLook?.();
    this.#controller?.abort(NOT_WANTED);
    await this.#running?.catch(() => undefined);
  }

  #load(): Promise<void> {
    this.#loading ??= (async () => {
      const [shipped, kept] = await Promise.all([this.#options.loadSnapshot(), this.#options.file.read()]);
      this.#shipped = shipped;
      this.#take(kept);
    })();
    return this.#loading;
  }

  #take(kept: KeptCatalogue): void {
    this.#kept = kept;
    const before = this.#merged;
    if (this.#shipped) {
      const snapshot = mergeCatalogue(this.#shipped.snapshot, kept.discovery.repos);
      if (!before || !isDeepStrictEqual(before.snapshot.candidates, snapshot.candidates)) {
        this.#merged = { ...this.#shipped, snapshot };
        if (before) this.#modelsChanged.fire();
      }
    }
    this.#statusChanged.fire();
  }

  async #begin(): Promise<void> {
    const controller = (this.#controller = new AbortController());
    try {
      await this.#run(controller.signal);
    } catch (thrown) {
      if (controller.signal.reason !== NOT_WANTED) throw thrown;
    } finally {
      this.#running = undefined;
      this.#controller = undefined;
      this.#statusChanged.fire();
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { file, hub, budget, describe, organisations, clock, logger } = this.#options;
    if (await file.hasChanged()) this.#take(await file.read());
    if (signal.aborted) throw abortReason(signal);
    const { waitUntil } = this.#kept;
    if (waitUntil !== undefined && clock.now() < Date.parse(waitUntil)) return;
    this.#statusChanged.fire();
    const startedMs = clock.monotonicMs();
    const book = new DiscoveryBook(this.#kept.discovery);
    let end: RefreshEnd | undefined;
    try {
      end = await discover(
        {
          ...{ hub, budget, book, clock, logger, organisations: organisations() },
          describe: describe((await this.snapshot()).snapshot.candidates),
          onProgress: (progress) => this.#progressed.fire(progress),
        },
        signal,
      );
    } finally {
      this.#take(await file.write(this.#after(book, end)));
      logger.log('info', 'catalogue.refreshed', {
        code: end?.code ?? 'cancelled',
        requests: budget.made,
        waiting: book.waiting,
        models: this.#merged?.snapshot.candidates.length,
        durationMs: Math.round(clock.monotonicMs() - startedMs),
      });
    }
  }

  /** What is kept after a refresh; a cancelled one leaves no word of how it went. */
  #after(book: DiscoveryBook, end: RefreshEnd | undefined): KeptCatalogue {
    const { clock, budget } = this.#options;
    const discovery = book.record();
    if (!end) return { ...this.#kept, discovery };
    const now = isoNow(clock);
    const isLive = end.code === 'complete' || end.code === 'partial';
    const liveAt = isLive ? now : this.#kept.liveAt;
    const { waitMs } = end;
    return {
      discovery,
      lastRefresh: { endedAt: now, end, requests: budget.made },
      ...(liveAt !== undefined && { liveAt }),
      ...(waitMs !== undefined && { waitUntil: new Date(clock.now() + waitMs).toISOString() }),
    };
  }
}
