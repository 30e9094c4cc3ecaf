import type { ModelQualities, ModelQuality } from './modelQuality';
import { normalizeQuantId } from './quantisation';
import type { ModelGroup } from './rankGroups';
import { compareBuilds } from './scoredBuild';
import type { BuildScorer, ScoredBuild } from './scoredBuild';

/**
 * The models of one ranking by their best builds, in the order in which they came. Only what orders them is kept, in
 * columns by that order: a hundred thousand objects take the collector longer than they take to make. The rest is worked
 * out again, the same, for those that are looked at.
 */
export class ScoredModels {
  /** 0..100; 0 for what does not fit or cannot do the task. */
  readonly scores: Float64Array;
  readonly tokPerSec: Float64Array;
  /** 1 for what does not fit or cannot do the task. */
  readonly unfit: Uint8Array;
  /** Of the best build among those of its model. */
  readonly #best: Uint32Array;

  /** `arrival`: places in `groups`; `benchmarkSnapshot`: ISO date of the snapshot behind the scores. */
  constructor(
    private readonly groups: readonly ModelGroup[],
    private readonly arrival: Uint32Array,
    private readonly qualities: ModelQualities,
    readonly scorer: BuildScorer,
    readonly benchmarkSnapshot: string,
  ) {
    const { length } = arrival;
    this.scores = new Float64Array(length);
    this.tokPerSec = new Float64Array(length);
    this.unfit = new Uint8Array(length);
    this.#best = new Uint32Array(length);
    for (let at = 0; at < length; at += 1) this.#score(at);
  }

  modelId(at: number): string {
    return this.#group(at).modelId;
  }

  /** Repository of the best build. */
  hfRepoId(at: number): string {
    return this.#bestBuild(at).hfRepoId;
  }

  /** Canonical quantisation of the best build. */
  quant(at: number): string {
    return normalizeQuantId(this.#bestBuild(at).quant).canonical;
  }

  best(at: number): ScoredBuild {
    return this.#scored(at, this.#bestBuild(at));
  }

  /** That of the best build. */
  quality(at: number): ModelQuality {
    return this.qualities.of(this.arrival[at] ?? 0, this.#bestBuild(at).quant);
  }

  /** The model's other builds, best first. */
  others(at: number): readonly ScoredBuild[] {
    const best = this.#bestBuild(at);
    return this.#group(at)
      .builds.filter((build) => build !== best)
      .map((build) => this.#scored(at, build))
      .sort(compareBuilds);
  }

  /** Why the model cannot do the task at all, for a person; null where it can. */
  unable(at: number): string | null {
    return this.scorer.settings.profile.unable(this.#bestBuild(at));
  }

  #score(at: number): void {
    const { builds } = this.#group(at);
    let best = this.#scored(at, builds[0]);
    for (let next = 1; next < builds.length; next += 1) {
      const build = builds[next];
      if (build === undefined) continue;
      const scored = this.#scored(at, build);
      if (compareBuilds(scored, best) >= 0) continue;
      best = scored;
      this.#best[at] = next;
    }
    const fits = best.fits && this.unable(at) === null;
    this.scores[at] = fits ? best.score : 0;
    this.tokPerSec[at] = best.tokPerSec;
    this.unfit[at] = fits ? 0 : 1;
  }

  #scored(at: number, build: ModelGroup['builds'][number]): ScoredBuild {
    const place = this.arrival[at] ?? 0;
    const { qualities } = this;
    const { quant } = build;
    return this.scorer.score(build, qualities.score(place, quant), qualities.confidence(place, quant));
  }

  #bestBuild(at: number): ModelGroup['builds'][number] {
    const { builds } = this.#group(at);
    return builds[this.#best[at] ?? 0] ?? builds[0];
  }

  #group(at: number): ModelGroup {
    const group = this.groups[this.arrival[at] ?? 0];
    if (group === undefined) throw new Error(`A ranking has no model ${String(at)}.`);
    return group;
  }
}
