import type { BackendKind } from '../../../../src/backends/contract';
import type { ChatUsage, FinishReason } from '../../../../src/dispatch/chat';
import type { Dialect } from '../../../../src/dispatch/dialect';
import type { RateLimit } from '../../../../src/shared/dispatchRecord';

/** Writes one answer as its server would, packet by packet; it knows what has been written before. */
export interface AnswerWriter {
  /** A piece of text. The first piece of any kind has in front of it what opens an answer in this format. */
  text(text: string): string;
  thinking(text: string): string;
  /** One whole call, in as many packets as the format cuts a call into. */
  toolCall(id: string, name: string, args: object): readonly string[];
  /** Ends the answer with the server's word: 10 tokens in (`Wire.usage` says how they are counted), `tokens` out. */
  end(reason: string, tokens: number): string;
  /** What the server writes where it fails inside a stream that began well. */
  error(message: string): string;
}

/** One wire format as one kind of server writes it. The contract suite runs over each. */
export interface Wire {
  /** Of the test. */
  readonly name: string;
  readonly dialect: Dialect;
  readonly kind: BackendKind;
  /** Path and query of a streamed call of the model `qwen3:8b` below the backend's address. */
  readonly path: string;
  readonly contentType: string;
  answer(): AnswerWriter;
  /** One event with this text as its data; for events that no server should write. */
  event(data: string): string;
  /** The server's words for an answer that is complete, cut at the limit, and one that calls tools. */
  readonly words: { readonly stop: string; readonly length: string; readonly toolCalls: string };
  /** Each word of the spec's table and the finish reason that it means. */
  readonly reasons: readonly (readonly [string, FinishReason])[];
  /** A piece of an answer's bytes: where it begins, the answer counts as ended. */
  readonly endMark: string;
  /** What `end` has counted. */
  usage(tokens: number): ChatUsage;
  /** Whether the server measures 20 ms for the prompt and 100 ms for the answer; else our clock does. */
  readonly serverTimings: boolean;
  /** The model's name as `answer` writes it; undefined where the format has none. */
  readonly responseModel: string | undefined;
  /** The body of a refused call in the provider's own shape; its type says no more than the status does. */
  errorBody(status: number, message: string): string;
  /** Headers of rate limits as this provider sends them, and what they mean; undefined where it has none. */
  readonly rateLimits:
    { readonly headers: Readonly<Record<string, string>>; readonly means: RateLimit } | undefined;
  /** Whether a tool call keeps the id that the server gave it; else it gets one of ours. */
  readonly keepsCallIds: boolean;
}
