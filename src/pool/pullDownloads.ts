import * as l10n from '@vscode/l10n';
import type { InstallAdapter, InstallEvent, InstallResult } from '../backends/installAdapter';
import { isInstallError } from '../backends/installAdapter';
import type { Clock } from '../shared/clock';
import { sleep } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { SqlWriter } from '../storage/stateDatabase';
import { LivePull, type Refusal } from './livePull';
import type { PullGate } from './pullGate';
import type { PullQueue } from './pullQueue';
import { endedRun, isOver, type StoredRun } from './pullRunRows';
import { nextTurn, type PullLeases } from './pullTurns';

export interface PullDownloadsOptions {
  /** The adapter of a backend; undefined once it is no longer configured. */
  readonly adapterFor: (backendId: string) => InstallAdapter | undefined;
  readonly queue: PullQueue;
  readonly leases: PullLeases;
  /** This window among all. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gate?: PullGate;
  readonly maxConcurrent: number;
  readonly maxIdleAttempts: number;
  /** Told when what is shown of a download has changed; `atOnce` for an end. */
  readonly changed: (atOnce?: boolean) => void;
}

/** Progress is stored so often: a commit writes the whole state. */
const WRITE_INTERVAL_MS = 5_000;
/** A lease is renewed so often where there is no progress to store. */
const RENEW_INTERVAL_MS = 30_000;

/** The downloads of this window: takes its turns from the queue, goes on where others ended, and stores how it went. */
export class PullDownloads {
  readonly #live = new Map<string, LivePull>();
  #claiming = false;
  #cancelBeat: (() => void) | null = null;
  #renewedMs = -Infinity;
  #disposed = false;

  constructor(private readonly options: PullDownloadsOptions) {}

  /** The download of a run, where it is one of this window. */
  find(runId: string): LivePull | undefined {
    return this.#live.get(runId);
  }

  /** The state is new: what others did to our downloads counts. */
  noteStored(): void {
    const stored = new Map(this.options.queue.runs.map((run) => [run.runId, run]));
    this.options.leases.note(this.options.queue.runs);
    for (const [runId, live] of this.#live) {
      const run = stored.get(runId);
      if (!live.ending && (run?.owner !== this.options.owner || isOver(run))) live.lose();
    }
  }

  /** Ends every download and leaves its runs to the other windows. */
  dispose(): void {
    this.#disposed = true;
    this.#cancelBeat?.();
    const { queue, owner } = this.options;
    const progress = new Map([...this.#live].map(([runId, live]) => [runId, live.progress]));
    for (const live of this.#live.values()) live.lose();
    const isOurs = (run: StoredRun): boolean => run.owner === owner && !isOver(run);
    if (!queue.runs.some(isOurs)) return;
    void queue.transaction('pulls.leave', (sql) => {
      for (const run of queue.read(sql).filter(isOurs)) {
        queue.write(sql, { ...run, ...progress.get(run.runId), owner: null });
      }
    });
  }

  /** Begins what is this window's turn, and keeps looking while any run is not over. */
  advance(): void {
    if (this.#disposed) return;
    if (this.options.queue.runs.some((run) => !isOver(run))) this.#beatSoon();
    if (this.#claiming || !this.#turn(this.options.queue.runs)) return;
    this.#claiming = true;
    void this.#claim().then((again) => {
      this.#claiming = false;
      if (again) this.advance();
    });
  }

  #turn(runs: readonly StoredRun[]): StoredRun | undefined {
    return nextTurn({
      ...{ runs, owner: this.options.owner, maxConcurrent: this.options.maxConcurrent },
      isLive: ({ runId }) => this.#live.has(runId),
      isGone: (run) => this.options.leases.isGone(run),
    });
  }

  /** Whether to look again at once. */
  async #claim(): Promise<boolean> {
    const result = await this.options.queue.transaction('pulls.claim', (sql) => {
      const run = this.#turn(this.options.queue.read(sql));
      if (!run) return null;
      const claimed = this.#claimed(run);
      this.options.queue.write(sql, claimed);
      return claimed;
    });
    if (!result.ok) {
      this.options.logger.log('warn', 'pulls.claim.not_stored', { code: result.code });
      return false;
    }
    const run = result.value;
    if (!run || this.#disposed) return false;
    if (isOver(run)) this.options.gate?.ended(run);
    else void this.#download(run);
    return true;
  }

  #claimed(run: StoredRun): StoredRun {
    const { owner, maxIdleAttempts } = this.options;
    const mine = { owner, ...this.options.leases.stamp() };
    // What only waited in the window that is gone has not been tried yet.
    if (run.status === 'queued')
      return { ...run, ...mine, status: 'pulling', takenOver: run.owner !== owner };
    const idleAttempts = run.highWaterBytes > run.attemptFromBytes ? 0 : run.idleAttempts + 1;
    const next = { ...run, ...mine, attemptFromBytes: run.highWaterBytes, idleAttempts };
    if (idleAttempts >= maxIdleAttempts) {
      const message = l10n.t(
        'Given up: {0} windows in a row ended without a new byte of it. Resume to try again.',
        idleAttempts,
      );
      return { ...next, ...endedRun('failed', { code: 'installer_unavailable', message }) };
    }
    const message = l10n.t('Goes on from a window that is gone.');
    return { ...next, status: 'pulling', attempt: run.attempt + 1, takenOver: true, message };
  }

  async #download(run: StoredRun): Promise<void> {
    const live = new LivePull(run);
    this.#live.set(run.runId, live);
    this.options.changed();
    const result = await this.#install(live);
    live.ending = true;
    // What has arrived although it was refused is judged by what it is.
    const refusal = result.status === 'success' ? null : live.refusal;
    if (!live.lost) await this.#end(live, refusal ? failure(refusal) : result);
    this.#live.delete(run.runId);
    if (this.#disposed) return;
    this.options.changed(true);
    this.advance();
  }

  async #install(live: LivePull): Promise<InstallResult | Failure> {
    const { run, signal } = live;
    const adapter = this.options.adapterFor(run.backend);
    if (!adapter) {
      const message = l10n.t('The backend {0} is no longer set up. Add it again, then resume.', run.backend);
      return failure({ code: 'installer_unavailable', message });
    }
    const onEvent = (event: InstallEvent): void => this.#event(live, event);
    try {
      return await adapter.install({ name: run.name, signal, onEvent });
    } catch (thrown) {
      if (signal.aborted) return failure({ code: 'cancelled', message: l10n.t('Cancelled.') });
      if (isInstallError(thrown)) return failure(thrown);
      this.options.logger.log('error', 'pulls.install_threw', { backend: run.backend, error: thrown });
      const message = l10n.t(
        'The install ended with a fault of Model Pool; its log says more. Resume to try again.',
      );
      return failure({ code: 'install_failed', message });
    }
  }

  /** Stores how a download of this window ended. Where nothing can be stored it tries again, for nobody else knows. */
  async #end(live: LivePull, result: InstallResult | Failure): Promise<void> {
    const { gate, owner, clock, logger } = this.options;
    const { runId, intent } = live.run;
    let write: ((sql: SqlWriter) => Refusal | null) | undefined;
    if (result.status === 'success' && intent !== null) {
      try {
        write = await gate?.arrived(live.run, live.layers);
      } catch (thrown) {
        logger.log('error', 'pulls.arrival_failed', { error: thrown });
      }
    }
    while (!this.#disposed) {
      const stored = await this.options.queue.transaction('pulls.end', (sql) => {
        const run = this.options.queue.find(sql, runId);
        if (run?.owner !== owner || isOver(run)) return null;
        const refusal = write?.(sql) ?? null;
        const end = endOf(run, live, refusal ? failure(refusal) : result);
        this.options.queue.write(sql, end);
        return end;
      });
      if (stored.ok) {
        if (stored.value && intent !== null) gate?.ended(stored.value);
        return;
      }
      logger.log('warn', 'pulls.end.not_stored', { code: stored.code });
      if (stored.code === 'closed') return;
      await sleep(clock, WRITE_INTERVAL_MS);
    }
  }

  #event(live: LivePull, event: InstallEvent): void {
    // What an adapter still says after the end is no news.
    if (live.ending || live.lost) return;
    const before = live.namedBytes;
    live.note(event);
    if (live.namedBytes > before) void this.#grow(live, live.namedBytes);
    this.options.changed();
  }

  /** The server names more bytes than were promised: either there is room for them, or the download ends. */
  async #grow(live: LivePull, bytes: number): Promise<void> {
    const { gate, queue } = this.options;
    if (!gate || live.run.intent === null || bytes <= live.run.reservedBytes) return;
    const judge = await gate.grow(live.run);
    const result = await queue.transaction('pulls.grow', (sql) => {
      const run = queue.find(sql, live.run.runId);
      if (!run || isOver(run) || bytes <= run.reservedBytes) return null;
      // What has come is on the disk already, and stored only now and then.
      const { highWaterBytes } = live.progress;
      const refusal = judge(sql, { ...run, highWaterBytes }, bytes);
      if (refusal === null) queue.write(sql, { ...run, reservedBytes: bytes });
      return refusal;
    });
    if (!result.ok || result.value === null) return;
    live.refusal = result.value;
    live.abort();
  }

  #beatSoon(): void {
    this.#cancelBeat ??= this.options.clock.after(WRITE_INTERVAL_MS, () => {
      this.#cancelBeat = null;
      void this.#beat();
    });
  }

  /** Stores progress, renews what is ours, and sees whose owner is gone. */
  async #beat(): Promise<void> {
    const { owner, clock, logger } = this.options;
    const isOurs = (run: StoredRun): boolean => run.owner === owner && !isOver(run);
    const moved = [...this.#live.values()].filter((live) => live.takeChange()).length > 0;
    const due = clock.monotonicMs() - this.#renewedMs >= RENEW_INTERVAL_MS;
    if (this.options.queue.runs.some(isOurs) && (moved || due)) {
      this.#renewedMs = clock.monotonicMs();
      const result = await this.options.queue.transaction('pulls.renew', (sql) => {
        for (const run of this.options.queue.read(sql).filter(isOurs)) {
          const live = this.#live.get(run.runId);
          this.options.queue.write(sql, { ...run, ...live?.progress, ...this.options.leases.stamp() });
        }
      });
      if (!result.ok) logger.log('warn', 'pulls.renew.not_stored', { code: result.code });
    }
    this.options.leases.note(this.options.queue.runs);
    this.advance();
  }
}

interface Failure extends Refusal {
  readonly status: 'error';
}

function failure({ code, message }: Refusal): Failure {
  return { status: 'error', code, message };
}

function endOf(run: StoredRun, live: LivePull, result: InstallResult | Failure): StoredRun {
  const { highWaterBytes, totalBytes, percent } = live.progress;
  const progress = { highWaterBytes, totalBytes, percent };
  if (result.status === 'error') {
    return { ...run, ...progress, ...endedRun(result.code === 'cancelled' ? 'cancelled' : 'failed', result) };
  }
  const bytes = live.namedBytes > 0 ? live.namedBytes : totalBytes;
  return {
    ...{ ...run, status: 'succeeded', owner: null, code: null, reservedBytes: 0, percent: 100 },
    ...{ highWaterBytes: Math.max(bytes, highWaterBytes), totalBytes: bytes },
    message: result.alreadyInstalled
      ? l10n.t('It was installed already and is up to date.')
      : l10n.t('Installed.'),
  };
}
