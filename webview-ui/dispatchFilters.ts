import { NEWEST_FIRST } from '../src/shared/dispatchQuery';
import type {
  DispatchFacetField,
  DispatchFilter,
  DispatchOrder,
  DispatchSummary,
} from '../src/shared/dispatchQuery';
import { OUTCOME_LABELS } from './dispatchesView';
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

export const SPAN_LABELS: Readonly<Record<Span, string>> = {
  all: 'Any time',
  hour: 'Last hour',
  day: 'Last 24 hours',
  week: 'Last 7 days',
  chosen: 'Chosen in the chart',
};

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

const MENUS: readonly (readonly [DispatchFacetField, label: string, all: string])[] = [
  ['backend', 'Backend', 'All backends'],
  ['provider', 'Provider', 'All providers'],
  ['model', 'Model', 'All models'],
  ['outcome', 'Outcome', 'All outcomes'],
  ['errorCode', 'Error', 'All errors'],
];

/**
 * The menus of the fields in `shown`, and of those that have something to choose, each value with the number of records
 * that choosing it would show.
 */
export function menusOf(
  summary: DispatchSummary | null,
  kept: DispatchesState,
  shown: ReadonlySet<DispatchFacetField>,
): readonly Menu[] {
  return MENUS.flatMap(([field, label, all]) => {
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
  if (field === 'outcome')
    return Object.entries(OUTCOME_LABELS).find(([kind]) => kind === value)?.[1] ?? value;
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
