import {
  CONTEXT_STEP_TOKENS,
  fitAlone,
  largestFittingContext,
  type ModelToLoad,
} from '../dispatch/contextChoice';
import { isModelName, sameModelKey } from '../modelfile/modelName';
import type { Adoption } from '../pool/poolManager';
import type { PoolEntry } from '../pool/poolState';
import type { FitKind, RankHardware } from '../ranking/rankTypes';
import { formatContext } from '../shared/units';
import type { ContextFacts } from './loadContexts';

/** A context that a variant of a model can be made with. */
export interface ContextOption {
  readonly contextTokens: number;
  /** What the model takes with it, alone on its machine, by our estimate. Null where that would be a guess. */
  readonly fit: {
    readonly neededGib: number;
    readonly kind: FitKind;
    /** It does not lie as well as with less: on the CPU instead of the GPU, or nowhere. */
    readonly isBeyond: boolean;
  } | null;
  /** It is loaded with this one now. */
  readonly isAllocated: boolean;
  readonly isLargestFitting: boolean;
  /** The model was made for no more. */
  readonly isMaximum: boolean;
}

/** Up to which contexts are offered where nobody says what the model was made for. */
const OFFERED_TOKENS = 131_072;
/** llama.cpp rounds up to this, so that less is another number than the one that was asked for. */
const SMALLEST_TOKENS = 256;
/** No model is made for more. */
const LARGEST_TOKENS = 10_485_760;
/** Longest model and tag of a name (`isModelName`). */
const LONGEST_PART = 80;

const AMOUNT = /^(?:(\d{1,3}(?:[ ,._']\d{3})+)|(\d+(?:\.\d+)?)\s*([km])?)$/i;
const UNITS: Readonly<Record<string, number>> = { k: 1_024, m: 1_048_576 };
/** What a variant's tag ends with. */
const OWN_ENDING = /(?:^|-)\d+[km]$/i;

/**
 * Contexts to choose from, smallest first: 4,096 tokens and each time twice as many, the largest that fits, the one that is
 * allocated now, and the model's maximum. Each is a whole number of steps or the maximum.
 */
export function contextOptions(facts: ContextFacts): readonly ContextOption[] {
  const { model, hardware, allocated } = facts;
  const max = model.architecture?.contextMax;
  const fitting = hardware && largestFittingContext(model, hardware, []);
  const offered = [fitting, allocated, max].filter((tokens) => tokens !== null && tokens !== undefined);
  for (let tokens = CONTEXT_STEP_TOKENS; tokens <= (max ?? OFFERED_TOKENS); tokens *= 2) offered.push(tokens);
  return [...new Set(offered)]
    .filter((tokens) => tokens === max || (tokens % CONTEXT_STEP_TOKENS === 0 && tokens <= (max ?? Infinity)))
    .sort((a, b) => a - b)
    .map((tokens) => contextOption(facts, tokens));
}

/** One context of somebody's own choice, as `contextOptions` would describe it. */
export function contextOption(
  { model, hardware, allocated }: ContextFacts,
  contextTokens: number,
): ContextOption {
  return {
    contextTokens,
    fit: hardware && fitOf(model, contextTokens, hardware),
    isAllocated: contextTokens === allocated,
    isLargestFitting: hardware !== null && contextTokens === largestFittingContext(model, hardware, []),
    isMaximum: contextTokens === model.architecture?.contextMax,
  };
}

function fitOf(model: ModelToLoad, contextTokens: number, hardware: RankHardware): ContextOption['fit'] {
  // By the number of parameters it can be wrong threefold.
  if (model.architecture?.kv === undefined) return null;
  const { neededGib, kind } = fitAlone(model, contextTokens, hardware);
  return { neededGib, kind, isBeyond: kind === 'none' || kind !== fitAlone(model, 1, hardware).kind };
}

export type ContextReading =
  | { readonly ok: true; readonly contextTokens: number }
  | { readonly ok: false; readonly code: 'not_tokens' }
  | { readonly ok: false; readonly code: 'too_small' | 'too_large'; readonly limitTokens: number };

/**
 * Reads `16384`, `16,384`, `16k` or `1M` (k = 1,024) as a number of tokens. Ollama would cut more than the model's maximum
 * without a word, so that is refused.
 */
export function readContext(text: string, contextMax = LARGEST_TOKENS): ContextReading {
  const [whole, grouped, amount, unit] = AMOUNT.exec(text.trim()) ?? [];
  if (whole === undefined) return { ok: false, code: 'not_tokens' };
  const tokens =
    grouped === undefined
      ? Number(amount) * (UNITS[(unit ?? '').toLowerCase()] ?? 1)
      : Number(grouped.replaceAll(/\D/g, ''));
  if (!Number.isInteger(tokens)) return { ok: false, code: 'not_tokens' };
  if (tokens < Math.min(SMALLEST_TOKENS, contextMax)) {
    return { ok: false, code: 'too_small', limitTokens: Math.min(SMALLEST_TOKENS, contextMax) };
  }
  if (tokens > contextMax) return { ok: false, code: 'too_large', limitTokens: contextMax };
  return { ok: true, contextTokens: tokens };
}

/**
 * The name that is proposed for a variant: `qwen3:8b` with 16,384 tokens is `qwen3:8b-16k`, `reviewer` is `reviewer:16k`. A
 * variant of a variant takes the place of its ending. What lies on another registry gets a name of this server's own:
 * `hf.co/owner/Qwen3-8B-GGUF:Q4_K_M` is `Qwen3-8B:Q4_K_M-16k`. Always a name that Ollama takes.
 */
export function variantName(modelId: string, contextTokens: number): string {
  const parts = modelId.split('/');
  const [model = '', tag = 'latest'] = (parts.pop() ?? '').split(':');
  // A host and a namespace: only Ollama's own registry goes without the host.
  const isElsewhere = parts.length > 1;
  const base = isElsewhere ? model.replace(/-GGUF$/i, '') : [...parts, model].join('/');
  const ending =
    contextTokens % 1_024 === 0 ? formatContext(contextTokens).toLowerCase() : `${contextTokens}`;
  const kept = tag === 'latest' ? '' : tag.replace(OWN_ENDING, '');
  const room = LONGEST_PART - ending.length - 1;
  return `${base}:${kept === '' ? '' : `${kept.slice(0, room)}-`}${ending}`;
}

/** Why a variant cannot have this name; null where it can. */
export function variantNameProblem(name: string, modelId: string): 'invalid' | 'itself' | null {
  if (!isModelName(name)) return 'invalid';
  return sameModelKey(name) === sameModelKey(modelId) ? 'itself' : null;
}

/** The Modelfile of a variant: everything of the model, with another context. */
export function variantModelfile(modelId: string, contextTokens: number): string {
  return `FROM ${modelId}\nPARAMETER num_ctx ${contextTokens}\n`;
}

/**
 * How the pool comes to know a variant of one of its models: as the user's own, outside of the budget and never removed by the
 * pool. It holds the model's layers, so that removing the model is known to free nothing while the variant is there.
 */
export function variantAdoption(parent: PoolEntry, name: string): Adoption {
  const { backend, hfRepoId, family, blobs, currentScore: score } = parent;
  return {
    ...{ backend, ollamaName: name, hfRepoId, score, origin: 'user', blobs },
    ...(family === undefined ? {} : { family }),
  };
}
