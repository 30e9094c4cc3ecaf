import { afterEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/dispatch/chat';
import { chatRequest, hear } from './support/rig';
import { Stage } from './support/stage';
import type { Wire } from './support/wire';
import { WIRES } from './support/wires';

const tools = [
  { name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object', properties: {} } },
];

const stage = new Stage();
afterEach(() => stage.close());

describe.each(WIRES)('$name: an answer', (wire) => {
  const { stop, length, toolCalls } = wire.words;

  it('streams text and ends with usage, timings, the name of the model, and one served record', async () => {
    await stage.serve(wire, (w) => [w.text('Hello'), w.text(' world'), w.end(stop, 2)]);
    const { text, events, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(text).toBe('Hello world');
    expect(events.map(({ type }) => type)).toEqual(['text', 'text', 'finish']);
    const [record, ...others] = stage.rig.records();
    expect(others).toEqual([]);
    expect(finish).toMatchObject({
      finishReason: 'stop',
      rawReason: stop,
      retryKind: 'none',
      recordId: record?.recordId,
    });
    expect(finish.usage).toEqual(wire.usage(2));
    expect(finish.responseModel).toBe(wire.responseModel);
    expect(record).toMatchObject({
      sessionId: 'test',
      backend: 'served',
      provider: 'qwen',
      model: 'qwen3:8b',
      host: stage.server.url,
      wireFormat: wire.dialect.wireFormat,
      streaming: true,
      outcome: { kind: 'served', completionTokens: 2, contentLen: 11 },
      outcomeKind: 'served',
      finishReason: 'stop',
      rawReason: stop,
      usage: wire.usage(2),
      attempts: [{ n: 1, status: 200, reason: null, firstChunk: true, delayMs: null }],
      retryKind: 'none',
      registry: { source: 'probe' },
      error: null,
    });
    expect(record?.responseModel).toBe(wire.responseModel);
    expect(record?.registry?.ageMs).toBeGreaterThanOrEqual(60_000);
    expect(record?.ttftMs).toBeGreaterThan(0);
    expect(record?.durationMs).toBeGreaterThanOrEqual(record?.ttftMs ?? Infinity);
    expect(Date.parse(record?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(record?.firstTokenAt ?? ''));
  });

  it('has the timings of the server where it measures them', async () => {
    await stage.serve(wire, (w) => [w.text('Hello'), w.end(stop, 2)]);
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    if (wire.serverTimings) {
      expect(finish.timings).toMatchObject({
        promptMs: 20,
        decodeMs: 100,
        decodeTokPerSec: 20,
        measuredBy: 'server',
      });
    } else expect(finish.timings?.measuredBy).not.toBe('server');
  });

  it('is asked for with exactly the bytes that the encoder says', async () => {
    await stage.serve(wire, (w) => [w.text('x'), w.end(stop, 1)], { headers: { 'x-team': 'blue' } });
    const request = chatRequest({ tools, parameters: { maxTokens: 5, temperature: 0.5, seed: 7 } });
    const resolution = stage.rig.dispatcher.explain(request);
    await hear(stage.rig.dispatcher.dispatch(request));
    const [exchange] = stage.server.exchanges;
    if (!resolution.ok) throw new Error('no route');
    const encoded = wire.dialect.encode(resolution.route, request);
    expect(exchange?.body).toBe(JSON.stringify(encoded.json));
    expect(exchange).toMatchObject({ method: 'POST', path: wire.path });
    expect(exchange?.headers).toMatchObject({
      ...encoded.headers,
      'x-team': 'blue',
      'content-type': 'application/json',
    });
  });

  it('is asked for with stop sequences, images, tools and what tools answered', async () => {
    await stage.serve(wire, (w) => [w.text('x'), w.end(stop, 1)]);
    const call = { id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } };
    const request = chatRequest({
      tools,
      parameters: { stop: ['HALT'] },
      messages: [
        { role: 'system', content: 'Be short.' },
        {
          role: 'user',
          content: 'What is this?',
          images: [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }],
        },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: '21 degrees', toolCallId: 'call_1', toolName: 'get_weather' },
      ],
    });
    await hear(stage.rig.dispatcher.dispatch(request));
    const body = stage.server.exchanges[0]?.body ?? '';
    for (const part of ['"HALT"', 'iVBORw0KGgo=', 'Weather of a city', 'Be short.', 'Paris', '21 degrees']) {
      expect(body).toContain(part);
    }
  });

  it('keeps thinking apart from text', async () => {
    await stage.serve(wire, (w) => [w.thinking('Let me'), w.thinking(' see'), w.text('42'), w.end(stop, 5)]);
    const { text, thinking } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([thinking, text]).toEqual(['Let me see', '42']);
    expect(stage.rig.records()).toMatchObject([
      { outcome: { contentLen: 2 }, thinking: { mode: 'default', enabled: true } },
    ]);
  });

  it('that is thinking alone is served', async () => {
    await stage.serve(wire, (w) => [w.thinking('hm'), w.end(stop, 1)]);
    await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(stage.rig.records()).toMatchObject([{ outcome: { kind: 'served', contentLen: 0 } }]);
  });

  it('that calls a tool gives the call with its arguments as an object', async () => {
    const args = { city: 'Paris', days: [1, 2] };
    await stage.serve(wire, (w) => [...w.toolCall('call_rgf3', 'get_weather', args), w.end(toolCalls, 9)]);
    const { events, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest({ tools })));
    expect(calls(events)).toEqual([expected(wire, 'call_rgf3', 'get_weather', args)]);
    expect(finish.finishReason).toBe('tool_calls');
    expect(stage.rig.records()).toMatchObject([
      { toolFormat: 'native', outcome: { kind: 'served', contentLen: 0 } },
    ]);
  });

  it('that calls tools after text and thinking gives all of them in their order', async () => {
    await stage.serve(wire, (w) => [
      w.thinking('two places'),
      w.text('I look.'),
      ...w.toolCall('call_a', 'get_weather', { city: 'Paris' }),
      ...w.toolCall('call_b', 'get_weather', { city: '千葉', deep: { list: [null, true] } }),
      ...w.toolCall('call_c', 'now', {}),
      w.end(toolCalls, 9),
    ]);
    const { events, text, thinking, finish } = await hear(
      stage.rig.dispatcher.dispatch(chatRequest({ tools })),
    );
    expect([thinking, text, finish.finishReason]).toEqual(['two places', 'I look.', 'tool_calls']);
    expect(calls(events)).toEqual([
      expected(wire, 'call_a', 'get_weather', { city: 'Paris' }),
      expected(wire, 'call_b', 'get_weather', { city: '千葉', deep: { list: [null, true] } }),
      expected(wire, 'call_c', 'now', {}),
    ]);
  });

  it.each(wire.reasons)('that ends with %s finishes as %s', async (raw, finishReason) => {
    await stage.serve(wire, (w) => [w.text('x'), w.end(raw, 1)]);
    expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).finish).toMatchObject({
      finishReason,
      rawReason: raw,
    });
  });

  it('that ends with a word that nobody knows is an error that keeps the word', async () => {
    await stage.serve(wire, (w) => [w.text('x'), w.end('tired', 1)]);
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish).toMatchObject({
      finishReason: 'error',
      rawReason: 'tired',
      failure: { code: 'unknown' },
    });
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'provider_error', class: 'unknown' }, rawReason: 'tired' },
    ]);
  });

  it('that is only white space is an empty completion', async () => {
    await stage.serve(wire, (w) => [w.text('  \n'), w.end(stop, 3)]);
    await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'empty_completion_terminal', completionTokens: 3 } },
    ]);
  });

  it('that is empty because of the length limit is served', async () => {
    await stage.serve(wire, (w) => [w.end(length, 3)]);
    await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'served', completionTokens: 3, contentLen: 0 }, finishReason: 'length' },
    ]);
  });

  it('is the same, and asked for with the same bytes, with a recorder that fails', async () => {
    const bodies: (string | undefined)[] = [];
    for (const append of [
      () => undefined,
      () => {
        throw new Error('disk full');
      },
    ]) {
      await stage.serve(wire, (w) => [w.text('x'), w.end(stop, 1)], { change: { transcript: { append } } });
      expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).text).toBe('x');
      bodies.push(stage.server.exchanges[0]?.body);
    }
    expect(bodies[0]).toBe(bodies[1]);
  });
});

function calls(events: readonly ChatEvent[]): readonly unknown[] {
  return events.flatMap((event) => (event.type === 'toolCall' ? [event.call] : []));
}

function expected(wire: Wire, id: string, name: string, args: object): object {
  return expect.objectContaining({ ...(wire.keepsCallIds ? { id } : {}), name, arguments: args }) as object;
}
