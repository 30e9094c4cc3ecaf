import * as z from 'zod';
import { parseJson } from '../../shared/json';
import type { ChatUsage, FinishReason } from '../chat';
import type { WireEnd, WireEvent, WireFailure } from '../dialect';
import { finishReasonOf, GEMINI_FINISH_REASONS } from '../finishReasons';
import type { SseItem } from '../sse';
import { readSseAnswer, type SseParsed, type SseReading } from '../sseAnswer';
import { failureInStream, UNKNOWN_USAGE } from '../wireEnds';

const usageSchema = z.object({
  promptTokenCount: z.number().nullish(),
  candidatesTokenCount: z.number().nullish(),
  thoughtsTokenCount: z.number().nullish(),
  toolUsePromptTokenCount: z.number().nullish(),
  cachedContentTokenCount: z.number().nullish(),
});

const partSchema = z.object({
  text: z.string().nullish(),
  thought: z.boolean().nullish(),
  functionCall: z
    .object({ id: z.string().nullish(), name: z.string().nullish(), args: z.unknown().optional() })
    .nullish(),
});
type Part = z.infer<typeof partSchema>;

const chunkSchema = z
  .object({
    candidates: z
      .array(
        z.object({
          content: z.object({ parts: z.array(partSchema).nullish() }).nullish(),
          finishReason: z.string().nullish(),
        }),
      )
      .nullish(),
    promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
    usageMetadata: usageSchema.nullish(),
    modelVersion: z.string().nullish(),
  })
  .refine(({ candidates, promptFeedback, usageMetadata }) => candidates ?? promptFeedback ?? usageMetadata);
type Chunk = z.infer<typeof chunkSchema>;

const callArguments = z.record(z.string(), z.unknown());

const failedChunk = z.object({ error: z.unknown() }).refine((chunk) => chunk.error !== undefined);

/** What has been read of one answer. */
class Reading implements SseReading<Chunk> {
  #usage: ChatUsage = UNKNOWN_USAGE;
  #model: string | undefined;
  #callCount = 0;
  #malformedCall = false;

  parse(item: SseItem): SseParsed<Chunk> {
    if (item.type !== 'data') return undefined;
    const json = parseJson(item.data);
    if (failedChunk.safeParse(json).success) return { failure: failureInStream(json) };
    const value = chunkSchema.safeParse(json).data;
    return value && { value };
  }

  /** There is no end mark: the end comes with its chunk, or not at all. */
  ending(): Iterable<WireEvent> {
    return [];
  }

  /** The events of a chunk, and the end with the one that is the last. */
  *events(chunk: Chunk): Generator<WireEvent, void, undefined> {
    if (chunk.usageMetadata) this.#usage = usageOf(chunk.usageMetadata);
    this.#model = chunk.modelVersion ?? this.#model;
    const [candidate] = chunk.candidates ?? [];
    for (const part of candidate?.content?.parts ?? []) yield* this.#part(part);
    const blocked = chunk.promptFeedback?.blockReason;
    if (candidate?.finishReason) yield this.#end(candidate.finishReason);
    // A question that is refused has no candidate, and no end but this one.
    else if (blocked && !candidate) yield this.#endAs('content_filter', blocked);
  }

  usage(): ChatUsage {
    return this.#usage;
  }

  *#part({ text, thought, functionCall }: Part): Generator<WireEvent, void, undefined> {
    if (text) yield { type: thought === true ? 'thinking' : 'text', text };
    if (!functionCall) return;
    const parsed = callArguments.safeParse(functionCall.args ?? {});
    if (!functionCall.name || !parsed.success) {
      this.#malformedCall = true;
      return;
    }
    const id = functionCall.id ?? `call_${this.#callCount}`;
    this.#callCount += 1;
    yield { type: 'toolCall', call: { id, name: functionCall.name, arguments: parsed.data } };
  }

  #end(raw: string): WireEnd {
    const reason = this.#malformedCall ? 'malformed' : finishReasonOf(GEMINI_FINISH_REASONS, raw);
    if (reason === 'malformed') return this.#endAs(reason, raw, { code: 'malformed_response' });
    if (reason === 'error') return this.#endAs(reason, raw, { code: 'unknown' });
    // Gemini says `STOP` after a call as well.
    return this.#endAs(reason === 'stop' && this.#callCount > 0 ? 'tool_calls' : reason, raw);
  }

  #endAs(finishReason: FinishReason, rawReason: string, failure?: WireFailure): WireEnd {
    return {
      type: 'end',
      finishReason,
      rawReason,
      usage: this.#usage,
      ...(this.#model === undefined ? {} : { responseModel: this.#model }),
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

/**
 * Reads the chunks of `streamGenerateContent?alt=sse` (https://ai.google.dev/api/generate-content). A finish reason is
 * the end mark; there is no other.
 */
export function decodeGemini(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined> {
  return readSseAnswer(body, new Reading());
}

/**
 * Input holds what came from the cache, and results of tools that the server ran. Thoughts are counted apart from the
 * candidates and billed as output, so output is both. A count of 0 is left out on this wire.
 */
function usageOf(usage: z.infer<typeof usageSchema>): ChatUsage {
  const { candidatesTokenCount: said, thoughtsTokenCount: thoughts, cachedContentTokenCount: cached } = usage;
  return {
    inputTokens:
      typeof usage.promptTokenCount === 'number'
        ? usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0)
        : null,
    outputTokens: (said ?? 0) + (thoughts ?? 0),
    ...(typeof cached === 'number' ? { cachedTokens: cached } : {}),
    ...(typeof thoughts === 'number' ? { reasoningTokens: thoughts } : {}),
  };
}
