import * as l10n from '@vscode/l10n';
import { NEWEST_FIRST } from '../src/shared/dispatchQuery';
import type {
  DispatchFacetField,
  DispatchFilter,
  DispatchOrder,
  DispatchSummary,
} from '../src/shared/dispatchQuery';
import { OUTCOME_KINDS, outcomeLabel } from './dispatchesView';
import { formatNumber, humanise } from './format';
import type { DispatchesState, SPANS } from './state';

/** The filters of the dispatch log: from what a reader has set to what is asked, and what the menus offer. Pure. */

export type Span = (typeof SPANS)[number];

const HOUR_MS = 3_600_000;
const SPAN_MS: Readonly<Record<'hour' | 'day' | 'week', number>> = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
};

export function spanLabel(span: Span): string {
  switch (span) {
    case 'all':
      return l10n.t('Any time');
    case 'hour':
      return l10n.t('Last hour');
    case 'day':
      return l10n.t('Last 24 hours');
    case 'week':
      return l10n.t('Last 7 days');
    case 'chosen':
      return l10n.t('Chosen in the chart');
  }
}

/** What clears every filter; order and selection stay. */
export const NO_FILTERS = {
  text: '',
  backend: null,
  provider: null,
  model: null,
  outcome: null,
  errorCode: null,
  inheritedOnly: false,
  span: 'all',
  fromMs: null,
  untilMs: null,
} as const satisfies Partial<DispatchesState>;

export function filterOf(kept: DispatchesState, nowMs: number): DispatchFilter {
  const { text, backend, provider, model, outcome, errorCode, inheritedOnly, span } = kept;
  const { fromMs, untilMs } =
    span === 'chosen' ? kept : { fromMs: span === 'all' ? null : nowMs - SPAN_MS[span], untilMs: null };
  return { text, backend, provider, model, outcome, errorCode, inheritedOnly, fromMs, untilMs };
}

/** True when a change of what is kept asks for another list of records. */
export function asksAnew(changes: Partial<DispatchesState>): boolean {
  return 'order' in changes || Object.keys(NO_FILTERS).some((key) => key in changes);
}

export interface Menu {
  readonly field: DispatchFacetField;
  readonly label: string;
  /** Value and text, the value that does not narrow first. */
  readonly options: readonly (readonly [string | null, string])[];
}

function allMenus(): readonly (readonly [DispatchFacetField, label: string, all: string])[] {
  return [
    ['backend', l10n.t('Backend'), l10n.t('All backends')],
    ['provider', l10n.t('Provider'), l10n.t('All providers')],
    ['model', l10n.t('Model'), l10n.t('All models')],
    ['outcome', l10n.t('Outcome'), l10n.t('All outcomes')],
    ['errorCode', l10n.t('Error'), l10n.t('All errors')],
  ];
}

/**
 * The menus of the fields in `shown`, and of those that have something to choose, each value with the number of records
 * that choosing it would show.
 */
export function menusOf(
  summary: DispatchSummary | null,
  kept: DispatchesState,
  shown: ReadonlySet<DispatchFacetField>,
): readonly Menu[] {
  return allMenus().flatMap(([field, label, all]) => {
    const facet = summary?.facets[field] ?? [];
    const chosen = kept[field];
    const values =
      chosen === null || facet.some(({ value }) => value === chosen)
        ? facet
        : [...facet, { value: chosen, records: 0 }];
    // One value is no choice, but one that was chosen must be seen, and outcomes are always of interest.
    if (values.length < 2 && chosen === null && field !== 'outcome' && !shown.has(field)) return [];
    const options = values.map(
      ({ value, records }) => [value, `${nameOf(field, value)} (${formatNumber(records)})`] as const,
    );
    return [{ field, label, options: [[null, all] as const, ...options] }];
  });
}

function nameOf(field: DispatchFacetField, value: string): string {
  if (field === 'outcome') {
    const kind = OUTCOME_KINDS.find((known) => known === value);
    return kind === undefined ? value : outcomeLabel(kind);
  }
  return field === 'errorCode' ? humanise(value) : value;
}

/** The order after a click on a column's head: numbers and times begin with the greatest, text with the first. */
export function nextDispatchOrder(order: DispatchOrder, column: DispatchOrder['column']): DispatchOrder {
  if (order.column === column) return { column, descending: !order.descending };
  const text = ['backend', 'provider', 'model', 'outcome', 'finish'].includes(column);
  return column === NEWEST_FIRST.column ? NEWEST_FIRST : { column, descending: !text };
}

export function isNewestFirst({ column, descending }: DispatchOrder): boolean {
  return column === NEWEST_FIRST.column && descending;
}
