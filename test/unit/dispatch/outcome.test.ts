import { expect, it } from 'vitest';
import type { CallResult, Outcome } from '../../../src/dispatch/outcome';
import { escalationReasonOf, healthVerdictOf, outcomeOf } from '../../../src/dispatch/outcome';

const whole: CallResult = {
  finishReason: 'stop',
  usage: { inputTokens: 10, outputTokens: 3 },
  contentLength: 12,
  hasText: true,
  hasThinking: false,
  hasToolCalls: false,
  emptyRetries: 0,
};
const empty = { contentLength: 2, hasText: false } as const;
const unknownUsage = { inputTokens: null, outputTokens: null };

it.each<readonly [string, Partial<CallResult>, object]>([
  ['text', {}, { kind: 'served', completionTokens: 3, contentLen: 12 }],
  [
    'text without counts',
    { usage: unknownUsage },
    { kind: 'served', completionTokens: null, contentLen: 12 },
  ],
  [
    'thinking alone',
    { ...empty, contentLength: 0, hasThinking: true },
    { kind: 'served', completionTokens: 3, contentLen: 0 },
  ],
  [
    'a tool call alone',
    { ...empty, contentLength: 0, hasToolCalls: true, finishReason: 'tool_calls' },
    { kind: 'served', completionTokens: 3, contentLen: 0 },
  ],
  [
    'text that was cut at the limit',
    { finishReason: 'length' },
    { kind: 'served', completionTokens: 3, contentLen: 12 },
  ],
  [
    'nothing because of the limit',
    { ...empty, finishReason: 'length' },
    { kind: 'served', completionTokens: 3, contentLen: 0 },
  ],
  ['nothing, though tokens were counted', empty, { kind: 'empty_completion_terminal', completionTokens: 3 }],
  [
    'nothing and no tokens',
    { ...empty, usage: { inputTokens: 10, outputTokens: 0 } },
    { kind: 'empty_completion_terminal', completionTokens: 0 },
  ],
  [
    'nothing and unknown tokens',
    { ...empty, usage: unknownUsage },
    { kind: 'empty_completion_terminal', completionTokens: null },
  ],
  [
    'text after an answer that was empty',
    { emptyRetries: 1 },
    { kind: 'empty_completion_transient_recovered', completionTokens: 3, contentLen: 12, emptyRetries: 1 },
  ],
  [
    'nothing, twice',
    { ...empty, emptyRetries: 1 },
    { kind: 'empty_completion_terminal', completionTokens: 3 },
  ],
  [
    'nothing because of the limit, after nothing',
    { ...empty, finishReason: 'length', emptyRetries: 1 },
    { kind: 'served', completionTokens: 3, contentLen: 0 },
  ],
  ['a cancelled call', { finishReason: 'cancelled' }, { kind: 'cancelled' }],
  ['a refusal', { finishReason: 'refusal' }, { kind: 'refused' }],
  ['a content filter', { finishReason: 'content_filter' }, { kind: 'refused' }],
  ['a content policy', { finishReason: 'error', errorCode: 'content_policy' }, { kind: 'refused' }],
  ['a rate limit', { finishReason: 'error', errorCode: 'rate_limited' }, { kind: 'usage_limit' }],
  ['a used-up quota', { finishReason: 'error', errorCode: 'usage_limit' }, { kind: 'usage_limit' }],
  [
    'an overload',
    { finishReason: 'error', errorCode: 'overloaded' },
    { kind: 'provider_error', class: 'overloaded' },
  ],
  [
    'a cut stream',
    { finishReason: 'error', errorCode: 'truncated' },
    { kind: 'provider_error', class: 'truncated' },
  ],
  [
    'a malformed call',
    { finishReason: 'malformed', errorCode: 'malformed_response' },
    { kind: 'provider_error', class: 'malformed_response' },
  ],
  [
    'no route',
    { finishReason: 'error', errorCode: 'no_route' },
    { kind: 'provider_error', class: 'no_route' },
  ],
])('%s', (_what, change, outcome) => {
  expect(outcomeOf({ ...whole, ...change })).toEqual(outcome);
});

const failure = (code: string): Outcome => ({ kind: 'provider_error', class: code });
const served = { completionTokens: 3, contentLen: 12 } as const;

it.each<readonly [string, Outcome, string, string | undefined]>([
  ['served', { kind: 'served', ...served }, 'success', undefined],
  [
    'recovered',
    { kind: 'empty_completion_transient_recovered', ...served, emptyRetries: 1 },
    'success',
    undefined,
  ],
  ['empty', { kind: 'empty_completion_terminal', completionTokens: 3 }, 'failure', 'empty'],
  ['a limit', { kind: 'usage_limit' }, 'neutral', 'usage_limit'],
  ['cancelled', { kind: 'cancelled' }, 'neutral', undefined],
  ['refused', { kind: 'refused' }, 'neutral', undefined],
  ...['network', 'timeout', 'overloaded', 'provider_unavailable', 'truncated', 'malformed_response'].map(
    (code) => [code, failure(code), 'failure', 'provider_error'] as const,
  ),
  ['out of memory', failure('out_of_memory'), 'failure', 'provider_error'],
  ...['invalid_request', 'auth', 'model_missing', 'context_length_exceeded', 'content_policy', 'unknown'].map(
    (code) => [code, failure(code), 'neutral', 'provider_error'] as const,
  ),
  ['no route', failure('no_route'), 'neutral', 'provider_error'],
])('%s says of the health and of an escalation what it should', (_what, outcome, verdict, reason) => {
  expect([healthVerdictOf(outcome), escalationReasonOf(outcome)]).toEqual([verdict, reason]);
});
