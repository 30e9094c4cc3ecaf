import type { FinishReason } from './chat';
import type { WireFailure } from './dialect';
import type { ModelRetryPolicy } from '../shared/retryPolicy';

/** Why another attempt may do better: a class of failures that the policy switches, or an empty completion. */
export type RetryCause = keyof ModelRetryPolicy['retryOn'] | 'empty';

/** Whose wait comes before an attempt. */
export type DelayOrigin = 'provider' | 'policy';

/** What one attempt tells, as far as another one depends on it. */
export interface RetryFacts {
  readonly policy: ModelRetryPolicy;
  readonly cause: RetryCause;
  /** Attempts on this route so far, from 1. */
  readonly attempts: number;
  /** Empty completions on this route so far. */
  readonly empties: number;
  /** Since the end of the first attempt. */
  readonly elapsedMs: number;
  /** The wait that the provider named; undefined where it named none. */
  readonly retryAfterMs: number | undefined;
  /** From 0 to 1. */
  readonly random: number;
}

export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number; readonly delayOrigin: DelayOrigin }
  | {
      readonly retry: false;
      readonly retryKind: 'none' | 'active' | 'deferred';
      /** Set where it is deferred; always the provider's own, never a wait that we made up. */
      readonly retryAfterMs?: number;
    };

/** A model that twice says nothing to the same words has nothing to say. */
const MAX_EMPTY_RETRIES = 1;

/** A wait of our own is drawn between this share of it and the whole. */
const MIN_JITTER = 0.75;

const CONFLICT = 409;

/** Ends after which an answer without content is a fault of the moment; a limit, a filter or a refusal is none. */
const UNEXPLAINED_ENDS: readonly FinishReason[] = ['stop', 'tool_calls'];

/**
 * Why a failed attempt deserves another one; undefined where another would only fail the same way. Decided by the typed
 * code, by the status only where a code covers more than one: a hosted provider's 409 is a clash of two requests.
 */
export function retryCauseOf(
  { code, status }: Pick<WireFailure, 'code' | 'status'>,
  hosted: boolean,
): RetryCause | undefined {
  switch (code) {
    case 'network':
    case 'truncated':
      return 'network';
    case 'timeout':
      return 'timeout';
    case 'rate_limited':
      return 'rateLimit';
    case 'overloaded':
    case 'provider_unavailable':
      return 'serverError';
    case 'invalid_request':
      return hosted && status === CONFLICT ? 'serverError' : undefined;
    case 'auth':
    case 'model_missing':
    case 'context_length_exceeded':
    case 'content_policy':
    case 'out_of_memory':
    case 'malformed_response':
    case 'usage_limit':
    case 'unknown':
      return undefined;
  }
}

/** Whether an answer without content may become one with content when it is asked for again. */
export function isRetriedWhenEmpty(finishReason: FinishReason): boolean {
  return UNEXPLAINED_ENDS.includes(finishReason);
}

/** Whether there is another attempt, and after which wait; else what the caller is told. */
export function decideRetry(facts: RetryFacts): RetryDecision {
  const { policy, cause, attempts, empties, elapsedMs, retryAfterMs } = facts;
  if (cause !== 'empty' && !policy.retryOn[cause]) return { retry: false, retryKind: 'none' };
  if (attempts >= policy.maxAttempts || (cause === 'empty' && empties > MAX_EMPTY_RETRIES)) {
    return { retry: false, retryKind: attempts > 1 ? 'active' : 'none' };
  }
  const ofProvider = policy.respectRetryAfter ? retryAfterMs : undefined;
  const delayMs = ofProvider ?? ownDelayMs(facts);
  if (delayMs <= policy.maxActiveDelayMs && elapsedMs + delayMs <= policy.maxActiveElapsedMs) {
    return { retry: true, delayMs, delayOrigin: ofProvider === undefined ? 'policy' : 'provider' };
  }
  const isDeferred =
    policy.longRetry === 'defer' &&
    ofProvider !== undefined &&
    (policy.maxDeferredDelayMs === null || ofProvider <= policy.maxDeferredDelayMs);
  return isDeferred
    ? { retry: false, retryKind: 'deferred', retryAfterMs: ofProvider }
    : { retry: false, retryKind: 'none' };
}

/** Doubles with every attempt up to the policy's limit; drawn, so that many callers do not come back at once. */
function ownDelayMs({ policy, attempts, random }: RetryFacts): number {
  const wholeMs = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (attempts - 1));
  return wholeMs * (MIN_JITTER + (1 - MIN_JITTER) * random);
}
