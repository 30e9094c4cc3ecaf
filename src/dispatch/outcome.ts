import type { DispatchRecord } from '../shared/dispatchRecord';
import type { ChatUsage, DispatchErrorCode, FinishReason } from './chat';

export type Outcome = DispatchRecord['outcome'];

/** What came of a call, as far as its outcome goes. */
export interface CallResult {
  readonly finishReason: FinishReason;
  readonly errorCode?: DispatchErrorCode;
  readonly usage: ChatUsage;
  /** Characters of the answer's text. */
  readonly contentLength: number;
  /** Whether that text has anything but white space. */
  readonly hasText: boolean;
  readonly hasThinking: boolean;
  readonly hasToolCalls: boolean;
}

/**
 * The outcome of a whole call. Empty means no text but white space, no thinking and no tool call: empty because of the
 * length limit is served, empty otherwise is terminal.
 */
export function outcomeOf(result: CallResult): Outcome {
  const { finishReason, errorCode, usage } = result;
  if (finishReason === 'cancelled') return { kind: 'cancelled' };
  if (errorCode === 'rate_limited' || errorCode === 'usage_limit') return { kind: 'usage_limit' };
  if (finishReason === 'refusal' || finishReason === 'content_filter' || errorCode === 'content_policy') {
    return { kind: 'refused' };
  }
  if (errorCode !== undefined) return { kind: 'provider_error', class: errorCode };
  const empty = !result.hasText && !result.hasThinking && !result.hasToolCalls;
  if (!empty || finishReason === 'length') {
    return {
      kind: 'served',
      completionTokens: usage.outputTokens,
      contentLen: empty ? 0 : result.contentLength,
    };
  }
  return { kind: 'empty_completion_terminal', completionTokens: usage.outputTokens };
}
