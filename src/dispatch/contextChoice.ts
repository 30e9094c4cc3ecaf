import { largestContextThatFits } from '../ranking/context';
import { fitKind, usableMemory } from '../ranking/fit';
import type { VramEstimateInput } from '../ranking/memory';
import { estimateVram } from '../ranking/memory';
import type { FitKind, RankHardware } from '../ranking/rankTypes';

/** Contexts are chosen in steps, so that small changes of what is free do not mean another number each time. */
export const CONTEXT_STEP_TOKENS = 4_096;

/** The model to be loaded; its `architecture.contextMax` is the longest that it takes. */
export type ModelToLoad = Omit<VramEstimateInput, 'contextTokens' | 'kvCacheQuant'>;

/** The memory that a loaded model takes, in bytes: in all, and of that on accelerators. */
export interface LoadedSize {
  readonly sizeBytes: number;
  readonly vramBytes: number;
}

/**
 * The largest context, in tokens, with which a model fits its machine beside what is loaded there: a multiple of 4,096,
 * or the model's own maximum. Where it cannot lie beside the others as well as it could alone, its server will put them
 * out, and it gets what fits alone. Null where that is less than one step, or where the cost of its cache or its maximum
 * is not known: a guess by the number of parameters can be wrong threefold, and too much memory is worse than the server's
 * own choice.
 */
export function largestFittingContext(
  model: ModelToLoad,
  hardware: RankHardware,
  loaded: readonly LoadedSize[],
): number | null {
  const contextMax = model.architecture?.contextMax;
  if (model.architecture?.kv === undefined || contextMax === undefined) return null;
  const kind = kindAlone(model, hardware);
  if (kind === 'none') return null;
  const heldBytes = loaded.reduce((sum, one) => sum + (kind === 'gpu' ? one.vramBytes : one.sizeBytes), 0);
  const beside: ModelToLoad = { ...model, companionBytes: (model.companionBytes ?? 0) + heldBytes };
  const stepsOf = (shape: ModelToLoad): number => {
    const tokens = largestContextThatFits(shape, hardware);
    return tokens === contextMax ? tokens : wholeSteps(tokens);
  };
  const besideTokens = kindAlone(beside, hardware) === kind ? stepsOf(beside) : 0;
  return besideTokens || stepsOf(model) || null;
}

/**
 * Whether a model with this context and all that is loaded take more than there is where the model would lie, so that
 * its server must put something out. False where nothing is loaded, or the model's size is not known.
 */
export function displacesOthers(
  model: ModelToLoad,
  contextTokens: number,
  hardware: RankHardware,
  loaded: readonly LoadedSize[],
): boolean {
  if (loaded.length === 0 || model.sizeB <= 0) return false;
  const memory = usableMemory(hardware);
  const onIt = { ...model, platform: hardware.platform };
  const { totalGb } = estimateVram({ ...onIt, contextTokens });
  const alone = fitKind(totalGb, memory);
  const heldBytes = loaded.reduce((sum, one) => sum + (alone === 'gpu' ? one.vramBytes : one.sizeBytes), 0);
  const companionBytes = (model.companionBytes ?? 0) + heldBytes;
  const together = estimateVram({ ...onIt, contextTokens, companionBytes }).totalGb;
  return fitKind(together, memory) !== alone;
}

/** What a model takes with a context where nothing else is loaded, in GiB by our estimate, and where it would lie. */
export function fitAlone(
  model: ModelToLoad,
  contextTokens: number,
  hardware: RankHardware,
): { readonly neededGib: number; readonly kind: FitKind } {
  const { platform } = hardware;
  const { totalGb: neededGib } = estimateVram({ ...model, contextTokens, platform });
  return { neededGib, kind: fitKind(neededGib, usableMemory(hardware)) };
}

function kindAlone(model: ModelToLoad, hardware: RankHardware): FitKind {
  return fitAlone(model, 1, hardware).kind;
}

export interface ContextQuestion {
  /** Tokens that the call must hold; undefined: no more than any. */
  readonly need?: number | undefined;
  /** Whether it is loaded, and with how many tokens as far as that is known. */
  readonly loaded?: { readonly contextTokens?: number | undefined } | undefined;
  /** With what it was last loaded, while it may still be. */
  readonly remembered?: number | undefined;
  /** What its own Modelfile asks for: whoever made it so meant that, whatever else fits. */
  readonly own?: number | undefined;
  /** See `largestFittingContext`. */
  readonly fits: number | null;
  /** The longest that the model takes; undefined: not known. */
  readonly contextMax?: number | undefined;
}

export interface ContextChoice {
  /** Null: the server's own. */
  readonly contextTokens: number | null;
  /** Whether a loaded model is loaded anew for it. */
  readonly reloads: boolean;
}

/**
 * The context to ask for. What is loaded keeps its number as long as that holds the need: servers load a model anew for
 * another one. Else what its Modelfile asks for, else the largest that fits; at least the need (in whole steps), at most what
 * the model was made for.
 */
export function chooseContext(question: ContextQuestion): ContextChoice {
  const { need = 0, loaded, remembered, own, fits, contextMax = Infinity } = question;
  const longest = (tokens: number): number => Math.min(tokens, contextMax);
  const asked = loaded?.contextTokens ?? remembered;
  // Of more than the model holds its server has allocated what it holds.
  const held = asked === undefined ? undefined : longest(asked);
  if (held !== undefined && longest(need) <= held) return { contextTokens: held, reloads: false };
  // A model whose number nobody knows is loaded as its server likes it; only a need is worth another load.
  const wished = Math.max(loaded && held === undefined ? 0 : (own ?? fits ?? 0), stepsFor(need));
  if (wished === 0) return { contextTokens: null, reloads: false };
  return { contextTokens: longest(wished), reloads: loaded !== undefined };
}

function wholeSteps(tokens: number): number {
  return Math.floor(tokens / CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS;
}

function stepsFor(need: number): number {
  return Math.ceil(Math.max(0, need) / CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS;
}
