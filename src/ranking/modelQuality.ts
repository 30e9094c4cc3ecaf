import { EVIDENCE_CONFIDENCE } from './evidence';
import { inferBySize } from './interpolate';
import type { SeriesPoint } from './interpolate';
import { lineagePositions } from './lineage';
import type { LineMember } from './lineage';
import { scoreOf, shrunk, weighObservations } from './merge';
import type { MergeObservation, WeighedObservations } from './merge';
import { priorBySize } from './prior';
import { normalizeQuantId } from './quantisation';
import type { ModelGroup } from './rankGroups';
import type { IndexedObservation, RankIndex } from './rankIndex';
import type { RankSettings } from './rankSettings';
import type { MergedScore } from './rankTypes';
import { evidenceForTask } from './taskEvidence';
import type { TaskEvidence } from './taskEvidence';

/** Half-width, in points, of the interval around a score that was only inferred from siblings. */
const INTERPOLATED_HALF_WIDTH = 15;

const NOTHING: MergedScore = { score: 0, confidence: 'low', contributions: [], interval: [0, 0] };

/** The merged score of a model, for one of its quantisations. */
export type QualityOf = (group: ModelGroup, quant: string) => MergedScore;

interface Scored {
  readonly group: ModelGroup;
  readonly unscored: number;
  /** Under '' where the quantisation makes no difference. */
  readonly weighed: Map<string, WeighedObservations>;
}

/**
 * The quality, 0..100, of every model for the task: its own evidence merged and pulled towards the lower quartile of its
 * size class, or, without evidence of its own, inferred from the scored models of its series. 0 where neither is there.
 */
export function modelQualities(
  groups: readonly ModelGroup[],
  index: RankIndex,
  settings: RankSettings,
): QualityOf {
  const positions = lineagePositions(groups.map((group) => memberOf(group, index)));
  const scored = new Map<string, Scored>();
  const unscoredOnly = new Map<string, number>();
  for (const group of groups) {
    const rows = index.byModel.get(group.modelKey) ?? [];
    const evidence = settings.commonScale
      ? evidenceForTask(rows, settings.profile)
      : { observations: asPublished(rows), unscored: 0 };
    const position = positions.get(group.modelKey) ?? group.statedLineagePosition;
    if (evidence.observations.length > 0)
      scored.set(group.modelKey, weigh(group, evidence, position, settings));
    else if (evidence.unscored > 0) unscoredOnly.set(group.modelKey, evidence.unscored);
  }

  const means = [...scored.values()].map(({ group, weighed }) => ({
    sizeB: group.sizeB,
    score: bestMean(weighed),
  }));
  const prior = settings.pullTowardsPrior ? priorBySize(means) : (): undefined => undefined;
  const merged = new Map<string, ReadonlyMap<string, MergedScore>>();
  for (const [modelKey, entry] of scored) {
    const { group, weighed, unscored } = entry;
    const scores = new Map<string, MergedScore>();
    for (const [quant, value] of weighed) {
      const score = scoreOf(value, prior(group.sizeB));
      scores.set(quant, unscored === 0 ? score : { ...score, unscoredObservations: unscored });
    }
    merged.set(modelKey, scores);
  }

  const siblings = siblingsBySeries([...scored.values()], merged);
  const inferred = new Map<string, MergedScore>();
  return (group, quant) => {
    const own = merged.get(group.modelKey);
    if (own !== undefined) return own.get(normalizeQuantId(quant).canonical) ?? own.get('') ?? NOTHING;
    let score = inferred.get(group.modelKey);
    if (score === undefined) {
      const unscored = unscoredOnly.get(group.modelKey) ?? 0;
      const fromSeries = inferFromSeries(group, siblings.get(group.series) ?? [], prior(group.sizeB));
      score = unscored === 0 ? fromSeries : { ...fromSeries, unscoredObservations: unscored };
      inferred.set(group.modelKey, score);
    }
    return score;
  };
}

function memberOf(group: ModelGroup, index: RankIndex): LineMember {
  const rows = index.byModel.get(group.modelKey) ?? [];
  return {
    modelKey: group.modelKey,
    line: group.lineage?.line,
    order: group.lineage?.order ?? 0,
    sizeB: group.sizeB,
    scored: rows.some(
      ({ observation, normalisedValue }) => observation.independent && normalisedValue !== undefined,
    ),
  };
}

/** The peers' way: every figure as it was published. */
function asPublished(rows: readonly IndexedObservation[]): MergeObservation[] {
  return rows.filter(({ observation }) => observation.weak !== true).map(({ observation }) => observation);
}

/** Weighs once, or once per quantisation where an observation is of one of them and so direct for that build alone. */
function weigh(
  group: ModelGroup,
  { observations, unscored }: TaskEvidence,
  lineagePosition: number,
  settings: RankSettings,
): Scored {
  const weighed = new Map<string, WeighedObservations>();
  const weighFor = (key: string, quant: string | undefined): void => {
    weighed.set(
      key,
      weighObservations({
        observations,
        target: { model: group.modelId, ...(quant === undefined ? {} : { quant }) },
        snapshotDate: settings.rankingDate,
        lineagePosition,
      }),
    );
  };
  if (observations.some((observation) => observation.quant !== undefined)) {
    for (const { quant } of group.builds) {
      const { canonical } = normalizeQuantId(quant);
      if (!weighed.has(canonical)) weighFor(canonical, canonical);
    }
  } else weighFor('', undefined);
  return { group, unscored, weighed };
}

function bestMean(weighed: ReadonlyMap<string, WeighedObservations>): number {
  let best = 0;
  for (const { mean } of weighed.values()) best = Math.max(best, mean);
  return best;
}

function siblingsBySeries(
  scored: readonly Scored[],
  merged: ReadonlyMap<string, ReadonlyMap<string, MergedScore>>,
): ReadonlyMap<string, readonly SeriesPoint[]> {
  const series = new Map<string, SeriesPoint[]>();
  for (const { group } of scored) {
    let score = 0;
    for (const value of merged.get(group.modelKey)?.values() ?? []) score = Math.max(score, value.score);
    const points = series.get(group.series);
    const point: SeriesPoint = { modelId: group.modelId, sizeB: group.sizeB, score };
    if (points === undefined) series.set(group.series, [point]);
    else points.push(point);
  }
  // Of models of one size the better one stands for it.
  for (const points of series.values()) points.sort((a, b) => a.sizeB - b.sizeB || a.score - b.score);
  return series;
}

/** The series' line at the model's size, counted as one fresh observation that is no better than interpolated. */
function inferFromSeries(
  group: ModelGroup,
  siblings: readonly SeriesPoint[],
  prior: number | undefined,
): MergedScore {
  const onLine = inferBySize(siblings, group.sizeB);
  if (onLine === undefined) return NOTHING;
  const score =
    prior === undefined ? onLine.score : shrunk(onLine.score, EVIDENCE_CONFIDENCE.interpolated, prior);
  return {
    score,
    confidence: 'low',
    contributions: [],
    interval: [Math.max(0, score - INTERPOLATED_HALF_WIDTH), Math.min(100, score + INTERPOLATED_HALF_WIDTH)],
    interpolatedFrom: onLine.from.map(({ modelId }) => modelId),
  };
}
