import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { warmModel, type WarmOrder } from '../../../src/dispatch/warm';
import type { Route } from '../../../src/dispatch/route';
import { HttpClient } from '../../../src/shared/http';
import { FakeClock } from '../../fakes/fakeClock';
import { startLoopback, type Exchange, type Loopback } from './support/loopback';
import { REF } from './support/rig';
import { finish, scriptedDispatcher, type Step } from './support/scriptedDispatcher';

const NEVER = new AbortController().signal;

let agent: Agent;
let server: Loopback | undefined;
let clock: FakeClock;

beforeEach(() => {
  agent = new Agent();
  clock = new FakeClock();
});
afterEach(async () => {
  await agent.destroy();
  await server?.close();
  server = undefined;
});

function warm(route: Partial<Route>, order: Partial<WarmOrder> = {}, script: readonly Step[] = [finish()]) {
  const dispatcher = scriptedDispatcher([script], { url: server?.url ?? 'http://127.0.0.1:9', ...route });
  const http = new HttpClient(agent);
  const warmed = warmModel(
    { dispatcher, http: () => http, clock },
    { model: REF, isLoaded: false, contextTokens: null, signal: NEVER, ...order },
  );
  return { dispatcher, warmed };
}

function reply(exchange: Exchange, status: number, body: object): void {
  exchange.response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** A router that says in turn how its model is, the last again and again. */
async function startRouter(
  statuses: readonly (
    string | { readonly value: string; readonly failed?: boolean; readonly exit_code?: number }
  )[],
  load: { readonly status: number; readonly body: object } = { status: 200, body: { success: true } },
): Promise<Loopback> {
  let asked = 0;
  server = await startLoopback((exchange) => {
    if (exchange.path !== '/models') return reply(exchange, load.status, load.body);
    const status = statuses[Math.min(asked++, statuses.length - 1)];
    if (status === 'busy') return reply(exchange, 503, { error: { message: 'Loading model' } });
    const entry = { id: REF.modelId, status: typeof status === 'string' ? { value: status } : status };
    reply(exchange, 200, { data: [{ id: 'another', status: { value: 'loaded' } }, entry] });
  });
  return server;
}

/** Lets polls go on as they wait, without waiting. */
async function settled<T>(promise: Promise<T>, stepMs?: number): Promise<T> {
  let done = false;
  const end = (): void => void (done = true);
  promise.then(end, end);
  const step = async (): Promise<void> => {
    await clock.advance(stepMs ?? clock.nextDueMs ?? 0);
    expect(done).toBe(true);
  };
  await vi.waitFor(step, { timeout: 10_000, interval: 5 });
  return promise;
}

describe('warming', () => {
  it.each([
    ['at a provider', { kind: 'openai', hosted: true }, /runs at its provider/],
    ['of the editor', { kind: 'vscode', url: '' }, /a model of the editor/],
  ] as const)('refuses a model %s in a sentence, and asks nobody', async (_where, route, message) => {
    const { warmed, dispatcher } = warm(route);
    const result = await warmed;
    expect(result.ok ? '' : result.message).toMatch(message);
    expect(dispatcher.requests).toEqual([]);
  });

  it('asks for one token where a server has no other way to load', async () => {
    const { warmed, dispatcher } = warm({ kind: 'lm_studio' }, {}, [
      () => void clock.advance(1_500),
      finish(),
    ]);
    expect(await warmed).toMatchObject({ ok: true, loaded: true, keptMinutes: null });
    expect(dispatcher.requests).toMatchObject([
      { model: REF, sessionId: 'warm', retry: false, parameters: { maxTokens: 1 } },
    ]);
  });

  it('asks nobody where such a server has it loaded', async () => {
    const { warmed, dispatcher } = warm({ kind: 'vllm' }, { isLoaded: true });
    expect(await warmed).toEqual({ ok: true, loaded: false, loadMs: null, keptMinutes: null });
    expect(dispatcher.requests).toEqual([]);
  });

  it('says why that call failed', async () => {
    const failure = { code: 'out_of_memory', message: 'It does not fit.' } as const;
    const { warmed } = warm({ kind: 'lm_studio' }, {}, [finish({ finishReason: 'error', failure })]);
    expect(await warmed).toMatchObject({ ok: false, message: 'It does not fit.' });
  });

  it('says that a server which is down could not be asked', async () => {
    const { warmed } = warm({ kind: 'ollama' });
    const result = await warmed;
    expect(result.ok ? '' : result.message).toMatch(
      /^qwen3:8b was not loaded: .*nothing listens there.* Start that server/,
    );
  });
});

describe('a router of llama-server', () => {
  it('is waited for until its model is there, and the time that this took is told', async () => {
    const router = await startRouter(['unloaded', 'loading', 'loading', 'loaded']);
    const { warmed } = warm({ kind: 'llama_server' });
    expect(await settled(warmed)).toEqual({ ok: true, loaded: true, loadMs: 750, keptMinutes: null });
    expect(router.exchanges.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /models/load',
      ...Array.from({ length: 4 }, () => 'GET /models'),
    ]);
    expect(JSON.parse(router.exchanges[0]?.body ?? '')).toEqual({ model: REF.modelId });
  });

  it('may have it already', async () => {
    await startRouter(['loaded'], { status: 400, body: { error: { message: 'model is already running' } } });
    expect(await warm({ kind: 'llama_server' }).warmed).toMatchObject({
      ok: true,
      loaded: false,
      loadMs: null,
    });
  });

  it('may be loading it for somebody else, or still be reading its only model', async () => {
    const running = { status: 400, body: { error: { message: 'model is already running' } } };
    await startRouter(['loading', 'loaded'], running);
    expect(await settled(warm({ kind: 'llama_server' }).warmed)).toMatchObject({ ok: true, loaded: true });
    await server?.close();
    await startRouter(['busy', 'busy', 'loaded'], {
      status: 503,
      body: { error: { message: 'Loading model' } },
    });
    expect(await settled(warm({ kind: 'llama_server' }).warmed)).toMatchObject({ loadMs: 500 });
  });

  it.each([
    [
      'ends with an exit code',
      [{ value: 'unloaded', failed: true, exit_code: 1 }],
      /process ended \(exit code 1\)/,
    ],
    ['goes away while it loads', ['loading', 'unloaded'], /its process ended\. Look/],
    ['never comes', ['loading'], /not loaded after ten minutes/],
  ])('fails where the model %s', async (_what, statuses, message) => {
    await startRouter(statuses);
    const result = await settled(warm({ kind: 'llama_server' }).warmed, 60_000);
    expect(result.ok ? '' : result.message).toMatch(message);
  });

  it('says that it does not have a model', async () => {
    server = await startLoopback((exchange) =>
      exchange.path === '/models'
        ? reply(exchange, 200, { data: [] })
        : reply(exchange, 404, { error: { message: 'File Not Found' } }),
    );
    const result = await warm({ kind: 'llama_server' }).warmed;
    expect(result.ok ? '' : result.message).toMatch(/does not have the model qwen3:8b/);
  });

  it('says what it refuses for, in its own words', async () => {
    const body = { error: { code: 401, message: 'Invalid API Key', type: 'authentication_error' } };
    await startRouter(['unloaded'], { status: 401, body });
    const result = await warm({ kind: 'llama_server' }).warmed;
    expect(result.ok ? '' : result.message).toMatch(/did not load qwen3:8b: Invalid API Key/);
  });

  it('is told to stop a load that is called off, but not one that somebody else began', async () => {
    for (const [load, unloads] of [
      [{ status: 200, body: { success: true } }, 1],
      [{ status: 400, body: { error: { message: 'model is already running' } } }, 0],
    ] as const) {
      const router = await startRouter(['loading'], load);
      const abort = new AbortController();
      const { warmed } = warm({ kind: 'llama_server' }, { signal: abort.signal });
      const paths = (): readonly string[] => router.exchanges.map(({ path }) => path);
      await vi.waitFor(() => expect(paths()).toContain('/models'));
      abort.abort();
      await expect(warmed).rejects.toThrow(/abort/i);
      if (unloads > 0) await vi.waitFor(() => expect(paths()).toContain('/models/unload'));
      expect(paths().filter((path) => path === '/models/unload')).toHaveLength(unloads);
      await router.close();
    }
  });
});
