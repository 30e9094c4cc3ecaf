import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { anthropicDialect } from '../../../src/dispatch/dialects/anthropic';
import type { ModelRef } from '../../../src/shared/modelRef';
import { CLAUDES } from '../../fakes/anthropic/models';
import type { FakeAnthropic } from '../../fakes/anthropic/server';
import { startFakeAnthropic } from '../../fakes/anthropic/server';
import { CONVERSATION, hostedRoute, TOOLS, WISHES } from './support/hostedRoute';
import type { Heard, Rig } from './support/rig';
import { chatRequest, hear, startRig } from './support/rig';

let api: FakeAnthropic;
let rig: Rig | undefined;

beforeEach(async () => {
  api = await startFakeAnthropic();
});

afterEach(async () => {
  await rig?.close();
  rig = undefined;
  await api.stop();
});

function refOf(modelId: string): ModelRef {
  return { backend: `served_${modelId.replace(/\W/g, '_')}`, provider: 'anthropic', modelId };
}

/** Our dispatcher in front of the API, with the key as its only header. */
async function open(key: string | null = api.key): Promise<Rig> {
  rig = await startRig({
    url: api.url,
    kind: 'anthropic',
    headers: key === null ? {} : { 'x-api-key': key },
    others: [...CLAUDES.map(({ id }) => id), 'claude-gone'].map((id) => ({
      ...{ ref: refOf(id), url: api.url, kind: 'anthropic' as const },
    })),
  });
  return rig;
}

async function ask(modelId: string, change: Partial<ChatRequest> = {}): Promise<Heard> {
  const { dispatcher } = rig ?? (await open());
  return hear(dispatcher.dispatch(chatRequest({ model: refOf(modelId), ...change })));
}

describe.each(CLAUDES)('$id', ({ id, thinking, thinksByDefault }) => {
  it('takes every wish about thinking with tools, a temperature and a stop word', async () => {
    for (const wish of [undefined, ...WISHES]) {
      const parameters = { temperature: 1.5, seed: 1, stop: ['END'], ...(wish && { thinking: wish }) };
      const { finish } = await ask(id, { messages: CONVERSATION, tools: TOOLS, parameters });
      expect([wish, api.refused, finish.finishReason]).toEqual([wish, [], 'stop']);
    }
    expect(api.taken).toHaveLength(WISHES.length + 1);
  });

  it('takes limits of its answer from one token on, with and without thinking', async () => {
    for (const wish of WISHES) {
      await ask(id, { parameters: { maxTokens: 1, thinking: wish } });
      expect([wish, api.refused]).toEqual([wish, []]);
    }
  });

  it('shows its thinking where it is asked for it, and only there', async () => {
    const asked = await ask(id, { parameters: { thinking: { mode: 'adaptive' } } });
    expect(asked.thinking).toBe(thinking.length === 0 ? '' : 'Let me see.');
    expect(asked.text).toBe('Hello from Claude.');
    const silent = await ask(id, { parameters: { thinking: { mode: 'off' } } });
    expect([silent.text, silent.thinking]).toEqual(['Hello from Claude.', '']);
    const plain = await ask(id);
    expect([plain.thinking, thinksByDefault]).toEqual(['', thinksByDefault]);
  });
});

describe('an answer', () => {
  it('has its usage, its model and the rate limit in the record, and nothing of what was said', async () => {
    api.answers.push({
      blocks: [{ type: 'text', pieces: ['Secret words'] }],
      outputTokens: 21,
      cachedTokens: 6,
    });
    const { finish } = await ask('claude-opus-5');
    expect(finish).toMatchObject({
      finishReason: 'stop',
      rawReason: 'end_turn',
      usage: { outputTokens: 21, cachedTokens: 6, reasoningTokens: 5 },
      responseModel: 'claude-opus-5',
      rateLimit: { scope: 'requests', limit: 50, remaining: 49 },
    });
    expect(finish.usage.inputTokens).toBeGreaterThan(6);
    const [record] = rig?.records() ?? [];
    expect(record).toMatchObject({
      wireFormat: 'anthropic_native',
      usage: finish.usage,
      rateLimit: { remaining: 49 },
      outcome: { kind: 'served', completionTokens: 21 },
    });
    expect(JSON.stringify([rig?.records(), rig?.lines])).not.toMatch(/Secret|hello there|sk-ant/);
  });

  it('calls a tool, and goes on when it is told the result', async () => {
    const first = await ask('claude-sonnet-5-5', { tools: TOOLS });
    const [call] = first.events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
    expect([first.finish.finishReason, call]).toEqual([
      'tool_calls',
      { id: 'toolu_01A09q90qw', name: 'get_weather', arguments: { city: 'Paris' } },
    ]);
    if (!call) return;
    const second = await ask('claude-sonnet-5-5', {
      tools: TOOLS,
      messages: [
        { role: 'user', content: 'weather?' },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: '21C', toolCallId: call.id },
      ],
    });
    expect(second.text).toBe('Hello from Claude.');
  });

  it.each([
    ['refusal', 'refusal', { kind: 'refused' }],
    ['pause_turn', 'pause', { kind: 'served' }],
    ['model_context_window_exceeded', 'context_limit', { kind: 'served' }],
  ])('that ends with %s finishes as %s', async (stopReason, finishReason, outcome) => {
    api.answers.push({ blocks: [{ type: 'text', pieces: ['x'] }], stopReason });
    expect((await ask('claude-opus-5')).finish).toMatchObject({ finishReason, rawReason: stopReason });
    expect(rig?.records()).toMatchObject([{ outcome }]);
  });

  it('that meets an overload half-way is an error that says so', async () => {
    const error = { type: 'overloaded_error', message: 'Overloaded' };
    api.answers.push({ blocks: [{ type: 'text', pieces: ['half'] }], error });
    const { text, finish } = await ask('claude-opus-5');
    expect(text).toBe('half');
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'overloaded' } });
  });
});

describe('a refused call', () => {
  it.each([
    ['without a key', null],
    ['with a wrong key', 'sk-ant-wrong'],
  ])('%s is an error of auth', async (_, key) => {
    await open(key);
    expect((await ask('claude-opus-5')).finish.failure).toMatchObject({ code: 'auth', status: 401 });
    expect(JSON.stringify([rig?.records(), rig?.lines])).not.toContain('sk-ant-wrong');
  });

  it('of a model that is gone says so', async () => {
    expect((await ask('claude-gone')).finish.failure).toMatchObject({ code: 'model_missing', status: 404 });
  });

  it('with too long a conversation says how long it is', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(200_000) }];
    const { failure } = (await ask('claude-haiku-4-5-20251001', { messages })).finish;
    expect(failure).toMatchObject({ code: 'context_length_exceeded', status: 400 });
    expect(failure?.message).toMatch(/\d+ tokens > 200000 maximum/);
  });

  it('past the rate limit leaves the call for when the provider says', async () => {
    api.requestsLeft = 0;
    const retry = { longRetry: 'defer', maxActiveDelayMs: 1_000 } as const;
    const { finish } = await ask('claude-opus-5', { retry });
    expect(finish).toMatchObject({
      failure: { code: 'rate_limited', status: 429 },
      retryKind: 'deferred',
      retryAfterMs: 17_000,
      rateLimit: { scope: 'requests', remaining: 0 },
    });
    expect(Date.parse(finish.rateLimit?.resetAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(rig?.records()).toMatchObject([{ outcome: { kind: 'usage_limit' } }]);
  });

  it.each([
    [529, 'overloaded_error', 'Overloaded', 'overloaded'],
    [500, 'api_error', 'Internal server error', 'provider_unavailable'],
    [504, 'timeout_error', 'Request timed out', 'timeout'],
    [403, 'permission_error', 'Not allowed', 'auth'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'invalid_request'],
    [402, 'billing_error', 'Check your payment details', 'usage_limit'],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      'usage_limit',
    ],
  ])('with %d %s (%s) is %s', async (status, type, message, code) => {
    api.faults.push({ status, type, message });
    expect((await ask('claude-opus-5')).finish.failure).toMatchObject({ code, status });
  });
});

describe('the fake API', () => {
  const good = anthropicDialect.encode(
    hostedRoute('anthropic', 'claude-haiku-4-5-20251001'),
    chatRequest(),
  ).json;
  const user = { role: 'user', content: 'x' };
  const call = { type: 'tool_use', id: 'a', name: 'look', input: {} };
  const result = { type: 'tool_result', tool_use_id: 'a', content: 'y' };

  it.each<readonly [string, object, RegExp]>([
    ['no max_tokens', { max_tokens: undefined }, /^max_tokens: Field required$/],
    ['a field that it does not know', { seed: 1 }, /^seed: Extra inputs are not permitted$/],
    ['too large a limit', { max_tokens: 64_001 }, /^max_tokens: 64001 > 64000/],
    ['a temperature above 1', { temperature: 1.1 }, /^temperature: /],
    ['no messages', { messages: [] }, /^messages: /],
    ['two messages of one role', { messages: [user, user] }, /multiple "user" roles/],
    ['an assistant that begins', { messages: [{ role: 'assistant', content: 'x' }, user] }, /first message/],
    ['an assistant that ends', { messages: [user, { role: 'assistant', content: 'x' }] }, /prefill/],
    ['a system message', { messages: [{ role: 'system', content: 'x' }, user] }, /^messages\.0\.role: /],
    ['blank text', { messages: [{ role: 'user', content: ' ' }] }, /non-whitespace/],
    [
      'a call without its result',
      { messages: [user, { role: 'assistant', content: [call] }, user] },
      /without `tool_result` blocks immediately after: a/,
    ],
    [
      'a result that is not first',
      {
        messages: [
          user,
          { role: 'assistant', content: [call] },
          { role: 'user', content: [{ type: 'text', text: 'x' }, result] },
        ],
      },
      /without `tool_result` blocks immediately after/,
    ],
    ['a result without its call', { messages: [{ role: 'user', content: [result] }] }, /unexpected/],
    [
      'a budget as large as the limit',
      { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 2_000 } },
      /must be greater than `thinking.budget_tokens`/,
    ],
    ['a budget that is too small', { thinking: { type: 'enabled', budget_tokens: 1_023 } }, /budget_tokens/],
    [
      'a temperature with thinking',
      { temperature: 0.5, thinking: { type: 'enabled', budget_tokens: 1_024 } },
      /may only be set to 1/,
    ],
    ['thinking of another model', { thinking: { type: 'adaptive' } }, /is not supported for this model/],
    ['effort of another model', { output_config: { effort: 'low' } }, /does not support the effort/],
    [
      'a tool without a schema',
      { tools: [{ name: 'look', input_schema: {} }] },
      /^tools\.0\.input_schema\.type/,
    ],
  ])('refuses %s', async (_, change, words) => {
    const answer = await post({ ...good, ...change });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(words) as unknown },
    });
  });

  it('refuses a call without its version, and takes the same with it', async () => {
    expect((await post(good, {})).status).toBe(400);
    expect((await post(good)).status).toBe(200);
  });

  function post(
    body: object,
    headers: Readonly<Record<string, string>> = { 'anthropic-version': '2023-06-01' },
  ): Promise<Response> {
    return fetch(`${api.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': api.key, ...headers },
      body: JSON.stringify(body),
    });
  }
});
