import { Agent } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { ollamaDialect } from '../../../src/dispatch/dialects/ollama';
import { UseCounter } from '../../../src/dispatch/inUse';
import { dispatchRecordSchema } from '../../../src/shared/dispatchRecord';
import { HttpClient } from '../../../src/shared/http';
import { FakeClock } from '../../fakes/fakeClock';
import type { Loopback } from './support/loopback';
import { startLoopback } from './support/loopback';
import type { Rig } from './support/rig';
import { chatRequest, hear, REF, startRig } from './support/rig';
import type { AnswerWriter } from './support/wire';
import * as scene from './support/scenes';
import { WIRES } from './support/wires';

let server: Loopback | undefined;
let rig: Rig | undefined;

afterEach(async () => {
  await rig?.close();
  await server?.close();
});

it('records a call that found no route, without asking the network', async () => {
  server = await startLoopback(() => undefined);
  rig = await startRig({ url: server.url, kind: 'ollama', change: { pick: () => undefined } });
  const { finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
  expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'no_route' } });
  expect(rig.records()).toMatchObject([
    {
      recordId: finish.recordId,
      backend: '',
      model: '',
      attempts: [],
      registry: null,
      outcome: { kind: 'provider_error', class: 'no_route' },
      error: { code: 'no_route' },
      provenance: { model: 'unknown' },
    },
  ]);
  expect(server.connections).toBe(0);
});

it('records of a missing model what was asked for', async () => {
  server = await startLoopback(() => undefined);
  rig = await startRig({ url: server.url, kind: 'ollama' });
  await hear(rig.dispatcher.dispatch(chatRequest({ model: { ...REF, modelId: 'gone' } })));
  expect(rig.records()).toMatchObject([
    {
      backend: 'served',
      provider: 'qwen',
      model: 'gone',
      provenance: { model: 'pipeline_input' },
      error: { code: 'model_missing' },
    },
  ]);
});

it.each(WIRES)(
  'records what the registry knew of the model, and explains the same route before ($name)',
  async (wire) => {
    const answer = wire.answer();
    server = await startLoopback(async ({ response, send }) => {
      response.writeHead(200, { 'content-type': wire.contentType });
      await send(answer.text('hello'));
      response.end(answer.end(wire.words.stop, 1));
    });
    rig = await startRig({
      url: server.url,
      kind: wire.kind,
      capabilities: { digest: 'abc', quant: 'Q4_K_M', allocatedContext: 4_096, thinking: false },
    });
    const parameters = { thinking: { mode: 'enabled' }, contextTokens: 8_192, stop: ['END'] } as const;
    const request = chatRequest({ parameters });
    const explained = rig.dispatcher.explain(request);
    expect(rig.dispatcher.explainRoute(request).primary).toMatchObject({
      ok: true,
      ref: REF,
      breaker: 'closed',
    });
    expect(server.connections).toBe(0);
    await hear(rig.dispatcher.dispatch(request));
    const [record] = rig.records();
    expect(record).toMatchObject({
      digest: 'abc',
      quant: 'Q4_K_M',
      contextAllocated: 4_096,
      contextRequested: wire.dialect.wireFormat === 'ollama' ? 8_192 : null,
      thinking: { mode: 'default', enabled: false },
      thinkingNote: 'Thinking was asked for, but qwen3:8b does not support it.',
      stop: ['END'],
      provenance: explained.ok ? explained.route.provenance : {},
    });
  },
);

it('calls a bug of ours neither a network failure nor by the words of the conversation', async () => {
  server = await startLoopback(() => undefined);
  rig = await startRig({ url: server.url, kind: 'ollama' });
  const circular: Record<string, unknown> = { note: 'private words' };
  circular['self'] = circular;
  const request = chatRequest({
    messages: [
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'look_up', arguments: circular }] },
    ],
  });
  const { finish } = await hear(rig.dispatcher.dispatch(request));
  expect(finish).toMatchObject({ finishReason: 'error', failure: { code: 'unknown' } });
  expect(rig.lines.some((line) => line.startsWith('dispatch.attempt.broke'))).toBe(true);
  expect(rig.lines.join(' ')).not.toContain('private words');
  expect(rig.records()).toMatchObject([{ outcome: { kind: 'provider_error', class: 'unknown' } }]);
});

it('measures the rate itself where the server does not', async () => {
  const clock = new FakeClock();
  let goOn: () => void = () => undefined;
  const heardFirst = new Promise<void>((resolve) => (goOn = resolve));
  server = await startLoopback(async ({ response, send }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await clock.advance(200);
    await send('data: {"choices":[{"delta":{"content":"one"}}]}\n\n');
    await heardFirst;
    await send('data: {"choices":[{"delta":{"content":" two"},"finish_reason":"stop"}]}\n\n');
    await send('data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":5}}\n\n');
    response.end('data: [DONE]\n\n');
  });
  rig = await startRig({ url: server.url, kind: 'llama_server', change: { clock } });
  const stream = rig.dispatcher.dispatch(chatRequest());
  await stream.next();
  await clock.advance(100);
  goOn();
  const { finish } = await hear(stream);
  // Four tokens came in the 100 ms after the first one.
  expect(finish.timings).toEqual({ decodeMs: 100, decodeTokPerSec: 40, measuredBy: 'client' });
  expect(rig.records()).toMatchObject([
    {
      ttftMs: 200,
      durationMs: 300,
      startedAt: '2026-11-21T00:00:00.000Z',
      firstTokenAt: '2026-11-21T00:00:00.200Z',
      endedAt: '2026-11-21T00:00:00.300Z',
    },
  ]);
});

it('leaves one record for each of many calls at a time, and no model in use after them', async () => {
  server = await scene.startScenes(scene.says('hello'));
  rig = await startRig({ url: server.url, kind: 'ollama' });
  const { dispatcher } = rig;
  const inUse: number[] = [];
  dispatcher.inUse.onDidChange((refs) => inUse.push(refs.length));
  const fired: string[] = [];
  dispatcher.onDidRecord(({ recordId }) => fired.push(recordId));
  const calls = Array.from({ length: 40 }, async (_, n) => {
    const controller = new AbortController();
    const stream = dispatcher.dispatch(chatRequest({ signal: controller.signal }));
    if (n % 4 === 1) setImmediate(() => controller.abort());
    if (n % 4 === 2) for await (const event of stream) if (event.type === 'text') return;
    if (n % 4 !== 2) await hear(stream);
  });
  await Promise.all(calls);
  const ids = rig.records().map(({ recordId }) => recordId);
  expect(new Set(ids).size).toBe(40);
  expect(fired).toEqual(ids);
  expect([inUse[0], inUse.at(-1)]).toEqual([1, 0]);
  expect(dispatcher.inUse.refs()).toEqual([]);
});

it('leaves nothing of what was asked or answered in any record, log line or message', async () => {
  const secrets = [
    'PROMPT-CANARY-1',
    'SYSTEM-CANARY-2',
    'TOOL-CANARY-3',
    'ARGUMENT-CANARY-4',
    'ANSWER-CANARY-5',
    'THOUGHT-CANARY-6',
  ];
  const [prompt = '', system = '', toolText = '', argument = '', answer = '', thought = ''] = secrets.map(
    (canary) => `${canary} and some more words around it`,
  );
  const request = chatRequest({
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: '1', name: 'f', arguments: { secret: argument } }],
      },
      { role: 'tool', content: toolText, toolCallId: '1', toolName: 'f' },
    ],
    tools: [{ name: 'f', description: toolText, parameters: { description: toolText } }],
  });
  const written: string[] = [];
  for (const wire of WIRES) {
    const endings: readonly ((writer: AnswerWriter) => string)[] = [
      (writer) => writer.end(wire.words.stop, 3),
      (writer) => writer.end('tired', 3),
      (writer) => writer.error(`cannot parse: ${answer}`),
      (writer) => writer.error(`cannot parse: ${prompt}`),
      () => `garbage ${answer}\n`,
      () => '',
    ];
    const statuses = [400, 401, 404, 429, 500, 503];
    for (let scene = 0; scene < endings.length + statuses.length; scene++) {
      server = await startLoopback(async ({ response, send }) => {
        const ending = endings[scene];
        const status = statuses[scene - endings.length] ?? 200;
        response.writeHead(status, { 'content-type': wire.contentType });
        if (!ending) {
          response.end(wire.errorBody(status, `cannot read "${prompt}" or ${toolText}`));
          return;
        }
        const writer = wire.answer();
        await send(writer.thinking(thought));
        await send(writer.text(answer));
        for (const packet of writer.toolCall('1', 'f', { secret: argument })) await send(packet);
        response.end(ending(writer));
      });
      rig = await startRig({
        url: server.url,
        kind: wire.kind,
        headers: { authorization: 'Bearer KEY-CANARY-7' },
      });
      const { finish } = await hear(rig.dispatcher.dispatch(request));
      written.push(JSON.stringify(rig.records()), ...rig.lines, JSON.stringify(finish));
      expect(rig.records()).toHaveLength(1);
      expect(rig.lines).toHaveLength(1);
      await rig.close();
      await server.close();
    }
  }
  for (const canary of [...secrets, 'KEY-CANARY-7']) {
    expect(written.filter((text) => text.includes(canary))).toEqual([]);
  }
});

it('survives a listener that throws, a transcript that cannot be written, and a record that cannot be built', async () => {
  server = await scene.startScenes(scene.says('hello'));
  const broken = (what: string) => (): never => {
    throw new Error(what);
  };
  const noTime = { now: () => 0, monotonicMs: () => Number.NaN, after: () => () => undefined };
  for (const change of [{}, { transcript: { append: broken('disk full') } }, { clock: noTime }]) {
    rig = await startRig({ url: server.url, kind: 'ollama', change });
    rig.dispatcher.onDidRecord(broken('bug of a view'));
    const { text, finish } = await hear(rig.dispatcher.dispatch(chatRequest()));
    expect([text, finish.finishReason]).toEqual(['hello', 'stop']);
    expect(rig.lines.join()).toMatch(/dispatch\.(?:listener|record)\.failed/);
    await rig.close();
  }
});

it('leaves a record without an estimate where none can be made', async () => {
  server = await scene.startScenes(scene.says('hello'));
  for (const fitOf of [() => undefined, (): never => JSON.parse('no json') as never]) {
    rig = await startRig({ url: server.url, kind: 'ollama', change: { fitOf } });
    await hear(rig.dispatcher.dispatch(chatRequest()));
    expect(rig.records()).toMatchObject([{ outcome: { kind: 'served' } }]);
    expect(rig.records()[0]).not.toHaveProperty('fit');
    await rig.close();
  }
});

it('sends the same bytes whether or not anybody watches', async () => {
  server = await scene.startScenes(scene.refuses(503), scene.says('hello'));
  const watched = { retry: () => ({ minDelayMs: 0 }), fitOf: () => ({ kind: 'full_gpu', contextTokens: 1 }) };
  const broken = {
    transcript: {
      append: (): never => {
        throw new Error('disk full');
      },
    },
  };
  const request = chatRequest({ parameters: { temperature: 0.5, stop: ['END'] } });
  for (const change of [watched, broken]) {
    rig = await startRig({ url: server.url, kind: 'ollama', change });
    if (change === watched) {
      rig.dispatcher.onDidRecord(() => undefined);
      rig.dispatcher.onDidChangeRunning(() => undefined);
    }
    await hear(rig.dispatcher.dispatch(request));
    await rig.close();
  }
  const agent = new Agent();
  const resolution = rig?.dispatcher.explain(request);
  if (!resolution?.ok) throw new Error('no route');
  const wire = ollamaDialect.encode(resolution.route, request);
  const raw = await new HttpClient(agent).text(`${server.url}${wire.path}`, { method: 'POST', ...wire });
  expect(raw.ok).toBe(true);
  await agent.destroy();
  const sent = server.exchanges.map(({ method, path, headers, body }) => ({ method, path, headers, body }));
  expect(sent).toHaveLength(4);
  for (const each of sent) expect(each).toEqual(sent[0]);
});

it('writes records that the schema reads back from JSON', async () => {
  server = await scene.startScenes(scene.says('hello'));
  rig = await startRig({ url: server.url, kind: 'ollama' });
  await hear(rig.dispatcher.dispatch(chatRequest()));
  const [record] = rig.records();
  expect(dispatchRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
});

it('counts a model in and out, however often the call says that it is over', () => {
  const counter = new UseCounter();
  const changes: number[] = [];
  counter.onDidChange((refs) => changes.push(refs.length));
  const [first, second] = [counter.enter(REF), counter.enter({ ...REF })];
  first();
  first();
  expect(counter.has(REF)).toBe(true);
  second();
  expect(counter.has(REF)).toBe(false);
  expect(changes).toEqual([1, 0]);
});
