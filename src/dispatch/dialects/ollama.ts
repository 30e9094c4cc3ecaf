import * as z from 'zod';
import { parseJson } from '../../shared/json';
import { linesOf } from '../../shared/lines';
import type { ChatMessage, ChatRequest, ChatTimings, ChatToolCall, ChatUsage } from '../chat';
import type { Dialect, WireEnd, WireEvent, WireRequest } from '../dialect';
import { finishReasonOf, OLLAMA_FINISH_REASONS } from '../finishReasons';
import type { Route, RouteThinking } from '../route';
import { encodeTool } from '../toolSchema';
import { failedEnd, failureInStream, malformedEnd } from '../wireEnds';

const NANOSECONDS_PER_MILLISECOND = 1e6;

/** Ollama's own word for each level. */
const THINK_LEVELS = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', max: 'high' } as const;

/** Words that end a stream in which nothing was generated. */
const NO_GENERATION: readonly string[] = ['load', 'unload'];

const toolCall = z.object({
  id: z.string().nullish(),
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).nullish() }),
});

const progressLine = z.object({
  model: z.string().nullish(),
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z.array(toolCall).nullish(),
    })
    .nullish(),
  done: z.boolean(),
  done_reason: z.string().nullish(),
  load_duration: z.number().nullish(),
  prompt_eval_count: z.number().nullish(),
  prompt_eval_duration: z.number().nullish(),
  eval_count: z.number().nullish(),
  eval_duration: z.number().nullish(),
});
type ProgressLine = z.infer<typeof progressLine>;

const errorLine = z.object({ error: z.unknown() }).refine((line) => line.error !== undefined);

/** Ollama's own `/api/chat`, newline-delimited JSON. */
export const ollamaDialect: Dialect = {
  wireFormat: 'ollama',
  encode: encodeOllama,
  decode: decodeOllama,
};

function encodeOllama(route: Route, request: ChatRequest): WireRequest {
  const { maxTokens, temperature, seed, stop } = request.parameters ?? {};
  const options = {
    ...(maxTokens === undefined ? {} : { num_predict: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(route.contextTokens === null ? {} : { num_ctx: route.contextTokens }),
  };
  const tools = route.toolFormat === 'native' ? (request.tools ?? []) : [];
  return {
    path: '/api/chat',
    stop: stop ?? [],
    headers: { accept: 'application/x-ndjson' },
    json: {
      model: route.ref.modelId,
      messages: request.messages.map(encodeMessage),
      stream: true,
      ...encodeThinking(route.thinking),
      ...(tools.length === 0 ? {} : { tools: tools.map(encodeTool) }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
    },
  };
}

/**
 * Ollama takes a boolean or a level. A model that thinks does so unless it is told not to, so `off` is said aloud; a
 * budget cannot be told. `minimal` is no word of Ollama's, and `max` one of newer versions that few models know.
 */
function encodeThinking(thinking: RouteThinking): Readonly<Record<string, unknown>> {
  switch (thinking.mode) {
    case 'default':
      return {};
    case 'off':
      return { think: false };
    case 'enabled':
    case 'adaptive':
      return { think: true };
    case 'effort':
      return { think: THINK_LEVELS[thinking.level] };
  }
}

function encodeMessage(message: ChatMessage): Readonly<Record<string, unknown>> {
  const { role, content, images = [], toolCalls = [], toolCallId, toolName } = message;
  return {
    role,
    content,
    ...(images.length === 0 ? {} : { images: images.map((image) => image.base64) }),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            id: call.id,
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
    ...(toolName === undefined ? {} : { tool_name: toolName }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
  };
}

async function* decodeOllama(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined> {
  let ended = false;
  let cut = false;
  let callCount = 0;
  let hasBegun = false;
  for await (const text of linesOf(body)) {
    if (ended) continue;
    const value = parseJson(text);
    if (value === undefined && text.startsWith('{') && !cut) {
      // Half a line is what a cut leaves, provided that it is the last one.
      cut = true;
      continue;
    }
    const line = cut ? undefined : lineOf(value);
    if (line === undefined) {
      yield malformedEnd();
      return;
    }
    if ('type' in line) {
      yield line;
      return;
    }
    const { message } = line;
    if (message?.thinking) {
      hasBegun = true;
      yield { type: 'thinking', text: message.thinking };
    }
    if (message?.content) {
      hasBegun = true;
      yield { type: 'text', text: message.content };
    }
    for (const call of message?.tool_calls ?? []) {
      yield { type: 'toolCall', call: decodeToolCall(call, callCount) };
      callCount += 1;
    }
    if (line.done) {
      ended = true;
      yield endOf(line, hasBegun || callCount > 0, callCount > 0);
    }
  }
  if (!ended) yield failedEnd({ code: 'truncated' });
}

/** A line of progress, the end that an error line means, or undefined for anything else. */
function lineOf(value: unknown): ProgressLine | WireEnd | undefined {
  const progress = progressLine.safeParse(value);
  if (progress.success) return progress.data;
  if (!errorLine.safeParse(value).success) return undefined;
  return failedEnd(failureInStream(value));
}

function decodeToolCall(call: z.infer<typeof toolCall>, position: number): ChatToolCall {
  return {
    id: call.id ?? `call_${position}`,
    name: call.function.name,
    arguments: call.function.arguments ?? {},
  };
}

function endOf(line: ProgressLine, hasBegun: boolean, hasToolCalls: boolean): WireEnd {
  const raw = line.done_reason ?? undefined;
  const timings = timingsOf(line);
  const end = {
    type: 'end',
    ...(raw === undefined ? {} : { rawReason: raw }),
    usage: usageOf(line),
    ...(timings === undefined ? {} : { timings }),
    ...(line.model ? { responseModel: line.model } : {}),
  } as const;
  if (NO_GENERATION.includes(raw ?? '')) {
    // Nothing generated is an empty answer; where something had come, the model was taken away under it.
    return hasBegun
      ? { ...end, finishReason: 'error', failure: { code: 'truncated' } }
      : { ...end, finishReason: 'stop' };
  }
  const reason = finishReasonOf(OLLAMA_FINISH_REASONS, raw ?? 'stop');
  if (reason === 'error') return { ...end, finishReason: 'error', failure: { code: 'unknown' } };
  // Ollama says `stop` after a tool call.
  return { ...end, finishReason: hasToolCalls && reason === 'stop' ? 'tool_calls' : reason };
}

function usageOf(line: ProgressLine): ChatUsage {
  return { inputTokens: line.prompt_eval_count ?? null, outputTokens: line.eval_count ?? null };
}

function timingsOf(line: ProgressLine): ChatTimings | undefined {
  const loadMs = milliseconds(line.load_duration);
  const promptMs = milliseconds(line.prompt_eval_duration);
  const decodeMs = milliseconds(line.eval_duration);
  if (promptMs === undefined && decodeMs === undefined) return undefined;
  const promptTokPerSec = rate(line.prompt_eval_count, promptMs);
  const decodeTokPerSec = rate(line.eval_count, decodeMs);
  return {
    ...(loadMs === undefined ? {} : { loadMs }),
    ...(promptMs === undefined ? {} : { promptMs }),
    ...(decodeMs === undefined ? {} : { decodeMs }),
    ...(promptTokPerSec === undefined ? {} : { promptTokPerSec }),
    ...(decodeTokPerSec === undefined ? {} : { decodeTokPerSec }),
    measuredBy: 'server',
  };
}

function milliseconds(nanoseconds: number | null | undefined): number | undefined {
  return typeof nanoseconds === 'number' ? nanoseconds / NANOSECONDS_PER_MILLISECOND : undefined;
}

function rate(tokens: number | null | undefined, ms: number | undefined): number | undefined {
  return typeof tokens === 'number' && tokens > 0 && ms !== undefined && ms > 0
    ? tokens / (ms / 1_000)
    : undefined;
}
