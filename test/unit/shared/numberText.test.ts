import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { unfitSentence } from '../../../src/ranking/fit';
import { formatFigure, formatNumber } from '../../../src/shared/numberText';
import { ENGLISH, speak } from '../../../src/shared/spokenLanguage';
import { formatDate, formatMoment, formatTimeOfDay } from '../../../src/shared/timeText';
import { formatBytes, formatTokensPerSecond } from '../../../src/shared/units';

const GERMAN = {
  language: 'de',
  texts: { 'needs {0} GiB at {1}, {2} usable': 'braucht {0} GiB bei {1}, {2} nutzbar' },
};

afterEach(() => speak(ENGLISH));

describe('numbers in texts', () => {
  it('are written as the language of the texts does', () => {
    const texts = (): readonly string[] => [
      ...[formatNumber(1234.5, 1), formatFigure(1234.5, 2), formatBytes(4.7 * 2 ** 30)],
      ...[formatTokensPerSecond(3.42), unfitSentence(41.2, 32_768, 22.5)],
    ];
    expect(texts()).toEqual([
      ...['1,234.5', '1234.5', '4.7 GiB', '3.4 tok/s'],
      'needs 41.2 GiB at 32k, 22.5 usable',
    ]);
    speak(GERMAN);
    expect(texts()).toEqual([
      ...['1.234,5', '1234,5', '4,7 GiB', '3,4 tok/s'],
      'braucht 41,2 GiB bei 32k, 22,5 nutzbar',
    ]);
    expect(formatBytes(4.7 * 2 ** 30, 'en')).toBe('4.7 GiB');
  });

  it('have so many decimals, and no sign for nothing', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, fc.integer({ min: 0, max: 3 }), (value, digits) => {
        const text = formatNumber(value, digits);
        expect(text.split('.')[1]?.length ?? 0).toBe(digits);
        const written = Number(text.replaceAll(',', ''));
        expect(Math.abs(written - value)).toBeLessThanOrEqual(0.5 * 10 ** -digits + 1e-6);
        expect(text).not.toMatch(/^-[0.]+$/);
      }),
    );
  });
});

describe('times in texts', () => {
  it('are written as ISO 8601 does, from text and from milliseconds', () => {
    const iso = '2026-03-09T14:30:05.000Z';
    for (const moment of [iso, Date.parse(iso)]) {
      expect(formatMoment(moment, 'UTC')).toBe('2026-03-09 14:30:05');
      expect(formatMoment(moment, 'Asia/Tokyo')).toBe('2026-03-09 23:30:05');
      expect(formatDate(moment, 'UTC')).toBe('2026-03-09');
      expect(formatTimeOfDay(moment, 'UTC')).toBe('14:30');
    }
  });

  it('are left as they are where they are none', () => {
    expect([formatMoment('soon'), formatDate('')]).toEqual(['soon', '']);
  });
});
