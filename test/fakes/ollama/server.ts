import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Pace } from './downloads';
import { Downloads } from './downloads';
import type { FaultSwitches } from './faults';
import { noFaults, strikes } from './faults';
import type { ModelPackage } from './package';
import { ModelsFolder } from './modelsFolder';
import { pause } from './pause';
import { RemoteRegistry } from './remoteRegistry';
import { replyBody } from './reply';
import { route } from './router';
import { Runners } from './runners';
import { ModelStore } from './store';
import type { ServerSettings, World } from './world';

export interface FakeOllamaOptions extends Partial<Pace>, Partial<ServerSettings> {
  /** Models that can be pulled, by the name that a client would ask for. */
  readonly registry?: Readonly<Record<string, ModelPackage>>;
  /** Models that are there from the start. */
  readonly installed?: Readonly<Record<string, ModelPackage>>;
  readonly faults?: Partial<FaultSwitches>;
  /** A folder that is kept as the real server keeps OLLAMA_MODELS; by default there is none. */
  readonly modelsFolder?: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Time for timestamps, keep-alive and pruning; by default the machine's. */
  readonly nowMs?: () => number;
}

interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeOllama {
  /** `http://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  /** The models folder: read it to check, change it to set a scene. */
  readonly store: ModelStore;
  readonly runners: Runners;
  readonly registry: RemoteRegistry;
  readonly faults: FaultSwitches;
  readonly pace: Pace;
  readonly settings: ServerSettings;
  /** All requests so far, in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  /** Ends as on SIGTERM: streams break off, running downloads write their parts down. */
  stop(): Promise<void>;
  /** Ends as on SIGKILL: the parts of running downloads are lost. */
  kill(): Promise<void>;
  /** Starts again on the same port with the same models folder; nothing is loaded. */
  restart(): Promise<void>;
}

const HTML_PAGE =
  '<!doctype html>\n<html><head><title>Router login</title></head><body>Sign in</body></html>\n';

/**
 * Starts a server on loopback that answers as Ollama v0.32.15 does (see test/fixtures/ollama). By default a download
 * runs at 200 MB/s and everything else takes no time.
 */
export async function startFakeOllama(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
  const nowMs = options.nowMs ?? (() => Date.now());
  const faults = { ...noFaults(), ...options.faults };
  const pace: Pace = {
    bytesPerSecond: options.bytesPerSecond ?? 200_000_000,
    progressIntervalMs: options.progressIntervalMs ?? 60,
    retryBackoffMs: options.retryBackoffMs ?? 1_000,
    verifyMs: options.verifyMs ?? 0,
  };
  const settings: ServerSettings = {
    loadMs: options.loadMs ?? 0,
    maxQueue: options.maxQueue ?? 512,
    maxLoaded: options.maxLoaded ?? 3,
    gpuShare: options.gpuShare ?? 0,
    cloud: options.cloud ?? 'disabled',
    version: options.version ?? '0.32.15',
    tokenIntervalMs: options.tokenIntervalMs ?? 1,
  };
  const folder = options.modelsFolder === undefined ? null : new ModelsFolder(options.modelsFolder);
  const store = new ModelStore(nowMs, folder);
  const world: World = {
    store,
    runners: new Runners(settings, nowMs),
    downloads: new Downloads(store, faults, pace, nowMs),
    registry: new RemoteRegistry(options.registry ?? {}, faults),
    faults,
    pace,
    settings,
    nowMs,
    listings: 0,
  };
  for (const [name, model] of Object.entries(options.installed ?? {})) store.install(name, model);
  const requests: LoggedRequest[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    answer(world, requests, request, response).catch((error: unknown) => {
      // A bug of the fake itself: said aloud in the answer, so that the test that meets it fails with it.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (!response.headersSent) replyBody(response, 500, 'text/plain', `the fake Ollama broke: ${text}`);
      else response.destroy();
    });
  };
  let server = await listen(listener, options.port ?? 0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const end = async (how: 'terminated' | 'killed'): Promise<void> => {
    world.downloads.stopAll(how);
    await close(server);
    world.runners.clear();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    store,
    runners: world.runners,
    registry: world.registry,
    faults,
    pace,
    settings,
    requests,
    stop: () => end('terminated'),
    kill: () => end('killed'),
    restart: async () => {
      if (server.listening) await end('terminated');
      store.startUp();
      server = await listen(listener, port);
    },
  };
}

async function answer(
  world: World,
  requests: LoggedRequest[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.on('error', () => gone.abort());
  const bytes = await readBody(request);
  if (bytes === null) return;
  const body = bytes.toString('utf8');
  const path = request.url ?? '';
  requests.push({ method: request.method ?? '', path, headers: request.headers, body });
  const { signal } = gone;
  if (strikes(world.faults, 'hang')) return;
  if ((await pause(world.faults.delayMs, signal)) === 'aborted') return;
  if (strikes(world.faults, 'html')) return replyBody(response, 200, 'text/html', HTML_PAGE);
  const segment = decodeURIComponent(path.replace(/\?.*$/, '').split('/').at(-1) ?? '');
  await route({ world, request, response, body, bytes, segment, signal });
}

/** The whole body, or null where the client went away before its end. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) if (Buffer.isBuffer(part)) parts.push(part);
  } catch {
    return null;
  }
  return Buffer.concat(parts);
}

async function listen(
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
