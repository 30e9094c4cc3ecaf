import type { DispatchRecord } from '../src/shared/dispatchRecord';

/** What the Dispatches tab says about one record: its outcome, and the waterfall of its attempts. Pure. */

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

/** True when a field fell through from the primary route without being set. */
export function hasInherited(record: DispatchRecord): boolean {
  return Object.values(record.provenance).includes('inherited_from_primary');
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
