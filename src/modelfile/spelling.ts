import * as l10n from '@vscode/l10n';

/** Words longer than this are no misspelling of any name here. */
const LONGEST_WORD = 40;

/**
 * The name that was most likely meant by a word: the same in another case, else the nearest by changed, missing, added
 * or swapped letters, where at most a third of the letters are wrong. Null where none is near.
 */
export function closestName(word: string, names: Iterable<string>): string | null {
  if (word === '' || word.length > LONGEST_WORD) return null;
  const wanted = word.toLowerCase();
  let closest: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < least) [closest, least] = [name, distance];
  }
  return closest;
}

/** Damerau-Levenshtein distance with neighbours swapped at most once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let distance = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, (beforeLast[j - 2] ?? Infinity) + 1);
      }
      row.push(distance);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

/** ` Did you mean x?`, to follow a sentence; empty where nothing was meant. */
export function didYouMean(meant: string | null): string {
  return meant === null ? '' : ` ${l10n.t('Did you mean {0}?', meant)}`;
}
