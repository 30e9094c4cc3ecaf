import { describe, expect, it } from 'vitest';
import { lineagePositions, placeBySize } from '../../../src/ranking/lineage';
import type { LineMember } from '../../../src/ranking/lineage';

type Named = LineMember & { readonly modelKey: string; readonly scored: boolean };

function positionsOf(members: readonly Named[]): ReadonlyMap<string, number | undefined> {
  const positions = lineagePositions(members, (at) => members[at]?.scored === true);
  return new Map(members.map(({ modelKey }, place) => [modelKey, positions[place]]));
}

describe('lineagePositions', () => {
  const member = (modelKey: string, order: number, sizeB: number, scored = true, line = 'qwen') => ({
    modelKey,
    lineage: { line, order },
    sizeB,
    scored,
  });

  it('counts newer generations that hold a scored model of about the same size', () => {
    const positions = positionsOf([
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

  it('keeps models with experts, which read only a part of themselves, apart from dense ones', () => {
    const positions = positionsOf([
      { ...member('qwen3.5-35b-a3b', 3.5, 36), activeB: 3 },
      { ...member('qwen3.6-35b-a3b', 3.6, 36), activeB: 3 },
      member('qwen3.5-27b', 3.5, 27.8),
      member('qwen3.6-27b', 3.6, 27.8),
      { ...member('qwen3-next-80b-a3b', 3.1, 79.7), activeB: 3.9 },
      { ...member('qwen3.5-122b-a10b', 3.5, 125), activeB: 10 },
    ]);
    expect(Object.fromEntries(positions)).toMatchObject({
      'qwen3.5-35b-a3b': 1,
      'qwen3.5-27b': 1,
      'qwen3-next-80b-a3b': 0,
    });
    const dense = { ...member('dense', 3.5, 27), activeB: 27 };
    expect(positionsOf([dense, member('newer', 3.6, 27)]).get('dense')).toBe(1);
    const withoutMoe = [member('old-27b', 1, 27), { ...member('new-35b-a3b', 2, 36), activeB: 3 }];
    expect(positionsOf(withoutMoe).get('old-27b')).toBe(0);
  });

  it('is not moved by a generation of which nothing is known, nor by another line', () => {
    const positions = positionsOf([
      member('a', 1, 27),
      member('b', 2, 27, false),
      member('c', 3, 27, true, 'gemma'),
      { modelKey: 'd', sizeB: 27, scored: true },
    ]);
    expect(Object.fromEntries(positions)).toEqual({ a: 0, b: 0, c: 0 });
  });
});

describe('placeBySize', () => {
  it('is a step for a factor of 1.25, and apart for models with experts', () => {
    expect(placeBySize(10 * 1.25 ** 3) - placeBySize(10)).toBe(3);
    expect(placeBySize(36, 3)).not.toBe(placeBySize(Math.sqrt(36 * 3)));
    expect(placeBySize(35, 3)).toBe(placeBySize(35 * 1.02, 3));
  });

  it('is a number for any two sizes, however small', () => {
    expect(Number.isFinite(placeBySize(5.7e-191, 3e-43 * 5.7e-191))).toBe(true);
    expect(Number.isFinite(placeBySize(1e308, 1e308))).toBe(true);
  });
});
