import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesByHash } from '../../../src/ranking/hashPlaces';
import { placesByText } from '../../../src/ranking/numbering';

const texts = fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 60 });

describe('placesByHash', () => {
  it('gives each text a place of its own, the same whatever order they came in', () => {
    fc.assert(
      fc.property(
        texts.chain((given) =>
          fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
        ),
        ([given, shuffled]) => {
          const { count, places } = placesByHash(given);
          expect(count).toBe(given.length);
          expect([...places].sort((a, b) => a - b)).toEqual(given.map((_, place) => place));
          const again = placesByHash(shuffled).places;
          for (const [at, text] of given.entries()) expect(again[shuffled.indexOf(text)]).toBe(places[at]);
        },
      ),
    );
  });

  it('sorts texts that share a hash as texts', () => {
    const sharing = ['c', 'a', 'b', 'aa'];
    expect(placesByHash(sharing, () => 7)).toEqual(placesByText(sharing));
    expect(placesByText(sharing)).toEqual({ count: 4, places: Uint32Array.of(3, 0, 2, 1) });
  });

  it('gives equal texts one place, also where another text shares their hash', () => {
    const byText = { count: 2, places: Uint32Array.of(1, 0, 1) };
    expect(placesByText(['b', 'a', 'b'])).toEqual(byText);
    expect(placesByHash(['b', 'a', 'b'], () => 7)).toEqual(byText);
    expect(placesByHash(['b', 'a', 'b'], (text) => text.charCodeAt(0))).toEqual(byText);
  });
});
