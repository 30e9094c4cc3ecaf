import { geminiDialect } from '../../../../src/dispatch/dialects/gemini';
import type { AnswerWriter, Wire } from './wire';

const MODEL = 'gemini-answering';

const sse = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;

/** `streamGenerateContent?alt=sse` as https://ai.google.dev/api/generate-content describes it. */
export const geminiWire: Wire = {
  name: 'gemini (Google)',
  dialect: geminiDialect,
  kind: 'gemini',
  path: '/v1beta/models/qwen3%3A8b:streamGenerateContent?alt=sse',
  contentType: 'text/event-stream',
  answer: geminiAnswer,
  event: (data) => `data: ${data}\r\n\r\n`,
  words: { stop: 'STOP', length: 'MAX_TOKENS', toolCalls: 'STOP' },
  reasons: [
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['BLOCKLIST', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'malformed'],
  ],
  endMark: 'data: {"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason"',
  usage: (tokens) => ({ inputTokens: 10, outputTokens: tokens, cachedTokens: 4, reasoningTokens: 0 }),
  serverTimings: false,
  responseModel: MODEL,
  errorBody: (status, message) =>
    JSON.stringify({ error: { code: status, message, status: STATUS_WORDS[status] ?? 'UNKNOWN' } }, null, 2),
  rateLimits: undefined,
  keepsCallIds: true,
};

/** https://ai.google.dev/gemini-api/docs/troubleshooting */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Writes the chunks of one answer; each of them is an answer by itself with what is new. */
function geminiAnswer(): AnswerWriter {
  const chunk = (parts: readonly object[], usage: object, rest: object = {}): string =>
    sse({
      candidates: [{ content: { parts, role: 'model' }, ...rest, index: 0 }],
      usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 4, ...usage },
      modelVersion: MODEL,
      responseId: 'r6jbaLYSn',
    });
  return {
    text: (text) => chunk([{ text }], {}),
    thinking: (text) => chunk([{ text, thought: true }], {}),
    toolCall: (id, name, args) => [
      chunk([{ functionCall: { id, name, args }, thoughtSignature: 'CiQB0e2Kb5l' }], {}),
    ],
    end: (finishReason, tokens) =>
      chunk(
        [{ text: '' }],
        { candidatesTokenCount: tokens, thoughtsTokenCount: 0, totalTokenCount: 10 + tokens },
        { finishReason },
      ),
    error: (message) => sse({ error: { code: 500, message, status: 'INTERNAL' } }),
  };
}
