import { afterEach, expect, it } from 'vitest';
import type { RunningCall } from '../../../src/dispatch/runningCalls';
import { RunningCalls } from '../../../src/dispatch/runningCalls';
import { FakeClock } from '../../fakes/fakeClock';
import type { Loopback } from './support/loopback';
import type { Rig } from './support/rig';
import { chatRequest, hearOn, REF, startRig } from './support/rig';
import * as scene from './support/scenes';

const OTHER = { backend: 'other', provider: 'openai', modelId: 'gpt' };

let servers: Loopback[] = [];
let rig: Rig | undefined;

afterEach(async () => {
  await rig?.close();
  for (const server of servers) await server.close();
  servers = [];
});

it('a running call is seen waiting, retrying, elsewhere, answering and gone', async () => {
  const clock = new FakeClock();
  const primary = await scene.startScenes(scene.refuses(503));
  const other = await scene.startScenes(scene.sends(scene.thinking('hm'), scene.text('hello'), scene.end()));
  servers = [primary, other];
  rig = await startRig({
    url: primary.url,
    kind: 'ollama',
    others: [{ ref: OTHER, url: other.url, kind: 'ollama' }],
    change: {
      clock,
      retry: () => ({ maxAttempts: 2 }),
      escalation: () => ({ backend: 'other', provider: 'openai', model: 'gpt', retry: false }),
    },
  });
  const { dispatcher } = rig;
  const seen: (readonly RunningCall[])[] = [];
  dispatcher.onDidChangeRunning((calls) => seen.push(calls));
  await hearOn(clock, dispatcher.dispatch(chatRequest()));
  const call = { sessionId: 'test', startedAt: '2026-11-21T00:00:00.000Z', characters: 0 };
  expect(seen).toMatchObject([
    [{ ...call, ref: REF, phase: 'waiting', attempt: 1 }],
    [{ ...call, ref: REF, phase: 'retrying', attempt: 1 }],
    [{ ...call, ref: REF, phase: 'waiting', attempt: 2 }],
    [{ ...call, ref: OTHER, phase: 'waiting', attempt: 3 }],
    [{ ...call, ref: OTHER, phase: 'answering', attempt: 3, characters: 2 }],
    [],
  ]);
  expect(seen[0]?.[0]?.callId).toBe(rig.records()[0]?.callId);
  expect(dispatcher.running()).toEqual([]);
});

it('what a view does wrong harms no call', async () => {
  const server = await scene.startScenes(scene.says('hello'));
  servers = [server];
  rig = await startRig({ url: server.url, kind: 'ollama' });
  rig.dispatcher.onDidChangeRunning(() => {
    throw new Error('bug of a view');
  });
  const clock = new FakeClock();
  expect((await hearOn(clock, rig.dispatcher.dispatch(chatRequest()))).text).toBe('hello');
  expect(rig.lines.join()).toContain('dispatch.listener.failed');
});

it('growth is told ten times a second at most, everything else at once', async () => {
  const clock = new FakeClock();
  const running = new RunningCalls(clock, () => undefined);
  const seen: (number | undefined)[] = [];
  running.onDidChange((calls) => seen.push(calls[0]?.characters));
  const call: RunningCall = {
    ...{ callId: 'c', sessionId: 'test', ref: REF, startedAt: '2026-11-21T00:00:00Z' },
    ...{ phase: 'waiting', attempt: 1, characters: 0 },
  };
  running.set(call);
  for (let characters = 1; characters <= 10; characters++) {
    running.set({ ...call, phase: 'answering', characters });
    await clock.advance(30);
  }
  // The first piece at once, then each first one that comes 100 ms after the last that was told.
  expect(seen).toEqual([0, 1, 5, 9]);
  expect(running.list()).toMatchObject([{ characters: 10 }]);
  running.delete('c');
  running.delete('c');
  expect(seen).toEqual([0, 1, 5, 9, undefined]);
});
