import { Agent, MockAgent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ConnectionFault } from '../../../src/shared/connectionFault';
import { HttpClient, httpFailureOf, originOf } from '../../../src/shared/http';
import { closedUrl, httpClient, serve, until } from '../backends/loopback';

const greeting = z.object({ hello: z.string() });

describe('HttpClient.json', () => {
  it('returns what the schema makes of the body, with the headers', async () => {
    const { url } = await serve(
      (_request, response) => void response.setHeader('x-kind', 'test').end('{"hello":"you"}'),
    );
    const result = await httpClient().json(`${url}/a`, greeting);
    expect(result).toMatchObject({ ok: true, value: { hello: 'you' }, headers: { 'x-kind': 'test' } });
  });

  it('sends JSON as POST with its type, and other methods and headers as told', async () => {
    const server = await serve((_request, response) => void response.end('{"hello":"you"}'));
    await httpClient().json(server.url, greeting, { json: { name: 'ü' } });
    await httpClient().json(server.url, greeting, { json: {}, method: 'DELETE', headers: { 'x-key': 'k' } });
    expect(server.requests).toMatchObject([
      { method: 'POST', body: '{"name":"ü"}', headers: { 'content-type': 'application/json' } },
      { method: 'DELETE', headers: { 'x-key': 'k' } },
    ]);
  });

  it.each([
    ['<html>', 'not_json'],
    ['{"hello":5}', 'bad_shape'],
    ['', 'not_json'],
  ])('refuses the body %j as %s', async (body, code) => {
    const { url } = await serve((_request, response) => void response.end(body));
    const result = await httpClient().json(url, greeting);
    expect(result).toMatchObject({ ok: false, failure: { code, url } });
  });

  it('keeps secrets out of excerpt and message', async () => {
    const { url } = await serve(
      (_request, response) => void response.end('{"hello":5,"key":"sk-proj-abcdefghijklmnopqrst"}'),
    );
    const result = await httpClient().json(url, greeting);
    expect(JSON.stringify(result)).not.toContain('abcdefghijkl');
  });

  it('keeps a secret out of the excerpt that stands where the excerpt ends', async () => {
    const body = `{"padding":"${'x'.repeat(168)}","k":"sk-proj-a1b2c3d4e5f6g7h8i9j0k1l2"}`;
    const { url } = await serve((_request, response) => void response.end(body));
    const result = await httpClient().json(url, greeting);
    if (result.ok) throw new Error('it should be refused');
    expect(result.failure.bodyExcerpt).not.toContain('a1b2');
    expect(result.failure.bodyExcerpt?.length).toBeLessThanOrEqual(200);
  });

  it('takes a body that cannot be written as JSON for the bug that it is, not for a network failure', async () => {
    await expect(httpClient().json('http://127.0.0.1:1', greeting, { json: 1n })).rejects.toThrow(TypeError);
  });
});

describe('HttpClient.text', () => {
  it('returns the text of a body that comes in pieces', async () => {
    const bytes = Buffer.from('schön');
    const { url } = await serve((_request, response) => {
      response.write(bytes.subarray(0, 4), () => setImmediate(() => response.end(bytes.subarray(4))));
    });
    await expect(httpClient().text(url)).resolves.toMatchObject({ ok: true, value: 'schön' });
  });

  it('refuses a body that is longer than asked for', async () => {
    const { url } = await serve((_request, response) => void response.end('x'.repeat(1_000)));
    await expect(httpClient().text(url, { maxBytes: 1_000 })).resolves.toMatchObject({ ok: true });
    await expect(httpClient().text(url, { maxBytes: 999 })).resolves.toMatchObject({
      ok: false,
      failure: { code: 'too_large' },
    });
  });

  it('gives status, headers and body of a refused request', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end('{"error":"slow down"}');
    });
    await expect(httpClient().text(url)).resolves.toMatchObject({
      ok: false,
      failure: {
        code: 'bad_status',
        status: 429,
        body: '{"error":"slow down"}',
        headers: { 'retry-after': '7' },
      },
    });
  });

  it('keeps the status of a refused request whose body breaks off', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(500, { 'content-length': '100' }).write('{"err', () => response.destroy());
    });
    await expect(httpClient().text(url)).resolves.toMatchObject({
      failure: { code: 'bad_status', status: 500 },
    });
  });

  it('does not follow redirects: another address is another server', async () => {
    const { url } = await serve(
      (_request, response) => void response.writeHead(301, { location: '/other' }).end(),
    );
    await expect(httpClient().text(url)).resolves.toMatchObject({
      failure: { code: 'bad_status', status: 301 },
    });
  });

  it('is a network failure where nothing listens, where the connection breaks, and where the name is unknown', async () => {
    const closed = await closedUrl();
    await expect(httpClient().text(closed)).resolves.toMatchObject({
      failure: {
        code: 'network',
        systemCode: 'ECONNREFUSED',
        message: `cannot reach ${closed}: nothing listens there`,
      },
    });
    const breaking = await serve((_request, response) => void response.destroy());
    await expect(httpClient().text(breaking.url)).resolves.toMatchObject({ failure: { code: 'network' } });
    const agent = new MockAgent();
    onTestFinished(() => agent.close());
    const refused = Object.assign(new Error('getaddrinfo ENOTFOUND gpubox'), { code: 'ENOTFOUND' });
    agent.get('http://gpubox').intercept({ path: '/' }).replyWithError(refused);
    await expect(new HttpClient(agent).text('http://gpubox/')).resolves.toMatchObject({
      failure: { code: 'network', systemCode: 'ENOTFOUND' },
    });
  });

  it('is a timeout where headers or the rest of the body stay away', async () => {
    const silent = await serve(() => undefined);
    await expect(httpClient().text(silent.url, { headersTimeoutMs: 50 })).resolves.toMatchObject({
      failure: { code: 'timeout' },
    });
    const stuck = await serve((_request, response) => void response.write('x'));
    await expect(httpClient().text(stuck.url, { bodyTimeoutMs: 50 })).resolves.toMatchObject({
      failure: { code: 'timeout' },
    });
  });

  it('rejects with the reason of its signal, before, during headers and during the body', async () => {
    const reason = new Error('the user pressed Escape');
    await expect(httpClient().text('http://127.0.0.1:1', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    for (const sent of ['nothing', 'headers', 'status 500']) {
      let arrived = false;
      const { url } = await serve((_request, response) => {
        arrived = true;
        if (sent !== 'nothing') response.writeHead(sent === 'headers' ? 200 : 500).write('x');
      });
      const controller = new AbortController();
      const asking = httpClient().text(url, { signal: controller.signal });
      asking.catch(() => undefined);
      await until(() => arrived);
      controller.abort(reason);
      await expect(asking, sent).rejects.toBe(reason);
    }
  });
});

it('does not wait for a connection that nobody waits for any more', async () => {
  let connecting = false;
  const agent = new Agent({ connect: () => (connecting = true) });
  onTestFinished(() => agent.destroy());
  const controller = new AbortController();
  const reason = new Error('the user pressed Escape');
  const asking = new HttpClient(agent).text('http://127.0.0.1:1', { signal: controller.signal });
  asking.catch(() => undefined);
  await until(() => connecting);
  controller.abort(reason);
  await expect(asking).rejects.toBe(reason);
});

describe('faults on the way to a server', () => {
  it('are told with what to do, and are no fault of the server', async () => {
    const agent = new Agent({
      connect: (_options, callback) =>
        callback(new ConnectionFault('PROXY_REFUSED', 'it will not', 'Ask it.'), null),
    });
    onTestFinished(() => agent.destroy());
    await expect(new HttpClient(agent).text('http://gpubox/')).resolves.toEqual({
      ok: false,
      failure: {
        code: 'network',
        url: 'http://gpubox/',
        message: 'it will not',
        systemCode: 'PROXY_REFUSED',
        nextStep: 'Ask it.',
      },
    });
  });

  it('are seen in a status that only a proxy answers', async () => {
    const { url } = await serve((_request, response) => void response.writeHead(407).end());
    await expect(httpClient().text(url)).resolves.toMatchObject({
      failure: { code: 'network', systemCode: 'PROXY_AUTHORIZATION' },
    });
  });

  it.each([
    ['CERT_HAS_EXPIRED', 'not valid today', 'clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name', 'name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'nobody that this machine trusts', 'NODE_EXTRA_CA_CERTS'],
    ['EPROTO', 'no secure connection', 'http://'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no secure connection', 'http://'],
  ])('of a certificate: %s', (code, message, nextStep) => {
    const failure = httpFailureOf(Object.assign(new Error('tls'), { code }), 'https://gpubox/v1?key=k');
    expect(failure).toMatchObject({ code: 'network', systemCode: code });
    expect(failure.message).toMatch(new RegExp(`${message}.*\\(${code}\\)$`));
    expect(failure.nextStep).toContain(nextStep);
  });
});

describe('HttpClient.withHeaders', () => {
  it('adds headers to every request, asked anew each time, the later ones first', async () => {
    const server = await serve((_request, response) => void response.end('{}'));
    let asked = 0;
    const http = httpClient()
      .withHeaders(() => Promise.resolve({ 'x-a': 'outer', 'x-b': 'outer' }))
      .withHeaders(() => Promise.resolve({ 'x-b': String(++asked) }));
    await http.text(server.url, { headers: { 'x-b': 'own', 'x-c': 'own' } });
    await http.text(server.url);
    expect(server.requests.map(({ headers }) => [headers['x-a'], headers['x-b'], headers['x-c']])).toEqual([
      ['outer', '1', 'own'],
      ['outer', '2', undefined],
    ]);
  });

  it('sends nothing where they cannot be had', async () => {
    const server = await serve((_request, response) => void response.end('{}'));
    const fault = new ConnectionFault('KEY_UNREADABLE', 'the key cannot be read', 'Set it again.');
    const http = httpClient().withHeaders(() => Promise.reject(fault));
    await expect(http.text(server.url)).resolves.toMatchObject({ failure: { systemCode: 'KEY_UNREADABLE' } });
    expect(server.requests).toEqual([]);
  });
});

describe('HttpClient.stream', () => {
  it('closes the connection when the reader breaks off', async () => {
    let closed = false;
    const { url } = await serve((_request, response) => {
      response.on('close', () => (closed = true));
      response.write('first');
    });
    const opened = await httpClient().stream(url);
    if (!opened.ok) throw new Error(opened.failure.message);
    for await (const chunk of opened.value.body) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
    await until(() => closed, 'the connection to close');
  });

  it('closes the connection by hand, though nobody reads', async () => {
    let closed = false;
    const { url } = await serve((_request, response) => {
      response.on('close', () => (closed = true));
      response.write('first');
    });
    const opened = await httpClient().stream(url);
    if (!opened.ok) throw new Error(opened.failure.message);
    opened.value.close();
    await until(() => closed, 'the connection to close');
  });
});

describe('httpFailureOf', () => {
  it('looks for the system code in causes and in lists of errors', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    expect(httpFailureOf(new Error('outer', { cause: refused }), 'http://a').systemCode).toBe('ECONNREFUSED');
    expect(httpFailureOf(new AggregateError([refused]), 'http://a').systemCode).toBe('ECONNREFUSED');
    expect(httpFailureOf('a string', 'http://a')).toEqual({
      code: 'network',
      url: 'http://a',
      message: 'cannot reach http://a: a string',
    });
  });
});

describe('originOf', () => {
  it('shows neither path, query nor user', () => {
    expect(originOf('https://u:p@host:1/path?key=secret')).toBe('https://host:1');
    expect(originOf('nonsense')).toBe('an address that is not a URL');
  });
});
