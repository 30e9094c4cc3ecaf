import type { Clock } from '../shared/clock';
import type { HttpClient, HttpFailure, HttpHeaders } from '../shared/http';
import { httpFailureOf } from '../shared/http';
import { shorten } from '../shared/shorten';
import { AbortableReader } from './abortableReader';
import type { ChatRequest } from './chat';
import type { Dialect, WireEvent, WireFailure } from './dialect';
import { quotesRequest } from './echo';
import { classifyError, serverErrorOf } from './errorClass';
import { MAX_SERVER_TEXT_CHARACTERS } from './failureText';
import type { Route } from './route';

/** Survives the cold load of a large model from a slow disk. */
const HEADERS_TIMEOUT_MS = 10 * 60_000;
/** Longest silence between two pieces of an answer: a long prompt is read before the first one. */
const IDLE_TIMEOUT_MS = 5 * 60_000;
/** How long the rest of a body may take after its end mark before the connection is given up instead of used again. */
const DRAIN_MS = 1_000;

export type OpenedAttempt =
  | { readonly ok: true; readonly status: number; readonly answer: Answer }
  | { readonly ok: false; readonly failure: WireFailure };

/** A streamed answer that is read event by event. */
export interface Answer {
  /** The next event. Rejects with the signal's reason as soon as it aborts, else with what the connection threw. */
  next(): Promise<WireEvent | undefined>;
  /** After the `end` event: reads what is left in the background, so that the connection can be used again. */
  drain(): void;
  /** Closes the connection at once. */
  close(): void;
}

/**
 * Sends one request and opens its answer. Rejects with the signal's reason; everything else that goes wrong is a
 * failure.
 */
export async function openAttempt(
  http: HttpClient,
  clock: Clock,
  dialect: Dialect,
  route: Route,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<OpenedAttempt> {
  const wire = dialect.encode(route, request);
  const opened = await http.stream(`${route.url}${wire.path}`, {
    method: 'POST',
    headers: wire.headers,
    json: wire.json,
    signal,
    headersTimeoutMs: HEADERS_TIMEOUT_MS,
    bodyTimeoutMs: IDLE_TIMEOUT_MS,
  });
  if (!opened.ok) return { ok: false, failure: failureOf(opened.failure, request) };
  const { status, headers, body } = opened.value;
  const close = (): void => opened.value.close();
  if (isHtml(headers)) {
    close();
    return { ok: false, failure: { code: 'malformed_response', status } };
  }
  const events = dialect.decode(body);
  const reader = new AbortableReader(events, signal);
  const answer: Answer = {
    async next() {
      const step = await reader.next();
      return step.done === true ? undefined : step.value;
    },
    drain() {
      reader.dispose();
      const cancel = clock.after(DRAIN_MS, close);
      const done = (): void => cancel();
      events.next().then(done, done);
    },
    close() {
      reader.dispose();
      close();
    },
  };
  return { ok: true, status, answer };
}

/**
 * What it means when a connection broke under an open answer; `sawEvent`: part of the answer had come. `unknown` for
 * what no connection throws: a bug of ours.
 */
export function brokenAnswer(thrown: unknown, route: Route, sawEvent: boolean): WireFailure {
  const failure = httpFailureOf(thrown, route.url);
  if (failure.systemCode === undefined) return { code: 'unknown' };
  if (failure.code === 'timeout') return { code: 'timeout' };
  return { code: sawEvent ? 'truncated' : 'network' };
}

function failureOf(failure: HttpFailure, request: ChatRequest): WireFailure {
  switch (failure.code) {
    case 'network':
      return networkFailure(failure);
    case 'timeout':
      return { code: 'timeout' };
    case 'bad_status':
      return statusFailure(failure.status ?? 0, failure.body, request);
    case 'not_json':
    case 'bad_shape':
    case 'too_large':
      return { code: 'malformed_response' };
  }
}

function networkFailure({ message, nextStep }: HttpFailure): WireFailure {
  return { code: 'network', ...(nextStep === undefined ? {} : { onTheWay: { message, nextStep } }) };
}

function statusFailure(status: number, body: string | undefined, request: ChatRequest): WireFailure {
  const error = body === undefined ? undefined : serverErrorOf(body);
  // Only what can be shown is compared with the conversation, which may be long.
  const message =
    error?.message === undefined ? undefined : shorten(error.message, MAX_SERVER_TEXT_CHARACTERS);
  const serverText = message === undefined || quotesRequest(message, request) ? undefined : message;
  return { code: classifyError(status, error), status, ...(serverText === undefined ? {} : { serverText }) };
}

function isHtml(headers: HttpHeaders): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && /^\s*(?:text\/html|application\/xhtml)/i.test(type);
}
