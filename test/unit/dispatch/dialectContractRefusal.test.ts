import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/shared/clock';
import { systemClock } from '../../../src/shared/clock';
import { chatRequest, hear, startRig } from './support/rig';
import { begin, openness, Stage } from './support/stage';
import { WIRES } from './support/wires';

/** 29 June 2031, a Sunday. */
const NOW_MS = Date.UTC(2031, 5, 29, 12, 0, 0);

const stage = new Stage();
afterEach(() => stage.close());

describe.each(WIRES)('$name: a refusal', (wire) => {
  it.each([
    [400, 'invalid_request'],
    [401, 'auth'],
    [402, 'usage_limit'],
    [403, 'auth'],
    [404, 'model_missing'],
    [408, 'timeout'],
    [409, 'invalid_request'],
    [413, 'invalid_request'],
    [422, 'invalid_request'],
    [429, 'rate_limited'],
    [500, 'provider_unavailable'],
    [501, 'invalid_request'],
    [502, 'provider_unavailable'],
    [503, 'overloaded'],
    [504, 'timeout'],
    [529, 'overloaded'],
  ])('with status %i is %s, with the words of the server and a next step', async (status, code) => {
    await stage.refuse(wire, status);
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code, status } });
    expect(finish.failure?.message).toContain('It says: the words of the server.');
    const limited = code === 'rate_limited' || code === 'usage_limit';
    expect(stage.rig.records()).toMatchObject([
      {
        outcome: limited ? { kind: 'usage_limit' } : { kind: 'provider_error', class: code },
        attempts: [{ status, reason: code }],
        retryKind: 'none',
      },
    ]);
  });

  it.each([
    ['a web page', '<html><body>Bad Gateway</body></html>'],
    ['nothing', ''],
    ['JSON of another shape', '[1, {"error": null}]'],
    ['half a JSON object', '{"error": {"mess'],
  ])('whose body is %s is judged by its status', async (_what, body) => {
    await stage.refuse(wire, 502, { body });
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish.failure).toMatchObject({ code: 'provider_unavailable', status: 502 });
    expect(finish.failure?.message).not.toContain('It says');
  });

  it('with a body of 100 MB is read no further than it needs to be', async () => {
    let sentBytes = 0;
    let gone: Promise<void> = Promise.resolve();
    await stage.start(wire, async (exchange) => {
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
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish.failure).toMatchObject({ code: 'provider_unavailable', status: 500 });
    expect(finish.failure?.message.length).toBeLessThan(500);
    await gone;
    expect(sentBytes).toBeLessThan(20 * 1024 * 1024);
  });

  it.each([
    ['retry-after-ms', { 'retry-after-ms': '45000.5', 'retry-after': '1' }, 45_001],
    ['seconds', { 'retry-after': '45' }, 45_000],
    ['seconds with a decimal', { 'retry-after': '45.25' }, 45_250],
    ['a date', { 'retry-after': 'Sun, 29 Jun 2031 12:00:45 GMT' }, 45_000],
    ['a date that has passed', { 'retry-after': 'Sun, 29 Jun 2031 11:00:00 GMT' }, undefined],
    ['nothing that can be read', { 'retry-after': 'soon' }, undefined],
    ['no words', {}, undefined],
  ])('that names the wait by %s leaves the call for then', async (_what, headers, retryAfterMs) => {
    await stage.refuse(wire, 429, { headers, change: { clock: at(NOW_MS) } });
    const { dispatcher } = stage.rig;
    const retry = {
      longRetry: 'defer',
      maxAttempts: 2,
      maxActiveDelayMs: 20,
      minDelayMs: 1,
      maxDelayMs: 1,
    } as const;
    const { finish } = await hear(dispatcher.dispatch(chatRequest({ retry })));
    // A wait that is over, or that nobody named, is waited for in the call itself.
    const kind = retryAfterMs === undefined ? 'active' : 'deferred';
    expect(finish.retryKind).toBe(kind);
    expect(finish.retryAfterMs).toBe(retryAfterMs);
    expect(stage.server.exchanges).toHaveLength(kind === 'active' ? 2 : 1);
    expect(stage.rig.records()).toMatchObject([{ retryKind: kind, outcome: { kind: 'usage_limit' } }]);
    expect(stage.rig.records()[0]?.retryAfterMs).toBe(retryAfterMs);
  });

  it('by a port where nothing listens says that it cannot be reached', async () => {
    await stage.start(wire, () => undefined);
    const { url } = stage.server;
    await stage.server.close();
    const rig = await startRig({ url, kind: wire.kind });
    const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
    await rig.close();
    expect(finish.failure).toMatchObject({ code: 'network' });
    expect(finish.failure?.message).toContain(`cannot be reached at ${url}`);
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'provider_error', class: 'network' } }]);
  });

  it('by a socket that breaks before anything came is a network error', async () => {
    await stage.start(wire, (exchange) => void exchange.response.destroy());
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish.failure?.code).toBe('network');
    expect(stage.rig.records()).toMatchObject([
      { attempts: [{ status: null, firstChunk: false }], ttftMs: null },
    ]);
  });
});

describe.each(WIRES.filter(({ rateLimits }) => rateLimits !== undefined))('$name: a rate limit', (wire) => {
  const { headers = {}, means } = wire.rateLimits ?? {};

  it('is told of where it was reached', async () => {
    await stage.refuse(wire, 429, { headers });
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect(finish.rateLimit).toEqual(means);
    expect(stage.rig.records()).toMatchObject([{ rateLimit: means }]);
  });

  it('is told of with an answer too', async () => {
    await stage.start(wire, async (exchange) => {
      begin(exchange, wire, headers);
      const w = wire.answer();
      await exchange.send(w.text('x') + w.end(wire.words.stop, 1));
      exchange.response.end();
    });
    const { finish } = await hear(stage.rig.dispatcher.dispatch(chatRequest()));
    expect([finish.finishReason, finish.rateLimit]).toEqual(['stop', means]);
    expect(stage.rig.records()).toMatchObject([{ rateLimit: means, outcome: { kind: 'served' } }]);
  });
});

/** The system's clock, but for the time of day. */
function at(nowMs: number): Clock {
  return { ...systemClock, now: () => nowMs };
}
