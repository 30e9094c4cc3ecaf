import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FaultSwitches } from './faults';
import { encodeGoJson } from './goJson';

/** Bodies up to this size have a Content-Length, longer ones are chunked: Go's net/http buffers so much. */
const BUFFERED_BYTES = 2_048;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers with JSON. */
export function replyJson(response: ServerResponse, status: number, value: unknown, type = JSON_TYPE): void {
  replyBody(response, status, type, encodeGoJson(value));
}

/** Answers with `{"error": text}`. */
export function replyError(response: ServerResponse, status: number, error: string): void {
  replyJson(response, status, { error });
}

/** Answers with a text and its exact content type. */
export function replyBody(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.byteLength(body);
  response.writeHead(status, {
    'Content-Type': type,
    ...(bytes <= BUFFERED_BYTES ? { 'Content-Length': bytes } : { 'Transfer-Encoding': 'chunked' }),
  });
  response.end(body);
}

/** Answers an error of a streaming request before its first line: another content type than elsewhere. */
export function replyStreamError(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
  response.end(encodeGoJson({ error }));
}

/** Answers with a status and no body. */
export function replyEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { 'Content-Length': 0 });
  response.end();
}

/** How the values of a stream stand on the wire. */
export interface StreamDress {
  readonly headers: Readonly<Record<string, string>>;
  readonly encode: (value: unknown) => string;
}

const JSON_LINES: StreamDress = {
  headers: { 'Content-Type': 'application/x-ndjson' },
  encode: (value) => `${encodeGoJson(value)}\n`,
};

/** How an API says what has happened. */
export interface Voice {
  /** The whole answer, status 200. */
  readonly whole: (response: ServerResponse, body: object) => void;
  readonly error: (response: ServerResponse, status: number, text: string) => void;
  /** An error of a streaming request before its first line. */
  readonly streamError: (response: ServerResponse, status: number, text: string) => void;
  readonly dress: StreamDress;
}

/** That of Ollama's own routes. */
export const OLLAMA_VOICE: Voice = {
  whole: (response, body) => replyJson(response, 200, body),
  error: replyError,
  streamError: replyStreamError,
  dress: JSON_LINES,
};

/** Answers with a 200 stream of lines; after `faults.dieMidStream` lines the socket closes instead. */
export class LineStream {
  #lines = 0;
  #dead = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly faults: FaultSwitches,
    private readonly dress: StreamDress = JSON_LINES,
  ) {}

  /** Writes one line. False where the reader is slow or gone: wait with `drained`. */
  write(value: unknown): boolean {
    const { response } = this;
    if (this.#dead || response.destroyed) return true;
    if (!response.headersSent) {
      response.writeHead(200, { ...this.dress.headers, 'Transfer-Encoding': 'chunked' });
    }
    const flowing = response.write(this.dress.encode(value));
    this.#lines += 1;
    if (this.faults.dieMidStream !== null && this.#lines >= this.faults.dieMidStream) this.#die();
    return flowing;
  }

  /** Resolves when the reader has caught up or `signal` aborts. */
  async drained(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.response.writableNeedDrain) return;
    await once(this.response, 'drain', { signal }).catch(() => undefined);
  }

  end(): void {
    if (!this.#dead) this.response.end();
  }

  /** Closes the socket after a whole line, without the terminating chunk. */
  #die(): void {
    const { socket } = this.response;
    this.#dead = true;
    socket?.end(() => socket.destroy());
  }
}
