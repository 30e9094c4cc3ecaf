/** A model's place in its line, for counting what has come after it. */
export interface LineMember {
  readonly modelKey: string;
  /** What replaces what; undefined where the catalogue knows no line. */
  readonly line: string | undefined;
  /** Grows with each generation of the line. */
  readonly order: number;
  readonly sizeB: number;
  /** Whether independent results put it on the common scale. */
  readonly scored: boolean;
}

/** Models within about a factor 1.6 to 2 in size replace each other; a step is a factor of 1.25. */
const SIZE_STEP = Math.log(1.25);
const STEPS_APART = 2;

/**
 * How many newer generations have superseded each model: those of its line that hold a model of about its size with
 * independent results. A generation of other sizes, or one of which nobody has measured anything, supersedes nothing.
 * Models without a line are not in the result. Time grows linearly, whatever the lines look like.
 */
export function lineagePositions(members: readonly LineMember[]): ReadonlyMap<string, number> {
  const ordersByPlace = new Map<string, Set<number>>();
  for (const { line, order, sizeB, scored } of members) {
    if (line === undefined || !scored || !Number.isFinite(order)) continue;
    const step = sizeStep(sizeB);
    for (let near = step - STEPS_APART; near <= step + STEPS_APART; near += 1) {
      const place = `${line}\u0000${near}`;
      const orders = ordersByPlace.get(place);
      if (orders === undefined) ordersByPlace.set(place, new Set([order]));
      else orders.add(order);
    }
  }
  const sorted = new Map<string, Float64Array>();
  for (const [place, orders] of ordersByPlace) sorted.set(place, Float64Array.from(orders).sort());

  const positions = new Map<string, number>();
  for (const { modelKey, line, order, sizeB } of members) {
    if (line === undefined) continue;
    positions.set(modelKey, countAbove(sorted.get(`${line}\u0000${sizeStep(sizeB)}`), order));
  }
  return positions;
}

function sizeStep(sizeB: number): number {
  return Math.round(Math.log(sizeB) / SIZE_STEP);
}

function countAbove(ascending: Float64Array | undefined, order: number): number {
  if (ascending === undefined) return 0;
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= order) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}
