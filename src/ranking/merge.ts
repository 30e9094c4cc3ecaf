import { EVIDENCE_CONFIDENCE, gradeEvidence } from './evidence';
import type { Confidence, Contribution, EvidenceGrade, MergedScore } from './rankTypes';
import { applyRecencyDecay } from './recency';
import { DEFAULT_SOURCE_WEIGHTS, sourceWeight } from './sources';

/** Weight of the prior in a score: half of one fresh, direct observation from a full-weight source. */
export const PRIOR_WEIGHT = 0.5;
/** `high` confidence needs a direct observation at least this fresh. */
export const HIGH_CONFIDENCE_RECENCY_FLOOR = 0.8;
/** Observations under this combined weight carry no more than low confidence. */
export const LOW_CONFIDENCE_WEIGHT_FLOOR = 0.3;

/** Results that say less about the task than this cannot make its score a sure one, however good they are. */
const STAND_IN_RELEVANCE = 0.3;

/** Standard error, in points, of a value whose scale link states none. */
const UNSTATED_STANDARD_ERROR = 8;
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

/** Observations with their weights, before a prior is known. */
export interface WeighedObservations {
  /** Heaviest first. */
  readonly contributions: readonly Contribution[];
  readonly totalWeight: number;
  /** Weighted mean, 0..100. */
  readonly mean: number;
}

/**
 * One score, 0..100, from observations: (sum w x + 0.5 prior) / (sum w + 0.5), with w = evidence x recency x source
 * (x relevance x share). The prior only ever pulls down: weak or old evidence must not lift a model above what it was
 * seen to do. No observations: score 0, confidence low. Values that are not finite are left out.
 */
export function mergeBenchmarks(input: MergeInput): MergedScore {
  return scoreOf(weighObservations(input), input.prior);
}

/** The first half of `mergeBenchmarks`: everything but the prior. */
export function weighObservations(input: Omit<MergeInput, 'prior'>): WeighedObservations {
  const weights = input.sourceWeights ?? DEFAULT_SOURCE_WEIGHTS;
  const contributions = input.observations
    .filter((observation) => Number.isFinite(observation.value))
    .map((observation) => weigh(observation, input, weights))
    .sort(heaviestFirst);
  let totalWeight = 0;
  let weightedSum = 0;
  for (const { combinedWeight, normalisedValue } of contributions) {
    totalWeight += combinedWeight;
    weightedSum += combinedWeight * normalisedValue;
  }
  return { contributions, totalWeight, mean: totalWeight > 0 ? clampScore(weightedSum / totalWeight) : 0 };
}

/** The second half of `mergeBenchmarks`. */
export function scoreOf(weighed: WeighedObservations, prior: number | undefined): MergedScore {
  const { contributions, totalWeight, mean } = weighed;
  if (contributions.length === 0) return { score: 0, confidence: 'low', contributions, interval: [0, 0] };
  const score = prior === undefined ? mean : shrunk(mean, totalWeight, prior);
  const halfWidth = Z_80 * standardError(contributions, totalWeight, prior === undefined ? 0 : PRIOR_WEIGHT);
  return {
    score,
    confidence: confidenceOf(contributions),
    contributions,
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

/** Evidence x recency x source: how good the evidence is, whatever its part in this score. */
function ownWeight({ evidenceConfidence, recencyWeight, sourceWeight: ofSource }: Contribution): number {
  return evidenceConfidence * recencyWeight * ofSource;
}

function confidenceOf(contributions: readonly Contribution[]): Confidence {
  const heavy = contributions.filter(
    (c) => c.relevance >= STAND_IN_RELEVANCE && ownWeight(c) >= LOW_CONFIDENCE_WEIGHT_FLOOR,
  );
  if (heavy.some((c) => c.grade === 'direct' && c.recencyWeight >= HIGH_CONFIDENCE_RECENCY_FLOOR))
    return 'high';
  const graded = contributions.some((c) => c.grade !== 'interpolated' && c.grade !== 'self-reported');
  return graded && heavy.length > 0 ? 'medium' : 'low';
}

/** Columns of one source err together, sources apart; the prior's part errs by the spread of its size class. */
function standardError(
  contributions: readonly Contribution[],
  totalWeight: number,
  priorWeight: number,
): number {
  const whole = totalWeight + priorWeight;
  if (whole <= 0) return PRIOR_STANDARD_ERROR;
  const bySource = new Map<string, number>();
  for (const { source, combinedWeight, standardError: error } of contributions)
    bySource.set(source, (bySource.get(source) ?? 0) + (combinedWeight / whole) * error);
  let variance = ((priorWeight / whole) * PRIOR_STANDARD_ERROR) ** 2;
  for (const error of bySource.values()) variance += error ** 2;
  return Math.sqrt(variance);
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

function clampScore(value: number): number {
  return Number.isFinite(value) ? Math.min(100, Math.max(0, value)) : 0;
}
