import type { BackendKind } from '../../../../src/backends/contract';
import type { FinishReason } from '../../../../src/dispatch/chat';
import type { WireFormat } from '../../../../src/dispatch/route';

/** One wire format as a server writes it, packet by packet, in the shapes of real captures. */
export interface Wire {
  readonly format: WireFormat;
  readonly kind: BackendKind;
  readonly path: string;
  readonly contentType: string;
  text(text: string): string;
  thinking(text: string): string;
  /** One call of `name`, as one or more packets. */
  toolCall(name: string, args: object): readonly string[];
  /** Ends an answer: 10 tokens in, `tokens` out, 20 ms for the prompt and 100 ms for the answer. */
  end(reason: string, tokens: number): string;
  /** Server word and the finish reason that it means. */
  readonly reasons: readonly (readonly [string, FinishReason])[];
  error(message: string): string;
  errorBody(message: string, type: string): string;
}

const ndjson = (value: object): string =>
  `${JSON.stringify({ model: 'm', created_at: '2026-11-21T02:17:51Z', ...value })}\n`;

const ollama: Wire = {
  format: 'ollama',
  kind: 'ollama',
  path: '/api/chat',
  contentType: 'application/x-ndjson',
  text: (content) => ndjson({ message: { role: 'assistant', content }, done: false }),
  thinking: (thinking) => ndjson({ message: { role: 'assistant', content: '', thinking }, done: false }),
  toolCall: (name, args) => [
    ndjson({
      message: {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_rgf3hqn8', function: { index: 0, name, arguments: args } }],
      },
      done: false,
    }),
  ],
  end: (reason, tokens) =>
    ndjson({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: reason,
      total_duration: 130_000_000,
      load_duration: 5_000_000,
      prompt_eval_count: 10,
      prompt_eval_duration: 20_000_000,
      eval_count: tokens,
      eval_duration: 100_000_000,
    }),
  reasons: [
    ['stop', 'stop'],
    ['length', 'length'],
  ],
  error: (message) => `${JSON.stringify({ error: message })}\n`,
  errorBody: (message) => JSON.stringify({ error: message }),
};

const sse = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: object, reason: string | null = null): string =>
  sse({
    choices: [{ finish_reason: reason, index: 0, delta }],
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
  });

const openai: Wire = {
  format: 'openai_compat',
  kind: 'llama_server',
  path: '/v1/chat/completions',
  contentType: 'text/event-stream',
  text: (content) => chunk({ content }),
  thinking: (reasoning_content) => chunk({ reasoning_content }),
  toolCall(name, args) {
    const text = JSON.stringify(args);
    const [first, second] = [text.slice(0, 1), text.slice(1)];
    return [
      chunk({
        tool_calls: [
          { index: 0, id: 'call_rgf3hqn8', type: 'function', function: { name, arguments: first } },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: second } }] }),
    ];
  },
  end: (reason, tokens) =>
    chunk({}, reason) +
    sse({
      choices: [],
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
    }) +
    'data: [DONE]\n\n',
  reasons: [
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'tool_calls'],
    ['content_filter', 'content_filter'],
  ],
  error: (message) => sse({ error: { code: 500, message, type: 'server_error' } }),
  errorBody: (message, type) => JSON.stringify({ error: { code: 400, message, type } }),
};

export const WIRES: readonly Wire[] = [ollama, openai];
