import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DispatcherOptions } from '../../../src/dispatch/dispatcher';
import type { ModelRef } from '../../../src/shared/modelRef';
import { FakeClock } from '../../fakes/fakeClock';
import type { Loopback } from './support/loopback';
import type { Heard, Rig } from './support/rig';
import { chatRequest, hearOn, REF, startRig } from './support/rig';
import type { Scene } from './support/scenes';
import * as scene from './support/scenes';

const OTHER: ModelRef = { backend: 'other', provider: 'openai', modelId: 'gpt' };

let clock: FakeClock;
let first: Loopback;
let second: Loopback;
let rig: Rig;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(async () => {
  await rig.close();
  await first.close();
  await second.close();
});

async function start(
  primary: Scene,
  other: Scene = scene.says('hello'),
  change: Partial<DispatcherOptions> = {},
): Promise<void> {
  first = await scene.startScenes(primary);
  second = await scene.startScenes(other);
  rig = await startRig({
    url: first.url,
    kind: 'ollama',
    others: [{ ref: OTHER, url: second.url, kind: 'ollama' }],
    change: { clock, escalation: () => ({ backend: 'other', provider: 'openai', model: 'gpt' }), ...change },
  });
}

function ask(): Promise<Heard> {
  return hearOn(clock, rig.dispatcher.dispatch(chatRequest()));
}

describe('a call goes to the escalation', () => {
  it.each<readonly [string, Scene, string, string]>([
    ['a provider error', scene.refuses(503), 'provider_error', 'overloaded'],
    ['a usage limit', scene.refuses(402), 'usage_limit', 'usage_limit'],
    ['a rate limit', scene.refuses(429), 'usage_limit', 'rate_limited'],
    ['an empty answer', scene.sends(scene.end(3)), 'empty', 'empty_completion'],
    ['a cut in white space', scene.breaksAfter(scene.text(' ')), 'provider_error', 'truncated'],
  ])('after %s, and says so everywhere', async (_what, primary, reason, firstReason) => {
    await start(primary);
    const { text, events, finish } = await ask();
    expect(text).toBe('hello');
    expect(events.map(({ type }) => type)).toEqual(['escalated', 'text', 'finish']);
    expect(events[0]).toMatchObject({ from: REF, to: OTHER, reason });
    expect(events[0]).toHaveProperty('message', expect.stringContaining('gpt of other is asked instead'));
    expect(finish).toMatchObject({ finishReason: 'stop', escalatedFrom: REF, retryKind: 'none' });
    expect(rig.records()).toMatchObject([
      {
        recordId: finish.recordId,
        backend: 'other',
        provider: 'openai',
        model: 'gpt',
        host: second.url,
        escalation: { backend: 'served', provider: 'qwen', model: 'qwen3:8b', reason },
        outcome: { kind: 'served' },
        error: null,
        provenance: { model: 'escalation_override', thinking: expect.any(String) as string },
        attempts: [
          { n: 1, route: 'primary', reason: firstReason },
          { n: 2, route: 'escalation', reason: null, status: 200, delayMs: null },
        ],
      },
    ]);
    expect(rig.dispatcher.inUse.refs()).toEqual([]);
  });

  it('only after its own attempts, and has as many there', async () => {
    await start(scene.refuses(503), scene.refuses(502), { retry: () => ({ maxAttempts: 2 }) });
    const { finish, events } = await ask();
    expect(events.map(({ type }) => type)).toEqual(['retrying', 'escalated', 'retrying', 'finish']);
    expect(finish).toMatchObject({
      failure: { code: 'provider_unavailable', status: 502 },
      retryKind: 'active',
      escalatedFrom: REF,
    });
    const [record, ...others] = rig.records();
    expect(others).toEqual([]);
    expect(record?.attempts.map(({ n, route, status }) => [n, route, status])).toEqual([
      [1, 'primary', 503],
      [2, 'primary', 503],
      [3, 'escalation', 502],
      [4, 'escalation', 502],
    ]);
  });

  it('with the policy that the escalation itself has', async () => {
    await start(scene.refuses(503), scene.refuses(502), {
      escalation: () => ({ backend: 'other', provider: 'openai', model: 'gpt', retry: { maxAttempts: 4 } }),
    });
    await ask();
    expect([first.exchanges.length, second.exchanges.length]).toEqual([1, 4]);
  });

  it('at once while its own model is left alone', async () => {
    await start(scene.refuses(503));
    for (let call = 0; call < 3; call++) await ask();
    const { text, events } = await ask();
    expect([text, first.exchanges.length]).toEqual(['hello', 3]);
    expect(events[0]).toMatchObject({ type: 'escalated', reason: 'breaker_open' });
    expect(rig.records().at(-1)).toMatchObject({
      escalation: { reason: 'breaker_open' },
      attempts: [{ n: 1, route: 'escalation' }],
    });
  });
});

describe('a call does not go to the escalation', () => {
  it.each<readonly [string, Scene, object]>([
    ['after the first text', scene.breaksAfter(scene.text('one')), { class: 'truncated' }],
    ['after the first thought', scene.breaksAfter(scene.thinking('hm')), { class: 'truncated' }],
    ['when it is served', scene.says('hi'), { kind: 'served' }],
    ['when it is empty because of the limit', scene.sends(scene.end(3, 'length')), { kind: 'served' }],
    [
      'when it is refused',
      scene.refuses(400, {}, '{"error":{"type":"content_policy_violation","message":"x"}}'),
      { kind: 'refused' },
    ],
  ])('%s', async (_what, primary, outcome) => {
    await start(primary);
    const { events } = await ask();
    expect(events.some(({ type }) => type === 'escalated')).toBe(false);
    expect(second.connections).toBe(0);
    const [record, ...others] = rig.records();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ backend: 'served', outcome });
    expect(record).not.toHaveProperty('escalation');
  });

  it('when none is set', async () => {
    await start(scene.refuses(503), scene.says('never'), { escalation: () => null });
    const { finish } = await ask();
    expect(finish.failure?.message).not.toContain('escalation');
    expect(second.connections).toBe(0);
  });

  it('when it was cancelled', async () => {
    await start(scene.hangsAfter());
    const controller = new AbortController();
    const heard = hearOn(clock, rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })));
    await expect.poll(() => first.exchanges.length).toBe(1);
    controller.abort();
    expect((await heard).finish.finishReason).toBe('cancelled');
    expect(second.connections).toBe(0);
  });

  it('that cannot be resolved: the first failure stands, and says why', async () => {
    await start(scene.refuses(503), scene.says('never'), {
      escalation: () => ({ backend: 'nowhere', model: 'm' }),
    });
    const { finish } = await ask();
    expect(finish).toMatchObject({ failure: { code: 'overloaded', status: 503 } });
    expect(finish.failure?.message).toMatch(/The escalation could not take over: .*nowhere/);
    expect(finish.failure?.message.length).toBeLessThanOrEqual(500);
    expect(finish).not.toHaveProperty('escalatedFrom');
    expect(rig.records()).toMatchObject([{ backend: 'served', error: { code: 'overloaded' } }]);
  });

  it('that is left alone itself: the first failure stands, and says why', async () => {
    await start(scene.refuses(401), scene.refuses(503));
    for (let call = 0; call < 3; call++) await ask();
    const { finish } = await ask();
    expect(finish.failure).toMatchObject({ code: 'auth' });
    expect(finish.failure?.message).toMatch(/The escalation could not take over: .*gpt.* left alone/);
    expect(second.exchanges).toHaveLength(3);
  });
});

describe('a model that fails again and again', () => {
  it('is not called for a minute, then once, and again when that goes well', async () => {
    let scenes: Scene = scene.refuses(503);
    await start((exchange) => scenes(exchange), undefined, { escalation: () => null });
    for (let call = 0; call < 3; call++) await ask();
    expect(rig.dispatcher.breaker.stateOf(REF)).toBe('open');
    await clock.advance(18_000);
    const refused = await ask();
    expect(refused.finish.failure).toEqual({
      code: 'provider_unavailable',
      message:
        'qwen3:8b of served failed 3 times in a row and is left alone for a while. It is tried again in 42 s. ' +
        'Wait until then, or use another model.',
    });
    expect(rig.records().at(-1)).toMatchObject({ attempts: [], outcome: { class: 'provider_unavailable' } });
    expect(first.exchanges).toHaveLength(3);
    await clock.advance(42_000);
    scenes = scene.says('back');
    expect((await ask()).text).toBe('back');
    expect(rig.dispatcher.breaker.stateOf(REF)).toBe('closed');
  });

  it('is called again at once when its backend has come back', async () => {
    await start(scene.refuses(503), undefined, { escalation: () => null });
    for (let call = 0; call < 3; call++) await ask();
    rig.dispatcher.resetBreaker('other');
    expect(rig.dispatcher.breaker.stateOf(REF)).toBe('open');
    rig.dispatcher.resetBreaker('served');
    await ask();
    expect(first.exchanges).toHaveLength(4);
  });

  it.each<readonly [string, Scene, string]>([
    ['is one that answers with nothing', scene.sends(scene.end(3)), 'open'],
    ['is not one at its limit', scene.refuses(429), 'closed'],
    ['is not one that does not get a right request', scene.refuses(400), 'closed'],
    ['is not one that does not get its key', scene.refuses(401), 'closed'],
  ])('%s', async (_what, primary, state) => {
    await start(primary, undefined, { escalation: () => null });
    for (let call = 0; call < 3; call++) await ask();
    expect(rig.dispatcher.breaker.stateOf(REF)).toBe(state);
  });

  it('counts calls, not their attempts', async () => {
    await start(scene.refuses(503), undefined, { escalation: () => null, retry: () => true });
    await ask();
    await ask();
    expect(first.exchanges).toHaveLength(6);
    expect(rig.dispatcher.breaker.stateOf(REF)).toBe('closed');
  });
});
