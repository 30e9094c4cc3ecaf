import type { ServerResponse } from 'node:http';
import type { DoneReason, Figures } from './answer';
import { encodeGoJson } from './goJson';
import { callId } from './madeUpIds';
import type { Voice } from './reply';
import { replyBody, replyJson } from './reply';
import type { Piece } from './script';

/** How the OpenAI routes speak: JSON with a line end, errors as objects, streams as server-sent events. */
export const OPENAI_VOICE: Voice = {
  whole: (response, body) => replyOpenAi(response, 200, body),
  error: replyOpenAiError,
  streamError: replyOpenAiError,
  dress: {
    headers: { 'Content-Type': 'text/event-stream' },
    encode: (value) => `data: ${typeof value === 'string' ? value : encodeGoJson(value)}\n\n`,
  },
};

/** Answers with JSON as Go's encoder ends it. */
export function replyOpenAi(response: ServerResponse, status: number, value: unknown): void {
  replyBody(response, status, 'application/json', `${encodeGoJson(value)}\n`);
}

/** Answers with what one of Ollama's own routes would say as an error. */
export function replyOpenAiError(response: ServerResponse, status: number, text: string): void {
  replyOpenAi(response, status, openAiError(status, text));
}

/** Answers a body that cannot be read: another content type, and no line end. `text` is of `decodeGoJson`. */
export function replyUnreadable(response: ServerResponse, text: string): void {
  replyJson(response, 400, openAiError(400, text === 'missing request body' ? 'EOF' : text));
}

/** `usage` of an answer. */
export function usageOf({ prompt_eval_count: prompt, eval_count: completion }: Figures): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}

/** Why an answer ended; `called`: with a tool's call in it. */
export function finishReason(reason: DoneReason, called: boolean): string {
  return called && reason === 'stop' ? 'tool_calls' : reason;
}

/** A tool's call, with its arguments as text. */
export function functionCall(call: Piece & { readonly kind: 'tool' }, index: number): object {
  const called = { name: call.name, arguments: JSON.stringify(call.arguments) };
  return { id: callId(), index, type: 'function', function: called };
}

function openAiError(status: number, message: string): object {
  const type = { 400: 'invalid_request_error', 404: 'not_found_error' }[status] ?? 'api_error';
  return { error: { message, type, param: null, code: null } };
}
