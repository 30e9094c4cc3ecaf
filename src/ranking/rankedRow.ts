import { fitKind, unfitSentence, usableTotalGib } from './fit';
import type { ModelGroup } from './rankGroups';
import type { RankSettings } from './rankSettings';
import type {
  Confidence,
  EvidenceGrade,
  FitAtContext,
  FitKind,
  MergedScore,
  RankCandidate,
  RankedModel,
  SpeedEstimate,
  VramEstimate,
} from './rankTypes';
import { plausibleCount, vramAt } from './scoredBuild';
import type { ScoredBuild } from './scoredBuild';

/** Contexts for which the fit of every row is told, besides the model's own maximum. */
const REPORTED_CONTEXTS: readonly number[] = [4_096, 16_384, 32_768, 131_072];

/**
 * A model of a ranking by its best build. Everything is data of its own but `fitByContext`, which is worked out when it
 * is looked at: for thousands of rows nobody does.
 */
export class RankedRow implements RankedModel {
  readonly modelId: string;
  readonly hfRepoId: string;
  readonly name: string;
  declare readonly ollamaName?: string;
  declare readonly buildRepo?: string;
  readonly sizeB: number;
  declare readonly activeB?: number;
  readonly quant: string;
  declare readonly fileBytes?: number;
  declare readonly digest?: string;
  declare readonly architecture?: NonNullable<RankCandidate['architecture']>;
  declare readonly licence?: string;
  declare readonly released?: string;
  declare readonly contextMax?: number;
  readonly toolCalling: boolean | null;
  readonly score: number;
  readonly quality: number;
  readonly factors: RankedModel['factors'];
  readonly evidence: EvidenceGrade;
  readonly benchmarkScore: MergedScore;
  readonly fit: FitKind;
  readonly fitsHardware: boolean;
  declare readonly unfitReason?: string;
  readonly contextTokens: number;
  readonly estimatedVramGb: number;
  readonly estimatedTokPerSec: number;
  readonly speedConfidence: Confidence;
  readonly vramEstimate: VramEstimate;
  readonly speedEstimate: SpeedEstimate;
  readonly benchmarkSnapshot: string;
  readonly otherBuilds: RankedModel['otherBuilds'];
  readonly #candidate: RankCandidate;
  readonly #settings: RankSettings;
  #fitByContext: readonly FitAtContext[] | undefined;

  /** `unable`: why the model cannot do the task at all, for a person; null where it can. */
  constructor(
    group: ModelGroup,
    best: ScoredBuild,
    others: readonly ScoredBuild[],
    unable: string | null,
    settings: RankSettings,
    benchmarkSnapshot: string,
  ) {
    const { candidate, quality, vram, speed } = best;
    const { architecture } = candidate;
    this.modelId = group.modelId;
    this.hfRepoId = candidate.hfRepoId;
    this.name = candidate.name ?? group.modelId.split('/').pop() ?? group.modelId;
    this.sizeB = candidate.sizeB;
    this.quant = vram.quant;
    this.toolCalling = candidate.toolCalling ?? null;
    this.fitsHardware = best.fits && unable === null;
    this.score = this.fitsHardware ? best.score : 0;
    this.quality = quality.merged.score;
    this.factors = best.factors;
    this.evidence = quality.evidence;
    this.benchmarkScore = quality.merged;
    this.fit = best.fit;
    this.contextTokens = vram.contextTokens;
    this.estimatedVramGb = vram.totalGb;
    this.estimatedTokPerSec = speed.tokPerSec;
    this.speedConfidence = speed.confidence;
    this.vramEstimate = vram;
    this.speedEstimate = speed;
    this.benchmarkSnapshot = benchmarkSnapshot;
    this.otherBuilds = others.map((other) => otherBuild(other, unable !== null));
    this.#candidate = candidate;
    this.#settings = settings;

    // What nobody knows is a missing key, not an undefined one.
    const fileBytes = plausibleCount(candidate.fileBytes);
    const contextMax = plausibleCount(architecture?.contextMax);
    if (candidate.ollamaName !== undefined) this.ollamaName = candidate.ollamaName;
    if (candidate.buildRepo !== undefined) this.buildRepo = candidate.buildRepo;
    if (candidate.activeB !== undefined) this.activeB = candidate.activeB;
    if (fileBytes !== undefined) this.fileBytes = fileBytes;
    if (candidate.digest !== undefined) this.digest = candidate.digest;
    if (architecture !== undefined) this.architecture = architecture;
    if (candidate.licence !== undefined) this.licence = candidate.licence;
    if (candidate.released !== undefined) this.released = candidate.released;
    if (contextMax !== undefined) this.contextMax = contextMax;
    if (!this.fitsHardware) this.unfitReason = unfitReason(best, unable, settings);
  }

  get fitByContext(): readonly FitAtContext[] {
    return (this.#fitByContext ??= fitByContext(this.#candidate, this.#settings));
  }

  /** JSON leaves out what is made on demand. */
  toJSON(): RankedModel {
    return Object.assign({ fitByContext: this.fitByContext }, this);
  }
}

function otherBuild(build: ScoredBuild, unable: boolean): RankedModel['otherBuilds'][number] {
  const { candidate, vram, fit, speed } = build;
  const { ollamaName, buildRepo } = candidate;
  const fileBytes = plausibleCount(candidate.fileBytes);
  const row: {
    -readonly [K in keyof RankedModel['otherBuilds'][number]]: RankedModel['otherBuilds'][number][K];
  } = {
    quant: vram.quant,
    score: unable ? 0 : build.score,
    fit,
    estimatedVramGb: vram.totalGb,
    estimatedTokPerSec: speed.tokPerSec,
    speedBasis: speed.basis,
  };
  if (ollamaName !== undefined) row.ollamaName = ollamaName;
  if (buildRepo !== undefined) row.buildRepo = buildRepo;
  if (fileBytes !== undefined) row.fileBytes = fileBytes;
  return row;
}

function fitByContext(candidate: RankCandidate, settings: RankSettings): FitAtContext[] {
  const longest = plausibleCount(candidate.architecture?.contextMax);
  const contexts =
    longest === undefined
      ? REPORTED_CONTEXTS
      : [...REPORTED_CONTEXTS.filter((context) => context < longest), longest];
  return contexts.map((contextTokens) => {
    const { totalGb } = vramAt(candidate, contextTokens, settings);
    return { contextTokens, totalGb, fit: fitKind(totalGb, settings.memory) };
  });
}

function unfitReason(best: ScoredBuild, unable: string | null, settings: RankSettings): string {
  if (best.fits && unable !== null) return unable;
  const usable = settings.offloadFits ? usableTotalGib(settings.memory) : settings.memory.acceleratorGib;
  return unfitSentence(best.vram.totalGb, best.vram.contextTokens, usable || settings.memory.systemGib);
}
