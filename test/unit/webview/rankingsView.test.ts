import { describe, expect, it } from 'vitest';
import {
  commonContextTokens,
  DEFAULT_RANKING_ORDER,
  filterRankings,
  matchesText,
  nextOrder,
  RANKING_COLUMNS,
  rankingKey,
  sortRankings,
  TASK_LABELS,
  TASKS,
} from '../../../webview-ui/rankingsView';
import { rankingRow, rankingsMessage } from './samples';

const NO_FILTER = { text: '', installedOnly: false, gpuOnly: false };
const names = (rows: readonly { readonly name: string }[]) => rows.map((row) => row.name);

describe('filters', () => {
  const rows = [
    rankingRow({ name: 'Alpha', modelId: 'org/alpha', quant: 'Q4_K_M', installed: true, fit: 'gpu' }),
    rankingRow({ name: 'Beta', modelId: 'org/beta', quant: 'Q8_0', installed: false, fit: 'gpu' }),
    rankingRow({ name: 'Gamma', modelId: 'org/gamma', quant: 'Q4_K_M', installed: true, fit: 'offload' }),
  ];

  it('let everything through when none is set', () => {
    expect(filterRankings(rows, NO_FILTER)).toEqual(rows);
  });

  it('hold together: a row must pass them all', () => {
    expect(names(filterRankings(rows, { ...NO_FILTER, installedOnly: true }))).toEqual(['Alpha', 'Gamma']);
    expect(names(filterRankings(rows, { ...NO_FILTER, gpuOnly: true }))).toEqual(['Alpha', 'Beta']);
    expect(names(filterRankings(rows, { text: 'q4', installedOnly: true, gpuOnly: true }))).toEqual([
      'Alpha',
    ]);
  });

  it('find every word of the text somewhere in the row, whatever the case', () => {
    expect(names(filterRankings(rows, { ...NO_FILTER, text: ' ORG/g  q4_k ' }))).toEqual(['Gamma']);
    expect(matchesText('a b', ['b', null, 'A'])).toBe(true);
    expect(matchesText('a c', ['b', null, 'A'])).toBe(false);
  });
});

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
    const grades = (['base', 'self-reported', 'direct', 'interpolated', 'variant'] as const).map((evidence) =>
      rankingRow({ evidence }),
    );
    expect(sortRankings(grades, { column: 'evidence', descending: true }).map((row) => row.evidence)).toEqual(
      ['direct', 'variant', 'base', 'interpolated', 'self-reported'],
    );
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
    expect([...TASKS].toSorted()).toEqual(Object.keys(TASK_LABELS).toSorted());
  });
});
