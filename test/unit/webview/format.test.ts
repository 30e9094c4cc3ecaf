import { describe, expect, it } from 'vitest';
import {
  describeParameters,
  formatAge,
  formatDay,
  formatNumber,
  formatParameters,
  formatRate,
  formatRelative,
  formatSeconds,
  formatSpan,
  humanise,
} from '../../../webview-ui/format';

const NOW = Date.parse('2026-03-09T14:30:00.000Z');

describe('numbers', () => {
  it('keep a fixed number of decimals, so that a column aligns', () => {
    expect(formatNumber(1234.5, 1)).toBe('1,234.5');
    expect(formatNumber(2, 1)).toBe('2.0');
    expect(formatNumber(1234.5)).toBe('1,235');
  });

  it('show a dash for what is not known', () => {
    expect(formatNumber(null)).toBe('–');
    expect(formatNumber(undefined)).toBe('–');
    expect(formatNumber(Number.NaN)).toBe('–');
    expect(formatRate(null)).toBe('–');
    expect(formatSeconds(null)).toBe('–');
  });

  it('carry a decimal for slow rates only', () => {
    expect(formatRate(3.44)).toBe('3.4');
    expect(formatRate(34.4)).toBe('34');
  });

  it('give seconds as many decimals as their size needs', () => {
    expect(formatSeconds(1_554)).toBe('1.55');
    expect(formatSeconds(15_540)).toBe('15.5');
    expect(formatSeconds(155_400)).toBe('155');
  });
});

describe('spans of time', () => {
  it.each([
    [797, '797 ms'],
    [1_554, '1.55 s'],
    [12_440, '12.4 s'],
    [200_000, '3 min 20 s'],
  ])('write %d ms as %s', (milliseconds, text) => {
    expect(formatSpan(milliseconds)).toBe(text);
  });
});

describe('parameters', () => {
  it('are written as models are named', () => {
    expect(formatParameters(14, null)).toBe('14B');
    expect(formatParameters(7.62, null)).toBe('7.6B');
    expect(formatParameters(0.6, 0.6)).toBe('0.6B');
    expect(formatParameters(30.5, 3.3)).toBe('31B-A3.3B');
  });

  it('are told in words in the detail', () => {
    expect(describeParameters(30, 3)).toBe('30B, of which 3B are active for each token');
    expect(describeParameters(8, null)).toBe('8B');
  });
});

describe('dates', () => {
  it.each([
    ['2026-03-09T14:29:57.000Z', 'just now'],
    ['2026-03-09T14:29:18.000Z', '42 s ago'],
    ['2026-03-09T14:25:00.000Z', '5 min ago'],
    ['2026-03-09T11:30:00.000Z', '3 h ago'],
    ['2026-02-25T14:30:00.000Z', '12 d ago'],
  ])('write %s as %s', (iso, text) => {
    expect(formatRelative(iso, NOW)).toBe(text);
  });

  it('call a moment ahead of this clock just now', () => {
    expect(formatRelative('2026-03-09T14:31:00.000Z', NOW)).toBe('just now');
  });

  it.each([
    ['2026-03-09', 'today'],
    ['2026-03-10', 'today'],
    ['2026-03-08', '1 day old'],
    ['2026-02-25', '12 days old'],
    ['2025-08-09', '6 months old'],
    ['2023-03-09', '3 years old'],
  ])('give the age of scores of %s as %s', (date, age) => {
    expect(formatAge(date, NOW)).toBe(age);
  });

  it('leave what is no date as it stands', () => {
    expect(formatRelative('soon', NOW)).toBe('soon');
    expect(formatAge('soon', NOW)).toBeNull();
    expect(formatDay('soon')).toBe('soon');
  });

  it('cut a time down to its day', () => {
    expect(formatDay('2026-03-09T14:30:00Z')).toBe('2026-03-09');
  });
});

describe('codes', () => {
  it('become words', () => {
    expect(humanise('inherited_from_primary')).toBe('inherited from primary');
  });
});
