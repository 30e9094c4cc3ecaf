import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';
import { onTestFinished } from 'vitest';
import { keepEvidence } from '../../../scripts/test/evidence.mjs';
import { HttpClient } from '../../../src/shared/http';
import { createLogger, type LogLevel, type Logger } from '../../../src/shared/logger';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Loopback {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
}

/** A real server on a free loopback port for the length of one test. */
export async function serve(
  answer: (request: SeenRequest, response: ServerResponse) => void | Promise<void>,
): Promise<Loopback> {
  const requests: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => (body += text));
    incoming.on('end', () => {
      const seen = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body,
      };
      requests.push(seen);
      void answer(seen, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

/** Answers each path with its JSON value; others as Go's router does. */
export function serveJson(routes: Readonly<Record<string, unknown>>): Promise<Loopback> {
  return serve((request, response) => {
    const value = routes[request.path];
    if (value === undefined)
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  });
}

/** A client with a connection pool of its own for the length of one test. */
export function httpClient(): HttpClient {
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  return new HttpClient(agent);
}

/** The address of a port on which nothing listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Polls until the condition holds; fails after five seconds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what}`);
    await delay(2);
  }
}

export interface LoggedLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

/** A logger that keeps what it is told, and for the step `leaks` what it would write. */
export function keepingLogger(): Logger & { readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const written = createLogger((_level, line) => keepEvidence('logger', line));
  return {
    lines,
    log(level, event, facts) {
      lines.push({ level, event, facts });
      written.log(level, event, facts);
    },
  };
}
