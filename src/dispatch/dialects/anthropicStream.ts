import * as z from 'zod';
import { parseJson } from '../../shared/json';
import type { ChatUsage } from '../chat';
import type { WireEnd, WireEvent } from '../dialect';
import { ANTHROPIC_FINISH_REASONS, finishReasonOf } from '../finishReasons';
import type { SseItem } from '../sse';
import { readSseAnswer, type SseParsed, type SseReading } from '../sseAnswer';
import { ToolCallPieces } from '../toolCallPieces';
import { failureInStream } from '../wireEnds';

const usageSchema = z.object({
  input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  output_tokens_details: z.object({ thinking_tokens: z.number().nullish() }).nullish(),
});
type WireUsage = z.infer<typeof usageSchema>;

const typed = z.object({ type: z.string() });

/** What is read of each event; everything else is left alone, as the API's versioning page asks of clients. */
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message_start'),
    message: z.object({ model: z.string().nullish(), usage: usageSchema.nullish() }),
  }),
  z.object({
    type: z.literal('content_block_start'),
    index: z.number(),
    content_block: z.object({
      type: z.string(),
      text: z.string().nullish(),
      thinking: z.string().nullish(),
      id: z.string().nullish(),
      name: z.string().nullish(),
    }),
  }),
  z.object({
    type: z.literal('content_block_delta'),
    index: z.number(),
    delta: z.object({
      type: z.string(),
      text: z.string().nullish(),
      thinking: z.string().nullish(),
      partial_json: z.string().nullish(),
    }),
  }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string().nullish() }),
    usage: usageSchema.nullish(),
  }),
  z.object({ type: z.literal('message_stop') }),
]);
type AnthropicEvent = z.infer<typeof eventSchema>;
type ContentEvent = Exclude<AnthropicEvent, { type: 'message_stop' }>;
const KNOWN: readonly string[] = eventSchema.options.map((option) => option.shape.type.value);

const wrappedError = z.object({ error: z.unknown() }).refine((value) => value.error !== undefined);

/** What has been read of one answer. */
class Reading implements SseReading<ContentEvent> {
  readonly #pieces = new ToolCallPieces();
  /** Indices of the blocks that are calls of the caller's own tools. */
  readonly #toolBlocks = new Set<number>();
  #usage: WireUsage = {};
  #model: string | undefined;
  #rawReason: string | undefined;
  #malformedCall = false;

  parse(item: SseItem): SseParsed<ContentEvent> {
    return parsedItem(item);
  }

  /** `message_stop` is the only end. */
  *ending(marked: boolean): Generator<WireEvent, void, undefined> {
    if (!marked) return;
    yield* this.#calls();
    yield this.#end();
  }

  *events(event: ContentEvent): Generator<WireEvent, void, undefined> {
    switch (event.type) {
      case 'message_start':
        this.#model = event.message.model ?? undefined;
        // How much it has written is not known before the end: what stands here is a placeholder.
        this.#count({ ...event.message.usage, output_tokens: undefined });
        return;
      case 'content_block_start':
        return yield* this.#open(event.index, event.content_block);
      case 'content_block_delta': {
        const { index, delta } = event;
        if (delta.type === 'text_delta' && delta.text) yield { type: 'text', text: delta.text };
        if (delta.type === 'thinking_delta' && delta.thinking) {
          yield { type: 'thinking', text: delta.thinking };
        }
        if (delta.type === 'input_json_delta' && this.#toolBlocks.has(index)) {
          this.#pieces.add([{ index, function: { arguments: delta.partial_json } }]);
        }
        return;
      }
      case 'message_delta':
        this.#rawReason = event.delta.stop_reason ?? this.#rawReason;
        this.#count(event.usage ?? {});
    }
  }

  /** The calls of the answer, once it is complete. */
  *#calls(): Generator<WireEvent, void, undefined> {
    const calls = this.#pieces.take();
    if (calls === null) this.#malformedCall = true;
    for (const call of calls ?? []) yield { type: 'toolCall', call };
  }

  /**
   * Input is all that the model read: what was not cached, what was written to the cache, and what came from it. Output
   * holds thinking.
   */
  usage(): ChatUsage {
    const { input_tokens: uncached, cache_read_input_tokens: cached, output_tokens: output } = this.#usage;
    const reasoning = this.#usage.output_tokens_details?.thinking_tokens;
    return {
      inputTokens:
        typeof uncached === 'number'
          ? uncached + (cached ?? 0) + (this.#usage.cache_creation_input_tokens ?? 0)
          : null,
      outputTokens: output ?? null,
      ...(typeof cached === 'number' ? { cachedTokens: cached } : {}),
      ...(typeof reasoning === 'number' ? { reasoningTokens: reasoning } : {}),
    };
  }

  #end(): WireEnd {
    const raw = this.#rawReason;
    const finishReason = finishReasonOf(ANTHROPIC_FINISH_REASONS, raw ?? 'end_turn');
    const end = {
      type: 'end',
      ...(raw === undefined ? {} : { rawReason: raw }),
      usage: this.usage(),
      ...(this.#model === undefined ? {} : { responseModel: this.#model }),
    } as const;
    // A call that the limit has cut off is the limit's doing.
    const cutOff = finishReason === 'length' || finishReason === 'context_limit';
    if (this.#malformedCall && !cutOff) {
      return { ...end, finishReason: 'malformed', failure: { code: 'malformed_response' } };
    }
    return finishReason === 'error'
      ? { ...end, finishReason, failure: { code: 'unknown' } }
      : { ...end, finishReason };
  }

  *#open(
    index: number,
    block: Extract<AnthropicEvent, { type: 'content_block_start' }>['content_block'],
  ): Generator<WireEvent, void, undefined> {
    if (block.type === 'text' && block.text) yield { type: 'text', text: block.text };
    if (block.type === 'thinking' && block.thinking) yield { type: 'thinking', text: block.thinking };
    if (block.type !== 'tool_use') return;
    this.#toolBlocks.add(index);
    this.#pieces.add([{ index, id: block.id, function: { name: block.name } }]);
  }

  /** Counts are cumulative: a later one replaces an earlier one. */
  #count(usage: WireUsage): void {
    const said = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
    this.#usage = { ...this.#usage, ...Object.fromEntries(said) };
  }
}

/**
 * Reads the events of https://platform.claude.com/docs/en/build-with-claude/streaming. `message_stop` is the end mark.
 * Left aside: pings, signatures, citations, thinking that is encrypted, and the tools that the server runs itself.
 */
export function decodeAnthropic(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined> {
  return readSseAnswer(body, new Reading());
}

function parsedItem(item: SseItem): SseParsed<ContentEvent> {
  if (item.type !== 'data') return undefined;
  const value = parseJson(item.data);
  const event = eventSchema.safeParse(value);
  if (event.success) return event.data.type === 'message_stop' ? 'ending' : { value: event.data };
  if (item.event === 'error' || wrappedError.safeParse(value).success) {
    // llama-server writes an error in the middle of this stream bare, without the object around it.
    return { failure: failureInStream(wrappedError.safeParse(value).success ? value : { error: value }) };
  }
  const other = typed.safeParse(value);
  return other.success && !KNOWN.includes(other.data.type) ? 'other' : undefined;
}
