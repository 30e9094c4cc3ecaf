import type { Ranking } from '../engine/rankingService';
import type { Contribution, RankedModel } from '../ranking/rankTypes';
import type { DispatchQuery } from '../shared/dispatchQuery';
import type { HostMessage, RankingRow } from '../shared/reportMessages';
import { bytesToGib } from '../shared/units';
import type { TranscriptStore } from '../storage/transcriptStore';
import { machineMemoryLine, machineName, machineTitle } from './machineText';
import { sourceUrl } from './sourceUrl';
import type { UiContext } from './uiContext';

/** A ranking as the report page gets it. */
export function rankingsMessage(context: UiContext, ranking: Ranking): HostMessage {
  return {
    type: 'rankings',
    task: ranking.task,
    snapshotDate: ranking.snapshotDate,
    machine: {
      title: `${machineTitle(ranking.profile)} (${machineName(ranking.profile)})`,
      memoryLine: machineMemoryLine(ranking.profile),
      warnings: ranking.profile.warnings.map((warning) => warning.message),
      detectedAt: ranking.profile.detectedAt,
    },
    rows: ranking.models.map((model) => rowOf(context, model, ranking.hardwareKnown)),
    unfit: ranking.hardwareKnown ? ranking.models.filter((model) => !model.fitsHardware).length : 0,
    warnings: [...ranking.problems],
  };
}

function rowOf(context: UiContext, model: RankedModel, hardwareKnown: boolean): RankingRow {
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
    released: model.released ?? null,
    contextMax: model.contextMax ?? null,
    installName: engine.installs.nameOf(model),
    installed: engine.installs.isInstalled(model),
    toolCalling: model.toolCalling,
    score: model.score,
    quality: model.quality,
    interval: scoreInterval(model),
    confidence: benchmarkScore.confidence,
    evidence: model.evidence,
    fit: hardwareKnown ? model.fit : 'unknown',
    unfitReason: model.unfitReason ?? null,
    contextTokens: model.contextTokens,
    fitByContext: [...model.fitByContext],
    memoryGib: model.estimatedVramGb,
    memoryBasis: model.vramEstimate.basis,
    tokPerSec: model.estimatedTokPerSec,
    tokPerSecRange: [speedEstimate.range[0], speedEstimate.range[1]],
    speedBasis: speedEstimate.basis,
    speedConfidence: model.speedConfidence,
    factors: model.factors,
    contributions: benchmarkScore.contributions.map(contributionOf),
    explanation: engine.explain(model),
  };
}

/** Where the score may lie: the interval of the quality behind it, brought down by the same factors. */
function scoreInterval({ score, quality, benchmarkScore }: RankedModel): [number, number] {
  const factor = quality > 0 ? score / quality : 0;
  const [low, high] = benchmarkScore.interval;
  return [low * factor, high * factor];
}

function contributionOf(part: Contribution): RankingRow['contributions'][number] {
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
