import type { ChatUsage } from './chat';
import type { WireEnd, WireFailure } from './dialect';
import { classifyError, safeServerText, serverErrorOf } from './errorClass';

export const UNKNOWN_USAGE: ChatUsage = { inputTokens: null, outputTokens: null };

/** The end of a stream that failed; what was counted until then is kept. */
export function failedEnd(failure: WireFailure, usage: ChatUsage = UNKNOWN_USAGE): WireEnd {
  return { type: 'end', finishReason: 'error', usage, failure };
}

/** The end for an answer that is not a chat stream at all, such as a web page. */
export function malformedEnd(usage?: ChatUsage): WireEnd {
  return failedEnd({ code: 'malformed_response' }, usage);
}

/** What an error means that a server describes inside a stream which began well. */
export function failureInStream(body: unknown): WireFailure {
  const error = serverErrorOf(body);
  const serverText = safeServerText(error);
  return {
    code: classifyError(null, error),
    ...(serverText === undefined ? {} : { serverText }),
    ...(error?.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  };
}
