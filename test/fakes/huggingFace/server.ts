import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { answerError } from './answers';
import type { HubFaults, LoggedRequest } from './faults';
import { noFaults, strikes } from './faults';
import { resolveFile, serveBlob } from './files';
import { describeModel, listModels } from './models';
import type { FakeRepo } from './repos';
import type { Exchange, World } from './world';

export interface FakeHubOptions {
  readonly repos?: readonly FakeRepo[];
  readonly faults?: Partial<HubFaults>;
  /** Tokens that are known, each with the gated repositories that it may read. */
  readonly tokens?: Readonly<Record<string, readonly string[]>>;
}

export interface FakeHub {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The host that large files are served from: another port, so another origin. */
  readonly cdnUrl: string;
  /** All requests to both hosts so far, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** By id; a test adds, replaces and deletes at any moment. */
  readonly repos: Map<string, FakeRepo>;
  readonly faults: HubFaults;
  stop(): Promise<void>;
}

const PORTAL_PAGE =
  '<!doctype html>\n<html><head><title>Hotel Wi-Fi</title></head><body>Please sign in to go online.</body></html>\n';

/**
 * Starts a Hugging Face on two ports of loopback. Shapes and texts after the Hub API's documentation
 * (https://huggingface.co/docs/hub/api), the source of huggingface.js (`packages/hub/src/lib/list-models.ts`) and of
 * huggingface_hub (`utils/_http.py`), and https://huggingface.co/docs/hub/rate-limits.
 */
export async function startFakeHub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const urls = { hub: '', cdn: '' };
  const world: World = {
    repos: new Map((options.repos ?? []).map((repo) => [repo.id, repo])),
    faults: { ...noFaults(), ...options.faults },
    tokens: options.tokens ?? {},
    urls,
  };
  const requests: LoggedRequest[] = [];
  const listener =
    (host: 'hub' | 'cdn') =>
    (request: IncomingMessage, response: ServerResponse): void => {
      response.on('error', () => undefined);
      const { method = '', url: path = '/', headers } = request;
      const logged = { method, path, headers, host };
      requests.push(logged);
      answer(world, logged, response).catch((error: unknown) => {
        // A bug of the fake itself: said aloud in the answer, so that the test that meets it fails with it.
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { 'content-type': 'text/plain' }).end(`the fake hub broke: ${text}`);
      });
    };
  const servers = [await listen(listener('hub')), await listen(listener('cdn'))] as const;
  [urls.hub, urls.cdn] = [urlOf(servers[0]), urlOf(servers[1])];
  return {
    url: urls.hub,
    cdnUrl: urls.cdn,
    requests,
    repos: world.repos,
    faults: world.faults,
    stop: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

async function answer(world: World, request: LoggedRequest, response: ServerResponse): Promise<void> {
  const { faults } = world;
  const url = new URL(request.path, request.host === 'hub' ? world.urls.hub : world.urls.cdn);
  const sent = /^Bearer (.+)$/.exec(headerOf(request, 'authorization'))?.[1];
  const token = sent !== undefined && sent in world.tokens ? sent : undefined;
  const exchange: Exchange = { world, request, url, response, token };
  if (faults.delayMs > 0 && faults.affects(request)) await delay(faults.delayMs);
  if (strikes(faults, 'hang', request)) return;
  if (strikes(faults, 'refuse', request)) {
    response.destroy();
    return;
  }
  if (strikes(faults, 'html', request)) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PORTAL_PAGE);
    return;
  }
  if (strikes(faults, 'portalRedirect', request)) {
    response
      .writeHead(302, { location: `${world.urls.cdn}/portal/login?from=${encodeURIComponent(url.href)}` })
      .end();
    return;
  }
  const retry: Readonly<Record<string, string>> =
    faults.retryAfter === null ? {} : { 'retry-after': faults.retryAfter };
  if (strikes(faults, 'rateLimited', request)) {
    const limits = { 'ratelimit-policy': '"fixed window";"api";q=500;w=300' };
    const text = 'We had to rate limit your IP. To continue using our service, create a HF account or login.';
    return answerError(exchange, 429, text, { headers: { ...limits, ...retry } });
  }
  if (faults.status !== null && faults.affects(request)) {
    return answerError(exchange, faults.status, ERROR_TEXTS[faults.status] ?? 'Something went wrong', {
      headers: retry,
    });
  }
  if (request.host === 'cdn') return serveBlob(exchange);
  if (sent !== undefined && token === undefined) {
    return answerError(exchange, 401, 'Invalid credentials in Authorization header');
  }
  route(exchange);
}

const ERROR_TEXTS: Readonly<Record<number, string>> = {
  401: 'Invalid credentials in Authorization header',
  403: 'Access to this resource is disabled.',
  404: 'Repository not found',
  500: 'Internal Error - We are working hard to fix this as soon as possible!',
  503: 'Service Unavailable',
};

function route(exchange: Exchange): void {
  const { pathname } = exchange.url;
  if (pathname === '/api/models') return listModels(exchange);
  const [, model] = /^\/api\/models\/([^/]+(?:\/[^/]+)?)$/.exec(pathname) ?? [];
  if (model !== undefined) return describeModel(exchange, decodeURIComponent(model));
  const [, repo, revision, path] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (repo === undefined || revision === undefined || path === undefined) {
    return answerError(exchange, 404, 'Sorry, we can’t find the page you are looking for.');
  }
  resolveFile(exchange, decodeURIComponent(repo), decodeURIComponent(revision), decodeURIComponent(path));
}

function headerOf(request: LoggedRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
