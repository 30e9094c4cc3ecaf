import type { IncomingHttpHeaders } from 'node:http';
import { createServer, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TestProxy {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** What it was asked to tunnel to, `name:port`, refused ones too. */
  readonly tunnels: readonly string[];
  /** What it was asked to forward: whole addresses with the headers that came with them. */
  readonly forwarded: readonly { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  /** Tunnels that are open now. */
  readonly openTunnels: number;
}

export interface TestProxyOptions {
  /** Port on loopback behind each name that this proxy knows. It knows no other. */
  readonly names: Readonly<Record<string, number>>;
  /** The `Proxy-Authorization` that it wants. */
  readonly authorization?: string;
  /** Answers nothing at all. */
  readonly hangs?: boolean;
}

/**
 * A real HTTP proxy on loopback for the length of one test, or until what `onEnd` gets is called: it tunnels, forwards,
 * and keeps what it was asked.
 */
export async function startProxy(
  { names, authorization, hangs }: TestProxyOptions,
  onEnd: (stop: () => Promise<void>) => void = onTestFinished,
): Promise<TestProxy> {
  const tunnels: string[] = [];
  const forwarded: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  let openTunnels = 0;
  const allowed = (headers: IncomingHttpHeaders): boolean =>
    authorization === undefined || headers['proxy-authorization'] === authorization;

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '');
    forwarded.push({ url: url.href, headers: request.headers });
    if (hangs) return;
    if (!allowed(request.headers)) return void response.writeHead(407).end('who are you?');
    const port = names[url.hostname];
    if (port === undefined) return void response.writeHead(502).end();
    const headers = { ...request.headers };
    delete headers['proxy-authorization'];
    const path = `${url.pathname}${url.search}`;
    const onward = httpRequest(
      { host: '127.0.0.1', port, path, method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, client: Socket) => {
    const target = request.url ?? '';
    tunnels.push(target);
    client.on('error', () => undefined);
    if (hangs) return;
    if (!allowed(request.headers))
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const port = names[target.replace(/:\d+$/, '')];
    if (port === undefined) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      openTunnels += 1;
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    onward.on('close', () => client.destroy());
    client.on('close', () => {
      openTunnels -= 1;
      onward.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const host = `127.0.0.1:${address.port}`;
  return {
    url: `http://${host}`,
    host,
    tunnels,
    forwarded,
    get openTunnels() {
      return openTunnels;
    },
  };
}
