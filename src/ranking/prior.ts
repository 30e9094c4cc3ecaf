/**
 * Upper ends, in billions of parameters, of the classes within which models are alike enough to stand in for each
 * other: phones, laptops, 8 GB cards, 12-16 GB, 24 GB, workstations, servers.
 */
const CLASS_ENDS_B: readonly number[] = [2, 5, 10, 20, 45, 100, Number.POSITIVE_INFINITY];
/** A class with fewer scored models says nothing of its own. */
const MIN_CLASS_MODELS = 8;
/** Where hardly anything is scored: low, because nothing is known. */
export const DEFAULT_PRIOR = 30;

/** Fewer dated models than this, and nothing is said about how scores grow with the date. */
const MIN_DATED_MODELS = 40;
/** Scores are cut to this share before the logarithm of their odds is taken. */
const SMALLEST_SHARE = 0.01;
/** Under this size, in billions, scores fall more steeply with it. */
const SMALL_B = 4;
/** Keeps the fit determined where a term is the same for all models, and moves it by nothing else. */
const RIDGE = 1e-9;
const MS_PER_YEAR = 365.25 * 24 * 60 * 60 * 1000;

export interface ScoredModel {
  readonly sizeB: number;
  /** 0..100. */
  readonly score: number;
  /** Milliseconds since the epoch; NaN where it is not known. */
  readonly releasedMs: number;
}

/** What models of a size, and of a date where it is known, can be expected to score at least, 0..100. */
type Prior = (sizeB: number, releasedMs: number) => number;

export interface Priors {
  /** Always a number: what an uncertain score is pulled towards. */
  readonly prior: Prior;
  /** The same as a guess for a model without any results; undefined where too few models are scored to guess. */
  readonly guess: (sizeB: number, releasedMs: number) => number | undefined;
}

/**
 * The lower quartile of the scored models of a size class. Models of one size have become much better (18 points a year
 * in the data of 2026-11, where size explains 52 % of the variance of scores, size and release date 85 %, and of 126
 * models that replaced one of their line and size 116 were better), so where the release date is known, and 40 dated
 * models are scored, it is the lower quartile around what size and date let expect: the odds of a score follow a line
 * over the logarithm of the size, steeper under 4B, and the date. Neither is carried beyond the scored models: a model
 * newer or larger than all of them is taken as the newest or largest. Never less for a larger or a newer model.
 *
 * Without a date it is the quartile of the class itself; a class with fewer than eight models takes that of the next
 * smaller one that has them, else of the next larger, and without any class it is 30.
 */
export function priorsOf(scored: readonly ScoredModel[]): Priors {
  const line = growthLine(scored);
  // Only for the models without a date.
  let byClass: readonly number[] | undefined;
  const expected = (sizeB: number, releasedMs: number): number | undefined =>
    line !== undefined && Number.isFinite(releasedMs)
      ? line(sizeB, releasedMs)
      : (byClass ??= classPriors(scored))[classOf(sizeB)];
  return {
    prior: (sizeB, releasedMs) => expected(sizeB, releasedMs) ?? DEFAULT_PRIOR,
    guess: expected,
  };
}

function classOf(sizeB: number): number {
  return CLASS_ENDS_B.findIndex((end) => sizeB < end);
}

/**
 * The lower quartile of each class, but never less than that of a smaller one: classes differ in how many old models
 * they hold, which must not cost a large model points.
 */
function classPriors(scored: readonly ScoredModel[]): readonly number[] {
  const classes = CLASS_ENDS_B.map((): number[] => []);
  for (const { sizeB, score } of scored) classes[classOf(sizeB)]?.push(score);
  const quartiles = classes.map(lowerQuartile);
  let floor = quartiles.find((quartile) => quartile !== undefined);
  return floor === undefined
    ? []
    : quartiles.map((quartile) => (floor = Math.max(floor ?? 0, quartile ?? 0)));
}

/** What size and date let expect, less what the lower quartile of the models lies under it. */
function growthLine(scored: readonly ScoredModel[]): Prior | undefined {
  const dated = scored.filter(({ releasedMs }) => Number.isFinite(releasedMs));
  const line = dated.length < MIN_DATED_MODELS ? undefined : fitLine(dated);
  if (line === undefined) return undefined;
  const under = lowerQuartile(dated.map(({ sizeB, releasedMs, score }) => score - line(sizeB, releasedMs)));
  return (sizeB, releasedMs) => Math.max(0, line(sizeB, releasedMs) + Math.min(0, under ?? 0));
}

/** Least squares of the odds' logarithm; undefined where it does not grow with the size and the date. */
function fitLine(dated: readonly ScoredModel[]): Prior | undefined {
  const sizes = rangeOf(dated, ({ sizeB }) => Math.log(sizeB));
  const dates = rangeOf(dated, ({ releasedMs }) => releasedMs / MS_PER_YEAR);
  const weigh = (sizeB: number, releasedMs: number, terms: Float64Array): Float64Array => {
    const size = sizes.cut(Math.log(sizeB));
    terms[0] = 1;
    terms[1] = size - sizes.mean;
    terms[2] = dates.cut(releasedMs / MS_PER_YEAR) - dates.mean;
    terms[3] = Math.min(0, size - Math.log(SMALL_B));
    return terms;
  };
  const equations = new NormalEquations(dated.length);
  const terms = new Float64Array(TERMS);
  for (const { sizeB, releasedMs, score } of dated)
    equations.add(weigh(sizeB, releasedMs, terms), logOdds(score / 100));
  const [level = NaN, perSize = NaN, perYear = NaN, perSmallSize = NaN] = equations.solve();
  if (!(perSize > 0 && perYear > 0 && perSize + perSmallSize > 0)) return undefined;
  return (sizeB, releasedMs) => {
    const [, size = 0, date = 0, small = 0] = weigh(sizeB, releasedMs, terms);
    return 100 / (1 + Math.exp(-(level + perSize * size + perYear * date + perSmallSize * small)));
  };
}

/** Constant, size, date, size under 4B. */
const TERMS = 4;

/** The normal equations of a least-squares fit: symmetric and, with the ridge, positive definite. */
class NormalEquations {
  /** One line per term; its last value is the right side. */
  readonly #lines: readonly Float64Array[];

  constructor(rows: number) {
    this.#lines = Array.from({ length: TERMS }, (_, i) => {
      const line = new Float64Array(TERMS + 1);
      line[i] = RIDGE * rows;
      return line;
    });
  }

  add(terms: Float64Array, target: number): void {
    for (const [i, line] of this.#lines.entries()) {
      const term = terms[i] ?? 0;
      for (let j = 0; j < TERMS; j += 1) line[j] = (line[j] ?? 0) + term * (terms[j] ?? 0);
      line[TERMS] = (line[TERMS] ?? 0) + term * target;
    }
  }

  /** By elimination; the equations are used up. */
  solve(): readonly number[] {
    for (const [i, pivot] of this.#lines.entries())
      for (const [k, line] of this.#lines.entries()) {
        if (k === i) continue;
        const factor = (line[i] ?? 0) / (pivot[i] ?? 1);
        for (let j = i; j <= TERMS; j += 1) line[j] = (line[j] ?? 0) - factor * (pivot[j] ?? 0);
      }
    return this.#lines.map((line, i) => (line[TERMS] ?? 0) / (line[i] ?? 1));
  }
}

function rangeOf(
  models: readonly ScoredModel[],
  valueOf: (model: ScoredModel) => number,
): { readonly mean: number; readonly cut: (value: number) => number } {
  let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const model of models) {
    const value = valueOf(model);
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  return { mean: sum / models.length, cut: (value) => Math.min(high, Math.max(low, value)) };
}

function logOdds(share: number): number {
  const cut = Math.min(1 - SMALLEST_SHARE, Math.max(SMALLEST_SHARE, share));
  return Math.log(cut / (1 - cut));
}

function lowerQuartile(values: readonly number[]): number | undefined {
  if (values.length < MIN_CLASS_MODELS) return undefined;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) / 4)];
}
