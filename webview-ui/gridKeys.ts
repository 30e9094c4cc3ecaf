/**
 * The row that a key moves to in a table of `count` rows, held inside it; null when the key moves nowhere. `active` is
 * -1 while no row is active; `page` is the number of rows that fit into the view. Pure.
 */
export function rowAfterKey(key: string, active: number, page: number, count: number): number | null {
  if (count === 0) return null;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1,
  };
  const target = moves[key];
  return target === undefined ? null : Math.min(Math.max(0, target), count - 1);
}

/** True when the key opens, closes or chooses the active row; the arrows do so only where there is something to do. */
export function activates(key: string, expandable: boolean, open: boolean): boolean {
  if (key === 'Enter' || key === ' ') return true;
  return (key === 'ArrowRight' && expandable && !open) || (key === 'ArrowLeft' && open);
}
