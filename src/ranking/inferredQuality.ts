import { EVIDENCE_CONFIDENCE } from './evidence';
import { inferBySize } from './interpolate';
import type { SeriesPoint } from './interpolate';
import { placeBySize } from './lineage';
import { shrunk } from './merge';
import type { Priors } from './prior';
import type { MergedScore } from './rankTypes';

/** Half-widths, in points, of the 80 % interval around a score that was inferred from others, or guessed. */
const INFERRED_HALF_WIDTH = 15;
const GUESSED_HALF_WIDTH = 20;

/** A model as far as its relatives matter. */
export interface Relative {
  readonly modelId: string;
  readonly sizeB: number;
  /** Parameters per token, billions; undefined: all of them. */
  readonly activeB: number | undefined;
  readonly releasedMs: number;
  readonly series: string;
  /** Its place in the line of models that replace each other. */
  readonly lineage: { readonly line: string; readonly order: number } | undefined;
}

interface Generation extends SeriesPoint {
  readonly order: number;
}

/** The scored models, by what connects others with them. */
export interface ScoredRelatives {
  readonly bySeries: ReadonlyMap<string, readonly SeriesPoint[]>;
  /** By line, then by `placeBySize`; oldest generation first, of one generation the better one first. */
  readonly byLine: ReadonlyMap<string, ReadonlyMap<number, readonly Generation[]>>;
}

/** Its own place first, then those a factor of 1.25 away. */
const NEAR_PLACES: readonly number[] = [0, -1, 1];

/** Puts scored models together by series and by place in their line, in time linear in their number but for sorting. */
export function relativesOf(scored: Iterable<readonly [Relative, number]>): ScoredRelatives {
  const bySeries = new Map<string, SeriesPoint[]>();
  const byLine = new Map<string, Map<number, Generation[]>>();
  for (const [relative, score] of scored) {
    const { modelId, sizeB, series, lineage } = relative;
    push(bySeries, series, { modelId, sizeB, score });
    if (lineage === undefined || !Number.isFinite(lineage.order)) continue;
    let places = byLine.get(lineage.line);
    if (places === undefined) byLine.set(lineage.line, (places = new Map<number, Generation[]>()));
    push(places, placeBySize(sizeB, relative.activeB), { modelId, sizeB, score, order: lineage.order });
  }
  // Of models of one size the better one stands for it.
  for (const points of bySeries.values()) points.sort((a, b) => a.sizeB - b.sizeB || a.score - b.score);
  for (const places of byLine.values())
    for (const generations of places.values())
      generations.sort((a, b) => a.order - b.order || b.score - a.score || (a.modelId < b.modelId ? -1 : 1));
  return { bySeries, byLine };
}

/**
 * The score of a model without results of its own, always of low confidence, from the best that there is: the line
 * through the scored models of its series at its size, counted as one fresh observation that is no better than
 * interpolated; the generation before it in its line at about its size, which 9 of 10 models surpass (so its score is
 * taken as it is); or, `guessed`, what models of its size and date score at least. Undefined where there is none of
 * these.
 */
export function inferScore(
  model: Relative,
  scored: ScoredRelatives,
  priors: Priors | undefined,
): MergedScore | undefined {
  // A model works out what series it is of when it is asked.
  const siblings = scored.bySeries.size === 0 ? undefined : scored.bySeries.get(model.series);
  const onLine = siblings && inferBySize(siblings, model.sizeB);
  if (onLine !== undefined) {
    const prior = priors?.prior(model.sizeB, model.releasedMs);
    const score =
      prior === undefined ? onLine.score : shrunk(onLine.score, EVIDENCE_CONFIDENCE.interpolated, prior);
    // A line through two siblings says little far below them: no less than a guess then, and no more than the lesser.
    const least = onLine.from.reduce((lowest, sibling) => Math.min(lowest, sibling.score), 100);
    return {
      ...around(Math.max(score, Math.min(least, prior ?? 0)), INFERRED_HALF_WIDTH),
      interpolatedFrom: onLine.from.map(({ modelId }) => modelId),
    };
  }
  if (priors === undefined) return undefined;
  const before = generationBefore(model, scored.byLine);
  if (before !== undefined) return { ...around(before.score, INFERRED_HALF_WIDTH), succeeds: before.modelId };
  const guess = priors.guess(model.sizeB, model.releasedMs);
  return guess === undefined
    ? undefined
    : {
        ...around(guess, GUESSED_HALF_WIDTH),
        guessed: Number.isFinite(model.releasedMs) ? 'size and date' : 'size',
      };
}

function generationBefore(model: Relative, byLine: ScoredRelatives['byLine']): Generation | undefined {
  const places = model.lineage && byLine.get(model.lineage.line);
  if (places === undefined || model.lineage === undefined) return undefined;
  const place = placeBySize(model.sizeB, model.activeB);
  let newest: Generation | undefined;
  for (const near of NEAR_PLACES) {
    const generation = lastBefore(places.get(place + near) ?? [], model.lineage.order);
    if (
      generation !== undefined &&
      (newest === undefined ||
        generation.order > newest.order ||
        (generation.order === newest.order && generation.score < newest.score))
    )
      newest = generation;
  }
  return newest;
}

/** Of the newest generation older than `order` the one with the least score. */
function lastBefore(generations: readonly Generation[], order: number): Generation | undefined {
  let low = 0;
  let high = generations.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((generations[middle]?.order ?? order) < order) low = middle + 1;
    else high = middle;
  }
  return generations[low - 1];
}

function around(
  score: number,
  halfWidth: number,
): Pick<MergedScore, 'score' | 'confidence' | 'contributions' | 'interval'> {
  return {
    score,
    confidence: 'low',
    contributions: [],
    interval: [Math.max(0, score - halfWidth), Math.min(100, score + halfWidth)],
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
