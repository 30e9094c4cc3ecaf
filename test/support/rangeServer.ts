import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface RangeServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What it was asked, in order. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Bytes of bodies that it has written so far. */
  readonly sentBytes: number;
}

export type ServedFile =
  /** A file on disk. */
  | { readonly file: string }
  | { readonly bytes: Buffer }
  | { readonly status: number; readonly location?: string; readonly body?: string }
  | { readonly answer: (response: ServerResponse) => void };

/** How it differs from a server that does as HTTP says. */
export interface RangeServerFaults {
  /** Answers every request with the whole file. */
  readonly ignoresRanges?: boolean;
  /** Does not tell how long files are. */
  readonly hidesLength?: boolean;
  /** Never sends more than this of a range, bytes. */
  readonly mostBytes?: number;
}

/**
 * A real HTTP server on loopback for the length of one test, or until what `onEnd` gets is called: it serves files with
 * range requests. Files may be exchanged while it runs: `files` is asked at every request.
 */
export async function startRangeServer(
  files: Readonly<Record<string, ServedFile>>,
  faults: RangeServerFaults = {},
  onEnd: (end: () => Promise<void>) => void = onTestFinished,
): Promise<RangeServer> {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  let sentBytes = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    response.on('error', () => undefined);
    void serve(files[path] ?? { status: 404 }, request.headers.range, response);
  });
  const serve = async (
    served: ServedFile,
    range: string | undefined,
    response: ServerResponse,
  ): Promise<void> => {
    if ('answer' in served) return served.answer(response);
    if ('status' in served) {
      response.writeHead(served.status, served.location === undefined ? {} : { location: served.location });
      response.end(served.body ?? '');
      return;
    }
    const length = 'file' in served ? (await stat(served.file)).size : served.bytes.length;
    const asked = faults.ignoresRanges ? null : /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const from = Number(asked?.[1] ?? 0);
    const to = Math.min(
      Number(asked?.[2] ?? length - 1),
      length - 1,
      from + (faults.mostBytes ?? Infinity) - 1,
    );
    if (asked && from >= length) {
      response.writeHead(416, faults.hidesLength ? {} : { 'content-range': `bytes */${length}` }).end();
      return;
    }
    response.writeHead(asked ? 206 : 200, {
      ...(asked && { 'content-range': `bytes ${from}-${to}/${faults.hidesLength ? '*' : length}` }),
      ...(!faults.hidesLength && { 'content-length': String(to - from + 1) }),
    });
    const body =
      'file' in served
        ? createReadStream(served.file, { start: from, end: to })
        : Readable.from([served.bytes.subarray(from, to + 1)]);
    body.on('data', (chunk: Buffer) => (sentBytes += chunk.length));
    body.pipe(response);
    response.on('close', () => body.destroy());
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    get sentBytes() {
      return sentBytes;
    },
  };
}
