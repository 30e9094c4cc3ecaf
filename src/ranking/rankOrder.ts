import { stableOrder } from './numbering';

const MOST_SCORE = 100;
/** Up to so many are put in order by moving each to its place, which takes the least where there are few. */
const FEW = 12;

/**
 * Places of rows by their scores, 0..100, best first, where `compare` decides between any two. Counting them into
 * classes of score first leaves little to compare: hardly any class has more than a few.
 */
export function rankOrder(scores: Float64Array, compare: (a: number, b: number) => number): Uint32Array {
  const classes = scores.length;
  const classOf = new Uint32Array(classes);
  for (let place = 0; place < classes; place += 1)
    classOf[place] = Math.floor((1 - (scores[place] ?? 0) / MOST_SCORE) * (classes - 1));
  const order = stableOrder(classOf, classes);
  let end = 0;
  while (end < order.length) {
    const start = end;
    const scoreClass = classOf[order[start] ?? 0];
    while (end < order.length && classOf[order[end] ?? 0] === scoreClass) end += 1;
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
