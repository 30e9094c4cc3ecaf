import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankOrder } from '../../../src/ranking/rankOrder';

describe('rankOrder', () => {
  it('is what sorting all rows by the comparison gives, however many share a score', () => {
    const score = fc.oneof(fc.constantFrom(0, 50), fc.double({ min: 0, max: 100, noNaN: true }));
    const row = fc.record({ score, speed: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 200, size: 'max' }), (rows) => {
        const compare = (a: number, b: number): number =>
          rows[b]!.score - rows[a]!.score || rows[b]!.speed - rows[a]!.speed || a - b;
        const scores = Float64Array.from(rows, (one) => one.score);
        expect([...rankOrder(scores, compare)]).toEqual([...rows.keys()].sort(compare));
      }),
    );
  });
});
