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
/** Of a percentage that is taken as it is, because no benchmark has enough models for a common scale. */
const UNLINKED_STANDARD_ERROR = 10;

/** One benchmark's figure of one model. */
export interface ScalePoint {
  readonly modelKey: string;
  /** From `benchmarkKey`. */
  readonly benchmarkKey: string;
  readonly observation: Pick<
    Observation,
    'source' | 'benchmark' | 'task' | 'value' | 'scale' | 'lowerIsBetter' | 'independent'
  >;
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
export function benchmarkKey(observation: ScalePoint['observation']): string {
  return observation.independent ? observation.benchmark : `${observation.benchmark}\u0000reported`;
}

/** The value on the common scale, 0..100, or undefined where the benchmark is not linked. */
export function onCommonScale(link: ScaleLink | undefined, value: number): number | undefined {
  if (link === undefined) return undefined;
  const linked = link.intercept + link.slope * value;
  return Number.isFinite(linked) ? Math.min(100, Math.max(0, linked)) : undefined;
}

/**
 * Links every benchmark that can be linked. One pass over the points per round, two rounds: benchmarks that share too
 * few models with the anchor are linked to what the first round says of their models. Expects at most one point per
 * model and benchmark, with finite values.
 */
export function linkScales(points: readonly ScalePoint[]): ScaleLinks {
  const columns = groupByBenchmark(points);
  const anchorKey = chooseAnchor(columns);
  if (anchorKey === undefined) return { links: unlinked(columns) };

  const links = new Map<string, ScaleLink>();
  const anchor = columns.get(anchorKey)?.[0];
  const anchorLink = anchor === undefined ? undefined : ownScale(anchor, 'anchor');
  if (anchorLink === undefined) return { links };
  links.set(anchorKey, anchorLink);

  const anchorValues = new Map<string, number>();
  for (const { modelKey, observation } of columns.get(anchorKey) ?? [])
    anchorValues.set(modelKey, anchorLink.intercept + anchorLink.slope * observation.value);
  const tooFew = new Map<string, readonly ScalePoint[]>();
  for (const [key, column] of columns) {
    if (key === anchorKey) continue;
    const link = fit(column, anchorValues, ANCHOR_STANDARD_ERROR, 'direct');
    if (link === 'too-few') tooFew.set(key, column);
    else if (link !== 'unrelated') links.set(key, link);
  }

  const { values, standardError } = firstRoundMeans(points, links);
  for (const [key, column] of tooFew) {
    const link = fit(column, values, standardError, 'second');
    if (typeof link === 'object') links.set(key, link);
  }
  return { anchor: anchorKey, links };
}

function groupByBenchmark(points: readonly ScalePoint[]): Map<string, ScalePoint[]> {
  const columns = new Map<string, ScalePoint[]>();
  for (const point of points) {
    const column = columns.get(point.benchmarkKey);
    if (column === undefined) columns.set(point.benchmarkKey, [point]);
    else column.push(point);
  }
  return columns;
}

/**
 * LMArena's general text rating, the widest of them if there are several: it shares ten or more models with more
 * benchmarks than any other, agrees best with the rest, and rates whole answers to people's own questions. Without it
 * the independent percentage with the most models.
 */
function chooseAnchor(columns: ReadonlyMap<string, readonly ScalePoint[]>): string | undefined {
  let best: { readonly key: string; readonly arena: boolean; readonly models: number } | undefined;
  for (const [key, column] of columns) {
    const observation = column[0]?.observation;
    if (observation === undefined || column.length < MIN_SHARED_MODELS || !observation.independent) continue;
    const arena =
      observation.scale === 'elo' &&
      observation.task === 'general' &&
      observation.source.toLowerCase() === 'lmarena';
    if (!arena && (observation.scale !== 'percent' || observation.lowerIsBetter === true)) continue;
    const better =
      best === undefined ||
      (arena !== best.arena
        ? arena
        : column.length !== best.models
          ? column.length > best.models
          : key < best.key);
    if (better) best = { key, arena, models: column.length };
  }
  return best?.key;
}

/** A scale that is taken as it is: percentages as points, ratings between fixed ends. */
function ownScale({ observation }: ScalePoint, via: 'anchor' | 'unlinked'): ScaleLink | undefined {
  const error = via === 'anchor' ? ANCHOR_STANDARD_ERROR : UNLINKED_STANDARD_ERROR;
  const common = { standardError: error, reliability: 1, sharedModels: 0, via };
  switch (observation.scale) {
    case 'percent':
      return observation.lowerIsBetter === true
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

function unlinked(columns: ReadonlyMap<string, readonly ScalePoint[]>): Map<string, ScaleLink> {
  const links = new Map<string, ScaleLink>();
  for (const [key, column] of columns) {
    const link = column[0] === undefined ? undefined : ownScale(column[0], 'unlinked');
    if (link !== undefined) links.set(key, link);
  }
  return links;
}

/** The line that gives a column's values the mean and spread of the target on the shared models. */
function fit(
  column: readonly ScalePoint[],
  target: ReadonlyMap<string, number>,
  targetError: number,
  via: 'direct' | 'second',
): ScaleLink | 'too-few' | 'unrelated' {
  const pairs: (readonly [number, number])[] = [];
  for (const { modelKey, observation } of column) {
    const y = target.get(modelKey);
    if (y !== undefined) pairs.push([observation.value, y]);
  }
  const n = pairs.length;
  if (n < MIN_SHARED_MODELS) return 'too-few';
  const meanX = pairs.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = pairs.reduce((sum, [, y]) => sum + y, 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (!(xx > 0) || !(yy > 0)) return 'unrelated';
  const direction = column[0]?.observation.lowerIsBetter === true ? -1 : 1;
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

/** What the first round says of each model: the mean of its linked values, independent ones only. */
function firstRoundMeans(
  points: readonly ScalePoint[],
  links: ReadonlyMap<string, ScaleLink>,
): { readonly values: ReadonlyMap<string, number>; readonly standardError: number } {
  const sums = new Map<string, { weight: number; sum: number }>();
  let weightedError = 0;
  let weights = 0;
  for (const { modelKey, benchmarkKey: key, observation } of points) {
    if (!observation.independent) continue;
    const link = links.get(key);
    const value = onCommonScale(link, observation.value);
    if (link === undefined || value === undefined) continue;
    let entry = sums.get(modelKey);
    if (entry === undefined) sums.set(modelKey, (entry = { weight: 0, sum: 0 }));
    entry.weight += link.reliability;
    entry.sum += link.reliability * value;
    weightedError += link.reliability * link.standardError;
    weights += link.reliability;
  }
  const values = new Map<string, number>();
  for (const [modelKey, { weight, sum }] of sums) values.set(modelKey, sum / weight);
  return { values, standardError: weights > 0 ? weightedError / weights : UNLINKED_STANDARD_ERROR };
}
