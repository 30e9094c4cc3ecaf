import { compareCodePoints } from '../shared/codePointOrder';
import type { ModelGroup } from './rankGroups';

/** Half of a surrogate pair: only where there is one does an order by UTF-16 units differ from one by code points. */
const SURROGATE = /[\ud800-\udfff]/;

/**
 * The order of models by their builds' repository. Where thousands of models share a score their names are compared over
 * and over, so they are numbered as soon as each was compared about once, which costs as much as sorting them does.
 */
export class NameOrder {
  #compared = 0;
  /** By place of the model. Equal names share a number; NaN for a model whose builds have several. */
  #numbers: Float64Array | undefined;

  /** `arrival`: places in `groups` in the order in which the models came, which is often nearly that of their names. */
  constructor(
    private readonly groups: readonly ModelGroup[],
    private readonly arrival: Uint32Array,
  ) {}

  /** Negative, positive or 0 as the names of two models compare; NaN where the builds' own names must be compared. */
  between(a: number, b: number): number {
    if (this.#numbers === undefined) {
      this.#compared += 1;
      if (this.#compared <= this.groups.length) return Number.NaN;
      this.#numbers = numbersOf(this.groups, this.arrival);
    }
    return (this.#numbers[a] ?? 0) - (this.#numbers[b] ?? 0);
  }
}

function numbersOf(groups: readonly ModelGroup[], arrival: Uint32Array): Float64Array {
  const names = groups.map(({ builds }) => builds[0].hfRepoId);
  const compare = names.some((name) => SURROGATE.test(name)) ? compareCodePoints : compareUnits;
  const sorted = [...arrival].sort((a, b) => compare(names[a] ?? '', names[b] ?? ''));
  const numbers = new Float64Array(names.length);
  let number = 0;
  let last: string | undefined;
  for (const place of sorted) {
    const name = names[place];
    if (name !== last) number += 1;
    last = name;
    // Builds are in the order of their names.
    const several = groups[place]?.builds.at(-1)?.hfRepoId !== name;
    numbers[place] = several ? Number.NaN : number;
  }
  return numbers;
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
