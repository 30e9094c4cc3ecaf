import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareCodePoints } from '../../../src/shared/codePointOrder';

it('puts an emoji behind a private-use letter, where UTF-16 would put it before', () => {
  expect(compareCodePoints('\u{1F600}', '\uE000')).toBeGreaterThan(0);
  expect(['\uE000', '\u{1F600}'].sort()).toEqual(['\u{1F600}', '\uE000']);
});

it('orders any two texts as their UTF-8 bytes are ordered', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
