import type { KvCost } from '../shared/kvCost';
import type { ModelShape } from '../shared/modelShape';

/** What a model is for. Only `chat` is ever recommended. */
type ModelRole = 'chat' | 'base' | 'other';

/** Facts of a model's shape, in llama.cpp's words, and what follows from them. Absent means unknown. */
export interface ModelArchitecture extends ModelShape {
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly feedForward?: number;
  /** Where it is absent, the ranking derives it from the shape, as far as that says enough. */
  readonly kv?: KvCost;
  /** Floats per token of the batch that llama.cpp's compute buffer holds at its widest step; derived like `kv`. */
  readonly computeWidth?: number;
}

/** `null` where nobody knows: unknown is not false. */
interface ModelCapabilities {
  readonly tools: boolean | null;
  readonly thinking: boolean | null;
  readonly vision: boolean | null;
}

/** One quantised file set of a model on Hugging Face, or one Ollama tag. */
export interface ModelBuild {
  /** Canonical quantisation name where known (`Q4_K_M`), else the source's text. */
  readonly quant: string;
  readonly sizeBytes: number;
  /** `exact`: the registry's own count; `rounded`: a published rounded figure. */
  readonly sizeBasis: 'exact' | 'rounded';
  /** `hf.co` repository of the GGUF, where it is on Hugging Face. */
  readonly repo?: string;
  readonly file?: string;
  /** Name in Ollama's library, `model:tag`, where there is one. */
  readonly ollamaName?: string;
  /** sha256 of the model layer or file, hex without prefix. */
  readonly digest?: string;
  /** First twelve hex digits of the Ollama manifest's digest, as `ollama list` shows them. */
  readonly ollamaManifest?: string;
}

/** A build that is known to exist, but not how big it is. */
export type UnsizedBuild = Omit<ModelBuild, 'sizeBytes' | 'sizeBasis'>;

/** A model that could be installed: the canonical model with its builds. */
export interface Candidate {
  /** Canonical Hugging Face id of the model itself, never of a mirror. */
  readonly hfRepoId: string;
  readonly name: string;
  /** Who made it: the organisation part of the id. */
  readonly org: string;
  readonly family: string;
  readonly series?: string;
  readonly generation?: string;
  readonly variant?: string;
  readonly role: ModelRole;
  /** `YYYY-MM` or `YYYY-MM-DD`. */
  readonly released?: string;
  readonly licence?: string;
  /** Total parameters, in billions. */
  readonly sizeB: number;
  /** Parameters active per token, in billions (mixture of experts). */
  readonly activeB?: number;
  readonly architecture?: ModelArchitecture;
  readonly capabilities: ModelCapabilities;
  readonly builds: readonly ModelBuild[];
  /** Builds without a known size, where `builds` is empty: enough to install, not to judge the fit exactly. */
  readonly unsizedBuilds?: readonly UnsizedBuild[];
  /** Other ids of the same weights: earlier names and copies. */
  readonly aliases?: readonly string[];
  /** Names in Ollama's library, quantisation left out: `qwen3:8b`, `qwen3:latest`. */
  readonly ollamaNames?: readonly string[];
  /** Position in its series, 0 = newest generation; used by recency. */
  readonly lineagePosition: number;
}

/** Tasks that a ranking can be made for. */
export type ObservationTask =
  | 'general'
  | 'coding'
  | 'reasoning'
  | 'math'
  | 'agentic'
  | 'tools'
  | 'instruction'
  | 'long-context'
  | 'vision';

/** One published benchmark figure of one model. */
export interface Observation {
  readonly hfRepoId: string;
  /** Id of the source, for example `livebench`. */
  readonly source: string;
  readonly benchmark: string;
  readonly task: ObservationTask;
  /** In the unit of `scale`. */
  readonly value: number;
  readonly scale: 'percent' | 'elo' | 'score';
  readonly lowerIsBetter?: boolean;
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`. */
  readonly observedAt: string;
  /** False for figures that the model's maker reported. */
  readonly independent: boolean;
  /** True for evidence that is shown but never scored. */
  readonly weak?: boolean;
  readonly thinking?: boolean;
  readonly url?: string;
}

/** The models and scores that ship with the extension. */
export interface FrozenSnapshot {
  readonly version: 1;
  /** ISO 8601 date of the data. */
  readonly generatedAt: string;
  readonly candidates: readonly Candidate[];
  readonly observations: readonly Observation[];
}

export interface SnapshotWarning {
  readonly code:
    'snapshot_read_failed' | 'snapshot_parse_failed' | 'snapshot_schema_invalid' | 'snapshot_items_dropped';
  readonly message: string;
}

export interface SnapshotLoadResult {
  readonly snapshot: FrozenSnapshot;
  readonly source: 'frozen' | 'fallback';
  readonly warnings: readonly SnapshotWarning[];
}
