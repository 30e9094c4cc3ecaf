/** Numbers for texts, from 0 in the order in which they came. */
export class Numbered {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** Of a text that has one. */
  known(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** The place of each of different texts among them, sorted by UTF-16 units. */
export function placesByText(texts: readonly string[]): Uint32Array {
  const places = new Map(texts.toSorted().map((text, place) => [text, place]));
  return Uint32Array.from(texts, (text) => places.get(text) ?? 0);
}

/**
 * The place of each of different texts in an order that does not depend on how they came: by a hash, for sorting numbers
 * takes a small part of the time that sorting texts does. Where two texts share their hash all are sorted as texts.
 */
export function placesByHash(texts: readonly string[], hash = hashOf): Uint32Array {
  const hashes = Float64Array.from(texts, hash);
  const sorted = hashes.toSorted();
  for (let place = 1; place < sorted.length; place += 1)
    if (sorted[place] === sorted[place - 1]) return placesByText(texts);
  return Uint32Array.from(hashes, (wanted) => placeAmong(sorted, wanted));
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
