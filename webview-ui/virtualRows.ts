/** The mathematics of a long table of equal rows of which only those in view are in the page. Pure. */

/** Rows in order: `index` has `extra` pixels of detail below it. */
export type ExtraHeights = ReadonlyMap<number, number>;

export interface WindowInput {
  readonly count: number;
  readonly rowHeight: number;
  /** Pixels of the table that are scrolled away above the view. */
  readonly scrollTop: number;
  readonly viewportHeight: number;
  /** Rows kept on each side of the view, so that a quick scroll shows no gap. */
  readonly overscan: number;
  readonly extras: ExtraHeights;
}

export interface VirtualWindow {
  /** First row in the page. */
  readonly first: number;
  /** One after the last row in the page. */
  readonly end: number;
  /** Pixels that stand for the rows before `first` and after `end`. */
  readonly above: number;
  readonly below: number;
}

function sorted(extras: ExtraHeights): [number, number][] {
  return [...extras].sort(([a], [b]) => a - b);
}

/** Pixels above row `index`, its own height not counted. */
export function rowTop(index: number, rowHeight: number, extras: ExtraHeights): number {
  let top = index * rowHeight;
  for (const [at, extra] of extras) if (at < index) top += extra;
  return top;
}

/** The row at `y` pixels from the top; a row's detail belongs to the row. May lie outside the table. */
export function rowAt(y: number, rowHeight: number, extras: ExtraHeights): number {
  let passed = 0;
  for (const [index, extra] of sorted(extras)) {
    if (y < (index + 1) * rowHeight + passed + extra)
      return Math.min(index, Math.floor((y - passed) / rowHeight));
    passed += extra;
  }
  return Math.floor((y - passed) / rowHeight);
}

/** Which rows to put into the page. An empty table gives an empty window. */
export function virtualWindow(input: WindowInput): VirtualWindow {
  const { count, rowHeight, extras, overscan } = input;
  const total = rowTop(count, rowHeight, extras);
  // A list that has become shorter may still be scrolled beyond its end.
  const scrollTop = Math.min(Math.max(0, input.scrollTop), Math.max(0, total - input.viewportHeight));
  const first = Math.max(0, rowAt(scrollTop, rowHeight, extras) - overscan);
  const last = rowAt(scrollTop + input.viewportHeight, rowHeight, extras) + overscan;
  const end = Math.min(count, Math.max(first, last + 1));
  return {
    first: Math.min(first, end),
    end,
    above: rowTop(Math.min(first, end), rowHeight, extras),
    below: total - rowTop(end, rowHeight, extras),
  };
}

/**
 * The scroll position nearest to `scrollTop` at which row `index` is wholly in view, with so much of the
 * `detailHeight` below it as the view has room for.
 */
export function scrollTopToShow(
  index: number,
  view: Pick<WindowInput, 'rowHeight' | 'scrollTop' | 'viewportHeight' | 'extras'>,
  detailHeight = 0,
): number {
  const top = rowTop(index, view.rowHeight, view.extras);
  if (top < view.scrollTop) return top;
  const bottom = top + view.rowHeight + detailHeight;
  return Math.max(view.scrollTop, Math.min(top, bottom - view.viewportHeight));
}
