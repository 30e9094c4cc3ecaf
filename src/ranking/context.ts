import { fitKind, usableMemory } from './fit';
import { estimateVram } from './memory';
import type { VramEstimateInput } from './memory';
import type { FitKind, KvCacheQuant, RankHardware } from './rankTypes';

/** No model is asked for more: the longest context that any published model was made for is 10 million tokens. */
const LONGEST_CONTEXT_TOKENS = 10_485_760;

/**
 * The longest context, in tokens, with which a model stays where its weights fit: on the accelerators if it fits there
 * with one token of context, else in accelerator and system memory together. Exactly the inverse of `estimateVram`: with
 * one token more the model fits less well, or the model's own maximum (`architecture.contextMax`) is reached. 0 if it
 * does not fit at all. The platform is the machine's where the model does not name one.
 */
export function largestContextThatFits(
  model: Omit<VramEstimateInput, 'contextTokens' | 'kvCacheQuant'>,
  hardware: RankHardware,
  kvType: KvCacheQuant = 'fp16',
): number {
  const memory = usableMemory(hardware);
  // By name: a row of a ranking tells these only when it is asked.
  const { sizeB, activeB, quant, architecture, fileBytes, platform = hardware.platform, ...given } = model;
  const onIt = { ...given, sizeB, activeB, quant, architecture, fileBytes, platform, kvCacheQuant: kvType };
  const fitAt = (contextTokens: number): FitKind =>
    fitKind(estimateVram({ ...onIt, contextTokens }).totalGb, memory);
  const best = fitAt(1);
  if (best === 'none') return 0;
  const stated = model.architecture?.contextMax;
  let beyond = stated !== undefined && stated >= 1 ? Math.floor(stated) : LONGEST_CONTEXT_TOKENS;
  if (fitAt(beyond) === best) return beyond;
  // Memory grows with the context without steps down, so bisection finds the edge.
  let fits = 1;
  while (beyond - fits > 1) {
    const middle = Math.floor((fits + beyond) / 2);
    if (fitAt(middle) === best) fits = middle;
    else beyond = middle;
  }
  return fits;
}
