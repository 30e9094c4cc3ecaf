import type { KvCost } from '../shared/kvCost';
import type { KvCacheQuant } from './rankTypes';

/** llama.cpp rounds the cells of every cache up to this. */
const PADDING_TOKENS = 256;

/**
 * Bytes per cached value over F16's two: q8_0 stores 34 bytes, q4_0 18 bytes for 32 values (llama.cpp's block
 * layouts; they fit its load log to the MiB).
 */
export const KV_TYPE_FACTOR: Readonly<Record<KvCacheQuant, number>> = { fp16: 1, q8: 34 / 64, q4: 18 / 64 };

/** Cells that a cache has: of the layers that keep everything, and of those that keep a window. */
export interface CacheCells {
  readonly full: number;
  /** 0 where no layer has a window. */
  readonly window: number;
}

/**
 * The cells for `slots` sequences of `contextTokens` each. In one unified cache (llama-server's default, and Ollama's) a
 * window layer keeps every sequence's window and one batch; in a cache per slot (`llama-server -np N`) each slot keeps its
 * own window and batch.
 */
export function cacheCells(
  kv: KvCost,
  contextTokens: number,
  slots: number,
  perSlot: boolean,
  batchTokens: number,
): CacheCells {
  const full = perSlot ? padded(contextTokens) * slots : padded(contextTokens * slots);
  const { windowTokens } = kv;
  if (windowTokens === undefined || !(windowTokens > 0)) return { full, window: 0 };
  const window = perSlot
    ? padded(windowTokens + batchTokens) * slots
    : padded(windowTokens * slots + batchTokens);
  return { full, window: Math.min(full, window) };
}

/** Bytes of the cache and of the recurrent state, which every slot has for itself. */
export function cacheBytes(kv: KvCost, cells: CacheCells, slots: number, kvType: KvCacheQuant): number {
  const windowBytes = nonNegative(kv.windowBytesPerTokenF16);
  const cached =
    nonNegative(kv.fullBytesPerTokenF16) * cells.full +
    // Without a window's length all of its layers keep everything.
    windowBytes * (cells.window > 0 ? cells.window : cells.full);
  return cached * KV_TYPE_FACTOR[kvType] + nonNegative(kv.stateBytes) * slots;
}

function padded(tokens: number): number {
  return Math.ceil(tokens / PADDING_TOKENS) * PADDING_TOKENS;
}

function nonNegative(bytes: number | undefined): number {
  return bytes !== undefined && bytes > 0 && bytes <= 1e15 ? bytes : 0;
}
