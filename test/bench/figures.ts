/** Prints one figure for `npm run bench`, with the limit that the spec sets. */
export function printFigure(
  name: string,
  value: number,
  unit: string,
  limit: number,
  better: 'lower' | 'higher' = 'lower',
): void {
  console.log(JSON.stringify({ name, value, unit, limit, better }));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which a share (0..1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
