import type { KvCost } from './candidate';
import type { GgufShape, PerLayer } from './ggufShape';

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
 * Qwen2.5, Phi-3) are not used. Sources: data/PROVENANCE.md, Cache rules; afmoe, exaone-moe, onyx, smallthinker and
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
const LISTED_WINDOWS = /^(?:mimo2|step35|laguna|muse-glimmer|onyx)$/;

/** Every layer that is not attention is a gated delta net; one of this many is attention. */
const DELTA_NET = /^(?:qwen3next|qwen35|qwen35moe)$/;
const DELTA_NET_INTERVAL = 4;

/** A layer without KV heads is recurrent (or, with a feed-forward part of its own, nothing that needs a memory). */
const HEADLESS_IS_RECURRENT =
  /^(?:jamba|granitehybrid|nemotron_h|nemotron_h_moe|plamo2|lfm2|lfm2moe|kimi-linear)$/;
const BOTH_IN_EVERY_LAYER = /^falcon-h1$/;
const ONLY_RECURRENT = /^(?:mamba|mamba2|falcon-mamba|rwkv\w*|arwkv7)$/;

/** llama.cpp gives the later layers of Gemma 3n no cache of their own. */
const GEMMA3N_OWN_CACHES = 20;

/** What a cache of this architecture costs is not established: data/PROVENANCE.md. */
const UNKNOWN_CACHE = /^(?:deepseek4|bert|nomic-bert\w*|jina-bert\w*|t5|t5encoder|clip|wavtokenizer\w*)$/;

/**
 * What the cache of a model of this shape costs in llama.cpp, by the rules of data/PROVENANCE.md (Cache rules): bytes per
 * token at F16 of the layers that keep everything and of those that keep a window, and bytes of recurrent state (F32) per
 * sequence. Undefined where the shape does not say enough, or nobody has established the cost.
 */
export function kvCostOf(shape: GgufShape): KvCost | undefined {
  const { arch, layers, hidden = 0 } = shape;
  if (layers === undefined || UNKNOWN_CACHE.test(arch)) return undefined;
  if (ONLY_RECURRENT.test(arch)) {
    const state = stateElements(shape);
    return state === undefined
      ? undefined
      : { rule: 'recurrent', fullBytesPerTokenF16: 0, stateBytes: layers * state * F32_BYTES };
  }
  const heads = at(shape.heads, 0) ?? 0;
  const own = heads > 0 ? Math.floor(hidden / heads) : 0;
  const dimensions = (shape.headDimK ?? own) + (shape.headDimV ?? own);
  const windowDimensions =
    (shape.windowHeadDimK ?? shape.headDimK ?? own) + (shape.windowHeadDimV ?? shape.headDimV ?? own);
  const mla = mlaElements(shape);
  if (mla === undefined && (dimensions === 0 || (shape.kvHeads ?? shape.heads) === undefined))
    return undefined;

  const window = windowOf(shape);
  let full = 0;
  let windowed = 0;
  let stateful = 0;
  for (let layer = 0; layer < layersWithCache(shape, layers); layer++) {
    const recurrent = isRecurrent(shape, layer);
    if (recurrent || BOTH_IN_EVERY_LAYER.test(arch)) stateful++;
    if (recurrent) continue;
    const kvHeads = at(shape.kvHeads, layer) ?? at(shape.heads, layer) ?? 0;
    if (mla !== undefined) full += kvHeads > 0 ? mla : 0;
    else if (window?.slides(layer)) windowed += kvHeads * windowDimensions;
    else full += kvHeads * dimensions;
  }
  const state = stateful > 0 ? stateElements(shape) : undefined;
  return {
    rule: stateful > 0 ? 'hybrid' : mla !== undefined ? 'mla' : windowed > 0 ? 'iswa' : 'full',
    fullBytesPerTokenF16: full * F16_BYTES,
    ...(window &&
      windowed > 0 && { windowBytesPerTokenF16: windowed * F16_BYTES, windowTokens: window.tokens }),
    ...(state !== undefined && { stateBytes: stateful * state * F32_BYTES }),
  };
}

/** Multi-head latent attention caches one compressed vector a layer; old conversions without its head size expand it. */
function mlaElements({
  kvRank,
  mlaHeadDim,
  ropeDimensions = 0,
  indexerHeadDim = 0,
}: GgufShape): number | undefined {
  if (kvRank === undefined || kvRank === 0 || mlaHeadDim === undefined) return undefined;
  return kvRank + ropeDimensions + indexerHeadDim;
}

function layersWithCache({ arch, sharedKvLayers, predictionLayers = 0 }: GgufShape, layers: number): number {
  const shared = sharedKvLayers ?? (arch === 'gemma3n' ? Math.max(0, layers - GEMMA3N_OWN_CACHES) : 0);
  return Math.max(0, layers - shared - predictionLayers);
}

function windowOf(
  shape: GgufShape,
): { readonly tokens: number; readonly slides: (layer: number) => boolean } | undefined {
  const rule = WINDOWS[shape.arch];
  if (!rule && !LISTED_WINDOWS.test(shape.arch)) return undefined;
  if (rule?.onlyWithLayers !== undefined && rule.onlyWithLayers !== shape.layers) return undefined;
  const tokens = shape.slidingWindow ?? rule?.windowTokens ?? 0;
  if (tokens === 0) return undefined;
  const pattern = shape.windowPattern ?? rule?.period;
  if (pattern === undefined) return undefined;
  if (typeof pattern !== 'number')
    return { tokens, slides: (layer) => pattern[layer % pattern.length] === 1 };
  return { tokens, slides: (layer) => pattern === 0 || layer % pattern < pattern - 1 };
}

function isRecurrent(shape: GgufShape, layer: number): boolean {
  if (DELTA_NET.test(shape.arch)) {
    const interval = shape.fullAttentionInterval ?? DELTA_NET_INTERVAL;
    return interval > 0 && (layer + 1) % interval !== 0;
  }
  if (!HEADLESS_IS_RECURRENT.test(shape.arch) || at(shape.kvHeads, layer) !== 0) return false;
  // Nemotron H has layers that are only a feed-forward part.
  return !shape.arch.startsWith('nemotron_h') || (at(shape.feedForward, layer) ?? 0) === 0;
}

/** Elements of state that a recurrent layer keeps per sequence (llama-hparams.cpp, `n_embd_r` and `n_embd_s`). */
function stateElements(shape: GgufShape): number | undefined {
  const { hidden, wkvHeadSize, kdaHeadDim, shortConvolution } = shape;
  const { ssmConvKernel, ssmInner, ssmState, ssmGroups = 0 } = shape;
  if (wkvHeadSize !== undefined && hidden !== undefined)
    return hidden * ((shape.tokenShifts ?? 2) + wkvHeadSize);
  if (shortConvolution !== undefined && hidden !== undefined)
    return hidden * Math.max(0, shortConvolution - 1);
  if (ssmConvKernel === undefined) return undefined;
  if (kdaHeadDim !== undefined) {
    const inner = (at(shape.heads, 0) ?? 0) * kdaHeadDim;
    return 3 * Math.max(0, ssmConvKernel - 1) * inner + kdaHeadDim * inner;
  }
  if (ssmInner === undefined || ssmState === undefined) return undefined;
  return Math.max(0, ssmConvKernel - 1) * (ssmInner + 2 * ssmGroups * ssmState) + ssmState * ssmInner;
}

function at(value: PerLayer | undefined, layer: number): number | undefined {
  return typeof value === 'object' ? value[layer] : value;
}
