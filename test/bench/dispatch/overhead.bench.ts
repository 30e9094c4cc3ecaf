import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Agent, request } from 'undici';
import type { Engine } from '../../../src/engine';
import { testEngine } from '../../support/engine';
import { startLlamaServer, type LlamaServer } from '../../support/llamaServer';
import { ggufModel } from '../../support/scriptedModel';
import { median, printFigure } from '../figures';

const TOKENS = 400;
const PAIRS = 40;
const PAIRS_OF_EIGHT = 12;
/** Never ends by itself, so that each answer has as many tokens as are asked for. */
const QUESTION = 'loop';

interface Timed {
  readonly firstTokenMs: number;
  readonly wholeMs: number;
}

/** spec/dispatch.md: what the door costs, beside a bare client of the same HTTP library on the same server, in turns. */
async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpb-'));
  const server = await startLlamaServer({
    model: ggufModel('tiny-llama', ['--ctx', '131072']),
    args: ['--parallel', '8', '--ctx-size', '32768', '-t', '1'],
  });
  const agent = new Agent();
  const engine = await testEngine(folder, [{ id: 'served', kind: 'llama_server', url: server.url }]);
  try {
    engine.start();
    await engine.refreshAll(AbortSignal.timeout(30_000));
    const raw = (): Promise<Timed> => askRaw(agent, server);
    const ours = (): Promise<Timed> => ask(engine);
    for (let n = 0; n < 5; n += 1) {
      await raw();
      await ours();
    }
    await compare('1 stream', PAIRS, raw, ours);
    await compare('8 streams', PAIRS_OF_EIGHT, eightOf(raw), eightOf(ours));
    await measureProcessor(raw, 'undici alone');
    await measureProcessor(ours, 'the door');
  } finally {
    await engine.dispose();
    await agent.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  what: string,
  pairs: number,
  raw: () => Promise<Timed>,
  ours: () => Promise<Timed>,
): Promise<void> {
  const overheads: number[] = [];
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    // Whoever comes second finds the server's caches as the first one left them.
    const rawFirst = pair % 2 === 0;
    const before = rawFirst ? await raw() : await ours();
    const after = rawFirst ? await ours() : await raw();
    const [bare, door] = rawFirst ? [before, after] : [after, before];
    overheads.push(door.firstTokenMs - bare.firstTokenMs);
    ratios.push(bare.wholeMs / door.wholeMs);
  }
  printFigure(`${what}: first token later than with undici alone, p50`, median(overheads), 'ms', 5);
  printFigure(`${what}: throughput of undici alone, p50`, 100 * median(ratios), '%', 95, 'higher');
}

function eightOf(one: () => Promise<Timed>): () => Promise<Timed> {
  return async () => {
    const all = await Promise.all(Array.from({ length: 8 }, one));
    return {
      firstTokenMs: median(all.map(({ firstTokenMs }) => firstTokenMs)),
      wholeMs: Math.max(...all.map(({ wholeMs }) => wholeMs)),
    };
  };
}

async function measureProcessor(once: () => Promise<Timed>, whose: string): Promise<void> {
  const perToken: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const before = process.cpuUsage();
    await once();
    const { user, system } = process.cpuUsage(before);
    perToken.push((user + system) / TOKENS);
  }
  printFigure(`processor time a token, ${whose}, p50`, median(perToken), 'µs', 60);
}

/** Reads the answer as it comes and looks only for the first piece of text and the end. */
async function askRaw(agent: Agent, server: LlamaServer): Promise<Timed> {
  const begun = performance.now();
  const response = await request(`${server.url}/v1/chat/completions`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      model: 'tiny',
      messages: [{ role: 'user', content: QUESTION }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: TOKENS,
    }),
  });
  let firstTokenMs: number | undefined;
  let last = '';
  for await (const chunk of response.body) {
    last = Buffer.from(chunk).toString('latin1');
    if (firstTokenMs === undefined && /"content":"./.test(last)) firstTokenMs = performance.now() - begun;
  }
  if (firstTokenMs === undefined || !last.includes('[DONE]'))
    throw new Error('The bare client got no answer.');
  return { firstTokenMs, wholeMs: performance.now() - begun };
}

async function ask(engine: Engine): Promise<Timed> {
  const begun = performance.now();
  let firstTokenMs: number | undefined;
  const [model] = engine.served.chat();
  if (!model) throw new Error('The server was not found.');
  const { backend, provider, modelId } = model;
  const events = engine.dispatcher.dispatch({
    model: { backend, provider, modelId },
    messages: [{ role: 'user', content: QUESTION }],
    parameters: { maxTokens: TOKENS },
    sessionId: 'bench',
  });
  for await (const event of events) {
    if (event.type === 'text') firstTokenMs ??= performance.now() - begun;
    if (event.type === 'finish' && event.usage.outputTokens !== TOKENS) {
      throw new Error(`The answer ended with ${event.finishReason}: ${event.failure?.message ?? ''}`);
    }
  }
  if (firstTokenMs === undefined) throw new Error('There was no text.');
  return { firstTokenMs, wholeMs: performance.now() - begun };
}

void measure();
