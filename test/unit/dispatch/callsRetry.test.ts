import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RetryChoice } from '../../../src/shared/retryPolicy';
import { retryChoiceSchema } from '../../../src/shared/retryPolicy';
import { FakeClock } from '../../fakes/fakeClock';
import type { Loopback } from './support/loopback';
import type { Heard, Rig, RigOptions } from './support/rig';
import { chatRequest, hearOn, startRig } from './support/rig';
import type { Scene } from './support/scenes';
import * as scene from './support/scenes';

let clock: FakeClock;
let server: Loopback;
let rig: Rig;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(async () => {
  await rig.close();
  await server.close();
});

const HELLO = scene.says('hello');

async function start(
  scenes: readonly [Scene, ...Scene[]],
  change: Partial<RigOptions['change']> & { readonly kind?: RigOptions['kind'] } = {},
): Promise<void> {
  const { kind = 'ollama', ...options } = change;
  server = await scene.startScenes(...scenes);
  rig = await startRig({
    url: server.url,
    kind,
    change: { clock, random: () => 1, retry: () => true, ...options },
  });
}

function ask(retry?: RetryChoice): Promise<Heard> {
  return hearOn(clock, rig.dispatcher.dispatch(chatRequest(retry === undefined ? {} : { retry })));
}

describe('is tried again', () => {
  it.each<readonly [string, Scene, string, number | null]>([
    ['no answer at all', scene.breaksAfter(), 'network', null],
    ['status 408', scene.refuses(408), 'timeout', 408],
    ['status 429', scene.refuses(429), 'rate_limited', 429],
    ['status 500', scene.refuses(500), 'provider_unavailable', 500],
    ['status 502', scene.refuses(502), 'provider_unavailable', 502],
    ['status 503', scene.refuses(503), 'overloaded', 503],
    ['status 504', scene.refuses(504), 'timeout', 504],
    ['status 529', scene.refuses(529), 'overloaded', 529],
    [
      'an error before any text',
      scene.sends(scene.errorLine('something broke')),
      'provider_unavailable',
      200,
    ],
    ['an end without its mark before any text', scene.sends(), 'truncated', 200],
    ['a connection that breaks after white space', scene.breaksAfter(scene.text(' \n')), 'truncated', 200],
  ])('%s', async (_what, first, reason, status) => {
    await start([first, HELLO]);
    const { text, events, finish } = await ask();
    expect([text, finish.finishReason, finish.retryKind]).toEqual(['hello', 'stop', 'none']);
    expect(events.map(({ type }) => type)).toEqual(['retrying', 'text', 'finish']);
    expect(events[0]).toMatchObject({ type: 'retrying', attempt: 2, delayMs: 500, reason });
    expect(rig.records()).toMatchObject([
      {
        outcome: { kind: 'served', contentLen: 5 },
        retryKind: 'none',
        error: null,
        attempts: [
          { n: 1, route: 'primary', status, reason, delayMs: null, delayOrigin: null },
          {
            n: 2,
            route: 'primary',
            status: 200,
            reason: null,
            delayMs: 500,
            delayOrigin: 'policy',
            firstChunk: true,
          },
        ],
      },
    ]);
    expect(server.exchanges[1]?.body).toBe(server.exchanges[0]?.body);
  });

  it('a conflict, by a hosted provider only', async () => {
    await start([scene.refuses(409), scene.saysAsOpenai('hello')], { kind: 'openai' });
    expect((await ask()).text).toBe('hello');
    await rig.close();
    await server.close();
    await start([scene.refuses(409), HELLO]);
    expect((await ask()).finish.failure).toMatchObject({ code: 'invalid_request', status: 409 });
    expect(server.exchanges).toHaveLength(1);
  });

  it('a hosted call that got no headers in time', async () => {
    const timeouts = { hostedHeadersMs: 2_500, localHeadersMs: 60_000 };
    await start([scene.hangsAfter(), scene.saysAsOpenai('hello')], { kind: 'openai', timeouts });
    const { text, events } = await ask();
    expect(text).toBe('hello');
    expect(events[0]).toMatchObject({ type: 'retrying', reason: 'timeout' });
    expect(rig.records()).toMatchObject([
      { attempts: [{ status: null, reason: 'timeout' }, { status: 200 }] },
    ]);
  });

  it('a local call that stayed silent after its headers', async () => {
    await start([scene.hangsAfter(' '), HELLO], { timeouts: { idleMs: 2_500 } });
    expect((await ask()).text).toBe('hello');
    expect(rig.records()).toMatchObject([
      { attempts: [{ status: 200, reason: 'timeout' }, { status: 200 }] },
    ]);
  });
});

describe('is not tried again', () => {
  it.each<readonly [string, Scene, string]>([
    ...[400, 413, 422, 501].map(
      (code) => [`status ${code}`, scene.refuses(code), 'invalid_request'] as const,
    ),
    ...[401, 403].map((code) => [`status ${code}`, scene.refuses(code), 'auth'] as const),
    ['status 402', scene.refuses(402), 'usage_limit'],
    [
      'a used-up quota',
      scene.refuses(429, {}, '{"error":{"code":"insufficient_quota","message":"x"}}'),
      'usage_limit',
    ],
    ['a missing model', scene.refuses(404, {}, '{"error":"model \'m\' not found"}'), 'model_missing'],
    [
      'a conversation that is too long',
      scene.refuses(400, {}, '{"error":{"type":"exceed_context_size_error","message":"x"}}'),
      'context_length_exceeded',
    ],
    [
      'too little memory',
      scene.refuses(
        500,
        {},
        '{"error":"model requires more system memory (9 GiB) than is available (8 GiB)"}',
      ),
      'out_of_memory',
    ],
    ['an answer that is none', scene.sends('[]\n'), 'malformed_response'],
    ['a cut after the first text', scene.breaksAfter(scene.text('one')), 'truncated'],
    ['a cut after the first thought', scene.breaksAfter(scene.thinking('hm')), 'truncated'],
    ['a cut after the first tool call', scene.breaksAfter(scene.toolCall('f')), 'truncated'],
    [
      'an error after the first text',
      scene.sends(scene.text('one'), scene.errorLine('x')),
      'provider_unavailable',
    ],
  ])('%s', async (_what, first, code) => {
    await start([first, HELLO]);
    const { finish, events } = await ask();
    expect(finish).toMatchObject({ finishReason: 'error', failure: { code }, retryKind: 'none' });
    expect(events.some(({ type }) => type === 'retrying')).toBe(false);
    expect(server.exchanges).toHaveLength(1);
    expect(rig.records()).toMatchObject([{ retryKind: 'none', attempts: [{ reason: code }] }]);
  });

  it('an answer that stayed silent in the middle', async () => {
    await start([scene.hangsAfter(scene.text('one')), HELLO], { timeouts: { idleMs: 2_500 } });
    const { text, finish } = await ask();
    expect([text, finish.failure?.code]).toEqual(['one', 'timeout']);
    expect(server.exchanges).toHaveLength(1);
  });
});

describe('attempts', () => {
  it('run out, and say so', async () => {
    await start([scene.refuses(503)]);
    const { finish, events } = await ask();
    expect(finish).toMatchObject({ failure: { code: 'overloaded' }, retryKind: 'active' });
    expect(finish).not.toHaveProperty('retryAfterMs');
    expect(events.map(({ type }) => type)).toEqual(['retrying', 'retrying', 'finish']);
    const [record] = rig.records();
    expect(record?.attempts.map(({ n, delayMs }) => [n, delayMs])).toEqual([
      [1, null],
      [2, 500],
      [3, 1_000],
    ]);
    expect(record).toMatchObject({ retryKind: 'active', durationMs: 1_500 });
  });

  it('are as many as the call says, whatever the setting says', async () => {
    await start([scene.refuses(503)]);
    expect((await ask(false)).finish.retryKind).toBe('none');
    expect(server.exchanges).toHaveLength(1);
    expect((await ask({ maxAttempts: 2 })).finish.retryKind).toBe('active');
    expect(server.exchanges).toHaveLength(3);
  });

  it('are one where the setting says so', async () => {
    await start([scene.refuses(503)], { retry: () => false });
    expect((await ask()).finish.retryKind).toBe('none');
    expect(server.exchanges).toHaveLength(1);
  });

  it('end with the first failure that deserves no other', async () => {
    await start([scene.refuses(503), scene.refuses(401)]);
    expect((await ask()).finish).toMatchObject({ failure: { code: 'auth' }, retryKind: 'none' });
  });

  it('are all counted in the tokens of the record', async () => {
    await start([scene.sends(scene.end(7)), HELLO]);
    const { finish } = await ask();
    expect(finish.usage).toEqual({ inputTokens: 10, outputTokens: 2 });
    expect(rig.records()).toMatchObject([
      {
        usage: { inputTokens: 20, outputTokens: 9 },
        outcome: { completionTokens: 2 },
        attempts: [{ usage: { outputTokens: 7 } }, { usage: { outputTokens: 2 } }],
      },
    ]);
  });
});

describe('the wait', () => {
  it.each<readonly [string, RetryChoice, number, string]>([
    ['is what the provider says', true, 2_000, 'provider'],
    ['is our own where the provider does not count', { respectRetryAfter: false }, 500, 'policy'],
  ])('%s', async (_what, retry, delayMs, delayOrigin) => {
    await start([scene.refuses(429, { 'retry-after': '2' }), HELLO]);
    await ask(retry);
    expect(rig.records()).toMatchObject([
      { durationMs: delayMs, attempts: [{ delayMs: null }, { delayMs, delayOrigin }] },
    ]);
  });

  it.each<readonly [string, RetryChoice, string, number | undefined]>([
    ['is not slept through', true, 'none', undefined],
    ['is left for later where that is wanted', { longRetry: 'defer' }, 'deferred', 60_000],
    [
      'is not left for later beyond the limit',
      { longRetry: 'defer', maxDeferredDelayMs: 59_999 },
      'none',
      undefined,
    ],
  ])('%s when it is long', async (_what, retry, retryKind, retryAfterMs) => {
    await start([scene.refuses(429, { 'retry-after': '60' })]);
    const { finish } = await ask(retry);
    expect([finish.retryKind, finish.retryAfterMs]).toEqual([retryKind, retryAfterMs]);
    const [record] = rig.records();
    expect([record?.retryKind, record?.retryAfterMs]).toEqual([retryKind, retryAfterMs]);
    expect(record).toMatchObject({ outcome: { kind: 'usage_limit' }, durationMs: 0 });
    expect(server.exchanges).toHaveLength(1);
  });
});

it.each([
  ['a refusal', 429],
  ['an answer', 200],
])('the rate limit that %s tells of is in its record', async (_what, status) => {
  const headers = {
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': status === 429 ? '0' : '59',
    'x-ratelimit-reset-requests': '6m0s',
  };
  await start([
    async (exchange) => {
      for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
      await (status === 429 ? scene.refuses(429)(exchange) : HELLO(exchange));
    },
  ]);
  const { finish } = await ask(false);
  const rateLimit = {
    scope: 'requests',
    limit: 60,
    remaining: status === 429 ? 0 : 59,
    resetAt: '2026-11-21T00:06:00.000Z',
  };
  expect(finish.rateLimit).toEqual(rateLimit);
  expect(rig.records()).toMatchObject([{ rateLimit }]);
});

it('a policy that is none is refused before anything is sent, with one record', async () => {
  await start([HELLO]);
  // Checked where it is written, not where it is sent: a session of plain JavaScript may pass anything.
  const invalid = { minDelayMs: 9_000, maxDelayMs: 10 };
  expect(retryChoiceSchema.safeParse(invalid).success).toBe(false);
  const { finish } = await ask(invalid);
  expect(finish).toMatchObject({
    finishReason: 'error',
    failure: { code: 'invalid_request' },
    retryKind: 'none',
  });
  expect(finish.failure?.message).toContain('minDelayMs is more than maxDelayMs');
  expect(server.connections).toBe(0);
  expect(rig.records()).toMatchObject([
    { attempts: [], error: { code: 'invalid_request' }, model: 'qwen3:8b' },
  ]);
});
