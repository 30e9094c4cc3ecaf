import { inferScore, relativesOf } from './inferredQuality';
import type { Relative, ScoredRelatives } from './inferredQuality';
import { MergedOnDemand } from './mergedOnDemand';
import { PublishedWeigher } from './publishedWeigher';
import { priorsOf } from './prior';
import type { ScoredModel } from './prior';
import { normalizeQuantId } from './quantisation';
import type { ModelGroup } from './rankGroups';
import type { RankIndex } from './rankIndex';
import type { RankSettings } from './rankSettings';
import type { Confidence, EvidenceGrade, MergedScore } from './rankTypes';
import { TaskWeigher } from './taskWeigher';
import type { ModelEvidence, ModelWeigher } from './taskWeigher';

/** A model's merged score, and the weakest grade of what it rests on. */
export interface ModelQuality {
  readonly merged: MergedScore;
  readonly evidence: EvidenceGrade;
}

/** That of a model, and those of its builds for which it is another one, by canonical quantisation. */
interface ScoredModelQuality extends ModelQuality {
  readonly ofQuant: ReadonlyMap<string, ModelQuality> | undefined;
}

const NOTHING: ModelQuality = {
  merged: { score: 0, confidence: 'low', contributions: [], interval: [0, 0] },
  evidence: 'interpolated',
};

/**
 * The quality, 0..100, of every model for the task: its own evidence merged and pulled towards what models of its size
 * and date score at least (see `priorsOf`). Without evidence of its own it is inferred from the scored models of its
 * series, else from the generation before it in its line, else guessed from its size and date; all three with low
 * confidence and marked. 0 where too few models are scored even for a guess.
 */
export function modelQualities(
  groups: readonly ModelGroup[],
  index: RankIndex,
  settings: RankSettings,
): ModelQualities {
  const { profile, rankingDate, commonScale, pullTowardsPrior } = settings;
  const question = [profile.task, rankingDate, commonScale, pullTowardsPrior].join(' ');
  const answered = LAST.get(groups);
  if (answered?.question === question) return answered.qualities;
  const qualities = workOut(groups, index, settings);
  LAST.set(groups, { question, qualities });
  return qualities;
}

/**
 * What was last worked out for these very models, which their index keeps: no machine and no measurement changes it, so
 * that ranking them anew for those costs nothing here.
 */
const LAST = new WeakMap<
  readonly ModelGroup[],
  { readonly question: string; readonly qualities: ModelQualities }
>();

function workOut(groups: readonly ModelGroup[], index: RankIndex, settings: RankSettings): ModelQualities {
  const weigher: ModelWeigher = settings.commonScale
    ? new TaskWeigher(index, settings)
    : new PublishedWeigher(index, settings);
  const evidence = groups.map((group) => weigher.weigh(group));
  const priors = settings.pullTowardsPrior ? priorsOf(independentlyScored(groups, evidence)) : undefined;
  const scored = groups.map((group, place) =>
    scoreModel(group, evidence[place], priors?.prior(group.sizeB, group.releasedMs), weigher),
  );

  let relatives: ScoredRelatives | undefined;
  return new ModelQualities(scored, (place) => {
    const group = groups[place];
    if (group === undefined) return NOTHING;
    relatives ??= relativesOf(scoredRelatives(groups, scored));
    const merged = inferScore(group, relatives, priors) ?? NOTHING.merged;
    const unscored = evidence[place]?.unscored ?? 0;
    return {
      merged: unscored === 0 ? merged : { ...merged, unscoredObservations: unscored },
      evidence: 'interpolated',
    };
  });
}

const CONFIDENCES: readonly Confidence[] = ['high', 'medium', 'low'];

/** The quality of each of the models that were given, by its place among them, for each of its quantisations. */
export class ModelQualities {
  readonly #inferred: (ModelQuality | undefined)[];
  /** Scores as a ranking of all of them reads them; NaN where `of` has to say. */
  readonly #scores: Float64Array;
  /** Places in `CONFIDENCES`. */
  readonly #confidences: Uint8Array;

  /** `infer`: the quality of a model without evidence of its own. */
  constructor(
    private readonly scored: readonly (ScoredModelQuality | undefined)[],
    private readonly infer: (place: number) => ModelQuality,
  ) {
    this.#inferred = new Array<ModelQuality | undefined>(scored.length);
    this.#scores = new Float64Array(scored.length).fill(Number.NaN);
    this.#confidences = new Uint8Array(scored.length);
    for (const [place, own] of scored.entries())
      if (own !== undefined && own.ofQuant === undefined) this.#keep(place, own);
  }

  of(place: number, quant: string): ModelQuality {
    const own = this.scored[place];
    if (own !== undefined) return own.ofQuant?.get(normalizeQuantId(quant).canonical) ?? own;
    let inferred = this.#inferred[place];
    if (inferred === undefined) {
      inferred = this.#inferred[place] = this.infer(place);
      this.#keep(place, inferred);
    }
    return inferred;
  }

  /** 0..100. */
  score(place: number, quant: string): number {
    const score = this.#scores[place] ?? Number.NaN;
    return Number.isNaN(score) ? this.of(place, quant).merged.score : score;
  }

  confidence(place: number, quant: string): Confidence {
    const known = !Number.isNaN(this.#scores[place] ?? Number.NaN);
    const confidence = known ? CONFIDENCES[this.#confidences[place] ?? 0] : undefined;
    return confidence ?? this.of(place, quant).merged.confidence;
  }

  #keep(place: number, { merged }: ModelQuality): void {
    this.#scores[place] = merged.score;
    this.#confidences[place] = CONFIDENCES.indexOf(merged.confidence);
  }
}

/** Undefined for a model without evidence of its own. */
function scoreModel(
  group: ModelGroup,
  evidence: ModelEvidence | undefined,
  prior: number | undefined,
  weigher: ModelWeigher,
): ScoredModelQuality | undefined {
  if (evidence?.ofModel === undefined) return undefined;
  const { unscored, ofModel: sum } = evidence;
  const merged = new MergedOnDemand(sum, prior, unscored, weigher, group, undefined);
  let ofQuant: Map<string, ModelQuality> | undefined;
  for (const [quant, ofBuilds] of evidence.ofQuant ?? [])
    (ofQuant ??= new Map<string, ModelQuality>()).set(quant, {
      merged: new MergedOnDemand(ofBuilds, prior, unscored, weigher, group, quant),
      evidence: ofBuilds.weakestGrade,
    });
  return { merged, evidence: sum.weakestGrade, ofQuant };
}

/** The highest figure that any of a model's builds has. */
function bestOf<T>(
  { builds }: ModelGroup,
  ofModel: T,
  ofQuant: ReadonlyMap<string, T> | undefined,
  figureOf: (value: T) => number,
): number {
  if (ofQuant === undefined) return figureOf(ofModel);
  return builds.reduce(
    (best, { quant }) => Math.max(best, figureOf(ofQuant.get(normalizeQuantId(quant).canonical) ?? ofModel)),
    0,
  );
}

/** What independent results say of models: a maker's own figures are no measure for the models of others. */
function independentlyScored(
  groups: readonly ModelGroup[],
  evidence: readonly ModelEvidence[],
): ScoredModel[] {
  const models: ScoredModel[] = [];
  for (const [place, group] of groups.entries()) {
    const { ofModel, ofQuant } = evidence[place] ?? {};
    if (ofModel?.independent !== true) continue;
    const { sizeB, releasedMs } = group;
    models.push({ sizeB, releasedMs, score: bestOf(group, ofModel, ofQuant, ({ mean }) => mean) });
  }
  return models;
}

function* scoredRelatives(
  groups: readonly ModelGroup[],
  scored: readonly (ScoredModelQuality | undefined)[],
): Generator<readonly [Relative, number]> {
  for (const [place, group] of groups.entries()) {
    const quality = scored[place];
    if (quality === undefined) continue;
    const score = bestOf<ModelQuality>(group, quality, quality.ofQuant, ({ merged }) => merged.score);
    yield [group, score];
  }
}
