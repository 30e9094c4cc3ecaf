import type { ModelArchitecture } from '../catalog/candidate';
import { computeWidthOf, scoringWidthOf } from '../shared/computeWidth';
import type { CacheCells } from './kvCache';

const F16_BYTES = 2;
const F32_BYTES = 4;

/**
 * Floats per token and unit of embedding width where the feed-forward width is not known: the median of the models whose
 * width is known is 15.5; this is on the safe side of two thirds of them.
 */
const WIDTH_PER_HIDDEN = 17;
/** Embedding width that is assumed where nobody knows it; the compute buffer is then 0.27 GiB. */
const ASSUMED_HIDDEN = 8_192;
/** Of heads whose number is not known. */
const ASSUMED_HEAD = 128;
/** Rank of compressed keys where it is not told: that of every published DeepSeek and Kimi. */
const LATENT_RANK = 512;
/** Wider than any model; more is an error. */
const LARGEST_WIDTH = 1e9;

/** How the runtime makes its graph. */
interface GraphOptions {
  /** Requests served at once. */
  readonly slots: number;
  /** Physical batch, tokens. */
  readonly batchTokens: number;
  readonly flashAttention: boolean;
  readonly cachePerSlot: boolean;
  /** Room for the logits of every token of a batch, not only of the last one of each slot. */
  readonly allLogits: boolean;
}

/**
 * Bytes of llama.cpp's compute buffer and output buffer, as llama-server 0.7.0 (build 11669) allocates them: the widest
 * step of a layer for one batch, an attention mask over every cell (F16 with flash attention), and one row of logits per
 * slot. Without flash attention the scores of all heads over all cells are kept, the mask is F32, and the attention is
 * most often the widest step.
 */
export function computeBufferBytes(
  architecture: ModelArchitecture | undefined,
  cells: CacheCells,
  { slots, batchTokens, flashAttention, cachePerSlot, allLogits }: GraphOptions,
): number {
  const batch = Math.min(batchTokens, cells.full);
  const hidden = plausible(architecture?.hidden) ?? ASSUMED_HIDDEN;
  const vocab = plausible(architecture?.vocab) ?? 0;
  const layerWidth =
    plausible(architecture?.computeWidth) ??
    plausible(architecture && computeWidthOf(architecture)) ??
    WIDTH_PER_HIDDEN * hidden;
  const width = allLogits ? Math.max(layerWidth, vocab + 5 * hidden) : layerWidth;
  // One batch is of one slot where each has its own cache.
  const seen = cachePerSlot ? slots : 1;
  const mask = (cells.full + cells.window) / seen;
  const output = vocab * slots * F32_BYTES;
  if (flashAttention || architecture === undefined)
    return (width * F32_BYTES + mask * F16_BYTES) * batch + output;
  const latent =
    plausible(architecture.kvRank) ?? (architecture.kv?.rule === 'mla' ? LATENT_RANK : undefined);
  const scores = (plausible(architecture.heads) ?? hidden / ASSUMED_HEAD) * (cells.full / seen);
  const scoring = scoringWidthOf(architecture, hidden, latent) + scores;
  return (Math.max(width, scoring) + mask) * F32_BYTES * batch + output;
}

function plausible(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value <= LARGEST_WIDTH ? value : undefined;
}
