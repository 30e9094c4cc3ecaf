import { describe, expect, it } from 'vitest';
import type { FinishReason } from '../../../src/dispatch/chat';
import type { WireErrorCode } from '../../../src/dispatch/dialect';
import type { RetryFacts } from '../../../src/dispatch/retryDecision';
import { decideRetry, isRetriedWhenEmpty, retryCauseOf } from '../../../src/dispatch/retryDecision';
import type { RetryChoice } from '../../../src/shared/retryPolicy';
import { retryChoiceSchema, retryPolicyOf } from '../../../src/shared/retryPolicy';

describe('what deserves another attempt', () => {
  it.each<readonly [WireErrorCode, number | undefined, string | undefined]>([
    ['network', undefined, 'network'],
    ['truncated', 200, 'network'],
    ['timeout', undefined, 'timeout'],
    ['timeout', 408, 'timeout'],
    ['timeout', 504, 'timeout'],
    ['rate_limited', 429, 'rateLimit'],
    ['provider_unavailable', 500, 'serverError'],
    ['provider_unavailable', 502, 'serverError'],
    ['provider_unavailable', undefined, 'serverError'],
    ['overloaded', 503, 'serverError'],
    ['overloaded', 529, 'serverError'],
    ['invalid_request', 400, undefined],
    ['invalid_request', 413, undefined],
    ['invalid_request', 422, undefined],
    ['invalid_request', 501, undefined],
    ['auth', 401, undefined],
    ['auth', 403, undefined],
    ['usage_limit', 402, undefined],
    ['usage_limit', 429, undefined],
    ['model_missing', 404, undefined],
    ['context_length_exceeded', 400, undefined],
    ['context_length_exceeded', 500, undefined],
    ['content_policy', 400, undefined],
    ['out_of_memory', 500, undefined],
    ['malformed_response', 200, undefined],
    ['unknown', undefined, undefined],
  ])('%s with status %s: %s, wherever it runs', (code, status, cause) => {
    const failure = { code, ...(status === undefined ? {} : { status }) };
    expect([retryCauseOf(failure, false), retryCauseOf(failure, true)]).toEqual([cause, cause]);
  });

  it('a conflict of a hosted provider, not of a local server', () => {
    const conflict = { code: 'invalid_request', status: 409 } as const;
    expect([retryCauseOf(conflict, true), retryCauseOf(conflict, false)]).toEqual(['serverError', undefined]);
    expect(retryCauseOf({ code: 'content_policy', status: 409 }, true)).toBeUndefined();
  });

  it.each<readonly [FinishReason, boolean]>([
    ['stop', true],
    ['tool_calls', true],
    ['length', false],
    ['context_limit', false],
    ['content_filter', false],
    ['refusal', false],
    ['pause', false],
    ['malformed', false],
    ['cancelled', false],
    ['error', false],
  ])('an answer without content that ended with %s: %s', (finishReason, retried) => {
    expect(isRetriedWhenEmpty(finishReason)).toBe(retried);
  });
});

/** The decision after an attempt that failed with a rate limit, unless said otherwise. */
function decide(choice: RetryChoice, change: Partial<Omit<RetryFacts, 'policy'>> = {}): object {
  const facts = { attempts: 1, empties: 0, elapsedMs: 0, retryAfterMs: undefined, random: 1 };
  return decideRetry({ ...facts, cause: 'rateLimit', ...change, policy: retryPolicyOf(choice) });
}

const NONE = { retry: false, retryKind: 'none' };
const ACTIVE = { retry: false, retryKind: 'active' };
const waits = (delayMs: number, delayOrigin: string): object => ({ retry: true, delayMs, delayOrigin });

describe('how often', () => {
  it.each([
    ['once more after the first of three', true, 1, waits(500, 'policy')],
    ['once more after the second of three', true, 2, waits(1_000, 'policy')],
    ['no more after the third of three', true, 3, ACTIVE],
    ['never where one attempt is all', false, 1, NONE],
    ['as often as the policy says', { maxAttempts: 5 }, 4, waits(4_000, 'policy')],
    ['no more than the policy says', { maxAttempts: 5 }, 5, ACTIVE],
  ])('%s', (_what, choice, attempts, decision) => {
    expect(decide(choice, { attempts })).toEqual(decision);
  });

  it.each(['network', 'timeout', 'rateLimit', 'serverError'] as const)(
    'not after %s where that is switched off, and after all others',
    (off) => {
      for (const cause of ['network', 'timeout', 'rateLimit', 'serverError'] as const) {
        const decision = decide({ retryOn: { [off]: false } }, { cause });
        expect(decision).toEqual(cause === off ? NONE : waits(500, 'policy'));
      }
    },
  );

  it('once after an empty answer, whatever else is switched off, and within the attempts', () => {
    const nothing = { network: false, timeout: false, rateLimit: false, serverError: false };
    const empty = { cause: 'empty', empties: 1 } as const;
    expect(decide({ retryOn: nothing }, empty)).toEqual(waits(500, 'policy'));
    expect(decide(true, { ...empty, empties: 2, attempts: 2 })).toEqual(ACTIVE);
    expect(decide(true, { ...empty, attempts: 3 })).toEqual(ACTIVE);
    expect(decide(false, empty)).toEqual(NONE);
  });
});

describe('how long', () => {
  it('doubles from the least to the longest wait', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempts) => decide({ maxAttempts: 20 }, { attempts }));
    const expected = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
    expect(delays).toEqual(expected.map((delayMs) => waits(delayMs, 'policy')));
  });

  it.each([
    [0, 375],
    [0.5, 437.5],
    [1, 500],
  ])('is drawn between three quarters and the whole: %s gives %s', (random, delayMs) => {
    expect(decide(true, { random })).toEqual(waits(delayMs, 'policy'));
  });

  it('is what the provider says, drawn by nobody', () => {
    expect(decide(true, { retryAfterMs: 1_234, random: 0 })).toEqual(waits(1_234, 'provider'));
    expect(decide(true, { retryAfterMs: 0 })).toEqual(waits(0, 'provider'));
    expect(decide({ respectRetryAfter: false }, { retryAfterMs: 1_234 })).toEqual(waits(500, 'policy'));
  });

  it('ends at the longest wait that is slept through', () => {
    expect(decide(true, { retryAfterMs: 20_000 })).toEqual(waits(20_000, 'provider'));
    expect(decide(true, { retryAfterMs: 20_001 })).toEqual(NONE);
    expect(decide({ maxActiveDelayMs: 499 })).toEqual(NONE);
  });

  it('ends with the time for all attempts, counted from the end of the first', () => {
    expect(decide(true, { elapsedMs: 59_500 })).toEqual(waits(500, 'policy'));
    expect(decide(true, { elapsedMs: 59_501 })).toEqual(NONE);
    expect(decide(true, { elapsedMs: 50_000, retryAfterMs: 10_001 })).toEqual(NONE);
  });
});

describe('what is left for later', () => {
  const long = { retryAfterMs: 60_000 };
  const deferred = { retry: false, retryKind: 'deferred', retryAfterMs: 60_000 };
  it.each<readonly [string, RetryChoice, Partial<Omit<RetryFacts, 'policy'>>, object]>([
    ['a long wait of the provider, where that is wanted', { longRetry: 'defer' }, long, deferred],
    ['nothing, where it is not', { longRetry: 'error' }, long, NONE],
    [
      'a wait beyond the time',
      { longRetry: 'defer' },
      { retryAfterMs: 15_000, elapsedMs: 50_000 },
      {
        ...deferred,
        retryAfterMs: 15_000,
      },
    ],
    ['no wait of our own', { longRetry: 'defer', maxActiveDelayMs: 100 }, {}, NONE],
    [
      'no wait that counts for nothing',
      { longRetry: 'defer', respectRetryAfter: false, maxActiveDelayMs: 100 },
      long,
      NONE,
    ],
    ['a wait as long as the longest', { longRetry: 'defer', maxDeferredDelayMs: 60_000 }, long, deferred],
    ['no longer wait', { longRetry: 'defer', maxDeferredDelayMs: 59_999 }, long, NONE],
    ['nothing after the last attempt', { longRetry: 'defer' }, { ...long, attempts: 3 }, ACTIVE],
    [
      'nothing where a short wait is slept through',
      { longRetry: 'defer' },
      { retryAfterMs: 10 },
      waits(10, 'provider'),
    ],
  ])('%s', (_what, choice, change, decision) => {
    expect(decide(choice, change)).toEqual(decision);
  });
});

describe('a choice', () => {
  it.each([true, false, {}, { maxAttempts: 1 }, { maxDeferredDelayMs: null }, { minDelayMs: 0 }])(
    '%j is one',
    (choice) => {
      expect(retryChoiceSchema.safeParse(choice).success).toBe(true);
    },
  );

  it.each([
    null,
    3,
    'yes',
    { maxAttempts: 0 },
    { maxAttempts: 1.5 },
    { minDelayMs: -1 },
    { minDelayMs: 9_000 },
    { maxDelayMs: 10 },
    { maxDelayMs: Number.POSITIVE_INFINITY },
    { longRetry: 'never' },
    { retryOn: { anything: true } },
    { tries: 3 },
  ])('%j is none', (choice) => {
    expect(retryChoiceSchema.safeParse(choice).success).toBe(false);
  });
});
