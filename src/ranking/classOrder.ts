import { stableOrder } from './numbering';

/** Up to so many are put in order by moving each to its place, which takes the least where there are few. */
const FEW = 12;

/**
 * Places of items by their classes, 0 to `classes` - 1, those of one class as `compare` says: linear in time where hardly
 * any class has more than a few. `classOf` has the class of each item.
 */
export function classOrder(
  classOf: Uint32Array,
  classes: number,
  compare: (a: number, b: number) => number,
): Uint32Array {
  const order = stableOrder(classOf, classes);
  let end = 0;
  while (end < order.length) {
    const start = end;
    const shared = classOf[order[start] ?? 0];
    while (end < order.length && classOf[order[end] ?? 0] === shared) end += 1;
    if (end - start > FEW) order.set([...order.subarray(start, end)].sort(compare), start);
    else insertInOrder(order, start, end, compare);
  }
  return order;
}

function insertInOrder(
  order: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let next = start + 1; next < end; next += 1) {
    const item = order[next] ?? 0;
    let to = next;
    for (; to > start && compare(order[to - 1] ?? 0, item) > 0; to -= 1) order[to] = order[to - 1] ?? 0;
    order[to] = item;
  }
}
