import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly response: ServerResponse;
  /** Sends one packet and waits until it has left. */
  readonly send: (packet: string | Uint8Array) => Promise<void>;
  /** Settles when the client has closed the connection, or the answer is complete. */
  readonly closed: Promise<void>;
}

export interface Loopback {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** Connections since the start. */
  readonly connections: number;
  openConnections(): Promise<number>;
  close(): Promise<void>;
}

/** A server on loopback that does with each request what the test says. */
export async function startLoopback(handle: (exchange: Exchange) => void | Promise<void>): Promise<Loopback> {
  const exchanges: Exchange[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const exchange: Exchange = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        response,
        send: (packet) =>
          new Promise((resolve) => {
            response.write(packet, () => setImmediate(resolve));
          }),
        closed: new Promise((resolve) => response.on('close', () => resolve())),
      };
      exchanges.push(exchange);
      response.on('error', () => undefined);
      void handle(exchange);
    });
  });
  server.on('connection', (socket) => {
    connections += 1;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    exchanges,
    get connections() {
      return connections;
    },
    openConnections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
