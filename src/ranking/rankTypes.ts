import type { FrozenSnapshot, ModelArchitecture, Observation } from '../catalog/candidate';
import type { HardwareProfile } from '../hardware/profile';
import type { Measurement } from '../shared/modelRef';
import type { Task } from '../shared/settings';
import type { HostCalibration } from './calibration';
import type { MeasuredBuild } from './hostSpeeds';

export type EvidenceGrade = 'direct' | 'variant' | 'base' | 'interpolated' | 'self-reported';
export type Confidence = 'high' | 'medium' | 'low';
export type KvCacheQuant = 'fp16' | 'q8' | 'q4';
export type SpeedBackend = 'ollama' | 'llama-cpp' | 'mlx' | 'vllm' | 'cpu';

/** `gpu`: all on accelerators; `offload`: split with system memory; `cpu`: all in system memory; `none`: too big. */
export type FitKind = 'gpu' | 'offload' | 'cpu' | 'none';

/** What the ranking reads of a machine: the flat fields are enough, the detailed ones are used where they are there. */
export type RankHardware = Pick<HardwareProfile, 'platform' | 'vramGb' | 'ramGb' | 'bandwidthGbps'> &
  Partial<HardwareProfile>;

/** An observation, with what a live source may know besides. */
export interface RankObservation extends Observation {
  /** Quantisation that was measured; absent: not stated, which is never taken for the candidate's own. */
  readonly quant?: string;
  /** Grade given by the source itself; absent: graded from the ids. */
  readonly evidence?: EvidenceGrade;
}

/** One build of one model, as the ranking sees it. Peers' inputs are `hfRepoId`, `sizeB`, `activeB`, `quant`. */
export interface RankCandidate {
  readonly hfRepoId: string;
  /** Canonical model of which this is a build; defaults to `hfRepoId`. One row is made per model. */
  readonly modelId?: string;
  readonly name?: string;
  readonly ollamaName?: string;
  /** Total parameters, billions. */
  readonly sizeB: number;
  /** Active parameters per token, billions. */
  readonly activeB?: number;
  readonly quant: string;
  /** Exact or published size of the file, bytes. */
  readonly fileBytes?: number;
  readonly architecture?: ModelArchitecture;
  readonly digest?: string;
  readonly toolCalling?: boolean | null;
  readonly vision?: boolean | null;
  /** Absent: not stated. Only `chat` is recommended; other roles are dropped before ranking by the engine. */
  readonly family?: string;
  readonly series?: string;
  /** What it was tuned for, in the catalogue's words: `instruct`, `thinking`, `coder+instruct`, `math`. */
  readonly variant?: string;
  /**
   * The line of models that replace each other, and the place in it (catalogue's `seriesOf`). The ranking then counts
   * for itself which newer generations supersede this model; `lineagePosition` is used where this is absent.
   */
  readonly lineage?: { readonly line: string; readonly order: number };
  readonly lineagePosition?: number;
  readonly released?: string;
  readonly licence?: string;
  /** `hf.co` repository that holds this build, for install commands. */
  readonly buildRepo?: string;
}

export interface RankOptions {
  readonly task?: Task;
  readonly contextTokens?: number;
  readonly kvCacheQuant?: KvCacheQuant;
  readonly backend?: SpeedBackend;
  /** ISO date against which age is counted; the caller's wall clock in the product. */
  readonly rankingDate?: string;
  readonly limit?: number;
  readonly includeUnfit?: boolean;
  /** Reproduces the peers' score: see spec/ranking.md, Compatibility. */
  readonly compat?: boolean;
}

/** A measurement, with the catalogue's model where the caller has found it; else it belongs to the builds of its digest. */
export interface RankMeasurement extends Measurement {
  readonly modelId?: string;
}

export interface RankInput {
  readonly candidates: readonly RankCandidate[];
  readonly hardware: RankHardware;
  readonly snapshot: Pick<FrozenSnapshot, 'generatedAt'> & {
    readonly observations: readonly RankObservation[];
  };
  readonly liveObservations?: readonly RankObservation[];
  readonly measurements?: readonly RankMeasurement[];
  readonly options?: RankOptions;
}

export interface VramEstimate {
  /** GiB. */
  readonly weightsGb: number;
  readonly kvCacheGb: number;
  readonly activationsGb: number;
  readonly overheadGb: number;
  readonly totalGb: number;
  /** `gguf`: from file size and architecture; `parameters`: from the parameter count alone. */
  readonly basis: 'gguf' | 'parameters';
  readonly kvCacheBytesPerToken: number;
  readonly quantBitsPerWeight: number;
  /** Canonical name. */
  readonly quant: string;
  readonly contextTokens: number;
  readonly sizeB: number;
  readonly activeB?: number;
  readonly quantWarning?: 'quant_unknown';
}

export interface SpeedEstimate {
  readonly tokPerSec: number;
  /** 10th and 90th percentile. */
  readonly range: readonly [number, number];
  readonly promptTokPerSec?: number;
  readonly effectiveBandwidthGbps: number;
  /** Share of the bytes read from system memory, 0..1. */
  readonly partialOffloadFraction: number;
  readonly activeWeightsGb: number;
  readonly backend: SpeedBackend;
  readonly confidence: Confidence;
  readonly basis: 'measured' | 'estimated';
  /** What the estimate was multiplied by, because other models were measured on this machine. */
  readonly calibration?: { readonly factor: number; readonly measurements: number };
  /** The measurement behind a measured rate, which may be of another context than the estimate that it replaces. */
  readonly measured?: { readonly tokPerSec: number; readonly readTokens: number };
}

/** One observation's part in a score. */
export interface Contribution {
  readonly source: string;
  readonly benchmark: string;
  /** As published, in its own scale. */
  readonly value: number;
  readonly scale: Observation['scale'];
  /** On the common scale, 0..100. */
  readonly normalisedValue: number;
  /** Of `normalisedValue`, in points: how well the benchmark predicts the common scale. */
  readonly standardError: number;
  readonly grade: EvidenceGrade;
  readonly evidenceConfidence: number;
  readonly observedAt: string;
  readonly recencyWeight: number;
  readonly sourceWeight: number;
  /** How much its benchmarks say about the task, 0..1. */
  readonly relevance: number;
  /** Its part of its source's voice, 0..1: a source that publishes eight columns counts once. */
  readonly share: number;
  /** evidence x recency x source x relevance x share: its weight in the score. */
  readonly combinedWeight: number;
  readonly independent: boolean;
  readonly url?: string;
}

export interface MergedScore {
  /** 0..100. */
  readonly score: number;
  readonly confidence: Confidence;
  /** Heaviest first. */
  readonly contributions: readonly Contribution[];
  /** Where the true score lies with about 80 % certainty, 0..100. */
  readonly interval: readonly [number, number];
  /** Models of the series from which a score without own evidence was inferred. */
  readonly interpolatedFrom?: readonly string[];
  /** Without those: the older model of its line and size whose score it was given. */
  readonly succeeds?: string;
  /** Without any relative that is scored: guessed from what models like it score at least. */
  readonly guessed?: 'size' | 'size and date';
  /** Known results that could not be put on the common scale, or are too weak: shown, never scored. */
  readonly unscoredObservations?: number;
}

export interface FitAtContext {
  readonly contextTokens: number;
  readonly totalGb: number;
  readonly fit: FitKind;
}

/** Another build of the same model, under its row. */
interface RankedBuild {
  readonly quant: string;
  readonly ollamaName?: string;
  readonly buildRepo?: string;
  readonly fileBytes?: number;
  readonly score: number;
  readonly fit: FitKind;
  readonly estimatedVramGb: number;
  readonly estimatedTokPerSec: number;
  readonly speedBasis: SpeedEstimate['basis'];
}

export interface RankedModel {
  /** Canonical model. */
  readonly modelId: string;
  readonly hfRepoId: string;
  readonly name: string;
  readonly ollamaName?: string | undefined;
  readonly buildRepo?: string | undefined;
  readonly sizeB: number;
  readonly activeB?: number | undefined;
  readonly quant: string;
  readonly fileBytes?: number | undefined;
  readonly digest?: string | undefined;
  readonly architecture?: ModelArchitecture | undefined;
  readonly licence?: string | undefined;
  readonly released?: string | undefined;
  readonly contextMax?: number | undefined;
  readonly toolCalling: boolean | null;
  /** 0..100 after every factor; 0 where it does not fit. */
  readonly score: number;
  /** 0..100 before the factors. */
  readonly quality: number;
  readonly factors: {
    readonly benchmarkConfidence: number;
    readonly speedConfidence: number;
    readonly quantisation: number;
    readonly usability: number;
  };
  readonly evidence: EvidenceGrade;
  readonly benchmarkScore: MergedScore;
  readonly fit: FitKind;
  readonly fitsHardware: boolean;
  /** Why it does not fit, in one sentence, for unfit rows. */
  readonly unfitReason?: string | undefined;
  readonly contextTokens: number;
  /** At 4k, 16k, 32k, 128k and the model's maximum, those within its maximum. */
  readonly fitByContext: readonly FitAtContext[];
  readonly estimatedVramGb: number;
  readonly estimatedTokPerSec: number;
  readonly speedConfidence: Confidence;
  readonly vramEstimate: VramEstimate;
  readonly speedEstimate: SpeedEstimate;
  /** ISO date of the snapshot behind the score. */
  readonly benchmarkSnapshot: string;
  readonly otherBuilds: readonly RankedBuild[];
}

export interface RankWarning {
  readonly code: 'snapshot_unavailable' | 'candidate_invalid';
  readonly message: string;
  readonly hfRepoId?: string;
}

export interface RankResult {
  readonly models: readonly RankedModel[];
  readonly warnings: readonly RankWarning[];
  /** What the measurements of this machine say of its other estimates; absent where none of these models was measured. */
  readonly calibration?: HostCalibration<MeasuredBuild>;
}
