import { openaiCompatDialect } from '../../../../src/dispatch/dialects/openaiCompat';
import type { AnswerWriter, Wire } from './wire';

const sse = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

/** Every piece of an answer is a chunk of the same shape; `extra` is what a server adds to its usage. */
function writer(model: string, thinkingField: string, extra: (tokens: number) => object): AnswerWriter {
  let callCount = 0;
  const chunk = (delta: object, finish_reason: string | null = null): string =>
    sse({
      choices: [{ finish_reason, index: 0, delta }],
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      model,
    });
  return {
    text: (content) => chunk({ content }),
    thinking: (text) => chunk({ [thinkingField]: text }),
    toolCall(id, name, args) {
      const text = JSON.stringify(args);
      const index = callCount++;
      const pieces = [text.slice(0, 1), text.slice(1, 5), text.slice(5)];
      return [
        chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
        ...pieces.map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ];
    },
    end: (reason, tokens) =>
      chunk({}, reason) + sse({ choices: [], model, ...extra(tokens) }) + 'data: [DONE]\n\n',
    error: (message) => sse({ error: { code: 500, message, type: 'server_error' } }),
  };
}

const shared = {
  dialect: openaiCompatDialect,
  path: '/v1/chat/completions',
  contentType: 'text/event-stream',
  event: (data) => `data: ${data}\n\n`,
  words: { stop: 'stop', length: 'length', toolCalls: 'tool_calls' },
  reasons: [
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'tool_calls'],
    ['content_filter', 'content_filter'],
  ],
  endMark: '"finish_reason":"',
  keepsCallIds: true,
} as const satisfies Partial<Wire>;

/** llama-server b11669, in the shapes of its captured traffic. */
export const llamaServerWire: Wire = {
  ...shared,
  name: 'openai_compat (llama-server)',
  kind: 'llama_server',
  answer: () =>
    writer('qwen3', 'reasoning_content', (tokens) => ({
      usage: { prompt_tokens: 10, completion_tokens: tokens, prompt_tokens_details: { cached_tokens: 4 } },
      timings: {
        cache_n: 4,
        prompt_n: 6,
        prompt_ms: 20,
        prompt_per_second: 500,
        predicted_n: tokens,
        predicted_ms: 100,
        predicted_per_second: tokens * 10,
      },
    })),
  usage: (tokens) => ({ inputTokens: 10, outputTokens: tokens, cachedTokens: 4 }),
  serverTimings: true,
  responseModel: 'qwen3',
  errorBody: (status, message) => JSON.stringify({ error: { code: status, message, type: 'server_error' } }),
  rateLimits: undefined,
};

/** OpenAI's own service, from its API reference (chat completions, streaming) and its guide to rate limits. */
export const openaiWire: Wire = {
  ...shared,
  name: 'openai_compat (OpenAI)',
  kind: 'openai',
  answer: () =>
    writer('gpt-4.1-2025-04-14', 'reasoning', (tokens) => ({
      usage: {
        prompt_tokens: 10,
        completion_tokens: tokens,
        total_tokens: 10 + tokens,
        prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 0 },
      },
    })),
  usage: (tokens) => ({ inputTokens: 10, outputTokens: tokens, cachedTokens: 4, reasoningTokens: 1 }),
  serverTimings: false,
  responseModel: 'gpt-4.1-2025-04-14',
  errorBody: (status, message) =>
    JSON.stringify({
      error: {
        message,
        type: status < 500 ? 'invalid_request_error' : 'server_error',
        param: null,
        code: null,
      },
    }),
  rateLimits: {
    headers: {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-reset-tokens': '1893456000',
    },
    means: { scope: 'tokens', limit: 150_000, remaining: 0, resetAt: '2030-01-01T00:00:00.000Z' },
  },
};
