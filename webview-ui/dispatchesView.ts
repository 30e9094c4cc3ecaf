import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { matchesText } from './rankingsView';

/** What the Dispatches tab shows of the records it has: pages joined, filters, the attempts' waterfall. Pure. */

export type OutcomeKind = DispatchRecord['outcome']['kind'];
type Attempt = DispatchRecord['attempts'][number];

export const OUTCOME_KINDS = [
  'served',
  'empty_completion_transient_recovered',
  'empty_completion_terminal',
  'usage_limit',
  'provider_error',
  'cancelled',
  'refused',
] as const satisfies readonly OutcomeKind[];

export const OUTCOME_LABELS: Readonly<Record<OutcomeKind, string>> = {
  served: 'Served',
  empty_completion_transient_recovered: 'Recovered',
  empty_completion_terminal: 'Empty',
  usage_limit: 'Usage limit',
  provider_error: 'Error',
  cancelled: 'Cancelled',
  refused: 'Refused',
};

export const OUTCOME_EXPLANATIONS: Readonly<Record<OutcomeKind, string>> = {
  served: 'The model answered.',
  empty_completion_transient_recovered: 'The first answer was empty; a retry was served.',
  empty_completion_terminal: 'Every answer was empty.',
  usage_limit: 'The provider refused further calls for now: a rate or usage limit.',
  provider_error: 'The call failed.',
  cancelled: 'The call was cancelled before it ended.',
  refused: 'The model or its content filter refused to answer.',
};

export interface DispatchFilter {
  readonly text: string;
  readonly outcome: OutcomeKind | 'all';
  readonly inheritedOnly: boolean;
}

/** True when a field fell through from the primary route without being set. */
export function hasInherited(record: DispatchRecord): boolean {
  return Object.values(record.provenance).includes('inherited_from_primary');
}

export function filterDispatches(
  records: readonly DispatchRecord[],
  filter: DispatchFilter,
): readonly DispatchRecord[] {
  return records.filter(
    (record) =>
      (filter.outcome === 'all' || record.outcome.kind === filter.outcome) &&
      (!filter.inheritedOnly || hasInherited(record)) &&
      matchesText(filter.text, [record.model, record.provider, record.backend, record.host]),
  );
}

/**
 * Joins a page of records, newest first, to those already here. A page from the top replaces them when it does not
 * reach them (records between would be missing); an older page is appended. No record occurs twice.
 */
export function joinPages(
  known: readonly DispatchRecord[],
  page: readonly DispatchRecord[],
  offset: number,
): readonly DispatchRecord[] {
  const inPage = new Set(page.map((record) => record.recordId));
  if (offset === 0) {
    const reaches = known.some((record) => inPage.has(record.recordId));
    return reaches ? [...page, ...known.filter((record) => !inPage.has(record.recordId))] : page;
  }
  const inKnown = new Set(known.map((record) => record.recordId));
  return [...known, ...page.filter((record) => !inKnown.has(record.recordId))];
}

export interface AttemptSpan {
  readonly attempt: Attempt;
  /** Fractions of the whole call, 0..1. */
  readonly start: number;
  readonly width: number;
  /** The wait before this attempt; ends where the attempt starts. */
  readonly waitWidth: number;
}

/**
 * One span per attempt on the call's own time line. Where clocks disagree (an attempt that starts before the call or
 * ends after it) the line is stretched to hold them all.
 */
export function attemptSpans(record: Pick<DispatchRecord, 'startedAt' | 'durationMs' | 'attempts'>): {
  readonly spans: readonly AttemptSpan[];
  readonly totalMs: number;
} {
  const callStart = Date.parse(record.startedAt);
  const starts = record.attempts.map((attempt) => {
    const offset = Date.parse(attempt.startedAt) - callStart;
    return Number.isFinite(offset) ? Math.max(0, offset) : 0;
  });
  const ends = record.attempts.map(
    (attempt, index) => (starts[index] ?? 0) + Math.max(0, attempt.durationMs),
  );
  const totalMs = Math.max(record.durationMs, ...ends, 1);
  const spans = record.attempts.map((attempt, index): AttemptSpan => {
    const start = starts[index] ?? 0;
    return {
      attempt,
      start: start / totalMs,
      width: Math.max(0, attempt.durationMs) / totalMs,
      waitWidth: Math.min(start, Math.max(0, attempt.delayMs ?? 0)) / totalMs,
    };
  });
  return { spans, totalMs };
}

/** Where the first token stands on the same line, 0..1; null when none came. */
export function firstTokenFraction(
  record: Pick<DispatchRecord, 'startedAt' | 'firstTokenAt'>,
  totalMs: number,
): number | null {
  if (record.firstTokenAt === null) return null;
  const offset = Date.parse(record.firstTokenAt) - Date.parse(record.startedAt);
  return Number.isFinite(offset) ? Math.min(1, Math.max(0, offset / totalMs)) : null;
}
