import * as l10n from '@vscode/l10n';
import { compareCodePoints } from '../shared/codePointOrder';
import { modelQualities } from './modelQuality';
import { RankedRow } from './rankedRow';
import { buildRankIndex } from './rankIndex';
import type { RankIndex } from './rankIndex';
import { rankOrder } from './rankOrder';
import { rankSettings } from './rankSettings';
import type { RankedModel, RankInput, RankResult, RankWarning } from './rankTypes';
import { BuildScorer } from './scoredBuild';
import { ScoredModels } from './scoredModels';

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
  const qualities = modelQualities(groups, prepared, settings);
  const scorer = new BuildScorer(input, settings, groups);
  const scored = new ScoredModels(groups, arrival, qualities, scorer, input.snapshot.generatedAt);
  const { calibration } = scorer;
  return {
    models: sortedRows(scored, (a, b) => names.between(arrival[a] ?? 0, arrival[b] ?? 0)),
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

/** `betweenNames`: how those of two models compare, or NaN for as their texts do. */
function sortedRows(
  scored: ScoredModels,
  betweenNames: (a: number, b: number) => number,
): readonly RankedModel[] {
  const { scores, tokPerSec, unfit } = scored;
  const { includeUnfit, limit } = scored.scorer.settings;
  const compare = (a: number, b: number): number =>
    (scores[b] ?? 0) - (scores[a] ?? 0) ||
    // Without a score what does not fit stands behind what does.
    (unfit[a] ?? 0) - (unfit[b] ?? 0) ||
    (tokPerSec[b] ?? 0) - (tokPerSec[a] ?? 0) ||
    betweenNames(a, b) ||
    compareCodePoints(scored.hfRepoId(a), scored.hfRepoId(b)) ||
    compareCodePoints(scored.quant(a), scored.quant(b));
  const listed: number[] = [];
  for (let at = 0; at < unfit.length; at += 1) if (includeUnfit || unfit[at] === 0) listed.push(at);
  const listedScores = new Float64Array(listed.length);
  for (const [place, at] of listed.entries()) listedScores[place] = scores[at] ?? 0;
  const order = rankOrder(listedScores, (a, b) => compare(listed[a] ?? 0, listed[b] ?? 0));
  const rows: RankedModel[] = [];
  for (const place of order.subarray(0, limit)) rows.push(new RankedRow(listed[place] ?? 0, scored));
  return rows;
}
