import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Engine } from '../../../src/engine';
import type { ChatEvent } from '../../../src/dispatch/chat';
import { testEngine } from '../../support/engine';
import { printFigure } from '../figures';

const CANCELLED = 1_000;
const CALLS = 10_000;
const AT_ONCE = 20;
const WARM_UP = 2_000;
const SETTLED_WITHIN_MS = 10_000;

/** Many calls: those that are broken off leave no connection, those that end leave no memory. */
async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpb-'));
  const server = createServer((incoming, response) => {
    incoming.resume();
    if (incoming.url !== '/api/chat') {
      response.end(incoming.url === '/api/tags' ? TAGS : '{"version":"0.32.15","models":[]}');
      return;
    }
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(line({ message: { role: 'assistant', content: 'Hello' }, done: false }));
      if (body.includes('stay')) return;
      response.end(line({ message: { role: 'assistant', content: '' }, done: true, ...END }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const engine = await testEngine(folder, [{ id: 'served', kind: 'ollama', url }]);
  try {
    engine.start();
    await engine.refreshAll(AbortSignal.timeout(30_000));
    await measureCancelled(engine, server);
    await measureMemory(engine);
  } finally {
    await engine.dispose();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const TAGS = JSON.stringify({
  models: [{ name: 'a:latest', model: 'a:latest', digest: 'a'.repeat(64), size: 1, details: {} }],
});
const END = {
  ...{ done_reason: 'stop', total_duration: 9e6, load_duration: 1e6, prompt_eval_count: 10 },
  ...{ prompt_eval_duration: 1e6, eval_count: 2, eval_duration: 5e6 },
};
const line = (value: object): string => `${JSON.stringify({ model: 'a', created_at: '', ...value })}\n`;

function ask(engine: Engine, content: string): AsyncIterableIterator<ChatEvent> {
  const [model] = engine.served.chat();
  if (!model) throw new Error('The server was not found.');
  const { backend, provider, modelId } = model;
  return engine.dispatcher.dispatch({
    model: { backend, provider, modelId },
    messages: [{ role: 'user', content }],
    sessionId: 'bench',
  });
}

async function measureCancelled(engine: Engine, server: Server): Promise<void> {
  await Promise.all(
    Array.from({ length: CANCELLED }, async () => {
      for await (const event of ask(engine, 'stay')) if (event.type === 'text') break;
    }),
  );
  const begun = performance.now();
  const open = (): Promise<number> =>
    new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  while ((await open()) > 0 && performance.now() - begun < SETTLED_WITHIN_MS) await wait(20);
  printFigure(`connections left by ${CANCELLED} cancelled calls`, await open(), '', 0);
}

async function measureMemory(engine: Engine): Promise<void> {
  await callMany(engine, WARM_UP);
  const before = await settledHeapMb();
  await callMany(engine, CALLS);
  const grown = (await settledHeapMb()) - before;
  printFigure(`heap grown by ${CALLS} calls`, Math.max(0, grown), 'MB', 5);
}

async function callMany(engine: Engine, calls: number): Promise<void> {
  let left = calls;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      for await (const event of ask(engine, 'hello')) {
        if (event.type === 'finish' && event.finishReason !== 'stop') throw new Error(event.finishReason);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function settledHeapMb(): Promise<number> {
  // Records are written in the background; what waits there is not leaked.
  await wait(1_000);
  for (let n = 0; n < 4; n += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

void measure();
