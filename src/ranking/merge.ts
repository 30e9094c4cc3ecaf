import { EVIDENCE_CONFIDENCE, EVIDENCE_GRADES, gradeEvidence } from './evidence';
import { Numbered } from './numbering';
import type { Confidence, Contribution, EvidenceGrade, MergedScore } from './rankTypes';
import { applyRecencyDecay } from './recency';
import { DEFAULT_SOURCE_WEIGHTS, sourceWeight } from './sources';

/** Weight of the prior in a score: half of one fresh, direct observation from a full-weight source. */
export const PRIOR_WEIGHT = 0.5;
/** `high` confidence needs a direct observation at least this fresh. */
export const HIGH_CONFIDENCE_RECENCY_FLOOR = 0.8;
/** Observations that weigh less than this together carry no more than low confidence. */
export const LOW_CONFIDENCE_WEIGHT_FLOOR = 0.3;

/** Results that say less about the task than this cannot make its score a sure one, however good they are. */
const STAND_IN_RELEVANCE = 0.3;

/** Standard error, in points, of a value whose scale link states none. */
export const UNSTATED_STANDARD_ERROR = 8;
/** Spread, in points, of models of one size class around their prior: 1.28 of it is the 80 % interval of a guess. */
const PRIOR_STANDARD_ERROR = 14;
/** Half-width of an 80 % interval in standard errors. */
const Z_80 = 1.28;

/** An observation ready to be merged. The first four fields, which the peers have too, are enough. */
export interface MergeObservation {
  readonly source: string;
  readonly benchmark: string;
  readonly value: number;
  readonly observedAt: string;
  /** Absent: the target itself. */
  readonly hfRepoId?: string | undefined;
  readonly quant?: string | undefined;
  /** Absent: graded from the ids. */
  readonly evidence?: EvidenceGrade | undefined;
  readonly scale?: Contribution['scale'] | undefined;
  readonly independent?: boolean | undefined;
  readonly url?: string | undefined;
  /** On the common scale, 0..100; absent: the value itself, cut to 0..100. */
  readonly normalisedValue?: number | undefined;
  /** Of `normalisedValue`, in points. */
  readonly standardError?: number | undefined;
  readonly relevance?: number | undefined;
  readonly share?: number | undefined;
}

export interface MergeInput {
  readonly observations: readonly MergeObservation[];
  readonly target: { readonly model: string; readonly quant?: string };
  readonly snapshotDate: string;
  readonly sourceWeights?: Readonly<Record<string, number>>;
  readonly lineagePosition?: number;
  /** What a model of this size scores at least, 0..100. Absent: nothing to be pulled towards, a plain weighted mean. */
  readonly prior?: number;
}

/** What observations say together, before a prior is known. */
export interface EvidenceSum {
  readonly totalWeight: number;
  /** Weighted mean, 0..100. */
  readonly mean: number;
  readonly confidence: Confidence;
  /** Of those that count; `interpolated` where none does. */
  readonly weakestGrade: EvidenceGrade;
  /** Whether any that counts is not its maker's own. */
  readonly independent: boolean;
  /** Sum over the sources of (weight x standard error) squared. */
  readonly squaredErrors: number;
}

/** Those with their weights. */
export interface WeighedObservations extends EvidenceSum {
  /** Heaviest first. */
  readonly contributions: readonly Contribution[];
}

/**
 * One score, 0..100, from observations: (sum w x + 0.5 prior) / (sum w + 0.5), with w = evidence x recency x source
 * (x relevance x share). The prior only ever pulls down: weak or old evidence must not lift a model above what it was
 * seen to do. No observations: score 0, confidence low. Values that are not finite are left out.
 */
export function mergeBenchmarks(input: MergeInput): MergedScore {
  const weighed = weighObservations(input);
  const { contributions } = weighed;
  if (contributions.length === 0) return { score: 0, confidence: 'low', contributions, interval: [0, 0] };
  return { ...scoreOf(weighed, input.prior), contributions };
}

/** The first half of `mergeBenchmarks`: everything but the prior. */
export function weighObservations(input: Omit<MergeInput, 'prior'>): WeighedObservations {
  const weights = input.sourceWeights ?? DEFAULT_SOURCE_WEIGHTS;
  const contributions = input.observations
    .filter((observation) => Number.isFinite(observation.value))
    .map((observation) => weigh(observation, input, weights))
    .sort(heaviestFirst);
  const sources = new Numbered();
  const adder = new EvidenceAdder();
  for (const part of contributions)
    adder.add({
      ...part,
      grade: EVIDENCE_GRADES.indexOf(part.grade),
      source: sources.of(part.source),
    });
  return { ...adder.take(), contributions };
}

/** The second half of `mergeBenchmarks`, for at least one observation. */
export function scoreOf(
  sum: EvidenceSum,
  prior: number | undefined,
): Pick<MergedScore, 'score' | 'confidence' | 'interval'> {
  const score = prior === undefined ? sum.mean : shrunk(sum.mean, sum.totalWeight, prior);
  const halfWidth = Z_80 * standardError(sum, prior === undefined ? 0 : PRIOR_WEIGHT);
  return {
    score,
    confidence: sum.confidence,
    interval: [clampScore(score - halfWidth), clampScore(score + halfWidth)],
  };
}

/** A mean pulled towards a prior that is not above it: (w mean + 0.5 prior) / (w + 0.5). */
export function shrunk(mean: number, totalWeight: number, prior: number): number {
  const floor = totalWeight > 0 ? Math.min(prior, mean) : prior;
  return clampScore((totalWeight * mean + PRIOR_WEIGHT * floor) / (totalWeight + PRIOR_WEIGHT));
}

function weigh(
  observation: MergeObservation,
  input: MergeInput,
  weights: Readonly<Record<string, number>>,
): Contribution {
  const grade = gradeFor(observation, input.target);
  const evidenceConfidence = EVIDENCE_CONFIDENCE[grade];
  const recencyWeight = applyRecencyDecay({
    observedAt: observation.observedAt,
    snapshotDate: input.snapshotDate,
    lineagePosition: input.lineagePosition,
  }).weight;
  const ofSource = sourceWeight(observation.source, weights);
  const relevance = unit(observation.relevance);
  const share = unit(observation.share);
  const contribution = {
    source: observation.source,
    benchmark: observation.benchmark,
    value: observation.value,
    scale: observation.scale ?? 'percent',
    normalisedValue: clampScore(observation.normalisedValue ?? observation.value),
    standardError: observation.standardError ?? UNSTATED_STANDARD_ERROR,
    grade,
    evidenceConfidence,
    observedAt: observation.observedAt,
    recencyWeight,
    sourceWeight: ofSource,
    relevance,
    share,
    combinedWeight: evidenceConfidence * recencyWeight * ofSource * relevance * share,
    independent: observation.independent ?? grade !== 'self-reported',
  };
  return observation.url === undefined ? contribution : { ...contribution, url: observation.url };
}

function gradeFor(observation: MergeObservation, target: MergeInput['target']): EvidenceGrade {
  if (observation.independent === false) return 'self-reported';
  if (observation.evidence !== undefined) return observation.evidence;
  return gradeEvidence({
    observationModel: observation.hfRepoId ?? target.model,
    observationQuant: observation.quant,
    targetModel: target.model,
    targetQuant: target.quant,
  }).grade;
}

/** A contribution as numbers. */
interface WeighedPart extends Pick<
  Contribution,
  | 'recencyWeight'
  | 'sourceWeight'
  | 'relevance'
  | 'share'
  | 'normalisedValue'
  | 'standardError'
  | 'independent'
> {
  /** Place in `EVIDENCE_GRADES`. */
  readonly grade: number;
  /** Any number of its own, from 0. */
  readonly source: number;
}

/** By place in `EVIDENCE_GRADES`. */
const GRADE_CONFIDENCE: readonly number[] = EVIDENCE_GRADES.map((grade) => EVIDENCE_CONFIDENCE[grade]);
const DIRECT = EVIDENCE_GRADES.indexOf('direct');
const INTERPOLATED = EVIDENCE_GRADES.indexOf('interpolated');

/**
 * Adds observations up, one model after the other. Made for rankings of many models: it takes bare numbers and keeps its
 * memory, so that nothing has to be made for an observation that nobody looks at.
 *
 * Confidence: `high` needs one fresh, direct observation of some weight. Below that weights add up: several sources that
 * agree about an older model say more than one fresh one. Left out and predicted from the rest, a source's figures of
 * models with one observation over the floor were missed by 4.8 points in the median, of those over it only together by
 * 5.9, of those under it by 8.5 (data of 2026-11).
 */
export class EvidenceAdder {
  #totalWeight = 0;
  #weightedSum = 0;
  #gradedWeight = 0;
  #isHigh = false;
  #weakest = -1;
  #independent = false;
  /** Weight x standard error by source: columns of one source err together, sources apart. */
  readonly #errors: number[] = [];
  readonly #sources: number[] = [];

  add(part: WeighedPart): void {
    const { grade, recencyWeight, relevance, share, source } = part;
    // How good the evidence is, whatever its part in this score.
    const own = (GRADE_CONFIDENCE[grade] ?? 0) * recencyWeight * part.sourceWeight;
    const weight = own * relevance * share;
    this.#totalWeight += weight;
    this.#weightedSum += weight * part.normalisedValue;
    const sofar = this.#errors[source];
    if (sofar === undefined || Number.isNaN(sofar)) {
      while (this.#errors.length <= source) this.#errors.push(Number.NaN);
      this.#errors[source] = weight * part.standardError;
      this.#sources.push(source);
    } else this.#errors[source] = sofar + weight * part.standardError;
    if (weight > 0) {
      if (grade > this.#weakest) this.#weakest = grade;
      if (part.independent) this.#independent = true;
    }
    if (relevance >= STAND_IN_RELEVANCE && grade < INTERPOLATED) {
      this.#gradedWeight += own * share;
      if (
        grade === DIRECT &&
        recencyWeight >= HIGH_CONFIDENCE_RECENCY_FLOOR &&
        own >= LOW_CONFIDENCE_WEIGHT_FLOOR
      )
        this.#isHigh = true;
    }
  }

  /** What was added up since the last time, and starts anew. */
  take(): EvidenceSum {
    let squaredErrors = 0;
    for (const source of this.#sources) {
      squaredErrors += (this.#errors[source] ?? 0) ** 2;
      this.#errors[source] = Number.NaN;
    }
    this.#sources.length = 0;
    const medium = this.#gradedWeight >= LOW_CONFIDENCE_WEIGHT_FLOOR;
    const sum: EvidenceSum = {
      totalWeight: this.#totalWeight,
      mean: this.#totalWeight > 0 ? clampScore(this.#weightedSum / this.#totalWeight) : 0,
      confidence: this.#isHigh ? 'high' : medium ? 'medium' : 'low',
      weakestGrade: EVIDENCE_GRADES[this.#weakest] ?? 'interpolated',
      independent: this.#independent,
      squaredErrors,
    };
    this.#totalWeight = this.#weightedSum = this.#gradedWeight = 0;
    this.#isHigh = this.#independent = false;
    this.#weakest = -1;
    return sum;
  }
}

/** Sources err apart from each other; the prior's part errs by the spread of its size class. */
function standardError({ totalWeight, squaredErrors }: EvidenceSum, priorWeight: number): number {
  const whole = totalWeight + priorWeight;
  if (whole <= 0) return PRIOR_STANDARD_ERROR;
  return Math.sqrt(squaredErrors + (priorWeight * PRIOR_STANDARD_ERROR) ** 2) / whole;
}

function heaviestFirst(a: Contribution, b: Contribution): number {
  if (a.combinedWeight !== b.combinedWeight) return b.combinedWeight - a.combinedWeight;
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  if (a.benchmark !== b.benchmark) return a.benchmark < b.benchmark ? -1 : 1;
  return a.value - b.value;
}

function unit(value: number | undefined): number {
  if (value === undefined) return 1;
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
}

/** Within 0..100; 0 for what is not finite. */
export function clampScore(value: number): number {
  return Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : 0;
}
