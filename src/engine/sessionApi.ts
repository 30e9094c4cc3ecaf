import type { ChatEvent, ChatMessage, ChatParameters, ChatTool, ModelChoice } from '../dispatch/chat';
import type { Explanation } from '../dispatch/explanation';
import type { ModelRef } from '../shared/modelRef';
import type { RetryChoice } from '../shared/retryPolicy';

/**
 * What the extension exports to other extensions of the same window:
 * `vscode.extensions.getExtension('modelpool.model-pool')?.activate()` gives it.
 */
export interface ModelPoolApi {
  /** Raised when something below changes in a way that breaks its users. */
  readonly apiVersion: 1;
  /**
   * Opens a session. `name` says who calls, 1 to 64 characters; it stands in the records of the session's calls.
   *
   * @throws {SessionError} `bad_request` for another name, `session_ended` while the window closes
   */
  registerSession(name: string): Promise<ModelPoolSession>;
}

/**
 * A consumer of models in this window. The object itself is the permission: a copy of it, or an object that only looks
 * like it, can do nothing. It ends with `dispose` or when the window closes.
 */
export interface ModelPoolSession {
  readonly name: string;
  /**
   * Tells what the consumer sees on a backend, for example right after it has authenticated there. Returns at once and
   * never throws: what cannot be used is dropped with a line in Model Pool's log.
   */
  reportModels(reports: readonly ModelReport[]): void;
  /**
   * What a call would be routed to now; asks no network.
   *
   * @throws {SessionError} when the session has ended, or for a request of another shape
   */
  resolveModel(request?: SessionRequest): ResolvedModel;
  /**
   * What a call would do now, and why: every field of its route with its origin, the models that could have been taken
   * instead, where it would go after a failure, and how often it would be tried. Asks no network. The next call records
   * the same, but where `warnings` say that models are not ranked yet: a call of the best one ranks them first.
   *
   * @throws {SessionError} when the session has ended, or for a request of another shape
   */
  explain(request?: SessionRequest): Explanation;
  /**
   * Calls a model. The call begins when the stream is first pulled and ends with exactly one `finish`, which names the
   * record that it left; failures come in it, the stream never rejects. Until something is shown, notices tell of
   * attempts that are made again and of an escalation. Breaking off the loop cancels the call.
   *
   * @throws {SessionError} when the session has ended, or for a request of another shape
   */
  dispatch(request: SessionChatRequest): AsyncIterableIterator<ChatEvent>;
  /** Ends the session; calls that run go on. Idempotent. */
  dispose(): void;
}

/** All models of one provider that a backend serves; the list replaces the one before. */
interface ModelReport {
  /** Id of a backend of the settings. */
  readonly backend: string;
  /** `^[a-z][a-z0-9_]*$` */
  readonly provider: string;
  readonly models: readonly {
    readonly modelId: string;
    readonly displayName?: string;
    /** See `ListedCapabilities`: tools, vision, thinking, embedding, contextLength, ... */
    readonly capabilities?: Readonly<Record<string, unknown>>;
  }[];
}

interface SessionRequest {
  /**
   * This one, or the best installed one for a need; absent: what the user picked (a model, or the best one for a task at
   * each call), else the best one for the task of the settings.
   */
  readonly model?: ModelChoice;
  readonly tools?: readonly ChatTool[];
  readonly parameters?: ChatParameters;
  /** How often the call is tried: `true` the defaults, `false` once, or the defaults with changes; absent: the setting. */
  readonly retry?: RetryChoice;
}

interface SessionChatRequest extends SessionRequest {
  readonly messages: readonly ChatMessage[];
  /** Which round of a longer exchange, from 1; stands in the record. */
  readonly iteration?: number;
  readonly signal?: AbortSignal;
}

type ResolvedModel =
  | { readonly ok: true; readonly model: ModelRef; readonly host: string }
  | { readonly ok: false; readonly code: string; readonly message: string };
