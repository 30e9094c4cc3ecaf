import { fitKind, usableMemory, usableTotalGib, type UsableMemory } from './fit';
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
  const { platform = hardware.platform } = model;
  // By name: a row of a ranking tells these only when it is asked.
  const { sizeB, activeB, quant, architecture, fileBytes } = model;
  const onIt = {
    ...model,
    ...{ sizeB, activeB, quant, architecture, fileBytes, platform, kvCacheQuant: kvType },
  };
  const best = fitKind(estimateVram({ ...onIt, contextTokens: 1 }).totalGb, memory);
  const stated = architecture?.contextMax;
  const longest = stated !== undefined && stated >= 1 ? Math.floor(stated) : LONGEST_CONTEXT_TOKENS;
  return best === 'none' ? 0 : largestContextWithin(onIt, memoryOf(best, memory), longest);
}

/** GiB of the memory that a model which fits so lies in. */
function memoryOf(fit: Exclude<FitKind, 'none'>, memory: UsableMemory): number {
  switch (fit) {
    case 'gpu':
      return memory.acceleratorGib;
    case 'offload':
      return usableTotalGib(memory);
    case 'cpu':
      return memory.systemGib;
  }
}

/**
 * The longest context up to `longest`, in tokens, with which a model needs no more than so many GiB by `estimateVram`; 0
 * where one token is too many.
 */
export function largestContextWithin(
  model: Omit<VramEstimateInput, 'contextTokens'>,
  gib: number,
  longest: number,
): number {
  const holds = (contextTokens: number): boolean => estimateVram({ ...model, contextTokens }).totalGb <= gib;
  if (!holds(1)) return 0;
  if (holds(longest)) return longest;
  // Memory grows with the context without steps down, so bisection finds the edge.
  let [fits, beyond] = [1, longest];
  while (beyond - fits > 1) {
    const middle = Math.floor((fits + beyond) / 2);
    if (holds(middle)) fits = middle;
    else beyond = middle;
  }
  return fits;
}
