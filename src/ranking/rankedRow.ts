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

/** What all rows of a ranking have in common. */
export interface RowSources {
  readonly scorer: BuildScorer;
  /** ISO date of the snapshot behind the scores. */
  readonly benchmarkSnapshot: string;
}

/**
 * A model of a ranking by its best build. Only what orders a list is data of its own; the rest is read from the build or
 * worked out when it is looked at, for of thousands of rows few are. A copy by spreading has none of that: `wholeRow`
 * and JSON do.
 */
export class RankedRow implements RankedModel {
  readonly modelId: string;
  readonly fitsHardware: boolean;
  readonly score: number;
  readonly #best: ScoredBuild;
  readonly #others: readonly ScoredBuild[];
  readonly #unable: string | null;
  readonly #of: RowSources;
  #estimates: BuildEstimates | undefined;
  #otherBuilds: RankedModel['otherBuilds'] | undefined;
  #fitByContext: readonly FitAtContext[] | undefined;

  /** `unable`: why the model cannot do the task at all, for a person; null where it can. */
  constructor(
    modelId: string,
    best: ScoredBuild,
    others: readonly ScoredBuild[],
    unable: string | null,
    of: RowSources,
  ) {
    this.modelId = modelId;
    this.fitsHardware = best.fits && unable === null;
    this.score = this.fitsHardware ? best.score : 0;
    this.#best = best;
    this.#others = others;
    this.#unable = unable;
    this.#of = of;
  }

  get hfRepoId(): string {
    return this.#best.candidate.hfRepoId;
  }

  get name(): string {
    return this.#best.candidate.name ?? this.modelId.split('/').pop() ?? this.modelId;
  }

  get ollamaName(): string | undefined {
    return this.#best.candidate.ollamaName;
  }

  get buildRepo(): string | undefined {
    return this.#best.candidate.buildRepo;
  }

  get sizeB(): number {
    return this.#best.candidate.sizeB;
  }

  get activeB(): number | undefined {
    return this.#best.candidate.activeB;
  }

  get quant(): string {
    return this.#best.quant;
  }

  get fileBytes(): number | undefined {
    return plausibleCount(this.#best.candidate.fileBytes);
  }

  get digest(): string | undefined {
    return this.#best.candidate.digest;
  }

  get architecture(): RankCandidate['architecture'] {
    return this.#best.candidate.architecture;
  }

  get licence(): string | undefined {
    return this.#best.candidate.licence;
  }

  get released(): string | undefined {
    return this.#best.candidate.released;
  }

  get contextMax(): number | undefined {
    return plausibleCount(this.#best.candidate.architecture?.contextMax);
  }

  get toolCalling(): boolean | null {
    return this.#best.candidate.toolCalling ?? null;
  }

  get quality(): number {
    return this.#best.quality.merged.score;
  }

  get evidence(): EvidenceGrade {
    return this.#best.quality.evidence;
  }

  get benchmarkScore(): MergedScore {
    return this.#best.quality.merged;
  }

  get fit(): FitKind {
    return this.#best.fit;
  }

  get contextTokens(): number {
    return this.#best.contextTokens;
  }

  get estimatedVramGb(): number {
    return this.#best.totalGb;
  }

  get estimatedTokPerSec(): number {
    return this.#best.tokPerSec;
  }

  get speedConfidence(): Confidence {
    return this.#best.speedConfidence;
  }

  get benchmarkSnapshot(): string {
    return this.#of.benchmarkSnapshot;
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
    return (this.#fitByContext ??= fitByContext(this.#best.candidate, this.#of.scorer.settings));
  }

  get unfitReason(): string | undefined {
    if (this.fitsHardware) return undefined;
    const { settings } = this.#of.scorer;
    const { memory } = settings;
    if (fitsBy(this.fit, settings) && this.#unable !== null) return this.#unable;
    const usable = settings.offloadFits ? usableTotalGib(memory) : memory.acceleratorGib;
    return unfitSentence(this.estimatedVramGb, this.contextTokens, usable || memory.systemGib);
  }

  /** All of it, without keys for what nobody knows. */
  toJSON(): RankedModel {
    const { benchmarkScore, vramEstimate, speedEstimate, otherBuilds, fitByContext } = this;
    return {
      ...{ modelId: this.modelId, hfRepoId: this.hfRepoId, name: this.name },
      ...known({ ollamaName: this.ollamaName, buildRepo: this.buildRepo }),
      sizeB: this.sizeB,
      ...known({ activeB: this.activeB }),
      quant: this.quant,
      ...known({ fileBytes: this.fileBytes, digest: this.digest, architecture: this.architecture }),
      ...known({ licence: this.licence, released: this.released, contextMax: this.contextMax }),
      ...{ toolCalling: this.toolCalling, score: this.score, quality: this.quality, factors: this.factors },
      ...{ evidence: this.evidence, benchmarkScore, fit: this.fit, fitsHardware: this.fitsHardware },
      ...known({ unfitReason: this.unfitReason }),
      ...{ contextTokens: this.contextTokens, fitByContext, estimatedVramGb: this.estimatedVramGb },
      ...{ estimatedTokPerSec: this.estimatedTokPerSec, speedConfidence: this.speedConfidence },
      ...{ vramEstimate, speedEstimate, benchmarkSnapshot: this.benchmarkSnapshot, otherBuilds },
    };
  }

  #made(): BuildEstimates {
    const { candidate, quality, fit } = this.#best;
    return (this.#estimates ??= this.#of.scorer.estimates(candidate, quality.merged.confidence, fit));
  }
}

/** A row with all that it can tell as data of its own, for a copy with changes. */
export function wholeRow(model: RankedModel): RankedModel {
  return model instanceof RankedRow ? model.toJSON() : model;
}

function known<T extends object>(facts: T): Partial<T> {
  const entries = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
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
