import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { RunningCallRow } from '../src/shared/reportMessages';
import { formatContext } from '../src/shared/units';
import { count, formatAbsolute, formatNumber, formatSpan, humanise } from './format';

/** What the Dispatches tab says about one record or running call: its outcome, and the waterfall of its attempts. Pure. */

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

/** Whose place the escalation's route took, and why; empty where none did. */
export function escalationText({ escalation, model, backend }: DispatchRecord): string {
  if (!escalation) return '';
  const reason = ESCALATION_REASONS.get(escalation.reason) ?? humanise(escalation.reason);
  return `${escalation.model} at ${escalation.backend}: ${reason}. ${model} at ${backend} took its place.`;
}

const ESCALATION_REASONS: ReadonlyMap<string, string> = new Map([
  ['empty', 'its answer was empty'],
  ['usage_limit', 'its provider allows no further call for now'],
  ['provider_error', 'the call failed'],
  ['breaker_open', 'it has failed several times in a row and is left alone for a while'],
]);

/** What was asked of the model's thinking. */
export function thinkingText({ mode, budgetTokens, level }: DispatchRecord['thinking']): string {
  switch (mode) {
    case 'default':
      return "server's default";
    case 'off':
      return 'off';
    case 'enabled':
      return budgetTokens === undefined ? 'on' : `on, at most ${formatNumber(budgetTokens)} tokens`;
    case 'adaptive':
      return 'as the model sees fit';
    case 'effort':
      return level === undefined ? 'an effort' : `effort ${level}`;
  }
}

/** Whether and when the same call may be served; null where nothing was retried or put off. */
export function retryText({ retryKind, retryAfterMs }: DispatchRecord): string | null {
  const after = retryAfterMs === undefined ? null : formatSpan(retryAfterMs);
  switch (retryKind) {
    case 'none':
      return after === null ? null : `the provider names a wait of ${after}`;
    case 'active':
      return 'retried until the attempts ran out';
    case 'deferred':
      return after === null ? 'left for later' : `left for later: the provider names a wait of ${after}`;
  }
}

/** What the provider said of its limit: `requests: 0 of 50 left, full again at ...`; null where it said nothing. */
export function rateLimitText({ rateLimit }: DispatchRecord): string | null {
  if (!rateLimit) return null;
  const { scope, limit, remaining, resetAt } = rateLimit;
  const left =
    remaining === null
      ? null
      : `${formatNumber(remaining)}${limit === null ? '' : ` of ${formatNumber(limit)}`} left`;
  const most = remaining === null && limit !== null ? `at most ${formatNumber(limit)}` : null;
  const reset = resetAt === null ? null : `full again at ${formatAbsolute(resetAt)}`;
  return `${humanise(scope)}: ${[left ?? most, reset].filter(Boolean).join(', ') || 'used up'}`;
}

const FITS: ReadonlyMap<string, string> = new Map([
  ['gpu', 'in accelerator memory'],
  ['offload', 'partly in accelerator memory'],
  ['cpu', 'in system memory'],
  ['none', 'does not fit'],
]);

/** How the model fitted its machine by our estimate at that moment; null where nothing was estimated. */
export function fitText({ fit }: DispatchRecord): string | null {
  if (!fit) return null;
  const kind = FITS.get(fit.kind) ?? humanise(fit.kind);
  return fit.contextTokens === null ? kind : `${kind} with ${formatContext(fit.contextTokens)} of context`;
}

/** What a running call does now. */
export function phaseText({ phase, attempt, characters }: RunningCallRow): string {
  const which = attempt > 1 ? ` (attempt ${attempt})` : '';
  switch (phase) {
    case 'waiting':
      return `waiting for the first word${which}`;
    case 'retrying':
      return `waiting to try again${which}`;
    case 'answering':
      return `${count(characters, 'character')} so far${which}`;
  }
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
