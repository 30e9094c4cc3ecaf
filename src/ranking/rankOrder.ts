import { classOrder } from './classOrder';

const MOST_SCORE = 100;

/**
 * Places of rows by their scores, 0..100, best first, where `compare` decides between any two. Counting them into
 * classes of score first leaves little to compare.
 */
export function rankOrder(scores: Float64Array, compare: (a: number, b: number) => number): Uint32Array {
  const classes = scores.length;
  const classOf = new Uint32Array(classes);
  for (let place = 0; place < classes; place += 1)
    classOf[place] = Math.floor((1 - (scores[place] ?? 0) / MOST_SCORE) * (classes - 1));
  return classOrder(classOf, classes, compare);
}
