import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { geminiDialect } from '../../../src/dispatch/dialects/gemini';
import type { ModelRef } from '../../../src/shared/modelRef';
import { quotaExceeded } from '../../fakes/gemini/errors';
import { GEMINIS } from '../../fakes/gemini/models';
import type { FakeGemini } from '../../fakes/gemini/server';
import { startFakeGemini } from '../../fakes/gemini/server';
import { CONVERSATION, hostedRoute, TOOLS, WISHES } from './support/hostedRoute';
import type { Heard, Rig } from './support/rig';
import { chatRequest, hear, startRig } from './support/rig';

let api: FakeGemini;
let rig: Rig | undefined;

beforeEach(async () => {
  api = await startFakeGemini();
  api.requestsLeft = 100;
});

afterEach(async () => {
  await rig?.close();
  rig = undefined;
  await api.stop();
});

function refOf(modelId: string): ModelRef {
  return { backend: `served_${modelId.replace(/\W/g, '_')}`, provider: 'google', modelId };
}

/** Our dispatcher in front of the API, with the key as its only header. */
async function open(key: string | null = api.key): Promise<Rig> {
  rig = await startRig({
    url: api.url,
    kind: 'gemini',
    headers: key === null ? {} : { 'x-goog-api-key': key },
    others: [...GEMINIS.map(({ id }) => id), 'gemini-gone'].map((id) => ({
      ...{ ref: refOf(id), url: api.url, kind: 'gemini' as const },
    })),
  });
  return rig;
}

async function ask(modelId: string, change: Partial<ChatRequest> = {}): Promise<Heard> {
  const { dispatcher } = rig ?? (await open());
  return hear(dispatcher.dispatch(chatRequest({ model: refOf(modelId), ...change })));
}

describe.each(GEMINIS)('$id', ({ id, budget, levels }) => {
  it('takes every wish about thinking with tools, a temperature and a stop word', async () => {
    for (const wish of [undefined, ...WISHES]) {
      const parameters = {
        ...{ temperature: 1.5, seed: 1, maxTokens: 10, stop: ['END'] },
        ...(wish && { thinking: wish }),
      };
      const { finish } = await ask(id, { messages: CONVERSATION, tools: TOOLS, parameters });
      expect([wish, api.refused, finish.rawReason]).toEqual([wish, [], 'STOP']);
    }
    expect(api.taken).toHaveLength(WISHES.length + 1);
  });

  it('shows its thoughts where it is asked for them, and only there', async () => {
    const asked = await ask(id, { parameters: { thinking: { mode: 'adaptive' } } });
    expect(asked.thinking).toBe(budget || levels ? '**Weighing**\nFine.' : '');
    expect(asked.text).toBe('Hello from Gemini.');
    const silent = await ask(id, { parameters: { thinking: { mode: 'off' } } });
    expect([silent.text, silent.thinking]).toEqual(['Hello from Gemini.', '']);
  });
});

describe('an answer', () => {
  it('has its usage and its model in the record, and nothing of what was said', async () => {
    api.answers.push({ thoughts: ['Secret thought'], texts: ['Secret', ' words'] });
    const { finish } = await ask('gemini-3.8-flash');
    expect(finish).toMatchObject({
      finishReason: 'stop',
      rawReason: 'STOP',
      usage: { outputTokens: 9, reasoningTokens: 7 },
      responseModel: 'gemini-3.8-flash',
    });
    expect(finish.usage.inputTokens).toBeGreaterThan(5);
    expect(rig?.records()).toMatchObject([
      {
        wireFormat: 'gemini',
        usage: finish.usage,
        responseModel: 'gemini-3.8-flash',
        outcome: { kind: 'served', completionTokens: 9 },
      },
    ]);
    expect(JSON.stringify([rig?.records(), rig?.lines])).not.toMatch(/Secret|hello there|AIza/);
  });

  it.each(['gemini-2.5-pro', 'gemini-3.8-flash'])(
    'of %s calls two tools at once, and goes on when it is told both results',
    async (modelId) => {
      const first = await ask(modelId, { tools: TOOLS });
      const calls = first.events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
      expect([first.finish.finishReason, calls]).toEqual([
        'tool_calls',
        [
          { id: 'call_0', name: 'get_weather', arguments: { city: 'Paris' } },
          { id: 'call_1', name: 'get_weather', arguments: { city: 'Rome' } },
        ],
      ]);
      const second = await ask(modelId, {
        tools: TOOLS,
        messages: [
          { role: 'user', content: 'weather?' },
          { role: 'assistant', content: '', toolCalls: calls },
          { role: 'tool', content: '21C', toolCallId: 'call_0' },
          { role: 'tool', content: '25C', toolCallId: 'call_1' },
        ],
      });
      expect([api.refused, second.text]).toEqual([[], 'Hello from Gemini.']);
    },
  );

  it('that is blocked is refused, with the word of the server', async () => {
    api.answers.push({ blockReason: 'PROHIBITED_CONTENT' });
    expect((await ask('gemini-2.5-pro')).finish).toMatchObject({
      finishReason: 'content_filter',
      rawReason: 'PROHIBITED_CONTENT',
    });
    expect(rig?.records()).toMatchObject([{ outcome: { kind: 'refused' } }]);
  });

  it('that meets an overload half-way is an error that says so', async () => {
    const error = { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' };
    api.answers.push({ texts: ['half'], error });
    const { text, finish } = await ask('gemini-2.5-pro');
    expect(text).toBe('half');
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'overloaded' } });
  });
});

describe('a refused call', () => {
  it.each([
    ['without a key', null, 403],
    ['with a wrong key', 'AIzaSyWrong', 400],
  ])('%s is an error of auth', async (_, key, status) => {
    await open(key);
    expect((await ask('gemini-2.5-pro')).finish.failure).toMatchObject({ code: 'auth', status });
    expect(JSON.stringify([rig?.records(), rig?.lines])).not.toContain('AIzaSyWrong');
  });

  it('of a model that is gone says so', async () => {
    expect((await ask('gemini-gone')).finish.failure).toMatchObject({ code: 'model_missing', status: 404 });
  });

  it('past the quota of a minute leaves the call for when the body says', async () => {
    api.requestsLeft = 0;
    const retry = { longRetry: 'defer', maxActiveDelayMs: 1_000 } as const;
    expect((await ask('gemini-2.5-pro', { retry })).finish).toMatchObject({
      failure: { code: 'rate_limited', status: 429 },
      retryKind: 'deferred',
      retryAfterMs: 12_942,
    });
    expect(rig?.records()).toMatchObject([{ outcome: { kind: 'usage_limit' } }]);
  });

  it('past the quota of a day is at its limit', async () => {
    const quota = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';
    api.faults.push(quotaExceeded('gemini-2.5-pro', quota, '12s'));
    expect((await ask('gemini-2.5-pro')).finish.failure).toMatchObject({ code: 'usage_limit', status: 429 });
  });

  it.each([
    [500, 'INTERNAL', 'An internal error has occurred.', 'provider_unavailable'],
    [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.', 'overloaded'],
    [504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.', 'timeout'],
    [400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.', 'invalid_request'],
    [
      400,
      'INVALID_ARGUMENT',
      'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
      'context_length_exceeded',
    ],
  ])('with %d %s (%s) is %s', async (code, status, message, expected) => {
    api.faults.push({ code, status, message });
    expect((await ask('gemini-2.5-pro')).finish.failure).toMatchObject({ code: expected, status: code });
  });
});

describe('the fake API', () => {
  const good = geminiDialect.encode(hostedRoute('gemini', 'gemini-2.5-pro'), chatRequest()).json;
  const user = { role: 'user', parts: [{ text: 'x' }] };
  const call = { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] };
  const result = { role: 'user', parts: [{ functionResponse: { name: 'look', response: {} } }] };
  const config = (thinkingConfig: object): object => ({ generationConfig: { thinkingConfig } });

  it.each<readonly [string, object, RegExp]>([
    ['a field that it does not know', { max_tokens: 1 }, /Unknown name "max_tokens" at ''/],
    ['a role of others', { contents: [{ role: 'assistant', parts: [] }] }, /'contents\.0\.role'/],
    ['no contents', { contents: [] }, /contents is not specified/],
    ['no parts', { contents: [{ role: 'user', parts: [] }] }, /must not be empty/],
    ['a part of two kinds', { contents: [{ parts: [{ text: 'x', functionCall: { name: 'a' } }] }] }, /oneof/],
    ['a call first', { contents: [call, result] }, /function call turn comes immediately after a user/],
    ['a result without its call', { contents: [result] }, /function response turn comes immediately/],
    ['a call without its result', { contents: [user, call, user] }, /number of function response parts/],
    [
      'six stop words',
      { generationConfig: { stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'] } },
      /stopSequences/,
    ],
    ['a budget of 0 for Pro', config({ thinkingBudget: 0 }), /only works in thinking mode/],
    ['a budget out of range', config({ thinkingBudget: 32_769 }), /between 128 and 32768/],
    ['a level for a model with budgets', config({ thinkingLevel: 'LOW' }), /LOW is not supported/],
    ['both', config({ thinkingLevel: 'LOW', thinkingBudget: 200 }), /only set only one/],
  ])('refuses %s', async (_, change, words) => {
    const answer = await post('gemini-2.5-pro', { ...good, ...change });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringMatching(words) as unknown },
    });
  });

  it('refuses a call without its signature from Gemini 3 on', async () => {
    const body = { contents: [user, call, result] };
    expect((await post('gemini-2.5-pro', body)).status).toBe(200);
    const answer = await post('gemini-3.8-flash', body);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('thought_signature')]);
  });

  it('answers with one JSON list where the stream is not asked for', async () => {
    const url = `${api.url}/v1beta/models/gemini-2.5-pro:streamGenerateContent`;
    const headers = { 'x-goog-api-key': api.key };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(good) });
    expect(await answer.json()).toHaveLength(3);
  });

  function post(modelId: string, body: object): Promise<Response> {
    return fetch(`${api.url}/v1beta/models/${modelId}:streamGenerateContent?alt=sse`, {
      method: 'POST',
      headers: { 'x-goog-api-key': api.key },
      body: JSON.stringify(body),
    });
  }
});
