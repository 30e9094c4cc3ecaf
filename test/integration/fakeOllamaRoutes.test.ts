import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ask, drain, openStream, pull, send } from '../fakes/ollama/client';
import { describeModel, digestOf } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';

const MODEL = describeModel({
  ...{ weightsBytes: 1_000_000, family: 'qwen3', system: 'Be brief.', parameters: { seed: 1 } },
  capabilities: ['completion', 'tools', 'thinking'],
  script: { answer: 'Forty-two.', thinking: 'Six times seven.' },
});
const TOOL = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

const servers: FakeOllama[] = [];

async function serve(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
  const server = await startFakeOllama({
    ...{ progressIntervalMs: 2, tokenIntervalMs: 0, installed: { a: MODEL } },
    ...options,
  });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function json(server: FakeOllama, path: string, body: object): Promise<unknown> {
  const { text } = await send(server, 'POST', path, body);
  return JSON.parse(text);
}

/** Data of a stream of events. */
async function events(server: FakeOllama, path: string, body: object): Promise<unknown[]> {
  const { text } = await send(server, 'POST', path, { ...body, stream: true });
  return text.split('\n').flatMap((line): unknown[] => {
    const data = /^data: (\{.*)$/.exec(line)?.[1];
    return data === undefined ? [] : [JSON.parse(data)];
  });
}

const event = z.object({ type: z.string(), delta: z.unknown().optional() });

describe('The fake Ollama, files and models', () => {
  it('keeps an uploaded file under its digest and makes a model of it', async () => {
    const server = await serve();
    const file = Buffer.concat([Buffer.from('GGUF'), Buffer.from([0, 1, 2, 255])]);
    const digest = digestOf(file);
    const upload = async (): Promise<number> =>
      (await fetch(`${server.url}/api/blobs/${digest}`, { method: 'POST', body: file })).status;
    expect([await upload(), await upload()]).toEqual([201, 200]);
    expect((await fetch(`${server.url}/api/blobs/${digest}`, { method: 'HEAD' })).status).toBe(200);
    const created = await openStream(server, '/api/create', { model: 'mine', files: { 'a.gguf': digest } });
    const lines = (await drain(created.lines())).map(({ status }) => status);
    expect(lines).toEqual([
      'parsing GGUF',
      'verifying conversion',
      `using existing layer ${digest}`,
      `using existing layer ${digestOf('{{ .Prompt }}')}`,
      'writing manifest',
      'success',
    ]);
    expect(server.store.names()).toEqual(['a:latest', 'mine:latest']);
  });

  it('takes no file where the disk is full or cannot be written', async () => {
    const server = await serve({ installed: {}, faults: { diskBytes: 4, readOnlyDisk: 1 } });
    const path = `/api/blobs/${digestOf('"12345"')}`;
    const upload = async (): Promise<{ status: number; text: string }> => {
      const response = await fetch(`${server.url}${path}`, { method: 'POST', body: '"12345"' });
      return { status: response.status, text: await response.text() };
    };
    await expect(upload()).resolves.toEqual({ status: 500, text: matching(/read-only file system/) });
    await expect(upload()).resolves.toEqual({ status: 500, text: matching(/no space left on device/) });
    expect(server.store.blobs.size).toBe(0);
  });

  it('makes a model of one that it pulls first, and says nothing before the end where that is wished', async () => {
    const server = await serve({ installed: {}, registry: { base: MODEL } });
    const answer = await send(server, 'POST', '/api/create', {
      ...{ model: 'b', from: 'base', stream: false, parameters: { top_k: 3 } },
    });
    expect(answer).toEqual({ status: 200, text: '{"status":"success"}' });
    expect(server.store.names()).toEqual(['b:latest', 'base:latest']);
    const made = [...server.store.manifests.values()].find(({ name }) => name.model === 'b');
    expect(made?.package.facts).toMatchObject({ system: 'Be brief.', parameters: { seed: 1, top_k: 3 } });
    expect(await send(server, 'POST', '/api/create', { model: 'c', from: 'nowhere', stream: false })).toEqual(
      { status: 500, text: '{"error":"pull model manifest: file does not exist"}' },
    );
  });

  it('copies a model without a byte, and either of the two keeps the layers', async () => {
    const server = await serve();
    const before = server.store.usedBytes();
    expect((await send(server, 'POST', '/api/copy', { source: 'a', destination: 'b:2' })).status).toBe(200);
    expect(server.store.usedBytes()).toBe(before);
    await send(server, 'DELETE', '/api/delete', { model: 'a' });
    expect(server.store.names()).toEqual(['b:2']);
    expect(server.store.usedBytes()).toBe(before);
  });

  it('refuses to copy from and to what is no name', async () => {
    const server = await serve();
    expect(await send(server, 'POST', '/api/copy', { source: 'x y', destination: 'b' })).toEqual({
      ...{ status: 400, text: '{"error":"source \\"x y\\" is invalid"}' },
    });
  });

  it('pushes a model that can be pulled from then on', async () => {
    const server = await serve();
    const pushed = await drain((await openStream(server, '/api/push', { model: 'a' })).lines());
    expect(pushed.map(({ status }) => status)).toEqual([
      'retrieving manifest',
      ...MODEL.layers.map(({ digest }) => `pushing ${digest.slice(7, 19)}`),
      'pushing manifest',
      'success',
    ]);
    await send(server, 'DELETE', '/api/delete', { model: 'a' });
    expect((await pull(server, 'a')).at(-1)).toEqual({ status: 'success' });
    server.faults.registryDown = true;
    expect(await send(server, 'POST', '/api/push', { model: 'a', stream: false })).toEqual({
      ...{ status: 500, text: matching(/connection refused/) },
    });
    expect(await send(server, 'POST', '/api/push', {})).toMatchObject({ status: 400 });
    expect(await send(server, 'POST', '/api/push', { model: 'x y' })).toMatchObject({ status: 400 });
  });

  it('has no cloud to search or fetch with', async () => {
    const server = await serve();
    expect((await send(server, 'POST', '/api/experimental/web_fetch', {})).status).toBe(403);
    const online = await serve({ cloud: 'unreachable' });
    expect((await send(online, 'POST', '/api/experimental/web_search', {})).status).toBe(502);
  });

  it('answers a wrong method and an unknown route as text, a route with a name in it too', async () => {
    const server = await serve();
    expect(await send(server, 'PUT', '/api/blobs/x')).toEqual({
      status: 405,
      text: '405 method not allowed',
    });
    expect(await send(server, 'GET', '/api/blobs/x/y')).toEqual({ status: 404, text: '404 page not found' });
  });
});

describe('The fake Ollama, vectors', () => {
  const vectors = z.object({ embeddings: z.array(z.array(z.number())) });

  it('gives one text one vector of length 1, as OpenAI too', async () => {
    const embedding = describeModel({ capabilities: ['embedding'], embeddingLength: 16 });
    const server = await serve({ installed: { emb: embedding } });
    const of = async (input: unknown, more: object = {}): Promise<number[][]> =>
      vectors.parse(await json(server, '/api/embed', { model: 'emb', input, ...more })).embeddings;
    const [one, two, again] = await of(['one', 'two', 'one']);
    expect(one).toHaveLength(16);
    expect(Math.hypot(...(one ?? []))).toBeCloseTo(1);
    expect(again).toEqual(one);
    expect(two).not.toEqual(one);
    const [short] = await of('one', { dimensions: 4 });
    expect(Math.hypot(...(short ?? []))).toBeCloseTo(1);
    expect(short).toHaveLength(4);
    const plain = await json(server, '/v1/embeddings', { model: 'emb', input: 'one' });
    expect(plain).toMatchObject({ data: [{ embedding: one }] });
    const packed = z
      .object({ data: z.tuple([z.object({ embedding: z.string() })]) })
      .parse(await json(server, '/v1/embeddings', { model: 'emb', input: 'one', encoding_format: 'base64' }));
    const bytes = Buffer.from(packed.data[0].embedding, 'base64');
    expect(bytes.readFloatLE(0)).toBeCloseTo(one?.[0] ?? NaN);
    expect(await json(server, '/api/embeddings', { model: 'emb', prompt: '' })).toEqual({ embedding: [] });
    expect(server.runners.list()).toHaveLength(1);
  });
});

describe('The fake Ollama in other words', () => {
  it('speaks as OpenAI: pictures are refused, JSON is kept to, parts of a message are joined', async () => {
    const server = await serve();
    const content = [
      { type: 'text', text: 'What is it? ' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
    ];
    const refused = await send(server, 'POST', '/v1/chat/completions', {
      ...{ model: 'a', messages: [{ role: 'user', content }] },
    });
    expect(refused).toMatchObject({ status: 400 });
    const schema = { type: 'object', properties: { days: { type: 'integer' }, ok: { type: 'boolean' } } };
    const answer = await json(server, '/v1/chat/completions', {
      ...{ model: 'a', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
      ...{ reasoning_effort: 'none', response_format: { type: 'json_schema', json_schema: { schema } } },
    });
    expect(answer).toMatchObject({ choices: [{ message: { content: '{"days":1,"ok":true}' } }] });
    const free = await json(server, '/v1/chat/completions', {
      ...{ ...ask('hi', 'a'), reasoning_effort: 'none', response_format: { type: 'json_object' } },
    });
    expect(free).toMatchObject({ choices: [{ message: { content: '{"name": {}}' } }] });
  });

  it('keeps a chat of its own to JSON too', async () => {
    const server = await serve();
    const answer = await json(server, '/api/chat', {
      ...ask('hi', 'a'),
      think: false,
      stream: false,
      format: 'json',
    });
    expect(answer).toMatchObject({ message: { content: '{"name": {}}' } });
    expect(await send(server, 'POST', '/api/chat', { ...ask('hi', 'a'), format: 'xml' })).toMatchObject({
      status: 500,
    });
  });

  it('tells how likely each token was while it streams', async () => {
    const server = await serve();
    const lines = (await send(server, 'POST', '/api/generate', { model: 'a', prompt: 'hi', logprobs: true }))
      .text;
    const [first] = lines.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ logprobs: [{ token: '<think>', logprob: 0 }] });
  });

  it('speaks as Anthropic: a system text, blocks, and a result of a tool', async () => {
    const server = await serve();
    const asked = {
      ...{ model: 'a', max_tokens: 100, system: [{ type: 'text', text: 'Be kind.' }] },
      messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'Rain.' }] }],
      thinking: { type: 'disabled' },
    };
    expect(await json(server, '/v1/messages', asked)).toMatchObject({
      ...{ content: [{ type: 'text', text: 'Forty-two.' }], stop_reason: 'end_turn' },
    });
    server.faults.busy = 1;
    expect(await json(server, '/v1/messages', asked)).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(await send(server, 'POST', '/v1/messages', { model: 5 })).toMatchObject({ status: 400 });
  });

  it('speaks as OpenAI responds: a tool is called in events, and whole', async () => {
    const server = await serve();
    const asked = {
      ...{ model: 'a', instructions: 'Be brief.', tools: [{ type: 'function', ...TOOL }] },
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Rain?' }] }],
    };
    const call = { type: 'function_call', name: 'get_weather', arguments: '{"city":"Paris"}' };
    expect(await json(server, '/v1/responses', asked)).toMatchObject({ status: 'completed', output: [call] });
    const told = (await events(server, '/v1/responses', asked)).map((each) => event.parse(each));
    expect(told.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('breaks off in the words of each', async () => {
    const server = await serve();
    server.faults.chatErrorMidStream = 2;
    const chat = ask('hi', 'a');
    const last = async (path: string, body: object): Promise<unknown> =>
      (await events(server, path, body)).at(-1);
    expect(await last('/v1/chat/completions', chat)).toMatchObject({
      model: '',
      choices: [{ delta: { content: '' } }],
    });
    expect(await last('/v1/completions', { model: 'a', prompt: 'hi' })).toMatchObject({
      choices: [{ text: '', finish_reason: null }],
    });
    expect(await last('/v1/messages', { ...chat, max_tokens: 9 })).toMatchObject({
      type: 'content_block_delta',
    });
    expect(await last('/v1/responses', { model: 'a', input: 'hi' })).toMatchObject({
      type: 'response.reasoning_summary_text.delta',
    });
  });

  it.each([
    ['/v1/chat/completions', { model: 5 }],
    [
      '/v1/chat/completions',
      { model: 'a', messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'odd' },
    ],
    ['/v1/completions', { model: 5 }],
    ['/v1/embeddings', { encoding_format: 'odd' }],
    ['/v1/responses', { model: 5 }],
  ])('refuses what it cannot read: %s %j', async (path, body) => {
    const server = await serve();
    expect(await send(server, 'POST', path, body)).toMatchObject({ status: 400 });
  });

  it.each(['/v1/completions', '/v1/embeddings', '/v1/responses'])(
    'says EOF for nothing: %s',
    async (path) => {
      const server = await serve();
      const answer = await fetch(`${server.url}${path}`, { method: 'POST' });
      expect(await answer.json()).toMatchObject({ error: { message: 'EOF' } });
    },
  );
});

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
