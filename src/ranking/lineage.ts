import { Numbered, stableOrder } from './numbering';

/** What places a model in its line: the fields of a candidate. */
export interface LineMember {
  /** What replaces what, and a number that grows with each generation; absent where the catalogue knows no line. */
  readonly lineage?: { readonly line: string; readonly order: number };
  readonly sizeB: number;
  /** Parameters per token, billions; absent: all of them. */
  readonly activeB?: number;
}

/** Models within about a factor 1.6 to 2 in size replace each other; a step is a factor of 1.25. */
const SIZE_STEP = Math.log(1.25);
const STEPS_APART = 2;
/** Keeps models with experts, which read only a part of themselves per token, apart from dense ones in one number. */
const SPARSE_PLACES = 1000;
const SPARSE_BELOW = 0.7;
/** What `placeBySize` is raised by to be a place from 0 on, and more than there are places. */
const PLACES_BELOW = 8_192;
const PLACES = 16_384;

/**
 * How many newer generations have superseded each member: those of its line that hold a model of about its size with
 * independent results. A generation of other sizes, or one of which nobody has measured anything, supersedes nothing.
 * Undefined for a member without a line. `isScored` says of a member's place among them whether independent results put
 * it on the common scale. Time grows linearly, whatever the lines look like, but for sorting each.
 */
export function lineagePositions(
  members: readonly LineMember[],
  isScored: (at: number) => boolean,
): readonly (number | undefined)[] {
  const lines = new Numbered();
  const lineOf = new Uint32Array(members.length);
  const placeOf = new Uint32Array(members.length);
  const orderOf = new Float64Array(members.length);
  for (const [at, { lineage, sizeB, activeB }] of members.entries()) {
    if (lineage === undefined) continue;
    lineOf[at] = lines.of(lineage.line) + 1;
    placeOf[at] = PLACES_BELOW + placeBySize(sizeB, activeB);
    orderOf[at] = lineage.order;
  }
  // Those of one line and place lie together then, beside those of the next place.
  const sorted = stableOrder(lineOf, lines.texts.length + 1, stableOrder(placeOf, PLACES));
  const places = new Float64Array(members.length);
  const scored = new Float64Array(members.length);
  for (const [to, at] of sorted.entries()) {
    places[to] = (lineOf[at] ?? 0) * PLACES + (placeOf[at] ?? 0);
    scored[to] = isScored(at) ? (orderOf[at] ?? Number.NaN) : Number.NaN;
  }

  const positions = new Array<number | undefined>(members.length);
  const nearby = new NearbyOrders(places, scored);
  let end = 0;
  while (end < sorted.length && lineOf[sorted[end] ?? 0] === 0) end += 1;
  while (end < sorted.length) {
    const start = end;
    while (end < sorted.length && places[end] === places[start]) end += 1;
    nearby.gather(start, end);
    for (let i = start; i < end; i += 1) {
      const at = sorted[i] ?? 0;
      positions[at] = nearby.countAbove(orderOf[at] ?? 0);
    }
  }
  return positions;
}

/** The generations with a scored member of about one size, each once, ascending. */
class NearbyOrders {
  readonly #ascending: Float64Array;
  #count = 0;

  /** `places` ascend; orders that are no finite numbers supersede nothing. */
  constructor(
    private readonly places: Float64Array,
    private readonly orders: Float64Array,
  ) {
    this.#ascending = new Float64Array(orders.length);
  }

  /** For those from `start` to `end`, which are of one place. */
  gather(start: number, end: number): void {
    const place = this.places[start] ?? 0;
    let from = start;
    while (from > 0 && (this.places[from - 1] ?? 0) >= place - STEPS_APART) from -= 1;
    let to = end;
    while (to < this.places.length && (this.places[to] ?? 0) <= place + STEPS_APART) to += 1;
    let found = 0;
    for (let at = from; at < to; at += 1) {
      const order = this.orders[at] ?? Number.NaN;
      if (!Number.isFinite(order)) continue;
      this.#ascending[found] = order;
      found += 1;
    }
    if (found > 1) this.#ascending.subarray(0, found).sort();
    this.#count = 0;
    for (let at = 0; at < found; at += 1) {
      const order = this.#ascending[at] ?? 0;
      if (at > 0 && order === this.#ascending[this.#count - 1]) continue;
      this.#ascending[this.#count] = order;
      this.#count += 1;
    }
  }

  countAbove(order: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ascending[middle] ?? 0) <= order) low = middle + 1;
      else high = middle;
    }
    return this.#count - low;
  }
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
