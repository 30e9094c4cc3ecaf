import { classOrder } from './classOrder';
import { placesByText } from './numbering';
import type { TextPlaces } from './numbering';

/** One more than the highest hash: as many bits as a number holds. */
const HASHES = 2 ** 53;

/**
 * Places in an order that does not depend on how the texts came: by a hash below 2^53, for counting hashes into classes
 * takes a small part of the time that sorting texts does. Equal texts share theirs; where different ones share a hash all
 * are sorted as texts.
 */
export function placesByHash(texts: readonly string[], hash = hashOf): TextPlaces {
  const hashes = new Float64Array(texts.length);
  const classOf = new Uint32Array(texts.length);
  for (const [at, text] of texts.entries()) {
    const own = hash(text);
    hashes[at] = own;
    classOf[at] = Math.floor((own / HASHES) * texts.length);
  }
  // One class more than there are: rounding may reach it.
  const order = classOrder(classOf, texts.length + 1, (a, b) => (hashes[a] ?? 0) - (hashes[b] ?? 0));
  const places = new Uint32Array(texts.length);
  let count = 0;
  let last: number | undefined;
  for (const at of order) {
    if (last === undefined || hashes[at] !== hashes[last]) count += 1;
    else if (texts[at] !== texts[last]) return placesByText(texts);
    places[at] = count - 1;
    last = at;
  }
  return { count, places };
}

/** 53 bits: 32 by FNV-1a, the others by a multiplication of their own. */
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
