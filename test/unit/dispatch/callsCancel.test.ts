import { Agent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/dispatch/chat';
import type { HttpResult, HttpStream } from '../../../src/shared/http';
import { HttpClient } from '../../../src/shared/http';
import { FakeClock } from '../../fakes/fakeClock';
import { noteFigure, rounds } from '../../support/soak';
import type { Loopback } from './support/loopback';
import { startLoopback } from './support/loopback';
import type { Rig, RigOptions } from './support/rig';
import { chatRequest, hear, hearOn, REF, startRig } from './support/rig';
import type { Scene } from './support/scenes';
import * as scene from './support/scenes';

let server: Loopback;
let rig: Rig;

afterEach(async () => {
  await rig.close();
  await server.close();
});

async function start(first: Scene, change: RigOptions['change'] = {}): Promise<void> {
  server = await scene.startScenes(first);
  rig = await startRig({ url: server.url, kind: 'ollama', change: { retry: () => true, ...change } });
}

async function expectFreed(): Promise<void> {
  await expect.poll(() => server.openConnections(), { timeout: 30_000 }).toBe(0);
  expectUnused();
}

function expectUnused(): void {
  expect(rig.dispatcher.inUse.refs()).toEqual([]);
  expect(rig.dispatcher.running()).toEqual([]);
  expect(rig.dispatcher.breaker.stateOf(REF)).toBe('closed');
}

/** Waits of an hour, so that what waits still does when it is cancelled. */
const HOUR_MS = 3_600_000;
const NEVER_AGAIN = {
  minDelayMs: HOUR_MS,
  maxDelayMs: HOUR_MS,
  maxActiveDelayMs: HOUR_MS,
  maxActiveElapsedMs: HOUR_MS,
};

const CANCELLED = { finishReason: 'cancelled', retryKind: 'none' };

describe('a call that is cancelled', () => {
  it('before it began sends nothing', async () => {
    await start(scene.says('never'));
    const { finish } = await hear(rig.dispatcher.dispatch(chatRequest({ signal: AbortSignal.abort() })));
    expect(finish).toMatchObject(CANCELLED);
    expect(server.connections).toBe(0);
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' }, attempts: [] }]);
  });

  it('while it waits for headers closes its connection', async () => {
    await start(scene.hangsAfter());
    const controller = new AbortController();
    const heard = hear(rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })));
    await expect.poll(() => server.exchanges.length).toBe(1);
    controller.abort();
    expect((await heard).finish).toMatchObject(CANCELLED);
    expect(rig.records()).toMatchObject([
      {
        outcome: { kind: 'cancelled' },
        attempts: [{ reason: 'cancelled', status: null, firstChunk: false }],
      },
    ]);
    await expectFreed();
  });

  it.each(['abort', 'break'])('while it waits for another attempt ends at once (%s)', async (how) => {
    const clock = new FakeClock();
    await start(scene.refuses(503), { clock });
    const controller = new AbortController();
    const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    expect((await stream.next()).value).toMatchObject({ type: 'retrying' });
    const next = stream.next();
    await expect.poll(() => clock.pending).toBe(1);
    if (how === 'abort') {
      controller.abort();
      expect((await next).value).toMatchObject(CANCELLED);
    } else {
      await stream.return?.();
    }
    expect(clock.pending).toBe(0);
    expect(rig.records()).toMatchObject([
      {
        outcome: { kind: 'cancelled' },
        retryKind: 'none',
        attempts: [{ status: 503, reason: 'overloaded' }],
      },
    ]);
    // The connection of the attempt that ended is kept for another one.
    expectUnused();
  });

  it.each(['abort', 'break'])('in the middle of an answer closes its connection (%s)', async (how) => {
    await start(scene.hangsAfter(scene.text('one')));
    const controller = new AbortController();
    const events: ChatEvent[] = [];
    for await (const event of rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }))) {
      events.push(event);
      if (how === 'break') break;
      controller.abort();
    }
    if (how === 'abort') expect(events.at(-1)).toMatchObject(CANCELLED);
    expect(rig.records()).toMatchObject([
      { outcome: { kind: 'cancelled' }, attempts: [{ reason: 'cancelled', status: 200, firstChunk: true }] },
    ]);
    await expectFreed();
  });

  it('leaves its record when nobody pulls any more', async () => {
    await start(scene.hangsAfter(scene.text('one')));
    const controller = new AbortController();
    const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    await stream.next();
    controller.abort();
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' } }]);
    await stream.return?.();
    expect(rig.records()).toHaveLength(1);
    await expectFreed();
  });
});

describe('a client that ignores that it is told to stop', () => {
  it('is left while it opens, and what it opens later is closed', async () => {
    let opened: (result: HttpResult<HttpStream>) => void = () => undefined;
    let closed = false;
    class Deaf extends HttpClient {
      override stream(): Promise<HttpResult<HttpStream>> {
        return new Promise((resolve) => (opened = resolve));
      }
    }
    const deaf = new Deaf(new Agent());
    await start(scene.says('never'), { http: () => deaf });
    const controller = new AbortController();
    const next = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })).next();
    controller.abort();
    expect((await next).value).toMatchObject(CANCELLED);
    const close = (): void => {
      closed = true;
    };
    const body = streamOf([]);
    opened({ ok: true, headers: {}, value: { status: 200, headers: {}, body, close } });
    await expect.poll(() => closed).toBe(true);
  });

  it('is left while it is read', async () => {
    let closed = false;
    const value: HttpStream = {
      status: 200,
      headers: {},
      body: streamOf([scene.text('one')], true),
      close: () => {
        closed = true;
      },
    };
    class Deaf extends HttpClient {
      override stream(): Promise<HttpResult<HttpStream>> {
        return Promise.resolve({ ok: true, value, headers: {} });
      }
    }
    const deaf = new Deaf(new Agent());
    await start(scene.says('never'), { http: () => deaf });
    const controller = new AbortController();
    const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    expect((await stream.next()).value).toEqual({ type: 'text', text: 'one' });
    const next = stream.next();
    controller.abort();
    expect((await next).value).toMatchObject(CANCELLED);
    expect(closed).toBe(true);
  });
});

it('a consumer that stops reading stops the server', async () => {
  const counter = { sentBytes: 0 };
  await start(scene.floods(200, scene.text('x'.repeat(64 * 1024)), counter));
  const stream = rig.dispatcher.dispatch(chatRequest());
  await stream.next();
  let before = -1;
  const stands = (): boolean => {
    const isSame = counter.sentBytes === before;
    before = counter.sentBytes;
    return isSame;
  };
  await expect.poll(stands, { interval: 200, timeout: 10_000 }).toBe(true);
  // What the sockets of both sides hold, and nothing of ours.
  expect(counter.sentBytes).toBeLessThan(40 * 1024 * 1024);
  await stream.return?.();
  await expectFreed();
});

it('an error of 100 MB is read no further than it needs to be, at each of its attempts', async () => {
  const counter = { sentBytes: 0 };
  const clock = new FakeClock();
  await start(scene.floods(500, 'x'.repeat(64 * 1024), counter), {
    clock,
    retry: () => ({ maxAttempts: 2 }),
  });
  const { finish } = await hearOn(clock, rig.dispatcher.dispatch(chatRequest()));
  expect(finish).toMatchObject({ failure: { status: 500 }, retryKind: 'active' });
  expect(server.exchanges).toHaveLength(2);
  await expectFreed();
  expect(counter.sentBytes).toBeLessThan(2 * 20 * 1024 * 1024);
});

it('many calls that are cancelled at any moment leave no open socket, and a record each', async () => {
  const count = rounds(200, 1_000);
  server = await startLoopback(async (exchange) => {
    const kind = server.exchanges.length % 3;
    if (kind === 0) return;
    if (kind === 1) await scene.refuses(503)(exchange);
    else await scene.hangsAfter(scene.text('one'))(exchange);
  });
  rig = await startRig({ url: server.url, kind: 'ollama', change: { retry: () => NEVER_AGAIN } });
  const startedAt = performance.now();
  const controllers: AbortController[] = [];
  const calls = Array.from({ length: count }, async (_, n) => {
    const controller = new AbortController();
    controllers.push(controller);
    const signal = controller.signal;
    // Some are over before they have connected, some while they connect, the others wherever they are by then.
    if (n % 10 === 0) queueMicrotask(() => controller.abort());
    if (n % 10 === 1) setImmediate(() => controller.abort());
    return (await hear(rig.dispatcher.dispatch(chatRequest({ signal })))).finish;
  });
  await expect.poll(() => server.exchanges.length, { timeout: 60_000 }).toBeGreaterThan(count * 0.7);
  for (const controller of controllers) controller.abort();
  const finishes = await Promise.all(calls);
  noteFigure('dispatch: cancelled calls at a time', count);
  noteFigure('dispatch: cancelled calls, all together (ms)', Math.round(performance.now() - startedAt));
  expect(new Set(finishes.map(({ finishReason }) => finishReason))).toEqual(new Set(['cancelled']));
  const records = rig.records();
  expect(new Set(records.map(({ recordId }) => recordId)).size).toBe(count);
  expect(new Set(records.map(({ outcomeKind }) => outcomeKind))).toEqual(new Set(['cancelled']));
  await expectFreed();
}, 120_000);

async function* streamOf(
  packets: readonly string[],
  hangs = false,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const packet of packets) yield Buffer.from(packet);
  if (hangs) await new Promise(() => undefined);
}
