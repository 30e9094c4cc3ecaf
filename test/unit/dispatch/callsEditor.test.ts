import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import type { WireErrorCode } from '../../../src/dispatch/dialect';
import type { DispatcherOptions } from '../../../src/dispatch/dispatcher';
import type { EditorChat, EditorChatPart } from '../../../src/dispatch/editorChat';
import { FakeClock } from '../../fakes/fakeClock';
import type { Rig } from './support/rig';
import { chatRequest, hear, hearOn, startRig } from './support/rig';

type Asked = Pick<ChatRequest, 'messages' | 'tools' | 'parameters'>;
type Play = (signal: AbortSignal) => AsyncIterable<EditorChatPart>;

/** An editor whose model plays the first part at the first call, and so on. */
class FakeEditor implements EditorChat {
  readonly asked: { readonly modelId: string; readonly request: Asked; readonly signal: AbortSignal }[] = [];

  constructor(private readonly plays: readonly Play[]) {}

  send(modelId: string, request: Asked, signal: AbortSignal): AsyncIterable<EditorChatPart> {
    const play = this.plays[Math.min(this.asked.length, this.plays.length - 1)];
    this.asked.push({ modelId, request, signal });
    if (!play) throw new Error('no play');
    return play(signal);
  }
}

const answers = (...parts: readonly EditorChatPart[]): Play =>
  async function* () {
    for (const part of parts) yield await Promise.resolve(part);
  };
const fails = (code: WireErrorCode, ...parts: readonly EditorChatPart[]): Play =>
  async function* () {
    yield* answers(...parts)(new AbortController().signal);
    yield { type: 'failed', code, message: 'the words of the editor' };
  };
/** Never says anything more, whatever it is told. */
const isDeaf = (...parts: readonly EditorChatPart[]): Play =>
  async function* () {
    yield* answers(...parts)(new AbortController().signal);
    await new Promise(() => undefined);
  };
const TEXT: EditorChatPart = { type: 'text', text: 'hello' };

let clock: FakeClock;
let rig: Rig;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(() => rig.close());

async function start(plays: readonly Play[], change: Partial<DispatcherOptions> = {}): Promise<FakeEditor> {
  const editorChat = new FakeEditor(plays);
  rig = await startRig({
    url: '',
    kind: 'vscode',
    change: { clock, random: () => 1, retry: () => true, editorChat, ...change },
  });
  return editorChat;
}

it('a model of the editor is asked through the editor, and leaves a record', async () => {
  const usage = { inputTokens: 7, outputTokens: 3 };
  const call = { id: 'c', name: 'look_up', arguments: { word: 'x' } };
  const editor = await start([
    answers({ type: 'thinking', text: 'hm' }, TEXT, { type: 'toolCall', call }, { type: 'usage', usage }),
  ]);
  const tools = [{ name: 'look_up', description: 'd', parameters: {} }];
  const request = chatRequest({ tools, parameters: { maxTokens: 5 } });
  const { text, thinking, events, finish } = await hear(rig.dispatcher.dispatch(request));
  expect([text, thinking, finish.finishReason, finish.usage]).toEqual(['hello', 'hm', 'tool_calls', usage]);
  expect(events).toContainEqual({ type: 'toolCall', call });
  const { messages, parameters } = request;
  expect(editor.asked).toMatchObject([{ modelId: 'qwen3:8b', request: { messages, tools, parameters } }]);
  expect(rig.records()).toMatchObject([
    {
      wireFormat: 'vscode',
      outcome: { kind: 'served', completionTokens: 3 },
      attempts: [{ status: null, reason: null, firstChunk: true }],
    },
  ]);
  expect(clock.pending).toBe(0);
});

it('it is tried again where its failure deserves it', async () => {
  const editor = await start([fails('rate_limited'), answers(TEXT)]);
  const { text, finish } = await hearOn(clock, rig.dispatcher.dispatch(chatRequest()));
  expect([text, finish.finishReason]).toEqual(['hello', 'stop']);
  expect(editor.asked).toHaveLength(2);
});

it.each<WireErrorCode>(['content_policy', 'auth', 'model_missing'])(
  'its %s is final, in its own words',
  async (code) => {
    const editor = await start([fails(code)]);
    const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
    expect(finish.failure?.code).toBe(code);
    expect(finish.failure?.message).toContain('It says: the words of the editor.');
    expect(editor.asked).toHaveLength(1);
  },
);

it('its failure after the first text is final', async () => {
  const editor = await start([fails('provider_unavailable', TEXT)]);
  const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
  expect([text, finish.failure?.code]).toEqual(['hello', 'provider_unavailable']);
  expect(editor.asked).toHaveLength(1);
});

it('its bug is a failure without its words', async () => {
  await start([
    () => {
      throw new Error('private words');
    },
  ]);
  const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
  expect(finish.failure?.code).toBe('unknown');
  expect(JSON.stringify([finish, rig.records(), rig.lines])).not.toContain('private words');
});

it.each([
  ['before its first piece', [], false],
  ['in the middle', [TEXT], true],
] as const)(
  'it is left %s when the consumer gives up, though it goes on',
  async (_when, parts, firstChunk) => {
    const editor = await start([isDeaf(...parts)]);
    const controller = new AbortController();
    const stream = rig.dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    for (const part of parts) expect((await stream.next()).value).toEqual(part);
    const next = stream.next();
    await expect.poll(() => editor.asked.length).toBe(1);
    controller.abort();
    expect((await next).value).toMatchObject({ type: 'finish', finishReason: 'cancelled' });
    expect(editor.asked[0]?.signal.aborted).toBe(true);
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'cancelled' }, attempts: [{ firstChunk }] }]);
    expect(rig.dispatcher.inUse.refs()).toEqual([]);
  },
);

it('it is told to stop when it takes too long, and that is a timeout, not a cancellation', async () => {
  const obedient: Play = async function* (signal) {
    await new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new DOMException('Cancelled', 'AbortError'))),
    );
    yield TEXT;
  };
  const editor = await start([obedient, answers(TEXT)]);
  const heard = hear(rig.dispatcher.dispatch(chatRequest()));
  await expect.poll(() => clock.nextDueMs).toBe(10 * 60_000);
  await clock.advance(10 * 60_000);
  expect(editor.asked[0]?.signal.aborted).toBe(true);
  await expect.poll(() => clock.nextDueMs).toBe(500);
  await clock.advance(500);
  expect((await heard).text).toBe('hello');
  expect(rig.records()).toMatchObject([
    { attempts: [{ reason: 'timeout', durationMs: 600_000 }, { reason: null }] },
  ]);
});

it('its silence in the middle is a timeout too', async () => {
  await start([isDeaf(TEXT)]);
  const stream = rig.dispatcher.dispatch(chatRequest());
  expect((await stream.next()).value).toEqual(TEXT);
  const next = stream.next();
  await expect.poll(() => clock.nextDueMs).toBe(5 * 60_000);
  await clock.advance(5 * 60_000);
  expect((await next).value).toMatchObject({
    type: 'finish',
    failure: { code: 'timeout' },
    retryKind: 'none',
  });
});

it('without an editor says so', async () => {
  rig = await startRig({ url: '', kind: 'vscode' });
  const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
  expect(finish.failure).toEqual({
    code: 'invalid_request',
    message:
      'served cannot be reached: this window has no language models of its own. Pick a model of another backend.',
  });
});

it('words of the editor that quote the question are not told', async () => {
  const quoting: Play = async function* () {
    yield { type: 'failed', code: 'content_policy', message: 'No: "hello there" is not allowed here.' };
  };
  await start([quoting]);
  const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
  expect(finish.failure?.code).toBe('content_policy');
  expect(JSON.stringify([finish, rig.records(), rig.lines])).not.toContain('hello there');
});
