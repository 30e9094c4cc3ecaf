import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { BackendConfig } from '../../src/backends/contract';
import { createLlamaServerBackend } from '../../src/backends/llamaServer';
import type { ChatEvent } from '../../src/dispatch/chat';
import type { RouteSources } from '../../src/dispatch/resolve';
import type { ModelRef } from '../../src/shared/modelRef';
import type { LlamaServer, LlamaServerOptions } from '../support/llamaServer';
import { startLlamaServer } from '../support/llamaServer';
import { ggufModel, SCRIPTED_ANSWER } from '../support/scriptedModel';
import type { House } from '../unit/dispatch/support/house';
import { openHouse } from '../unit/dispatch/support/house';
import { hear } from '../unit/dispatch/support/rig';

const REF: ModelRef = { backend: 'llama', provider: 'local', modelId: 'tiny' };
const WEATHER = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Enough for an answer that takes the server longer than a busy machine takes to look at it. */
const CONTEXT_TOKENS = 32_768;
const LONG_CONTEXT = ['--ctx', String(CONTEXT_TOKENS)];
const LONG = { maxTokens: 30_000 };

/** Often enough for a server that takes its time to start. */
const PATIENT = { maxAttempts: 20, minDelayMs: 50, maxDelayMs: 5_000, maxActiveElapsedMs: 90_000 };

interface ServedHouse extends House {
  readonly server: LlamaServer;
}

/** A house whose user has said that this llama-server is to be asked as Anthropic's API is. */
async function open(
  options: LlamaServerOptions,
  headers: BackendConfig['headers'] = {},
  sources: Partial<RouteSources> = {},
): Promise<ServedHouse> {
  const server = await startLlamaServer(options);
  const config: BackendConfig = {
    id: 'llama',
    kind: 'llama_server',
    url: server.url,
    host: 'local',
    headers,
  };
  const house = await openHouse({
    ...{ config, createBackend: createLlamaServerBackend, pick: REF },
    sources: {
      capabilityRules: () => [{ backend: 'llama', model: '*', wireFormat: 'anthropic_native' }],
      ...sources,
    },
  });
  return {
    ...house,
    server,
    async close() {
      await house.close();
      await server.stop();
    },
  };
}

describe('a real llama-server, asked as Anthropic is', () => {
  let house: ServedHouse;
  beforeAll(async () => {
    house = await open({
      model: ggufModel('tiny-qwen3', LONG_CONTEXT),
      args: ['--ctx-size', String(CONTEXT_TOKENS), '--parallel', '1', '--slots'],
    });
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => expect(house.dispatcher.inUse.refs()).toEqual([]));

  it('streams the scripted sentence, and the record has the counts of the server', async () => {
    const { text, events, finish } = await hear(house.ask('hi there'));
    expect(text).toBe(SCRIPTED_ANSWER);
    expect(events.length).toBeGreaterThan(10);
    const usage = {
      inputTokens: await ownCount(house.server.url, 'hi there'),
      outputTokens: 14,
    };
    expect(finish).toMatchObject({
      finishReason: 'stop',
      rawReason: 'end_turn',
      usage,
      responseModel: 'tiny',
    });
    const [record] = await house.records();
    expect(record).toMatchObject({
      recordId: finish.recordId,
      host: house.server.url,
      wireFormat: 'anthropic_native',
      provenance: { model: 'operator_pin', wireFormat: 'operator_pin' },
      contextAllocated: CONTEXT_TOKENS,
      outcome: { kind: 'served', completionTokens: 14, contentLen: SCRIPTED_ANSWER.length },
      usage,
      finishReason: 'stop',
      rawReason: 'end_turn',
      attempts: [{ n: 1, status: 200, reason: null }],
    });
    expect(record?.ttftMs).toBeLessThanOrEqual(record?.durationMs ?? 0);
    expect([...house.lines, JSON.stringify(record)].join('\n')).not.toMatch(/hi there|Hello from/);
  });

  it('counts the same input when most of it comes from the cache, and says how much did', async () => {
    const [first, second] = [await hear(house.ask('once more')), await hear(house.ask('once more'))];
    expect(second.finish.usage.inputTokens).toBe(first.finish.usage.inputTokens);
    expect(second.finish.usage.cachedTokens).toBeGreaterThan(10);
  });

  it('is told what the system says', async () => {
    const messages = [
      { role: 'system' as const, content: 'Be short, and be kind to everybody.' },
      { role: 'user' as const, content: 'hi there' },
    ];
    const plain = await hear(house.ask('hi there'));
    const told = await hear(house.ask('', { messages }));
    expect(told.text).toBe(SCRIPTED_ANSWER);
    expect(told.finish.usage.inputTokens).toBeGreaterThan((plain.finish.usage.inputTokens ?? 0) + 5);
  });

  it.each([
    ['as it likes', undefined],
    ['when it is asked for it', { mode: 'enabled', budgetTokens: 2_000 }],
    ['as hard as it is asked', { mode: 'effort', level: 'high' }],
  ] as const)('keeps thinking apart, %s', async (_, thinking) => {
    const heard = await hear(
      house.ask('please think', { parameters: { maxTokens: 50, ...(thinking && { thinking }) } }),
    );
    expect(heard.text).toContain('Forty-two words!');
    expect(heard.text).not.toContain('weigh');
    expect(heard.thinking).toContain('First weigh every side');
    expect(await house.records()).toMatchObject([{ thinking: { enabled: true } }]);
  });

  it('takes the word that thinking is off', async () => {
    const { text, finish } = await hear(house.ask('hi there', { parameters: { thinking: { mode: 'off' } } }));
    expect([text, finish.finishReason]).toEqual([SCRIPTED_ANSWER, 'stop']);
  });

  it('calls a tool, and answers when it is told the result', async () => {
    const first = await hear(house.ask('weather in Paris?', { tools: [WEATHER] }));
    expect(first.finish).toMatchObject({ finishReason: 'tool_calls', rawReason: 'tool_use' });
    const [call] = first.events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
    expect(call).toMatchObject({ name: 'get_weather', arguments: { city: 'Paris' } });
    if (!call) return;
    const second = await hear(
      house.ask('', {
        tools: [WEATHER],
        messages: [
          { role: 'user', content: 'weather in Paris?' },
          { role: 'assistant', content: '', toolCalls: [call] },
          { role: 'tool', content: '18C', toolCallId: call.id, toolName: call.name },
        ],
      }),
    );
    expect(second.text).toBe(SCRIPTED_ANSWER);
    expect(await house.records()).toMatchObject([{ toolFormat: 'native' }]);
  });

  it('stops at the limit and at a stop word', async () => {
    const limited = await hear(house.ask('loop', { parameters: { maxTokens: 5 } }));
    expect(limited.finish).toMatchObject({
      finishReason: 'length',
      rawReason: 'max_tokens',
      usage: { outputTokens: 5 },
    });
    const parameters = { stop: [' model'], temperature: 0 };
    expect((await hear(house.ask('hi there', { parameters }))).text).toBe('Hello from one tiny');
  });

  it('says how far a conversation is too long', async () => {
    const { finish } = await hear(house.ask('word '.repeat(20_000)));
    expect(finish.failure).toMatchObject({ code: 'context_length_exceeded', status: 400 });
    expect(finish.failure?.message).toMatch(/exceeds the available context size \(\d+ tokens\)/);
  });

  it('is refused what its model cannot do, with its words', async () => {
    const images = [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }];
    const messages = [{ role: 'user' as const, content: 'What is this?', images }];
    const { finish } = await hear(house.ask('', { messages }));
    expect(finish.failure?.message).toContain('image input is not supported');
  });

  it.each(['abort', 'break'])('frees its slot at once on %s, and the record says cancelled', async (how) => {
    const controller = new AbortController();
    let pieces = 0;
    for await (const event of house.ask('loop', { signal: controller.signal, parameters: LONG })) {
      if (event.type === 'finish') expect(event.finishReason).toBe('cancelled');
      pieces += 1;
      if (pieces < 20) continue;
      if (pieces === 20) expect(await busySlots(house.server.url)).toBe(1);
      if (how === 'break') break;
      controller.abort();
    }
    await vi.waitFor(async () => expect(await busySlots(house.server.url)).toBe(0), {
      timeout: 15_000,
      interval: 20,
    });
    expect(await house.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, attempts: [{ firstChunk: true }] },
    ]);
  });

  it('leaves one record a call', async () => {
    const before = (await house.records(1_000)).length;
    await Promise.all(Array.from({ length: 6 }, () => hear(house.ask('hi there'))));
    expect(await house.records(1_000)).toHaveLength(before + 6);
  });
});

it('that is killed in the middle of an answer is an error with a record', async () => {
  const house = await open({
    model: ggufModel('tiny-llama', LONG_CONTEXT),
    args: ['--ctx-size', String(CONTEXT_TOKENS), '--parallel', '1'],
  });
  try {
    let killed: Promise<void> | undefined;
    const events: ChatEvent[] = [];
    for await (const event of house.ask('loop', { parameters: LONG })) {
      events.push(event);
      if (events.length === 10) killed = house.server.kill();
    }
    await killed;
    expect(events.at(-1)).toMatchObject({ finishReason: 'error', failure: { code: 'truncated' } });
    expect(await house.records()).toMatchObject([
      { outcome: { kind: 'provider_error', class: 'truncated' }, usage: { outputTokens: null } },
    ]);
  } finally {
    await house.close();
  }
}, 60_000);

it('that is loading its model is waited for, and serves as soon as it has loaded', async () => {
  // So much context that the memory for it takes seconds to lay out, in which the server answers 503.
  const args = ['--ctx-size', '1000000', '--parallel', '8'];
  const house = await open({ args: ['--ctx-size', '2048'] }, {}, { retry: () => PATIENT });
  const { url } = house.server;
  let again: LlamaServer | undefined;
  try {
    await house.server.kill();
    again = await startLlamaServer({ args, port: Number(new URL(url).port), waitUntilReady: false });
    const isLoading = async (): Promise<boolean> => (await fetch(`${url}/health`)).status === 503;
    await expect.poll(() => isLoading().catch(() => false), { interval: 10, timeout: 30_000 }).toBe(true);
    const { text, events } = await hear(house.ask('hi there'));
    expect(text).toBe(SCRIPTED_ANSWER);
    expect(events[0]).toMatchObject({ type: 'retrying', attempt: 2, reason: 'provider_unavailable' });
    const [record] = await house.records();
    expect(record?.attempts[0]).toMatchObject({ status: 503, reason: 'provider_unavailable' });
    expect(record?.attempts.at(-1)).toMatchObject({ status: 200, reason: null });
  } finally {
    await again?.stop();
    await house.close();
  }
}, 120_000);

it('that wants a key refuses a call with another one, takes one with it, and no record or line shows it', async () => {
  const key = 'a-secret-key-of-mine';
  const headers = { 'x-api-key': key };
  const house = await open({ args: ['--ctx-size', '512', '--api-key', key] }, headers);
  try {
    expect((await hear(house.ask('hi there'))).text).toBe(SCRIPTED_ANSWER);
    headers['x-api-key'] = 'another-secret-key';
    const { finish } = await hear(house.ask('hi there'));
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'auth', status: 401 } });
    expect(JSON.stringify(await house.records(10)) + house.lines.join()).not.toMatch(/secret-key/);
  } finally {
    await house.close();
  }
}, 60_000);

/** How long a message is as the server itself counts it. */
async function ownCount(url: string, content: string): Promise<number> {
  const response = await fetch(`${url}/v1/messages/count_tokens`, {
    method: 'POST',
    body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content }] }),
  });
  return z.object({ input_tokens: z.number() }).parse(await response.json()).input_tokens;
}

async function busySlots(url: string): Promise<number> {
  const slots = z
    .array(z.object({ is_processing: z.boolean() }))
    .parse(await (await fetch(`${url}/slots`)).json());
  return slots.filter((slot) => slot.is_processing).length;
}
