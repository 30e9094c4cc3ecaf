import { Agent, request as openRequest } from 'node:http';
import type { Captured } from './capture';

/** What the client of a replayed exchange saw. */
export interface Observed {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly end: Captured['end'];
}

/** A replayed exchange under way. */
export interface Play {
  /** Resolves when so many lines have come; rejects after five seconds or where the answer ends before. */
  readonly lines: (count: number) => Promise<void>;
  /** Goes away, as a client that cancels. */
  readonly leave: () => void;
  readonly done: Promise<Observed>;
}

const LINES_DEADLINE_MS = 5_000;

/** Sends a captured request to the fake server on `port`, with the captured headers and body. */
export function play(port: number, captured: Captured): Play {
  let status: number | null = null;
  let headers: Record<string, string> = {};
  let text = '';
  let left = false;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  const agent = new Agent({ keepAlive: false });
  const request = openRequest({
    agent,
    host: '127.0.0.1',
    port,
    method: captured.method,
    path: captured.path,
    headers: {
      ...captured.requestHeaders,
      ...(captured.requestBody === null ? {} : { 'Content-Length': Buffer.byteLength(captured.requestBody) }),
    },
  });
  let over = false;
  const done = new Promise<Observed>((resolve) => {
    const finish = (end: Captured['end']): void => {
      if (over) return;
      over = true;
      resolve({ status, headers, text, end: left ? 'client-cancelled' : end });
      notify();
      agent.destroy();
    };
    request.on('error', () => finish('server-closed-early'));
    request.on('response', (response) => {
      status = response.statusCode ?? null;
      headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      );
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        notify();
      });
      response.on('error', () => finish('server-closed-early'));
      response.on('end', () => finish('complete'));
      response.on('close', () => finish('server-closed-early'));
    });
  });
  request.end(captured.requestBody ?? undefined);
  const countLines = (): number => text.split('\n').length - 1;
  return {
    done,
    leave: () => {
      left = true;
      request.destroy();
    },
    lines: async (count) =>
      new Promise((resolve, reject) => {
        const stop = (settle: () => void): void => {
          clearTimeout(deadline);
          watchers.delete(check);
          settle();
        };
        const fail = (why: string): void =>
          stop(() => reject(new Error(`${captured.name}: ${why} after ${countLines()} of ${count} lines`)));
        const check = (): void => {
          if (countLines() >= count) stop(resolve);
          else if (over) fail('the answer ended');
        };
        const deadline = setTimeout(() => fail('nothing more came'), LINES_DEADLINE_MS);
        watchers.add(check);
        check();
      }),
  };
}
