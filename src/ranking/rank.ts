import { compareCodePoints } from '../shared/codePointOrder';
import { modelQualities } from './modelQuality';
import type { QualityOf } from './modelQuality';
import { RankedRow } from './rankedRow';
import type { RowSources } from './rankedRow';
import type { ModelGroup } from './rankGroups';
import { buildRankIndex } from './rankIndex';
import type { RankIndex } from './rankIndex';
import { rankOrder } from './rankOrder';
import { rankSettings } from './rankSettings';
import type { RankedModel, RankInput, RankResult, RankWarning } from './rankTypes';
import { BuildScorer, compareBuilds } from './scoredBuild';
import type { ScoredBuild } from './scoredBuild';

/**
 * Ranks models for one machine and task: one row per model, its best build first and the others under it, by score,
 * then speed, then id by code point. Models that do not fit or cannot do the task are left out, or with
 * `includeUnfit` at the bottom with score 0 and the reason. The same input gives the same output, whatever the order of
 * candidates and observations; nothing is thrown. `index` saves preparing the observations again, and the candidates
 * where they are the same ones as the last time.
 */
export function rankModels(input: RankInput, index?: RankIndex): RankResult {
  const settings = rankSettings(input);
  const prepared =
    index ?? buildRankIndex([...input.snapshot.observations, ...(input.liveObservations ?? [])]);
  const { groups, arrival, warnings } = prepared.prepare(input.candidates);
  const qualityOf = modelQualities(groups, prepared, settings);
  const scorer = new BuildScorer(input, settings, groups);
  const sources: RowSources = { scorer, benchmarkSnapshot: input.snapshot.generatedAt };
  const rows: RankedRow[] = [];
  for (const place of arrival) {
    const group = groups[place];
    if (group === undefined) continue;
    const row = rankGroup(group, place, qualityOf, sources);
    if (row.fitsHardware || settings.includeUnfit) rows.push(row);
  }
  const models = sortRanked(rows);
  const { calibration } = scorer;
  return {
    models: models.length > settings.limit ? models.slice(0, settings.limit) : models,
    warnings:
      prepared.observationCount === 0 && input.candidates.length > 0 ? [NO_RESULTS, ...warnings] : warnings,
    ...(calibration === undefined ? {} : { calibration }),
  };
}

const NO_RESULTS: RankWarning = {
  code: 'snapshot_unavailable',
  message: 'No benchmark results are known, so models cannot be compared: all scores are 0.',
};

function rankGroup(group: ModelGroup, place: number, qualityOf: QualityOf, sources: RowSources): RankedRow {
  const { scorer } = sources;
  const { builds, modelId } = group;
  let best = scorer.score(builds[0], qualityOf(place, builds[0].quant));
  let others: readonly ScoredBuild[] = NO_BUILDS;
  if (builds.length > 1) {
    const more = builds.slice(1).map((build) => scorer.score(build, qualityOf(place, build.quant)));
    [best = best, ...others] = [best, ...more].sort(compareBuilds);
  }
  const unable = scorer.settings.profile.unable(best.candidate);
  return new RankedRow(modelId, best, others, unable, sources);
}

const NO_BUILDS: readonly ScoredBuild[] = [];

function sortRanked(rows: readonly RankedRow[]): readonly RankedModel[] {
  const scores = Float64Array.from(rows, ({ score }) => score);
  const order = rankOrder(scores, (a, b) => {
    const between = (scores[b] ?? 0) - (scores[a] ?? 0);
    const [one, other] = [rows[a], rows[b]];
    // Without a score what does not fit stands behind what does.
    if (between !== 0 || one === undefined || other === undefined) return between;
    return compareRanked(one, other);
  });
  const sorted: RankedRow[] = [];
  for (const place of order) {
    const row = rows[place];
    if (row !== undefined) sorted.push(row);
  }
  return sorted;
}

/** Of rows with equal scores. */
function compareRanked(a: RankedModel, b: RankedModel): number {
  if (a.fitsHardware !== b.fitsHardware) return a.fitsHardware ? -1 : 1;
  return (
    b.estimatedTokPerSec - a.estimatedTokPerSec ||
    compareCodePoints(a.hfRepoId, b.hfRepoId) ||
    compareCodePoints(a.quant, b.quant)
  );
}
