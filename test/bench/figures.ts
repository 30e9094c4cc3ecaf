interface FigureOptions {
  /** Beyond it the limit is missed by more than a busy machine can explain: the whole bench ends with exit code 1. */
  readonly clearlyMissed?: number;
}

/** Prints one figure for `npm run bench`, with the limit that the spec sets; null: it sets none. */
export function printFigure(
  name: string,
  value: number,
  unit: string,
  limit: number | null,
  better: 'lower' | 'higher' = 'lower',
  { clearlyMissed }: FigureOptions = {},
): void {
  console.log(JSON.stringify({ name, value, unit, limit, better, clearlyMissed }));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which a share (0..1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
