import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { WireErrorCode } from './dialect';

/** An error as a server described it, unwrapped from JSON inside JSON. */
export interface ServerError {
  readonly type?: string;
  readonly code?: string;
  readonly message?: string;
  /** Tokens of the request and of the server's context, where it says so. */
  readonly promptTokens?: number;
  readonly contextTokens?: number;
}

const flatError = z.object({ error: z.string() });
const typedError = z.object({
  error: z.object({
    message: z.string().nullish(),
    type: z.string().nullish(),
    code: z.union([z.string(), z.number()]).nullish(),
    n_prompt_tokens: z.number().nullish(),
    n_ctx: z.number().nullish(),
  }),
});

/** Typed errors: the `type` or `code` of OpenAI, Anthropic and llama.cpp bodies. */
const BY_TYPE: Readonly<Record<string, WireErrorCode>> = {
  exceed_context_size_error: 'context_length_exceeded',
  context_length_exceeded: 'context_length_exceeded',
  authentication_error: 'auth',
  permission_error: 'auth',
  invalid_api_key: 'auth',
  rate_limit_error: 'rate_limited',
  rate_limit_exceeded: 'rate_limited',
  insufficient_quota: 'usage_limit',
  billing_error: 'usage_limit',
  model_not_found: 'model_missing',
  unavailable_error: 'provider_unavailable',
  overloaded_error: 'overloaded',
  content_policy_violation: 'content_policy',
  content_filter: 'content_policy',
  not_supported_error: 'invalid_request',
};

/**
 * Whole messages of servers that give no type: Ollama's `{"error": text}` and llama-server's router. Anchored, so that a
 * text that merely quotes one of them is not taken for it.
 */
const BY_MESSAGE: readonly { readonly pattern: RegExp; readonly code: WireErrorCode }[] = [
  {
    pattern: /^model requires more system memory \([^()]+\) than is available \([^()]+\)$/,
    code: 'out_of_memory',
  },
  { pattern: /^model ['"][^'"]{1,300}['"] not found(?:, try pulling it first)?$/, code: 'model_missing' },
  { pattern: /^File Not Found$/, code: 'invalid_request' },
  {
    pattern: /^an error was encountered while running the model: [\w .:-]{1,120}$/,
    code: 'provider_unavailable',
  },
  { pattern: /^the input length exceeds the context length$/, code: 'context_length_exceeded' },
  { pattern: /^Context size has been exceeded\.?$/, code: 'context_length_exceeded' },
];

const BY_STATUS: Readonly<Record<number, WireErrorCode>> = {
  401: 'auth',
  402: 'usage_limit',
  403: 'auth',
  404: 'model_missing',
  408: 'timeout',
  429: 'rate_limited',
  501: 'invalid_request',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

const MAX_NESTING = 4;

/** The error that a body describes; undefined where it is not JSON of a known shape. */
export function serverErrorOf(body: unknown): ServerError | undefined {
  return errorAt(body, 0);
}

function errorAt(body: unknown, depth: number): ServerError | undefined {
  if (depth > MAX_NESTING) return undefined;
  if (typeof body === 'string') {
    // Most messages are plain text; parsing each would throw each time.
    return body.trimStart().startsWith('{') ? errorAt(parseJson(body), depth + 1) : undefined;
  }
  const flat = flatError.safeParse(body);
  if (flat.success) return errorAt(flat.data.error, depth + 1) ?? { message: flat.data.error };
  const typed = typedError.safeParse(body);
  if (!typed.success) return undefined;
  const { message, type, code, n_prompt_tokens: promptTokens, n_ctx: contextTokens } = typed.data.error;
  const inner = typeof message === 'string' ? errorAt(message, depth + 1) : undefined;
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof promptTokens === 'number' ? { promptTokens } : {}),
    ...(typeof contextTokens === 'number' ? { contextTokens } : {}),
    ...inner,
  };
}

/**
 * The code of an error: its type decides, then a message that is known whole, then the status. `status` is null for an
 * error inside a stream that began well.
 */
export function classifyError(status: number | null, error: ServerError | undefined): WireErrorCode {
  for (const name of [error?.code, error?.type]) {
    if (name !== undefined && Object.hasOwn(BY_TYPE, name)) return BY_TYPE[name] ?? 'unknown';
  }
  const known = BY_MESSAGE.find(({ pattern }) => error?.message !== undefined && pattern.test(error.message));
  if (known) return known.code;
  if (status === null)
    return error?.type === 'invalid_request_error' ? 'invalid_request' : 'provider_unavailable';
  // Without a described error a 404 is a wrong address, not a missing model.
  if (status === 404 && error === undefined) return 'invalid_request';
  return (
    BY_STATUS[status] ??
    (status >= 500 ? 'provider_unavailable' : status >= 400 ? 'invalid_request' : 'unknown')
  );
}

/**
 * What a server says of an error in the middle of a stream, where it may quote what the model wrote: token counts and
 * messages that are known whole, nothing else.
 */
export function safeServerText(error: ServerError | undefined): string | undefined {
  if (error?.promptTokens !== undefined && error.contextTokens !== undefined) {
    return `${error.promptTokens} tokens where ${error.contextTokens} fit`;
  }
  const message = error?.message;
  return message !== undefined && BY_MESSAGE.some(({ pattern }) => pattern.test(message))
    ? message
    : undefined;
}
