import { Numbered } from './numbering';

/** A model's place in its line, for counting what has come after it. */
export interface LineMember {
  /** What replaces what; undefined where the catalogue knows no line. */
  readonly line: string | undefined;
  /** Grows with each generation of the line. */
  readonly order: number;
  readonly sizeB: number;
  /** Parameters per token, billions; absent: all of them. */
  readonly activeB?: number | undefined;
  /** Whether independent results put it on the common scale. */
  readonly scored: boolean;
}

/** Models within about a factor 1.6 to 2 in size replace each other; a step is a factor of 1.25. */
const SIZE_STEP = Math.log(1.25);
const STEPS_APART = 2;
/** Keeps models with experts, which read only a part of themselves per token, apart from dense ones in one number. */
const SPARSE_PLACES = 1000;
const SPARSE_BELOW = 0.7;
/** More than there are places between the smallest and the largest number. */
const PLACES_PER_LINE = 16_384;

/**
 * How many newer generations have superseded each member: those of its line that hold a model of about its size with
 * independent results. A generation of other sizes, or one of which nobody has measured anything, supersedes nothing.
 * Undefined for a member without a line. Time grows linearly, whatever the lines look like, but for sorting each.
 */
export function lineagePositions(members: readonly LineMember[]): readonly (number | undefined)[] {
  const lines = new Numbered();
  /** Orders of scored members by line and size. */
  const orders = new Map<number, number[]>();
  for (const { line, order, sizeB, activeB, scored } of members) {
    if (line === undefined || !scored || !Number.isFinite(order)) continue;
    const place = placeInLine(lines.of(line), sizeB, activeB);
    const held = orders.get(place);
    if (held === undefined) orders.set(place, [order]);
    else held.push(order);
  }
  const nearby = new Map<number, Float64Array>();
  return members.map(({ line, order, sizeB, activeB }) => {
    if (line === undefined) return undefined;
    const place = placeInLine(lines.of(line), sizeB, activeB);
    let ascending = nearby.get(place);
    if (ascending === undefined) nearby.set(place, (ascending = ordersNear(place, orders)));
    return countAbove(ascending, order);
  });
}

/**
 * Where a model stands among those of its line by size, in steps of a factor of 1.25. One with experts is worth about a
 * dense one of the geometric mean of all and active parameters, and never stands where a dense one does: a 35B that
 * reads 3B per token neither replaces a dense 27B nor is replaced by it.
 */
export function placeBySize(sizeB: number, activeB = sizeB): number {
  // Logarithms first: the product of two positive sizes may be zero.
  const step = Math.round((Math.log(sizeB) + Math.log(activeB)) / 2 / SIZE_STEP);
  return activeB < SPARSE_BELOW * sizeB ? step + SPARSE_PLACES : step;
}

/** One number for a place of a line. */
function placeInLine(line: number, sizeB: number, activeB: number | undefined): number {
  return line * PLACES_PER_LINE + PLACES_PER_LINE / 2 + placeBySize(sizeB, activeB);
}

/** The generations with a scored member of about the size, each once, ascending. */
function ordersNear(place: number, orders: ReadonlyMap<number, readonly number[]>): Float64Array {
  const near = new Set<number>();
  for (let step = place - STEPS_APART; step <= place + STEPS_APART; step += 1)
    for (const order of orders.get(step) ?? []) near.add(order);
  return Float64Array.from(near).sort();
}

function countAbove(ascending: Float64Array, order: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= order) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}
