import type { HttpHeaders } from '../shared/http';
import { firstHeader } from './rateLimits';

/** A month; what is longer is no delay that anybody waits for. */
const MAX_DELAY_MS = 30 * 24 * 60 * 60 * 1_000;

const NUMBER = /^\d{1,15}(?:\.\d{1,9})?$/;
/** A date of HTTP in any of its three forms begins with the name of a day (RFC 9110, 5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w :,+-]{10,40}$/;

/**
 * How long the server says to wait, in milliseconds from 0 to 30 days: `retry-after-ms`, else `retry-after` in seconds
 * (also a decimal), else `retry-after` as a date; undefined where it says none of these, or nothing readable.
 *
 * The reset times of rate limits are no such delay: OpenAI and Anthropic give the time at which a bucket is full again,
 * and a request fits long before that.
 */
export function retryAfterMsOf(headers: HttpHeaders, nowMs: number): number | undefined {
  const ms = firstHeader(headers, 'retry-after-ms');
  if (ms !== undefined && NUMBER.test(ms)) return bounded(Number(ms));
  const after = firstHeader(headers, 'retry-after');
  if (after === undefined) return undefined;
  if (NUMBER.test(after)) return bounded(Number(after) * 1_000);
  const at = HTTP_DATE.test(after) ? Date.parse(after) : NaN;
  return Number.isNaN(at) ? undefined : bounded(at - nowMs);
}

function bounded(delayMs: number): number {
  return Math.min(Math.max(Math.ceil(delayMs), 0), MAX_DELAY_MS);
}
