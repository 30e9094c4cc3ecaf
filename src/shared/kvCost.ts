import { atLayer, type ModelShape } from './modelShape';

/** How an architecture's cache is sized (docs and sources: data/PROVENANCE.md, Cache rules). */
type KvRule = 'full' | 'iswa' | 'mla' | 'hybrid' | 'recurrent';

/** What the cache costs. All byte figures are for F16 values and one sequence. */
export interface KvCost {
  readonly rule: KvRule;
  /** Bytes per token of the layers that cache the whole context. */
  readonly fullBytesPerTokenF16: number;
  /** Bytes per token of the layers that cache only `windowTokens`. */
  readonly windowBytesPerTokenF16?: number;
  readonly windowTokens?: number;
  /** Bytes of recurrent state per sequence, whatever the context (F32). */
  readonly stateBytes?: number;
}

const F16_BYTES = 2;
const F32_BYTES = 4;

/** Layers that slide among `period` ones: all but the last, as llama.cpp's `set_swa_pattern` has it. */
interface WindowRule {
  readonly period: number;
  /** Window where the file names none, tokens. */
  readonly windowTokens?: number;
  /** Number of layers that have a window at all; of other sizes none has. */
  readonly onlyWithLayers?: number;
}

/**
 * Windows that llama.cpp really uses, by architecture. Those that a file names for other architectures (Mistral 7B,
 * Qwen2.5, Phi-3) are not used. Sources: data/PROVENANCE.md, Cache rules; gemma2, gemma3, gemma3n, gemma4, gpt-oss,
 * cohere2, exaone4 and olmo2 agree with the load log of llama-server 0.7.0; afmoe, exaone-moe, onyx, smallthinker and
 * plamo3 from llama.cpp's models as quoted in public code of 2026. A list of layers in the file beats the period.
 */
const WINDOWS: Readonly<Record<string, WindowRule>> = {
  gemma2: { period: 2, windowTokens: 4_096 },
  gemma3: { period: 6 },
  gemma3n: { period: 5, windowTokens: 512 },
  gemma4: { period: 6 },
  'gpt-oss': { period: 2, windowTokens: 128 },
  cohere2: { period: 4, windowTokens: 4_096 },
  cohere2moe: { period: 4 },
  llama4: { period: 4, windowTokens: 8_192 },
  exaone4: { period: 4, onlyWithLayers: 64 },
  'exaone-moe': { period: 4 },
  olmo2: { period: 4 },
  afmoe: { period: 4 },
  plamo3: { period: 8 },
};

/** Architectures whose per-layer list of windows is part of the file. */
const LISTED_WINDOWS = new Set(['mimo2', 'step35', 'laguna', 'muse-glimmer', 'onyx']);

/** Every layer that is not attention is a gated delta net; one of this many is attention. */
const DELTA_NET = new Set(['qwen3next', 'qwen35', 'qwen35moe']);
const DELTA_NET_INTERVAL = 4;

/** A layer without KV heads is recurrent (or, with a feed-forward part of its own, nothing that needs a memory). */
const HEADLESS_IS_RECURRENT = new Set([
  ...['jamba', 'granitehybrid', 'nemotron_h', 'nemotron_h_moe', 'plamo2', 'lfm2', 'lfm2moe', 'kimi-linear'],
]);
const BOTH_IN_EVERY_LAYER = 'falcon-h1';
const ONLY_RECURRENT = new Set(['mamba', 'mamba2', 'falcon-mamba', 'arwkv7', 'rwkv6', 'rwkv6qwen2', 'rwkv7']);

/** llama.cpp gives the later layers of Gemma 3n no cache of their own. */
const GEMMA3N_OWN_CACHES = 20;

/** Latent attention whose ranks nobody named: all published models of these architectures have them (V2 to Kimi K2). */
const LATENT = new Set(['deepseek2', 'deepseek32', 'glm-dsa']);
const LATENT_KV_RANK = 512;
const LATENT_ROPE_DIMENSIONS = 64;
/** The same of the sparse attention's index; deepseek2 has none. */
const LATENT_INDEX_DIMENSIONS = 128;

/** What a cache of this architecture costs is not established (data/PROVENANCE.md), or it has none. */
const UNKNOWN_CACHE = new Set([
  ...['deepseek4', 'bert', 'modern-bert', 'neo-bert', 'nomic-bert', 'nomic-bert-moe', 'jina-bert-v2'],
  ...['jina-bert-v3', 't5', 't5encoder', 'clip', 'wavtokenizer-dec'],
]);

/**
 * What the cache of a model of this shape costs in llama.cpp, by the rules of data/PROVENANCE.md (Cache rules): bytes per
 * token at F16 of the layers that keep everything and of those that keep a window, and bytes of recurrent state (F32) per
 * sequence. Undefined where the shape does not say enough, or nobody has established the cost. An architecture that is
 * not named counts as one that keeps everything, but for the windows of a list of layers.
 */
export function kvCostOf(shape: ModelShape): KvCost | undefined {
  const { arch = '', layers, hidden = 0 } = shape;
  if (layers === undefined || !(layers > 0) || UNKNOWN_CACHE.has(arch)) return undefined;
  if (ONLY_RECURRENT.has(arch)) {
    const state = stateElements(shape);
    return state === undefined
      ? undefined
      : { rule: 'recurrent', fullBytesPerTokenF16: 0, stateBytes: layers * state * F32_BYTES };
  }
  // Which layers have attention is not known without a list.
  if (HEADLESS_IS_RECURRENT.has(arch) && typeof shape.kvHeads !== 'object') return undefined;
  const heads = atLayer(shape.heads, 0) ?? 0;
  const own = heads > 0 ? Math.floor(hidden / heads) : 0;
  const dimensions = (shape.headDimK ?? own) + (shape.headDimV ?? shape.headDimK ?? own);
  const windowDimensions =
    (shape.windowHeadDimK ?? shape.headDimK ?? own) +
    (shape.windowHeadDimV ?? shape.windowHeadDimK ?? shape.headDimV ?? shape.headDimK ?? own);
  const latent = latentElements(shape);
  if (latent === 0 && (dimensions === 0 || (shape.kvHeads ?? shape.heads) === undefined)) return undefined;

  const window = windowOf(shape);
  let full = 0;
  let windowed = 0;
  let stateful = 0;
  for (let layer = 0, last = layersWithCache(shape, layers); layer < last; layer++) {
    const recurrent = isRecurrent(shape, layer);
    if (recurrent || arch === BOTH_IN_EVERY_LAYER) stateful++;
    if (recurrent) continue;
    const kvHeads = atLayer(shape.kvHeads, layer) ?? atLayer(shape.heads, layer) ?? 0;
    if (latent > 0) full += kvHeads === 0 && typeof shape.kvHeads === 'object' ? 0 : latent;
    else if (window !== undefined && slides(window.pattern, layer)) windowed += kvHeads * windowDimensions;
    else full += kvHeads * dimensions;
  }
  const state = stateful > 0 ? stateElements(shape) : undefined;
  return {
    rule: stateful > 0 ? 'hybrid' : latent > 0 ? 'mla' : windowed > 0 ? 'iswa' : 'full',
    fullBytesPerTokenF16: full * F16_BYTES,
    ...(window &&
      windowed > 0 && { windowBytesPerTokenF16: windowed * F16_BYTES, windowTokens: window.tokens }),
    ...(state !== undefined && { stateBytes: stateful * state * F32_BYTES }),
  };
}

/**
 * Elements of one compressed vector a layer that multi-head latent attention caches; 0 for other attention, and for old
 * conversions that expand it.
 */
function latentElements({ arch = '', kvRank, ropeDimensions, indexerHeadDim }: ModelShape): number {
  const rank = kvRank ?? (LATENT.has(arch) ? LATENT_KV_RANK : 0);
  if (!(rank > 0)) return 0;
  const index = indexerHeadDim ?? (LATENT.has(arch) && arch !== 'deepseek2' ? LATENT_INDEX_DIMENSIONS : 0);
  return rank + (ropeDimensions ?? LATENT_ROPE_DIMENSIONS) + index;
}

function layersWithCache({ arch, sharedKvLayers, predictionLayers = 0 }: ModelShape, layers: number): number {
  const shared = sharedKvLayers ?? (arch === 'gemma3n' ? Math.max(0, layers - GEMMA3N_OWN_CACHES) : 0);
  return Math.max(0, layers - shared - predictionLayers);
}

function windowOf(
  shape: ModelShape,
): { readonly tokens: number; readonly pattern: number | readonly number[] } | undefined {
  const { arch = '', layers, slidingWindow, windowPattern } = shape;
  const rule = WINDOWS[arch];
  if (!rule && arch !== '' && !LISTED_WINDOWS.has(arch)) return undefined;
  if (rule?.onlyWithLayers !== undefined && rule.onlyWithLayers !== layers) return undefined;
  const tokens = slidingWindow ?? rule?.windowTokens ?? 0;
  const pattern = windowPattern ?? rule?.period;
  return tokens > 0 && pattern !== undefined ? { tokens, pattern } : undefined;
}

function slides(pattern: number | readonly number[], layer: number): boolean {
  if (typeof pattern !== 'number') return pattern[layer % pattern.length] === 1;
  return pattern === 0 || layer % pattern < pattern - 1;
}

function isRecurrent(shape: ModelShape, layer: number): boolean {
  const { arch = '' } = shape;
  if (DELTA_NET.has(arch)) {
    const interval = shape.fullAttentionInterval ?? DELTA_NET_INTERVAL;
    return interval > 0 && (layer + 1) % interval !== 0;
  }
  if (!HEADLESS_IS_RECURRENT.has(arch) || atLayer(shape.kvHeads, layer) !== 0) return false;
  // Nemotron H has layers that are only a feed-forward part.
  return !arch.startsWith('nemotron_h') || (atLayer(shape.feedForward, layer) ?? 0) === 0;
}

/** Elements of state that a recurrent layer keeps per sequence (llama-hparams.cpp, `n_embd_r` and `n_embd_s`). */
function stateElements(shape: ModelShape): number | undefined {
  const { hidden, wkvHeadSize, kdaHeadDim, shortConvolution } = shape;
  const { ssmConvKernel, ssmInner, ssmState, ssmGroups = 0 } = shape;
  if (wkvHeadSize !== undefined && hidden !== undefined)
    return hidden * ((shape.tokenShifts ?? 2) + wkvHeadSize);
  if (shortConvolution !== undefined && hidden !== undefined)
    return hidden * Math.max(0, shortConvolution - 1);
  if (ssmConvKernel === undefined) return undefined;
  if (kdaHeadDim !== undefined) {
    const inner = (atLayer(shape.heads, 0) ?? 0) * kdaHeadDim;
    return 3 * Math.max(0, ssmConvKernel - 1) * inner + kdaHeadDim * inner;
  }
  if (ssmInner === undefined || ssmState === undefined) return undefined;
  return Math.max(0, ssmConvKernel - 1) * (ssmInner + 2 * ssmGroups * ssmState) + ssmState * ssmInner;
}
