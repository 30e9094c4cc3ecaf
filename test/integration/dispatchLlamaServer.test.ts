import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
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

/** Often enough for a server that takes its time to start. */
const PATIENT = { maxAttempts: 20, minDelayMs: 50, maxDelayMs: 5_000, maxActiveElapsedMs: 90_000 };

interface ServedHouse extends House {
  readonly server: LlamaServer;
}

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
  const house = await openHouse({ config, createBackend: createLlamaServerBackend, pick: REF, sources });
  return {
    ...house,
    server,
    async close() {
      await house.close();
      await server.stop();
    },
  };
}

describe('a real llama-server', () => {
  let house: ServedHouse;
  beforeAll(async () => {
    house = await open({
      model: ggufModel('tiny-qwen3', LONG_CONTEXT),
      args: ['--ctx-size', String(CONTEXT_TOKENS), '--parallel', '1', '--slots'],
    });
  }, 60_000);
  afterAll(() => house.close());
  afterEach(() => expect(house.dispatcher.inUse.refs()).toEqual([]));

  it('streams the scripted sentence, and the record has the counts and timings of the server', async () => {
    const { text, events, finish } = await hear(house.ask('hi there'));
    expect(text).toBe(SCRIPTED_ANSWER);
    expect(events.length).toBeGreaterThan(10);
    const own = await ownCount(house.server.url, 'hi there');
    expect(finish.usage).toMatchObject({
      inputTokens: own.prompt_tokens,
      outputTokens: own.completion_tokens,
    });
    expect(own.completion_tokens).toBe(14);
    const [record] = await house.records();
    expect(record).toMatchObject({
      recordId: finish.recordId,
      backend: 'llama',
      provider: 'local',
      model: 'tiny',
      host: house.server.url,
      wireFormat: 'openai_compat',
      contextAllocated: CONTEXT_TOKENS,
      outcome: { kind: 'served', completionTokens: 14, contentLen: SCRIPTED_ANSWER.length },
      usage: { inputTokens: own.prompt_tokens, outputTokens: 14 },
      timings: { measuredBy: 'server' },
      finishReason: 'stop',
      rawReason: 'stop',
      provenance: { model: 'operator_pin', wireFormat: 'catalog_default' },
      registry: { source: 'probe' },
      attempts: [{ n: 1, status: 200, reason: null }],
    });
    expect(record?.timings?.decodeTokPerSec).toBeGreaterThan(1);
    expect(record?.timings?.promptMs).toBeGreaterThan(0);
    expect(record?.ttftMs).toBeLessThanOrEqual(record?.durationMs ?? 0);
    expect([...house.lines, JSON.stringify(record)].join('\n')).not.toMatch(/hi there|Hello from/);
  });

  it('keeps thinking apart', async () => {
    const { text, thinking } = await hear(house.ask('please think'));
    expect(text).toContain('Forty-two words!');
    expect(thinking.length).toBeGreaterThan(3);
    expect(await house.records()).toMatchObject([{ thinking: { mode: 'default', enabled: true } }]);
  });

  it('takes the word that thinking is off', async () => {
    const { text, finish } = await hear(house.ask('hi there', { parameters: { thinking: { mode: 'off' } } }));
    expect([text, finish.finishReason]).toEqual([SCRIPTED_ANSWER, 'stop']);
  });

  it('calls a tool, and answers when it is told the result', async () => {
    const first = await hear(house.ask('weather in Paris?', { tools: [WEATHER] }));
    expect(first.finish.finishReason).toBe('tool_calls');
    const [call] = first.events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
    expect(call).toMatchObject({ name: 'get_weather', arguments: { city: 'Paris' } });
    if (!call) throw new Error('no call');
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
    expect(limited.finish).toMatchObject({ finishReason: 'length', usage: { outputTokens: 5 } });
    const stopped = await hear(
      house.ask('hi there', { parameters: { stop: [' model'], temperature: 0, seed: 1 } }),
    );
    expect(stopped.text).toBe('Hello from one tiny');
  });

  it('says how far a conversation is too long', async () => {
    const { finish } = await hear(house.ask('word '.repeat(20_000)));
    expect(finish.failure).toMatchObject({ code: 'context_length_exceeded', status: 400 });
    expect(finish.failure?.message).toMatch(/exceeds the available context size \(\d+ tokens\)/);
  });

  it.each(['abort', 'break'])('frees its slot at once on %s, and the record says cancelled', async (how) => {
    const controller = new AbortController();
    let pieces = 0;
    for await (const event of house.ask('loop', { signal: controller.signal })) {
      if (event.type === 'finish') expect(event.finishReason).toBe('cancelled');
      pieces += 1;
      if (pieces < 20) continue;
      if (pieces === 20) expect(await busySlots(house.server.url)).toBe(1);
      if (how === 'break') break;
      controller.abort();
    }
    const cancelledAt = performance.now();
    await vi.waitFor(async () => expect(await busySlots(house.server.url)).toBe(0), {
      timeout: 5_000,
      interval: 20,
    });
    expect(performance.now() - cancelledAt).toBeLessThan(2_000);
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
    for await (const event of house.ask('loop')) {
      events.push(event);
      if (events.length === 10) killed = house.server.kill();
    }
    await killed;
    const finish = events.at(-1);
    expect(finish).toMatchObject({ type: 'finish', finishReason: 'error', failure: { code: 'truncated' } });
    expect(await house.records()).toMatchObject([
      { outcome: { kind: 'provider_error', class: 'truncated' } },
    ]);
    const next = await hear(house.ask('hi there'));
    expect(next.finish.failure).toMatchObject({ code: 'network' });
    expect(await house.records(10)).toHaveLength(2);
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
    const { text, events, finish } = await hear(house.ask('hi there'));
    expect([text, finish.finishReason, finish.retryKind]).toEqual([SCRIPTED_ANSWER, 'stop', 'none']);
    expect(events[0]).toMatchObject({ type: 'retrying', attempt: 2, reason: 'provider_unavailable' });
    const [record] = await house.records();
    expect(record).toMatchObject({ outcome: { kind: 'served' }, error: null });
    expect(record?.attempts[0]).toMatchObject({ status: 503, reason: 'provider_unavailable' });
    expect(record?.attempts.at(-1)).toMatchObject({ status: 200, reason: null, delayOrigin: 'policy' });
  } finally {
    await again?.stop();
    await house.close();
  }
}, 120_000);

it('that is gone for good is asked as often as the policy says, with one record', async () => {
  const house = await open({ args: ['--ctx-size', '512'] }, {}, { retry: () => ({ minDelayMs: 10 }) });
  try {
    await house.server.kill();
    const { finish } = await hear(house.ask('hi there'));
    expect(finish).toMatchObject({ failure: { code: 'network' }, retryKind: 'active' });
    const records = await house.records(10);
    expect(records).toHaveLength(1);
    expect(records[0]?.attempts.map(({ reason }) => reason)).toEqual(['network', 'network', 'network']);
  } finally {
    await house.close();
  }
}, 60_000);

it('that wants a key refuses a call without it, takes one with it, and no record or line shows it', async () => {
  const key = 'a-secret-key-of-mine';
  const house = await open(
    { args: ['--ctx-size', '512', '--api-key', key] },
    { Authorization: `Bearer ${key}` },
  );
  try {
    expect((await hear(house.ask('hi there'))).text).toBe(SCRIPTED_ANSWER);
    const wrong = await open({ args: ['--ctx-size', '512', '--api-key', key] });
    try {
      const { finish } = await hear(wrong.ask('hi there'));
      expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'no_route' } });
      expect(finish.failure?.message).toMatch(/key/i);
      expect(JSON.stringify(await wrong.records())).not.toContain(key);
    } finally {
      await wrong.close();
    }
    expect(JSON.stringify(await house.records()) + house.lines.join()).not.toContain(key);
  } finally {
    await house.close();
  }
}, 60_000);

/** What the server itself counts for a message, asked without us. */
async function ownCount(
  url: string,
  content: string,
): Promise<{ readonly prompt_tokens: number; readonly completion_tokens: number }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content }] }),
  });
  return ((await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }).usage;
}

async function busySlots(url: string): Promise<number> {
  const slots = (await (await fetch(`${url}/slots`)).json()) as { is_processing: boolean }[];
  return slots.filter((slot) => slot.is_processing).length;
}
