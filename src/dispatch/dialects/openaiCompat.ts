import * as z from 'zod';
import { parseJson } from '../../shared/json';
import type { ChatMessage, ChatRequest, ChatTimings, ChatUsage } from '../chat';
import type { Dialect, WireEnd, WireEvent, WireRequest } from '../dialect';
import { classifyError, safeServerText, serverErrorOf } from '../errorClass';
import { finishReasonOf, OPENAI_FINISH_REASONS } from '../finishReasons';
import type { Route } from '../route';
import type { SseItem } from '../sse';
import { sseItems } from '../sse';
import { ToolCallPieces } from '../toolCallPieces';
import { encodeTool } from '../toolSchema';
import { failedEnd, malformedEnd, UNKNOWN_USAGE } from '../wireEnds';

const END_MARK = '[DONE]';

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

const pieceSchema = z.object({
  index: z.number().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z
        .object({
          content: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          reasoning: z.string().nullish(),
          tool_calls: z.array(pieceSchema).nullish(),
        })
        .nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: usageSchema.nullish(),
  timings: timingsSchema.nullish(),
});
type Chunk = z.infer<typeof chunkSchema>;

const errorChunk = z.object({ error: z.unknown() }).refine((chunk) => chunk.error !== undefined);

/** `/v1/chat/completions` with server-sent events, as llama-server, vLLM, LM Studio and OpenAI speak it. */
export const openaiCompatDialect: Dialect = {
  wireFormat: 'openai_compat',
  encode: encodeOpenAi,
  decode: decodeOpenAi,
};

function encodeOpenAi(route: Route, request: ChatRequest): WireRequest {
  const { maxTokens, temperature, seed, stop } = request.parameters ?? {};
  const tools = route.toolFormat === 'native' ? (request.tools ?? []) : [];
  return {
    path: '/v1/chat/completions',
    headers: { accept: 'text/event-stream' },
    json: {
      model: route.ref.modelId,
      messages: request.messages.map(encodeMessage),
      stream: true,
      stream_options: { include_usage: true },
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(seed === undefined ? {} : { seed }),
      ...(stop === undefined || stop.length === 0 ? {} : { stop }),
      ...(tools.length === 0 ? {} : { tools: tools.map(encodeTool) }),
      // llama-server and vLLM hand this to the chat template; the templates of thinking models know the name.
      ...(route.thinking === 'default'
        ? {}
        : { chat_template_kwargs: { enable_thinking: route.thinking === 'on' } }),
    },
  };
}

function encodeMessage(message: ChatMessage): Readonly<Record<string, unknown>> {
  const { role, content, images = [], toolCalls = [], toolCallId } = message;
  if (role === 'tool') return { role, content, tool_call_id: toolCallId ?? '' };
  if (toolCalls.length > 0) {
    const calls = toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.arguments) },
    }));
    return { role, content: content === '' ? null : content, tool_calls: calls };
  }
  if (images.length === 0) return { role, content };
  const parts = images.map(({ mediaType, base64 }) => ({
    type: 'image_url',
    image_url: { url: `data:${mediaType};base64,${base64}` },
  }));
  return { role, content: content === '' ? parts : [{ type: 'text', text: content }, ...parts] };
}

/** What has been read of one answer. */
class Reading {
  readonly #pieces = new ToolCallPieces();
  #rawReason: string | undefined;
  #usage: ChatUsage | undefined;
  #timings: WireTimings | undefined;
  #malformedCall = false;

  get finished(): boolean {
    return this.#rawReason !== undefined;
  }

  *events(chunk: Chunk): Generator<WireEvent, void, undefined> {
    if (chunk.usage) this.#usage = usageOf(chunk.usage);
    if (chunk.timings) this.#timings = chunk.timings;
    const [choice] = chunk.choices;
    const delta = choice?.delta;
    const thinking = delta?.reasoning_content ?? delta?.reasoning;
    if (thinking) yield { type: 'thinking', text: thinking };
    if (delta?.content) yield { type: 'text', text: delta.content };
    if (delta?.tool_calls) this.#pieces.add(delta.tool_calls);
    if (choice?.finish_reason) {
      this.#rawReason = choice.finish_reason;
      yield* this.calls();
    }
  }

  *calls(): Generator<WireEvent, void, undefined> {
    const calls = this.#pieces.take();
    if (calls === null) this.#malformedCall = true;
    for (const call of calls ?? []) yield { type: 'toolCall', call };
  }

  usage(): ChatUsage {
    if (this.#usage) return this.#usage;
    if (!this.#timings) return UNKNOWN_USAGE;
    // A server that sends no usage but its own timings has counted all the same.
    const { cache_n: cached, prompt_n: prompted, predicted_n: outputTokens } = this.#timings;
    return {
      inputTokens: prompted + (cached ?? 0),
      outputTokens,
      ...(cached ? { cachedTokens: cached } : {}),
    };
  }

  end(): WireEnd {
    const timings = this.#timings && timingsOf(this.#timings);
    const raw = this.#rawReason;
    const end = {
      type: 'end',
      ...(raw === undefined ? {} : { rawReason: raw }),
      usage: this.usage(),
      ...(timings === undefined ? {} : { timings }),
    } as const;
    if (this.#malformedCall) {
      return { ...end, finishReason: 'malformed', failure: { code: 'malformed_response' } };
    }
    const finishReason = finishReasonOf(OPENAI_FINISH_REASONS, raw ?? 'stop');
    return finishReason === 'error'
      ? { ...end, finishReason, failure: { code: 'unknown' } }
      : { ...end, finishReason };
  }
}

async function* decodeOpenAi(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined> {
  const reading = new Reading();
  let ended = false;
  for await (const item of sseItems(body)) {
    if (ended) continue;
    if (item.type === 'data' && item.data === END_MARK) {
      ended = true;
      yield* reading.calls();
      yield reading.end();
      continue;
    }
    const parsed = parsedItem(item);
    if (parsed === undefined && item.type === 'data' && item.cut) break;
    if (parsed === undefined) {
      yield malformedEnd(reading.usage());
      return;
    }
    if ('type' in parsed) {
      yield parsed;
      return;
    }
    yield* reading.events(parsed);
  }
  if (ended) return;
  // A finish reason is an end mark as well; some servers leave out the other one.
  yield reading.finished ? reading.end() : failedEnd({ code: 'truncated' }, reading.usage());
}

/** A chunk, the end that an error means, or undefined for anything else. */
function parsedItem(item: SseItem): Chunk | WireEnd | undefined {
  if (item.type === 'notSse') return undefined;
  const parsed = parseJson(item.type === 'data' ? item.data : item.text);
  if (parsed === undefined) {
    return item.type === 'error' ? failedEnd({ code: 'provider_unavailable' }) : undefined;
  }
  const value = item.type === 'error' ? { error: parsed } : parsed;
  if (!errorChunk.safeParse(value).success) return chunkSchema.safeParse(value).data;
  const error = serverErrorOf(value);
  const serverText = safeServerText(error);
  return failedEnd({ code: classifyError(null, error), ...(serverText === undefined ? {} : { serverText }) });
}

function usageOf(usage: z.infer<typeof usageSchema>): ChatUsage {
  const cachedTokens = usage.prompt_tokens_details?.cached_tokens;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens;
  return {
    inputTokens: usage.prompt_tokens ?? null,
    outputTokens: usage.completion_tokens ?? null,
    ...(typeof cachedTokens === 'number' ? { cachedTokens } : {}),
    ...(typeof reasoningTokens === 'number' ? { reasoningTokens } : {}),
  };
}

function timingsOf(timings: WireTimings): ChatTimings {
  const { prompt_per_second: promptTokPerSec, predicted_per_second: decodeTokPerSec } = timings;
  return {
    promptMs: timings.prompt_ms,
    decodeMs: timings.predicted_ms,
    ...(promptTokPerSec ? { promptTokPerSec } : {}),
    ...(decodeTokPerSec ? { decodeTokPerSec } : {}),
    measuredBy: 'server',
  };
}
