import { describe, expect, it } from 'vitest';
import {
  commonContextTokens,
  DEFAULT_RANKING_ORDER,
  longestContext,
  nextOrder,
  RANKING_COLUMNS,
  sortRankings,
  taskLabel,
  TASKS,
} from '../../../webview-ui/rankingsView';
import { rankingKey } from '../../../src/shared/reportMessages';
import { evidence, NO_EVIDENCE, rankingRow, rankingsMessage } from './samples';

const names = (rows: readonly { readonly name: string }[]) => rows.map((row) => row.name);

describe('order', () => {
  it('keeps rows of equal value as the ranking had them', () => {
    const rows = [
      rankingRow({ name: 'first', score: 50 }),
      rankingRow({ name: 'second', score: 60 }),
      rankingRow({ name: 'third', score: 50 }),
    ];
    expect(names(sortRankings(rows, DEFAULT_RANKING_ORDER))).toEqual(['second', 'first', 'third']);
    expect(names(sortRankings(rows, { column: 'score', descending: false }))).toEqual([
      'first',
      'third',
      'second',
    ]);
  });

  it('puts unknown sizes last in both directions', () => {
    const rows = [
      rankingRow({ name: 'unknown', fileGib: null }),
      rankingRow({ name: 'small', fileGib: 1 }),
      rankingRow({ name: 'big', fileGib: 9 }),
    ];
    expect(names(sortRankings(rows, { column: 'size', descending: true }))).toEqual([
      'big',
      'small',
      'unknown',
    ]);
    expect(names(sortRankings(rows, { column: 'size', descending: false }))).toEqual([
      'small',
      'big',
      'unknown',
    ]);
  });

  it('orders fit from gpu down to none, and evidence from direct down to self-reported', () => {
    const fits = (['none', 'gpu', 'cpu', 'offload'] as const).map((fit) => rankingRow({ fit }));
    expect(sortRankings(fits, { column: 'fit', descending: true }).map((row) => row.fit)).toEqual([
      'gpu',
      'offload',
      'cpu',
      'none',
    ]);
    const grades = (['base', 'self-reported', 'direct', 'interpolated', 'variant'] as const).map((grade) =>
      rankingRow({ evidence: evidence(grade) }),
    );
    const sorted = sortRankings([rankingRow({ evidence: NO_EVIDENCE }), ...grades], {
      ...{ column: 'evidence', descending: true },
    });
    expect(sorted.map((row) => row.evidence.shares[0]?.grade)).toEqual([
      ...['direct', 'variant', 'base', 'interpolated', 'self-reported'],
      undefined,
    ]);
  });

  it('loses no row in any column', () => {
    const { rows } = rankingsMessage(60);
    for (const column of RANKING_COLUMNS) {
      const sorted = sortRankings(rows, { column, descending: true });
      expect(new Set(sorted.map(rankingKey))).toEqual(new Set(rows.map(rankingKey)));
    }
  });

  it('starts a column of numbers with the greatest and a column of names with A, and turns round after that', () => {
    expect(nextOrder(DEFAULT_RANKING_ORDER, 'speed')).toEqual({ column: 'speed', descending: true });
    expect(nextOrder(DEFAULT_RANKING_ORDER, 'name')).toEqual({ column: 'name', descending: false });
    expect(nextOrder({ column: 'name', descending: false }, 'name').descending).toBe(true);
  });
});

describe('the head of the memory column', () => {
  it('names the context when all rows share one', () => {
    expect(
      commonContextTokens([rankingRow({ contextTokens: 8_192 }), rankingRow({ contextTokens: 8_192 })]),
    ).toBe(8_192);
    expect(
      commonContextTokens([rankingRow({ contextTokens: 8_192 }), rankingRow({ contextTokens: 4_096 })]),
    ).toBeNull();
    expect(commonContextTokens([])).toBeNull();
  });
});

describe('tasks', () => {
  it('each have a name in the list', () => {
    expect(new Set(TASKS.map(taskLabel)).size).toBe(TASKS.length);
  });
});

describe('the longest context', () => {
  const limits = { onAccelerators: 14_000, atAll: 60_000 };

  it('is that of where the model runs', () => {
    const row = { longestContext: limits, contextMax: 131_072 };
    expect(longestContext({ ...row, fit: 'gpu' })).toEqual({ tokens: 14_000, bounded: false });
    expect(longestContext({ ...row, fit: 'offload' })).toEqual({ tokens: 60_000, bounded: false });
    expect(longestContext({ ...row, fit: 'none' })).toBeNull();
    expect(longestContext({ ...row, fit: 'gpu', longestContext: null })).toBeNull();
  });

  it('is only where the memory ends when nobody knows what the model was made for', () => {
    const row = { fit: 'cpu' as const, contextMax: null };
    expect(longestContext({ ...row, longestContext: limits })).toEqual({ tokens: 60_000, bounded: true });
    const plenty = { onAccelerators: 0, atAll: 1_048_576 };
    expect(longestContext({ ...row, longestContext: plenty })).toBeNull();
  });
});
