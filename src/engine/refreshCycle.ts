import { abortReason, untilAborted } from '../shared/abort';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf, ModelPoolError } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import type { Ranking } from './rankingService';

/** In the order in which they run. */
export const REFRESH_STAGES = ['detect', 'catalogue', 'rank', 'reconcile', 'scores', 'propose'] as const;
export type RefreshStage = (typeof REFRESH_STAGES)[number];

/** Why a refresh runs: a person asked, this window has begun to lead, or it was time. */
export type RefreshReason = 'demand' | 'start' | 'schedule';

interface RefreshError {
  readonly stage: RefreshStage;
  /** The error's own code, else `failed`. */
  readonly code: string;
  readonly message: string;
}

/** What a stage is told, and tells. */
export interface StageContext {
  readonly reason: RefreshReason;
  readonly signal: AbortSignal;
  /** Notes what failed where the stage goes on with the rest. */
  readonly fail: (code: string, message: string) => void;
}

/** Rankings of one machine for every task that models are wanted for. */
export interface HostRankings {
  readonly host: HostId;
  readonly rankings: readonly Ranking[];
}

/** The work of each stage. One that throws has failed; the next ones go on with what there is. */
export interface RefreshStages {
  /** Looks at the machines that models can be installed on. */
  readonly detect: (context: StageContext) => Promise<void>;
  /** Looks for new models. Returns in a few words where the list comes from and of when it is. */
  readonly catalogue: (context: StageContext) => Promise<string>;
  /** Only machines that were ranked in full are among them. */
  readonly rank: (context: StageContext) => Promise<readonly HostRankings[]>;
  /** Makes the pool agree with what the servers have. */
  readonly reconcile: (context: StageContext) => Promise<void>;
  readonly scores: (context: StageContext, hosts: readonly HostRankings[]) => Promise<void>;
  /** Returns how many proposals were made. */
  readonly propose: (context: StageContext, hosts: readonly HostRankings[]) => Promise<number>;
}

/** How a refresh went. */
export interface RefreshReport {
  /** 1 for the first refresh of this window. */
  readonly tick: number;
  readonly reason: RefreshReason;
  /** ISO 8601. */
  readonly started: string;
  readonly completed: string;
  readonly durationMs: number;
  /** Models that were ranked, each once for every machine and task. */
  readonly candidatesEvaluated: number;
  readonly proposalsEmitted: number;
  /** Where the list of models comes from: `snapshot 2026-11-21`, `live, 3 h ago`; null where nobody could say. */
  readonly catalogue: string | null;
  readonly errors: readonly RefreshError[];
  /** Milliseconds of each stage. */
  readonly stages: Readonly<Record<RefreshStage, number>>;
}

export interface RefreshCycleOptions {
  readonly stages: RefreshStages;
  /** Told when a refresh is over, before who asked for it is. */
  readonly completed: (report: RefreshReport) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RefreshRequest {
  /** Default `demand`. */
  readonly reason?: RefreshReason;
  /** Aborting ends the refresh, unless somebody else waits for it too. */
  readonly signal?: AbortSignal;
}

interface Round {
  readonly controller: AbortController;
  readonly report: Promise<RefreshReport>;
  waiting: number;
}

/**
 * Brings everything that proposals stand on up to date, and makes them. One at a time: who asks while one runs gets that
 * one's report. A stage that fails is noted, and the next ones go on with what is known.
 */
export class RefreshCycle {
  readonly #changed: Emitter<void>;
  /** Calls the listener when a refresh begins, and when it is over. */
  readonly onDidChange: (listener: () => void) => () => void;
  #round: Round | null = null;
  #last: RefreshReport | null = null;
  #tick = 0;

  constructor(private readonly options: RefreshCycleOptions) {
    const { logger } = options;
    this.#changed = new Emitter((thrown) =>
      logger.log('error', 'refresh.listener.failed', { error: messageOf(thrown) }),
    );
    this.onDidChange = this.#changed.on;
  }

  get running(): boolean {
    return this.#round !== null;
  }

  /** The last refresh of this window that was not cancelled; null before the first. */
  get last(): RefreshReport | null {
    return this.#last;
  }

  /** Refreshes, or waits for the refresh that runs. Rejects only with the reason of `signal`. */
  async refresh({ reason = 'demand', signal }: RefreshRequest = {}): Promise<RefreshReport> {
    if (signal?.aborted) throw abortReason(signal);
    // One that was cancelled and has not ended yet is nobody's to join.
    while (this.#round?.controller.signal.aborted) {
      await untilAborted(
        this.#round.report.then(
          () => undefined,
          () => undefined,
        ),
        signal,
      );
    }
    const round = (this.#round ??= this.#begin(reason));
    round.waiting += 1;
    try {
      return await untilAborted(round.report, signal);
    } finally {
      round.waiting -= 1;
      if (round.waiting === 0) round.controller.abort(signal && abortReason(signal));
    }
  }

  #begin(reason: RefreshReason): Round {
    const controller = new AbortController();
    const report = this.#run(reason, controller.signal).finally(() => {
      this.#round = null;
      this.#changed.fire();
    });
    // Everybody may have gone before it ends.
    report.catch(() => undefined);
    // The emitter must not run before `#round` is set.
    queueMicrotask(() => this.#changed.fire());
    return { controller, report, waiting: 0 };
  }

  async #run(reason: RefreshReason, signal: AbortSignal): Promise<RefreshReport> {
    const { stages, clock, logger, completed } = this.options;
    const tick = (this.#tick += 1);
    const started = isoNow(clock);
    const startedMs = clock.monotonicMs();
    const errors: RefreshError[] = [];
    const durations = new Map<RefreshStage, number>();
    const run = async <T>(
      stage: RefreshStage,
      work: (context: StageContext) => Promise<T>,
      otherwise: T,
    ): Promise<T> => {
      const fail = (code: string, message: string): void => void errors.push({ stage, code, message });
      const beganMs = clock.monotonicMs();
      try {
        return await untilAborted(work({ reason, signal, fail }), signal);
      } catch (thrown) {
        if (signal.aborted) throw abortReason(signal);
        fail(thrown instanceof ModelPoolError ? String(thrown.code) : 'failed', messageOf(thrown));
        return otherwise;
      } finally {
        durations.set(stage, Math.round(clock.monotonicMs() - beganMs));
      }
    };
    try {
      await run('detect', stages.detect, undefined);
      const catalogue = await run<string | null>('catalogue', stages.catalogue, null);
      const hosts = await run('rank', stages.rank, []);
      await run('reconcile', stages.reconcile, undefined);
      await run('scores', (context) => stages.scores(context, hosts), undefined);
      const proposalsEmitted = await run('propose', (context) => stages.propose(context, hosts), 0);
      const facts = {
        ...{ tick, reason, started, completed: isoNow(clock) },
        durationMs: Math.round(clock.monotonicMs() - startedMs),
        candidatesEvaluated: hosts.reduce((sum, { rankings }) => sum + modelsOf(rankings), 0),
        ...{ proposalsEmitted, catalogue, errors, stages: durationsOf(durations) },
      };
      logger.log('info', 'refresh.completed', facts);
      this.#last = facts;
      await completed(facts);
      return facts;
    } catch (thrown) {
      if (signal.aborted) logger.log('info', 'refresh.cancelled', { tick, reason });
      throw thrown;
    }
  }
}

function modelsOf(rankings: readonly Ranking[]): number {
  return rankings.reduce((sum, { models }) => sum + models.length, 0);
}

function durationsOf(durations: ReadonlyMap<RefreshStage, number>): RefreshReport['stages'] {
  const of = (stage: RefreshStage): number => durations.get(stage) ?? 0;
  return {
    ...{ detect: of('detect'), catalogue: of('catalogue'), rank: of('rank') },
    ...{ reconcile: of('reconcile'), scores: of('scores'), propose: of('propose') },
  };
}
