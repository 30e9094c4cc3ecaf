import type { ServerResponse } from 'node:http';
import { MockAgent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstallError } from '../../../src/backends/installAdapter';
import { OllamaInstallAdapter } from '../../../src/backends/ollamaInstall';
import { HttpClient } from '../../../src/shared/http';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import type { SeenRequest } from './loopback';
import { closedUrl, httpClient, serve, until } from './loopback';
import {
  DONE,
  MANIFEST,
  TEMPLATE,
  broken,
  complete,
  finish,
  layer,
  lines,
  open,
  pull,
  pullServer,
  resuming,
  status,
} from './support/pullServer';
import { containing, matching } from './textMatchers';

describe('OllamaInstallAdapter.install', () => {
  it('tells pulling, progress, verifying and success in the order of the stream', async () => {
    const server = await pullServer(complete(lines(MANIFEST, layer(500), layer(996)) + DONE));
    const { events, result } = pull(server.url);
    await expect(result).resolves.toEqual({ status: 'success', name: 'qwen3:8b', alreadyInstalled: false });
    expect(events.map(({ type }) => type)).toEqual([
      ...['pulling', 'progress', 'progress', 'progress', 'verifying', 'verifying', 'progress', 'success'],
    ]);
    expect(events.findLast(({ type }) => type === 'progress')).toMatchObject({
      completedBytes: 1_000,
      totalBytes: 1_000,
    });
    expect(server.requests.at(-1)).toMatchObject({ method: 'POST', path: '/api/pull' });
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toEqual({ model: 'qwen3:8b', stream: true });
  });

  it('counts the whole model over its layers', async () => {
    const text = lines(MANIFEST, layer(996), layer(14, 14, TEMPLATE));
    const { events, result } = pull((await pullServer(complete(text + DONE))).url);
    await result;
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.map(({ completedBytes, totalBytes }) => [completedBytes, totalBytes])).toEqual([
      ...[
        [996, 1_000],
        [1_014, 1_014],
        [1_014, 1_014],
        [1_014, 1_014],
      ],
    ]);
  });

  it('says that a tag was there before, and pulls it all the same', async () => {
    const server = await serve((request, response) => {
      const models = [{ name: 'Qwen3:8B', size: 5 }];
      response.end(
        request.path === '/api/tags' ? JSON.stringify({ models }) : lines(MANIFEST, layer(1_000)) + DONE,
      );
    });
    await expect(pull(server.url).result).resolves.toMatchObject({
      status: 'success',
      alreadyInstalled: true,
    });
  });

  it('says that the installed version stays where its update fails', async () => {
    const server = await serve((request, response) => {
      const models = [{ name: 'qwen3:8b', size: 5 }];
      const error = { error: 'pull model manifest: file does not exist' };
      response.end(request.path === '/api/tags' ? JSON.stringify({ models }) : lines(MANIFEST, error));
    });
    await expect(pull(server.url).result).resolves.toMatchObject({
      code: 'failed_target_missing',
      message: containing('The version that is installed stays.'),
    });
  });

  it('sends the headers of its backend with every request', async () => {
    const server = await pullServer(complete(lines(MANIFEST) + DONE));
    const http = httpClient().withHeaders(() => Promise.resolve({ authorization: 'Bearer abc' }));
    await pull(server.url, { http }).result;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer abc', 'Bearer abc']);
  });

  it('skips malformed lines, says so in the log without their text, and goes on', async () => {
    const text = lines(MANIFEST, '{"status": "pull', '[1]', '{}', 'private words', layer(1_000));
    const { result, logged } = pull((await pullServer(complete(text + DONE))).url);
    await expect(result).resolves.toMatchObject({ status: 'success' });
    expect(logged.filter(({ event }) => event === 'pull.line_skipped')).toHaveLength(4);
    expect(JSON.stringify(logged)).not.toContain('private words');
  });

  it('reads lines that come in pieces, in the middle of a character too', async () => {
    const bytes = Buffer.from(lines(MANIFEST, { status: 'schön' }, layer(1_000)) + DONE);
    const server = await pullServer((response) => {
      response.writeHead(200);
      const split = bytes.indexOf('ö') + 1;
      response.write(bytes.subarray(0, split), () => setImmediate(() => response.end(bytes.subarray(split))));
    });
    const { events, result } = pull(server.url);
    await result;
    expect(events).toContainEqual({ type: 'pulling', message: 'schön' });
  });

  it('goes on when its event consumer throws or rejects', async () => {
    const server = await pullServer(complete(lines(MANIFEST, layer(1_000)) + DONE));
    const throwing = () => {
      throw new Error('boom');
    };
    const first = pull(server.url, {}, { onEvent: throwing });
    await expect(first.result).resolves.toMatchObject({ status: 'success' });
    expect(first.logged.some(({ event }) => event === 'pull.event_consumer_failed')).toBe(true);
    const rejecting = async () => Promise.reject(new Error('boom'));
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- a consumer that should not, but does
    const second = pull(server.url, {}, { onEvent: rejecting });
    await expect(second.result).resolves.toMatchObject({ status: 'success' });
    await until(() => second.logged.some(({ event }) => event === 'pull.event_consumer_failed'));
  });

  it('uses what the tool answers with MockAgent as with a socket', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    const server = agent.get('http://gpubox:11434');
    server.intercept({ path: '/api/tags' }).reply(200, { models: [] });
    server.intercept({ path: '/api/pull', method: 'POST' }).reply(200, lines(MANIFEST, layer(1_000)) + DONE);
    const { result } = pull('http://gpubox:11434/', { http: new HttpClient(agent) });
    await expect(result).resolves.toMatchObject({ status: 'success' });
  });
});

describe('OllamaInstallAdapter.install, errors', () => {
  it('takes an error inside a 200 stream for what it says, without a second try', async () => {
    const server = await pullServer(
      complete(lines(MANIFEST, { error: 'pull model manifest: file does not exist' })),
    );
    const { events, result } = pull(server.url);
    const failed = await result;
    expect(failed).toMatchObject({ status: 'error', code: 'failed_target_missing' });
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'failed_target_missing' });
    expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(server.pulls()).toBe(1);
  });

  it('explains a full disk and does not try again', async () => {
    const error = { error: 'write /opt/ollama/x-partial: no space left on device' };
    const server = await pullServer(complete(lines(MANIFEST, layer(10), error)));
    await expect(pull(server.url).result).resolves.toMatchObject({
      code: 'disk_full',
      message: containing('Free some space'),
    });
    expect(server.pulls()).toBe(1);
  });

  it('tries a registry that is down again, with growing patience, and then says what is wrong', async () => {
    const error = {
      error: 'pull model manifest: Get "https://r/": dial tcp 192.0.2.1:443: connect: connection refused',
    };
    const server = await pullServer(complete(lines(MANIFEST, error)));
    const attempt = pull(server.url);
    await expect(finish(attempt)).resolves.toMatchObject({ status: 'error', code: 'installer_unavailable' });
    expect(server.pulls()).toBe(5);
    // 1 + 2 + 4 + 8 seconds between five attempts.
    expect(attempt.clock.monotonicMs()).toBe(15_000);
    const told = attempt.events.filter((event) => event.type === 'pulling').map(({ message }) => message);
    const resumed = told.filter((message) => message.includes('Resuming in'));
    expect(resumed).toHaveLength(4);
    expect(resumed.at(-1)).toMatch(/connection refused.*Resuming in 8 s \(attempt 5\)/);
  });

  it('waits half as long at least, by chance, so that who failed together does not ask together', async () => {
    const server = await pullServer(complete(lines({ error: 'EOF' })));
    const attempt = pull(server.url, { random: () => 0 });
    await finish(attempt);
    expect(attempt.clock.monotonicMs()).toBe(7_500);
  });

  it('waits thirty seconds at most between attempts', async () => {
    const server = await pullServer(complete(lines({ error: 'EOF' })));
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 8 });
    await finish(attempt);
    expect(attempt.clock.monotonicMs()).toBe((1 + 2 + 4 + 8 + 16 + 30 + 30) * 1_000);
  });

  it('succeeds once the registry has patience again', async () => {
    const busy = lines(MANIFEST, { error: 'pull model manifest: 429: {"errors":[]}' });
    const server = await pullServer(complete(busy), complete(lines(MANIFEST, layer(1_000)) + DONE));
    await expect(finish(pull(server.url))).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(2);
  });

  it('resolves with what to start where nothing listens', async () => {
    const attempt = pull(await closedUrl());
    await expect(finish(attempt)).resolves.toMatchObject({
      status: 'error',
      code: 'installer_unavailable',
      message: matching(/Nothing listens on .*`ollama serve`/),
    });
  });

  it.each([
    [400, '{"error":"invalid model name"}', 'install_failed', 'invalid model name'],
    [403, '', 'install_failed', 'OLLAMA_ORIGINS'],
    [404, '{"error":"model not found"}', 'failed_target_missing', 'model not found'],
    [404, '404 page not found', 'install_failed', 'does not look like Ollama'],
    [409, '{"error":"conflict"}', 'install_failed', 'conflict'],
    [
      500,
      '{"error":"pull model manifest: file does not exist"}',
      'failed_target_missing',
      'file does not exist',
    ],
  ] as const)('maps status %i with %j to %s', async (code, body, expected, text) => {
    const server = await pullServer(status(code, body));
    await expect(pull(server.url).result).resolves.toMatchObject({
      code: expected,
      message: containing(text),
    });
    expect(server.pulls()).toBe(1);
  });

  it('tries a server that is busy again', async () => {
    const server = await pullServer(status(503, '{"error":"busy"}'), complete(lines(MANIFEST) + DONE));
    await expect(finish(pull(server.url))).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(2);
  });

  it('downloads once more after a digest mismatch, and only once', async () => {
    const error = { error: 'digest mismatch, file must be downloaded again: want sha256:a, got sha256:b' };
    const server = await pullServer(complete(lines(MANIFEST, layer(1_000), error)));
    await expect(finish(pull(server.url))).resolves.toMatchObject({ code: 'install_failed' });
    expect(server.pulls()).toBe(2);
  });

  it('says that a web page is no download, without a second try', async () => {
    const server = await pullServer(complete('<!doctype html>\n<html>Sign in</html>\n'));
    await expect(pull(server.url).result).resolves.toMatchObject({
      code: 'parse_failed',
      message: containing('does not look like Ollama'),
    });
    expect(server.pulls()).toBe(1);
  });

  it('keeps secrets of a server text out of its message', async () => {
    const error = { error: 'Get "https://user:hunter2@mirror/v2/": denied' };
    const server = await pullServer(complete(lines(error)));
    const failed = await pull(server.url).result;
    expect(JSON.stringify(failed)).not.toContain('hunter2');
  });
});

describe('OllamaInstallAdapter.install, resuming', () => {
  it('resumes after a connection that broke, as often as new bytes come', async () => {
    const server = await pullServer(
      ...[200, 300, 400, 500, 600, 700, 800].map((bytes) => broken(lines(MANIFEST, layer(bytes)))),
      complete(lines(MANIFEST, layer(900)) + DONE),
    );
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 2 });
    await expect(finish(attempt)).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(8);
  });

  it('gives up after attempts without a new byte, though each repeats what was there', async () => {
    const server = await pullServer(broken(lines(MANIFEST, layer(300), layer(300))));
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 3 });
    await expect(finish(attempt)).resolves.toMatchObject({ code: 'installer_unavailable' });
    expect(server.pulls()).toBe(3);
  });

  it('treats a stream that ends without success as broken off', async () => {
    const server = await pullServer(complete(lines(MANIFEST, layer(300))));
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 1 });
    await expect(attempt.result).resolves.toMatchObject({
      code: 'installer_unavailable',
      message: containing('before it was done'),
    });
  });
});

describe('OllamaInstallAdapter.install, patience', () => {
  it('takes 60 s of lines without a rising count for a stall, and resumes', async () => {
    let stream: ServerResponse | undefined;
    const server = await pullServer(
      (response) => {
        stream = response;
        response.writeHead(200).write(lines(MANIFEST, layer(300)));
      },
      complete(lines(MANIFEST, layer(600)) + DONE),
    );
    const attempt = pull(server.url);
    const progress = () => attempt.events.filter(({ type }) => type === 'progress').length;
    await until(() => progress() === 1);
    for (let second = 1; second <= 59; second++) {
      await attempt.clock.advance(1_000);
      stream?.write(lines(layer(300)));
      await until(() => progress() === 1 + second);
    }
    expect(server.pulls()).toBe(1);
    await attempt.clock.advance(1_000);
    await until(() => resuming(attempt.clock));
    expect(attempt.events.at(-1)).toMatchObject({
      message: containing('stalled: no byte came for 1 min'),
    });
    await expect(finish(attempt)).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(2);
  });

  it('does not take a slow download for a stall', async () => {
    let stream: ServerResponse | undefined;
    const server = await pullServer((response) => {
      stream = response;
      response.writeHead(200).write(lines(MANIFEST, layer(1)));
    });
    const attempt = pull(server.url);
    for (let step = 2; step <= 6; step++) {
      await until(() =>
        attempt.events.some((event) => event.type === 'progress' && event.completedBytes === step - 1),
      );
      await attempt.clock.advance(59_000);
      stream?.write(lines(layer(step)));
    }
    await until(() =>
      attempt.events.some((event) => event.type === 'progress' && event.completedBytes === 6),
    );
    stream?.end(DONE);
    await expect(attempt.result).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(1);
  });

  it('waits 120 s for the first byte of a layer, and not longer', async () => {
    const server = await pullServer(open(lines(MANIFEST)), complete(lines(MANIFEST, layer(1_000)) + DONE));
    const attempt = pull(server.url);
    await until(() => attempt.events.length === 1);
    await attempt.clock.advance(119_000);
    expect(server.pulls()).toBe(1);
    await attempt.clock.advance(1_000);
    await until(() => resuming(attempt.clock));
    expect(attempt.events.at(-1)).toMatchObject({
      message: containing('sent nothing for 2 min'),
    });
    await expect(finish(attempt)).resolves.toMatchObject({ status: 'success' });
  });

  it('has no stall while verifying, only a ceiling of 30 minutes', async () => {
    const text = lines(MANIFEST, layer(1_000), { status: 'verifying sha256 digest' });
    const server = await pullServer(open(text));
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 1 });
    await until(() => attempt.events.some(({ type }) => type === 'verifying'));
    await attempt.clock.advance(29 * 60_000);
    expect(attempt.settled()).toBe(false);
    await attempt.clock.advance(60_000);
    await expect(attempt.result).resolves.toMatchObject({
      code: 'installer_unavailable',
      message: containing('verifying after 30 min'),
    });
  });

  it('leaves no timer behind', async () => {
    const server = await pullServer(complete(lines(MANIFEST, layer(1_000)) + DONE));
    const attempt = pull(server.url);
    await attempt.result;
    expect(attempt.clock.pending).toBe(0);
  });
});

describe('OllamaInstallAdapter.install, cancelling', () => {
  const cancelled = {
    status: 'error',
    code: 'cancelled',
    message: matching(/What was downloaded stays.*resumes/),
  };

  it('closes the connection and says that the partial stays', async () => {
    let closed = false;
    const server = await pullServer((response, request) => {
      response.on('close', () => (closed = true));
      open(lines(MANIFEST, layer(300)))(response, request);
    });
    const controller = new AbortController();
    const attempt = pull(server.url, {}, { signal: controller.signal });
    await until(() => attempt.events.some(({ type }) => type === 'progress'));
    controller.abort();
    await expect(attempt.result).resolves.toEqual(cancelled);
    expect(attempt.events.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
    await until(() => closed, 'the connection to close');
    expect(server.pulls()).toBe(1);
  });

  it('ends the wait between two attempts', async () => {
    const server = await pullServer(complete(lines({ error: 'EOF' })));
    const controller = new AbortController();
    const attempt = pull(server.url, {}, { signal: controller.signal });
    await until(() => resuming(attempt.clock));
    controller.abort();
    await expect(attempt.result).resolves.toEqual(cancelled);
    expect(server.pulls()).toBe(1);
  });

  it('asks nothing where it was cancelled before', async () => {
    const server = await pullServer(complete(DONE));
    await expect(pull(server.url, {}, { signal: AbortSignal.abort() }).result).resolves.toEqual(cancelled);
    expect(server.requests).toHaveLength(0);
  });
});

describe('OllamaInstallAdapter.evict', () => {
  function evict(url: string, signal?: AbortSignal) {
    const adapter = new OllamaInstallAdapter({ baseUrl: url, http: httpClient() });
    return adapter.evict({ name: 'qwen3:8b', ...(signal ? { signal } : {}) });
  }

  it('deletes by name', async () => {
    const server = await serve((_request, response) => void response.end());
    await expect(evict(server.url)).resolves.toEqual({ status: 'success', name: 'qwen3:8b' });
    expect(server.requests).toMatchObject([
      { method: 'DELETE', path: '/api/delete', body: '{"model":"qwen3:8b"}' },
    ]);
  });

  it.each([
    [404, `{"error":"model 'qwen3:8b' not found"}`, 'not_in_pool', "model 'qwen3:8b' not found"],
    [400, '{"error":"name \\"a b\\" is invalid"}', 'install_failed', 'name "a b" is invalid'],
    [500, `{"error":"invalid character 'b' looking for"}`, 'install_failed', "invalid character 'b'"],
    [503, '', 'installer_unavailable', 'status 503'],
  ] as const)('maps status %i with %j to %s', async (code, body, expected, text) => {
    const server = await serve((_request, response) => void response.writeHead(code).end(body));
    await expect(evict(server.url)).resolves.toMatchObject({
      status: 'error',
      code: expected,
      message: containing(text),
    });
  });

  it('resolves with installer_unavailable where nothing listens', async () => {
    await expect(evict(await closedUrl())).resolves.toMatchObject({ code: 'installer_unavailable' });
  });

  it('resolves with cancelled', async () => {
    const server = await serve(() => undefined);
    await expect(evict(server.url, AbortSignal.timeout(50))).resolves.toMatchObject({ code: 'cancelled' });
  });
});

describe('OllamaInstallAdapter.list and inspect', () => {
  async function adapterOn(answer: (request: SeenRequest, response: ServerResponse) => void) {
    const { url } = await serve(answer);
    return new OllamaInstallAdapter({ baseUrl: url, http: httpClient() });
  }

  async function rejection(promise: Promise<unknown>): Promise<object> {
    const thrown: unknown = await promise.catch((error: unknown) => error);
    if (!isInstallError(thrown)) throw new Error('no InstallError');
    return thrown.toJSON();
  }

  it('lists what is installed in GiB, sorted, without the entries that make no sense', async () => {
    const models = [
      {
        name: 'b:1b',
        size: BYTES_PER_GIB,
        details: { quantization_level: 'Q4_K_M', parameter_size: '1.2B' },
      },
      {
        name: 'hf.co/unsloth/c-GGUF:UD-Q4_K_XL',
        size: BYTES_PER_GIB,
        details: { quantization_level: 'Q4_K_M' },
      },
      { name: 'no-size:1b' },
      null,
      'text',
      {
        name: 'a:8b',
        size: 4 * BYTES_PER_GIB,
        digest: 'abc',
        modified_at: '2026-05-29T12:00:00Z',
        details: { quantization_level: 'unknown' },
      },
    ];
    const adapter = await adapterOn((_request, response) => void response.end(JSON.stringify({ models })));
    await expect(adapter.list()).resolves.toEqual([
      { ollamaName: 'a:8b', sizeOnDiskGb: 4, digest: 'abc', modifiedAt: '2026-05-29T12:00:00Z' },
      { ollamaName: 'b:1b', sizeOnDiskGb: 1, quant: 'Q4_K_M', parameterSize: '1.2B' },
      { ollamaName: 'hf.co/unsloth/c-GGUF:UD-Q4_K_XL', sizeOnDiskGb: 1, quant: 'UD-Q4_K_XL' },
    ]);
  });

  it('rejects a list of another shape: an empty one would look as if everything was removed', async () => {
    for (const body of ['<html></html>', '{"models":"none"}', '[]']) {
      const adapter = await adapterOn((_request, response) => void response.end(body));
      await expect(rejection(adapter.list())).resolves.toMatchObject({ code: 'parse_failed' });
    }
  });

  it('rejects with installer_unavailable where nothing listens or the server refuses', async () => {
    const down = new OllamaInstallAdapter({ baseUrl: await closedUrl(), http: httpClient() });
    await expect(rejection(down.list())).resolves.toMatchObject({ code: 'installer_unavailable' });
    const broken = await adapterOn(
      (_request, response) => void response.writeHead(500).end('{"error":"oops"}'),
    );
    await expect(rejection(broken.list())).resolves.toMatchObject({
      code: 'installer_unavailable',
      status: 500,
      message: containing('oops'),
    });
  });

  it('rejects with the reason of its signal', async () => {
    const adapter = await adapterOn(() => undefined);
    const reason = new Error('the user closed the view');
    const controller = new AbortController();
    const listing = adapter.list({ signal: controller.signal });
    controller.abort(reason);
    await expect(listing).rejects.toBe(reason);
  });

  it('tells what a model can do and how long its context is', async () => {
    const show = {
      license: '\nApache License\nVersion 2.0, January 2004',
      details: { family: 'qwen3', parameter_size: '8.2B', quantization_level: 'Q4_K_M' },
      model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
      capabilities: ['completion', 'tools', 'thinking'],
    };
    const adapter = await adapterOn((_request, response) => void response.end(JSON.stringify(show)));
    await expect(adapter.inspect({ name: 'qwen3:8b' })).resolves.toEqual({
      ollamaName: 'qwen3:8b',
      capabilities: ['completion', 'tools', 'thinking'],
      contextLength: 40_960,
      family: 'qwen3',
      parameterSize: '8.2B',
      quant: 'Q4_K_M',
      licence: 'Apache License',
    });
  });

  it('rejects a model that is not there with failed_target_missing', async () => {
    const body = `{"error":"model 'nope:latest' not found"}`;
    const adapter = await adapterOn((_request, response) => void response.writeHead(404).end(body));
    await expect(rejection(adapter.inspect({ name: 'nope' }))).resolves.toMatchObject({
      code: 'failed_target_missing',
      status: 404,
      target: 'nope',
    });
  });

  it('rejects what it cannot read with parse_failed', async () => {
    const adapter = await adapterOn((_request, response) => void response.end('"text"'));
    await expect(rejection(adapter.inspect({ name: 'a' }))).resolves.toMatchObject({
      code: 'parse_failed',
      target: 'a',
    });
  });
});
