import type { ServerResponse } from 'node:http';
import type { InstallEvent, InstallResult } from '../../../../src/backends/installAdapter';
import type { OllamaInstallOptions } from '../../../../src/backends/ollamaInstall';
import { OllamaInstallAdapter } from '../../../../src/backends/ollamaInstall';
import { FakeClock } from '../../../fakes/fakeClock';
import type { Loopback, SeenRequest } from '../loopback';
import { httpClient, keepingLogger, serve, until } from '../loopback';

const LAYER = `sha256:${'a'.repeat(64)}`;
export const TEMPLATE = `sha256:${'b'.repeat(64)}`;
export const MANIFEST = { status: 'pulling manifest' };

export function layer(completed: number, total = 1_000, digest = LAYER): object {
  return {
    status: `pulling ${digest.slice(7, 19)}`,
    digest,
    total,
    ...(completed === 0 ? {} : { completed }),
  };
}

export function lines(...values: readonly (object | string)[]): string {
  return values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');
}

export const DONE = lines(
  { status: 'verifying sha256 digest' },
  { status: 'writing manifest' },
  { status: 'success' },
);

export type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** Ends the stream after the text. */
export const complete =
  (text: string): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(text);

/** Sends the text and leaves the stream open. */
export const open =
  (text: string): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).write(text);

/** Sends the text, then the socket closes without a terminating chunk, as when the server is killed. */
export const broken =
  (text: string): Answer =>
  (response) =>
    void response
      .writeHead(200, { 'content-type': 'application/x-ndjson' })
      .write(text, () => response.destroy());

export const status =
  (code: number, body: string): Answer =>
  (response) =>
    void response.writeHead(code).end(body);

/** A server whose `/api/pull` answers as told, one answer an attempt, the last one again and again. */
export async function pullServer(
  ...answers: readonly Answer[]
): Promise<Loopback & { readonly pulls: () => number }> {
  let pulls = 0;
  const server = await serve((request, response) => {
    if (request.path === '/api/tags') return void response.end('{"models":[]}');
    const answer = answers[Math.min(pulls++, answers.length - 1)];
    answer?.(response, request);
  });
  return { ...server, pulls: () => pulls };
}

interface Pull {
  readonly clock: FakeClock;
  readonly events: InstallEvent[];
  readonly result: Promise<InstallResult>;
  readonly settled: () => boolean;
  readonly logged: ReturnType<typeof keepingLogger>['lines'];
}

export function pull(
  url: string,
  options: Partial<OllamaInstallOptions> = {},
  request: { readonly signal?: AbortSignal; readonly onEvent?: (event: InstallEvent) => void } = {},
): Pull {
  const clock = new FakeClock();
  const logger = keepingLogger();
  const adapter = new OllamaInstallAdapter({
    ...{ baseUrl: url, http: httpClient(), clock, logger, random: () => 1 },
    ...options,
  });
  const events: InstallEvent[] = [];
  let settled = false;
  const result = adapter
    .install({ name: 'qwen3:8b', onEvent: (event) => void events.push(event), ...request })
    .finally(() => {
      settled = true;
    });
  return { clock, events, result, settled: () => settled, logged: logger.lines };
}

/** Steps the clock through every backoff until the install ends. */
export async function finish({ clock, result, settled }: Pull): Promise<InstallResult> {
  for (;;) {
    await until(() => settled() || resuming(clock), 'the end of an attempt');
    if (settled()) return result;
    await clock.advance(clock.nextDueMs ?? 0);
  }
}

/** Only a backoff waits: an attempt under way would have a deadline of a minute at least. */
export function resuming(clock: FakeClock): boolean {
  return clock.nextDueMs !== null && clock.nextDueMs <= 30_000;
}
