import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { THINKING_CHOICES, thinkingOf } from '../../../src/shared/thinking';
import { FAKE_ANSWER, FAKE_REFUSAL } from '../../fakes/openai/answers';
import { FAKE_MODELS } from '../../fakes/openai/models';
import type { FakeOpenAi } from '../../fakes/openai/server';
import { FAKE_KEY, startFakeOpenAi } from '../../fakes/openai/server';
import type { Heard, Rig } from './support/rig';
import { chatRequest, hear, startRig } from './support/rig';

const MODELS = Object.keys(FAKE_MODELS);
const tools = [
  { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object', properties: {} } },
];

let openai: FakeOpenAi;
let rig: Rig;

beforeEach(async () => {
  openai = await startFakeOpenAi();
  rig = await rigWith({ authorization: `Bearer ${FAKE_KEY}` });
});

afterEach(async () => {
  await rig.close();
  await openai.close();
});

describe('OpenAI itself', () => {
  it('streams an answer with its usage, the name of its snapshot, and the rate limit', async () => {
    const { text, events, finish } = await ask('gpt-5', 'hi');
    expect(text).toBe(FAKE_ANSWER);
    expect(events.at(-2)?.type).toBe('text');
    expect(finish).toMatchObject({
      finishReason: 'stop',
      responseModel: 'gpt-5-2026-01-01',
      usage: { inputTokens: 8, outputTokens: 74, cachedTokens: 8, reasoningTokens: 64 },
      rateLimit: { scope: 'requests', limit: 500, remaining: 499 },
    });
    expect(rig.records()).toMatchObject([
      {
        outcome: { kind: 'served', completionTokens: 74 },
        responseModel: 'gpt-5-2026-01-01',
        rateLimit: { scope: 'requests' },
        attempts: [{ status: 200 }],
      },
    ]);
  });

  it('takes every model with every thinking, with and without tools and limits', async () => {
    const parameters = { maxTokens: 500, temperature: 0.2, seed: 7, stop: ['HALT'] };
    const failed: string[] = [];
    for (const model of MODELS) {
      for (const choice of THINKING_CHOICES) {
        const thinking = thinkingOf(choice);
        for (const given of [{}, { tools }, { parameters }, { tools, parameters }]) {
          const { finish } = await ask(model, 'hi', {
            ...given,
            parameters: { ...given.parameters, ...(thinking === undefined ? {} : { thinking }) },
          });
          if (finish.finishReason !== 'stop') {
            failed.push(`${model} ${choice} ${Object.keys(given).join('+')}: ${finish.failure?.message}`);
          }
        }
      }
    }
    // It has tools in its Responses API alone; there is nothing that a chat completion could do about it.
    const known = failed.filter((line) => /^gpt-6-astra \S+ tools/.test(line));
    expect(failed).toEqual(known);
    expect(known).toHaveLength(THINKING_CHOICES.length * 2);
  }, 60_000);

  it('gives the calls of a tool, and takes what the tool answered', async () => {
    const { events, finish } = await ask('gpt-5.6-terra', 'weather?', { tools });
    const calls = events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
    expect(calls).toEqual([
      { id: 'call_fake0', name: 'get_weather', arguments: { city: 'Paris' } },
      { id: 'call_fake1', name: 'get_weather', arguments: { city: '千葉' } },
    ]);
    expect(finish.finishReason).toBe('tool_calls');
    const answers = calls.map((call) => ({
      role: 'tool' as const,
      content: '21 degrees',
      toolCallId: call.id,
      toolName: call.name,
    }));
    const next = await ask('gpt-5.6-terra', 'weather?', {
      tools,
      messages: [
        { role: 'user', content: 'what is the weather?' },
        { role: 'assistant', content: '', toolCalls: calls },
        ...answers,
      ],
    });
    expect([next.text, next.finish.finishReason]).toEqual([FAKE_ANSWER, 'stop']);
  });

  it('takes images', async () => {
    const images = [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }];
    const { text } = await ask('gpt-4.1', 'hi', { messages: [{ role: 'user', content: 'what?', images }] });
    expect(text).toBe(FAKE_ANSWER);
  });

  it('shows the words of a refusal, which is recorded as one', async () => {
    const { text, finish } = await ask('gpt-4.1', 'please refuse');
    expect([text, finish.finishReason]).toEqual([FAKE_REFUSAL, 'refusal']);
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'refused' } }]);
  });

  it('ends at the limit of tokens, also when all of them went into reasoning', async () => {
    const cut = await ask('gpt-4.1', 'hi', { parameters: { maxTokens: 3 } });
    expect([cut.text, cut.finish.finishReason]).toEqual(['Hello from a ', 'length']);
    const empty = await ask('gpt-5', 'hi', { parameters: { maxTokens: 64 } });
    expect([empty.text, empty.finish.finishReason]).toEqual(['', 'length']);
    expect(rig.records()[1]).toMatchObject({ outcome: { kind: 'served', contentLen: 0 } });
  });

  it.each([
    ['a wrong key', { authorization: 'Bearer sk-wrong' }],
    ['no key', {}],
  ])('refuses %s', async (_what, headers: Readonly<Record<string, string>>) => {
    await rig.close();
    rig = await rigWith(headers);
    const { finish } = await ask('gpt-4.1', 'hi');
    expect(finish.failure).toMatchObject({ code: 'auth', status: 401 });
    expect(JSON.stringify([rig.records(), rig.lines])).not.toContain('sk-wrong');
  });

  it('does not know every model', async () => {
    const { finish } = await ask('gpt-99-unheard-of', 'hi');
    expect(finish.failure).toMatchObject({ code: 'model_missing', status: 404 });
  });

  it('refuses what is longer than the context of the model', async () => {
    const { finish } = await ask('o4-mini', 'long '.repeat(200_000));
    expect(finish.failure).toMatchObject({ code: 'context_length_exceeded', status: 400 });
  });

  it('names a wait that is too long to stay for', async () => {
    openai.account = 'too_many_requests';
    const { finish } = await ask('gpt-4.1', 'hi', { retry: { longRetry: 'defer' } });
    expect(finish).toMatchObject({
      failure: { code: 'rate_limited', status: 429 },
      retryKind: 'deferred',
      retryAfterMs: 90_000,
      rateLimit: { scope: 'requests', limit: 500, remaining: 0 },
    });
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'usage_limit' }, retryKind: 'deferred' }]);
  });

  it('is asked again after the wait that it names, not after the time when its bucket is full', async () => {
    openai.account = 'too_many_tokens';
    const { finish } = await ask('gpt-4.1', 'hi', { retry: { maxAttempts: 2 } });
    expect(finish).toMatchObject({
      failure: { code: 'rate_limited' },
      retryKind: 'active',
      rateLimit: { scope: 'tokens', limit: 30_000, remaining: 0 },
    });
    expect(rig.records()).toMatchObject([{ attempts: [{}, { delayMs: 1, delayOrigin: 'provider' }] }]);
  });

  it('is not asked again when the credit is used up', async () => {
    openai.account = 'out_of_credit';
    const { finish } = await ask('gpt-4.1', 'hi', { retry: true });
    expect(finish).toMatchObject({ failure: { code: 'usage_limit', status: 429 }, retryKind: 'none' });
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'usage_limit' }, attempts: [{ n: 1 }] }]);
  });

  it('is asked again when it has too much to do', async () => {
    openai.account = 'overloaded';
    const { events } = await ask('gpt-4.1', 'hi', { retry: { maxAttempts: 2 } });
    expect(events).toMatchObject([{ type: 'retrying', reason: 'overloaded' }, { type: 'finish' }]);
  });
});

function ask(modelId: string, content: string, change: Partial<ChatRequest> = {}): Promise<Heard> {
  const model = { backend: 'served', provider: 'openai', modelId };
  return hear(
    rig.dispatcher.dispatch(chatRequest({ model, messages: [{ role: 'user', content }], ...change })),
  );
}

/** A rig whose backend serves the models of the fake service, and one that the service does not know. */
async function rigWith(headers: Readonly<Record<string, string>>): Promise<Rig> {
  const started = await startRig({ url: openai.url, kind: 'openai', headers });
  await started.registry.upsert([
    {
      backend: 'served',
      provider: 'openai',
      source: 'probe',
      refreshedAt: Date.now() * 1_000,
      refreshedMono: 1,
      bootId: 'boot',
      models: [...MODELS, 'gpt-99-unheard-of'].map((modelId) => ({
        modelId,
        displayName: modelId,
        capabilities: { thinking: true, tools: true },
      })),
    },
  ]);
  return started;
}
