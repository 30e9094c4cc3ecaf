import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChatEvent } from '../../../src/dispatch/chat';
import { DIALECTS } from '../../../src/dispatch/dialectTable';
import type { Exchange, Loopback } from './support/loopback';
import { startLoopback } from './support/loopback';
import type { Rig, RigOptions } from './support/rig';
import { chatRequest, hear, REF, startRig } from './support/rig';
import type { Wire } from './support/wires';
import { WIRES } from './support/wires';

const HTML = '<!doctype html>\n<html>\n<body>Sign in</body>\n</html>\n';
const tools = [{ name: 'get_weather', description: 'Weather of a city', parameters: { type: 'object' } }];

let server: Loopback;
let rig: Rig;

afterEach(async () => {
  await rig.close();
  await server.close();
});

describe.each(WIRES)('$format', (wire) => {
  describe('an answer', () => {
    it('streams text and ends with usage, the timings of the server, and one served record', async () => {
      await serve(wire, [wire.text('Hello'), wire.text(' world'), wire.end('stop', 2)]);
      const { text, events, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(text).toBe('Hello world');
      expect(events.map(({ type }) => type)).toEqual(['text', 'text', 'finish']);
      const [record, ...others] = rig.records();
      expect(others).toEqual([]);
      expect(finish).toMatchObject({
        finishReason: 'stop',
        rawReason: 'stop',
        usage: { inputTokens: 10, outputTokens: 2 },
        timings: { promptMs: 20, decodeMs: 100, decodeTokPerSec: 20, measuredBy: 'server' },
        recordId: record?.recordId,
      });
      expect(record).toMatchObject({
        sessionId: 'test',
        backend: 'served',
        provider: 'qwen',
        model: 'qwen3:8b',
        host: server.url,
        wireFormat: wire.format,
        streaming: true,
        outcome: { kind: 'served', completionTokens: 2, contentLen: 11 },
        outcomeKind: 'served',
        finishReason: 'stop',
        rawReason: 'stop',
        usage: { inputTokens: 10, outputTokens: 2 },
        timings: { measuredBy: 'server' },
        attempts: [{ n: 1, status: 200, reason: null, firstChunk: true, delayMs: null }],
        retryKind: 'none',
        provenance: {
          backend: 'operator_pin',
          provider: 'operator_pin',
          model: 'operator_pin',
          wireFormat: 'catalog_default',
        },
        registry: { source: 'probe' },
        error: null,
      });
      expect(record?.registry?.ageMs).toBeGreaterThanOrEqual(60_000);
      expect(record?.registry?.ageMs).toBeLessThan(90_000);
      expect(record?.ttftMs).toBeGreaterThan(0);
      expect(record?.durationMs).toBeGreaterThanOrEqual(record?.ttftMs ?? Infinity);
      expect(Date.parse(record?.endedAt ?? '')).toBeGreaterThanOrEqual(
        Date.parse(record?.firstTokenAt ?? ''),
      );
    });

    it('sends exactly the bytes that the encoder says', async () => {
      await serve(wire, [wire.text('x'), wire.end('stop', 1)], { headers: { 'x-team': 'blue' } });
      const request = chatRequest({
        tools,
        parameters: { maxTokens: 5, temperature: 0.5, seed: 7, stop: ['END'] },
      });
      const resolution = rig.dispatcher.explain(request);
      await hear(rig.dispatcher.dispatch(request));
      const [exchange] = server.exchanges;
      if (!resolution.ok) throw new Error('no route');
      const encoded = DIALECTS[wire.format].encode(resolution.route, request);
      expect(exchange?.body).toBe(JSON.stringify(encoded.json));
      expect(exchange).toMatchObject({ method: 'POST', path: wire.path });
      expect(exchange?.headers).toMatchObject({
        'x-team': 'blue',
        'content-type': 'application/json',
        accept: encoded.headers['accept'],
      });
    });

    it('keeps thinking apart from text', async () => {
      await serve(wire, [
        wire.thinking('Let me'),
        wire.thinking(' see'),
        wire.text('42'),
        wire.end('stop', 5),
      ]);
      const { text, thinking } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect([thinking, text]).toEqual(['Let me see', '42']);
      expect(rig.records()).toMatchObject([
        { outcome: { contentLen: 2 }, thinking: { mode: 'default', enabled: true } },
      ]);
    });

    it('that is thinking alone is served', async () => {
      await serve(wire, [wire.thinking('hm'), wire.end('stop', 1)]);
      await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(rig.records()).toMatchObject([{ outcome: { kind: 'served', contentLen: 0 } }]);
    });

    it('that calls a tool gives the call with its arguments as an object', async () => {
      await serve(wire, [
        ...wire.toolCall('get_weather', { city: 'Paris', days: [1, 2] }),
        wire.end(toolReason(wire), 9),
      ]);
      const { events, finish } = await hear(rig.dispatcher.dispatch(chatRequest({ tools })));
      expect(events[0]).toEqual({
        type: 'toolCall',
        call: { id: 'call_rgf3hqn8', name: 'get_weather', arguments: { city: 'Paris', days: [1, 2] } },
      });
      expect(finish.finishReason).toBe('tool_calls');
      expect(rig.records()).toMatchObject([
        { toolFormat: 'native', outcome: { kind: 'served', contentLen: 0 } },
      ]);
    });

    it.each(wire.reasons)('that ends with %s finishes as %s', async (raw, finishReason) => {
      await serve(wire, [wire.text('x'), wire.end(raw, 1)]);
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).finish).toMatchObject({
        finishReason,
        rawReason: raw,
      });
    });

    it('that ends with a word that nobody knows is an error that keeps the word', async () => {
      await serve(wire, [wire.text('x'), wire.end('tired', 1)]);
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(finish).toMatchObject({
        finishReason: 'error',
        rawReason: 'tired',
        failure: { code: 'unknown' },
      });
      expect(rig.records()).toMatchObject([
        { outcome: { kind: 'provider_error', class: 'unknown' }, rawReason: 'tired' },
      ]);
    });

    it('that is only white space is an empty completion', async () => {
      await serve(wire, [wire.text('  \n'), wire.end('stop', 3)]);
      await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(rig.records()).toMatchObject([
        { outcome: { kind: 'empty_completion_terminal', completionTokens: 3 } },
      ]);
    });

    it('that is empty because of the length limit is served', async () => {
      await serve(wire, [wire.end('length', 3)]);
      await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(rig.records()).toMatchObject([
        { outcome: { kind: 'served', completionTokens: 3, contentLen: 0 } },
      ]);
    });
  });

  describe('packets', () => {
    it('may hold two events', async () => {
      await serve(wire, [wire.text('one') + wire.text(' two'), wire.text(' three') + wire.end('stop', 3)]);
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).text).toBe('one two three');
    });

    it('may split an event and a character anywhere', async () => {
      const bytes = Buffer.from(wire.text('naïve 千 \u{1F600}') + wire.end('stop', 3));
      const packets = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) =>
        bytes.subarray(n * 7, n * 7 + 7),
      );
      await serve(wire, packets);
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).text).toBe('naïve 千 \u{1F600}');
    });
  });

  describe('a stream that goes wrong', () => {
    it('is truncated when it ends without its end mark', async () => {
      await serve(wire, [wire.text('one'), wire.text(' two')]);
      const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(text).toBe('one two');
      expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'truncated' } });
      expect(rig.records()).toMatchObject([
        {
          outcome: { kind: 'provider_error', class: 'truncated' },
          attempts: [{ status: 200, reason: 'truncated' }],
        },
      ]);
    });

    it('is truncated when its last event is cut in two', async () => {
      await serve(wire, [wire.text('one'), wire.text(' two').slice(0, 20)]);
      const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect([text, finish.failure?.code]).toEqual(['one', 'truncated']);
    });

    it('is truncated when the socket breaks in the middle', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('one'));
        exchange.response.destroy();
      });
      const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect([text, finish.failure?.code]).toEqual(['one', 'truncated']);
      expect(finish.failure?.message).toContain('broke off');
    });

    it('is a network error when the socket breaks before anything came', async () => {
      await start(wire, (exchange) => void exchange.response.destroy());
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(finish.failure?.code).toBe('network');
      expect(rig.records()).toMatchObject([
        { attempts: [{ status: null, firstChunk: false }], ttftMs: null },
      ]);
    });

    it('is an error when the server says so inside the stream', async () => {
      await serve(wire, [wire.text('one'), wire.error('something broke'), wire.text('after')]);
      const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(text).toBe('one');
      expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'provider_unavailable' } });
      expect(finish.failure?.message).not.toContain('something broke');
    });

    it('is malformed when it is a web page, whatever its content type says', async () => {
      for (const type of ['text/html; charset=utf-8', wire.contentType]) {
        await start(wire, (exchange) => {
          exchange.response.writeHead(200, { 'content-type': type });
          exchange.response.end(HTML);
        });
        const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
        expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'malformed_response' } });
        expect(finish.failure?.message).toContain('modelPool.backends');
        expect(rig.records()).toMatchObject([
          { error: { code: 'malformed_response' }, attempts: [{ status: 200 }] },
        ]);
        await rig.close();
        await server.close();
      }
    });

    it.each([
      ['JSON of another shape', '{"hello":"world"}\n'],
      ['a JSON list', '[]\n'],
      ['text', 'not json\nat all\n'],
    ])('is malformed when it is %s', async (_what, body) => {
      await serve(wire, [
        wire.format === 'ollama' ? body : body.replace(/^(?=[{[])/, 'data: ').replace(/\n$/, '\n\n'),
      ]);
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).finish.failure?.code).toBe(
        'malformed_response',
      );
    });

    it('is malformed after good events too', async () => {
      const garbage = wire.format === 'ollama' ? 'garbage\n' : 'data: {garbage\n\n';
      await serve(wire, [wire.text('one'), garbage, wire.text('two'), wire.end('stop', 2)]);
      const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect([text, finish.failure?.code]).toEqual(['one', 'malformed_response']);
    });
  });

  describe('a refusal', () => {
    it.each([
      [400, 'invalid_request'],
      [401, 'auth'],
      [402, 'usage_limit'],
      [403, 'auth'],
      [404, 'model_missing'],
      [408, 'timeout'],
      [413, 'invalid_request'],
      [429, 'rate_limited'],
      [500, 'provider_unavailable'],
      [501, 'invalid_request'],
      [502, 'provider_unavailable'],
      [503, 'overloaded'],
      [504, 'timeout'],
      [529, 'overloaded'],
    ])('with status %i is %s, with the words of the server and a next step', async (status, code) => {
      await start(wire, ({ response }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(wire.errorBody('the words of the server', 'some_error'));
      });
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(finish).toMatchObject({ finishReason: 'error', failure: { code, status } });
      expect(finish.failure?.message).toContain('It says: the words of the server.');
      const limited = code === 'rate_limited' || code === 'usage_limit';
      expect(rig.records()).toMatchObject([
        {
          outcome: limited ? { kind: 'usage_limit' } : { kind: 'provider_error', class: code },
          attempts: [{ status, reason: code }],
        },
      ]);
    });

    it('with a body of 100 MB is read no further than it needs to be', async () => {
      let sentBytes = 0;
      let gone: Promise<void> = Promise.resolve();
      await start(wire, async (exchange) => {
        const { response, closed } = exchange;
        response.writeHead(500);
        gone = closed;
        const isOpen = openness(exchange);
        const packet = 'x'.repeat(64 * 1024);
        while (isOpen() && sentBytes < 100 * 1024 * 1024) {
          await Promise.race([exchange.send(packet), closed]);
          sentBytes += packet.length;
        }
      });
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(finish.failure).toMatchObject({ code: 'provider_unavailable', status: 500 });
      expect(finish.failure?.message.length).toBeLessThan(500);
      await gone;
      expect(sentBytes).toBeLessThan(20 * 1024 * 1024);
    });

    it('by a port where nothing listens says that it cannot be reached', async () => {
      server = await startLoopback(() => undefined);
      rig = await startRig({ url: server.url, kind: wire.kind });
      await server.close();
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
      expect(finish.failure).toEqual({
        code: 'network',
        message: `served cannot be reached at ${server.url}. Start that server, or correct its address in the setting modelPool.backends.`,
      });
      expect(rig.records()).toMatchObject([{ outcome: { kind: 'provider_error', class: 'network' } }]);
    });
  });

  describe('a consumer', () => {
    it('that aborts before the answer begins ends it at once and closes the connection', async () => {
      const controller = new AbortController();
      await start(wire, () => controller.abort());
      const { events, finish } = await hear(
        rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })),
      );
      expect(events).toHaveLength(1);
      expect(finish).toMatchObject({
        finishReason: 'cancelled',
        usage: { inputTokens: null, outputTokens: null },
      });
      await server.exchanges[0]?.closed;
      expect(rig.records()).toMatchObject([
        { outcome: { kind: 'cancelled' }, attempts: [{ status: null, reason: 'cancelled' }], error: null },
      ]);
    });

    it('that aborts before the call begins sends nothing', async () => {
      await serve(wire, []);
      const { finish } = await hear(rig.dispatcher.dispatch(chatRequest({ signal: AbortSignal.abort() })));
      expect(finish.finishReason).toBe('cancelled');
      expect(server.connections).toBe(0);
      expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' }, attempts: [] }]);
    });

    it('that aborts in the middle ends it at once and closes the connection', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('one'));
      });
      const controller = new AbortController();
      const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
      expect((await stream.next()).value).toEqual({ type: 'text', text: 'one' });
      const pending = stream.next();
      controller.abort();
      expect((await pending).value).toMatchObject({ type: 'finish', finishReason: 'cancelled' });
      expect((await stream.next()).done).toBe(true);
      await server.exchanges[0]?.closed;
      expect(rig.records()).toMatchObject([
        { outcome: { kind: 'cancelled' }, attempts: [{ status: 200, firstChunk: true }] },
      ]);
    });

    it('that aborts and never pulls again leaves its record all the same, and no connection', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('one'));
      });
      const controller = new AbortController();
      const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
      await stream.next();
      expect(rig.dispatcher.inUse.has(REF)).toBe(true);
      controller.abort();
      expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' } }]);
      expect(rig.dispatcher.inUse.has(REF)).toBe(false);
      await server.exchanges[0]?.closed;
    });

    it('that breaks off closes the connection at once and is recorded as cancelled, once', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('one'));
      });
      const seen: ChatEvent[] = [];
      for await (const event of rig.dispatcher.dispatch(chatRequest())) {
        seen.push(event);
        break;
      }
      expect(seen).toEqual([{ type: 'text', text: 'one' }]);
      expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' }, finishReason: 'cancelled' }]);
      await server.exchanges[0]?.closed;
      await vi.waitFor(async () => expect(await server.openConnections()).toBe(0));
    });

    it('that returns while it waits for the next event is not kept waiting', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('one'));
      });
      const stream = rig.dispatcher.dispatch(chatRequest());
      await stream.next();
      const pending = stream.next();
      await stream.return?.();
      expect((await pending).value).toMatchObject({ type: 'finish', finishReason: 'cancelled' });
      expect(rig.records()).toHaveLength(1);
    });

    it('that stops reading holds the server back', async () => {
      const packet = wire.text('x'.repeat(32 * 1024));
      let sentBytes = 0;
      let waiting = false;
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        const isOpen = openness(exchange);
        while (isOpen() && sentBytes < 200 * 1024 * 1024) {
          waiting = !exchange.response.write(packet);
          sentBytes += packet.length;
          if (waiting)
            await Promise.race([
              new Promise((resolve) => exchange.response.once('drain', resolve)),
              exchange.closed,
            ]);
          else await new Promise((resolve) => setImmediate(resolve));
        }
      });
      const stream = rig.dispatcher.dispatch(chatRequest());
      await stream.next();
      let before = -1;
      await vi.waitFor(
        () => {
          const still = sentBytes === before;
          before = sentBytes;
          expect(still).toBe(true);
        },
        { timeout: 4_000, interval: 200 },
      );
      expect(sentBytes).toBeLessThan(50 * 1024 * 1024);
      await stream.return?.();
    });

    it('that takes every answer to its end uses its connection again', async () => {
      await serve(wire, [wire.text('x'), wire.end('stop', 1)]);
      for (let call = 0; call < 5; call++) {
        for await (const event of rig.dispatcher.dispatch(chatRequest())) if (event.type === 'finish') break;
        // The rest of the answer is read in the background.
        await server.exchanges[call]?.closed;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(rig.records()).toHaveLength(5);
      expect(server.connections).toBeLessThan(5);
    });

    it('is given the end although the server keeps the connection open after it', async () => {
      await start(wire, async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.text('x') + wire.end('stop', 1));
      });
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).finish.finishReason).toBe('stop');
      await server.exchanges[0]?.closed;
    });
  });

  it('calls with, without and with a failing recorder send the same bytes and give the same answer', async () => {
    const bodies: (string | undefined)[] = [];
    for (const append of [
      () => undefined,
      () => {
        throw new Error('disk full');
      },
    ]) {
      await serve(wire, [wire.text('x'), wire.end('stop', 1)], { change: { transcript: { append } } });
      expect((await hear(rig.dispatcher.dispatch(chatRequest()))).text).toBe('x');
      bodies.push(server.exchanges[0]?.body);
      await rig.close();
      await server.close();
    }
    expect(bodies[0]).toBe(bodies[1]);
  });
});

async function start(
  wire: Wire,
  handle: (exchange: Exchange) => void | Promise<void>,
  options: Partial<RigOptions> = {},
): Promise<void> {
  server = await startLoopback(handle);
  rig = await startRig({ url: server.url, kind: wire.kind, ...options });
}

/** A server that answers each request with these packets and then ends the answer. */
function serve(
  wire: Wire,
  packets: readonly (string | Uint8Array)[],
  options: Partial<RigOptions> = {},
): Promise<void> {
  return start(
    wire,
    async (exchange) => {
      begin(exchange, wire);
      for (const packet of packets) await exchange.send(packet);
      exchange.response.end();
    },
    options,
  );
}

function begin({ response }: Exchange, wire: Wire): void {
  response.writeHead(200, { 'content-type': wire.contentType });
  response.flushHeaders();
}

function openness({ closed }: Exchange): () => boolean {
  let open = true;
  void closed.then(() => (open = false));
  return () => open;
}

function toolReason(wire: Wire): string {
  return wire.format === 'ollama' ? 'stop' : 'tool_calls';
}
