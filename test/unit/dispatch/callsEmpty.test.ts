import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../fakes/fakeClock';
import type { Loopback } from './support/loopback';
import type { Heard, Rig } from './support/rig';
import { chatRequest, hear, hearOn, startRig } from './support/rig';
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

async function ask(...scenes: readonly [Scene, ...Scene[]]): Promise<Heard> {
  server = await scene.startScenes(...scenes);
  rig = await startRig({
    url: server.url,
    kind: 'ollama',
    change: { clock, random: () => 1, retry: () => true },
  });
  return hearOn(clock, rig.dispatcher.dispatch(chatRequest()));
}

const EMPTY = scene.sends(scene.end(3));

it('an empty answer is asked for again, and the record says that it was', async () => {
  const { text, events, finish } = await ask(EMPTY, scene.says('hello'));
  expect([text, finish.finishReason, finish.retryKind]).toEqual(['hello', 'stop', 'none']);
  expect(events[0]).toMatchObject({ type: 'retrying', reason: 'empty_completion' });
  const outcome = {
    kind: 'empty_completion_transient_recovered',
    completionTokens: 2,
    contentLen: 5,
    emptyRetries: 1,
  };
  expect(rig.records()).toMatchObject([
    {
      outcome,
      outcomeKind: outcome.kind,
      attempts: [
        { n: 1, status: 200, reason: 'empty_completion', usage: { outputTokens: 3 } },
        { n: 2, reason: null, delayMs: 500, delayOrigin: 'policy' },
      ],
    },
  ]);
});

it('a second empty answer is the last one, whatever attempts are left', async () => {
  const { text, finish } = await ask(EMPTY);
  expect([text, finish.finishReason, finish.retryKind]).toEqual(['', 'stop', 'active']);
  expect(server.exchanges).toHaveLength(2);
  expect(rig.records()).toMatchObject([
    {
      outcome: { kind: 'empty_completion_terminal', completionTokens: 3 },
      usage: { outputTokens: 6 },
      retryKind: 'active',
      error: null,
      attempts: [{ reason: 'empty_completion' }, { reason: 'empty_completion' }],
    },
  ]);
});

it('the empty one counts among the attempts', async () => {
  await ask(scene.refuses(503), scene.refuses(503), EMPTY);
  expect(server.exchanges).toHaveLength(3);
  expect(rig.records()).toMatchObject([
    { outcome: { kind: 'empty_completion_terminal' }, retryKind: 'active' },
  ]);
});

it.each([
  [0, 0],
  [null, null],
])('an empty answer of %s tokens has %s in its outcome', async (tokens, completionTokens) => {
  await ask(scene.sends(scene.end(tokens)));
  expect(rig.records()).toMatchObject([{ outcome: { kind: 'empty_completion_terminal', completionTokens } }]);
});

it('white space alone is empty: nothing of it is shown, and it is asked for again', async () => {
  const blank = scene.sends(scene.text(' \n'), scene.text('\t'), scene.thinking('\n'), scene.end(3));
  const { events } = await ask(blank, scene.says('hello'));
  expect(events.filter(({ type }) => type === 'text')).toEqual([{ type: 'text', text: 'hello' }]);
});

it('white space in front is joined to the first text, and nothing later is held back', async () => {
  const { events } = await ask(
    scene.sends(
      scene.text('\n'),
      scene.text('  '),
      scene.text('one'),
      scene.text(' '),
      scene.text('two'),
      scene.end(),
    ),
  );
  expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : []))).toEqual([
    '\n  one',
    ' ',
    'two',
  ]);
  expect(rig.records()).toMatchObject([{ outcome: { kind: 'served', contentLen: 10 } }]);
});

it('white space in front of a thought or a tool call comes before it', async () => {
  const { events } = await ask(
    scene.sends(scene.text('\n'), scene.thinking('hm'), scene.toolCall('f'), scene.end()),
  );
  expect(events.map(({ type }) => type)).toEqual(['text', 'thinking', 'toolCall', 'finish']);
});

it('the first real piece is handed on at once, while the answer goes on', async () => {
  let goOn: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => (goOn = resolve));
  server = await scene.startScenes(async ({ response, send }) => {
    await send(scene.text('\n'));
    await send(scene.text('one'));
    await heard;
    response.end(scene.text(' two') + scene.end());
  });
  rig = await startRig({ url: server.url, kind: 'ollama', change: { retry: () => true } });
  const stream = rig.dispatcher.dispatch(chatRequest());
  expect((await stream.next()).value).toEqual({ type: 'text', text: '\none' });
  goOn();
  expect((await hear(stream)).text).toBe(' two');
});

it.each<readonly [string, Scene, object]>([
  ['because of the limit', scene.sends(scene.end(3, 'length')), { kind: 'served', contentLen: 0 }],
  ['but for a thought', scene.sends(scene.thinking('hm'), scene.end(3)), { kind: 'served' }],
  ['but for a tool call', scene.sends(scene.toolCall('f'), scene.end(3)), { kind: 'served' }],
])('an answer that is empty %s is not asked for again', async (_what, only, outcome) => {
  await ask(only, scene.says('never'));
  expect(server.exchanges).toHaveLength(1);
  expect(rig.records()).toMatchObject([{ outcome }]);
});

it('an answer that a filter emptied is refused, not asked for again', async () => {
  server = await scene.startScenes(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const choice = { index: 0, delta: {}, finish_reason: 'content_filter' };
    response.end(`data: ${JSON.stringify({ choices: [choice] })}\n\ndata: [DONE]\n\n`);
  });
  rig = await startRig({ url: server.url, kind: 'llama_server', change: { clock, retry: () => true } });
  const { finish } = await hearOn(clock, rig.dispatcher.dispatch(chatRequest()));
  expect(finish.finishReason).toBe('content_filter');
  expect(server.exchanges).toHaveLength(1);
  expect(rig.records()).toMatchObject([{ outcome: { kind: 'refused' } }]);
});
