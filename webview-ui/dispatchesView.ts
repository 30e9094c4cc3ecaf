import * as l10n from '@vscode/l10n';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { RunningCallRow } from '../src/shared/reportMessages';
import { formatMoment } from '../src/shared/timeText';
import { formatContext } from '../src/shared/units';
import { formatNumber, formatSpan, humanise } from './format';

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

export function outcomeLabel(kind: OutcomeKind): string {
  switch (kind) {
    case 'served':
      return l10n.t('Served');
    case 'empty_completion_transient_recovered':
      return l10n.t('Recovered');
    case 'empty_completion_terminal':
      return l10n.t('Empty');
    case 'usage_limit':
      return l10n.t('Usage limit');
    case 'provider_error':
      return l10n.t('Error');
    case 'cancelled':
      return l10n.t('Cancelled');
    case 'refused':
      return l10n.t('Refused');
  }
}

export function explainOutcome(kind: OutcomeKind): string {
  switch (kind) {
    case 'served':
      return l10n.t('The model answered.');
    case 'empty_completion_transient_recovered':
      return l10n.t('The first answer was empty; a retry was served.');
    case 'empty_completion_terminal':
      return l10n.t('Every answer was empty.');
    case 'usage_limit':
      return l10n.t('The provider refused further calls for now: a rate or usage limit.');
    case 'provider_error':
      return l10n.t('The call failed.');
    case 'cancelled':
      return l10n.t('The call was cancelled before it ended.');
    case 'refused':
      return l10n.t('The model or its content filter refused to answer.');
  }
}

/** True when a field fell through from the primary route without being set. */
export function hasInherited(record: DispatchRecord): boolean {
  return Object.values(record.provenance).includes('inherited_from_primary');
}

/** Whose place the escalation's route took, and why; empty where none did. */
export function escalationText({ escalation, model, backend }: DispatchRecord): string {
  if (!escalation) return '';
  return l10n.t(
    '{0} at {1}: {2}. {3} at {4} took its place.',
    escalation.model,
    escalation.backend,
    escalationReason(escalation.reason),
    model,
    backend,
  );
}

function escalationReason(reason: string): string {
  switch (reason) {
    case 'empty':
      return l10n.t('its answer was empty');
    case 'usage_limit':
      return l10n.t('its provider allows no further call for now');
    case 'provider_error':
      return l10n.t('the call failed');
    case 'breaker_open':
      return l10n.t('it has failed several times in a row and is left alone for a while');
    default:
      return humanise(reason);
  }
}

/** What was asked of the model's thinking. */
export function thinkingText({ mode, budgetTokens, level }: DispatchRecord['thinking']): string {
  switch (mode) {
    case 'default':
      return l10n.t("server's default");
    case 'off':
      return l10n.t('off');
    case 'enabled':
      return budgetTokens === undefined
        ? l10n.t('on')
        : l10n.t('on, at most {0} tokens', formatNumber(budgetTokens));
    case 'adaptive':
      return l10n.t('as the model sees fit');
    case 'effort':
      return level === undefined ? l10n.t('an effort') : l10n.t('effort {0}', level);
  }
}

/** Whether and when the same call may be served; null where nothing was retried or put off. */
export function retryText({ retryKind, retryAfterMs }: DispatchRecord): string | null {
  const after = retryAfterMs === undefined ? null : formatSpan(retryAfterMs);
  switch (retryKind) {
    case 'none':
      return after === null ? null : l10n.t('the provider names a wait of {0}', after);
    case 'active':
      return l10n.t('retried until the attempts ran out');
    case 'deferred':
      return after === null
        ? l10n.t('left for later')
        : l10n.t('left for later: the provider names a wait of {0}', after);
  }
}

/** What the provider said of its limit: `requests: 0 of 50 left, full again at ...`; null where it said nothing. */
export function rateLimitText({ rateLimit }: DispatchRecord): string | null {
  if (!rateLimit) return null;
  const { scope, limit, remaining, resetAt } = rateLimit;
  const reset = resetAt === null ? null : l10n.t('full again at {0}', formatMoment(resetAt));
  const said = [leftText(limit, remaining), reset].filter(Boolean).join(', ');
  return `${humanise(scope)}: ${said || l10n.t('used up')}`;
}

function leftText(limit: number | null, remaining: number | null): string | null {
  if (remaining === null) return limit === null ? null : l10n.t('at most {0}', formatNumber(limit));
  return limit === null
    ? l10n.t('{0} left', formatNumber(remaining))
    : l10n.t('{0} of {1} left', formatNumber(remaining), formatNumber(limit));
}

function fitWords(kind: string): string {
  switch (kind) {
    case 'gpu':
      return l10n.t('in accelerator memory');
    case 'offload':
      return l10n.t('partly in accelerator memory');
    case 'cpu':
      return l10n.t('in system memory');
    case 'none':
      return l10n.t('does not fit');
    default:
      return humanise(kind);
  }
}

/** How the model fitted its machine by our estimate at that moment; null where nothing was estimated. */
export function fitText({ fit }: DispatchRecord): string | null {
  if (!fit) return null;
  const words = fitWords(fit.kind);
  return fit.contextTokens === null
    ? words
    : l10n.t('{0} with {1} of context', words, formatContext(fit.contextTokens));
}

/** What a running call does now. */
export function phaseText(call: RunningCallRow): string {
  const now = nowText(call);
  return call.attempt > 1 ? l10n.t('{0} (attempt {1})', now, call.attempt) : now;
}

function nowText({ phase, characters }: RunningCallRow): string {
  switch (phase) {
    case 'waiting':
      return l10n.t('waiting for the first word');
    case 'retrying':
      return l10n.t('waiting to try again');
    case 'answering':
      return characters === 1
        ? l10n.t('1 character so far')
        : l10n.t('{0} characters so far', formatNumber(characters));
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
