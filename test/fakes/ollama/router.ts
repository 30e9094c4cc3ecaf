import { passesGate } from './gate';
import { replyBody } from './reply';
import { ROUTES } from './routes/table';
import type { Exchange, Route } from './world';

/** Answers a request as gin, the router of the real server, does. */
export async function route(exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  const here = routesAt(path);
  const handler = here.find((candidate) => candidate.method === method);
  if (handler === undefined && redirectsSlash(method, path)) return redirect(exchange, path);
  if (handler === undefined && here.length > 0) {
    response.setHeader('Allow', here.map((candidate) => candidate.method).join(', '));
  }
  if (!passesGate(request, response)) return;
  if (handler !== undefined) return handler.handle(exchange);
  if (here.length > 0) return replyBody(response, 405, 'text/plain', '405 method not allowed');
  replyBody(response, 404, 'text/plain', '404 page not found');
}

function routesAt(path: string): Route[] {
  const named = path.replace(/[^/]+$/, ':');
  return ROUTES.filter((candidate) => candidate.path === path || candidate.path === named);
}

function redirectsSlash(method: string, path: string): boolean {
  return path !== '/' && routesAt(otherSlash(path)).some((candidate) => candidate.method === method);
}

function otherSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
}

function redirect({ request, response }: Exchange, path: string): void {
  const location = otherSlash(path);
  response.setHeader('Location', location);
  if (request.method === 'GET') {
    const body = `<a href="${location}">Moved Permanently</a>.\n\n`;
    return replyBody(response, 301, 'text/html; charset=utf-8', body);
  }
  response.writeHead(307, { 'Content-Length': 0 }).end();
}
