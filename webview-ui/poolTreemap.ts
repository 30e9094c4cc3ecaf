/** Rectangles whose areas are as the sizes that they stand for, as square as they can be. Pure. */

export interface TreemapCell<Item> {
  readonly item: Item;
  /** All of the whole map's width or height, 0..1. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Lays items out as a squarified treemap (Bruls, Huizing and van Wijk, 2000), the largest at the top left. `aspect` is
 * the map's width over its height. Items without a positive size are left out.
 */
export function treemap<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  aspect: number,
): readonly TreemapCell<Item>[] {
  const sized = items
    .map((item) => ({ item, size: sizeOf(item) }))
    .filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size);
  const total = sized.reduce((sum, { size }) => sum + size, 0);
  const scaled = sized.map(({ item, size }) => ({ item, area: (size / total) * aspect }));
  const cells: TreemapCell<Item>[] = [];
  let free: Rect = { x: 0, y: 0, width: aspect, height: 1 };
  for (let begin = 0; begin < scaled.length;) {
    const side = Math.min(free.width, free.height);
    let end = begin + 1;
    const areas = (until: number): readonly number[] => scaled.slice(begin, until).map(({ area }) => area);
    while (end < scaled.length && worstShape(areas(end + 1), side) <= worstShape(areas(end), side)) end += 1;
    const row = scaled.slice(begin, end);
    const rects = rowRects(areas(end), free);
    for (const [index, { item }] of row.entries()) {
      const rect = rects[index];
      if (rect) cells.push({ item, ...rect, x: rect.x / aspect, width: rect.width / aspect });
    }
    free = restOf(free, areas(end));
    begin = end;
  }
  return cells;
}

/** How far from a square the worst cell of a row along this side would be; 1 is a square. */
function worstShape(areas: readonly number[], side: number): number {
  const sum = areas.reduce((total, area) => total + area, 0);
  const depth = sum / side;
  return Math.max(...areas.map((area) => Math.max(area / depth ** 2, depth ** 2 / area)));
}

/** A row lies along the shorter side of what is free. */
function rowRects(areas: readonly number[], free: Rect): readonly Rect[] {
  const sum = areas.reduce((total, area) => total + area, 0);
  const isColumn = free.width >= free.height;
  const depth = sum / (isColumn ? free.height : free.width);
  let offset = 0;
  return areas.map((area) => {
    const length = area / depth;
    const at = offset;
    offset += length;
    return isColumn
      ? { x: free.x, y: free.y + at, width: depth, height: length }
      : { x: free.x + at, y: free.y, width: length, height: depth };
  });
}

function restOf(free: Rect, areas: readonly number[]): Rect {
  const sum = areas.reduce((total, area) => total + area, 0);
  if (free.width >= free.height) {
    const depth = sum / free.height;
    return { ...free, x: free.x + depth, width: Math.max(0, free.width - depth) };
  }
  const depth = sum / free.width;
  return { ...free, y: free.y + depth, height: Math.max(0, free.height - depth) };
}
