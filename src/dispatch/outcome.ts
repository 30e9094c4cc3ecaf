import type { DispatchRecord } from '../shared/dispatchRecord';
import type { HealthVerdict } from './breaker';
import type { ChatUsage, DispatchErrorCode, EscalationReason, FinishReason } from './chat';

export type Outcome = DispatchRecord['outcome'];

/** What came of a call on one route, as far as its outcome goes. */
export interface CallResult {
  readonly finishReason: FinishReason;
  readonly errorCode?: DispatchErrorCode;
  /** Of the last attempt. */
  readonly usage: ChatUsage;
  /** Characters of the answer's text. */
  readonly contentLength: number;
  /** Whether that text has anything but white space. */
  readonly hasText: boolean;
  readonly hasThinking: boolean;
  readonly hasToolCalls: boolean;
  /** Attempts before the last one that came back empty. */
  readonly emptyRetries: number;
}

/** Failures that tell nothing of a model's health: the request's own faults, the user's settings, or our bugs. */
const FAULTS_OF_THE_REQUEST: readonly string[] = [
  'invalid_request',
  'auth',
  'model_missing',
  'context_length_exceeded',
  'content_policy',
  'no_route',
  'unknown',
] satisfies readonly DispatchErrorCode[];

/** Whether there is no text but white space, no thinking and no tool call. */
export function isEmpty({
  hasText,
  hasThinking,
  hasToolCalls,
}: Pick<CallResult, 'hasText' | 'hasThinking' | 'hasToolCalls'>): boolean {
  return !hasText && !hasThinking && !hasToolCalls;
}

/** The outcome of a call: empty because of the length limit is served, empty otherwise is terminal. */
export function outcomeOf(result: CallResult): Outcome {
  const { finishReason, errorCode, usage, emptyRetries } = result;
  const completionTokens = usage.outputTokens;
  if (finishReason === 'cancelled') return { kind: 'cancelled' };
  if (errorCode === 'rate_limited' || errorCode === 'usage_limit') return { kind: 'usage_limit' };
  if (finishReason === 'refusal' || finishReason === 'content_filter' || errorCode === 'content_policy') {
    return { kind: 'refused' };
  }
  if (errorCode !== undefined) return { kind: 'provider_error', class: errorCode };
  if (isEmpty(result)) {
    return finishReason === 'length'
      ? { kind: 'served', completionTokens, contentLen: 0 }
      : { kind: 'empty_completion_terminal', completionTokens };
  }
  const contentLen = result.contentLength;
  return emptyRetries > 0
    ? { kind: 'empty_completion_transient_recovered', completionTokens, contentLen, emptyRetries }
    : { kind: 'served', completionTokens, contentLen };
}

/** What an outcome says of the model's health. An empty answer is none of a healthy model, a limit says nothing. */
export function healthVerdictOf(outcome: Outcome): HealthVerdict {
  switch (outcome.kind) {
    case 'served':
    case 'empty_completion_transient_recovered':
      return 'success';
    case 'empty_completion_terminal':
      return 'failure';
    case 'provider_error':
      return FAULTS_OF_THE_REQUEST.includes(outcome.class) ? 'neutral' : 'failure';
    case 'usage_limit':
    case 'cancelled':
    case 'refused':
      return 'neutral';
  }
}

/** Why a call that ended so goes to the escalation route; undefined where it does not. */
export function escalationReasonOf(outcome: Outcome): EscalationReason | undefined {
  switch (outcome.kind) {
    case 'empty_completion_terminal':
      return 'empty';
    case 'usage_limit':
    case 'provider_error':
      return outcome.kind;
    case 'served':
    case 'empty_completion_transient_recovered':
    case 'cancelled':
    case 'refused':
      return undefined;
  }
}
