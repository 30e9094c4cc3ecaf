/** Numbers for texts, from 0 in the order in which they came. */
export class Numbered {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** The place of each text among the different ones, and how many those are. */
interface TextPlaces {
  readonly count: number;
  readonly places: Uint32Array;
}

/** Places sorted by UTF-16 units; equal texts share theirs. */
export function placesByText(texts: readonly string[]): TextPlaces {
  const sorted = [...new Set(texts)].sort();
  const places = new Map(sorted.map((text, place) => [text, place]));
  return { count: sorted.length, places: Uint32Array.from(texts, (text) => places.get(text) ?? 0) };
}

/**
 * Places in an order that does not depend on how the texts came: by a hash, for sorting numbers takes a small part of the
 * time that sorting texts does. Equal texts share theirs; where different ones share a hash all are sorted as texts.
 */
export function placesByHash(texts: readonly string[], hash = hashOf): TextPlaces {
  const hashes = Float64Array.from(texts, hash);
  const sorted = hashes.toSorted();
  let count = 0;
  for (const value of sorted)
    if (count === 0 || value !== sorted[count - 1]) {
      sorted[count] = value;
      count += 1;
    }
  const ascending = sorted.subarray(0, count);
  const places = Uint32Array.from(hashes, (wanted) => placeAmong(ascending, wanted));
  if (count === texts.length) return { count, places };
  const textOf = new Array<string | undefined>(count);
  for (const [number, text] of texts.entries())
    if ((textOf[places[number] ?? 0] ??= text) !== text) return placesByText(texts);
  return { count, places };
}

/** 53 bits, as many as a number holds: 32 by FNV-1a, the others by a multiplication of their own. */
function hashOf(text: string): number {
  let first = 0x811c9dc5;
  let second = 0x2545f491;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second + unit, 0x9e3779b1) ^ (second >>> 15);
  }
  return (first >>> 0) * 2 ** 21 + (second >>> 11);
}

/** Of a number that is among them. */
function placeAmong(ascending: Float64Array, wanted: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Places of items by their keys, 0 to `keys` - 1, those of one key in the order of `before` (else in their own): a
 * counting sort, in linear time. `keyOf` has the key of each item.
 */
export function stableOrder(keyOf: Uint32Array, keys: number, before?: Uint32Array): Uint32Array {
  const next = new Uint32Array(keys + 1);
  for (const key of keyOf) next[key + 1] = (next[key + 1] ?? 0) + 1;
  for (let key = 0; key < keys; key += 1) next[key + 1] = (next[key + 1] ?? 0) + (next[key] ?? 0);
  const order = new Uint32Array(keyOf.length);
  for (let place = 0; place < keyOf.length; place += 1) {
    const item = before?.[place] ?? place;
    const key = keyOf[item] ?? 0;
    const target = next[key] ?? 0;
    order[target] = item;
    next[key] = target + 1;
  }
  return order;
}
