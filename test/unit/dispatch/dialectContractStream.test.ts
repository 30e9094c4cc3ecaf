import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireEvent } from '../../../src/dispatch/dialect';
import { chatRequest, hear } from './support/rig';
import { begin, Stage } from './support/stage';
import type { Wire } from './support/wire';
import { WIRES } from './support/wires';

const HTML = '<!doctype html>\n<html>\n<body>Sign in</body>\n</html>\n';

const stage = new Stage();
afterEach(() => stage.close());

describe.each(WIRES)('$name: a stream', (wire) => {
  const { stop, toolCalls } = wire.words;

  function answer(): string {
    const w = wire.answer();
    return [
      w.thinking('Überlegen …'),
      w.text('Hello 千'),
      w.text(' \u{1F600}'),
      ...w.toolCall('call_1', 'get_weather', { city: 'Zürich' }),
      w.end(toolCalls, 7),
    ].join('');
  }

  function shortAnswer(): string {
    const w = wire.answer();
    return w.text('né 千\u{1F600}') + w.end(stop, 3);
  }

  it('may hold two events in a packet', async () => {
    await stage.serve(wire, (w) => [w.text('one') + w.text(' two'), w.text(' three') + w.end(stop, 3)]);
    expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).text).toBe('one two three');
  });

  it('may come in packets of seven bytes', async () => {
    await stage.serve(wire, (w) => {
      const bytes = Buffer.from(w.text('naïve 千 \u{1F600}') + w.end(stop, 3));
      return Array.from({ length: Math.ceil(bytes.length / 7) }, (_, n) => bytes.subarray(n * 7, n * 7 + 7));
    });
    expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).text).toBe('naïve 千 \u{1F600}');
  });

  it('reads as the same events however its bytes are cut into packets', async () => {
    const bytes = Buffer.from(answer());
    const whole = await decoded(wire, [bytes]);
    expect(whole.map(({ type }) => type)).toEqual(['thinking', 'text', 'text', 'toolCall', 'end']);
    expect(
      await decoded(
        wire,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const packets = at.slice(1).map((end, n) => bytes.subarray(at[n], end));
        expect(await decoded(wire, packets)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('reads as the same events wherever its bytes are cut in two', async () => {
    const bytes = Buffer.from(shortAnswer());
    const whole = await decoded(wire, [bytes]);
    expect(whole.map(({ type }) => type)).toEqual(['text', 'end']);
    for (let cut = 1; cut < bytes.length; cut++) {
      const packets = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(await decoded(wire, packets), `cut at ${cut}`).toEqual(whole);
    }
  }, 60_000);

  it('is never taken for a whole answer when a part of it is missing, wherever it is cut', async () => {
    const text = shortAnswer();
    const bytes = Buffer.from(text);
    const ended = Buffer.byteLength(text.slice(0, text.indexOf(wire.endMark)));
    expect(ended).toBeGreaterThan(0);
    for (let length = 0; length < ended; length++) {
      const events = await decoded(wire, [bytes.subarray(0, length)]);
      const [end, ...others] = events.filter((event) => event.type === 'end');
      expect(others).toEqual([]);
      expect(end, `cut at ${length}`).toMatchObject({
        finishReason: 'error',
        failure: { code: 'truncated' },
      });
    }
  }, 60_000);

  it('has exactly one end, and throws nothing, whatever its bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), async (packets) => {
        const events = await decoded(wire, packets);
        expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
        expect(events.at(-1)?.type).toBe('end');
      }),
    );
  });

  it('has exactly one end whatever JSON it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { maxLength: 4 }), async (values) => {
        const events = await decoded(
          wire,
          values.map((json) => Buffer.from(wire.event(json))),
        );
        expect(events.filter(({ type }) => type === 'end')).toHaveLength(1);
      }),
    );
  });

  it('is read on after its end, so that the connection is free, and yields nothing more', async () => {
    const w = wire.answer();
    const packets = [w.text('x'), w.end(stop, 1), w.text('late')];
    let read = 0;
    const body = (async function* () {
      await Promise.resolve();
      for (const packet of packets) {
        read += 1;
        yield Buffer.from(packet);
      }
    })();
    const events: WireEvent[] = [];
    for await (const event of wire.dialect.decode(body)) events.push(event);
    expect(read).toBe(3);
    expect(events.map(({ type }) => type)).toEqual(['text', 'end']);
  });

  it('is truncated when it ends without its end mark', async () => {
    await stage.serve(wire, (w) => [w.text('one'), w.text(' two')]);
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(text).toBe('one two');
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'truncated' } });
    expect(stage.rig.records()).toMatchObject([
      {
        outcome: { kind: 'provider_error', class: 'truncated' },
        attempts: [{ status: 200, reason: 'truncated' }],
      },
    ]);
  });

  it('is truncated when its last event is cut in two', async () => {
    await stage.serve(wire, (w) => [w.text('one'), w.text(' two').slice(0, -12)]);
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([text, finish.failure?.code]).toEqual(['one', 'truncated']);
  });

  it('is truncated when the socket breaks in the middle', async () => {
    await stage.start(wire, async (exchange) => {
      begin(exchange, wire);
      await exchange.send(wire.answer().text('one'));
      exchange.response.destroy();
    });
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([text, finish.failure?.code]).toEqual(['one', 'truncated']);
    expect(finish.failure?.message).toContain('broke off');
  });

  it('is an error when the server says so inside it', async () => {
    await stage.serve(wire, (w) => [w.text('one'), w.error('something broke'), w.text('after')]);
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(text).toBe('one');
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'provider_unavailable' } });
    expect(finish.failure?.message).not.toContain('something broke');
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'provider_error', class: 'provider_unavailable' }, error: {} },
    ]);
  });

  it('is an error when the server says so before anything else', async () => {
    await stage.serve(wire, (w) => [w.error('something broke')]);
    const { events, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(events).toHaveLength(1);
    expect(finish.failure?.code).toBe('provider_unavailable');
  });

  it.each(['text/html; charset=utf-8', wire.contentType])(
    'is malformed when it is a web page sent as %s',
    async (type) => {
      await stage.start(wire, ({ response }) => {
        response.writeHead(200, { 'content-type': type });
        response.end(HTML);
      });
      const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
      expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'malformed_response' } });
      expect(finish.failure?.message).toContain('modelPool.backends');
      expect(stage.rig.records()).toMatchObject([
        { error: { code: 'malformed_response' }, attempts: [{ status: 200 }] },
      ]);
    },
  );

  it.each([
    ['JSON of another shape', wire.event('{"hello":"world"}')],
    ['a JSON list', wire.event('[]')],
    ['text', 'not json\nat all\n'],
    ['broken JSON', wire.event('{"a"') + wire.event('{}')],
  ])('is malformed when it is %s', async (_what, packet) => {
    await stage.serve(wire, () => [packet]);
    expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).finish.failure?.code).toBe(
      'malformed_response',
    );
  });

  it('is malformed after good events too', async () => {
    await stage.serve(wire, (w) => [w.text('one'), wire.event('{garbage'), w.text('two'), w.end(stop, 2)]);
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([text, finish.failure?.code]).toEqual(['one', 'malformed_response']);
  });
});

async function decoded(wire: Wire, packets: readonly Uint8Array[]): Promise<readonly WireEvent[]> {
  const body = (async function* () {
    await Promise.resolve();
    yield* packets;
  })();
  const events: WireEvent[] = [];
  for await (const event of wire.dialect.decode(body)) events.push(event);
  return events;
}
