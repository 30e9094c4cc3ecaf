import { untilAborted } from '../shared/abort';
import type { Clock } from '../shared/clock';
import type { RateLimit } from '../shared/dispatchRecord';
import type { HttpClient, HttpFailure, HttpHeaders, HttpResult, HttpStream } from '../shared/http';
import { httpFailureOf } from '../shared/http';
import { shorten } from '../shared/shorten';
import { AbortableReader } from './abortableReader';
import type { ChatRequest } from './chat';
import type { Dialect, WireEvent, WireFailure, WireRequest } from './dialect';
import { quotesRequest } from './echo';
import { classifyError, serverErrorOf } from './errorClass';
import { MAX_SERVER_TEXT_CHARACTERS } from './failureText';
import { rateLimitOf } from './rateLimits';
import { retryAfterMsOf } from './retryAfter';
import type { Route } from './route';

/** Time limits of one attempt, in milliseconds. */
export interface AttemptTimeouts {
  /** From the request to the answer's headers. */
  readonly localHeadersMs: number;
  /** The same for a provider's own service. */
  readonly hostedHeadersMs: number;
  /** Longest silence between two pieces of an answer. */
  readonly idleMs: number;
}

export const ATTEMPT_TIMEOUTS: AttemptTimeouts = {
  // Survives the cold load of a large model from a slow disk.
  localHeadersMs: 10 * 60_000,
  hostedHeadersMs: 60_000,
  // A long prompt is read before the first piece comes.
  idleMs: 5 * 60_000,
};

/** How long the rest of a body may take after its end mark before the connection is given up instead of used again. */
const DRAIN_MS = 1_000;

export type OpenedAttempt =
  | {
      readonly ok: true;
      /** Of the HTTP response; null where there is none. */
      readonly status: number | null;
      readonly answer: Answer;
      readonly rateLimit?: RateLimit;
    }
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

/** What every attempt is made with. */
export interface AttemptParts {
  readonly clock: Clock;
  readonly timeouts: AttemptTimeouts;
}

/** How long the first sign of an answer may take on a route, in milliseconds. */
export function headersTimeoutMs({ hosted }: Route, timeouts: AttemptTimeouts): number {
  return hosted ? timeouts.hostedHeadersMs : timeouts.localHeadersMs;
}

/**
 * Sends one request and opens its answer. Rejects with the signal's reason as soon as it aborts, even when the client
 * goes on; everything else that goes wrong is a failure.
 */
export async function openAttempt(
  http: HttpClient,
  { clock, timeouts }: AttemptParts,
  dialect: Dialect,
  wire: WireRequest,
  { route, request }: { readonly route: Route; readonly request: ChatRequest },
  signal: AbortSignal,
): Promise<OpenedAttempt> {
  const opening = http.stream(`${route.url}${wire.path}`, {
    method: 'POST',
    headers: wire.headers,
    json: wire.json,
    signal,
    headersTimeoutMs: headersTimeoutMs(route, timeouts),
    bodyTimeoutMs: timeouts.idleMs,
  });
  let opened: Awaited<typeof opening>;
  try {
    opened = await untilAborted(opening, signal);
  } catch (thrown) {
    closeWhenOpened(opening);
    throw thrown;
  }
  if (!opened.ok) return { ok: false, failure: failureOf(opened.failure, request, clock) };
  const { status, headers, body } = opened.value;
  const rateLimit = rateLimitOf(headers, clock.now());
  const limits = rateLimit === undefined ? {} : { rateLimit };
  const close = (): void => opened.value.close();
  if (isHtml(headers)) {
    close();
    return { ok: false, failure: { code: 'malformed_response', status, ...limits } };
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
  return { ok: true, status, answer, ...limits };
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

/** For an attempt that nobody waits for any more. */
function closeWhenOpened(opening: Promise<HttpResult<HttpStream>>): void {
  opening.then(
    (late) => {
      if (late.ok) late.value.close();
    },
    () => undefined,
  );
}

function failureOf(failure: HttpFailure, request: ChatRequest, clock: Clock): WireFailure {
  switch (failure.code) {
    case 'network':
      return networkFailure(failure);
    case 'timeout':
      return { code: 'timeout' };
    case 'bad_status':
      return statusFailure(failure, request, clock);
    case 'not_json':
    case 'bad_shape':
    case 'too_large':
      return { code: 'malformed_response' };
  }
}

function networkFailure({ message, nextStep }: HttpFailure): WireFailure {
  return { code: 'network', ...(nextStep === undefined ? {} : { onTheWay: { message, nextStep } }) };
}

function statusFailure(failure: HttpFailure, request: ChatRequest, clock: Clock): WireFailure {
  const { status = 0, body, headers = {} } = failure;
  const error = body === undefined ? undefined : serverErrorOf(body);
  // Only what can be shown is compared with the conversation, which may be long.
  const message =
    error?.message === undefined ? undefined : shorten(error.message, MAX_SERVER_TEXT_CHARACTERS);
  const serverText = message === undefined || quotesRequest(message, request) ? undefined : message;
  const retryAfterMs = retryAfterMsOf(headers, clock.now()) ?? error?.retryAfterMs;
  const rateLimit = rateLimitOf(headers, clock.now());
  return {
    code: classifyError(status, error),
    status,
    ...(serverText === undefined ? {} : { serverText }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

function isHtml(headers: HttpHeaders): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && /^\s*(?:text\/html|application\/xhtml)/i.test(type);
}
