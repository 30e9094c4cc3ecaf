import { ollamaDialect } from '../../../../src/dispatch/dialects/ollama';
import type { Wire } from './wire';

const MODEL = 'qwen3:8b';

const line = (value: object): string =>
  `${JSON.stringify({ model: MODEL, created_at: '2026-11-21T02:17:51Z', ...value })}\n`;

/** Ollama 0.32.15, in the shapes of its captured traffic. */
export const ollamaWire: Wire = {
  name: 'ollama',
  dialect: ollamaDialect,
  kind: 'ollama',
  path: '/api/chat',
  contentType: 'application/x-ndjson',
  answer: () => ({
    text: (content) => line({ message: { role: 'assistant', content }, done: false }),
    thinking: (thinking) => line({ message: { role: 'assistant', content: '', thinking }, done: false }),
    toolCall: (id, name, args) => [
      line({
        message: {
          role: 'assistant',
          content: '',
          tool_calls: [{ id, function: { index: 0, name, arguments: args } }],
        },
        done: false,
      }),
    ],
    end: (reason, tokens) =>
      line({
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
    error: (message) => `${JSON.stringify({ error: message })}\n`,
  }),
  event: (data) => `${data}\n`,
  // Ollama says `stop` after a tool call as well.
  words: { stop: 'stop', length: 'length', toolCalls: 'stop' },
  reasons: [
    ['stop', 'stop'],
    ['length', 'length'],
  ],
  endMark: '"done":true',
  usage: (tokens) => ({ inputTokens: 10, outputTokens: tokens }),
  serverTimings: true,
  responseModel: MODEL,
  errorBody: (_status, message) => JSON.stringify({ error: message }),
  rateLimits: undefined,
  keepsCallIds: true,
};
