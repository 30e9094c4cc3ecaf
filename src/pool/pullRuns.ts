import { randomUUID } from 'node:crypto';
import * as l10n from '@vscode/l10n';
import type { InstallAdapter } from '../backends/installAdapter';
import type { Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { SqlWriter, StateDatabase } from '../storage/stateDatabase';
import type { PoolScope } from './poolRows';
import type { PoolErrorCode } from './poolState';
import { PullDownloads } from './pullDownloads';
import type { PullGate } from './pullGate';
import { PullQueue, type PullRequest } from './pullQueue';
import { endedRun, isOver, type PullStatus, type StoredRun } from './pullRunRows';
import { PullLeases } from './pullTurns';

/** One pull as it is shown. Byte counts are of the whole model as far as its layers are known; 0 until then. */
export interface PullRun {
  readonly runId: string;
  readonly backend: string;
  readonly name: string;
  /** What people call the model. */
  readonly label: string;
  readonly status: PullStatus;
  /** Never runs backwards, not even where the server starts a part again. */
  readonly completedBytes: number;
  readonly totalBytes: number;
  /** 0..100, null until a size is known; never runs backwards, and 100 at the end alone. */
  readonly percent: number | null;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
  /** 1 for the first; each resume and each change of the window adds one. */
  readonly attempt: number;
  /** Most bytes that any attempt had. */
  readonly highWaterBytes: number;
  /** Whether another window downloads it, or will. */
  readonly elsewhere: boolean;
  /** Whether it goes on from a window that is gone. */
  readonly takenOver: boolean;
  /** What it does now, or how it ended. */
  readonly message?: string;
  /** Why it failed. */
  readonly code?: PoolErrorCode;
}

export interface PullRunsOptions {
  /** The adapter of a backend; undefined once it is no longer configured. */
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly state: StateDatabase;
  readonly scope: PoolScope;
  /** Names this window among all, and this start of it. */
  readonly owner: string;
  /** Of `readBootId`. */
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gate?: PullGate;
  /** Pulls at the same time, of all windows. Default 1: two downloads only share the line. */
  readonly maxConcurrent?: number;
  /** After so many attempts in a row whose window ended without a new byte a pull is given up. Default 5. */
  readonly maxIdleAttempts?: number;
  readonly newRunId?: () => string;
}

/** At most four changes a second are told: people cannot read more, and every one repaints a tree. */
const CHANGE_INTERVAL_MS = 250;

/**
 * The pulls of all windows, in the order in which they were asked for. They outlive the window: one that closes or dies
 * is followed by another, which goes on where it stood. Cancelling is a pause: a cancelled run never goes on by itself,
 * a person may resume it, and Ollama keeps the parts.
 */
export class PullRuns {
  readonly queue: PullQueue;
  readonly #options: PullRunsOptions;
  readonly #downloads: PullDownloads;
  readonly #changes: Emitter<readonly PullRun[]>;
  readonly #disposal = new Emitter<void>();
  /** Runs that could not be stored, so that nothing of them was begun. */
  readonly #unstored = new Map<string, { readonly run: PullRun; readonly request: PullRequest }>();
  /** Runs that a person has resumed and that are not stored so yet: who asks right after must not see the old end. */
  readonly #resuming = new Set<string>();
  /** Most percent that were shown of each run: a window whose run another one has taken over is ahead of the state. */
  readonly #shownPercent = new Map<string, number>();
  #runs: readonly PullRun[] = Object.freeze([]);
  #lastChangeMs = -Infinity;
  #cancelChange: (() => void) | null = null;
  #disposed = false;

  constructor(options: PullRunsOptions) {
    this.#options = options;
    const { adapterFor, state, scope, owner, bootId, clock, logger, gate } = options;
    const leases = new PullLeases(clock, bootId);
    this.#changes = new Emitter((error) => logger.log('error', 'pulls.listener_failed', { error }));
    const newRunId = options.newRunId ?? randomUUID;
    this.queue = new PullQueue({ state, scope, owner, leases, newRunId });
    this.#downloads = new PullDownloads({
      ...{ adapterFor, queue: this.queue, leases, owner, clock, logger, ...(gate ? { gate } : {}) },
      maxConcurrent: options.maxConcurrent ?? 1,
      maxIdleAttempts: options.maxIdleAttempts ?? 5,
      changed: (atOnce) => {
        this.#refresh();
        this.#changed(atOnce);
      },
    });
    this.queue.onDidChange(() => this.#onStored());
    this.#downloads.noteStored();
    this.#refresh();
    this.#downloads.advance();
  }

  /** Frozen: a change makes new objects. */
  get runs(): readonly PullRun[] {
    return this.#runs;
  }

  /** Calls the listener with the runs after changes; the returned function stops that. The end of a run is told at once. */
  get onDidChange(): (listener: (runs: readonly PullRun[]) => void) => () => void {
    return this.#changes.on;
  }

  /**
   * Queues a pull. A run of the same model that is under way in any window is shared; one that failed or was cancelled
   * resumes. Where nothing can be stored the run has failed with `storage_unavailable`, and resuming asks again.
   */
  async start(request: PullRequest): Promise<PullRun> {
    const result = await this.queue.transaction('pulls.start', (sql) => this.queue.enqueue(sql, request));
    if (!result.ok) return this.#keepUnstored(request, result.message);
    const { run } = result.value;
    return this.#runs.find(({ runId }) => runId === run.runId) ?? this.#shown(run);
  }

  /** Ends a run that waits or downloads, in whichever window; it stays listed and can be resumed. No effect on others. */
  cancel(runId: string): void {
    const live = this.#downloads.find(runId);
    if (live) {
      live.abort();
      return;
    }
    void this.#change('pulls.cancel', runId, (sql, run) => {
      if (isOver(run)) return;
      const message =
        run.status === 'queued'
          ? l10n.t('Cancelled before it began.')
          : l10n.t('Cancelled. What was downloaded stays.');
      this.queue.write(sql, { ...run, ...endedRun('cancelled', { code: 'cancelled', message }) });
    });
  }

  /** Queues a failed or cancelled run again; what was downloaded is used. No effect on others. */
  resume(runId: string): void {
    const unstored = this.#unstored.get(runId);
    if (unstored) {
      this.#unstored.delete(runId);
      void this.start(unstored.request);
      return;
    }
    const run = this.queue.runs.find((each) => each.runId === runId);
    if (run?.status === 'failed' || run?.status === 'cancelled') void this.#resume(run);
  }

  /** Takes a run that is over off the list. No effect on others. */
  dismiss(runId: string): void {
    if (this.#unstored.delete(runId)) {
      this.#refresh();
      this.#changed();
      return;
    }
    void this.#change('pulls.dismiss', runId, (sql, run) => {
      if (isOver(run)) this.queue.delete(sql, runId);
    });
  }

  /** Resolves once the run is over, or is no longer listed or watched (after `dispose`): then undefined. */
  whenOver(runId: string): Promise<PullRun | undefined> {
    return new Promise((resolve) => {
      const settle = (): void => {
        const run = this.#disposed ? undefined : this.#runs.find((each) => each.runId === runId);
        if (run && !isOver(run)) return;
        stops.forEach((stop) => stop());
        resolve(run);
      };
      const stops = [this.#changes.on(settle), this.#disposal.on(settle)];
      settle();
    });
  }

  /** Ends every download of this window, leaves its runs to the others, and tells nothing more. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cancelChange?.();
    this.#downloads.dispose();
    this.#disposal.fire();
  }

  async #resume(run: StoredRun): Promise<void> {
    const { gate } = this.#options;
    this.#resuming.add(run.runId);
    this.#refresh();
    this.#changed();
    let admit: Awaited<ReturnType<PullGate['readmit']>> | undefined;
    try {
      if (run.intent !== null) admit = await gate?.readmit(run);
    } catch (thrown) {
      this.#options.logger.log('error', 'pulls.readmission_failed', { error: thrown });
      admit = () => ({
        code: 'install_failed',
        message: l10n.t(
          'It could not be resumed through a fault of Model Pool; its log says more. Install it again.',
        ),
      });
    }
    await this.#change('pulls.resume', run.runId, (sql, now) => {
      if (now.status !== 'failed' && now.status !== 'cancelled') return;
      const answer = admit?.(sql) ?? { reservedBytes: 0, evicts: [] };
      if ('code' in answer) this.queue.write(sql, { ...now, ...endedRun('failed', answer) });
      else this.queue.again(sql, { ...now, ...answer });
    });
    this.#resuming.delete(run.runId);
    this.#refresh();
    this.#changed(true);
  }

  /** A change of one run, in the background; what it is about may be gone by then. */
  async #change(
    name: string,
    runId: string,
    change: (sql: SqlWriter, run: StoredRun) => void,
  ): Promise<void> {
    const result = await this.queue.transaction(name, (sql) => {
      const run = this.queue.find(sql, runId);
      if (run) change(sql, run);
    });
    if (!result.ok) this.#options.logger.log('warn', `${name}.not_stored`, { code: result.code });
  }

  #keepUnstored(request: PullRequest, message: string): PullRun {
    const { backend, name, label } = request;
    const run: PullRun = Object.freeze({
      ...{ runId: (this.#options.newRunId ?? randomUUID)(), backend, name, label, status: 'failed' as const },
      ...{ completedBytes: 0, totalBytes: 0, percent: null, attempt: 1, highWaterBytes: 0 },
      ...{ elsewhere: false, takenOver: false, code: 'storage_unavailable' as const, message },
    });
    this.#unstored.set(run.runId, { run, request });
    this.#refresh();
    this.#changed(true);
    return run;
  }

  #onStored(): void {
    if (this.#disposed) return;
    this.#downloads.noteStored();
    const over = this.#runs.filter(isOver).length;
    this.#refresh();
    this.#changed(this.#runs.filter(isOver).length > over);
    this.#downloads.advance();
  }

  #refresh(): void {
    const stored = this.queue.runs.map((run) => this.#shown(run));
    const known = new Set(stored.map(({ runId }) => runId));
    for (const runId of this.#shownPercent.keys()) if (!known.has(runId)) this.#shownPercent.delete(runId);
    this.#runs = Object.freeze([...stored, ...[...this.#unstored.values()].map(({ run }) => run)]);
  }

  /** A run as it is shown: of a download of this window what it knows by itself. */
  #shown(asStored: StoredRun): PullRun {
    const resumes = this.#resuming.has(asStored.runId) && isOver(asStored);
    const stored: StoredRun = resumes
      ? { ...asStored, ...{ status: 'queued', owner: this.#options.owner, message: null, code: null } }
      : asStored;
    const live = this.#downloads.find(stored.runId);
    const run = live && !isOver(stored) ? { ...stored, ...live.progress } : stored;
    const { runId, backend, name, label, status, totalBytes, attempt, highWaterBytes } = run;
    const { takenOver, message, code, owner } = run;
    const percent = this.#neverLess(runId, run.percent);
    return Object.freeze({
      ...{ runId, backend, name, label, status, totalBytes, percent, attempt, highWaterBytes, takenOver },
      completedBytes: status === 'succeeded' ? totalBytes : highWaterBytes,
      elsewhere: !isOver(run) && owner !== this.#options.owner,
      ...(message === null ? {} : { message }),
      ...(code === null ? {} : { code }),
      ...(live && !isOver(stored) ? live.rate : {}),
    });
  }

  #neverLess(runId: string, percent: number | null): number | null {
    const most = Math.max(percent ?? 0, this.#shownPercent.get(runId) ?? 0);
    if (percent === null && most === 0) return null;
    this.#shownPercent.set(runId, most);
    return most;
  }

  /** Tells the listeners now or when the interval is over; `atOnce` for what must not wait. */
  #changed(atOnce = false): void {
    if (this.#disposed) return;
    const now = this.#options.clock.monotonicMs();
    const waitMs = this.#lastChangeMs + CHANGE_INTERVAL_MS - now;
    if (!atOnce && waitMs > 0) {
      this.#cancelChange ??= this.#options.clock.after(waitMs, () => {
        this.#cancelChange = null;
        this.#changed(true);
      });
      return;
    }
    this.#cancelChange?.();
    this.#cancelChange = null;
    this.#lastChangeMs = now;
    this.#changes.fire(this.#runs);
  }
}
