import * as l10n from '@vscode/l10n';
import type { RankingRow, Rankings } from '../src/shared/reportMessages';
import { evidenceOrder } from './rankingEvidence';

/** In which order the Rankings tab shows the rows it has, and how it names them. Pure. */

export type Task = Rankings['task'];

export const TASKS = [
  'general',
  'coding',
  'reasoning',
  'agentic',
  'vision',
  'small',
] as const satisfies readonly Task[];

export function taskLabel(task: Task): string {
  switch (task) {
    case 'general':
      return l10n.t('General');
    case 'coding':
      return l10n.t('Coding');
    case 'reasoning':
      return l10n.t('Reasoning');
    case 'agentic':
      return l10n.t('Agentic');
    case 'vision':
      return l10n.t('Vision');
    case 'small':
      return l10n.t('Small (completion)');
  }
}

export const RANKING_COLUMNS = [
  'name',
  'quant',
  'size',
  'fit',
  'context',
  'memory',
  'speed',
  'score',
  'evidence',
] as const;
export type RankingColumn = (typeof RANKING_COLUMNS)[number];

export interface SortOrder<Column extends string> {
  readonly column: Column;
  readonly descending: boolean;
}

/** Best first, as the ranking itself orders them. */
export const DEFAULT_RANKING_ORDER: SortOrder<RankingColumn> = { column: 'score', descending: true };

const FIT_ORDER: Readonly<Record<RankingRow['fit'], number>> = {
  none: 0,
  unknown: 0,
  cpu: 1,
  offload: 2,
  gpu: 3,
};
const SORT_VALUES: Readonly<Record<RankingColumn, (row: RankingRow) => number | string | null>> = {
  name: (row) => row.name.toLowerCase(),
  quant: (row) => row.quant.toLowerCase(),
  size: (row) => row.fileGib,
  fit: (row) => FIT_ORDER[row.fit],
  context: (row) => longestContext(row)?.tokens ?? null,
  memory: (row) => row.memoryGib,
  speed: (row) => row.tokPerSec,
  score: (row) => row.score,
  evidence: (row) => evidenceOrder(row),
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

/** Above this a memory that is plenty says nothing of a model whose own maximum nobody knows. */
const PLENTY_TOKENS = 131_072;

/**
 * The longest context with which a model stays where it runs; `bounded` where only the memory is known to end it, so
 * that the model's own maximum may be shorter. Null where nothing can be said, or it does not fit.
 */
export function longestContext(
  row: Pick<RankingRow, 'fit' | 'longestContext' | 'contextMax'>,
): { readonly tokens: number; readonly bounded: boolean } | null {
  if (row.longestContext === null || row.fit === 'none' || row.fit === 'unknown') return null;
  const tokens = row.fit === 'gpu' ? row.longestContext.onAccelerators : row.longestContext.atAll;
  const bounded = row.contextMax === null;
  return tokens <= 0 || (bounded && tokens > PLENTY_TOKENS) ? null : { tokens, bounded };
}

/** The oldest give way; nobody reads more at once, and what is kept of the page stays small. */
export const MAX_EXPANDED = 50;
