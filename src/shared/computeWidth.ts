import { mostOfLayers, type ModelShape } from './modelShape';

/** llama.cpp's default physical batch, tokens: what does not grow with the batch is spread over as many. */
const BATCH_TOKENS = 512;

/** Attention beside the feed-forward part instead of before it: one more vector is alive. */
const PARALLEL_BLOCKS = new Set(['cohere2', 'cohere2moe', 'command-r']);
/** Feed-forward parts without a gate. */
const UNGATED = new Set(['nemotron', 'nemotron_h', 'nemotron_h_moe']);
/** The query's gate is made with it. */
const GATED_QUERIES = new Set(['qwen3next', 'qwen35', 'qwen35moe']);

/**
 * Floats per token of the batch that llama.cpp's compute buffer holds for a model of this shape: what is alive at the
 * widest step of a layer, with flash attention and without the attention mask. Undefined where the widths are not known.
 *
 * Found by loading some 130 generated models of 25 architectures in llama-server (0.7.0, build 11669, CPU) and reading
 * its load log; every figure agrees within 3 % for shapes that are wider in their feed-forward part than in their
 * attention, as all published dense models are, and within 8 % for the rest. Written with h = hidden, f = feed-forward,
 * q = all query heads, k = all key heads, u = experts used:
 * - dense: 5h + 3f (gate, up and their product), 5h + f without a gate;
 * - experts: 5h + 3uf, and uh more where the experts' outputs do not fit in the place that gate and up leave;
 * - attention: 5h + 2q (4h where q fits in h), or h + 2q + 4k;
 * - latent attention: per head twice the rank, four times the rotary part and once the rest;
 * - state space layers: projection, twice the convolution, the inner width, and the state of a sequence.
 */
export function computeWidthOf(shape: ModelShape): number | undefined {
  const { arch = '', hidden = 0, layers = 0, layerInput = 0 } = shape;
  const feedForward = mostOfLayers(shape.feedForward) ?? 0;
  const expert = expertWidth(shape, feedForward);
  if (!(hidden > 0) || (!(feedForward > 0) && expert === 0)) return undefined;
  const dense = (PARALLEL_BLOCKS.has(arch) ? 6 : 5) * hidden + (UNGATED.has(arch) ? 1 : 3) * feedForward;
  const widest = Math.max(dense, expert, attentionWidth(shape, hidden), stateSpaceWidth(shape, hidden));
  if (!(layerInput > 0)) return widest;
  // All layers' inputs are made before the first layer. Gemma 3n predicts four streams besides.
  const inputs = layers * layerInput;
  return arch === 'gemma3n'
    ? Math.max(widest + 4 * hidden + 2 * inputs, 5 * hidden + 4 * inputs)
    : Math.max(widest + inputs, 5 * hidden + 3 * inputs);
}

function expertWidth(shape: ModelShape, feedForward: number): number {
  const { arch = '', hidden = 0, experts = 0, expertsUsed = 0 } = shape;
  const inner = expertsUsed * (shape.expertFeedForward ?? feedForward);
  if (!(experts > 0) || !(inner > 0)) return 0;
  const outputs = expertsUsed * hidden;
  if (UNGATED.has(arch)) return 5 * hidden + inner + outputs;
  return 5 * hidden + 3 * inner + (2 * inner < outputs ? outputs : 0);
}

function attentionWidth(shape: ModelShape, hidden: number): number {
  const { arch = '', kvRank = 0 } = shape;
  if (kvRank > 0) return latentWidth(shape, hidden, kvRank);
  const { queries, keys } = headWidths(shape, hidden);
  if (GATED_QUERIES.has(arch)) return 5 * hidden + 4 * queries;
  return Math.max((queries > hidden ? 5 : 4) * hidden + 2 * queries, hidden + 2 * queries + 4 * keys);
}

function latentWidth(shape: ModelShape, hidden: number, rank: number): number {
  const { ropeDimensions = 64, headDimK = 192 } = shape;
  return 3 * hidden + (mostOfLayers(shape.heads) ?? 0) * (2 * rank + 3 * ropeDimensions + headDimK);
}

/**
 * As `computeWidthOf`, of an attention step without flash attention, which keeps queries, keys and values while it
 * scores; the scores themselves (heads x cells) and the mask come on top. `latentRank` where keys are compressed.
 */
export function scoringWidthOf(shape: ModelShape, hidden: number, latentRank: number | undefined): number {
  if (latentRank !== undefined) return latentWidth(shape, hidden, latentRank);
  const { queries, keys } = headWidths(shape, hidden);
  const kept = GATED_QUERIES.has(shape.arch ?? '') ? 3 : 2;
  return (queries > hidden ? 5 : 4) * hidden + kept * queries + 2 * keys;
}

function headWidths(shape: ModelShape, hidden: number): { readonly queries: number; readonly keys: number } {
  const heads = mostOfLayers(shape.heads) ?? 0;
  const head = shape.headDimK ?? (heads > 0 ? hidden / heads : 0);
  return { queries: heads * head, keys: (mostOfLayers(shape.kvHeads) ?? heads) * head };
}

function stateSpaceWidth(shape: ModelShape, hidden: number): number {
  const { arch = '', ssmInner = 0, ssmState = 0, ssmGroups = 0, ssmHeads = 0, ssmConvKernel = 0 } = shape;
  if (!(ssmInner > 0)) return 0;
  const convolution = ssmInner + 2 * ssmGroups * ssmState;
  const state = (ssmInner * ssmState + Math.max(0, ssmConvKernel - 1) * convolution) / BATCH_TOKENS;
  const alive = 5 * hidden + 2 * convolution + Math.ceil(state);
  // A gated delta net projects the convolved part and the gate apart.
  return GATED_QUERIES.has(arch) ? alive : alive + (convolution + ssmInner + ssmHeads) + ssmInner;
}
