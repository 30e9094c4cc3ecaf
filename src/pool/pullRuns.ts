import { randomUUID } from 'node:crypto';
import type {
  InstallAdapter,
  InstallErrorCode,
  InstallEvent,
  InstallResult,
} from '../backends/installAdapter';
import { isInstallError, normaliseModelName } from '../backends/installAdapter';
import type { Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';

type PullStatus = 'queued' | 'pulling' | 'verifying' | 'succeeded' | 'failed' | 'cancelled';

/** One pull as it is shown. Byte counts are of the whole model as far as its layers are known; 0 until then. */
export interface PullRun {
  readonly runId: string;
  readonly backend: string;
  readonly name: string;
  /** What people call the model. */
  readonly label: string;
  readonly status: PullStatus;
  readonly completedBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
  /** 1 for the first; each resume adds one. */
  readonly attempt: number;
  /** Most bytes that any attempt had. */
  readonly highWaterBytes: number;
  /** What it does now, or how it ended. */
  readonly message?: string;
  /** Why it failed. */
  readonly code?: InstallErrorCode;
}

export interface PullRunsOptions {
  /** The adapter of a backend; undefined once it is no longer configured. */
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Pulls at the same time. Default 1: two downloads only share the line. */
  readonly maxConcurrent?: number;
  readonly newRunId?: () => string;
}

export interface PullRequest {
  readonly backend: string;
  readonly name: string;
  readonly label: string;
}

/** At most four changes a second are told: people cannot read more, and every one repaints a tree. */
const CHANGE_INTERVAL_MS = 250;

const OVER: ReadonlySet<PullStatus> = new Set(['succeeded', 'failed', 'cancelled']);

/** The pulls of this window, in the order in which they were asked for, as state that views show. */
export class PullRuns {
  readonly #options: PullRunsOptions;
  readonly #changes: Emitter<readonly PullRun[]>;
  readonly #disposal = new Emitter<void>();
  readonly #active = new Map<string, AbortController>();
  #runs: readonly PullRun[] = [];
  #lastChangeMs = -Infinity;
  #cancelChange: (() => void) | null = null;
  #disposed = false;

  constructor(options: PullRunsOptions) {
    this.#options = options;
    this.#changes = new Emitter((error) => {
      options.logger.log('error', 'pulls.listener_failed', { error });
    });
  }

  /** Frozen: a change makes new objects. */
  get runs(): readonly PullRun[] {
    return this.#runs;
  }

  /** Calls the listener with the runs after changes; the returned function stops that. The end of a run is told at once. */
  get onDidChange(): (listener: (runs: readonly PullRun[]) => void) => () => void {
    return this.#changes.on;
  }

  /** Queues a pull. A run of the same model that is under way is shared; one that failed or was cancelled resumes. */
  start(request: PullRequest): PullRun {
    const wanted = normaliseModelName(request.name);
    const same = this.#runs.find(
      (run) => run.backend === request.backend && normaliseModelName(run.name) === wanted,
    );
    if (same && same.status !== 'succeeded') {
      this.resume(same.runId);
      return this.#find(same.runId) ?? same;
    }
    const run: PullRun = {
      ...request,
      runId: (this.#options.newRunId ?? randomUUID)(),
      status: 'queued',
      completedBytes: 0,
      totalBytes: 0,
      attempt: 1,
      highWaterBytes: 0,
    };
    this.#runs = Object.freeze([...this.#runs.filter((other) => other !== same), Object.freeze(run)]);
    this.#changed();
    this.#startNext();
    return this.#find(run.runId) ?? run;
  }

  /** Ends a run that waits or downloads; it stays listed and can be resumed. No effect on others. */
  cancel(runId: string): void {
    const controller = this.#active.get(runId);
    if (controller) {
      controller.abort();
      return;
    }
    if (this.#find(runId)?.status !== 'queued') return;
    this.#update(runId, { status: 'cancelled', code: 'cancelled', message: 'Cancelled before it began.' });
  }

  /** Queues a failed or cancelled run again; what was downloaded is used. No effect on others. */
  resume(runId: string): void {
    const run = this.#find(runId);
    if (!run || (run.status !== 'failed' && run.status !== 'cancelled')) return;
    const { runId: id, backend, name, label, completedBytes, totalBytes, highWaterBytes } = run;
    const again: PullRun = {
      ...{ runId: id, backend, name, label, completedBytes, totalBytes, highWaterBytes },
      status: 'queued',
      attempt: run.attempt + 1,
    };
    // It goes to the end of the queue: who waited is not overtaken.
    this.#runs = Object.freeze([...this.#runs.filter((other) => other !== run), Object.freeze(again)]);
    this.#changed();
    this.#startNext();
  }

  /** Takes a run that is over off the list. No effect on others. */
  dismiss(runId: string): void {
    const run = this.#find(runId);
    if (!run || !OVER.has(run.status)) return;
    this.#runs = Object.freeze(this.#runs.filter((other) => other !== run));
    this.#changed();
  }

  /** Resolves once the run is over, or is no longer listed or watched (after `dispose`): then undefined. */
  whenOver(runId: string): Promise<PullRun | undefined> {
    return new Promise((resolve) => {
      const settle = (): void => {
        const run = this.#disposed ? undefined : this.#find(runId);
        if (run && !OVER.has(run.status)) return;
        stops.forEach((stop) => stop());
        resolve(run);
      };
      const stops = [this.#changes.on(settle), this.#disposal.on(settle)];
      settle();
    });
  }

  /** Ends every download and tells nothing more. */
  dispose(): void {
    this.#disposed = true;
    this.#cancelChange?.();
    for (const controller of this.#active.values()) controller.abort();
    this.#disposal.fire();
  }

  #startNext(): void {
    while (!this.#disposed && this.#active.size < (this.#options.maxConcurrent ?? 1)) {
      const run = this.#runs.find(({ status, runId }) => status === 'queued' && !this.#active.has(runId));
      if (!run) return;
      const controller = new AbortController();
      this.#active.set(run.runId, controller);
      this.#update(run.runId, { status: 'pulling' });
      void this.#run(run, controller.signal);
    }
  }

  async #run(run: PullRun, signal: AbortSignal): Promise<void> {
    const result = await this.#install(run, signal);
    this.#active.delete(run.runId);
    const { totalBytes = 0, completedBytes = 0 } = this.#find(run.runId) ?? {};
    if (result.status === 'success') {
      this.#update(run.runId, {
        status: 'succeeded',
        completedBytes: Math.max(totalBytes, completedBytes),
        message: result.alreadyInstalled ? 'It was installed already and is up to date.' : 'Installed.',
      });
    } else {
      const { code, message } = result;
      this.#update(run.runId, { status: code === 'cancelled' ? 'cancelled' : 'failed', code, message });
    }
    this.#startNext();
  }

  async #install(run: PullRun, signal: AbortSignal): Promise<InstallResult> {
    const adapter = this.#options.adapterFor(run.backend);
    if (!adapter) {
      const message = `The backend ${run.backend} is no longer set up. Add it again, then resume.`;
      return { status: 'error', code: 'installer_unavailable', message };
    }
    try {
      return await adapter.install({
        name: run.name,
        signal,
        onEvent: (event) => {
          this.#event(run.runId, event);
        },
      });
    } catch (thrown) {
      if (signal.aborted) return { status: 'error', code: 'cancelled', message: 'Cancelled.' };
      if (isInstallError(thrown)) return { status: 'error', code: thrown.code, message: thrown.message };
      this.#options.logger.log('error', 'pulls.install_threw', { backend: run.backend, error: thrown });
      const message = 'The install ended with a fault of Model Pool; its log says more. Resume to try again.';
      return { status: 'error', code: 'install_failed', message };
    }
  }

  #event(runId: string, event: InstallEvent): void {
    const run = this.#find(runId);
    // What an adapter still says after the end is no news.
    if (!run || !this.#active.has(runId)) return;
    switch (event.type) {
      case 'pulling':
        this.#update(runId, { status: 'pulling', message: event.message });
        break;
      case 'progress': {
        const { completedBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
        this.#update(runId, {
          ...{ status: run.status, completedBytes, totalBytes },
          highWaterBytes: Math.max(run.highWaterBytes, completedBytes),
          ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
          ...(secondsLeft === undefined ? {} : { secondsLeft }),
        });
        break;
      }
      case 'verifying':
        this.#update(runId, { status: 'verifying', message: event.message });
        break;
      // The result of `install` says the same, and comes last.
      case 'success':
      case 'error':
        break;
    }
  }

  /** Speed, time left, message and code hold for one step only: what `change` does not name is dropped. */
  #update(runId: string, change: Partial<PullRun> & Pick<PullRun, 'status'>): void {
    const run = this.#find(runId);
    if (!run) return;
    const { backend, name, label, completedBytes, totalBytes, attempt, highWaterBytes } = run;
    const kept = { runId, backend, name, label, completedBytes, totalBytes, attempt, highWaterBytes };
    const next: PullRun = Object.freeze({ ...kept, ...change });
    this.#runs = Object.freeze(this.#runs.map((other) => (other === run ? next : other)));
    this.#changed(OVER.has(next.status));
  }

  #find(runId: string): PullRun | undefined {
    return this.#runs.find((run) => run.runId === runId);
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
