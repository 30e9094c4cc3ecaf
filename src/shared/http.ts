import * as l10n from '@vscode/l10n';
import type { Dispatcher } from 'undici';
import { request } from 'undici';
import type { z } from 'zod';
import { abortReason, untilAborted } from './abort';
import { ConnectionFault, proxyWantsName, tlsFaultOf } from './connectionFault';
import { messageOf } from './errors';
import { parseJson } from './json';
import { redactText } from './redact';
import { shorten } from './shorten';

/** Why an HTTP exchange gave no usable answer. */
type HttpFailureCode = 'network' | 'timeout' | 'bad_status' | 'not_json' | 'bad_shape' | 'too_large';

export interface HttpFailure {
  readonly code: HttpFailureCode;
  /** What happened, for a person; redacted. */
  readonly message: string;
  readonly url: string;
  readonly status?: number;
  /** Node's or undici's error code, for example `ECONNREFUSED`, or the code of a `ConnectionFault`. */
  readonly systemCode?: string;
  /** What the person can do, where not the server but the way to it fails: a proxy, a certificate, a key. */
  readonly nextStep?: string;
  /** At most 200 characters of the body, redacted. */
  readonly bodyExcerpt?: string;
  /** The whole body where a status was refused and the body is small; parsed by dialects, never logged. */
  readonly body?: string;
  readonly headers?: HttpHeaders;
}

export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export type HttpResult<T> =
  | { readonly ok: true; readonly value: T; readonly headers: HttpHeaders }
  | { readonly ok: false; readonly failure: HttpFailure };

export interface HttpOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON with its content type. */
  readonly json?: unknown;
  readonly signal?: AbortSignal;
  /** Time to the response's headers, in milliseconds. Default 10,000. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within the body, in milliseconds; 0 = none. Default 30,000. */
  readonly bodyTimeoutMs?: number;
  /** Largest body that `json` and `text` accept. Default 16 MiB. */
  readonly maxBytes?: number;
}

export interface HttpStream {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Bytes as they come; breaking off the loop closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Closes the connection at once. */
  close(): void;
}

/** What only a proxy answers. */
const PROXY_AUTHENTICATION_REQUIRED = 407;

/** The system code of an answer that is not HTTP, where the parser has none of its own (`HPE_...`). */
const NOT_HTTP = 'HTTPParserError';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BODY_BYTES = 64 * 1024;
const MAX_EXCERPT_CHARACTERS = 200;
/** Much more than is shown: a secret that is cut in two is not known for one, and redaction shortens what stands before it. */
const MAX_REDACTED_CHARACTERS = 64 * 1024;

/**
 * HTTP for every room: JSON in and out through zod, streams, failures as data. Cancellation rejects with the signal's
 * reason; everything else that goes wrong is an `HttpFailure`.
 */
export class HttpClient {
  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly ownHeaders: () => Promise<Readonly<Record<string, string>>> = () => Promise.resolve({}),
  ) {}

  /** A client that adds headers to each of its requests, for example a backend's key; asked anew every time. */
  withHeaders(headers: () => Promise<Readonly<Record<string, string>>>): HttpClient {
    return new HttpClient(this.dispatcher, async () => ({
      ...(await this.ownHeaders()),
      ...(await headers()),
    }));
  }

  /** Requests `url` and parses the body with `schema`. */
  async json<T>(url: string, schema: z.ZodType<T>, options: HttpOptions = {}): Promise<HttpResult<T>> {
    const text = await this.text(url, options);
    if (!text.ok) return text;
    const parsed = parseJson(text.value);
    if (parsed === undefined) {
      return failed('not_json', url, l10n.t('{0} answered with something that is not JSON', originOf(url)), {
        bodyExcerpt: excerpt(text.value),
      });
    }
    const result = schema.safeParse(parsed);
    if (result.success) return { ok: true, value: result.data, headers: text.headers };
    const issue = result.error.issues[0];
    return failed(
      'bad_shape',
      url,
      issue
        ? l10n.t(
            '{0} answered with JSON of another shape at {1}',
            originOf(url),
            issue.path.join('.') || l10n.t('its top'),
          )
        : l10n.t('{0} answered with JSON of another shape', originOf(url)),
      {
        bodyExcerpt: excerpt(text.value),
      },
    );
  }

  /** Requests `url` and returns the whole body as text; a status outside 2xx is a failure. */
  async text(url: string, options: HttpOptions = {}): Promise<HttpResult<string>> {
    const opened = await this.stream(url, options);
    if (!opened.ok) return opened;
    const { body, headers } = opened.value;
    try {
      const text = await readText(body, options.maxBytes ?? DEFAULT_MAX_BYTES);
      if (text === null)
        return failed('too_large', url, l10n.t('{0} sent more than was asked for', originOf(url)));
      return { ok: true, value: text, headers };
    } catch (thrown) {
      return failureOf(thrown, url, options.signal);
    }
  }

  /** Opens a streaming response; a status outside 2xx is a failure that carries its (bounded) body. */
  async stream(url: string, options: HttpOptions = {}): Promise<HttpResult<HttpStream>> {
    if (options.signal?.aborted) throw abortReason(options.signal);
    const body = options.json === undefined ? null : JSON.stringify(options.json);
    // A controller of our own, so that `close` ends the socket as surely as the caller's signal does.
    const closer = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, closer.signal]) : closer.signal;
    try {
      const own = await this.ownHeaders();
      const asked = request(url, {
        dispatcher: this.dispatcher,
        method: options.method ?? (body === null ? 'GET' : 'POST'),
        headers: {
          accept: 'application/json',
          ...(body === null ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
          ...own,
        },
        body,
        signal,
        headersTimeout: options.headersTimeoutMs ?? 10_000,
        bodyTimeout: options.bodyTimeoutMs ?? 30_000,
      });
      // undici lets a request that waits for its connection wait on, though its signal has aborted.
      const response = await untilAborted(asked, signal);
      const { statusCode: status, headers } = response;
      if (status < 200 || status > 299) {
        const text = await errorText(response.body, options.signal);
        closer.abort();
        if (status === PROXY_AUTHENTICATION_REQUIRED) throw proxyWantsName();
        return failed('bad_status', url, l10n.t('{0} answered {1}', originOf(url), status), {
          status,
          headers,
          body: text,
          bodyExcerpt: excerpt(text),
        });
      }
      const value: HttpStream = { status, headers, body: response.body, close: () => closer.abort() };
      return { ok: true, value, headers };
    } catch (thrown) {
      return failureOf(thrown, url, options.signal);
    }
  }
}

/**
 * Turns what undici threw into a failure: `timeout` for its header, body and connect timeouts, `network` for the rest.
 * Rethrows when the caller's own signal is aborted: cancellation is not a failure.
 */
export function httpFailureOf(thrown: unknown, url: string, signal?: AbortSignal): HttpFailure {
  if (signal?.aborted) throw abortReason(signal);
  const fault = faultIn(thrown);
  if (fault) {
    const { code, message, nextStep } = fault;
    return { code: 'network', url, message: redactText(message), systemCode: code, nextStep };
  }
  const systemCode = systemCodeOf(thrown);
  if (systemCode !== undefined && /TIMEOUT|ETIMEDOUT/.test(systemCode)) {
    return { code: 'timeout', url, message: l10n.t('{0} did not answer in time', originOf(url)), systemCode };
  }
  const tlsFault = tlsFaultOf(systemCode, originOf(url));
  if (tlsFault)
    return { code: 'network', url, ...tlsFault, ...(systemCode === undefined ? {} : { systemCode }) };
  const reason =
    systemCode === 'ECONNREFUSED' ? l10n.t('nothing listens there') : redactText(messageOf(thrown));
  return {
    code: 'network',
    url,
    message: l10n.t('cannot reach {0}: {1}', originOf(url), reason),
    ...(systemCode === undefined ? {} : { systemCode }),
  };
}

function faultIn(thrown: unknown): ConnectionFault | undefined {
  if (thrown instanceof ConnectionFault) return thrown;
  return thrown instanceof Error ? faultIn(thrown.cause) : undefined;
}

function failureOf(thrown: unknown, url: string, signal: AbortSignal | undefined): HttpResult<never> {
  return { ok: false, failure: httpFailureOf(thrown, url, signal) };
}

function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  // What undici throws for an answer that is not HTTP has a code only for some faults.
  if (thrown.name === NOT_HTTP) return NOT_HTTP;
  // Node wraps the refusals of several addresses of one name in an AggregateError.
  if (thrown instanceof AggregateError) return systemCodeOf(thrown.errors[0]);
  return systemCodeOf(thrown.cause);
}

function failed(
  code: HttpFailureCode,
  url: string,
  message: string,
  extra: Partial<HttpFailure> = {},
): { readonly ok: false; readonly failure: HttpFailure } {
  return { ok: false, failure: { code, url, message, ...extra } };
}

/** The address without path, query and userinfo, as it may be shown. */
export function originOf(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}`;
  } catch {
    return 'an address that is not a URL';
  }
}

/** Redacted before it is cut: half a secret would not be known for one. */
function excerpt(text: string): string {
  return shorten(redactText(text.slice(0, MAX_REDACTED_CHARACTERS)), MAX_EXCERPT_CHARACTERS);
}

/** The body of a refused request; empty where it is too long or breaks off, for the status is what counts. */
async function errorText(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<string> {
  try {
    return (await readText(body, MAX_ERROR_BODY_BYTES)) ?? '';
  } catch {
    if (signal?.aborted) throw abortReason(signal);
    return '';
  }
}

/** The text of a body, or null when it is longer than `maxBytes`. */
async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
