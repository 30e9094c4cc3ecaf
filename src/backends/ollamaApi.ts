import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import { redactText } from '../shared/redact';
import { quantInName } from '../shared/shortModelName';
import { shorten } from '../shared/shorten';
import { names, parseEach, amount as count, text as shortText, tokens } from './answerShapes';
import type { ServerWords } from './readiness';

/** How Ollama is spoken of. */
export const OLLAMA_WORDS = { label: 'Ollama', start: 'ollama serve' } as const satisfies ServerWords;

/** Shapes of Ollama's answers, parsed item by item: a bad item is dropped, the list stays. */

/** Of any length: licences and progress lines are no texts of the registry. */
const text = z.string().optional().catch(undefined);

const details = z
  .object({
    family: shortText,
    parameter_size: shortText,
    quantization_level: shortText,
    context_length: tokens,
  })
  .optional()
  .catch(undefined);

const tag = z.object({
  name: z.string().min(1),
  size: z.number().nonnegative(),
  digest: shortText,
  modified_at: shortText,
  details,
  capabilities: names,
});
export type OllamaTag = z.infer<typeof tag>;

const loaded = z.object({
  name: z.string().min(1),
  size: count,
  size_vram: count,
  expires_at: shortText,
  context_length: tokens,
});
export type OllamaLoaded = z.infer<typeof loaded>;

/** `/api/version`. */
export const versionAnswer = z.object({ version: z.string().min(1) });

/** `/api/tags` and `/api/ps`, their entries not parsed yet. */
export const listAnswer = z.object({ models: z.array(z.unknown()).nullable() });

/** `/api/show`; `license` can be long, `model_info` holds `<architecture>.context_length`. */
export const showAnswer = z.object({
  details,
  capabilities: names,
  license: text,
  /** A parameter a line, its name padded with spaces; left out where the Modelfile sets none. */
  parameters: text,
  model_info: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type OllamaShow = z.infer<typeof showAnswer>;

/** One line of the stream of `/api/pull`, before it is known which kind it is. */
export const pullLine = z.object({
  status: text,
  digest: text,
  total: count,
  completed: count,
  error: z.unknown().optional(),
});

const errorAnswer = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/** Longest error text that is shown; a registry's whole answer may stand in one. */
const MAX_ERROR_CHARACTERS = 1_000;

/** The text of an error body of any of Ollama's routes, redacted and bounded; empty where there is none. */
export function errorTextOf(body: string | undefined): string {
  if (body === undefined || body === '') return '';
  const parsed = parseJson(body);
  if (parsed !== undefined) return errorTextOfValue(parsed);
  // Go's router answers in plain text; a page is no message.
  return body.trimStart().startsWith('<') ? '' : shown(body.trim());
}

/** The text of a parsed error object, redacted and bounded; empty where it has none. */
export function errorTextOfValue(value: unknown): string {
  const result = errorAnswer.safeParse(value);
  if (!result.success) return '';
  const { error } = result.data;
  return shown(typeof error === 'string' ? error : error.message);
}

function shown(text: string): string {
  return shorten(redactText(text), MAX_ERROR_CHARACTERS);
}

/** Longest context a model was made for, from its GGUF facts; undefined where the server does not say. */
export function contextLengthOf(show: OllamaShow): number | undefined {
  const info = show.model_info;
  const architecture = info?.['general.architecture'];
  if (info === undefined || typeof architecture !== 'string') return show.details?.context_length;
  const length = info[`${architecture}.context_length`];
  return Number.isInteger(length) && Number(length) > 0 ? Number(length) : show.details?.context_length;
}

const NUM_CTX = /^num_ctx\s+"?(\d{1,9})"?\s*$/m;

/** The context that the Modelfile asks for, in tokens; undefined where it names none. */
export function ownContextOf({ parameters = '' }: OllamaShow): number | undefined {
  const tokens = Number(NUM_CTX.exec(parameters)?.[1] ?? 0);
  return tokens > 0 ? tokens : undefined;
}

/** `unknown` and empty texts mean that the server does not know. */
export function known(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === 'unknown' ? undefined : value;
}

/**
 * How a model is quantised. The tag of a name of Hugging Face is that of the file that was pulled, and comes first: Ollama
 * tells the type that the file says of itself, which is `unknown` for every `IQ` type (its fs/ggml/type.go, 2026-11) and
 * `Q4_K_M` for a `UD-Q4_K_XL`.
 */
export function quantOf(
  name: string,
  details: { readonly quantization_level?: string | undefined } | undefined,
): string | undefined {
  return quantInName(name) ?? known(details?.quantization_level);
}

export function parseTags(entries: readonly unknown[] | null, logger: Logger): readonly OllamaTag[] {
  return parseEach(tag, entries, '/api/tags', logger);
}

export function parseLoaded(entries: readonly unknown[] | null, logger: Logger): readonly OllamaLoaded[] {
  return parseEach(loaded, entries, '/api/ps', logger);
}
