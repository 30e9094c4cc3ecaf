import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameOrder } from '../../../src/ranking/nameOrder';
import { ModelGroup } from '../../../src/ranking/rankGroups';
import { compareCodePoints } from '../../../src/shared/codePointOrder';
import { candidate } from '../../fixtures/ranking/builders';

function groupOf(...names: readonly string[]): ModelGroup {
  const [first = '', ...others] = names.toSorted(compareCodePoints);
  const builds = others.map((name) => candidate(name, 8));
  return new ModelGroup(undefined, [candidate(first, 8), ...builds], 0);
}

/** One that was asked so often that it has numbered the names. */
function numbered(groups: readonly ModelGroup[]): NameOrder {
  const order = new NameOrder(groups, Uint32Array.from(groups.keys()).toReversed());
  const first = groups.map(() => order.between(0, 0));
  expect(first).toEqual(groups.map(() => NaN));
  return order;
}

describe('NameOrder', () => {
  it('orders names as comparing their code points does, whatever characters they have', () => {
    const unit = fc.constantFrom('a', 'B', '-', '\ufe00', '\u{1f600}', '\ud800', '\udfff');
    const name = fc.string({ unit, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 12 }), (names) => {
        const order = numbered(names.map((one) => groupOf(one)));
        const pairs = names.flatMap((_, a) => names.map((__, b) => [a, b] as const));
        expect(pairs.map(([a, b]) => Math.sign(order.between(a, b)))).toEqual(
          pairs.map(([a, b]) => Math.sign(compareCodePoints(names[a] ?? '', names[b] ?? ''))),
        );
      }),
    );
  });

  it('does not tell how a model compares whose builds have several names', () => {
    const order = numbered([groupOf('a'), groupOf('b', 'd'), groupOf('c', 'c')]);
    expect(order.between(0, 1)).toBeNaN();
    expect(order.between(2, 1)).toBeNaN();
    expect(order.between(0, 2)).toBeLessThan(0);
  });
});
