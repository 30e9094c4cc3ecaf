import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMsOf } from '../../../src/dispatch/retryAfter';

const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);
const MONTH_MS = 30 * 86_400_000;

describe('the wait that a server names', () => {
  it.each([
    ['milliseconds', { 'retry-after-ms': '1500' }, 1_500],
    ['milliseconds with a decimal', { 'retry-after-ms': '1500.2' }, 1_501],
    ['milliseconds before seconds', { 'retry-after-ms': '20', 'retry-after': '9' }, 20],
    ['seconds where the milliseconds cannot be read', { 'retry-after-ms': 'x', 'retry-after': '9' }, 9_000],
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['seconds with a decimal', { 'retry-after': '0.5' }, 500],
    ['no seconds', { 'retry-after': '0' }, 0],
    ['seconds with spaces', { 'retry-after': ' 7 ' }, 7_000],
    ['the first of two headers', { 'retry-after': ['3', '8'] }, 3_000],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 12:02:00 GMT' }, 120_000],
    ['a date of RFC 850', { 'retry-after': 'Saturday, 21-Nov-26 12:02:00 GMT' }, 120_000],
    ['a date that has passed', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    ['a year', { 'retry-after': '31536000' }, MONTH_MS],
    ['a date in the next century', { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, MONTH_MS],
  ])('is %s', (_what, headers, waitMs) => {
    expect(retryAfterMsOf(headers, NOW_MS)).toBe(waitMs);
  });

  it.each([
    '',
    'soon',
    '-5',
    '-0.5',
    'NaN',
    'Infinity',
    '1e3',
    '1,5',
    '12s',
    'Someday',
    'Sat, 99 Foo 2026 12:00:00 GMT',
  ])('is none where %j is all that is said of it', (text) => {
    expect(retryAfterMsOf({ 'retry-after': text }, NOW_MS)).toBeUndefined();
    expect(retryAfterMsOf({ 'retry-after-ms': text }, NOW_MS)).toBeUndefined();
  });

  it('is none where only the rate limits say when they are full again', () => {
    const headers = {
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '6m0s',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-21T12:01:00Z',
    };
    expect(retryAfterMsOf(headers, NOW_MS)).toBeUndefined();
  });

  it('is a whole number from 0 to a month, or none, for any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(text, text, (ms, after) => {
        const waitMs = retryAfterMsOf({ 'retry-after-ms': ms, 'retry-after': after }, NOW_MS) ?? 0;
        expect(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= MONTH_MS).toBe(true);
      }),
    );
  });
});
