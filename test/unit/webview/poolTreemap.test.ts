import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { treemap } from '../../../webview-ui/poolTreemap';

const ASPECT = 4;
const CLOSE = 1e-6;
const size = (value: number): number => value;

describe('the map of a disk', () => {
  it('gives every layer an area that is as its size, inside the map, and none over another', () => {
    const sizes = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, (values) => {
        const cells = treemap(values, size, ASPECT);
        const total = values.reduce((sum, value) => sum + value, 0);
        expect(cells).toHaveLength(values.length);
        for (const { item, x, y, width, height } of cells) {
          expect(width * height).toBeCloseTo(item / total, 6);
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(-CLOSE);
          expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1 + CLOSE);
        }
        for (const [index, a] of cells.entries()) {
          for (const b of cells.slice(index + 1)) {
            const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
            const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
            expect(Math.min(across, down)).toBeLessThanOrEqual(CLOSE);
          }
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('puts the largest first and keeps equal ones near squares', () => {
    const cells = treemap([1, 1, 8, 1, 1], size, ASPECT);
    expect(cells[0]).toMatchObject({ item: 8, x: 0, y: 0 });
    for (const { width, height } of treemap([1, 1, 1, 1], size, ASPECT)) {
      expect((width * ASPECT) / height).toBeCloseTo(1, 6);
    }
  });

  it('leaves out what has no size, and is empty without layers', () => {
    expect(treemap([0, 5, -1], size, ASPECT)).toEqual([{ item: 5, x: 0, y: 0, width: 1, height: 1 }]);
    expect(treemap([], size, ASPECT)).toEqual([]);
  });
});
