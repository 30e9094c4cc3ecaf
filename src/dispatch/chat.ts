import type { ModelRef } from '../shared/modelRef';

type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

export interface ChatToolCall {
  readonly id: string;
  readonly name: string;
  /** Parsed JSON arguments. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content: string;
  /** Base64 without prefix, with its media type. */
  readonly images?: readonly { readonly mediaType: string; readonly base64: string }[];
  readonly toolCalls?: readonly ChatToolCall[];
  /** Of a `tool` message: the call that it answers. */
  readonly toolCallId?: string;
  readonly toolName?: string;
}

export interface ChatTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ChatParameters {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** Ollama's `num_ctx`. */
  readonly contextTokens?: number;
  /** Absent: the server's default. */
  readonly thinking?: 'off' | 'on';
}

export interface ChatRequest {
  /** The explicit model of this call; absent = the pick, then the best installed model for the task. */
  readonly model?: ModelRef;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  readonly parameters?: ChatParameters;
  /** Which consumer calls: `ask`, `chat`, a session's name. */
  readonly sessionId: string;
  readonly signal?: AbortSignal;
}

export type FinishReason =
  | 'stop'
  | 'length'
  | 'context_limit'
  | 'tool_calls'
  | 'content_filter'
  | 'refusal'
  | 'pause'
  | 'malformed'
  | 'cancelled'
  | 'error';

export interface ChatUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens?: number;
  readonly reasoningTokens?: number;
}

export interface ChatTimings {
  readonly loadMs?: number;
  readonly promptMs?: number;
  readonly decodeMs?: number;
  readonly promptTokPerSec?: number;
  readonly decodeTokPerSec?: number;
  /** Whether the server measured the rates, or our clock did. */
  readonly measuredBy: 'server' | 'client';
}

export type DispatchErrorCode =
  | 'rate_limited'
  | 'provider_unavailable'
  | 'network'
  | 'timeout'
  | 'auth'
  | 'model_missing'
  | 'context_length_exceeded'
  | 'content_policy'
  | 'invalid_request'
  | 'overloaded'
  | 'out_of_memory'
  | 'malformed_response'
  | 'truncated'
  | 'usage_limit'
  | 'no_route'
  | 'unknown';

export interface DispatchFailure {
  readonly code: DispatchErrorCode;
  /** What happened, why, what to do; redacted, at most 500 characters. */
  readonly message: string;
  readonly status?: number;
}

/** What a call yields while it runs; exactly one `finish` ends it. */
export type ChatEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'toolCall'; readonly call: ChatToolCall }
  | ChatFinish;

export interface ChatFinish {
  readonly type: 'finish';
  readonly finishReason: FinishReason;
  readonly rawReason?: string;
  readonly usage: ChatUsage;
  readonly timings?: ChatTimings;
  /** Set where finishReason is `error` (or `malformed`). */
  readonly failure?: DispatchFailure;
  /** Id of the record that this call left in the transcript. */
  readonly recordId: string;
}
