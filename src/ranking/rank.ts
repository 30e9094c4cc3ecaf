import { compareCodePoints } from '../shared/codePointOrder';
import { modelQualities } from './modelQuality';
import type { QualityOf } from './modelQuality';
import { stableOrder } from './numbering';
import { RankedRow } from './rankedRow';
import type { ModelGroup } from './rankGroups';
import { buildRankIndex } from './rankIndex';
import type { RankIndex } from './rankIndex';
import { rankSettings } from './rankSettings';
import type { RankSettings } from './rankSettings';
import type { RankedModel, RankInput, RankResult, RankWarning } from './rankTypes';
import { BuildScorer, compareBuilds } from './scoredBuild';

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
  const { groups, warnings } = prepared.prepare(input.candidates);
  const qualityOf = modelQualities(groups, prepared, settings);
  const scorer = new BuildScorer(input, settings, groups);
  const rows: RankedRow[] = [];
  for (const [place, group] of groups.entries()) {
    const row = rankGroup(group, place, qualityOf, scorer, settings, input.snapshot.generatedAt);
    if (row !== undefined && (row.fitsHardware || settings.includeUnfit)) rows.push(row);
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

const MOST_SCORE = 100;

const NO_RESULTS: RankWarning = {
  code: 'snapshot_unavailable',
  message: 'No benchmark results are known, so models cannot be compared: all scores are 0.',
};

/** Undefined for a model without builds. */
function rankGroup(
  group: ModelGroup,
  place: number,
  qualityOf: QualityOf,
  scorer: BuildScorer,
  settings: RankSettings,
  benchmarkSnapshot: string,
): RankedRow | undefined {
  const builds = group.builds.map((candidate) => scorer.score(candidate, qualityOf(place, candidate.quant)));
  const [best, ...others] = builds.length > 1 ? builds.sort(compareBuilds) : builds;
  if (best === undefined) return undefined;
  const unable = settings.profile.unable(best.candidate);
  return new RankedRow(group, best, others, unable, settings, benchmarkSnapshot);
}

/**
 * Counting the rows into classes of score first leaves little to compare: neighbours in the end are then neighbours in
 * the beginning, which the engine's sort takes advantage of.
 */
function sortRanked(rows: readonly RankedRow[]): readonly RankedModel[] {
  const classes = rows.length;
  const classOf = new Uint32Array(rows.length);
  for (const [place, { score }] of rows.entries())
    classOf[place] = Math.floor((1 - score / MOST_SCORE) * (classes - 1));
  const sorted: RankedRow[] = [];
  for (const place of stableOrder(classOf, classes)) {
    const row = rows[place];
    if (row !== undefined) sorted.push(row);
  }
  return sorted.sort(compareRanked);
}

function compareRanked(a: RankedModel, b: RankedModel): number {
  if (a.fitsHardware !== b.fitsHardware) return a.fitsHardware ? -1 : 1;
  return (
    b.score - a.score ||
    b.estimatedTokPerSec - a.estimatedTokPerSec ||
    compareCodePoints(a.hfRepoId, b.hfRepoId) ||
    compareCodePoints(a.quant, b.quant)
  );
}
