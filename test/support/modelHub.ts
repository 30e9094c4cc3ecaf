import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ModelHub {
  readonly url: string;
  /** `GET /path` of every request so far. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** Any forty hex digits. */
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/**
 * A Hugging Face on loopback with one repository of local files, as far as llama.cpp's `-hf` asks for it
 * (https://github.com/ggml-org/llama.cpp, common/hf-cache.cpp and common/download.cpp): references, tree, and each file.
 */
export async function startModelHub(
  repo: string,
  files: Readonly<Record<string, string>>,
): Promise<ModelHub> {
  const requests: string[] = [];
  const tree = Object.entries(files).map(([path, file]) => ({
    ...{ type: 'file', path, size: statSync(file).size },
    lfs: { oid: createHash('sha256').update(path).update(readFileSync(file)).digest('hex') },
  }));
  const listing: Readonly<Record<string, unknown>> = {
    [`/api/models/${repo}/refs`]: { branches: [{ name: 'main', targetCommit: COMMIT }], tags: [] },
    [`/api/models/${repo}/tree/${COMMIT}`]: tree,
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://hub');
    requests.push(`${request.method} ${pathname}`);
    const file = files[pathname.replace(`/${repo}/resolve/${COMMIT}/`, '')];
    if (pathname in listing) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listing[pathname]));
    } else if (file === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Repository not found"}');
    } else {
      response.writeHead(200, { 'content-length': statSync(file).size, etag: `"${COMMIT}"` });
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
