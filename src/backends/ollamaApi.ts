import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import type { ServerWords } from './readiness';

/** How Ollama is spoken of. */
export const OLLAMA_WORDS = { label: 'Ollama', start: 'ollama serve' } as const satisfies ServerWords;

/** Shapes of Ollama's answers, parsed item by item: a bad item is dropped, the list stays. */

const text = z.string().optional().catch(undefined);
const count = z.number().nonnegative().optional().catch(undefined);

const details = z
  .object({
    family: text,
    parameter_size: text,
    quantization_level: text,
    context_length: count,
  })
  .optional()
  .catch(undefined);

const names = z.array(z.string()).optional().catch(undefined);

const tag = z.object({
  name: z.string().min(1),
  size: z.number().nonnegative(),
  digest: text,
  modified_at: text,
  details,
  capabilities: names,
});
export type OllamaTag = z.infer<typeof tag>;

const loaded = z.object({
  name: z.string().min(1),
  size: count,
  size_vram: count,
  expires_at: text,
  context_length: count,
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
  return typeof length === 'number' && length > 0 ? length : show.details?.context_length;
}

/** `unknown` and empty texts mean that the server does not know. */
export function known(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === 'unknown' ? undefined : value;
}

export function parseTags(entries: readonly unknown[] | null, logger: Logger): readonly OllamaTag[] {
  return parseEach(tag, entries, '/api/tags', logger);
}

export function parseLoaded(entries: readonly unknown[] | null, logger: Logger): readonly OllamaLoaded[] {
  return parseEach(loaded, entries, '/api/ps', logger);
}

function parseEach<T>(
  schema: z.ZodType<T>,
  entries: readonly unknown[] | null,
  route: string,
  logger: Logger,
): readonly T[] {
  const good: T[] = [];
  for (const [index, entry] of (entries ?? []).entries()) {
    const parsed = schema.safeParse(entry);
    if (parsed.success) good.push(parsed.data);
    else
      logger.log('warn', 'backend.entry_dropped', { route, index, problem: z.prettifyError(parsed.error) });
  }
  return good;
}
