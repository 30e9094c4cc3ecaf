import { createHash } from 'node:crypto';
import { strikes } from './faults';
import type { Exchange } from './world';

type Headers = Readonly<Record<string, string>>;

/** Answers JSON with an ETag as Express makes it; 304 where the client has it already. */
export function answerJson(exchange: Exchange, value: unknown, headers: Headers = {}): void {
  const { world, request, response } = exchange;
  const body = Buffer.from(JSON.stringify(value));
  const digest = createHash('sha1').update(body).digest('base64').slice(0, 27);
  const etag = `W/"${body.byteLength.toString(16)}-${digest}"`;
  const own = strikes(world.faults, 'noEtag', request) ? {} : { etag };
  if (request.headers['if-none-match'] === etag && 'etag' in own) {
    response.writeHead(304, { ...own, ...headers }).end();
    return;
  }
  const text = strikes(world.faults, 'malformed', request)
    ? body.subarray(0, Math.ceil(body.byteLength / 2))
    : body;
  const sent = { 'content-type': 'application/json; charset=utf-8', ...own, ...headers };
  response.writeHead(200, { ...sent, 'content-length': text.byteLength });
  if (!strikes(world.faults, 'cut', request)) {
    response.end(text);
    return;
  }
  response.write(text.subarray(0, Math.ceil(text.byteLength / 2)), () => response.destroy());
}

/** Answers an error as the real server does: its text in the body and in a header, some with a code. */
export function answerError(
  { response }: Exchange,
  status: number,
  message: string,
  { code, headers = {} }: { readonly code?: string; readonly headers?: Headers } = {},
): void {
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-error-message': message,
      ...(code === undefined ? {} : { 'x-error-code': code }),
      ...headers,
    })
    .end(JSON.stringify({ error: message }));
}

/** A repository that is not there: the real server tells only those who say who they are. */
export function answerMissingRepo(exchange: Exchange): void {
  if (exchange.token !== undefined)
    answerError(exchange, 404, 'Repository not found', { code: 'RepoNotFound' });
  else answerError(exchange, 401, 'Invalid username or password.');
}

/** A gated repository, to somebody who was not granted access. Texts as huggingface_hub's users report them. */
export function answerGated(exchange: Exchange, id: string): void {
  const restricted = `Access to model ${id} is restricted`;
  const code = 'GatedRepo';
  if (exchange.token === undefined) {
    const text = `${restricted}. You must have access to it and be authenticated to access it. Please log in.`;
    answerError(exchange, 401, text, { code });
    return;
  }
  const page = `https://huggingface.co/${id}`;
  const text = `${restricted} and you are not in the authorized list. Visit ${page} to ask for access.`;
  answerError(exchange, 403, text, { code });
}

/** Whether the request may read a gated repository. */
export function mayRead({ world, token }: Exchange, id: string): boolean {
  return token !== undefined && (world.tokens[token] ?? []).includes(id);
}
