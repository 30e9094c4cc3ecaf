import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  ask,
  cancelledPull,
  chat,
  drain,
  openStream,
  postWithoutReading,
  pull,
  send,
  settled,
} from '../fakes/ollama/client';
import { declaredBytes, describeModel } from '../fakes/ollama/package';
import type { Captured } from '../fakes/ollama/replay/capture';
import { loadCaptures } from '../fakes/ollama/replay/capture';
import { differences } from '../fakes/ollama/replay/compare';
import type { Observed } from '../fakes/ollama/replay/play';
import { LEAVES_AFTER_LINES, PREPARATIONS, Stage, TOGETHER } from '../fakes/ollama/replay/stage';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';

const LARGE_FILE = 'the capture holds the length of the file alone';

/** Captured exchanges that are not replayed, and why. */
const NOT_REPLAYED: ReadonlyMap<number, string> = new Map([
  [25, LARGE_FILE],
  [28, LARGE_FILE],
  [161, LARGE_FILE],
  [379, LARGE_FILE],
]);

const COMPARED_EXCHANGES = 379;

const MB = 1_000_000;

/** Its weights take ten steps of one MB; the smaller layers fit between two ticks. */
const BIG = describeModel({ weightsBytes: 10 * MB });

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });
const psSchema = z.object({ models: z.array(z.object({ size: z.number(), size_vram: z.number() })) });

const captures = loadCaptures();
const replayed = captures.filter(({ n }) => !NOT_REPLAYED.has(n));

describe('The fake Ollama answers as the captured real one', () => {
  let stage: Stage;
  const observed = new Map<number, Observed>();

  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  it(`compares ${COMPARED_EXCHANGES} exchanges and names every other one with a reason`, () => {
    expect(replayed).toHaveLength(COMPARED_EXCHANGES);
    expect(captures).toHaveLength(COMPARED_EXCHANGES + NOT_REPLAYED.size);
    const names = new Set(captures.map(({ name }) => name));
    const steps = [PREPARATIONS, TOGETHER, LEAVES_AFTER_LINES].flatMap(Object.keys);
    expect(steps.filter((name) => !names.has(name))).toEqual([]);
  });

  for (const captured of replayed) {
    it(`${captured.n} ${captured.name}`, async () => {
      if (!observed.has(captured.n)) await perform(captured);
      const answer = observed.get(captured.n);
      if (answer === undefined) throw new Error('it was not played');
      expect(differences(captured, answer).join('\n')).toBe('');
    });
  }

  async function perform(captured: Captured): Promise<void> {
    await PREPARATIONS[captured.name]?.(stage);
    const group = TOGETHER[captured.name];
    if (group !== undefined) {
      const others = group.others.flatMap((name) => replayed.filter((other) => other.name === name));
      const answers = await group.run(stage, [captured, ...others]);
      for (const [exchange, answer] of answers) observed.set(exchange.n, answer);
      return;
    }
    const play = stage.start(captured);
    const leaveAfter = LEAVES_AFTER_LINES[captured.name];
    if (leaveAfter !== undefined) {
      await play.lines(leaveAfter);
      play.leave();
    }
    observed.set(captured.n, await play.done);
  }
});

describe('The fake Ollama beyond the captures', () => {
  const servers: FakeOllama[] = [];

  async function serve(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
    const server = await startFakeOllama({ progressIntervalMs: 2, ...options });
    servers.push(server);
    return server;
  }

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function tags(server: FakeOllama): Promise<string[]> {
    const { models } = tagsSchema.parse(JSON.parse((await send(server, 'GET', '/api/tags')).text));
    return models.map((model) => model.name);
  }

  it('downloads in even steps, one line a tick and none at the end of a layer', async () => {
    const server = await serve({ registry: { big: BIG }, bytesPerSecond: (MB * 1_000) / 2 });
    const lines = await pull(server, 'big');
    const completed = lines.flatMap((line) => (line.completed === undefined ? [] : [line.completed / MB]));
    expect(completed).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(lines.map((line) => line.status).filter((status) => !status?.startsWith('pulling '))).toEqual([
      'verifying sha256 digest',
      'writing manifest',
      'success',
    ]);
    expect(server.store.names()).toEqual(['big:latest']);
    expect(server.store.usedBytes()).toBe(declaredBytes(BIG));
  });

  it('keeps the parts of a pull that was cancelled, and a delete does not touch them', async () => {
    // However late the cancelling comes, there is no more to keep than this.
    const faults = { stallAfterBytes: 4 * MB };
    const server = await serve({ registry: { big: BIG }, bytesPerSecond: (MB * 1_000) / 2, faults });
    const kept = await cancelledPull(server, 'big', 4);
    expect(kept).toBeGreaterThanOrEqual(3 * MB);
    server.faults.stallAfterBytes = null;
    expect(await send(server, 'DELETE', '/api/delete', { model: 'big' })).toMatchObject({ status: 404 });
    const lines = await pull(server, 'big');
    expect(lines.find((line) => line.completed !== undefined)?.completed).toBe(kept + MB);
    expect(server.store.partials.size).toBe(0);
  });

  it('loses the parts when it is killed, keeps them when it is terminated', async () => {
    for (const [how, left] of [
      ['kill', 0],
      ['stop', 3 * MB],
    ] as const) {
      const faults = { stallAfterBytes: 4 * MB };
      const server = await serve({ registry: { big: BIG }, bytesPerSecond: (MB * 1_000) / 2, faults });
      const reader = (await openStream(server, '/api/pull', { model: 'big' })).lines();
      for (let line = 0; line < 4; line += 1) await reader.next();
      await server[how]();
      await expect(drain(reader)).rejects.toThrow();
      await server.restart();
      const [partial] = server.store.partials.values();
      expect(partial?.completedBytes).toBeGreaterThanOrEqual(left);
      if (how === 'kill') expect(partial?.completedBytes).toBe(0);
      server.faults.stallAfterBytes = null;
      expect((await pull(server, 'big')).at(-1)).toEqual({ status: 'success' });
    }
  });

  it('prunes partials at a start an hour later, not before', async () => {
    let now = Date.now();
    const faults = { stallAfterBytes: 4 * MB };
    const server = await serve({ registry: { big: BIG }, nowMs: () => now, faults });
    await cancelledPull(server, 'big', 3);
    await server.restart();
    expect(server.store.partials.size).toBe(1);
    now += 3_600_001;
    await server.restart();
    expect(server.store.partials.size).toBe(0);
  });

  it('leaves the disk full after a download that did not fit', async () => {
    const server = await serve({ registry: { big: BIG }, faults: { diskBytes: 4 * MB } });
    const error = 'no space left on device';
    expect((await pull(server, 'big')).at(-1)?.error).toContain(error);
    expect(server.store.usedBytes()).toBe(4 * MB);
    server.registry.offer('small', describeModel({ weightsBytes: MB, family: 'gemma' }));
    expect((await pull(server, 'small')).at(-1)?.error).toContain(error);
    server.faults.diskBytes = null;
    expect((await pull(server, 'big')).at(-1)).toEqual({ status: 'success' });
  });

  it('counts a shared layer once and keeps it for the model that is left', async () => {
    const server = await serve({
      installed: { 'a:1': BIG, 'a:2': { ...BIG, facts: { ...BIG.facts, system: 'x' } } },
    });
    expect(server.store.usedBytes()).toBe(declaredBytes(BIG));
    await send(server, 'DELETE', '/api/delete', { model: 'a:1' });
    expect(server.store.usedBytes()).toBe(declaredBytes(BIG));
    await send(server, 'DELETE', '/api/delete', { model: 'a:2' });
    expect(server.store.usedBytes()).toBe(0);
  });

  it('uses a counted switch up and then works', async () => {
    const server = await serve({ registry: { big: BIG }, faults: { status429: 1, registryDown: 1 } });
    expect((await pull(server, 'big')).at(-1)?.error).toContain('connection refused');
    expect((await pull(server, 'big')).at(-1)?.error).toContain('429');
    server.faults.digestMismatch = 1;
    expect((await pull(server, 'big')).at(-1)?.error).toContain('digest mismatch');
    expect(server.store.usedBytes()).toBeLessThan(10 * MB);
    server.faults.missing = true;
    expect((await pull(server, 'big')).at(-1)?.error).toContain('file does not exist');
    server.faults.missing = false;
    expect((await pull(server, 'big')).at(-1)).toEqual({ status: 'success' });
  });

  it('repeats one progress line for ever while a download stalls', async () => {
    const server = await serve({ registry: { big: BIG }, faults: { stallAfterBytes: 2 * MB } });
    const stream = await openStream(server, '/api/pull', { model: 'big' });
    const seen = new Set<unknown>();
    let lines = 0;
    for await (const line of stream.lines()) {
      seen.add(line.completed);
      lines += 1;
      if (lines === 20) break;
    }
    expect([...seen]).toEqual([undefined, ...[...seen].slice(1, -1), 2 * MB]);
    stream.close();
  });

  it('lists models of one second in another order at each call', async () => {
    const server = await serve({ installed: { a: BIG, b: BIG, c: BIG }, nowMs: () => 1_800_000_000_000 });
    const orders = [await tags(server), await tags(server)];
    expect(orders[0]).not.toEqual(orders[1]);
    expect(orders[0]?.toSorted()).toEqual(orders[1]?.toSorted());
  });

  it('forgets a loaded model when its keep-alive is over, though it was deleted before', async () => {
    let now = Date.now();
    const server = await serve({ installed: { big: BIG }, nowMs: () => now, gpuShare: 0.5 });
    await send(server, 'POST', '/api/generate', { model: 'big', keep_alive: '10s' });
    await send(server, 'DELETE', '/api/delete', { model: 'big' });
    now += 9_000;
    const loaded = psSchema.parse(JSON.parse((await send(server, 'GET', '/api/ps')).text));
    expect(loaded.models.map((model) => model.size_vram / model.size)).toEqual([expect.closeTo(0.5)]);
    now += 2_000;
    expect((await send(server, 'GET', '/api/ps')).text).toBe('{"models":[]}');
  });

  it('speaks the scripted sentence word by word and counts its tokens', async () => {
    const server = await serve({ installed: { big: BIG } });
    const lines = await chat(server, 'hi');
    expect(lines.map((line) => line.message?.content).join('')).toBe(
      'Hello from one tiny model whose weights hold this answer, word by word.',
    );
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', eval_count: lines.length - 1 });
  });

  it('makes up a call of the first tool that fits its parameters', async () => {
    const server = await serve({
      installed: { big: describeModel({ capabilities: ['completion', 'tools'] }) },
    });
    const parameters = { properties: { city: { type: 'string' }, days: { type: 'integer' } } };
    const [call] = await chat(server, 'hi', { tools: [{ function: { name: 'forecast', parameters } }] });
    expect(call?.message?.tool_calls?.[0]?.function).toEqual({
      index: 0,
      name: 'forecast',
      arguments: { city: 'Paris', days: 1 },
    });
  });

  it('answers a question with "loop" until the client leaves, then the next one', async () => {
    const server = await serve({ installed: { big: BIG } });
    const endless = await openStream(server, '/api/chat', ask('please loop'));
    let lines = 0;
    for await (const line of endless.lines()) {
      expect(line.done).toBe(false);
      lines += 1;
      if (lines === 40) break;
    }
    endless.close();
    expect((await chat(server, 'hi')).at(-1)).toMatchObject({ done: true });
  });

  it('waits for a reader that does not read', async () => {
    let lines = 0;
    // Each line asks for the time once.
    const nowMs = (): number => (lines += 1);
    const long = describeModel({ script: { answer: 'x'.repeat(100_000), endless: true } });
    const server = await serve({ installed: { long }, tokenIntervalMs: 0, nowMs });
    const socket = postWithoutReading(server, '/api/chat', ask('hi', 'long'));
    expect(await settled(() => lines)).toBeLessThan(500);
    socket.destroy();
  });

  it('breaks an answer off in the three ways in which servers do', async () => {
    const server = await serve({ installed: { big: BIG }, faults: { chatErrorMidStream: 3 } });
    expect((await chat(server, 'hi')).at(-1)?.error).toContain('unexpected EOF');
    server.faults.chatErrorMidStream = null;
    server.faults.chatTruncate = 3;
    const cut = await chat(server, 'hi');
    expect(cut.map((line) => line.done)).toEqual([false, false, false]);
    server.faults.chatTruncate = null;
    server.faults.dieMidStream = 3;
    const dying = (await openStream(server, '/api/chat', ask('hi'))).lines();
    await expect(drain(dying)).rejects.toThrow();
  });

  it('stands in for a busy server, a web page, a silent and a slow one', async () => {
    const server = await serve({ installed: { big: BIG }, faults: { busy: 1 } });
    expect(await send(server, 'POST', '/api/chat', ask('hi'))).toMatchObject({ status: 503 });
    server.faults.html = 1;
    expect((await send(server, 'GET', '/api/tags')).text).toContain('<html>');
    server.faults.hang = 1;
    const before = server.requests.length;
    const giveUp = new AbortController();
    const silent = fetch(`${server.url}/api/tags`, { signal: giveUp.signal });
    silent.catch(() => undefined);
    // Given up before it is there, it would leave the silence to the next request.
    await vi.waitUntil(() => server.requests.length > before, { timeout: 10_000, interval: 5 });
    setTimeout(() => giveUp.abort(), 50);
    await expect(silent).rejects.toThrow();
    server.faults.delayMs = 30;
    const started = performance.now();
    await send(server, 'GET', '/api/version');
    expect(performance.now() - started).toBeGreaterThanOrEqual(25);
  });
});
