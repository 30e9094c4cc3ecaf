import { describe, expect, it } from 'vitest';
import { lineagePositions } from '../../../src/ranking/lineage';

describe('lineagePositions', () => {
  const member = (modelKey: string, order: number, sizeB: number, scored = true, line = 'qwen') => ({
    modelKey,
    line,
    order,
    sizeB,
    scored,
  });

  it('counts newer generations that hold a scored model of about the same size', () => {
    const positions = lineagePositions([
      member('qwen2.5-7b', 2.5, 7.6),
      member('qwen3-8b', 3, 8.2),
      member('qwen3.5-9b', 3.5, 9.6),
      member('qwen3.6-27b', 3.6, 27.8),
      member('qwen3-32b', 3, 32.8),
    ]);
    expect(Object.fromEntries(positions)).toEqual({
      'qwen2.5-7b': 2,
      'qwen3-8b': 1,
      'qwen3.5-9b': 0,
      'qwen3.6-27b': 0,
      'qwen3-32b': 1,
    });
  });

  it('is not moved by a generation of which nothing is known, nor by another line', () => {
    const positions = lineagePositions([
      member('a', 1, 27),
      member('b', 2, 27, false),
      member('c', 3, 27, true, 'gemma'),
      { ...member('d', 9, 27), line: undefined },
    ]);
    expect(Object.fromEntries(positions)).toEqual({ a: 0, b: 0, c: 0 });
  });
});
