import type { Observation } from '../catalog/candidate';

/**
 * Benchmarks have scales of their own, and 60 % here is not 60 % there. They are brought onto one scale, 0..100, through
 * the models they share with an anchor: for each benchmark a line is fitted on the shared models that gives its values
 * the anchor's mean and spread there (linear equating, the geometric-mean regression). Unlike least squares it does not
 * pull the best and worst towards the middle when a benchmark is noisy or its shared models are all of one kind; how
 * noisy it is shows in the standard error and in its reliability (squared correlation), which weighs it inside its
 * source. Fewer than ten shared models, or a correlation under 0.5, and a benchmark is evidence only.
 */

/** Models that a benchmark must share with the scale it is linked to. */
const MIN_SHARED_MODELS = 10;
/** Below this correlation two benchmarks do not measure the same thing (Vectara's HHEM: -0.4, SQL rewriting: -0.4). */
const MIN_LINK_CORRELATION = 0.5;
/**
 * The LMArena text ratings that are 0 and 100 on the common scale: open models of the data lie between 850 and 1,480,
 * and a step of 6 points of rating is a point.
 */
export const ELO_AT_0 = 900;
export const ELO_AT_100 = 1500;

/** Standard error, in points, of a value on the anchor itself (ratings come with about +-10). */
const ANCHOR_STANDARD_ERROR = 2;
/**
 * Of a value of another table of the anchor's own rating, which goes on with the same votes: 80 models moved by 4 +- 4
 * rating points, under a point here, from the table of 2025-08 to that of 2025-12.
 */
const SAME_RATING_STANDARD_ERROR = 3;
/** Of a percentage that is taken as it is, because no benchmark has enough models for a common scale. */
const UNLINKED_STANDARD_ERROR = 10;

/** What is the same for all figures of one benchmark. */
type ScaleFacts = Pick<
  Observation,
  'source' | 'benchmark' | 'task' | 'scale' | 'lowerIsBetter' | 'independent'
>;

/** All figures of one benchmark: at most one of each model, finite, in the order of the models' numbers. */
export interface ScaleColumn {
  /** From `benchmarkKey`. */
  readonly key: string;
  /** Of the first figure; they are the same for all of a benchmark's. */
  readonly facts: ScaleFacts;
  /** Numbers of the models, from 0. */
  readonly models: Uint32Array;
  /** As published, one for each of `models`. */
  readonly values: Float64Array;
}

export interface ScaleLink {
  readonly slope: number;
  readonly intercept: number;
  /** In points of the common scale. */
  readonly standardError: number;
  /** Squared correlation on the shared models, 0..1. */
  readonly reliability: number;
  readonly sharedModels: number;
  /** `anchor`: the scale itself; `direct`: linked to it; `second`: through benchmarks that are linked to it. */
  readonly via: 'anchor' | 'direct' | 'second' | 'unlinked';
}

export interface ScaleLinks {
  /** The benchmark that defines the scale; absent where none has enough models. */
  readonly anchor?: string;
  readonly links: ReadonlyMap<string, ScaleLink>;
}

/** Vendors' own runs of a benchmark are not the independent ones of the same name. */
export function benchmarkKey(observation: Pick<ScaleFacts, 'benchmark' | 'independent'>): string {
  return observation.independent ? observation.benchmark : `${observation.benchmark}\u0000reported`;
}

/** The value on the common scale, 0..100, or undefined where the benchmark is not linked. */
export function onCommonScale(link: ScaleLink | undefined, value: number): number | undefined {
  if (link === undefined) return undefined;
  const linked = link.intercept + link.slope * value;
  return Number.isFinite(linked) ? Math.min(100, Math.max(0, linked)) : undefined;
}

/**
 * Links every benchmark that can be linked. One pass over the figures per round, two rounds: benchmarks that share too
 * few models with the anchor are linked to what the first round says of their models. `modelCount` is one more than the
 * highest number of a model.
 */
export function linkScales(columns: readonly ScaleColumn[], modelCount: number): ScaleLinks {
  const anchor = chooseAnchor(columns);
  const anchorLink = anchor === undefined ? undefined : ownScale(anchor.facts, 'anchor');
  if (anchor === undefined || anchorLink === undefined) return { links: unlinked(columns) };

  const links = new Map([[anchor.key, anchorLink]]);
  const anchorValues = new Float64Array(modelCount).fill(Number.NaN);
  takeAsRated(anchor, anchorLink, anchorValues);
  for (const column of columns) {
    if (column === anchor || !isSameRating(column.facts, anchor.facts)) continue;
    const sharedModels = column.models.length;
    links.set(column.key, { ...anchorLink, standardError: SAME_RATING_STANDARD_ERROR, sharedModels });
    takeAsRated(column, anchorLink, anchorValues);
  }
  const tooFew: ScaleColumn[] = [];
  for (const column of columns) {
    if (links.has(column.key)) continue;
    const link = fit(column, anchorValues, ANCHOR_STANDARD_ERROR, 'direct');
    if (link === 'too-few') tooFew.push(column);
    else if (link !== 'unrelated') links.set(column.key, link);
  }

  const { values, standardError } = firstRoundMeans(columns, links, modelCount);
  for (const column of tooFew) {
    const link = fit(column, values, standardError, 'second');
    if (typeof link === 'object') links.set(column.key, link);
  }
  return { anchor: anchor.key, links };
}

/**
 * LMArena's general text rating, the widest of them if there are several: it shares ten or more models with more
 * benchmarks than any other, agrees best with the rest, and rates whole answers to people's own questions. Without it
 * the independent percentage with the most models.
 */
function chooseAnchor(columns: readonly ScaleColumn[]): ScaleColumn | undefined {
  let best: { readonly column: ScaleColumn; readonly arena: boolean } | undefined;
  for (const column of columns) {
    const { facts, key, models } = column;
    if (models.length < MIN_SHARED_MODELS || !facts.independent) continue;
    const arena =
      facts.scale === 'elo' && facts.task === 'general' && facts.source.toLowerCase() === 'lmarena';
    if (!arena && (facts.scale !== 'percent' || facts.lowerIsBetter === true)) continue;
    const better =
      best === undefined ||
      (arena !== best.arena
        ? arena
        : models.length !== best.column.models.length
          ? models.length > best.column.models.length
          : key < best.column.key);
    if (better) best = { column, arena };
  }
  return best?.column;
}

/** Gives the models of a rating that have no value yet theirs. */
function takeAsRated(
  { models, values }: ScaleColumn,
  { intercept, slope }: ScaleLink,
  anchorValues: Float64Array,
): void {
  for (const [place, model] of models.entries())
    if (Number.isNaN(anchorValues[model]))
      anchorValues[model] = intercept + slope * (values[place] ?? Number.NaN);
}

/** Tables of one rating are one scale, whenever they were taken; tables of another field of it are not. */
function isSameRating(facts: ScaleFacts, anchor: ScaleFacts): boolean {
  return (
    facts.scale === 'elo' &&
    anchor.scale === 'elo' &&
    facts.independent &&
    facts.source === anchor.source &&
    facts.task === anchor.task
  );
}

/** A scale that is taken as it is: percentages as points, ratings between fixed ends. */
function ownScale(facts: ScaleFacts, via: 'anchor' | 'unlinked'): ScaleLink | undefined {
  const error = via === 'anchor' ? ANCHOR_STANDARD_ERROR : UNLINKED_STANDARD_ERROR;
  const common = { standardError: error, reliability: 1, sharedModels: 0, via };
  switch (facts.scale) {
    case 'percent':
      return facts.lowerIsBetter === true
        ? { ...common, slope: -1, intercept: 100 }
        : { ...common, slope: 1, intercept: 0 };
    case 'elo': {
      const slope = 100 / (ELO_AT_100 - ELO_AT_0);
      return { ...common, slope, intercept: -ELO_AT_0 * slope };
    }
    case 'score':
      return undefined;
  }
}

function unlinked(columns: readonly ScaleColumn[]): Map<string, ScaleLink> {
  const links = new Map<string, ScaleLink>();
  for (const { key, facts } of columns) {
    const link = ownScale(facts, 'unlinked');
    if (link !== undefined) links.set(key, link);
  }
  return links;
}

/** The line that gives a column's values the mean and spread of the target on the shared models. */
function fit(
  { models, values, facts }: ScaleColumn,
  target: Float64Array,
  targetError: number,
  via: 'direct' | 'second',
): ScaleLink | 'too-few' | 'unrelated' {
  let [n, sumX, sumY] = [0, 0, 0];
  for (let place = 0; place < models.length; place += 1) {
    const y = targetOf(models, target, place);
    if (Number.isNaN(y)) continue;
    n += 1;
    sumX += values[place] ?? 0;
    sumY += y;
  }
  if (n < MIN_SHARED_MODELS) return 'too-few';
  const meanX = sumX / n;
  const meanY = sumY / n;
  let [xx, yy, xy] = [0, 0, 0];
  for (let place = 0; place < models.length; place += 1) {
    const y = targetOf(models, target, place);
    if (Number.isNaN(y)) continue;
    const x = (values[place] ?? 0) - meanX;
    xx += x ** 2;
    yy += (y - meanY) ** 2;
    xy += x * (y - meanY);
  }
  if (!(xx > 0) || !(yy > 0)) return 'unrelated';
  const direction = facts.lowerIsBetter === true ? -1 : 1;
  const correlation = (direction * xy) / Math.sqrt(xx * yy);
  if (!(correlation >= MIN_LINK_CORRELATION)) return 'unrelated';
  const slope = direction * Math.sqrt(yy / xx);
  // Around the equating line the variance is 2 (1 - r) of the target's own.
  const residual = (2 * (1 - Math.min(1, correlation)) * yy) / (n - 2);
  return {
    slope,
    intercept: meanY - slope * meanX,
    standardError: Math.sqrt(residual + targetError ** 2),
    reliability: correlation ** 2,
    sharedModels: n,
    via,
  };
}

/** NaN where the target says nothing of the model. */
function targetOf(models: Uint32Array, target: Float64Array, place: number): number {
  return target[models[place] ?? 0] ?? Number.NaN;
}

/** What the first round says of each model, NaN for nothing: the mean of its linked values, independent ones only. */
function firstRoundMeans(
  columns: readonly ScaleColumn[],
  links: ReadonlyMap<string, ScaleLink>,
  modelCount: number,
): { readonly values: Float64Array; readonly standardError: number } {
  const sums = new Float64Array(modelCount);
  const weights = new Float64Array(modelCount);
  let [errors, whole] = [0, 0];
  for (const { key, facts, models, values } of columns) {
    const link = links.get(key);
    if (link === undefined || !facts.independent) continue;
    for (let place = 0; place < models.length; place += 1) {
      const value = onCommonScale(link, values[place] ?? Number.NaN);
      const model = models[place];
      if (value === undefined || model === undefined) continue;
      weights[model] = (weights[model] ?? 0) + link.reliability;
      sums[model] = (sums[model] ?? 0) + link.reliability * value;
      errors += link.reliability * link.standardError;
      whole += link.reliability;
    }
  }
  return {
    values: sums.map((sum, model) => sum / (weights[model] ?? 0)),
    standardError: whole > 0 ? errors / whole : UNLINKED_STANDARD_ERROR,
  };
}
