import type { ModelArchitecture } from '../catalog/candidate';
import type { HardwarePlatform } from '../hardware/profile';
import { kvCostOf } from '../shared/kvCost';
import { BYTES_PER_GIB } from '../shared/units';
import { computeBufferBytes } from './computeBuffer';
import { cacheBytes, cacheCells, KV_TYPE_FACTOR } from './kvCache';
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
 * GiB that a runtime takes beside the buffers it logs, by the platform it runs on: the CUDA context and kernels (0.3 to
 * 0.5 in peak reports), those of ROCm or Vulkan, Metal's, and the tokenizer and code of a process on a processor (resident
 * memory of llama-server 0.7.0 beyond its buffers: 0.03 to 0.05).
 */
const RUNTIME_OVERHEAD_GB: Readonly<Record<HardwarePlatform, number>> = {
  nvidia: 0.4,
  amd: 0.3,
  intel: 0.3,
  macos: 0.1,
  cpu: 0.05,
};
/** llama.cpp's default physical batch, tokens. */
const BATCH_TOKENS = 512;
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
  /** Every slot has a cache of its own, as after `llama-server -np N`; else all share one. */
  readonly cachePerSlot?: boolean;
  /** False where the runtime runs without it (old cards, `-fa off`): attention scores then need room. */
  readonly flashAttention?: boolean;
  /** Physical batch, tokens (`-ub`); 512 when left out. */
  readonly batchTokens?: number;
  /** Room for the logits of a whole batch, as llama-completion, llama-bench and older builds of llama-server take it. */
  readonly allLogits?: boolean;
  /** Files that are loaded beside the model: a multimodal projector, a draft model. */
  readonly companionBytes?: number;
  /** What it runs on, for what the runtime takes beside its buffers; without it only the buffers count. */
  readonly platform?: HardwarePlatform;
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

  const kv = input.architecture && (input.architecture.kv ?? kvCostOf(input.architecture));
  let kvBytes = contextTokens * slots * parameterKvBytesPerToken(sizeB, kvType);
  let activationsGb = ACTIVATIONS_GB;
  if (kv !== undefined) {
    const batchTokens = positive(input.batchTokens) ?? BATCH_TOKENS;
    const cachePerSlot = input.cachePerSlot === true;
    const cells = cacheCells(kv, contextTokens, slots, cachePerSlot, batchTokens);
    kvBytes = cacheBytes(kv, cells, slots, kvType);
    const flashAttention = input.flashAttention !== false;
    const graph = { slots, batchTokens, flashAttention, cachePerSlot, allLogits: input.allLogits === true };
    activationsGb = computeBufferBytes(input.architecture, cells, graph) / BYTES_PER_GIB;
  }
  const kvCacheGb = kvBytes / BYTES_PER_GIB;
  const overheadGb =
    kv === undefined ? FRAMEWORK_OVERHEAD_GB : input.platform ? RUNTIME_OVERHEAD_GB[input.platform] : 0;

  const estimate: Building = {
    weightsGb,
    kvCacheGb,
    activationsGb,
    overheadGb,
    totalGb: weightsGb + kvCacheGb + activationsGb + overheadGb,
    basis: fileBytes !== undefined && kv !== undefined ? 'gguf' : 'parameters',
    kvCacheBytesPerToken: kvBytes / (contextTokens * slots),
    quantBitsPerWeight: quant.bitsPerWeight,
    quant: quant.canonical,
    contextTokens,
    sizeB,
  };
  if (input.activeB !== undefined) estimate.activeB = input.activeB;
  if (!quant.known) estimate.quantWarning = 'quant_unknown';
  return estimate;
}

/** An estimate to which optional parts are still added: a ranking makes thousands, and copies cost more than the sum. */
type Building = { -readonly [Key in keyof VramEstimate]: VramEstimate[Key] };

function parameterKvBytesPerToken(sizeB: number, kvType: KvCacheQuant): number {
  return sizeB * KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16 * KV_QUANT_MULTIPLIER[kvType];
}

function plausibleFileBytes(fileBytes: number | undefined, nominalBytes: number): number | undefined {
  const bytes = positive(fileBytes);
  return bytes !== undefined && bytes >= nominalBytes * PLAUSIBLE_FILE_SHARE ? bytes : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value <= LARGEST_PLAUSIBLE ? value : undefined;
}

function nonNegative(value: number | undefined): number {
  return positive(value) ?? 0;
}
