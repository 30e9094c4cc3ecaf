import fc from 'fast-check';
import { expect, it } from 'vitest';
import { histogramStepMs } from '../../../src/storage/transcriptHistogram';

const HOUR_MS = 3_600_000;

it.each([
  ['a moment', 0, 60_000],
  ['an hour', HOUR_MS, 60_000],
  ['a day', 24 * HOUR_MS, HOUR_MS / 2],
  ['a month', 30 * 24 * HOUR_MS, 12 * HOUR_MS],
  ['ten years', 3_650 * 24 * HOUR_MS, 365 * 24 * HOUR_MS],
])('the bars of %s have a round width', (_, spanMs, stepMs) => {
  expect(histogramStepMs(spanMs)).toBe(stepMs);
});

it('any span has at most 61 bars, also one that only a wrong clock gives', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 8.64e15, noNaN: true }), (spanMs) => {
      expect(spanMs / histogramStepMs(spanMs)).toBeLessThanOrEqual(60);
    }),
  );
});
