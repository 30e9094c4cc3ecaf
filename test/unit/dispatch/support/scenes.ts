import type { Exchange, Loopback } from './loopback';
import { startLoopback } from './loopback';

/** What a server does with one request. */
export type Scene = (exchange: Exchange) => void | Promise<void>;

const line = (value: object): string => `${JSON.stringify({ model: 'm', done: false, ...value })}\n`;

/** Pieces of an answer as Ollama writes them. */
export const text = (content: string): string => line({ message: { role: 'assistant', content } });
export const thinking = (thought: string): string =>
  line({ message: { role: 'assistant', content: '', thinking: thought } });
export const toolCall = (name: string): string =>
  line({ message: { role: 'assistant', content: '', tool_calls: [{ function: { name, arguments: {} } }] } });
/** The end of an answer: 10 tokens in, `tokens` out; null: it does not count. */
export const end = (tokens: number | null = 2, reason = 'stop'): string =>
  line({
    done: true,
    done_reason: reason,
    ...(tokens === null ? {} : { prompt_eval_count: 10, eval_count: tokens }),
  });
export const errorLine = (message: string): string => `${JSON.stringify({ error: message })}\n`;

/** Answers well, with these packets. */
export function sends(...packets: readonly string[]): Scene {
  return async ({ response, send }) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const packet of packets) await send(packet);
    response.end();
  };
}

/** Answers with a text and a good end. */
export function says(content: string): Scene {
  return sends(text(content), end());
}

/** The same as OpenAI writes it. */
export const saysAsOpenai =
  (content: string): Scene =>
  async ({ response, send }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await send(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
    await send(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
    response.end('data: [DONE]\n\n');
  };

/** Refuses with a status. */
export function refuses(status: number, headers: Readonly<Record<string, string>> = {}, body = '{}'): Scene {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
}

/** Sends these packets and breaks the connection; without any it gives no answer at all. */
export function breaksAfter(...packets: readonly string[]): Scene {
  return async ({ response, send }) => {
    if (packets.length > 0) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const packet of packets) await send(packet);
    response.destroy();
  };
}

/** Sends these packets and then nothing more, until the client leaves; without any it sends no headers either. */
export function hangsAfter(...packets: readonly string[]): Scene {
  return async ({ response, send }) => {
    if (packets.length > 0) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const packet of packets) await send(packet);
  };
}

/** A server that does with the first request what the first scene says, and so on; the last scene goes on for ever. */
export function startScenes(...scenes: readonly [Scene, ...Scene[]]): Promise<Loopback> {
  let next = 0;
  return startLoopback((exchange) => {
    const scene = scenes[Math.min(next, scenes.length - 1)];
    next += 1;
    return scene?.(exchange);
  });
}

/** Sends a packet again and again until the client leaves or 100 MB are sent; `counter` has what was sent. */
export function floods(status: number, packet: string, counter: { sentBytes: number }): Scene {
  return async ({ response, send, closed }) => {
    const state = { open: true };
    void closed.then(() => (state.open = false));
    response.writeHead(status, { 'content-type': 'application/x-ndjson' });
    for (let bytes = 0; state.open && bytes < 100 * 1024 * 1024; bytes += packet.length) {
      await Promise.race([send(packet), closed]);
      counter.sentBytes += packet.length;
    }
  };
}
