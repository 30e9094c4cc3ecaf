import type { ModelQuality } from './modelQuality';
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
import type { BuildEstimates, ScoredBuild } from './scoredBuild';
import type { ScoredModels } from './scoredModels';

/** Contexts for which the fit of every row is told, besides the model's own maximum. */
const REPORTED_CONTEXTS: readonly number[] = [4_096, 16_384, 32_768, 131_072];

/**
 * A model of a ranking by its best build, whose data are worked out when they are looked at, for of thousands of rows few
 * are. A copy by spreading has none of them: `wholeRow` and JSON do.
 */
export class RankedRow implements RankedModel {
  readonly #at: number;
  readonly #of: ScoredModels;
  #seen: Seen | undefined;

  /** `at`: place among the models of `of`. */
  constructor(at: number, of: ScoredModels) {
    this.#at = at;
    this.#of = of;
  }

  get modelId(): string {
    return this.#of.modelId(this.#at);
  }

  get score(): number {
    return this.#of.scores[this.#at] ?? 0;
  }

  get fitsHardware(): boolean {
    return this.#of.unfit[this.#at] === 0;
  }

  get hfRepoId(): string {
    return this.#of.hfRepoId(this.#at);
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
    return this.#of.quant(this.#at);
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
    return this.#quality.merged.score;
  }

  get evidence(): EvidenceGrade {
    return this.#quality.evidence;
  }

  get benchmarkScore(): MergedScore {
    return this.#quality.merged;
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
    return this.#of.tokPerSec[this.#at] ?? 0;
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
    const unable = this.#of.unable(this.#at) !== null;
    return (this.#look.otherBuilds ??= this.#of.others(this.#at).map((other) => otherBuild(other, unable)));
  }

  get fitByContext(): readonly FitAtContext[] {
    return (this.#look.fitByContext ??= fitByContext(this.#best.candidate, this.#of.scorer.settings));
  }

  get unfitReason(): string | undefined {
    if (this.fitsHardware) return undefined;
    const { settings } = this.#of.scorer;
    const { memory } = settings;
    if (fitsBy(this.fit, settings)) {
      const unable = this.#of.unable(this.#at);
      if (unable !== null) return unable;
    }
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

  get #look(): Seen {
    return (this.#seen ??= { best: this.#of.best(this.#at) });
  }

  get #best(): ScoredBuild {
    return this.#look.best;
  }

  get #quality(): ModelQuality {
    return this.#of.quality(this.#at);
  }

  #made(): BuildEstimates {
    const { candidate, fit } = this.#best;
    const { confidence } = this.#quality.merged;
    return (this.#look.estimates ??= this.#of.scorer.estimates(candidate, confidence, fit));
  }
}

/** What was worked out of a row so far. */
interface Seen {
  readonly best: ScoredBuild;
  estimates?: BuildEstimates;
  otherBuilds?: RankedModel['otherBuilds'];
  fitByContext?: readonly FitAtContext[];
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
