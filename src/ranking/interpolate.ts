/** A scored model of a series. */
export interface SeriesPoint {
  readonly modelId: string;
  /** Billions of parameters. */
  readonly sizeB: number;
  /** 0..100. */
  readonly score: number;
}

/**
 * Points that a model loses per factor e in size below its smallest scored sibling, where there is no second one to
 * tell: the middle of what series with several scored sizes show (5 to 12; data of 2026-11).
 */
export const DEFAULT_POINTS_PER_LOG_SIZE = 9;

/** Siblings closer in size than this say nothing about how the score falls with the size. */
const MIN_SIZE_RATIO = 1.25;

/**
 * The model line that an id belongs to, where the catalogue names none: the id without its parameter count, mirror
 * suffix and separators, lower case.
 */
export function seriesKey(modelId: string): string {
  return modelId
    .toLowerCase()
    .replace(/[-_/]?\d+(?:\.\d+)?b\b/g, '')
    .replace(/[-_]?gguf\b/g, '')
    .replace(/[-_/\s]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

export interface Interpolation {
  /** 0..100. */
  readonly score: number;
  /** The siblings between which, or from which, it was inferred. */
  readonly from: readonly SeriesPoint[];
}

/**
 * The score, 0..100, that a model of `sizeB` billions should have between its scored siblings: linear in the logarithm
 * of the size. Below the smallest the line goes on downwards; it never rises above the largest sibling's score, nor does
 * a smaller model get more than the smallest sibling. Undefined without siblings. `points` must be sorted by size.
 */
export function interpolateBySize(points: readonly SeriesPoint[], sizeB: number): number | undefined {
  return inferBySize(points, sizeB)?.score;
}

/** `interpolateBySize` with the siblings it came from. */
export function inferBySize(points: readonly SeriesPoint[], sizeB: number): Interpolation | undefined {
  const largest = points[points.length - 1];
  if (largest === undefined) return undefined;
  const upper = firstLarger(points, sizeB);
  const above = points[upper];
  const below = points[upper - 1];
  if (above === undefined) return { score: largest.score, from: [largest] };
  if (!(sizeB > 0)) return { score: 0, from: [above] };
  if (below === undefined) {
    const next = points[firstLarger(points, above.sizeB * MIN_SIZE_RATIO)];
    const slope = Math.max(0, slopeBetween(above, next));
    return {
      score: cut(above.score + slope * logRatio(above.sizeB, sizeB), largest.score),
      from: next === undefined ? [above] : [above, next],
    };
  }
  return {
    score: cut(below.score + slopeBetween(below, above) * logRatio(below.sizeB, sizeB), largest.score),
    from: [below, above],
  };
}

/** Index of the first point that is larger than `sizeB`; the number of points if none is. */
function firstLarger(points: readonly SeriesPoint[], sizeB: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.sizeB ?? 0) > sizeB) high = middle;
    else low = middle + 1;
  }
  return low;
}

function slopeBetween(a: SeriesPoint, b: SeriesPoint | undefined): number {
  const ratio = b === undefined ? 0 : logRatio(a.sizeB, b.sizeB);
  return b === undefined || !(ratio > 0) ? DEFAULT_POINTS_PER_LOG_SIZE : (b.score - a.score) / ratio;
}

/** Finite for any two positive sizes, whose quotient may not be. */
function logRatio(from: number, to: number): number {
  return Math.log(to) - Math.log(from);
}

function cut(score: number, ceiling: number): number {
  return Math.max(0, Math.min(score, ceiling));
}
