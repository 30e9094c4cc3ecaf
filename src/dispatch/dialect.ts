import type { ChatFinish, ChatRequest, ChatToolCall, DispatchErrorCode } from './chat';
import type { RateLimit } from '../shared/dispatchRecord';
import type { WireFormat } from '../shared/routeSettings';
import type { Route } from './route';

/** What is sent: the path below the backend's address, the JSON body and the dialect's own headers. */
export interface WireRequest {
  readonly path: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  /** The stop words that `json` has: a model that refuses them is sent none. */
  readonly stop: readonly string[];
}

/** Every code but `no_route`, which is the resolver's: nothing has been sent then. */
export type WireErrorCode = Exclude<DispatchErrorCode, 'no_route'>;

/** What went wrong on the wire, before it is put into a sentence. */
export interface WireFailure {
  readonly code: WireErrorCode;
  readonly status?: number;
  /** The server's own words, where they are known to hold nothing of the conversation. */
  readonly serverText?: string;
  /** In place of our own sentences: what is wrong on the way to the server (proxy, certificate, key), and what to do. */
  readonly onTheWay?: { readonly message: string; readonly nextStep: string };
  /** How long the provider says to wait, from its headers or its error's body. */
  readonly retryAfterMs?: number;
  readonly rateLimit?: RateLimit;
}

export type WireEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'toolCall'; readonly call: ChatToolCall }
  | WireEnd;

/** The last event of every stream, whether it went well or not. */
export interface WireEnd extends Pick<
  ChatFinish,
  'finishReason' | 'rawReason' | 'usage' | 'timings' | 'responseModel'
> {
  readonly type: 'end';
  readonly failure?: WireFailure;
}

/** One chat wire format: how a request is written and how its streamed answer is read. */
export interface Dialect {
  readonly wireFormat: WireFormat;
  encode(route: Route, request: ChatRequest): WireRequest;
  /**
   * Reads a streamed answer. Yields exactly one `end` and then, while it is still pulled, reads what is left of the body
   * so that the connection can be used again. Throws only what `body` throws.
   */
  decode(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined>;
}
