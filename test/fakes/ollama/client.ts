import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { z } from 'zod';
import type { FakeOllama } from './server';

const lineSchema = z.object({
  status: z.string().optional(),
  completed: z.number().optional(),
  error: z.string().optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional(),
  eval_count: z.number().optional(),
  message: z
    .object({
      content: z.string(),
      tool_calls: z.array(z.object({ function: z.record(z.string(), z.unknown()) })).optional(),
    })
    .optional(),
});

/** A line of any stream, with the fields that tests look at. */
export type Line = z.infer<typeof lineSchema>;

interface OpenStream {
  readonly lines: () => AsyncGenerator<Line, void>;
  readonly close: () => void;
}

/** Sends a request and reads the whole answer. */
export async function send(
  server: FakeOllama,
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** Posts a request whose answer comes in lines; `lines` throws where the connection breaks. */
export async function openStream(server: FakeOllama, path: string, body: object): Promise<OpenStream> {
  const cancel = new AbortController();
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: cancel.signal,
  });
  return { lines: () => readLines(response), close: () => cancel.abort() };
}

/** All lines of a pull. */
export async function pull(server: FakeOllama, model: string): Promise<Line[]> {
  return drain((await openStream(server, '/api/pull', { model })).lines());
}

/** Breaks a pull off after so many lines; resolves with the bytes that its only partial kept. */
export async function cancelledPull(server: FakeOllama, model: string, afterLines: number): Promise<number> {
  const stream = await openStream(server, '/api/pull', { model });
  const lines = stream.lines();
  for (let count = 0; count < afterLines; count += 1) await lines.next();
  stream.close();
  const keptBytes = (): number => [...server.store.partials.values()][0]?.completedBytes ?? 0;
  return settled(keptBytes);
}

/** All lines of a chat with the model `big`. */
export async function chat(server: FakeOllama, question: string, more: object = {}): Promise<Line[]> {
  return drain((await openStream(server, '/api/chat', { ...ask(question), ...more })).lines());
}

/** Body of a chat. */
export function ask(question: string, model = 'big'): object {
  return { model, messages: [{ role: 'user', content: question }] };
}

/** Posts without ever reading the answer. */
export function postWithoutReading(server: FakeOllama, path: string, body: object): Socket {
  const text = JSON.stringify(body);
  const socket = connect(server.port, '127.0.0.1');
  socket.pause();
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return socket;
}

/** Every line that is left. */
export async function drain(lines: AsyncGenerator<Line, void>): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Polls a number until it is above zero and stays the same for a while; gives up after five seconds. */
export async function settled(read: () => number): Promise<number> {
  const deadline = performance.now() + 5_000;
  let last = read();
  for (let same = 0; same < 8 || last === 0;) {
    if (performance.now() > deadline) throw new Error(`still moving, now at ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const next = read();
    same = next === last ? same + 1 : 0;
    last = next;
  }
  return last;
}

async function* readLines(response: Response): AsyncGenerator<Line, void> {
  if (response.body === null) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) yield lineSchema.parse(JSON.parse(line));
  }
}
