import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { WireErrorCode } from './dialect';
import { BY_MESSAGE, BY_NAME, BY_NAME_IN_STREAM, BY_STATUS } from './knownErrors';

/** An error as a server described it, unwrapped from JSON inside JSON. */
export interface ServerError {
  readonly type?: string;
  readonly code?: string;
  /** The status that the error is said to have, where its own body says so. */
  readonly status?: number;
  readonly message?: string;
  /** Tokens of the request and of the server's context, where it says so. */
  readonly promptTokens?: number;
  readonly contextTokens?: number;
  /** How long the body says to wait. */
  readonly retryAfterMs?: number;
  /** What the body's details say of it, where they say more than its type. */
  readonly detail?: 'usage_limit' | 'content_policy' | 'auth';
}

const flatError = z.object({ error: z.string() });
/** vLLM of before 2025 describes an error at the top of the body. */
const bareError = z.object({ object: z.literal('error'), message: z.string() });
const typedError = z.object({
  message: z.string().nullish(),
  type: z.string().nullish(),
  code: z.union([z.string(), z.number()]).nullish(),
  /** Google's word for its code. */
  status: z.string().nullish().catch(undefined),
  n_prompt_tokens: z.number().nullish(),
  n_ctx: z.number().nullish(),
  details: z.unknown().optional(),
  /** OpenRouter's: why its moderation refused the input. */
  metadata: z
    .object({ reasons: z.array(z.unknown()).nullish() })
    .nullish()
    .catch(undefined),
});

/** The details of Google's errors that say more than their status does (`google.rpc`'s error_details). */
const googleDetail = z.object({
  reason: z.string().optional().catch(undefined),
  retryDelay: z.string().optional().catch(undefined),
  violations: z
    .array(
      z.object({
        quotaId: z.string().optional().catch(undefined),
        quotaValue: z.string().optional().catch(undefined),
      }),
    )
    .optional()
    .catch(undefined),
});

/** The details of Anthropic's errors: why a limit of money is none of requests. */
const spendLimit = z.object({ error_code: z.literal('enforced_spend_limit_reached') });

const MAX_NESTING = 4;
const MAX_DETAILS = 20;
/** A month; what is longer is no delay that anybody waits for. */
const MAX_RETRY_SECONDS = 30 * 24 * 60 * 60;

/** The error that a body describes; undefined where it is not JSON of a known shape. */
export function serverErrorOf(body: unknown): ServerError | undefined {
  return errorAt(body, 0);
}

function errorAt(body: unknown, depth: number): ServerError | undefined {
  if (depth > MAX_NESTING) return undefined;
  if (typeof body === 'string') {
    // Most messages are plain text; parsing each would throw each time.
    return /^\s*[{[]/.test(body) ? errorAt(parseJson(body), depth + 1) : undefined;
  }
  // Gemini writes a list of one where it was asked for a stream.
  if (Array.isArray(body)) return body.length === 1 ? errorAt(body[0], depth + 1) : undefined;
  const flat = flatError.safeParse(body);
  if (flat.success) return errorAt(flat.data.error, depth + 1) ?? { message: flat.data.error };
  const inner = bareError.safeParse(body).success ? body : innerOf(body);
  const typed = typedError.safeParse(inner);
  return typed.success ? described(typed.data, depth) : undefined;
}

function innerOf(body: unknown): unknown {
  return z.object({ error: z.unknown() }).safeParse(body).data?.error;
}

function described(error: z.infer<typeof typedError>, depth: number): ServerError {
  const { message, type, code, status: word, n_prompt_tokens: promptTokens, n_ctx: contextTokens } = error;
  const name = type ?? word;
  const status = statusOf(code);
  const nested = typeof message === 'string' ? errorAt(message, depth + 1) : undefined;
  return {
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof name === 'string' ? { type: name } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(status === undefined ? {} : { status }),
    ...(typeof promptTokens === 'number' ? { promptTokens } : {}),
    ...(typeof contextTokens === 'number' ? { contextTokens } : {}),
    ...detailsOf(error),
    ...nested,
  };
}

/** A code that is a status of a failed request. */
function statusOf(code: string | number | null | undefined): number | undefined {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function detailsOf({
  details,
  metadata,
}: z.infer<typeof typedError>): Pick<ServerError, 'retryAfterMs' | 'detail'> {
  if (metadata?.reasons) return { detail: 'content_policy' };
  if (spendLimit.safeParse(details).success) return { detail: 'usage_limit' };
  const known = (Array.isArray(details) ? details : [])
    .slice(0, MAX_DETAILS)
    .flatMap((entry) => googleDetail.safeParse(entry).data ?? []);
  const retryAfterMs = known
    .map(({ retryDelay }) => delayOf(retryDelay))
    .find((delay) => delay !== undefined);
  // A quota of a day, or one of zero, is not back before the caller has gone.
  const isUsedUp = known.some((entry) =>
    entry.violations?.some(
      ({ quotaId, quotaValue }) => (quotaId ?? '').includes('PerDay') || quotaValue === '0',
    ),
  );
  const isKey = known.some(({ reason }) => reason === 'API_KEY_INVALID');
  return {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(isUsedUp ? { detail: 'usage_limit' } : isKey ? { detail: 'auth' } : {}),
  };
}

/** Milliseconds of protobuf's JSON form of a duration, such as `26s` or `1.5s`. */
function delayOf(text: string | undefined): number | undefined {
  const seconds = Number(/^(\d{1,12}(?:\.\d{1,9})?)s$/.exec(text ?? '')?.[1] ?? NaN);
  return Number.isNaN(seconds) ? undefined : Math.ceil(Math.min(seconds, MAX_RETRY_SECONDS) * 1_000);
}

/**
 * The code of an error: what its details say, its name, then a message that is known whole, then the status. `status` is
 * null for an error inside a stream that began well; its own body may give it one.
 */
export function classifyError(status: number | null, error: ServerError | undefined): WireErrorCode {
  if (error?.detail !== undefined) return error.detail;
  const named = codeIn(BY_NAME, error);
  if (named !== undefined) return named;
  const known = BY_MESSAGE.find(({ pattern }) => error?.message !== undefined && pattern.test(error.message));
  if (known) return known.code;
  if (status !== null) return codeOfStatus(status, error);
  return (
    codeIn(BY_NAME_IN_STREAM, error) ??
    (error?.status === undefined ? 'provider_unavailable' : codeOfStatus(error.status, error))
  );
}

function codeIn(
  table: Readonly<Record<string, WireErrorCode>>,
  error: ServerError | undefined,
): WireErrorCode | undefined {
  const name = [error?.code, error?.type].find((word) => word !== undefined && Object.hasOwn(table, word));
  return name === undefined ? undefined : table[name];
}

function codeOfStatus(status: number, error: ServerError | undefined): WireErrorCode {
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
    return l10n.t('{0} tokens where {1} fit', error.promptTokens, error.contextTokens);
  }
  const message = error?.message;
  return message !== undefined && BY_MESSAGE.some(({ pattern }) => pattern.test(message))
    ? message
    : undefined;
}
