import { expect, it } from 'vitest';
import type { CallResult } from '../../../src/dispatch/outcome';
import { outcomeOf } from '../../../src/dispatch/outcome';

const whole: CallResult = {
  finishReason: 'stop',
  usage: { inputTokens: 10, outputTokens: 3 },
  contentLength: 12,
  hasText: true,
  hasThinking: false,
  hasToolCalls: false,
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
