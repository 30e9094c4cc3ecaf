import type { ModelArchitecture } from '../catalog/candidate';
import { BYTES_PER_GIB } from '../shared/units';
import type { ClassifiedDevice } from './deviceClass';
import { DECODE_PARAMETERS } from './decodeModelParameters';
import type { DecodeParameters } from './decodeModelParameters';
import { KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16, KV_QUANT_MULTIPLIER } from './memory';
import { QUANT_BITS_PER_WEIGHT } from './quantisation';
import type { VramEstimate } from './rankTypes';

/** What one token asks of the machine. */
export interface DecodeWork {
  /** GB (10^9 bytes) of weights that are read. */
  readonly weightsGB: number;
  /** GB of cache and recurrent state that are read, and written where it is state. */
  readonly cacheGB: number;
  readonly layers: number;
  /** Only a part of the weights is active. */
  readonly sparse: boolean;
  /** Weights in blocks with one scale each (Q4_0, Q4_1), which take the least computing to unpack. */
  readonly plainBlocks: boolean;
  /** Weights in blocks of blocks (K-quants and the like), which old cards unpack slowly. */
  readonly nestedBlocks: boolean;
}

/** Seconds of a token by what they are spent on; they add up. */
interface DecodeSeconds {
  readonly launch: number;
  readonly weights: number;
  readonly cache: number;
}

interface DecodeWorkInput {
  readonly sizeB: number;
  readonly activeB?: number | undefined;
  readonly vramEstimate: VramEstimate;
  readonly architecture?: ModelArchitecture | undefined;
}

const GB_PER_GIB = BYTES_PER_GIB / 1e9;

/** Above this share of active parameters a model counts as dense. Gemma 3n, which leaves half of its own aside, does not. */
const DENSE_SHARE = 0.95;

/**
 * Layers of a model of unknown shape: 12 and what grows with the parameters, through the medians of 430 chat models of
 * the catalogue (16 to 30 under 3 B, 32 at 8 B, 40 at 14 B, 64 at 32 B, 80 at 70 B; mixtures of experts 27 at 16 B total,
 * 48 at 31 B and 110 B, 61 at 415 B). A mixture lies where the geometric mean of its total and active size does.
 */
const FEWEST_LAYERS = 12;
const MORE_LAYERS_AT_8B = 20;
const LAYERS_EXPONENT = { dense: 0.6, sparse: 0.35 };

/**
 * Cache bytes per token at F16 of a model of unknown shape, from the same catalogue: 131,072 at 8 B for dense models,
 * about the power 0.42 of size around it; mixtures of experts are newer, keep far less, and hardly grow.
 */
const TYPICAL_CACHE = {
  dense: { bytes: 131_072, atB: 8, exponent: 0.42 },
  sparse: { bytes: 40_000, atB: 30, exponent: 0.3 },
};

/** Embedding width and vocabulary of a model of unknown shape: 4,096 at 8 B, growing with the cube root; 100,000. */
const TYPICAL_HIDDEN_AT_8B = 4_096;
const TYPICAL_VOCAB = 100_000;
/**
 * The table of embeddings is not read at each token, but for one row. Dense models under 3 B use it as their output matrix
 * too, which is read; from 8 B on, and in mixtures of experts, nearly all but Gemma and Cohere have two. Between them it
 * is taken in part. Of small mixtures it is at most this much.
 */
const EMBEDDINGS_SHARED_BELOW_B = 3;
const EMBEDDINGS_APART_FROM_B = 8;
const MOST_UNREAD = 0.3;
const SHARED_EMBEDDINGS = /^(?:gemma|cohere|command)/;

const PLAIN_BLOCKS: ReadonlySet<string> = new Set(['Q4_0', 'Q4_1']);
const NESTED_BLOCKS: ReadonlySet<string> = new Set(
  Object.keys(QUANT_BITS_PER_WEIGHT).filter((quant) => /^(?:UD-)?(?:I?Q\d_\w*[A-Z]|TQ)/.test(quant)),
);

/** GiB of weights that a token could read: all of a dense model, the active share of a mixture of experts. */
export function activeWeightsGib(vram: VramEstimate, sizeB: number, activeB: number | undefined): number {
  return vram.weightsGb * activeShare(sizeB, activeB);
}

/** What a token of this model reads and runs through, from what is known of its shape and else from its size. */
export function decodeWork(input: DecodeWorkInput): DecodeWork {
  const { sizeB, activeB, vramEstimate: vram, architecture } = input;
  const share = activeShare(sizeB, activeB);
  const sparse = share < DENSE_SHARE;
  const kind = sparse ? 'sparse' : 'dense';
  // Between total and active size, for what grows with both.
  const middleB = sizeB * Math.sqrt(share);
  const weightsGB = activeWeightsGib(vram, sizeB, activeB) * GB_PER_GIB;
  return {
    weightsGB: weightsGB * (1 - unreadShare(sizeB, sizeB * share, sparse, architecture)),
    cacheGB: cacheBytes(vram, sizeB, middleB, kind, architecture) / 1e9,
    layers:
      positive(architecture?.layers) ??
      FEWEST_LAYERS + MORE_LAYERS_AT_8B * (middleB / 8) ** LAYERS_EXPONENT[kind],
    sparse,
    plainBlocks: PLAIN_BLOCKS.has(vram.quant),
    nestedBlocks: NESTED_BLOCKS.has(vram.quant),
  };
}

/**
 * Seconds of one token that is decoded on an accelerator alone:
 * layers x launch + weights / (bandwidth x efficiency) + cache / (bandwidth x efficiency of the cache),
 * by the figures of the vendor, times factors of the device's class and of the quantisation (`DecodeParameters`).
 */
export function decodeSeconds(
  work: DecodeWork,
  { vendor, deviceClass }: ClassifiedDevice,
  bandwidthGBps: number,
  parameters: DecodeParameters = DECODE_PARAMETERS,
): DecodeSeconds {
  const ofVendor = parameters.vendors[vendor];
  const ofClass = deviceClass === undefined ? undefined : parameters.classes[deviceClass];
  const weightsGB = work.weightsGB + (work.sparse ? parameters.sparseExtraGB : 0);
  const efficiency =
    ofVendor.efficiency *
    (ofClass?.efficiency ?? 1) *
    (work.plainBlocks ? parameters.plainBlocks : 1) *
    (work.nestedBlocks && deviceClass === 'pascal' ? parameters.nestedBlocksOnPascal : 1);
  return {
    launch: work.layers * ofVendor.launchSeconds * (ofClass?.launch ?? 1),
    weights: weightsGB / (bandwidthGBps * efficiency),
    cache: work.cacheGB / (bandwidthGBps * ofVendor.cacheEfficiency),
  };
}

/** True where the cache's size is the peers' rule of thumb, which overstates today's models: a typical one is taken. */
export function hasTypicalCache(vram: VramEstimate, sizeB: number): boolean {
  const multiple = ruleOfThumbMultiple(vram, sizeB);
  return RULE_OF_THUMB_MULTIPLES.some((known) => Math.abs(multiple / known - 1) < 1e-6);
}

const RULE_OF_THUMB_MULTIPLES: readonly number[] = Object.values(KV_QUANT_MULTIPLIER);

function ruleOfThumbMultiple(vram: VramEstimate, sizeB: number): number {
  return vram.kvCacheBytesPerToken / (sizeB * KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16);
}

function cacheBytes(
  vram: VramEstimate,
  sizeB: number,
  middleB: number,
  kind: keyof typeof TYPICAL_CACHE,
  architecture: ModelArchitecture | undefined,
): number {
  // The state of recurrent layers is written as well as read.
  if (!hasTypicalCache(vram, sizeB))
    return vram.kvCacheGb * BYTES_PER_GIB + (positive(architecture?.kv?.stateBytes) ?? 0);
  const { bytes, atB, exponent } = TYPICAL_CACHE[kind];
  const scaleB = kind === 'sparse' ? sizeB : middleB;
  return vram.contextTokens * ruleOfThumbMultiple(vram, sizeB) * bytes * (scaleB / atB) ** exponent;
}

/** Part of the active weights that no token reads: the table of embeddings where the output has its own. */
function unreadShare(
  sizeB: number,
  usedB: number,
  sparse: boolean,
  architecture: ModelArchitecture | undefined,
): number {
  if (!(usedB > 0) || SHARED_EMBEDDINGS.test(architecture?.arch ?? '')) return 0;
  const hidden = positive(architecture?.hidden) ?? TYPICAL_HIDDEN_AT_8B * Math.cbrt(usedB / 8);
  const tableB = (hidden * (positive(architecture?.vocab) ?? TYPICAL_VOCAB)) / 1e9;
  const apart = (sizeB - EMBEDDINGS_SHARED_BELOW_B) / (EMBEDDINGS_APART_FROM_B - EMBEDDINGS_SHARED_BELOW_B);
  return Math.min(MOST_UNREAD, ((sparse ? 1 : Math.min(1, Math.max(0, apart))) * tableB) / usedB);
}

/** Share of the weights that one token uses; 1 where nobody says. */
function activeShare(sizeB: number, activeB: number | undefined): number {
  if (activeB === undefined || !(activeB > 0) || !(sizeB > 0)) return 1;
  return Math.min(1, activeB / sizeB);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && Number.isFinite(value) ? value : undefined;
}
