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
export interface TextPlaces {
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
