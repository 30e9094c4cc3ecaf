import type { Exchange, Loopback } from './loopback';
import { startLoopback } from './loopback';
import type { Rig, RigOptions } from './rig';
import { startRig } from './rig';
import type { AnswerWriter, Wire } from './wire';

type Packets = readonly (string | Uint8Array)[];

/** A server that writes one dialect, and a dispatcher in front of it that makes one attempt a call. */
export class Stage {
  #server: Loopback | undefined;
  #rig: Rig | undefined;

  get server(): Loopback {
    if (!this.#server) throw new Error('no server has been started');
    return this.#server;
  }

  get rig(): Rig {
    if (!this.#rig) throw new Error('no server has been started');
    return this.#rig;
  }

  /** A server that does with each request what the test says. */
  async start(
    wire: Wire,
    handle: (exchange: Exchange) => void | Promise<void>,
    options: Partial<RigOptions> = {},
  ): Promise<void> {
    await this.close();
    this.#server = await startLoopback(handle);
    this.#rig = await startRig({ url: this.#server.url, kind: wire.kind, ...options });
  }

  /** A server that answers each request with what the test writes, packet by packet, and then ends the answer. */
  serve(
    wire: Wire,
    write: (answer: AnswerWriter) => Packets,
    options: Partial<RigOptions> = {},
  ): Promise<void> {
    return this.start(
      wire,
      async (exchange) => {
        begin(exchange, wire);
        for (const packet of write(wire.answer())) await exchange.send(packet);
        exchange.response.end();
      },
      options,
    );
  }

  /** A server that begins its answer with one piece of text and then stays silent. */
  stall(wire: Wire, text: string, options: Partial<RigOptions> = {}): Promise<void> {
    return this.start(
      wire,
      async (exchange) => {
        begin(exchange, wire);
        await exchange.send(wire.answer().text(text));
      },
      options,
    );
  }

  /** A server that refuses each request, with these headers of its answer. */
  refuse(
    wire: Wire,
    status: number,
    {
      headers = {},
      body = wire.errorBody(status, 'the words of the server'),
      ...options
    }: Partial<RigOptions> & { readonly body?: string } = {},
  ): Promise<void> {
    return this.start(
      wire,
      ({ response }) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(body);
      },
      options,
    );
  }

  async close(): Promise<void> {
    await this.#rig?.close();
    await this.#server?.close();
    this.#rig = undefined;
    this.#server = undefined;
  }
}

/** Sends the head of a good answer. */
export function begin(
  { response }: Exchange,
  { contentType }: Wire,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, { 'content-type': contentType, ...headers });
  response.flushHeaders();
}

/** Whether the client is still there. */
export function openness({ closed }: Exchange): () => boolean {
  let open = true;
  void closed.then(() => (open = false));
  return () => open;
}
