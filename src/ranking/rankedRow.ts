import { fitKind, unfitSentence, usableTotalGib } from './fit';
import { fitsBy } from './rankSettings';
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
import type { BuildEstimates, BuildScorer, ScoredBuild } from './scoredBuild';

/** Contexts for which the fit of every row is told, besides the model's own maximum. */
const REPORTED_CONTEXTS: readonly number[] = [4_096, 16_384, 32_768, 131_072];

/**
 * A model of a ranking by its best build. What a list shows and orders by is data of its own; what is behind it
 * (`vramEstimate`, `speedEstimate`, `factors`, `otherBuilds`, `fitByContext`, `unfitReason`) is worked out when it is
 * looked at, for of thousands of rows few are. A copy by spreading does not have that; JSON does.
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
  readonly evidence: EvidenceGrade;
  readonly benchmarkScore: MergedScore;
  readonly fit: FitKind;
  readonly fitsHardware: boolean;
  readonly contextTokens: number;
  readonly estimatedVramGb: number;
  readonly estimatedTokPerSec: number;
  readonly speedConfidence: Confidence;
  readonly benchmarkSnapshot: string;
  readonly #candidate: RankCandidate;
  readonly #others: readonly ScoredBuild[];
  readonly #unable: string | null;
  readonly #scorer: BuildScorer;
  #estimates: BuildEstimates | undefined;
  #otherBuilds: RankedModel['otherBuilds'] | undefined;
  #fitByContext: readonly FitAtContext[] | undefined;

  /** `unable`: why the model cannot do the task at all, for a person; null where it can. */
  constructor(
    modelId: string,
    best: ScoredBuild,
    others: readonly ScoredBuild[],
    unable: string | null,
    scorer: BuildScorer,
    benchmarkSnapshot: string,
  ) {
    const { candidate, quality } = best;
    const { architecture } = candidate;
    this.modelId = modelId;
    this.hfRepoId = candidate.hfRepoId;
    this.name = candidate.name ?? modelId.split('/').pop() ?? modelId;
    this.sizeB = candidate.sizeB;
    this.quant = best.quant;
    this.toolCalling = candidate.toolCalling ?? null;
    this.fitsHardware = best.fits && unable === null;
    this.score = this.fitsHardware ? best.score : 0;
    this.quality = quality.merged.score;
    this.evidence = quality.evidence;
    this.benchmarkScore = quality.merged;
    this.fit = best.fit;
    this.contextTokens = best.contextTokens;
    this.estimatedVramGb = best.totalGb;
    this.estimatedTokPerSec = best.tokPerSec;
    this.speedConfidence = best.speedConfidence;
    this.benchmarkSnapshot = benchmarkSnapshot;
    this.#candidate = candidate;
    this.#others = others;
    this.#unable = unable;
    this.#scorer = scorer;

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
  }

  get factors(): RankedModel['factors'] {
    return this.#made().factors;
  }

  get vramEstimate(): VramEstimate {
    return this.#made().vram;
  }

  get speedEstimate(): SpeedEstimate {
    return this.#made().speed;
  }

  get otherBuilds(): RankedModel['otherBuilds'] {
    return (this.#otherBuilds ??= this.#others.map((other) => otherBuild(other, this.#unable !== null)));
  }

  get fitByContext(): readonly FitAtContext[] {
    return (this.#fitByContext ??= fitByContext(this.#candidate, this.#scorer.settings));
  }

  get unfitReason(): string | undefined {
    if (this.fitsHardware) return undefined;
    const { settings } = this.#scorer;
    const { memory } = settings;
    if (fitsBy(this.fit, settings) && this.#unable !== null) return this.#unable;
    const usable = settings.offloadFits ? usableTotalGib(memory) : memory.acceleratorGib;
    return unfitSentence(this.estimatedVramGb, this.contextTokens, usable || memory.systemGib);
  }

  /** JSON leaves out what is made on demand. */
  toJSON(): RankedModel {
    const { factors, vramEstimate, speedEstimate, otherBuilds, fitByContext, unfitReason } = this;
    return Object.assign(
      { factors, vramEstimate, speedEstimate, otherBuilds, fitByContext },
      unfitReason === undefined ? {} : { unfitReason },
      this,
    );
  }

  #made(): BuildEstimates {
    return (this.#estimates ??= this.#scorer.estimates(
      this.#candidate,
      this.benchmarkScore.confidence,
      this.fit,
    ));
  }
}

function otherBuild(build: ScoredBuild, unable: boolean): RankedModel['otherBuilds'][number] {
  const { candidate, fit } = build;
  const { ollamaName, buildRepo } = candidate;
  const fileBytes = plausibleCount(candidate.fileBytes);
  const row: {
    -readonly [K in keyof RankedModel['otherBuilds'][number]]: RankedModel['otherBuilds'][number][K];
  } = {
    quant: build.quant,
    score: unable ? 0 : build.score,
    fit,
    estimatedVramGb: build.totalGb,
    estimatedTokPerSec: build.tokPerSec,
    speedBasis: build.speedBasis,
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
