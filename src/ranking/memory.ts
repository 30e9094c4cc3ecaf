import type { KvCost, ModelArchitecture } from '../catalog/candidate';
import { BYTES_PER_GIB } from '../shared/units';
import { normalizeQuantId } from './quantisation';
import type { KvCacheQuant, VramEstimate } from './rankTypes';

/** Context for which memory is estimated when the caller names none: the peers' default. */
export const DEFAULT_CONTEXT_TOKENS = 4096;
/** The peers' rule of thumb for a cache of unknown shape: bytes per token and billion parameters at F16. */
export const KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16 = 8_000;
/** GiB; the peers' allowance for compute buffers where the shape is unknown. */
export const ACTIVATIONS_GB = 1.5;
/** GiB; the peers' allowance for the runtime where the shape is unknown. */
export const FRAMEWORK_OVERHEAD_GB = 1.0;
/** The peers' cache factors by type, without the scales that quantised blocks carry. */
export const KV_QUANT_MULTIPLIER: Readonly<Record<KvCacheQuant, number>> = { fp16: 1, q8: 0.5, q4: 0.25 };

/**
 * Bytes per cached value over F16's two: q8_0 stores 34 bytes, q4_0 18 bytes for 32 values (llama.cpp's block
 * layouts; they fit its load log to the MiB).
 */
const KV_TYPE_FACTOR: Readonly<Record<KvCacheQuant, number>> = { fp16: 1, q8: 34 / 64, q4: 18 / 64 };

/** llama.cpp's default physical batch, tokens. */
const UBATCH_TOKENS = 512;
/** llama.cpp rounds the cells of a window cache up to this. */
const WINDOW_PADDING_TOKENS = 256;
/**
 * Floats of compute buffer per batch token and unit of embedding width. llama-server's load log (0.7.0) fits
 * 5 x hidden + 3 x feed-forward width to the MiB; feed-forward is 3 to 4 times hidden in today's models, 6 in small
 * Gemmas, and is not part of a candidate's facts: 17 is on the safe side for most.
 */
const COMPUTE_FLOATS_PER_HIDDEN = 17;
/** Embedding width that is assumed where nobody knows it; the compute buffer is then 0.27 GiB. */
const ASSUMED_HIDDEN = 8_192;
/** GiB that the runtime takes beside the buffers it logs: the CUDA context and kernels, 0.3 to 0.5 in peak reports. */
const RUNTIME_OVERHEAD_GB = 0.4;
/** A file under this share of its nominal size is one part of a split, or another model's: its size is not used. */
const PLAUSIBLE_FILE_SHARE = 0.3;

/** Bytes, tokens and parameters beyond this are errors; products of four such numbers are still finite. */
const LARGEST_PLAUSIBLE = 1e15;

export interface VramEstimateInput {
  /** Total parameters, billions. All experts stay in memory. */
  readonly sizeB: number;
  readonly activeB?: number | undefined;
  readonly quant: string;
  /** Tokens per slot. */
  readonly contextTokens?: number;
  readonly kvCacheQuant?: KvCacheQuant;
  readonly architecture?: ModelArchitecture | undefined;
  readonly fileBytes?: number | undefined;
  /** Requests served at once, each with the whole context. */
  readonly parallelSlots?: number;
  /** Files that are loaded beside the model: a multimodal projector, a draft model. */
  readonly companionBytes?: number;
}

/**
 * The memory that a model takes when loaded, in GiB, with its parts.
 *
 * `basis: 'gguf'` where the file's size and the cache's shape are known: weights are the file's bytes; the cache follows
 * `architecture.kv` (whole-context layers, sliding-window layers, MLA ranks, recurrent state); the compute buffer
 * follows the embedding width and the context; the runtime adds 0.4 GiB. Otherwise `basis: 'parameters'`: each part that
 * is not known comes from the peers' formula (bits x parameters; 8,000 B x context x billions; 1.5 + 1.0 GiB).
 * Numbers that are negative, not numbers or beyond 1e15 count as zero or as absent; the result is always finite.
 */
export function estimateVram(input: VramEstimateInput): VramEstimate {
  const sizeB = nonNegative(input.sizeB);
  const quant = normalizeQuantId(input.quant);
  const contextTokens = positive(input.contextTokens) ?? DEFAULT_CONTEXT_TOKENS;
  const kvType =
    input.kvCacheQuant !== undefined && input.kvCacheQuant in KV_TYPE_FACTOR ? input.kvCacheQuant : 'fp16';
  const slots = Math.max(1, Math.floor(positive(input.parallelSlots) ?? 1));

  const nominalBytes = (sizeB * 1e9 * quant.bitsPerWeight) / 8;
  const fileBytes = plausibleFileBytes(input.fileBytes, nominalBytes);
  const weightsGb = ((fileBytes ?? nominalBytes) + nonNegative(input.companionBytes)) / BYTES_PER_GIB;

  const kv = input.architecture?.kv;
  const kvBytes =
    kv === undefined
      ? contextTokens * slots * parameterKvBytesPerToken(sizeB, kvType)
      : architectureKvBytes(kv, contextTokens, slots, KV_TYPE_FACTOR[kvType]);
  const shapeKnown = kv !== undefined;
  const kvCacheGb = kvBytes / BYTES_PER_GIB;
  const activationsGb = shapeKnown
    ? computeBufferBytes(input.architecture, contextTokens * slots, slots) / BYTES_PER_GIB
    : ACTIVATIONS_GB;
  const overheadGb = shapeKnown ? RUNTIME_OVERHEAD_GB : FRAMEWORK_OVERHEAD_GB;

  return {
    weightsGb,
    kvCacheGb,
    activationsGb,
    overheadGb,
    totalGb: weightsGb + kvCacheGb + activationsGb + overheadGb,
    basis: fileBytes !== undefined && shapeKnown ? 'gguf' : 'parameters',
    kvCacheBytesPerToken: shapeKnown
      ? kvBytes / (contextTokens * slots)
      : parameterKvBytesPerToken(sizeB, kvType),
    quantBitsPerWeight: quant.bitsPerWeight,
    quant: quant.canonical,
    contextTokens,
    sizeB,
    ...(input.activeB === undefined ? {} : { activeB: input.activeB }),
    ...(quant.known ? {} : { quantWarning: 'quant_unknown' as const }),
  };
}

function parameterKvBytesPerToken(sizeB: number, kvType: KvCacheQuant): number {
  return sizeB * KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16 * KV_QUANT_MULTIPLIER[kvType];
}

/** Whole-context layers, window layers and state together. One unified window cache serves all slots. */
function architectureKvBytes(kv: KvCost, contextTokens: number, slots: number, typeFactor: number): number {
  const cells = contextTokens * slots;
  const full = nonNegative(kv.fullBytesPerTokenF16) * cells;
  const windowTokens = positive(kv.windowTokens);
  const windowCells =
    windowTokens === undefined ? cells : Math.min(cells, roundUp(windowTokens * slots + UBATCH_TOKENS));
  const window = nonNegative(kv.windowBytesPerTokenF16) * windowCells;
  return (full + window) * typeFactor + nonNegative(kv.stateBytes) * slots;
}

/** Base by embedding width, an F16 attention mask of batch x context, and one row of output logits per slot. */
function computeBufferBytes(
  architecture: ModelArchitecture | undefined,
  cells: number,
  slots: number,
): number {
  const hidden = positive(architecture?.hidden) ?? ASSUMED_HIDDEN;
  const base = UBATCH_TOKENS * COMPUTE_FLOATS_PER_HIDDEN * hidden * 4;
  const mask = cells * UBATCH_TOKENS * 2;
  return base + mask + nonNegative(architecture?.vocab) * slots * 4;
}

function plausibleFileBytes(fileBytes: number | undefined, nominalBytes: number): number | undefined {
  const bytes = positive(fileBytes);
  return bytes !== undefined && bytes >= nominalBytes * PLAUSIBLE_FILE_SHARE ? bytes : undefined;
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / WINDOW_PADDING_TOKENS) * WINDOW_PADDING_TOKENS;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value <= LARGEST_PLAUSIBLE ? value : undefined;
}

function nonNegative(value: number | undefined): number {
  return positive(value) ?? 0;
}
