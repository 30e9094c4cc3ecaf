import { Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChatEvent } from '../../../src/dispatch/chat';
import { HttpClient } from '../../../src/shared/http';
import { chatRequest, hear, REF } from './support/rig';
import { begin, openness, Stage } from './support/stage';
import { WIRES } from './support/wires';

const stage = new Stage();
afterEach(() => stage.close());

describe.each(WIRES)('$name: a consumer', (wire) => {
  const { stop } = wire.words;

  it('that aborts before the call begins sends nothing', async () => {
    await stage.serve(wire, () => []);
    const { finish } = await hear(
      stage.rig.dispatcher.dispatch(chatRequest({ signal: AbortSignal.abort() })),
    );
    expect(finish.finishReason).toBe('cancelled');
    expect(stage.server.connections).toBe(0);
    expect(stage.rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' }, attempts: [] }]);
  });

  it('that aborts while the connection is made ends the call at once', async () => {
    const controller = new AbortController();
    // A connection that is never there: its answer is not called for.
    const agent = new Agent({ connect: () => controller.abort() });
    await stage.serve(wire, () => [], { change: { http: () => new HttpClient(agent) } });
    const { events, finish } = await hear(
      stage.rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })),
    );
    expect(events).toHaveLength(1);
    expect(finish.finishReason).toBe('cancelled');
    expect(stage.server.connections).toBe(0);
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, attempts: [{ status: null, reason: 'cancelled' }] },
    ]);
    void agent.destroy();
  });

  it('that aborts while it waits for the answer to begin ends it at once and closes the connection', async () => {
    const controller = new AbortController();
    await stage.start(wire, () => controller.abort());
    const { events, finish } = await hear(
      stage.rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })),
    );
    expect(events).toHaveLength(1);
    expect(finish).toMatchObject({
      finishReason: 'cancelled',
      usage: { inputTokens: null, outputTokens: null },
    });
    await stage.server.exchanges[0]?.closed;
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, attempts: [{ status: null, reason: 'cancelled' }], error: null },
    ]);
  });

  it('that aborts in the middle ends it at once and closes the connection', async () => {
    await stage.stall(wire, 'one');
    const controller = new AbortController();
    const stream = stage.rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    expect((await stream.next()).value).toEqual({ type: 'text', text: 'one' });
    const pending = stream.next();
    controller.abort();
    expect((await pending).value).toMatchObject({ type: 'finish', finishReason: 'cancelled' });
    expect((await stream.next()).done).toBe(true);
    await stage.server.exchanges[0]?.closed;
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, attempts: [{ status: 200, firstChunk: true }] },
    ]);
  });

  it('that aborts and never pulls again leaves its record all the same, and no connection', async () => {
    await stage.stall(wire, 'one');
    const controller = new AbortController();
    const { dispatcher } = stage.rig;
    const stream = dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    await stream.next();
    expect(dispatcher.inUse.has(REF)).toBe(true);
    controller.abort();
    await vi.waitFor(() => expect(stage.rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' } }]));
    expect(dispatcher.inUse.has(REF)).toBe(false);
    await stage.server.exchanges[0]?.closed;
  });

  it('that breaks off closes the connection at once and is recorded as cancelled, once', async () => {
    await stage.stall(wire, 'one');
    const seen: ChatEvent[] = [];
    for await (const event of stage.rig.dispatcher.dispatch(chatRequest())) {
      seen.push(event);
      break;
    }
    expect(seen).toEqual([{ type: 'text', text: 'one' }]);
    expect(stage.rig.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, finishReason: 'cancelled' },
    ]);
    await stage.server.exchanges[0]?.closed;
    await vi.waitFor(async () => expect(await stage.server.openConnections()).toBe(0));
  });

  it('that returns while it waits for the next event is not kept waiting', async () => {
    await stage.stall(wire, 'one');
    const stream = stage.rig.dispatcher.dispatch(chatRequest());
    await stream.next();
    const pending = stream.next();
    await stream.return?.();
    expect((await pending).value).toMatchObject({ type: 'finish', finishReason: 'cancelled' });
    expect(stage.rig.records()).toHaveLength(1);
  });

  it('that stops reading holds the server back', async () => {
    const piece = 'x'.repeat(32 * 1024);
    let sentBytes = 0;
    await stage.start(wire, async (exchange) => {
      begin(exchange, wire);
      const w = wire.answer();
      const isOpen = openness(exchange);
      while (isOpen() && sentBytes < 200 * 1024 * 1024) {
        const isFull = !exchange.response.write(w.text(piece));
        sentBytes += piece.length;
        if (isFull)
          await Promise.race([
            new Promise((resolve) => exchange.response.once('drain', resolve)),
            exchange.closed,
          ]);
        else await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const stream = stage.rig.dispatcher.dispatch(chatRequest());
    await stream.next();
    let before = -1;
    await vi.waitFor(
      () => {
        const isStill = sentBytes === before;
        before = sentBytes;
        expect(isStill).toBe(true);
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(sentBytes).toBeLessThan(50 * 1024 * 1024);
    await stream.return?.();
  }, 30_000);

  it('that takes every answer to its end uses its connection again', async () => {
    await stage.serve(wire, (w) => [w.text('x'), w.end(stop, 1)]);
    for (let call = 0; call < 5; call++) {
      for await (const event of stage.rig.dispatcher.dispatch(chatRequest()))
        if (event.type === 'finish') break;
      // The rest of the answer is read in the background.
      await stage.server.exchanges[call]?.closed;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(stage.rig.records()).toHaveLength(5);
    expect(stage.server.connections).toBeLessThan(5);
  });

  it('is given the end although the server keeps the connection open after it', async () => {
    await stage.start(wire, async (exchange) => {
      begin(exchange, wire);
      const w = wire.answer();
      await exchange.send(w.text('x') + w.end(stop, 1));
    });
    expect((await hear(stage.rig.dispatcher.dispatch(chatRequest()))).finish.finishReason).toBe('stop');
    await stage.server.exchanges[0]?.closed;
  });

  it('is told when no answer begins in time', async () => {
    const timeouts = { localHeadersMs: 150, hostedHeadersMs: 150, idleMs: 60_000 };
    await stage.start(wire, () => undefined, { change: { timeouts } });
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'timeout' } });
    await stage.server.exchanges[0]?.closed;
    expect(stage.rig.records()).toMatchObject([
      {
        outcome: { kind: 'provider_error', class: 'timeout' },
        attempts: [{ status: null, reason: 'timeout' }],
      },
    ]);
  });

  it('is told when an answer falls silent, after what has come of it', async () => {
    const timeouts = { localHeadersMs: 60_000, hostedHeadersMs: 60_000, idleMs: 150 };
    await stage.stall(wire, 'one', { change: { timeouts } });
    const { text, finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([text, finish.failure?.code]).toEqual(['one', 'timeout']);
    await stage.server.exchanges[0]?.closed;
    expect(stage.rig.records()).toMatchObject([
      {
        outcome: { kind: 'provider_error', class: 'timeout' },
        attempts: [{ status: 200, reason: 'timeout', firstChunk: true }],
      },
    ]);
  });
});
