import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateLimitOf } from '../../../src/dispatch/rateLimits';

const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

describe('the rate limit of an answer', () => {
  it('is the first bucket where none is used up', () => {
    expect(
      rateLimitOf(
        {
          'x-ratelimit-limit-requests': '60',
          'x-ratelimit-limit-tokens': '150000',
          'x-ratelimit-remaining-requests': '59',
          'x-ratelimit-remaining-tokens': '149984',
          'x-ratelimit-reset-requests': '1s',
          'x-ratelimit-reset-tokens': '6m0s',
        },
        NOW_MS,
      ),
    ).toEqual({ scope: 'requests', limit: 60, remaining: 59, resetAt: '2026-11-21T12:00:01.000Z' });
  });

  it('is the bucket that is used up where there is one', () => {
    expect(
      rateLimitOf(
        {
          'anthropic-ratelimit-requests-limit': '50',
          'anthropic-ratelimit-requests-remaining': '49',
          'anthropic-ratelimit-requests-reset': '2026-11-21T12:00:10Z',
          'anthropic-ratelimit-input-tokens-limit': '40000',
          'anthropic-ratelimit-input-tokens-remaining': '0',
          'anthropic-ratelimit-input-tokens-reset': '2026-11-21T12:01:00Z',
        },
        NOW_MS,
      ),
    ).toEqual({
      scope: 'input_tokens',
      limit: 40_000,
      remaining: 0,
      resetAt: '2026-11-21T12:01:00.000Z',
    });
  });

  it('has headers without a bucket count requests', () => {
    const means = { scope: 'requests', limit: 20, remaining: 0, resetAt: '2026-11-21T12:00:30.000Z' };
    expect(
      rateLimitOf({ 'ratelimit-limit': '20', 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, NOW_MS),
    ).toEqual(means);
    // OpenRouter gives the milliseconds of the reset since 1970.
    expect(
      rateLimitOf(
        {
          'x-ratelimit-limit': '20',
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(NOW_MS + 30_000),
        },
        NOW_MS,
      ),
    ).toEqual(means);
  });

  it.each([
    ['6m0s', 360_000],
    ['1.2s', 1_200],
    ['20ms', 20],
    ['1h2m3.5s', 3_723_500],
    ['1d', 86_400_000],
    ['0s', 0],
    ['59', 59_000],
    ['0.25', 250],
    [String((NOW_MS + 5_000) / 1_000), 5_000],
    [String(NOW_MS + 5_000), 5_000],
    ['2026-11-21T12:00:07.5Z', 7_500],
    ['2026-11-21T13:00:07+01:00', 7_000],
    ['2026-11-21T11:59:00Z', -60_000],
  ])('resets at %s', (reset, afterMs) => {
    const limit = rateLimitOf(
      { 'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': reset },
      NOW_MS,
    );
    expect(limit?.resetAt).toBe(new Date(NOW_MS + afterMs).toISOString());
  });

  it.each([
    '',
    'soon',
    '-1',
    '1e9',
    '6m 0s',
    's',
    '5x',
    'NaN',
    '99999999999999',
    '9999999d',
    '2026-13-99T99:99:99Z',
  ])('has no reset where %j is all that is said of it', (reset) => {
    const headers = { 'x-ratelimit-remaining-tokens': '1', 'x-ratelimit-reset-tokens': reset };
    expect(rateLimitOf(headers, NOW_MS)).toEqual({
      scope: 'tokens',
      limit: null,
      remaining: 1,
      resetAt: null,
    });
  });

  it('is none where nothing is said of it, or nothing that can be read', () => {
    expect(rateLimitOf({}, NOW_MS)).toBeUndefined();
    expect(
      rateLimitOf(
        {
          'content-type': 'text/html',
          // Azure says -1 where it does not know.
          'x-ratelimit-limit-tokens': '-1',
          'x-ratelimit-remaining-tokens': '-1',
          'anthropic-ratelimit-tokens-remaining': 'many',
          'anthropic-ratelimit-unified-status': 'allowed',
          'x-ratelimit-policy': '5',
        },
        NOW_MS,
      ),
    ).toBeUndefined();
  });

  it('takes the first of a header that came twice', () => {
    expect(rateLimitOf({ 'x-ratelimit-limit-requests': ['7', '8'] }, NOW_MS)?.limit).toBe(7);
  });

  it('is sound for any text', () => {
    const value = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[\d.]{1,12}(ms|[dhms])?$/),
      fc.double().map(String),
    );
    fc.assert(
      fc.property(value, value, value, (limit, remaining, reset) => {
        const found = rateLimitOf(
          {
            'x-ratelimit-limit-requests': limit,
            'x-ratelimit-remaining-requests': remaining,
            'x-ratelimit-reset-requests': reset,
          },
          NOW_MS,
        );
        for (const count of [found?.limit ?? 0, found?.remaining ?? 0]) {
          expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
        }
        expect(Number.isNaN(Date.parse(found?.resetAt ?? '2026-01-01'))).toBe(false);
      }),
    );
  });
});
