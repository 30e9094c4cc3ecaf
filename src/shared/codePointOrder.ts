/**
 * Compares two texts by Unicode code point, the same in every locale. `<` compares UTF-16 units, which puts emoji before
 * some letters.
 */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  for (let index = 0; index < end; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return orderOf(x) - orderOf(y);
  }
  return a.length - b.length;
}

/** Surrogates, which stand for the code points above all others, are moved behind the units U+E000 to U+FFFF. */
function orderOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2800 : unit;
}
