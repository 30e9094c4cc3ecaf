import type { ServerResponse } from 'node:http';
import { answerError, answerGated, answerMissingRepo, mayRead } from './answers';
import type { LoggedRequest } from './faults';
import { strikes } from './faults';
import type { FakeFile } from './repos';
import { bytesOf, commitOf, isLarge, sha256Of, sizeOf } from './repos';
import type { Exchange } from './world';

const CHUNK_BYTES = 1024 * 1024;

/** `GET` or `HEAD /{repo}/resolve/{revision}/{path}`: large files are on the other host, small ones are served here. */
export function resolveFile(exchange: Exchange, id: string, revision: string, path: string): void {
  const { world, response } = exchange;
  const repo = world.repos.get(id);
  if (repo?.movedTo !== undefined) {
    response.writeHead(307, { location: `/${repo.movedTo}/resolve/${revision}/${path}` }).end();
    return;
  }
  if (repo === undefined || repo.vanished === true) return answerMissingRepo(exchange);
  if (repo.gated !== undefined && repo.gated !== false && !mayRead(exchange, id)) {
    return answerGated(exchange, id);
  }
  const commit = commitOf(repo);
  if (revision !== 'main' && revision !== commit) {
    const code = 'RevisionNotFound';
    return answerError(exchange, 404, `Invalid rev id: ${revision}`, { code });
  }
  const file = repo.files?.[path];
  if (file === undefined) return answerError(exchange, 404, 'Entry not found', { code: 'EntryNotFound' });
  const digest = sha256Of(file);
  if (!isLarge(path, file)) {
    const headers = { 'x-repo-commit': commit, etag: `"${digest.slice(0, 40)}"` };
    sendFile(exchange, file, headers);
    return;
  }
  const location = `${world.urls.cdn}/xet-bridge-us/${id}/${encodeURIComponent(path)}?X-Amz-Expires=3600&X-Amz-Signature=${digest}`;
  response
    .writeHead(302, {
      location,
      'x-repo-commit': commit,
      'x-linked-size': String(sizeOf(file)),
      'x-linked-etag': `"${digest}"`,
      'accept-ranges': 'bytes',
    })
    .end(exchange.request.method === 'HEAD' ? undefined : `Found. Redirecting to ${location}`);
}

/** The other host: it knows the file by the signed address alone, and refuses a request that also carries a token. */
export function serveBlob(exchange: Exchange): void {
  const { world, url, response, request } = exchange;
  const [, org, name, path] = /^\/xet-bridge-us\/([^/]+)\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
  const file = world.repos.get(`${org}/${name}`)?.files?.[decodeURIComponent(path ?? '')];
  const xml = { 'content-type': 'application/xml' };
  if (request.headers['authorization'] !== undefined) {
    const text = 'Only one auth mechanism allowed';
    response.writeHead(400, xml).end(`<Error><Code>InvalidArgument</Code><Message>${text}</Message></Error>`);
  } else if (file === undefined || url.searchParams.get('X-Amz-Signature') !== sha256Of(file)) {
    response.writeHead(403, xml).end('<Error><Code>AccessDenied</Code></Error>');
  } else {
    sendFile(exchange, file, { etag: `"${sha256Of(file)}"` });
  }
}

function sendFile(exchange: Exchange, file: FakeFile, headers: Readonly<Record<string, string>>): void {
  const { world, request, response } = exchange;
  const sizeBytes = sizeOf(file);
  const ignored = strikes(world.faults, 'ignoreRange', request);
  const range = ignored ? null : rangeOf(request, sizeBytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${sizeBytes}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${sizeBytes}` } : {}),
    ...headers,
  });
  if (request.method === 'HEAD') response.end();
  else sendBytes(response, file, start, end + 1, strikes(world.faults, 'cut', request));
}

/** A piece at a time, as the client takes them: a file of 40 GB is never in memory. */
function sendBytes(
  response: ServerResponse,
  file: FakeFile,
  start: number,
  end: number,
  isCut: boolean,
): void {
  if (response.destroyed) return;
  const length = Math.min(CHUNK_BYTES, end - start);
  if (isCut) {
    response.write(bytesOf(file, start, Math.floor(length / 2)), () => response.destroy());
  } else if (length <= 0) {
    response.end();
  } else {
    const goOn = (): void => sendBytes(response, file, start + length, end, false);
    if (response.write(bytesOf(file, start, length))) setImmediate(goOn);
    else response.once('drain', goOn);
  }
}

/** One range, its ends included; null where none was asked for. */
function rangeOf(
  request: LoggedRequest,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | null {
  const header = request.headers['range'];
  const [, first = '', last = ''] =
    /^bytes=(\d*)-(\d*)$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start >= sizeBytes || start > end ? 'unsatisfiable' : { start, end };
}
