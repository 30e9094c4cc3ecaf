import { expect, it } from 'vitest';
import type { RunningCall } from '../../../src/dispatch/runningCalls';
import { hostMessageSchema } from '../../../src/shared/reportMessages';
import { runningMessages } from '../../../src/ui/runningMessages';

const call = (callId: string): RunningCall => ({
  ...{ callId, sessionId: 'ask', ref: { backend: 'ollama', provider: 'qwen', modelId: 'tiny' } },
  ...{ startedAt: '2026-03-09T14:00:00.000Z', phase: 'waiting', attempt: 1, characters: 0 },
});

it('the page hears of calls that are new or changed, and of those that have ended, and of nothing else', () => {
  const [a, b, c] = [call('a'), call('b'), call('c')];
  const shown = new Map([a, b].map((known) => [known.callId, known]));
  const grown: RunningCall = { ...b, phase: 'answering', characters: 12 };
  expect(runningMessages(shown, [grown, c])).toEqual([
    { type: 'callEnded', callId: 'a' },
    { type: 'callRunning', call: grown },
    { type: 'callRunning', call: c },
  ]);
  expect(runningMessages(shown, [a, b])).toEqual([]);
});

it('every message is one that the page can read', () => {
  const messages = runningMessages(new Map([['gone', call('gone')]]), [call('a')]);
  expect(messages.map((message) => hostMessageSchema.parse(message))).toEqual(messages);
});
