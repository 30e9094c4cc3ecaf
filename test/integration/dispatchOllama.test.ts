import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOllamaBackend } from '../../src/backends/ollama';
import type { ChatEvent } from '../../src/dispatch/chat';
import type { ModelRef } from '../../src/shared/modelRef';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import type { House } from '../unit/dispatch/support/house';
import { openHouse } from '../unit/dispatch/support/house';
import { hear } from '../unit/dispatch/support/rig';

const ANSWER = 'Hello from one tiny model whose weights hold this answer, word by word.';
const QWEN: ModelRef = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const PLAIN: ModelRef = { backend: 'ollama', provider: 'local', modelId: 'llama3.2:1b' };
const WEATHER = {
  name: 'get_weather',
  description: 'w',
  parameters: { type: 'object', properties: { city: {} } },
};

let fake: FakeOllama;
let house: House;

beforeEach(async () => {
  fake = await startFakeOllama({
    installed: {
      'qwen3:8b': describeModel({ family: 'qwen3', capabilities: ['completion', 'tools', 'thinking'] }),
      'llama3.2:1b': describeModel({ family: 'llama', contextLength: 4_096 }),
    },
  });
  house = await openHouse({
    config: { id: 'ollama', kind: 'ollama', url: fake.url, host: 'local', headers: {} },
    createBackend: createOllamaBackend,
    pick: QWEN,
    providerOf: ({ modelId }) => (modelId.startsWith('qwen') ? 'qwen' : 'local'),
  });
});

afterEach(async () => {
  expect(house.dispatcher.inUse.refs()).toEqual([]);
  await house.close();
  await fake.stop();
});

describe('a call through Ollama', () => {
  it('streams, and its record has the counts of the server and the digest of the model', async () => {
    const { text, finish } = await hear(house.ask('hi there', { model: PLAIN }));
    expect(text).toBe(ANSWER);
    const listed = house.registry.find('ollama', 'local', 'llama3.2:1b');
    const own = await ownCount('hi there');
    expect(own.eval_count).toBeGreaterThan(5);
    const [record] = await house.records();
    expect(record).toMatchObject({
      recordId: finish.recordId,
      provider: 'local',
      wireFormat: 'ollama',
      digest: listed?.capabilities.digest,
      quant: 'Q4_K_M',
      usage: { inputTokens: own.prompt_eval_count, outputTokens: own.eval_count },
      outcome: { kind: 'served', completionTokens: own.eval_count, contentLen: ANSWER.length },
      timings: { measuredBy: 'server' },
      provenance: { model: 'pipeline_input' },
    });
    expect(record?.digest).toMatch(/^(sha256:)?[0-9a-f]{64}$/);
  });

  it('thinks by default, says when it must not, and never tells a model that cannot', async () => {
    expect((await hear(house.ask('hi'))).thinking.length).toBeGreaterThan(5);
    expect((await hear(house.ask('hi', { parameters: { thinking: { mode: 'off' } } }))).thinking).toBe('');
    expect(
      (await hear(house.ask('hi', { model: PLAIN, parameters: { thinking: { mode: 'enabled' } } }))).text,
    ).toBe(ANSWER);
    const bodies = chatBodies();
    expect(bodies.map((body) => body['think'])).toEqual([undefined, false, undefined]);
    expect((await house.records(3)).map(({ thinking }) => thinking)).toEqual([
      { mode: 'default', enabled: false },
      { mode: 'off', enabled: false },
      { mode: 'default', enabled: true },
    ]);
  });

  it('calls a tool, and sends the result back in the shape that Ollama wants', async () => {
    const { events, finish } = await hear(house.ask('weather?', { tools: [WEATHER] }));
    const [call] = events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
    expect([call?.name, finish.finishReason, finish.rawReason]).toEqual([
      'get_weather',
      'tool_calls',
      'stop',
    ]);
    if (!call) throw new Error('no call');
    const result = { role: 'tool', content: '21C', toolCallId: call.id, toolName: call.name } as const;
    const second = await hear(
      house.ask('', {
        tools: [WEATHER],
        messages: [
          { role: 'user', content: 'weather?' },
          { role: 'assistant', content: '', toolCalls: [call] },
          result,
        ],
      }),
    );
    expect(second.text).toBe(ANSWER);
  });

  it('stops at the limit, and asks for a context only when the call does', async () => {
    const { finish } = await hear(house.ask('loop', { model: PLAIN, parameters: { maxTokens: 5 } }));
    expect(finish).toMatchObject({ finishReason: 'length', usage: { outputTokens: 5 } });
    await hear(house.ask('hi', { model: PLAIN, parameters: { contextTokens: 2_048 } }));
    expect(chatBodies().map((body) => body['options'])).toEqual([{ num_predict: 5 }, { num_ctx: 2_048 }]);
    expect(await house.records()).toMatchObject([
      { contextRequested: 2_048, provenance: { contextTokens: 'pipeline_input' } },
    ]);
  });

  it('ends the generation when the consumer leaves', async () => {
    const controller = new AbortController();
    const stream = house.ask('loop', { model: PLAIN, signal: controller.signal });
    await stream.next();
    controller.abort();
    await hear(stream);
    expect(await house.records()).toMatchObject([{ outcome: { kind: 'cancelled' } }]);
    // The model is free again at once: the next call does not wait behind the one that was left.
    expect((await hear(house.ask('hi', { model: PLAIN }))).text).toBe(ANSWER);
  });
});

describe('trouble', () => {
  it.each([
    ['the queue is full', { busy: 1 }, 'overloaded', 503],
    ['another program has the port', { html: 1 }, 'malformed_response', 200],
    ['the runner dies in the middle', { chatErrorMidStream: 3 }, 'provider_unavailable', 200],
    ['the stream ends in good order, but without its end mark', { chatTruncate: 3 }, 'truncated', 200],
    ['the server is killed in the middle', { dieMidStream: 3 }, 'truncated', 200],
  ])('%s', async (_what, faults, code, status) => {
    Object.assign(fake.faults, faults);
    const { finish } = await hear(house.ask('hi', { model: PLAIN }));
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code } });
    expect(await house.records(10)).toMatchObject([
      { error: { code }, attempts: [{ status, reason: code }] },
    ]);
  });

  it('a model that was removed since the last probe', async () => {
    await fetch(`${fake.url}/api/delete`, {
      method: 'DELETE',
      body: JSON.stringify({ model: 'llama3.2:1b' }),
    });
    const { finish } = await hear(house.ask('hi', { model: PLAIN }));
    expect(finish.failure).toMatchObject({ code: 'model_missing', status: 404 });
    await house.prober.refresh('ollama');
    expect(house.registry.find('ollama', 'local', 'llama3.2:1b')).toBeUndefined();
    const again = await hear(house.ask('hi', { model: PLAIN }));
    expect(again.finish.failure?.message).toBe(
      'ollama does not have the model llama3.2:1b. Install it, or pick another model.',
    );
    expect(await house.records(10)).toHaveLength(2);
  });

  it('a server that hangs is left at once when the consumer gives up', async () => {
    fake.faults.hang = true;
    const controller = new AbortController();
    const events: ChatEvent[] = [];
    const heard = (async () => {
      for await (const event of house.ask('hi', { signal: controller.signal })) events.push(event);
    })();
    await vi.waitFor(() => expect(chatBodies()).toHaveLength(1));
    controller.abort();
    await heard;
    expect(events).toMatchObject([{ type: 'finish', finishReason: 'cancelled' }]);
  });

  it('a server that is down, and up again, is told by the registry without losing a row', async () => {
    await fake.stop();
    expect((await hear(house.ask('hi'))).finish.failure?.code).toBe('network');
    await house.prober.refresh('ollama');
    expect(house.registry.backend('ollama')?.readiness).toBe('unreachable');
    expect(house.registry.listForBackend('ollama')).toHaveLength(2);
    await fake.restart();
    await house.prober.refresh('ollama');
    expect(house.registry.backend('ollama')?.readiness).toBe('ok');
    expect((await hear(house.ask('hi', { model: PLAIN }))).text).toBe(ANSWER);
  });
});

/** The bodies of the chats so far. */
function chatBodies(): readonly Readonly<Record<string, unknown>>[] {
  return fake.requests
    .filter((request) => request.path === '/api/chat')
    .map((request) => JSON.parse(request.body) as Record<string, unknown>);
}

/** What the server counts for a message, asked without us. */
async function ownCount(
  content: string,
): Promise<{ readonly prompt_eval_count: number; readonly eval_count: number }> {
  const response = await fetch(`${fake.url}/api/chat`, {
    method: 'POST',
    body: JSON.stringify({ model: PLAIN.modelId, messages: [{ role: 'user', content }], stream: false }),
  });
  return (await response.json()) as { prompt_eval_count: number; eval_count: number };
}
