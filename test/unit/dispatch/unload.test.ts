import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../../../src/dispatch/route';
import { unloadModel, type Unloaded } from '../../../src/dispatch/unload';
import { HttpClient } from '../../../src/shared/http';
import { startLoopback, type Exchange, type Loopback } from './support/loopback';
import { REF } from './support/rig';
import { finish, scriptedDispatcher } from './support/scriptedDispatcher';

let agent: Agent;
let server: Loopback | undefined;

beforeEach(() => {
  agent = new Agent();
});
afterEach(async () => {
  await agent.destroy();
  await server?.close();
  server = undefined;
});

function unload(route: Partial<Route>, signal = new AbortController().signal): Promise<Unloaded> {
  const dispatcher = scriptedDispatcher([[finish()]], { url: server?.url ?? 'http://127.0.0.1:9', ...route });
  const http = new HttpClient(agent);
  return unloadModel({ dispatcher, http: () => http }, { model: REF, signal });
}

async function serve(status: number, body: object): Promise<Exchange[]> {
  const seen: Exchange[] = [];
  server = await startLoopback((exchange) => {
    seen.push(exchange);
    exchange.response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return seen;
}

describe('unloading', () => {
  it('asks Ollama by a request without a prompt that keeps nothing', async () => {
    const seen = await serve(200, { model: REF.modelId, done: true, done_reason: 'unload' });
    expect(await unload({ kind: 'ollama' })).toEqual({ ok: true });
    expect(seen.map(({ path }) => path)).toEqual(['/api/generate']);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ model: REF.modelId, keep_alive: 0, stream: false });
  });

  it('asks a llama-server that serves many', async () => {
    const seen = await serve(200, { success: true });
    expect(await unload({ kind: 'llama_server' })).toEqual({ ok: true });
    expect(seen.map(({ path }) => path)).toEqual(['/models/unload']);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ model: REF.modelId });
  });

  it('says that a llama-server with one model has it for as long as it runs', async () => {
    await serve(404, { error: { message: 'File Not Found' } });
    const result = await unload({ kind: 'llama_server' });
    expect(result.ok ? '' : result.message).toMatch(/was started with .* alone.*Stop that server/);
  });

  it.each([
    ['a provider', { kind: 'openai', hosted: true }, /runs at its provider/],
    ['the editor', { kind: 'vscode', url: '' }, /a model of the editor/],
    ['a server without a way to do it', { kind: 'vllm' }, /does not let go of a model on request/],
  ] as const)('refuses a model of %s in a sentence, and asks nobody', async (_what, route, message) => {
    const seen = await serve(200, {});
    const result = await unload(route);
    expect(result.ok ? '' : result.message).toMatch(message);
    expect(seen).toEqual([]);
  });

  it.each([
    [500, { error: 'it hangs' }],
    [200, { success: false }],
  ])('tells what happened and what to do after status %i', async (status, body) => {
    await serve(status, body);
    for (const kind of ['ollama', 'llama_server'] as const) {
      const result = await unload({ kind });
      expect(result.ok ? '' : result.message).toMatch(/did not unload .*: .+\. .+\.$/);
    }
  });

  it('rejects with the reason of an abort', async () => {
    const abort = new AbortController();
    server = await startLoopback(() => abort.abort(new Error('left')));
    await expect(unload({ kind: 'ollama' }, abort.signal)).rejects.toThrow('left');
  });
});
