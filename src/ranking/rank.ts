import * as l10n from '@vscode/l10n';
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
  const { groups, arrival, names, warnings } = prepared.prepare(input.candidates);
  const qualityOf = modelQualities(groups, prepared, settings);
  const scorer = new BuildScorer(input, settings, groups);
  const sources: RowSources = { scorer, benchmarkSnapshot: input.snapshot.generatedAt };
  const rows: RankedRow[] = [];
  const places: number[] = [];
  for (const place of arrival) {
    const group = groups[place];
    if (group === undefined) continue;
    const row = rankGroup(group, place, qualityOf, sources);
    if (!row.fitsHardware && !settings.includeUnfit) continue;
    rows.push(row);
    places.push(place);
  }
  const models = sortRanked(rows, (a, b) => names.between(places[a] ?? 0, places[b] ?? 0));
  const { calibration } = scorer;
  return {
    models: models.length > settings.limit ? models.slice(0, settings.limit) : models,
    warnings:
      prepared.observationCount === 0 && input.candidates.length > 0 ? [noResults(), ...warnings] : warnings,
    ...(calibration === undefined ? {} : { calibration }),
  };
}

function noResults(): RankWarning {
  return {
    code: 'snapshot_unavailable',
    message: l10n.t('No benchmark results are known, so models cannot be compared: all scores are 0.'),
  };
}

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

/** `betweenNames`: how those of two rows compare, or NaN for as their texts do. */
function sortRanked(
  rows: readonly RankedRow[],
  betweenNames: (a: number, b: number) => number,
): readonly RankedModel[] {
  // As numbers: where many rows share a score, comparing would mostly be waiting for their objects.
  const scores = new Float64Array(rows.length);
  const speeds = new Float64Array(rows.length);
  const unfit = new Uint8Array(rows.length);
  for (const [at, row] of rows.entries()) {
    scores[at] = row.score;
    speeds[at] = row.estimatedTokPerSec;
    unfit[at] = row.fitsHardware ? 0 : 1;
  }
  const order = rankOrder(
    scores,
    (a, b) =>
      (scores[b] ?? 0) - (scores[a] ?? 0) ||
      // Without a score what does not fit stands behind what does.
      (unfit[a] ?? 0) - (unfit[b] ?? 0) ||
      (speeds[b] ?? 0) - (speeds[a] ?? 0) ||
      betweenNames(a, b) ||
      compareTexts(rows[a], rows[b]),
  );
  const sorted: RankedRow[] = [];
  for (const place of order) {
    const row = rows[place];
    if (row !== undefined) sorted.push(row);
  }
  return sorted;
}

function compareTexts(a: RankedModel | undefined, b: RankedModel | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return compareCodePoints(a.hfRepoId, b.hfRepoId) || compareCodePoints(a.quant, b.quant);
}
