import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/dispatch/chat';
import { tryToolCalling } from '../../../src/dispatch/toolCallingProbe';
import { REF } from './support/rig';
import { finish, scriptedDispatcher, type Step } from './support/scriptedDispatcher';

const NEVER = new AbortController().signal;
const text: ChatEvent = { type: 'text', text: 'It is sunny.' };

function toolCall(name: string, given: Readonly<Record<string, unknown>>): ChatEvent {
  return { type: 'toolCall', call: { id: 'call_1', name, arguments: given } };
}

describe('a try whether a model calls tools', () => {
  it.each<[string, readonly Step[], object]>([
    [
      'calls the tool as it should',
      [toolCall('get_weather', { city: 'Paris' }), finish({ finishReason: 'tool_calls' })],
      { result: 'yes', how: 'tried', recordId: 'record' },
    ],
    [
      'says something and then calls it',
      [text, toolCall('get_weather', { city: 'Paris', unit: 'C' }), finish({ finishReason: 'tool_calls' })],
      { result: 'yes' },
    ],
    ['answers without it', [text, finish()], { result: 'no', how: 'tried', recordId: 'record' }],
    [
      'calls a tool that does not exist',
      [toolCall('search', { city: 'Paris' }), finish({ finishReason: 'tool_calls' })],
      { result: 'no', how: 'tried' },
    ],
    [
      'leaves the city out',
      [toolCall('get_weather', { town: 'Paris' }), finish({ finishReason: 'tool_calls' })],
      { result: 'no', how: 'tried' },
    ],
    [
      'is cut off',
      [text, finish({ finishReason: 'length' })],
      { result: 'inconclusive', recordId: 'record' },
    ],
    ['says nothing', [finish()], { result: 'inconclusive' }],
    ['refuses', [text, finish({ finishReason: 'refusal' })], { result: 'inconclusive' }],
    [
      'fails',
      [finish({ finishReason: 'error', failure: { code: 'timeout', message: 'It took too long.' } })],
      { result: 'inconclusive', message: 'It took too long.', recordId: 'record' },
    ],
  ])('of one that %s', async (_what, script, verdict) => {
    const dispatcher = scriptedDispatcher([script]);
    expect(await tryToolCalling(dispatcher, REF, NEVER)).toMatchObject(verdict);
  });

  it('is one small call of its own session, with a tool, without thinking and without another attempt', async () => {
    const dispatcher = scriptedDispatcher([[text, finish()]]);
    await tryToolCalling(dispatcher, REF, NEVER);
    expect(dispatcher.requests).toHaveLength(1);
    expect(dispatcher.requests[0]).toMatchObject({
      model: REF,
      sessionId: 'probe',
      retry: false,
      parameters: { temperature: 0, thinking: { mode: 'off' } },
      tools: [{ name: 'get_weather' }],
    });
    expect(dispatcher.requests[0]?.parameters?.maxTokens).toBeLessThanOrEqual(256);
  });

  it('asks nobody where the model is known not to call tools', async () => {
    const dispatcher = scriptedDispatcher([[text, finish()]], { toolFormat: 'none' });
    const verdict = await tryToolCalling(dispatcher, REF, NEVER);
    expect(verdict).toEqual({ result: 'no', how: 'listed', recordId: null });
    expect(dispatcher.requests).toEqual([]);
  });

  it('does not judge a model by what another one answers in its place', async () => {
    const escalated: ChatEvent = {
      ...{ type: 'escalated', from: REF, to: { ...REF, modelId: 'other' }, reason: 'provider_error' },
      message: 'It failed; other is asked.',
    };
    const call = toolCall('get_weather', { city: 'Paris' });
    const dispatcher = scriptedDispatcher([[escalated, call, finish({ finishReason: 'tool_calls' })]]);
    const verdict = await tryToolCalling(dispatcher, REF, NEVER);
    expect(verdict).toEqual({ result: 'inconclusive', message: escalated.message, recordId: null });
    expect(dispatcher.left).toBe(1);
  });

  it('rejects when it is called off', async () => {
    const abort = new AbortController();
    const dispatcher = scriptedDispatcher([[text, () => abort.abort(), finish()]]);
    await expect(tryToolCalling(dispatcher, REF, abort.signal)).rejects.toThrow(/abort/i);
  });
});
