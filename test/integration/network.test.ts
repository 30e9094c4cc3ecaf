import type { ServerResponse } from 'node:http';
import process from 'node:process';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Network, type NetworkOptions } from '../../src/engine/network';
import { DEFAULT_NETWORK, type NetworkSettings } from '../../src/engine/networkRules';
import { HttpClient, type HttpFailure, type HttpResult } from '../../src/shared/http';
import { createAuthority, serveSecurely, type PrivateAuthority } from '../support/certificates';
import { bundledProgram } from '../support/programs';
import { startProxy } from '../support/proxy';
import { closedUrl, serve, until } from '../unit/backends/loopback';

/** A name that only the proxies of these tests, and their own lookup, know. */
const NAME = 'models.test';
const ALLOWED = `Basic ${Buffer.from('ann:s3cret').toString('base64')}`;

let authority: PrivateAuthority;
let identity: { readonly key: string; readonly cert: string };
beforeAll(() => {
  authority = createAuthority();
  identity = authority.issue(NAME);
});
afterAll(() => authority.forget());

interface Opened {
  readonly network: Network;
  readonly http: HttpClient;
}

function open(settings: Partial<NetworkSettings>, options: Partial<NetworkOptions> = {}): Opened {
  const network = new Network({
    settings: { ...DEFAULT_NETWORK, ...settings },
    env: {},
    lookup: (_name, { all }, callback) => {
      if (all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
    ...options,
  });
  onTestFinished(() => network.dispose());
  return { network, http: new HttpClient(network.dispatcher) };
}

function trusting(): Partial<NetworkOptions> {
  return { certificates: () => [authority.certificate] };
}

async function hello(): Promise<{ readonly url: string; readonly port: number }> {
  const { url } = await serve((_request, response) => void response.end('hello'));
  return { url, port: Number(new URL(url).port) };
}

function helloSecurely(): Promise<number> {
  return serveSecurely(identity, (_request, response) => void response.end('hello'));
}

function failureOf(result: HttpResult<unknown>): HttpFailure {
  if (result.ok) throw new Error('it should fail');
  return result.failure;
}

describe('a proxy', () => {
  it('tunnels https to what only it can find', async () => {
    const proxy = await startProxy({ names: { [NAME]: await helloSecurely() } });
    const { http } = open({ proxy: proxy.url }, trusting());
    expect(await http.text(`https://${NAME}/`)).toMatchObject({ ok: true, value: 'hello' });
    expect(await http.text(`https://${NAME}:8443/`)).toMatchObject({ ok: true, value: 'hello' });
    expect(proxy.tunnels).toEqual([`${NAME}:443`, `${NAME}:8443`]);
    expect(proxy.forwarded).toEqual([]);
  });

  it('forwards plain http, with the path, the headers and the body', async () => {
    const server = await serve((_request, response) => void response.end('hello'));
    const proxy = await startProxy({ names: { [NAME]: Number(new URL(server.url).port) } });
    const { http } = open({ proxy: proxy.url });
    const answer = await http.text(`http://${NAME}:11434/api/tags?a=1`, {
      json: { model: 'm' },
      headers: { 'x-key': 'k' },
    });
    expect(answer).toMatchObject({ ok: true, value: 'hello' });
    expect(proxy.forwarded).toMatchObject([{ url: `http://${NAME}:11434/api/tags?a=1` }]);
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/tags?a=1',
        body: '{"model":"m"}',
        headers: { host: `${NAME}:11434`, 'x-key': 'k' },
      },
    ]);
    expect(proxy.tunnels).toEqual([]);
  });

  it('of the environment is used as well', async () => {
    const proxy = await startProxy({ names: { [NAME]: await helloSecurely() } });
    const { http } = open({}, { ...trusting(), env: { HTTPS_PROXY: proxy.url } });
    expect(await http.text(`https://${NAME}/`)).toMatchObject({ ok: true });
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('is never asked for what is on this machine', async () => {
    const proxy = await startProxy({ names: {} });
    const { http } = open({ proxy: proxy.url }, { env: { ALL_PROXY: proxy.url } });
    const { url, port } = await hello();
    expect(await http.text(url)).toMatchObject({ ok: true });
    expect(await http.text(`http://localhost:${port}/`)).toMatchObject({ ok: true });
    expect([proxy.tunnels, proxy.forwarded]).toEqual([[], []]);
  });

  it('is not asked for what http.noProxy names, nor where proxies are switched off', async () => {
    const proxy = await startProxy({ names: {} });
    const { port } = await hello();
    const named = open({ proxy: proxy.url, noProxy: [NAME] });
    expect(await named.http.text(`http://${NAME}:${port}/`)).toMatchObject({ ok: true });
    const off = open({ proxy: proxy.url, useProxy: false });
    expect(await off.http.text(`http://${NAME}:${port}/`)).toMatchObject({ ok: true });
    expect([proxy.tunnels, proxy.forwarded]).toEqual([[], []]);
  });

  it('gets user and password, and the server does not', async () => {
    const seen: (string | undefined)[] = [];
    const port = await serveSecurely(identity, (request, response) => {
      seen.push(request.headers['proxy-authorization']);
      response.end('hello');
    });
    const plain = await serve((_request, response) => void response.end('hello'));
    const names = { [NAME]: port, 'plain.test': Number(new URL(plain.url).port) };
    const proxy = await startProxy({ names, authorization: ALLOWED });
    const { http } = open({ proxy: `http://ann:s3cret@${proxy.host}` }, trusting());
    expect(await http.text(`https://${NAME}/`)).toMatchObject({ ok: true });
    expect(await http.text('http://plain.test/')).toMatchObject({ ok: true });
    const whole = open({ proxy: proxy.url, proxyAuthorization: ALLOWED }, trusting());
    expect(await whole.http.text(`https://${NAME}/`)).toMatchObject({ ok: true });
    expect(seen).toEqual([undefined, undefined]);
    expect(plain.requests[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it.each(['https', 'http'])('that is told the wrong name says what to set (%s)', async (scheme) => {
    const proxy = await startProxy({ names: { [NAME]: 9 }, authorization: ALLOWED });
    const { http } = open({ proxy: `http://ann:wrong-pw@${proxy.host}` }, trusting());
    const failure = failureOf(await http.text(`${scheme}://${NAME}/`));
    expect(failure).toMatchObject({ code: 'network', systemCode: 'PROXY_AUTHORIZATION' });
    expect(failure.message).toMatch(/proxy wants to know who asks.*407/);
    expect(failure.nextStep).toMatch(/http\.proxy /);
    expect(JSON.stringify(failure)).not.toContain('wrong-pw');
    // The connection pool is whole: the next request is answered too.
    expect(failureOf(await http.text(`${scheme}://${NAME}/`)).systemCode).toBe('PROXY_AUTHORIZATION');
  });

  it.each(['https', 'http'])(
    'that is not there is told apart from a server that is not (%s)',
    async (scheme) => {
      const closed = await closedUrl();
      const { http } = open({ proxy: closed.replace('http://', 'http://ann:wrong-pw@') }, trusting());
      const failure = failureOf(await http.text(`${scheme}://${NAME}/`));
      expect(failure).toMatchObject({ code: 'network', systemCode: 'PROXY_UNREACHABLE' });
      expect(failure.message).toBe(`the proxy ${new URL(closed).host} does not answer (ECONNREFUSED)`);
      expect(failure.nextStep).toMatch(/^Check the setting http\.proxy and the network.*http\.noProxy/);
      expect(JSON.stringify(failure)).not.toContain('wrong-pw');
    },
  );

  it('that refuses a server says so, with its status', async () => {
    const proxy = await startProxy({ names: {} });
    const { http } = open({ proxy: proxy.url }, trusting());
    const failure = failureOf(await http.text(`https://${NAME}/`));
    expect(failure).toMatchObject({ code: 'network', systemCode: 'PROXY_REFUSED' });
    expect(failure.message).toBe(`the proxy ${proxy.host} opens no connection to ${NAME}:443 (status 403)`);
  });

  it('that is no HTTP proxy is not gone round', async () => {
    const { port } = await hello();
    const { http } = open({ proxy: 'socks5://127.0.0.1:1' });
    const failure = failureOf(await http.text(`http://${NAME}:${port}/`));
    expect(failure).toMatchObject({ code: 'network', systemCode: 'PROXY_INVALID' });
    expect(failure.nextStep).toContain('SOCKS');
  });

  it('that hangs is left at once when the caller gives up', async () => {
    const proxy = await startProxy({ names: {}, hangs: true });
    const { http } = open({ proxy: proxy.url }, trusting());
    for (const scheme of ['https', 'http']) {
      const reason = new Error('the user pressed Escape');
      const caller = new AbortController();
      const asking = http.text(`${scheme}://${NAME}/`, { signal: caller.signal });
      asking.catch(() => undefined);
      await until(() => proxy.tunnels.length + proxy.forwarded.length === (scheme === 'https' ? 1 : 2));
      const abortedAt = performance.now();
      caller.abort(reason);
      await expect(asking).rejects.toBe(reason);
      expect(performance.now() - abortedAt).toBeLessThan(1_000);
    }
  });

  it.each(['https', 'http'])(
    'streams, and its connection ends when the reader leaves (%s)',
    async (scheme) => {
      let ended = false;
      const answer = (response: ServerResponse): void => {
        response.on('close', () => (ended = true));
        response.write('first');
      };
      const port =
        scheme === 'https'
          ? await serveSecurely(identity, (_request, response) => answer(response))
          : Number(new URL((await serve((_request, response) => answer(response))).url).port);
      const proxy = await startProxy({ names: { [NAME]: port } });
      const { http } = open({ proxy: proxy.url }, trusting());
      const opened = await http.stream(`${scheme}://${NAME}/`);
      if (!opened.ok) throw new Error(opened.failure.message);
      for await (const chunk of opened.value.body) {
        expect(Buffer.from(chunk).toString()).toBe('first');
        break;
      }
      await until(() => ended && proxy.openTunnels === 0, 'the connection to close');
    },
  );
});

describe('changed settings', () => {
  it('count for new requests, while a running one goes on as it began', async () => {
    let answering: ServerResponse | undefined;
    const port = await serveSecurely(identity, (request, response) => {
      if (request.url !== '/slow') return void response.end('hello');
      answering = response;
      response.write('one ');
    });
    const first = await startProxy({ names: { [NAME]: port } });
    const second = await startProxy({ names: { [NAME]: port } });
    const { http, network } = open({ proxy: first.url }, trusting());
    const slow = http.text(`https://${NAME}/slow`);
    await until(() => answering !== undefined);
    network.configure({ ...DEFAULT_NETWORK, proxy: second.url });
    expect(await http.text(`https://${NAME}/`)).toMatchObject({ ok: true });
    expect([first.tunnels.length, second.tunnels.length]).toEqual([1, 1]);
    answering?.end('two');
    expect(await slow).toMatchObject({ ok: true, value: 'one two' });
    await until(() => first.openTunnels === 0, 'the old way to end');
  });

  it('that say the same keep the connections', async () => {
    const proxy = await startProxy({ names: { [NAME]: await helloSecurely() } });
    const { http, network } = open({ proxy: proxy.url }, trusting());
    for (let asked = 0; asked < 5; asked++) {
      // A connection is free again a moment after its answer has ended.
      await new Promise(setImmediate);
      network.configure({ ...DEFAULT_NETWORK, proxy: proxy.url });
      expect(await http.text(`https://${NAME}/`)).toMatchObject({ ok: true });
    }
    expect(proxy.tunnels.length).toBeLessThan(4);
  });
});

describe('the end', () => {
  it.each(['straight', 'forwarded', 'tunnelled'])(
    'cuts off what runs, by earlier settings too, and lets nothing begin (%s)',
    async (how) => {
      let begun = 0;
      const answer = (response: ServerResponse): void => {
        begun += 1;
        response.write('x');
      };
      const { url } = await serve((_request, response) => answer(response));
      const secure = await serveSecurely(identity, (_request, response) => answer(response));
      const names = { 'plain.test': Number(new URL(url).port), [NAME]: secure };
      const proxy = await startProxy({ names });
      const target =
        { straight: url, forwarded: 'http://plain.test/', tunnelled: `https://${NAME}/` }[how] ?? '';
      const { http, network } = open({ proxy: proxy.url }, trusting());
      const running = [http.text(target)];
      await until(() => begun === 1);
      network.configure({ ...DEFAULT_NETWORK, proxy: proxy.url, noProxy: ['other'] });
      running.push(http.text(target));
      await until(() => begun === 2);
      await network.dispose();
      for (const asked of running) {
        expect(await asked).toMatchObject({ ok: false, failure: { code: 'network' } });
      }
      expect(await http.text(target)).toMatchObject({ ok: false, failure: { code: 'network' } });
    },
  );
});

describe('certificates', () => {
  it('of an authority that nobody trusts are refused, with what to do', async () => {
    const port = await helloSecurely();
    const failure = failureOf(await open({}).http.text(`https://${NAME}:${port}/`));
    expect(failure).toMatchObject({ code: 'network', systemCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    expect(failure.message).toBe(
      `the certificate of https://${NAME}:${port} comes from nobody that this machine trusts (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
    );
    expect(failure.nextStep).toMatch(/system's trusted certificates.*NODE_EXTRA_CA_CERTS/);
  });

  it('are accepted from an authority of the system, which is asked once and not before the first https', async () => {
    const port = await helloSecurely();
    const certificates = vi.fn(() => [authority.certificate]);
    const { http, network } = open({}, { certificates });
    await http.text((await hello()).url);
    expect(certificates).not.toHaveBeenCalled();
    expect(await http.text(`https://${NAME}:${port}/`)).toMatchObject({ ok: true, value: 'hello' });
    network.configure({ ...DEFAULT_NETWORK, noProxy: ['other'] });
    expect(await http.text(`https://${NAME}:${port}/`)).toMatchObject({ ok: true });
    expect(certificates).toHaveBeenCalledTimes(1);
  });

  it('made for another name are refused', async () => {
    const port = await helloSecurely();
    const failure = failureOf(await open({}, trusting()).http.text(`https://other.test:${port}/`));
    expect(failure.systemCode).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(failure.message).toContain('was made for another name');
  });

  it('are not what a plain http server has', async () => {
    const { port } = await hello();
    const failure = failureOf(await open({}).http.text(`https://${NAME}:${port}/`));
    expect(failure.message).toContain('no secure connection');
    expect(failure.nextStep).toContain('http://');
  });

  it('behind a proxy go unchecked where http.proxyStrictSSL is off, and only there', async () => {
    const port = await helloSecurely();
    const proxy = await startProxy({ names: { [NAME]: port } });
    const strict = open({ proxy: proxy.url });
    expect(await strict.http.text(`https://${NAME}/`)).toMatchObject({ ok: false });
    const lax = open({ proxy: proxy.url, strictTls: false, noProxy: ['direct.test'] });
    expect(await lax.http.text(`https://${NAME}/`)).toMatchObject({ ok: true, value: 'hello' });
    expect(await lax.http.text(`https://direct.test:${port}/`)).toMatchObject({ ok: false });
  });

  it.each([
    ['trusts', true],
    ['does not know', false],
  ])(
    'a process that %s NODE_EXTRA_CA_CERTS: %s',
    async (_what, trusts) => {
      const program = await bundledProgram('test/support/certificatesProgram.ts');
      const { stdout } = await execa(process.execPath, [program, String(await helloSecurely())], {
        env: trusts ? { NODE_EXTRA_CA_CERTS: authority.file } : {},
        timeout: 20_000,
        killSignal: 'SIGKILL',
      });
      expect(JSON.parse(stdout)).toMatchObject(
        trusts
          ? { ok: true, value: 'hello' }
          : { failure: { systemCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } },
      );
    },
    30_000,
  );
});
