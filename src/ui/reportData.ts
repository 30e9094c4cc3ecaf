import { contextLimits, usableGib, type UsableGib } from '../engine/machineLimits';
import type { Ranking } from '../engine/rankingService';
import type { Contribution, RankedModel } from '../ranking/rankTypes';
import type { DispatchQuery } from '../shared/dispatchQuery';
import type { ImaginedMachine } from '../shared/imaginedMachine';
import { rankingKey, type HostMessage, type RankingDetail, type RankingRow } from '../shared/reportMessages';
import { bytesToGib } from '../shared/units';
import type { TranscriptStore } from '../storage/transcriptStore';
import { machineMemoryLine, machineName, machineTitle } from './machineText';
import { rowEvidence } from './rowEvidence';
import { sourceUrl } from './sourceUrl';
import type { UiContext } from './uiContext';

/** What goes with a ranking to the page. */
interface RankingAsked {
  /** The number that the page asks for its rows with. */
  readonly number: number;
  /** The machine, where it is not there. */
  readonly imagined: ImaginedMachine | null;
  /** Of the rows that are open. */
  readonly details: RankingDetail[];
}

/** A ranking as the report page gets it. */
export function rankingsMessage(
  context: UiContext,
  ranking: Ranking,
  { number, imagined, details }: RankingAsked,
): HostMessage {
  const usable = ranking.hardwareKnown ? usableGib(ranking.profile) : null;
  return {
    type: 'rankings',
    ranking: number,
    task: ranking.task,
    snapshotDate: ranking.snapshotDate,
    machine: {
      title:
        imagined === null
          ? `${machineTitle(ranking.profile)} (${machineName(ranking.profile)})`
          : machineTitle(ranking.profile),
      memoryLine: machineMemoryLine(ranking.profile),
      warnings: ranking.profile.warnings.map((warning) => warning.message),
      detectedAt: ranking.profile.detectedAt,
      usable,
    },
    rows: ranking.models.map((model) => {
      const row = rowOf(context, model, usable);
      // What is installed is installed on a machine that there is.
      return imagined === null ? row : { ...row, installed: false };
    }),
    details,
    imagined,
    leftOut: ranking.leftOut.map(({ text, count, examples }) => ({ text, count, examples: [...examples] })),
    unfit: usable === null ? 0 : ranking.models.filter((model) => model.fit === 'none').length,
    warnings: [...ranking.problems],
  };
}

/** `usable` is null for a machine that nobody described. */
function rowOf(context: UiContext, model: RankedModel, usable: UsableGib | null): RankingRow {
  const { engine } = context;
  const { benchmarkScore, speedEstimate } = model;
  return {
    modelId: model.modelId,
    name: model.name,
    quant: model.quant,
    sizeB: model.sizeB,
    activeB: model.activeB ?? null,
    fileGib: model.fileBytes === undefined ? null : bytesToGib(model.fileBytes),
    licence: model.licence ?? null,
    contextMax: model.contextMax ?? null,
    installName: engine.installs.nameOf(model),
    installed: engine.installs.isInstalled(model),
    toolCalling: model.toolCalling,
    score: model.score,
    interval: scoreInterval(model),
    confidence: benchmarkScore.confidence,
    evidence: rowEvidence(model),
    fit: usable === null ? 'unknown' : model.fit,
    contextTokens: model.contextTokens,
    longestContext: usable === null ? null : contextLimits(model, usable),
    memoryGib: model.estimatedVramGb,
    tokPerSec: model.estimatedTokPerSec,
    tokPerSecRange: [speedEstimate.range[0], speedEstimate.range[1]],
    speedBasis: speedEstimate.basis,
    speedConfidence: model.speedConfidence,
    calibration: speedEstimate.calibration ?? null,
    inferredFrom: [...(benchmarkScore.interpolatedFrom ?? [])],
    succeeds: benchmarkScore.succeeds ?? null,
    guessedFrom: benchmarkScore.guessed ?? null,
    unscored: benchmarkScore.unscoredObservations ?? 0,
  };
}

/** What stands under the row of a model. */
export function rankingDetail({ engine }: Pick<UiContext, 'engine'>, model: RankedModel): RankingDetail {
  return {
    key: rankingKey(model),
    explanation: engine.explain(model),
    unfitReason: model.unfitReason ?? null,
    released: model.released ?? null,
    quality: model.quality,
    factors: model.factors,
    memoryBasis: model.vramEstimate.basis,
    promptTokPerSec: model.speedEstimate.promptTokPerSec ?? null,
    fitByContext: [...model.fitByContext],
    contributions: model.benchmarkScore.contributions.map(contributionOf),
    otherBuilds: model.otherBuilds.map(buildOf),
  };
}

function buildOf(build: RankedModel['otherBuilds'][number]): RankingDetail['otherBuilds'][number] {
  return {
    ...{ quant: build.quant, score: build.score, fit: build.fit, memoryGib: build.estimatedVramGb },
    fileGib: build.fileBytes === undefined ? null : bytesToGib(build.fileBytes),
    tokPerSec: build.estimatedTokPerSec,
    speedBasis: build.speedBasis,
  };
}

/** Where the score may lie: the interval of the quality behind it, brought down by the same factors. */
function scoreInterval({ score, quality, benchmarkScore }: RankedModel): [number, number] {
  const factor = quality > 0 ? score / quality : 0;
  const [low, high] = benchmarkScore.interval;
  return [low * factor, high * factor];
}

function contributionOf(part: Contribution): RankingDetail['contributions'][number] {
  const { url: source, combinedWeight: weight, ...facts } = part;
  const url = sourceUrl(source);
  return { ...facts, weight, ...(url === undefined ? {} : { url }) };
}

/** A page of a list that the report page asked for. Rejects with a message for people. */
export async function dispatchesMessage(
  transcript: TranscriptStore,
  list: number,
  query: DispatchQuery,
): Promise<HostMessage> {
  const { notice, ...page } = await transcript.query(query);
  return {
    type: 'dispatches',
    list,
    ...page,
    records: [...page.records],
    problem: transcript.problem ?? null,
    notice: notice ?? null,
  };
}
