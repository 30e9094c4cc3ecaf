import { anthropicDialect } from '../../../../src/dispatch/dialects/anthropic';
import type { AnswerWriter, Wire } from './wire';

const MODEL = 'claude-answering';

const event = (value: { readonly type: string }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;

/**
 * The Messages API as https://platform.claude.com/docs/en/build-with-claude/streaming shows it, pings and signatures
 * included.
 */
export const anthropicWire: Wire = {
  name: 'anthropic_native (Anthropic)',
  dialect: anthropicDialect,
  kind: 'anthropic',
  path: '/v1/messages',
  contentType: 'text/event-stream; charset=utf-8',
  answer: anthropicAnswer,
  event: (data) => `event: content_block_delta\ndata: ${data}\n\n`,
  words: { stop: 'end_turn', length: 'max_tokens', toolCalls: 'tool_use' },
  reasons: [
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['tool_use', 'tool_calls'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context_limit'],
  ],
  endMark: 'event: message_stop',
  usage: (tokens) => ({ inputTokens: 10, outputTokens: tokens, cachedTokens: 4 }),
  serverTimings: false,
  responseModel: MODEL,
  errorBody: (status, message) =>
    JSON.stringify({
      type: 'error',
      error: { type: status >= 500 ? 'api_error' : 'invalid_request_error', message },
      request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
    }),
  rateLimits: {
    headers: {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-input-tokens-limit': '40000',
      'anthropic-ratelimit-input-tokens-remaining': '0',
    },
    means: { scope: 'input_tokens', limit: 40_000, remaining: 0, resetAt: null },
  },
  keepsCallIds: true,
};

type Kind = 'text' | 'thinking';

/** Writes the events of one answer: blocks are opened and closed as their kind changes. */
function anthropicAnswer(): AnswerWriter {
  let begun = false;
  let index = -1;
  let open: Kind | 'tool_use' | undefined;
  const begin = (): string => {
    if (begun) return '';
    begun = true;
    const usage = {
      input_tokens: 5,
      cache_creation_input_tokens: 1,
      cache_read_input_tokens: 4,
      output_tokens: 1,
    };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: MODEL, content: [], usage };
    const start = { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } };
    return event(start) + event({ type: 'ping' });
  };
  const close = (): string => {
    if (open === undefined) return '';
    const signature =
      open === 'thinking' ? delta({ type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA' }) : '';
    open = undefined;
    return signature + blockEvent('content_block_stop', {});
  };
  const blockEvent = (type: string, rest: object): string =>
    event({ type, index, ...rest } as { type: string });
  const delta = (value: object): string => blockEvent('content_block_delta', { delta: value });
  const block = (kind: Kind | 'tool_use', content: object): string => {
    const before = begin() + close();
    open = kind;
    index += 1;
    return before + blockEvent('content_block_start', { content_block: { type: kind, ...content } });
  };
  return {
    text: (text) =>
      (open === 'text' ? '' : block('text', { text: '' })) + delta({ type: 'text_delta', text }),
    thinking: (thinking) =>
      (open === 'thinking' ? '' : block('thinking', { thinking: '', signature: '' })) +
      delta({ type: 'thinking_delta', thinking }),
    toolCall(id, name, args) {
      const text = JSON.stringify(args);
      const piece = (partial_json: string): string => delta({ type: 'input_json_delta', partial_json });
      return [
        block('tool_use', { id, name, input: {} }) + piece(''),
        piece(text.slice(0, 1)),
        piece(text.slice(1)) + close(),
      ];
    },
    end: (reason, tokens) =>
      begin() +
      close() +
      event({
        type: 'message_delta',
        delta: { stop_reason: reason, stop_sequence: null },
        usage: { output_tokens: tokens },
      } as { type: string }) +
      event({ type: 'message_stop' }),
    error: (message) =>
      begin() + event({ type: 'error', error: { type: 'api_error', message } } as { type: string }),
  };
}
