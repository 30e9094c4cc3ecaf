import * as l10n from '@vscode/l10n';
import type { Candidate, SnapshotLoadResult } from '../catalog/candidate';
import { isUnknownHardware } from '../hardware/overrideProfile';
import type { HardwareProfile } from '../hardware/profile';
import { rankModels } from '../ranking/rank';
import { wholeRow } from '../ranking/rankedRow';
import { buildRankIndex, type RankIndex } from '../ranking/rankIndex';
import type { RankCandidate, RankedModel, RankHardware } from '../ranking/rankTypes';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import type { Task } from '../shared/settings';
import type { HostMeasurement } from './hostMeasurements';
import { leftOutOf, type LeftOut } from './leftOut';
import { usableGib } from './machineLimits';
import { compareSpeeds, isMaterialChange, type MachineSpeeds } from './machineSpeeds';
import { toRankCandidates } from './rankCandidates';

/** A ranking with everything it was made from, as the views show it. */
export interface Ranking {
  readonly task: Task;
  readonly profile: HardwareProfile;
  /** False for a machine that nobody described: models stand by score alone then, see `withoutHardware`. */
  readonly hardwareKnown: boolean;
  /** Best first; models that do not fit are at the end, with their reason. */
  readonly models: readonly RankedModel[];
  /** ISO date of the scores; null where there are none. */
  readonly snapshotDate: string | null;
  /** What a person should know about this ranking, in sentences. */
  readonly problems: readonly string[];
  /** What is not recommended, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface RankingSources {
  /** What a machine is. Never rejects, but for an abort. */
  readonly detect: (host: HostId) => Promise<HardwareProfile>;
  /** Forgets the detected profile of this machine, so that the next `detect` looks again. */
  readonly forgetHardware: () => void;
  readonly loadSnapshot: () => Promise<SnapshotLoadResult>;
  /** What was measured on a machine, with the models of these that it is of; absent: nothing ever is. */
  readonly measurements?: (host: HostId, candidates: readonly Candidate[]) => readonly HostMeasurement[];
}

/** Hardware that decides nothing, for machines of which nothing is known: no model is too big, none too slow. */
const NO_LIMITS: RankHardware = { platform: 'nvidia', vramGb: 1e6, ramGb: 1e6, bandwidthGbps: 1e6 };

/** Of an ISO 8601 date: ages are counted in months, and what is worked out for a day can be used all day. */
const DAY_CHARACTERS = 10;

/** What Ollama installs unless told otherwise, and so the build to name where nothing else decides. */
const USUAL_QUANT = 'Q4_K_M';

/** How long changed measurements gather before anything is ranked anew for them. */
const GATHER_MS = 1_000;

/** Ranks the catalogue for a machine, once per task, until a machine or the catalogue changes. */
export class RankingService {
  readonly #changed = new Emitter<void>((thrown) =>
    this.logger.log('error', 'ranking.listener.failed', { error: messageOf(thrown) }),
  );
  /** Calls the listener when rankings are not true any more. */
  readonly onDidChange = this.#changed.on;
  readonly #ranked = new Emitter<Ranking>((thrown) =>
    this.logger.log('error', 'ranking.listener.failed', { error: messageOf(thrown) }),
  );
  /** Calls the listener when a ranking is there that was not before. */
  readonly onDidRank = this.#ranked.on;
  readonly #rankings = new Map<string, Promise<Ranking>>();
  readonly #known = new Map<string, Ranking>();
  /** Counts invalidations, so that a ranking that was under way then is not taken for a fresh one. */
  #generation = 0;
  #builds: { readonly of: readonly Candidate[]; readonly all: readonly RankCandidate[] } | undefined;
  /** Of the snapshot's observations, which never change while the window lives. */
  #index: RankIndex | undefined;
  #host: HostId = LOCAL_HOST;
  /** What each ranking was calibrated with: those of one machine need not be of one moment. */
  readonly #calibrated = new Map<string, Pick<MachineSpeeds, 'calibration'> & { readonly host: HostId }>();
  #cancelLook: (() => void) | undefined;

  constructor(
    private readonly sources: RankingSources,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The machine that this window's views rank for. */
  get host(): HostId {
    return this.#host;
  }

  /** Says which machine the views rank for from now on. */
  chooseHost(host: HostId): void {
    if (host === this.#host) return;
    this.#host = host;
    this.#changed.fire();
  }

  /** The ranking for a task on a machine; computed on first use. */
  rank(task: Task, host: HostId = LOCAL_HOST): Promise<Ranking> {
    const key = keyOf(task, host);
    const known = this.#rankings.get(key);
    if (known) return known;
    const ranking = this.#compute(task, host).catch((thrown: unknown) => {
      // A failed ranking must not stay: the next caller tries again.
      if (this.#rankings.get(key) === ranking) this.#rankings.delete(key);
      throw thrown;
    });
    this.#rankings.set(key, ranking);
    return ranking;
  }

  /** The ranking for a task on a machine if it was computed already. */
  known(task: Task, host: HostId = LOCAL_HOST): Ranking | undefined {
    return this.#known.get(keyOf(task, host));
  }

  /** Looks at this machine's hardware again and ranks anew. */
  async redetect(): Promise<void> {
    this.sources.forgetHardware();
    await this.sources.detect(LOCAL_HOST);
    this.invalidate();
  }

  /** What was measured on a machine beside what is estimated there. Rejects as `detect` does. */
  async speeds(host: HostId = LOCAL_HOST): Promise<MachineSpeeds> {
    const [profile, { snapshot }] = await Promise.all([
      this.sources.detect(host),
      this.sources.loadSnapshot(),
    ]);
    // There is nothing to compare with on a machine that nobody described.
    const candidates = isUnknownHardware(profile) ? [] : snapshot.candidates.filter(isRecommendable);
    return compareSpeeds(profile, this.sources.measurements?.(host, candidates) ?? [], candidates);
  }

  /** Looks, after a while, whether what was measured makes any ranking untrue; most calls only confirm what is known. */
  measurementsChanged(): void {
    this.#cancelLook?.();
    this.#cancelLook = this.clock.after(GATHER_MS, () => void this.#lookAtMeasurements());
  }

  dispose(): void {
    this.#cancelLook?.();
  }

  /** Forgets the rankings, after anything that they depend on has changed. */
  invalidate(): void {
    this.#rankings.clear();
    this.#known.clear();
    this.#calibrated.clear();
    this.#generation++;
    this.#changed.fire();
  }

  /** Never rejects. */
  async #lookAtMeasurements(): Promise<void> {
    for (const [host, known] of Map.groupBy(this.#calibrated.values(), (of) => of.host)) {
      try {
        const { calibration } = await this.speeds(host);
        if (!known.some((of) => isMaterialChange(of.calibration, calibration))) continue;
        this.logger.log('info', 'ranking.measured', { host, models: calibration?.rows.length ?? 0 });
        this.invalidate();
        return;
      } catch (thrown) {
        this.logger.log('warn', 'ranking.measured.failed', { host, error: messageOf(thrown) });
      }
    }
  }

  /** The ranking for a task on a machine that nobody has here, and on which nothing was measured; it is not kept. */
  async imagine(task: Task, profile: HardwareProfile): Promise<Ranking> {
    return this.#rankOn(task, profile, await this.sources.loadSnapshot(), () => []).ranking;
  }

  async #compute(task: Task, host: HostId): Promise<Ranking> {
    const generation = this.#generation;
    const [profile, loaded] = await Promise.all([this.sources.detect(host), this.sources.loadSnapshot()]);
    const { ranking, calibration } = this.#rankOn(
      ...([task, profile, loaded] as const),
      (candidates) => this.sources.measurements?.(host, candidates) ?? [],
    );
    if (generation === this.#generation) {
      this.#known.set(keyOf(task, host), ranking);
      this.#calibrated.set(keyOf(task, host), {
        host,
        ...(calibration === undefined ? {} : { calibration }),
      });
      this.#ranked.fire(ranking);
    }
    return ranking;
  }

  #rankOn(
    task: Task,
    profile: HardwareProfile,
    loaded: SnapshotLoadResult,
    measurementsOf: (candidates: readonly Candidate[]) => readonly HostMeasurement[],
  ): { readonly ranking: Ranking; readonly calibration: MachineSpeeds['calibration'] } {
    const { host } = profile;
    const startedMs = this.clock.monotonicMs();
    const { candidates, generatedAt } = loaded.snapshot;
    this.#index ??= buildRankIndex(loaded.snapshot.observations);
    const hardwareKnown = !isUnknownHardware(profile);
    const recommendable = candidates.filter(isRecommendable);
    const input = {
      candidates: hardwareKnown
        ? this.#allBuilds(candidates, recommendable)
        : recommendable.flatMap(usualBuilds),
      measurements: hardwareKnown ? measurementsOf(recommendable) : [],
      hardware: hardwareKnown ? profile : NO_LIMITS,
      snapshot: loaded.snapshot,
      options: { task, rankingDate: isoNow(this.clock).slice(0, DAY_CHARACTERS), includeUnfit: true },
    };
    const result = rankModels(input, this.#index);
    this.logger.log('info', 'ranking.done', {
      task,
      ...(host === LOCAL_HOST ? {} : { host }),
      candidates: candidates.length,
      ranked: result.models.length,
      durationMs: Math.round(this.clock.monotonicMs() - startedMs),
    });
    const ranking: Ranking = {
      task,
      profile,
      hardwareKnown,
      models: hardwareKnown ? result.models : result.models.map((model) => withoutHardware(model, host)),
      snapshotDate: candidates.length === 0 ? null : generatedAt,
      problems: [
        ...profile.warnings.filter(({ code }) => code === 'remote_host_unknown'),
        ...loaded.warnings,
        ...result.warnings.filter(({ code }) => code !== 'candidate_invalid'),
      ].map((warning) => warning.message),
      leftOut: leftOutOf({
        ...{ candidates, models: result.models, warnings: result.warnings },
        usableGib: usableGib(input.hardware).totalGib,
      }),
    };
    return { ranking, calibration: result.calibration };
  }

  /** The same ones as long as the catalogue is: their index then need not prepare them again. */
  #allBuilds(
    candidates: readonly Candidate[],
    recommendable: readonly Candidate[],
  ): readonly RankCandidate[] {
    if (this.#builds?.of !== candidates)
      this.#builds = { of: candidates, all: recommendable.flatMap(toRankCandidates) };
    return this.#builds.all;
  }
}

function keyOf(task: Task, host: HostId): string {
  return JSON.stringify([task, host]);
}

function isRecommendable(candidate: Candidate): boolean {
  return candidate.role === 'chat';
}

/** The usual build of a model, where it has one; else all of them. */
function usualBuilds(candidate: Candidate): readonly RankCandidate[] {
  const builds = toRankCandidates(candidate);
  const usual = builds.filter(({ quant }) => quant === USUAL_QUANT);
  return usual.length > 0 ? usual : builds;
}

/**
 * A row that says nothing of a machine. The score stands; fit and speed are not there, which a row cannot say, so that
 * `fitsHardware` is false, the reason says why, and every figure is 0. Views look at `hardwareKnown` first.
 */
function withoutHardware(model: RankedModel, host: HostId): RankedModel {
  if (!model.fitsHardware) return model;
  const { speedEstimate } = model;
  return {
    ...wholeRow(model),
    fit: 'none',
    fitsHardware: false,
    unfitReason: l10n.t(
      'Whether it fits is not known: the hardware of {0} is not described in modelPool.hosts.',
      host,
    ),
    fitByContext: [],
    estimatedTokPerSec: 0,
    speedConfidence: 'low',
    speedEstimate: { ...speedEstimate, tokPerSec: 0, range: [0, 0], confidence: 'low' },
    otherBuilds: [],
  };
}
