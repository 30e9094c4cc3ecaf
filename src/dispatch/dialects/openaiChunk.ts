import * as z from 'zod';
import { parseJson } from '../../shared/json';
import type { ChatTimings, ChatUsage } from '../chat';
import type { WireFailure } from '../dialect';
import type { SseItem } from '../sse';
import { failureInStream } from '../wireEnds';

const usageSchema = z.object({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});

/** llama-server's own figures; `prompt_n` leaves out cached tokens, one token has no rate. */
const timingsSchema = z.object({
  cache_n: z.number().nullish(),
  prompt_n: z.number(),
  prompt_ms: z.number(),
  prompt_per_second: z.number().nullish(),
  predicted_n: z.number(),
  predicted_ms: z.number(),
  predicted_per_second: z.number().nullish(),
});
type WireTimings = z.infer<typeof timingsSchema>;

const functionSchema = z.object({ name: z.string().nullish(), arguments: z.string().nullish() });
const pieceSchema = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: functionSchema.nullish(),
});

const choiceSchema = z.object({
  delta: z
    .object({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
      tool_calls: z.array(pieceSchema).nullish(),
      /** What OpenAI had before `tool_calls`; some gateways still write it. */
      function_call: functionSchema.nullish(),
    })
    .nullish(),
  finish_reason: z.string().nullish(),
});

const chunkSchema = z
  .object({
    object: z.string().nullish(),
    model: z.string().nullish(),
    choices: z.array(choiceSchema).nullish(),
    usage: usageSchema.nullish(),
    timings: timingsSchema.nullish(),
  })
  // Usage alone may come without choices; an object of which nothing is known is no chunk.
  .refine(
    ({ object, choices, usage }) =>
      choices !== undefined || Boolean(usage) || object === 'chat.completion.chunk',
  );

/** One piece of a streamed answer. */
export type OpenAiChunk = z.infer<typeof chunkSchema>;

/** An error in place of a chunk, beside one, or (OpenRouter) within its choice. */
const errorIn = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(z.object({ error: z.unknown().optional() }))
    .optional()
    .catch(undefined),
});

/** What one event says: a chunk, a failure, or undefined for anything else. */
export function chunkOf(item: SseItem): OpenAiChunk | { readonly failure: WireFailure } | undefined {
  if (item.type === 'notSse') return undefined;
  const isError = item.type === 'error' || item.event === 'error';
  const text = item.type === 'data' ? item.data : item.text;
  const parsed = parseJson(text);
  if (parsed === undefined) return isError ? { failure: { code: 'provider_unavailable' } } : undefined;
  // One comes with every token, and hardly any has an error.
  const error =
    isError || text.includes('"error"') ? (errorOf(parsed) ?? (isError ? parsed : undefined)) : undefined;
  return error === undefined ? chunkSchema.safeParse(parsed).data : { failure: failureInStream({ error }) };
}

function errorOf(value: unknown): unknown {
  const { error, choices } = errorIn.safeParse(value).data ?? {};
  return error ?? choices?.[0]?.error ?? undefined;
}

/** What a chunk has counted. */
export function usageOf(usage: NonNullable<OpenAiChunk['usage']>): ChatUsage {
  const cachedTokens = usage.prompt_tokens_details?.cached_tokens;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens;
  return {
    inputTokens: usage.prompt_tokens ?? null,
    outputTokens: usage.completion_tokens ?? null,
    ...(typeof cachedTokens === 'number' ? { cachedTokens } : {}),
    ...(typeof reasoningTokens === 'number' ? { reasoningTokens } : {}),
  };
}

/** What a server that sends its timings but no usage has counted all the same. */
export function usageOfTimings(timings: WireTimings): ChatUsage {
  const { cache_n: cached, prompt_n: prompted, predicted_n: outputTokens } = timings;
  return { inputTokens: prompted + (cached ?? 0), outputTokens, ...(cached ? { cachedTokens: cached } : {}) };
}

/** llama-server's own timings. */
export function timingsOf(timings: WireTimings): ChatTimings {
  const { prompt_per_second: promptTokPerSec, predicted_per_second: decodeTokPerSec } = timings;
  return {
    promptMs: timings.prompt_ms,
    decodeMs: timings.predicted_ms,
    ...(promptTokPerSec ? { promptTokPerSec } : {}),
    ...(decodeTokPerSec ? { decodeTokPerSec } : {}),
    measuredBy: 'server',
  };
}
