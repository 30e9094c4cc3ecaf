import { sameModelKey } from './modelName';

/** Memory that a model takes at one context length. */
export interface MemoryPoint {
  readonly contextTokens: number;
  readonly bytes: number;
}

/** What is known about one model that a FROM may name. */
export interface ModelFacts {
  /** As FROM names it, for example `llama3.2:3b`. */
  readonly name: string;
  readonly installed: boolean;
  /** Longest context that the model was made for, in tokens. */
  readonly maxContextTokens?: number;
  /** Memory by context length, ascending; between two points it grows evenly. */
  readonly memory?: readonly MemoryPoint[];
  /** Names of smaller builds of the same model, best first. */
  readonly smallerBuilds?: readonly string[];
}

/** What a look at the disk says of the names in one Modelfile, as written there. */
export interface NamesOnDisk {
  /** What FROM, ADAPTER and DRAFT name and is known not to exist as a file or folder. */
  readonly missingPaths: readonly string[];
  /** What FROM names as a model is named, and is known to lie as a file or folder in the Modelfile's folder. */
  readonly localNames: readonly string[];
}

/** What this machine knows, as plain data that can be sent to another process. */
export interface ModelfileFacts extends Partial<NamesOnDisk> {
  /** Models that are installed or known; a name that is not among them is neither. */
  readonly models: readonly ModelFacts[];
  /** False where nobody has said which models there are, so that none can be called unknown. Default true. */
  readonly knowsModels?: boolean;
  /** Memory that models may take, in bytes. */
  readonly usableBytes?: number;
  /** Context length that holds where a Modelfile sets none, in tokens. */
  readonly defaultContextTokens?: number;
}

/** Thousands of models are known, and a file is looked at for each key that is typed. */
const byKey = new WeakMap<readonly ModelFacts[], ReadonlyMap<string, ModelFacts>>();

/** What is known about the model of a name, in any way of writing it. */
export function factsOf<Known extends ModelFacts>(
  name: string,
  facts: { readonly models: readonly Known[] },
): Known | undefined;
export function factsOf(
  name: string,
  { models }: { readonly models: readonly ModelFacts[] },
): ModelFacts | undefined {
  let known = byKey.get(models);
  if (known === undefined) {
    // The first of two spellings counts, as the list has the better known one first.
    known = new Map([...models].reverse().map((model) => [sameModelKey(model.name), model]));
    byKey.set(models, known);
  }
  return known.get(sameModelKey(name));
}

/**
 * Bytes at a context length, evenly between the known points and by the slope of the last two beyond them; null without
 * points. Below the first point its own figure holds.
 */
export function memoryAt(points: readonly MemoryPoint[], contextTokens: number): number | null {
  const [first] = points;
  if (first === undefined) return null;
  if (contextTokens <= first.contextTokens) return first.bytes;
  let from = first;
  let to = first;
  for (const point of points) {
    if (to.contextTokens >= contextTokens) break;
    [from, to] = [to, point];
  }
  const span = to.contextTokens - from.contextTokens;
  if (span <= 0) return to.bytes;
  return from.bytes + ((to.bytes - from.bytes) * (contextTokens - from.contextTokens)) / span;
}

/** Contexts are offered in steps of this many tokens. */
const CONTEXT_STEP_TOKENS = 1_024;

/**
 * The largest context below a given one, in steps of 1,024 tokens, at which a model takes no more than the usable
 * memory; null where none does or nothing is known.
 */
export function largestFittingContext(
  points: readonly MemoryPoint[],
  usableBytes: number,
  belowTokens: number,
): number | null {
  let low = 0;
  let high = Math.floor(belowTokens / CONTEXT_STEP_TOKENS);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const bytes = memoryAt(points, middle * CONTEXT_STEP_TOKENS);
    if (bytes !== null && bytes <= usableBytes) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? null : low * CONTEXT_STEP_TOKENS;
}
