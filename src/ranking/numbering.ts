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

/** Different texts sorted by UTF-16 units, with the place of each: by the text, and by its place in the order given. */
export function sortedWithPlaces(texts: readonly string[]): {
  readonly sorted: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly placeOf: Uint32Array;
} {
  const sorted = texts.toSorted();
  const places = new Map<string, number>();
  for (const [place, text] of sorted.entries()) places.set(text, place);
  const placeOf = new Uint32Array(texts.length);
  for (const [from, text] of texts.entries()) placeOf[from] = places.get(text) ?? 0;
  return { sorted, places, placeOf };
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
