import type { RankingRow, Rankings } from '../src/shared/reportMessages';

/** What the Rankings tab shows of the rows it has: filters and order. Pure. */

export type Task = Rankings['task'];

export const TASKS = [
  'general',
  'coding',
  'reasoning',
  'agentic',
  'vision',
  'small',
] as const satisfies readonly Task[];

export const TASK_LABELS: Readonly<Record<Task, string>> = {
  general: 'General',
  coding: 'Coding',
  reasoning: 'Reasoning',
  agentic: 'Agentic',
  vision: 'Vision',
  small: 'Small (completion)',
};

export const RANKING_COLUMNS = [
  'name',
  'quant',
  'size',
  'fit',
  'memory',
  'speed',
  'score',
  'evidence',
] as const;
export type RankingColumn = (typeof RANKING_COLUMNS)[number];

export interface RankingFilter {
  readonly text: string;
  readonly installedOnly: boolean;
  readonly gpuOnly: boolean;
}

export interface SortOrder<Column extends string> {
  readonly column: Column;
  readonly descending: boolean;
}

/** Best first, as the ranking itself orders them. */
export const DEFAULT_RANKING_ORDER: SortOrder<RankingColumn> = { column: 'score', descending: true };

/** True when every word of the filter occurs in one of the texts; letter case does not count. */
export function matchesText(filter: string, texts: readonly (string | null | undefined)[]): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const haystack = texts
    .filter((text) => typeof text === 'string')
    .join(' ')
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}

export function filterRankings(rows: readonly RankingRow[], filter: RankingFilter): readonly RankingRow[] {
  return rows.filter(
    (row) =>
      (!filter.installedOnly || row.installed) &&
      (!filter.gpuOnly || row.fit === 'gpu') &&
      matchesText(filter.text, [row.name, row.modelId, row.quant, row.licence, row.installName]),
  );
}

const FIT_ORDER: Readonly<Record<RankingRow['fit'], number>> = {
  none: 0,
  unknown: 0,
  cpu: 1,
  offload: 2,
  gpu: 3,
};
const EVIDENCE_ORDER: Readonly<Record<RankingRow['evidence'], number>> = {
  'self-reported': 0,
  interpolated: 1,
  base: 2,
  variant: 3,
  direct: 4,
};

const SORT_VALUES: Readonly<Record<RankingColumn, (row: RankingRow) => number | string | null>> = {
  name: (row) => row.name.toLowerCase(),
  quant: (row) => row.quant.toLowerCase(),
  size: (row) => row.fileGib,
  fit: (row) => FIT_ORDER[row.fit],
  memory: (row) => row.memoryGib,
  speed: (row) => row.tokPerSec,
  score: (row) => row.score,
  evidence: (row) => EVIDENCE_ORDER[row.evidence],
};

function compare(a: number | string, b: number | string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A sorted copy. Rows of equal value keep the order they came in; unknown values are last in both directions. */
export function sortRankings(
  rows: readonly RankingRow[],
  order: SortOrder<RankingColumn>,
): readonly RankingRow[] {
  const valueOf = SORT_VALUES[order.column];
  const sign = order.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const x = valueOf(a);
    const y = valueOf(b);
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * compare(x, y);
  });
}

/** The order after a click on a column: numbers start with the greatest, texts with A; a second click turns round. */
export function nextOrder(
  current: SortOrder<RankingColumn>,
  column: RankingColumn,
): SortOrder<RankingColumn> {
  if (current.column === column) return { column, descending: !current.descending };
  return { column, descending: column !== 'name' && column !== 'quant' };
}

/** The context that the memory column speaks of when it is one for all rows; null when rows differ. */
export function commonContextTokens(rows: readonly RankingRow[]): number | null {
  const first = rows[0]?.contextTokens;
  return first !== undefined && rows.every((row) => row.contextTokens === first) ? first : null;
}

/** The oldest give way; nobody reads more at once, and what is kept of the page stays small. */
export const MAX_EXPANDED = 50;

/** One row per build. */
export function rankingKey(row: Pick<RankingRow, 'modelId' | 'quant'>): string {
  return `${row.modelId}|${row.quant}`;
}
