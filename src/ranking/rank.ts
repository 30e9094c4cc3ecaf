import { compareCodePoints } from '../shared/codePointOrder';
import { LOCAL_HOST } from '../shared/modelRef';
import { weakestEvidence } from './evidence';
import { fitKind, unfitSentence, usableTotalGib } from './fit';
import { MeasuredRates } from './measuredRates';
import { estimateVram } from './memory';
import { modelQualities } from './modelQuality';
import type { QualityOf } from './modelQuality';
import { quantisationQuality } from './quantisationQuality';
import { groupCandidates } from './rankGroups';
import type { ModelGroup } from './rankGroups';
import { buildRankIndex } from './rankIndex';
import type { RankIndex } from './rankIndex';
import { rankSettings } from './rankSettings';
import type { RankSettings } from './rankSettings';
import type {
  Confidence,
  FitAtContext,
  FitKind,
  MergedScore,
  RankCandidate,
  RankedModel,
  RankHardware,
  RankInput,
  RankResult,
  RankWarning,
  SpeedEstimate,
  VramEstimate,
} from './rankTypes';
import { estimateSpeed } from './speed';
import { usabilityFactor } from './usability';

/** What a score keeps by how sure its evidence is. */
export const BENCHMARK_CONFIDENCE_MULTIPLIER: Readonly<Record<Confidence, number>> = {
  high: 1,
  medium: 0.85,
  low: 0.6,
};
/** What a score keeps by how sure its speed is. */
export const SPEED_CONFIDENCE_MULTIPLIER: Readonly<Record<Confidence, number>> = {
  high: 1,
  medium: 0.9,
  low: 0.75,
};

/** Contexts for which the fit of every row is told, besides the model's own maximum. */
const REPORTED_CONTEXTS: readonly number[] = [4_096, 16_384, 32_768, 131_072];

/**
 * The quality of the plain four-bit quantisations. A coarser build is not recommended where one of these fits too,
 * however much faster it is: a smaller model at four bits is then the better choice.
 */
const MIN_RECOMMENDED_QUALITY = 0.95;

/** One build with all that its score is made of. */
interface ScoredBuild {
  readonly candidate: RankCandidate;
  readonly vram: VramEstimate;
  readonly fit: FitKind;
  readonly fits: boolean;
  readonly speed: SpeedEstimate;
  readonly merged: MergedScore;
  readonly factors: RankedModel['factors'];
  readonly score: number;
}

/**
 * Ranks models for one machine and task: one row per model, its best build first and the others under it, by score,
 * then speed, then id by code point. Models that do not fit or cannot do the task are left out, or with
 * `includeUnfit` at the bottom with score 0 and the reason. Pure: the same input gives the same output, whatever the
 * order of candidates and observations; nothing is thrown. `index` saves preparing the observations again.
 */
export function rankModels(input: RankInput, index?: RankIndex): RankResult {
  const settings = rankSettings(input);
  const prepared =
    index ?? buildRankIndex([...input.snapshot.observations, ...(input.liveObservations ?? [])]);
  const { groups, warnings: dropped } = groupCandidates(input.candidates);
  const warnings: RankWarning[] = [];
  if (prepared.observationCount === 0 && input.candidates.length > 0)
    warnings.push({
      code: 'snapshot_unavailable',
      message: 'No benchmark results are known, so models cannot be compared: all scores are 0.',
    });
  warnings.push(...dropped);

  const qualityOf = modelQualities(groups, prepared, settings);
  const measured = new MeasuredRates(input.measurements ?? [], input.hardware.host ?? LOCAL_HOST);
  const models: RankedModel[] = [];
  for (const group of groups) {
    const row = rankGroup(group, input, settings, qualityOf, measured);
    if (row !== null && (row.fitsHardware || settings.includeUnfit)) models.push(row);
  }
  models.sort(compareRanked);
  return { models: models.length > settings.limit ? models.slice(0, settings.limit) : models, warnings };
}

function rankGroup(
  group: ModelGroup,
  input: RankInput,
  settings: RankSettings,
  qualityOf: QualityOf,
  measured: MeasuredRates,
): RankedModel | null {
  const builds = group.builds.map((candidate) =>
    scoreBuild(candidate, qualityOf(group, candidate.quant), input.hardware, settings, measured),
  );
  builds.sort(compareBuilds);
  const [best, ...others] = builds;
  if (best === undefined) return null;
  const { candidate, merged } = best;
  const unable = settings.profile.unable(candidate);
  const fitsHardware = best.fits && unable === null;
  const score = fitsHardware ? best.score : 0;
  // Only worked out for the rows that are looked at.
  let reported: readonly FitAtContext[] | undefined;
  const row: RankedModel = {
    modelId: group.modelId,
    hfRepoId: candidate.hfRepoId,
    name: candidate.name ?? group.modelId.split('/').pop() ?? group.modelId,
    sizeB: candidate.sizeB,
    quant: best.vram.quant,
    toolCalling: candidate.toolCalling ?? null,
    score,
    quality: merged.score,
    factors: best.factors,
    evidence: weakestEvidence(merged.contributions.filter((c) => c.combinedWeight > 0).map((c) => c.grade)),
    benchmarkScore: merged,
    fit: best.fit,
    fitsHardware,
    contextTokens: best.vram.contextTokens,
    get fitByContext() {
      return (reported ??= fitByContext(candidate, settings));
    },
    estimatedVramGb: best.vram.totalGb,
    estimatedTokPerSec: best.speed.tokPerSec,
    speedConfidence: best.speed.confidence,
    vramEstimate: best.vram,
    speedEstimate: best.speed,
    benchmarkSnapshot: input.snapshot.generatedAt,
    otherBuilds: others.map((other) => otherBuild(other, unable !== null)),
  };
  return addKnown<RankedModel>(row, {
    ollamaName: candidate.ollamaName,
    buildRepo: candidate.buildRepo,
    activeB: candidate.activeB,
    fileBytes: known(candidate.fileBytes),
    digest: candidate.digest,
    architecture: candidate.architecture,
    licence: candidate.licence,
    released: candidate.released,
    contextMax: known(candidate.architecture?.contextMax),
    unfitReason: fitsHardware ? undefined : unfitReason(best, settings, unable),
  });
}

function otherBuild(build: ScoredBuild, unable: boolean): RankedModel['otherBuilds'][number] {
  const { candidate, vram, fit, speed } = build;
  return addKnown<RankedModel['otherBuilds'][number]>(
    {
      quant: vram.quant,
      score: unable ? 0 : build.score,
      fit,
      estimatedVramGb: vram.totalGb,
      estimatedTokPerSec: speed.tokPerSec,
    },
    {
      ollamaName: candidate.ollamaName,
      buildRepo: candidate.buildRepo,
      fileBytes: known(candidate.fileBytes),
    },
  );
}

function scoreBuild(
  candidate: RankCandidate,
  merged: MergedScore,
  hardware: RankHardware,
  settings: RankSettings,
  measured: MeasuredRates,
): ScoredBuild {
  const vram = vramAt(candidate, settings.contextTokens, settings);
  const fit = fitKind(vram.totalGb, settings.memory);
  const fits = fit !== 'none' && (fit !== 'offload' || settings.offloadFits);
  const speed = estimateSpeed({
    sizeB: candidate.sizeB,
    activeB: candidate.activeB,
    quant: candidate.quant,
    hardware,
    memory: settings.memory,
    vramEstimate: vram,
    backend: settings.backend,
    measured: measured.of(candidate),
  });
  const factors = {
    benchmarkConfidence: BENCHMARK_CONFIDENCE_MULTIPLIER[merged.confidence],
    speedConfidence: SPEED_CONFIDENCE_MULTIPLIER[speed.confidence],
    quantisation: settings.countQuantisation ? quantisationQuality(candidate.quant) : 1,
    usability: settings.countUsability
      ? usabilityFactor({
          tokPerSec: speed.tokPerSec,
          targetTokPerSec: settings.profile.targetTokPerSec,
          patience: settings.profile.patience,
          contextTokens: vram.contextTokens,
          wantedContextTokens: settings.contextTokens,
        })
      : 1,
  };
  return {
    candidate,
    vram,
    fit,
    fits,
    speed,
    merged,
    factors,
    score: fits
      ? merged.score *
        factors.benchmarkConfidence *
        factors.speedConfidence *
        factors.quantisation *
        factors.usability
      : 0,
  };
}

/** Memory at a context, or at the longest that the model was made for. */
function vramAt(candidate: RankCandidate, contextTokens: number, settings: RankSettings): VramEstimate {
  const longest = known(candidate.architecture?.contextMax);
  return estimateVram({
    sizeB: candidate.sizeB,
    activeB: candidate.activeB,
    quant: candidate.quant,
    architecture: candidate.architecture,
    fileBytes: candidate.fileBytes,
    contextTokens: longest === undefined ? contextTokens : Math.min(contextTokens, longest),
    kvCacheQuant: settings.kvCacheQuant,
  });
}

function fitByContext(candidate: RankCandidate, settings: RankSettings): FitAtContext[] {
  const longest = known(candidate.architecture?.contextMax);
  const contexts =
    longest === undefined
      ? REPORTED_CONTEXTS
      : [...REPORTED_CONTEXTS.filter((context) => context < longest), longest];
  return contexts.map((contextTokens) => {
    const { totalGb } = vramAt(candidate, contextTokens, settings);
    return { contextTokens, totalGb, fit: fitKind(totalGb, settings.memory) };
  });
}

function unfitReason(best: ScoredBuild, settings: RankSettings, unable: string | null): string {
  if (best.fits && unable !== null) return unable;
  const usable = settings.offloadFits ? usableTotalGib(settings.memory) : settings.memory.acceleratorGib;
  return unfitSentence(best.vram.totalGb, best.vram.contextTokens, usable || settings.memory.systemGib);
}

/** What fits first, four bits and more first, then by score and speed; of what does not fit what needs least. */
function compareBuilds(a: ScoredBuild, b: ScoredBuild): number {
  if (a.fits !== b.fits) return a.fits ? -1 : 1;
  const aCoarse = isCoarse(a);
  const bCoarse = isCoarse(b);
  if (a.fits && aCoarse !== bCoarse) return aCoarse ? 1 : -1;
  return (
    b.score - a.score ||
    (a.fits ? b.speed.tokPerSec - a.speed.tokPerSec : 0) ||
    a.vram.totalGb - b.vram.totalGb ||
    compareCodePoints(a.vram.quant, b.vram.quant) ||
    compareCodePoints(a.candidate.hfRepoId, b.candidate.hfRepoId)
  );
}

function isCoarse({ candidate }: ScoredBuild): boolean {
  return quantisationQuality(candidate.quant) < MIN_RECOMMENDED_QUALITY;
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

/** A count that can be one; anything else is as if nobody knew it. */
function known(count: number | undefined): number | undefined {
  return count !== undefined && count >= 1 && Number.isFinite(count) ? count : undefined;
}

/** Adds what is known: an absent fact is a missing key, not an undefined one. Cheaper than spreading by the thousand. */
function addKnown<T extends object>(target: T, facts: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const draft: { -readonly [K in keyof T]: T[K] } = target;
  for (const key in facts) {
    const fact = facts[key];
    if (fact !== undefined) draft[key] = fact;
  }
  return target;
}
