import type { Backend } from '../backends/contract';
import { abortReason } from '../shared/abort';
import type { Clock } from '../shared/clock';
import { isoNow } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import { factsAfterProbe } from './backendState';
import { Flight } from './flight';
import type { Attention } from './presence';
import { Presence } from './presence';
import type { ConfigureResult, ProberConfiguration } from './proberConfiguration';
import { DEFAULT_PROBER_CONFIGURATION, problemsOf } from './proberConfiguration';
import type { ProbeOutcome } from './probeRun';
import { runProbe } from './probeRun';
import type { ProbeEntry } from './probeEntry';
import { isAskedAlike, newEntry } from './probeEntry';
import { rowsOfProbe } from './probeRows';
import type { ModelRegistry } from './registry';
import type { BackendState, ProviderOf } from './row';
import { backoffMs, dueAfter } from './schedule';
import { isSameServer, serverOf } from './server';
import { Slots } from './slots';
import type { Stamp } from './stamp';
import { stampOf } from './stamp';

const FIRST_TICK_MS = 5_000;
const MIN_TICK_MS = 1_000;
/** Timers of Node.js fire at once when they are set to more than 24.8 days. */
const MAX_TICK_MS = 24 * 60 * 60_000;
const MAX_IN_FLIGHT = 10;
const DEADLINE_MS = 30_000;
/** How soon after a probe has ended another look may come, and at a backend that is down. */
const LOOK_GAP_MS = 1_000;
const FAILED_LOOK_GAP_MS = 10_000;

export interface ProberOptions {
  readonly registry: ModelRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whose model this is. */
  readonly providerOf: ProviderOf;
  /** Names the origin of the clock's monotonic time: the operating system's boot, or else this process. */
  readonly bootId: string;
}

export type RefreshResult =
  | { readonly status: 'probed'; readonly state: BackendState }
  | { readonly status: 'unknown_backend'; readonly backendId: string }
  /** Probing was ended before this one was. */
  | { readonly status: 'stopped'; readonly backendId: string };

/**
 * Asks every configured backend what it serves: on a schedule where this window runs it (one window of all does), when a
 * person wants to know, and as presence looks while somebody would notice. At most one probe per backend and ten in all,
 * each with a deadline; a failed one keeps the rows that are there and is tried again after 5 s, doubling to 5 min.
 */
export class Prober {
  readonly #entries = new Map<string, ProbeEntry>();
  readonly #slots = new Slots(MAX_IN_FLIGHT);
  readonly #presence: Presence;
  readonly #disposal = new AbortController();
  #configuration = DEFAULT_PROBER_CONFIGURATION;
  #cancelTick: (() => void) | undefined;
  /** While the schedule runs: since when, and what ends its waits. */
  #running: { readonly since: number; readonly controller: AbortController } | undefined;

  constructor(private readonly options: ProberOptions) {
    this.#presence = new Presence(options.clock, () => this.look());
  }

  /** Begins the schedule: the first tick comes 5 s later, for what is due by the state of all windows. */
  start(): void {
    if (this.#running || this.#disposal.signal.aborted) return;
    this.#running = { since: this.options.clock.monotonicMs(), controller: new AbortController() };
    for (const entry of this.#entries.values()) entry.dueAt = undefined;
    this.#reschedule();
  }

  /** Ends the schedule and its probes in flight, but for those that somebody else waits for. Can be started again. */
  stop(): void {
    const running = this.#running;
    this.#running = undefined;
    this.#reschedule();
    running?.controller.abort();
  }

  /** Ends the schedule, the looks and every probe in flight, for good. */
  dispose(): void {
    this.stop();
    this.#presence.stop();
    this.#disposal.abort();
    for (const entry of this.#entries.values()) entry.flight?.abort('stopped');
  }

  /** Tells how much attention there is in this window, by which local backends are looked at. */
  setAttention(attention: Attention): void {
    if (!this.#disposal.signal.aborted) this.#presence.set(attention);
  }

  /**
   * Looks whether local backends are there and what they serve, all or one of them, for example after a call that failed.
   * Only news are stored. The schedule goes on as if nothing had been; a backend that is down is looked at every 10 s at
   * most, hosted ones never. One that is named was heard of anew: it is looked at however soon after the last time.
   */
  look(backendId?: string): void {
    if (this.#disposal.signal.aborted) return;
    const now = this.options.clock.monotonicMs();
    for (const [id, entry] of this.#entries) {
      if (entry.flight || this.#isHosted(entry) || (backendId !== undefined && backendId !== id)) continue;
      const isDown = (this.options.registry.lastSeen(id)?.facts.failures ?? 0) > 0;
      const gapMs = isDown ? FAILED_LOOK_GAP_MS : backendId === undefined ? LOOK_GAP_MS : 0;
      if (now - entry.endedAt < gapMs) continue;
      this.#waitQuietly(this.#launch(entry, true), this.#disposal.signal);
    }
  }

  /**
   * Replaces what is given and keeps the rest. Everything is checked before anything is applied. Backends that stay keep
   * their last probe time; those that go lose their rows. Takes effect at once; resolves when the state was told.
   */
  async configure(change: Partial<ProberConfiguration>): Promise<ConfigureResult> {
    const problems = problemsOf(change);
    if (problems.length > 0) return { ok: false, problems };
    const before = this.#configuration;
    const now = (this.#configuration = { ...before, ...change });
    for (const entry of this.#entries.values()) {
      // Counted anew from the last probe, which the state knows.
      if (this.#intervalOf(entry, before) !== this.#intervalOf(entry, now)) entry.dueAt = undefined;
    }
    this.#replaceBackends(now.backends);
    const configured = this.options.registry.configureBackends(now.backends.map(({ config }) => config));
    this.#reschedule();
    await configured;
    return { ok: true };
  }

  /** Probes one backend now, or joins the probe in flight. Rejects only with the signal's reason. */
  async refresh(backendId: string, signal?: AbortSignal): Promise<RefreshResult> {
    if (signal?.aborted) throw abortReason(signal);
    if (this.#disposal.signal.aborted) return { status: 'stopped', backendId };
    const entry = this.#entries.get(backendId);
    if (!entry) return { status: 'unknown_backend', backendId };
    const flight = this.#launch(entry, false);
    try {
      await flight.wait(signal);
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

  /** Probes one backend now, and whoever waits for a probe in flight: its way of being asked has changed, as its key. */
  async askAnew(backendId: string, signal?: AbortSignal): Promise<RefreshResult> {
    this.#entries.get(backendId)?.flight?.abort('changed');
    return this.refresh(backendId, signal);
  }

  /** Probes every backend; `onResult` hears of each as it ends. Rejects only with the signal's reason. */
  async refreshAll(
    signal?: AbortSignal,
    onResult: (result: RefreshResult) => void = () => undefined,
  ): Promise<readonly RefreshResult[]> {
    const refreshes = [...this.#entries.keys()].map(async (id) => {
      const result = await this.refresh(id, signal);
      onResult(result);
      return result;
    });
    return Promise.all(refreshes);
  }

  #replaceBackends(backends: readonly Backend[]): void {
    const next = new Map(backends.map((backend) => [backend.config.id, backend]));
    for (const [id, entry] of this.#entries) {
      const backend = next.get(id);
      if (!backend || !isSameServer(serverOf(backend.config), serverOf(entry.backend.config))) {
        this.#entries.delete(id);
        entry.flight?.abort('changed');
        this.options.registry.setProbing(id, false);
        continue;
      }
      next.delete(id);
      const isAlike = isAskedAlike(backend, entry.backend);
      entry.backend = backend;
      if (isAlike) continue;
      // A key that was mended should show at once, not after the wait for the refused one.
      entry.flight?.abort('changed');
      entry.failures = 0;
      entry.dueAt = Number.NEGATIVE_INFINITY;
    }
    for (const [id, backend] of next) this.#entries.set(id, newEntry(backend));
  }

  #tick(): void {
    const running = this.#running;
    if (!running) return;
    const now = this.options.clock.monotonicMs();
    for (const entry of this.#entries.values()) {
      if (this.#isFlown(entry) || this.#dueAt(entry) > now) continue;
      this.#waitQuietly(this.#launch(entry, false), running.controller.signal);
    }
    this.#reschedule();
  }

  #reschedule(): void {
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    const running = this.#running;
    if (!running) return;
    const due = [...this.#entries.values()].flatMap((entry) =>
      this.#isFlown(entry) ? [] : [this.#dueAt(entry)],
    );
    if (due.length === 0) return;
    const { clock } = this.options;
    const waitMs = Math.max(Math.min(...due), running.since + FIRST_TICK_MS) - clock.monotonicMs();
    this.#cancelTick = clock.after(Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, waitMs)), () => this.#tick());
  }

  #launch(entry: ProbeEntry, isLook: boolean): Flight {
    const { flight } = entry;
    if (flight) {
      if (isLook || !flight.isLook) return flight;
      flight.isLook = false;
      this.#showProbing(entry);
      return flight;
    }
    const launched = new Flight(
      (own) => this.#fly(entry, own),
      isLook,
      () => (entry.flight = undefined),
    );
    entry.flight = launched;
    if (!isLook) this.#reschedule();
    return launched;
  }

  /** For those who only keep a probe going: that it was cut off is no news to them. */
  #waitQuietly(flight: Flight, signal: AbortSignal): void {
    flight.wait(signal).catch(() => undefined);
  }

  async #fly(entry: ProbeEntry, flight: Flight): Promise<void> {
    const { clock, bootId } = this.options;
    const { signal } = flight;
    const { dueAt } = entry;
    try {
      this.#showProbing(entry);
      await this.#slots.take(signal);
      let outcome: ProbeOutcome;
      // Of the moment of asking: what was reported while the probe ran is newer than its answer.
      const seen = stampOf(clock, bootId);
      try {
        outcome = await runProbe(entry.backend, clock, deadlineOf(entry.backend), signal);
      } finally {
        this.#slots.release();
      }
      signal.throwIfAborted();
      await this.#ended(entry, outcome, seen, flight);
    } catch (thrown) {
      if (!signal.aborted) this.#crashed(entry, thrown);
      throw thrown;
    } finally {
      if (entry.flight === flight) entry.flight = undefined;
      this.#showProbing(entry);
      // A tick that waits already is not put off by a look.
      if (!flight.isLook || entry.dueAt !== dueAt) this.#reschedule();
    }
  }

  async #ended(entry: ProbeEntry, outcome: ProbeOutcome, seen: Stamp, flight: Flight): Promise<void> {
    const { clock, registry, logger } = this.options;
    const { id } = entry.backend.config;
    const isOk = outcome.readiness === 'ok';
    const { isLook } = flight;
    const failed = entry.failures ?? registry.lastSeen(id)?.facts.failures ?? 0;
    // A look does not lengthen the wait of the schedule.
    const failures = isOk ? 0 : isLook ? Math.max(1, failed) : failed + 1;
    const now = (entry.endedAt = clock.monotonicMs());
    const due = now + (isOk ? this.#intervalOf(entry) : backoffMs(failures));
    if (!isLook || due < this.#dueAt(entry)) entry.dueAt = due;
    entry.failures = undefined;
    entry.crashes = 0;
    const at = isoNow(clock);
    await registry.recordProbe({
      backend: id,
      seen,
      rows: isOk ? this.#rowsOf(entry, outcome.models, seen) : [],
      after: (before) => factsAfterProbe(before, outcome, at, failures),
      onlyNews: isLook,
    });
    flight.signal.throwIfAborted();
    const facts = { backend: id, readiness: outcome.readiness, failures, look: isLook };
    logger.log(isOk || isLook ? 'debug' : 'warn', 'registry.probe.ended', facts);
  }

  #rowsOf(entry: ProbeEntry, models: ProbeModels, seen: Stamp): ReturnType<typeof rowsOfProbe> {
    const { id, kind } = entry.backend.config;
    // What a hosted backend leaves out may be a key that sees less, or a page that is missing.
    const known = this.#isHosted(entry)
      ? []
      : this.options.registry
          .rows()
          .flatMap((row) => (row.backend === id && row.models.length > 0 ? [row.provider] : []));
    return rowsOfProbe({ id, kind }, models, known, this.options.providerOf, seen);
  }

  /** A bug of ours must not stop the schedule: it counts as one more failure. */
  #crashed(entry: ProbeEntry, thrown: unknown): void {
    const { clock, logger } = this.options;
    entry.crashes += 1;
    entry.endedAt = clock.monotonicMs();
    entry.dueAt = entry.endedAt + backoffMs(entry.crashes);
    const facts = { backend: entry.backend.config.id, error: messageOf(thrown) };
    logger.log('error', 'registry.probe.crashed', facts);
  }

  #showProbing(entry: ProbeEntry): void {
    const { id } = entry.backend.config;
    // A probe that was cut off because its backend was replaced says nothing of the new one.
    if (this.#entries.get(id) === entry) this.options.registry.setProbing(id, this.#isFlown(entry));
  }

  /** Whether a full probe is in flight; a look does not count. */
  #isFlown({ flight }: ProbeEntry): boolean {
    return flight?.isLook === false;
  }

  #dueAt(entry: ProbeEntry): number {
    const { registry, clock, bootId } = this.options;
    return (
      entry.dueAt ??
      dueAfter(registry.lastSeen(entry.backend.config.id), this.#intervalOf(entry), clock, bootId)
    );
  }

  #intervalOf(entry: ProbeEntry, configuration = this.#configuration): number {
    return configuration.isHosted(entry.backend.config.kind)
      ? configuration.hostedIntervalMs
      : configuration.localIntervalMs;
  }

  #isHosted({ backend }: ProbeEntry): boolean {
    return this.#configuration.isHosted(backend.config.kind);
  }
}

/** The backend's own where it is shorter. */
function deadlineOf({ deadlineMs = DEADLINE_MS }: Backend): number {
  return Math.min(DEADLINE_MS, deadlineMs);
}

type ProbeModels = Extract<ProbeOutcome, { readiness: 'ok' }>['models'];
