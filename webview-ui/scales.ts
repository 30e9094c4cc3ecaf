/** Where a value stands on a bar, 0 (left) to 1 (right). Pure; values outside a scale are held at its ends. */

export type SpeedBand = 'poor' | 'slow' | 'usable' | 'fast';

/** The band's lower edge in tokens per second. A reader follows text at about 4 to 10; above 30 it is skimmed. */
export const SPEED_BAND_EDGES = [4, 10, 30] as const;

/** Under 4 tok/s poor, 4 to 10 slow, 10 to 30 usable, above 30 fast. */
export function speedBand(tokPerSec: number): SpeedBand {
  if (tokPerSec < 4) return 'poor';
  if (tokPerSec < 10) return 'slow';
  return tokPerSec <= 30 ? 'usable' : 'fast';
}

const SLOWEST_TOK_PER_SEC = 1;
const FASTEST_TOK_PER_SEC = 200;

function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

/** Logarithmic from 1 to 200 tok/s: the difference between 5 and 10 matters as much as that between 50 and 100. */
export function speedFraction(tokPerSec: number): number {
  if (!(tokPerSec > 0)) return 0;
  return clamp(
    Math.log(tokPerSec / SLOWEST_TOK_PER_SEC) / Math.log(FASTEST_TOK_PER_SEC / SLOWEST_TOK_PER_SEC),
  );
}

/** Linear from 0 to 100. */
export function scoreFraction(score: number): number {
  return clamp(score / 100);
}

/** Linear from 0 to the greatest value shown; 0 where that is not positive. */
export function shareOf(value: number, greatest: number): number {
  return greatest > 0 ? clamp(value / greatest) : 0;
}

/**
 * GiB at the right end of bars of memory: all that models may use, but no more than these needs make worth showing, so
 * that small ones can still be told apart beside much system memory. The greatest need where nothing is known.
 */
export function memoryScaleGib(
  needsGib: readonly number[],
  usable: { readonly acceleratorGib: number; readonly totalGib: number } | null,
): number {
  const greatest = Math.max(...needsGib, 0);
  if (usable === null || usable.totalGib <= 0) return greatest;
  return Math.min(usable.totalGib, Math.max(greatest, usable.acceleratorGib * 1.1));
}

/** By a figure of which more is better, or less; what is not known is neither better nor worse. */
export function betterOf([a, b]: readonly [number | null, number | null], less = false): 0 | 1 | null {
  if (a === null || b === null || a === b) return null;
  return a > b !== less ? 0 : 1;
}
