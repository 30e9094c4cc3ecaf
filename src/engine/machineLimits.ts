import { largestContextWithin } from '../ranking/context';
import { usableMemory, usableTotalGib } from '../ranking/fit';
import type { RankedModel, RankHardware } from '../ranking/rankTypes';

/** Where nobody knows how long a context a model was made for, no more than this is looked for. */
const LONGEST_LOOKED_FOR_TOKENS = 1_048_576;

/** A context that holds no question with its answer is none: a model that fits with so little does not fit. */
const SHORTEST_USEFUL_TOKENS = 1_024;

/** What one model may take of a machine, GiB. */
export interface UsableGib {
  /** On accelerators; 0 where there are none. */
  readonly acceleratorGib: number;
  /** In accelerator and system memory together. */
  readonly totalGib: number;
  readonly platform: RankHardware['platform'];
}

export function usableGib(hardware: RankHardware): UsableGib {
  const memory = usableMemory(hardware);
  return {
    acceleratorGib: memory.acceleratorGib,
    totalGib: usableTotalGib(memory),
    platform: hardware.platform,
  };
}

/** The longest contexts, in tokens, with which a model still fits; 0 where it does not fit with a useful one. */
export interface ContextLimits {
  /** With all of it on the accelerators. */
  readonly onAccelerators: number;
  /** With system memory too. */
  readonly atAll: number;
}

/**
 * How long a context a machine leaves to a model, up to the one that it was made for where that is known. Exact by the
 * same estimate that its fit is told by: with one token more it does not fit there.
 */
export function contextLimits(
  { sizeB, activeB, quant, architecture, fileBytes, contextMax = LONGEST_LOOKED_FOR_TOKENS }: RankedModel,
  { acceleratorGib, totalGib, platform }: UsableGib,
): ContextLimits {
  const model = { sizeB, activeB, quant, architecture, fileBytes, platform };
  const longest = Math.floor(contextMax);
  const within = (gib: number): number => {
    const tokens = largestContextWithin(model, gib, longest);
    return tokens < Math.min(SHORTEST_USEFUL_TOKENS, longest) ? 0 : tokens;
  };
  const onAccelerators = acceleratorGib > 0 ? within(acceleratorGib) : 0;
  return { onAccelerators, atAll: onAccelerators === longest ? longest : within(totalGib) };
}
