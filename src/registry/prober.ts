import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '../backends/contract';
import { abortReason } from '../shared/abort';
import type { Clock } from '../shared/clock';
import { isoNow } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { ProbeOutcome } from './probeRun';
import { runProbe } from './probeRun';
import { rowsOfProbe } from './probeRows';
import type { ModelRegistry } from './registry';
import type { BackendState, ProviderOf } from './row';
import { stateAfterProbe } from './probeState';
import { Slots } from './slots';
import { stampOf } from './stamp';

const FIRST_TICK_MS = 5_000;
const MIN_TICK_MS = 1_000;
const MAX_IN_FLIGHT = 10;
const DEADLINE_MS = 30_000;
const FIRST_BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 5 * 60_000;
const DEFAULT_INTERVAL_MS = 15 * 60_000;

export interface ProberOptions {
  readonly registry: ModelRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whose model this is. */
  readonly providerOf: ProviderOf;
  /** Names the origin of the clock's monotonic time; one per process. */
  readonly bootId: string;
}

export interface ProberConfiguration {
  readonly backends: readonly Backend[];
  /** Between two full probes of a local backend, in milliseconds. Default 15 min. */
  readonly localIntervalMs?: number;
}

export type RefreshResult =
  | { readonly status: 'probed'; readonly state: BackendState }
  | { readonly status: 'unknown_backend'; readonly backendId: string }
  /** Probing was stopped before this one ended. */
  | { readonly status: 'stopped'; readonly backendId: string };

/** Why a probe was cut off by us: `changed` when its backend was removed, or is to be asked in another way. */
type CutOff = 'cancelled' | 'changed' | 'stopped';

interface Flight {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  /** How many wait for it; the schedule counts as one. At none it is aborted. */
  waiters: number;
  cutOff?: CutOff;
}

interface Scheduled {
  backend: Backend;
  /** Monotonic milliseconds. */
  dueAt: number;
  lastProbedAt: number | undefined;
  failures: number;
  flight: Flight | undefined;
}

/**
 * Asks every configured backend what it serves, each on its own schedule: at most one probe per backend and ten in all,
 * each with a deadline; a failed one keeps the rows that are there and is tried again after 5 s, doubling to 5 min.
 */
export class Prober {
  readonly #scheduled = new Map<string, Scheduled>();
  readonly #slots = new Slots(MAX_IN_FLIGHT);
  #intervalMs = DEFAULT_INTERVAL_MS;
  #cancelTick: (() => void) | undefined;
  #startedAt: number | undefined;

  constructor(private readonly options: ProberOptions) {}

  /** Begins the schedule: the first tick comes 5 s later. */
  start(): void {
    if (this.#startedAt !== undefined) return;
    this.#startedAt = this.options.clock.monotonicMs();
    this.#reschedule();
  }

  /** Ends the schedule and every probe in flight. Can be started again. */
  stop(): void {
    this.#startedAt = undefined;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    for (const entry of this.#scheduled.values()) this.#abort(entry, 'stopped');
  }

  /** Replaces what is probed. Backends that stay keep their last probe time; those that go lose their rows. */
  async configure({ backends, localIntervalMs = DEFAULT_INTERVAL_MS }: ProberConfiguration): Promise<void> {
    const { clock, registry } = this.options;
    this.#intervalMs = localIntervalMs;
    const now = clock.monotonicMs();
    const next = new Map(backends.map((backend) => [backend.config.id, backend]));
    for (const [id, entry] of this.#scheduled) {
      const backend = next.get(id);
      if (backend && isSameServer(backend, entry.backend)) {
        const sameHeaders = isDeepStrictEqual(backend.config.headers, entry.backend.config.headers);
        entry.backend = backend;
        if (!sameHeaders) {
          // A key that was mended should show at once, not after the wait for the refused one.
          this.#abort(entry, 'changed');
          entry.failures = 0;
          entry.dueAt = now;
        } else if (entry.failures === 0 && entry.lastProbedAt !== undefined) {
          entry.dueAt = entry.lastProbedAt + localIntervalMs;
        }
        next.delete(id);
      } else {
        this.#abort(entry, 'changed');
        this.#scheduled.delete(id);
      }
    }
    for (const [id, backend] of next) {
      this.#scheduled.set(id, {
        backend,
        dueAt: now,
        lastProbedAt: undefined,
        failures: 0,
        flight: undefined,
      });
    }
    this.#reschedule();
    await registry.configureBackends(backends.map((backend) => backend.config));
  }

  /** Probes one backend now, or joins the probe in flight. Rejects only with the signal's reason. */
  async refresh(backendId: string, signal?: AbortSignal): Promise<RefreshResult> {
    if (signal?.aborted) throw abortReason(signal);
    const entry = this.#scheduled.get(backendId);
    if (!entry) return { status: 'unknown_backend', backendId };
    const flight = this.#launch(entry);
    try {
      await this.#wait(entry, flight, signal);
    } catch (thrown) {
      if (signal?.aborted) throw abortReason(signal);
      switch (flight.cutOff) {
        case 'changed':
          return this.refresh(backendId, signal);
        case 'stopped':
          return { status: 'stopped', backendId };
        default:
          throw thrown;
      }
    }
    const state = this.options.registry.backend(backendId);
    return state ? { status: 'probed', state } : { status: 'unknown_backend', backendId };
  }

  /** Probes every backend; `onResult` hears of each as it ends. Rejects only with the signal's reason. */
  async refreshAll(
    signal?: AbortSignal,
    onResult: (result: RefreshResult) => void = () => undefined,
  ): Promise<readonly RefreshResult[]> {
    const refreshes = [...this.#scheduled.keys()].map(async (id) => {
      const result = await this.refresh(id, signal);
      onResult(result);
      return result;
    });
    return Promise.all(refreshes);
  }

  #tick(): void {
    const now = this.options.clock.monotonicMs();
    for (const entry of this.#scheduled.values()) {
      if (entry.flight || entry.dueAt > now) continue;
      // The schedule's own wait; its rejection means that the probe was aborted, which is no news.
      this.#wait(entry, this.#launch(entry), undefined).catch(() => undefined);
    }
    this.#reschedule();
  }

  #reschedule(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    if (this.#startedAt === undefined) return;
    const due = [...this.#scheduled.values()].filter((entry) => !entry.flight).map((entry) => entry.dueAt);
    if (due.length === 0) return;
    const now = this.options.clock.monotonicMs();
    const earliest = Math.max(Math.min(...due), this.#startedAt + FIRST_TICK_MS);
    this.#cancelTick = this.options.clock.after(Math.max(MIN_TICK_MS, earliest - now), () => this.#tick());
  }

  #launch(entry: Scheduled): Flight {
    if (entry.flight) return entry.flight;
    const controller = new AbortController();
    const flight: Flight = { controller, done: this.#fly(entry, controller.signal), waiters: 0 };
    entry.flight = flight;
    // Where nobody waits any more, an abort must not count as an unhandled rejection.
    flight.done.catch(() => undefined);
    this.#reschedule();
    return flight;
  }

  async #wait(entry: Scheduled, flight: Flight, signal: AbortSignal | undefined): Promise<void> {
    flight.waiters += 1;
    if (!signal) return flight.done;
    // A signal of its own for each wait: a refresh of many backends would hang as many listeners on the caller's.
    const own = AbortSignal.any([signal]);
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        flight.waiters -= 1;
        if (flight.waiters === 0 && entry.flight === flight) this.#abort(entry, 'cancelled');
        reject(abortReason(own));
      };
      own.addEventListener('abort', onAbort, { once: true });
      void flight.done.then(resolve, reject).finally(() => own.removeEventListener('abort', onAbort));
    });
  }

  async #fly(entry: Scheduled, signal: AbortSignal): Promise<void> {
    const { clock, registry } = this.options;
    const { backend } = entry;
    const { id } = backend.config;
    // One turn later, so that the flight is entered before anything can end it.
    await Promise.resolve();
    try {
      this.#setProbing(entry);
      await this.#slots.take(signal);
      try {
        // Of the moment of asking: what was reported while the probe ran is newer than its answer.
        const stamp = stampOf(clock, this.options.bootId);
        const outcome = await runProbe(backend, clock, DEADLINE_MS, signal);
        signal.throwIfAborted();
        if (outcome.readiness === 'ok') {
          const { kind } = backend.config;
          const known = registry
            .rows()
            .flatMap((row) => (row.backend === id && row.models.length > 0 ? [row.provider] : []));
          const stored = await registry.upsert(
            rowsOfProbe({ id, kind }, outcome.models, known, this.options.providerOf, stamp),
          );
          if ('error' in stored)
            this.options.logger.log('error', 'registry.store.failed', { message: stored.message });
        }
        signal.throwIfAborted();
        this.#ended(entry, outcome);
      } finally {
        this.#slots.release();
      }
    } catch (thrown) {
      if (!signal.aborted) this.#crashed(entry, thrown);
      throw thrown;
    } finally {
      if (entry.flight?.controller.signal === signal) entry.flight = undefined;
      this.#setProbing(entry);
      this.#reschedule();
    }
  }

  #setProbing(entry: Scheduled): void {
    const { id } = entry.backend.config;
    // A probe that was cut off because its backend was replaced says nothing of the new one.
    if (this.#scheduled.get(id) !== entry) return;
    this.options.registry.setBackendState(id, (state) => ({ ...state, probing: entry.flight !== undefined }));
  }

  #ended(entry: Scheduled, outcome: ProbeOutcome): void {
    const { clock, registry, logger } = this.options;
    const { id } = entry.backend.config;
    const now = clock.monotonicMs();
    entry.lastProbedAt = now;
    entry.failures = outcome.readiness === 'ok' ? 0 : entry.failures + 1;
    entry.dueAt = now + (outcome.readiness === 'ok' ? this.#intervalMs : backoffMs(entry.failures));
    registry.setBackendState(id, (state) => stateAfterProbe(state, outcome, isoNow(clock)));
    const facts = { backend: id, readiness: outcome.readiness, failures: entry.failures };
    logger.log(outcome.readiness === 'ok' ? 'debug' : 'warn', 'registry.probe.ended', facts);
  }

  /** A bug of ours must not stop the schedule: it counts as one more failure. */
  #crashed(entry: Scheduled, thrown: unknown): void {
    entry.failures += 1;
    entry.dueAt = this.options.clock.monotonicMs() + backoffMs(entry.failures);
    const facts = { backend: entry.backend.config.id, error: messageOf(thrown) };
    this.options.logger.log('error', 'registry.probe.crashed', facts);
  }

  #abort(entry: Scheduled, cutOff: CutOff): void {
    const { flight } = entry;
    if (!flight) return;
    entry.flight = undefined;
    flight.cutOff = cutOff;
    flight.controller.abort(new DOMException(`The probe was cut off (${cutOff})`, 'AbortError'));
  }
}

function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
}

function isSameServer(a: Backend, b: Backend): boolean {
  return a.config.url === b.config.url && a.config.kind === b.config.kind;
}
