import type { RateLimit } from '../shared/dispatchRecord';
import type { HostId, ModelRef } from '../shared/modelRef';
import type { RetryChoice } from '../shared/retryPolicy';
import type { Task } from '../shared/settings';
import type { Thinking } from '../shared/thinking';

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
  /** Absent: what the setting says. */
  readonly thinking?: Thinking;
}

/** What a model must be and have, where a call names none. */
export interface ModelNeed {
  /** What it is to be best at; absent: the setting. `vision` leaves out models that are known not to take images. */
  readonly task?: Task;
  /** Leaves out models that are known not to call tools; so does the task `agentic`. */
  readonly requireToolCalling?: boolean;
  /** In tokens. */
  readonly minContext?: number;
  /** Absent: any machine. */
  readonly host?: HostId;
}

/** Which model: this one, or whichever installed one is best for a need at the time of each call. */
export type ModelChoice = ModelRef | { readonly best: ModelNeed };

export interface ChatRequest {
  /**
   * Which model: this one; or the best installed one for a need; absent = the pick, else the best installed one for
   * the task of the settings.
   */
  readonly model?: ModelChoice;
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[];
  readonly parameters?: ChatParameters;
  /** Which consumer calls: `ask`, `chat`, a session's name. */
  readonly sessionId: string;
  /** Absent: the route's, else the setting's. */
  readonly retry?: RetryChoice;
  /** Which round of a longer exchange, from 1. */
  readonly iteration?: number;
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
  | ChatNotice
  | ChatFinish;

/** What a person should know while nothing has been shown yet. Never after text, thinking or a tool call. */
type ChatNotice =
  | {
      readonly type: 'retrying';
      /** The attempt that comes, from 2. */
      readonly attempt: number;
      readonly delayMs: number;
      /** Why the one before failed. */
      readonly reason: DispatchErrorCode | 'empty_completion';
      readonly message: string;
    }
  | {
      readonly type: 'escalated';
      readonly from: ModelRef;
      readonly to: ModelRef;
      readonly reason: EscalationReason;
      readonly message: string;
    };

/** Why a call went to the route of `modelPool.route.escalation`. */
export type EscalationReason = 'empty' | 'usage_limit' | 'provider_error' | 'breaker_open';

export interface ChatFinish {
  readonly type: 'finish';
  readonly finishReason: FinishReason;
  readonly rawReason?: string;
  readonly usage: ChatUsage;
  readonly timings?: ChatTimings;
  /** The model's name as the server said it, where it did. */
  readonly responseModel?: string;
  /** Set where finishReason is `error` (or `malformed`). */
  readonly failure?: DispatchFailure;
  /**
   * `active`: attempts ran out after at least one retry. `deferred`: the provider names a longer wait, `retryAfterMs`,
   * after which the same call may succeed.
   */
  readonly retryKind: 'none' | 'active' | 'deferred';
  readonly retryAfterMs?: number;
  readonly rateLimit?: RateLimit;
  /** Whose place the model took that answered. */
  readonly escalatedFrom?: ModelRef;
  /** Id of the record that this call left in the transcript. */
  readonly recordId: string;
}
