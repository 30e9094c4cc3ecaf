import type { Candidate, SnapshotLoadResult } from '../catalog/candidate';
import type { HardwareProfile } from '../hardware/profile';
import { rankModels } from '../ranking/rank';
import { buildRankIndex, type RankIndex } from '../ranking/rankIndex';
import type { RankedModel } from '../ranking/rankTypes';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import type { Task } from '../shared/settings';
import { toRankCandidates } from './rankCandidates';

/** A ranking with everything it was made from, as the views show it. */
export interface Ranking {
  readonly task: Task;
  readonly profile: HardwareProfile;
  /** Best first; models that do not fit are at the end, with their reason. */
  readonly models: readonly RankedModel[];
  /** ISO date of the scores; null where there are none. */
  readonly snapshotDate: string | null;
  /** What a person should know about this ranking, in sentences. */
  readonly problems: readonly string[];
}

export interface RankingSources {
  /** What machine this is. Never rejects, but for an abort. */
  readonly detect: () => Promise<HardwareProfile>;
  /** Forgets a detected profile, so that the next `detect` looks again. */
  readonly forgetHardware: () => void;
  readonly loadSnapshot: () => Promise<SnapshotLoadResult>;
}

/** Ranks the catalogue for this machine, once per task, until the machine or the catalogue changes. */
export class RankingService {
  readonly #changed = new Emitter<void>((thrown) =>
    this.logger.log('error', 'ranking.listener.failed', { error: messageOf(thrown) }),
  );
  readonly onDidChange = this.#changed.on;
  readonly #rankings = new Map<Task, Promise<Ranking>>();
  readonly #known = new Map<Task, Ranking>();
  /** Counts invalidations, so that a ranking that was under way then is not taken for a fresh one. */
  #generation = 0;
  /** Of the snapshot's observations, which never change while the window lives. */
  #index: RankIndex | undefined;

  constructor(
    private readonly sources: RankingSources,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** The ranking for a task; computed on first use. */
  rank(task: Task): Promise<Ranking> {
    const known = this.#rankings.get(task);
    if (known) return known;
    const ranking = this.#compute(task).catch((thrown: unknown) => {
      // A failed ranking must not stay: the next caller tries again.
      this.#rankings.delete(task);
      throw thrown;
    });
    this.#rankings.set(task, ranking);
    return ranking;
  }

  /** The ranking for a task if it was computed already. */
  known(task: Task): Ranking | undefined {
    return this.#known.get(task);
  }

  /** Looks at the hardware again and ranks anew. */
  async redetect(): Promise<void> {
    this.sources.forgetHardware();
    await this.sources.detect();
    this.invalidate();
  }

  /** Forgets the rankings, after anything that they depend on has changed. */
  invalidate(): void {
    this.#rankings.clear();
    this.#known.clear();
    this.#generation++;
    this.#changed.fire();
  }

  async #compute(task: Task): Promise<Ranking> {
    const generation = this.#generation;
    const [profile, loaded] = await Promise.all([this.sources.detect(), this.sources.loadSnapshot()]);
    const startedMs = this.clock.monotonicMs();
    const { candidates, generatedAt } = loaded.snapshot;
    this.#index ??= buildRankIndex(loaded.snapshot.observations);
    const input = {
      candidates: candidates.filter(isRecommendable).flatMap(toRankCandidates),
      hardware: profile,
      snapshot: loaded.snapshot,
      options: { task, rankingDate: isoNow(this.clock), includeUnfit: true },
    };
    const result = rankModels(input, this.#index);
    this.logger.log('info', 'ranking.done', {
      task,
      candidates: candidates.length,
      ranked: result.models.length,
      durationMs: Math.round(this.clock.monotonicMs() - startedMs),
    });
    const ranking: Ranking = {
      task,
      profile,
      models: result.models,
      snapshotDate: candidates.length === 0 ? null : generatedAt,
      problems: [...loaded.warnings, ...result.warnings].map((warning) => warning.message),
    };
    if (generation === this.#generation) this.#known.set(task, ranking);
    return ranking;
  }
}

function isRecommendable(candidate: Candidate): boolean {
  return candidate.role === 'chat';
}
