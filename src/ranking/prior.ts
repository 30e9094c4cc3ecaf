/**
 * Upper ends, in billions of parameters, of the classes within which models are alike enough to stand in for each
 * other: phones, laptops, 8 GB cards, 12-16 GB, 24 GB, workstations, servers.
 */
const CLASS_ENDS_B: readonly number[] = [2, 5, 10, 20, 45, 100, Number.POSITIVE_INFINITY];
/** A class with fewer scored models says nothing of its own. */
const MIN_CLASS_MODELS = 8;
/** Where hardly anything is scored: low, because nothing is known. */
export const DEFAULT_PRIOR = 30;

export interface ScoredSize {
  readonly sizeB: number;
  /** 0..100. */
  readonly score: number;
}

/**
 * What a model can be expected to score at least, by its size: the lower quartile of the scored models of its size
 * class, 0..100. Never less than that of a smaller class (classes differ in how many old models they hold, which must
 * not cost a large model points); a class with fewer than eight models takes that of the next smaller one that has
 * them, else of the next larger, and without any class it is 30.
 */
export function priorBySize(scored: readonly ScoredSize[]): (sizeB: number) => number {
  const classes = CLASS_ENDS_B.map((): number[] => []);
  for (const { sizeB, score } of scored) classes[classOf(sizeB)]?.push(score);
  const quartiles = classes.map(lowerQuartile);
  let floor = quartiles.find((quartile) => quartile !== undefined) ?? DEFAULT_PRIOR;
  const priors = quartiles.map((quartile) => (floor = Math.max(floor, quartile ?? floor)));
  return (sizeB) => priors[classOf(sizeB)] ?? DEFAULT_PRIOR;
}

function classOf(sizeB: number): number {
  return CLASS_ENDS_B.findIndex((end) => sizeB < end);
}

function lowerQuartile(scores: readonly number[]): number | undefined {
  if (scores.length < MIN_CLASS_MODELS) return undefined;
  const sorted = Float64Array.from(scores).sort();
  return sorted[Math.floor((sorted.length - 1) / 4)];
}
