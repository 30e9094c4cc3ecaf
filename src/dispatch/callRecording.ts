import type { Clock } from '../shared/clock';
import type { DispatchRecord, RateLimit } from '../shared/dispatchRecord';
import type { ModelRef } from '../shared/modelRef';
import type { ChatFinish, ChatRequest, ChatTimings, ChatUsage, EscalationReason } from './chat';
import type { AnswerEvent } from './leadingSpace';
import type { CallResult, Outcome } from './outcome';
import { isEmpty, outcomeOf } from './outcome';
import type { AttemptFacts, CallIds, FitOf } from './record';
import { buildRecord, totalUsage } from './record';
import type { Resolution } from './resolve';
import type { DelayOrigin } from './retryDecision';
import { UNKNOWN_USAGE } from './wireEnds';

/** How a call ended, before its record has an id. */
export type CallEnd = Omit<ChatFinish, 'type' | 'recordId' | 'rateLimit' | 'escalatedFrom'>;

export const CANCELLED: CallEnd = { finishReason: 'cancelled', usage: UNKNOWN_USAGE, retryKind: 'none' };

/** Until a call has its route. */
const NO_ROUTE_YET: Resolution = {
  ok: false,
  failure: { code: 'unknown', message: 'no model was chosen yet' },
  ref: null,
  origin: 'unknown',
  runnersUp: [],
};

export interface RecordingParts {
  readonly clock: Clock;
  readonly ids: CallIds;
  readonly fitOf: FitOf;
  /** Called once, when the call ends. */
  readonly write: (build: () => DispatchRecord) => void;
}

interface AttemptStart {
  readonly route: AttemptFacts['route'];
  /** The wait before it; null where there was none. */
  readonly delay: { readonly delayMs: number; readonly delayOrigin: DelayOrigin } | null;
}

/** An attempt that has not ended. */
interface OpenAttempt extends AttemptStart {
  readonly startedMs: number;
  status: number | null;
  firstChunk: boolean;
}

/** Watches one call and writes its one record when it ends. Keeps counts of the answer, never its text. */
export class CallRecording {
  readonly #startedAt: number;
  readonly #startedMono: number;
  readonly #attempts: AttemptFacts[] = [];
  #open: OpenAttempt | undefined;
  #escalation: { readonly from: ModelRef; readonly reason: EscalationReason } | undefined;
  #rateLimit: RateLimit | undefined;
  #stop: readonly string[] = [];
  #ttftMs: number | null = null;
  #contentLength = 0;
  #hasText = false;
  #hasThinking = false;
  #hasToolCalls = false;
  #emptyRetries = 0;
  #finish: ChatFinish | undefined;

  #resolution: Resolution = NO_ROUTE_YET;

  constructor(
    private readonly parts: RecordingParts,
    private readonly request: ChatRequest,
  ) {
    this.#startedAt = parts.clock.now();
    this.#startedMono = parts.clock.monotonicMs();
  }

  /** ISO 8601. */
  get startedAt(): string {
    return new Date(this.#startedAt).toISOString();
  }

  /** Whether anything of the answer came in the attempt that runs. */
  get sawEvent(): boolean {
    return this.#ttftMs !== null;
  }

  /** Whether what came so far is no answer: nothing but white space. */
  get isEmpty(): boolean {
    return isEmpty(this.#seen());
  }

  /** Attempts so far, over all routes, with the one that runs. */
  get attemptCount(): number {
    return this.#attempts.length + (this.#open ? 1 : 0);
  }

  /** The call has its route, or will have none. */
  resolved(resolution: Resolution): void {
    this.#resolution = resolution;
  }

  /** From now on the call takes another route. */
  escalated(resolution: Resolution, from: ModelRef, reason: EscalationReason): void {
    this.#resolution = resolution;
    this.#escalation = { from, reason };
    this.#emptyRetries = 0;
    this.#rateLimit = undefined;
    this.#forgetAnswer();
  }

  /** An attempt begins; whatever came of the one before is forgotten. */
  attempting(start: AttemptStart): void {
    this.#forgetAnswer();
    this.#open = { ...start, startedMs: this.#elapsedMs(), status: null, firstChunk: false };
  }

  /** What is sent now has these stop words. */
  sending(stop: readonly string[]): void {
    this.#stop = stop;
  }

  /** The server answered the attempt that runs: with this status, null for none. */
  answered(status: number | null, rateLimit: RateLimit | undefined): void {
    if (this.#open) this.#open.status = status;
    this.#rateLimit = rateLimit;
  }

  saw(event: AnswerEvent): void {
    this.#ttftMs ??= this.#elapsedMs();
    if (this.#open) this.#open.firstChunk = true;
    switch (event.type) {
      case 'text':
        this.#contentLength += event.text.length;
        this.#hasText ||= event.text.trim() !== '';
        return;
      case 'thinking':
        this.#hasThinking ||= event.text.trim() !== '';
        return;
      case 'toolCall':
        this.#hasToolCalls = true;
        return;
      default:
        event satisfies never;
    }
  }

  /** The attempt that runs ended; `reason` is null where it went well. */
  attemptEnded(reason: string | null, usage: ChatUsage): void {
    this.#closeAttempt(reason, usage);
  }

  /** The attempt that just ended is thrown away because it was empty. */
  emptyRetried(): void {
    this.#emptyRetries += 1;
  }

  /** The outcome of the call if it ended so. */
  outcomeOf(end: CallEnd): Outcome {
    return outcomeOf({
      finishReason: end.finishReason,
      ...(end.failure === undefined ? {} : { errorCode: end.failure.code }),
      usage: end.usage,
      emptyRetries: this.#emptyRetries,
      ...this.#seen(),
    });
  }

  /** Ends the call and writes its record; a second end changes nothing. Returns the event that ends the stream. */
  end(end: CallEnd): ChatFinish {
    if (this.#finish) return this.#finish;
    const { ids, fitOf, write } = this.parts;
    const durationMs = this.#elapsedMs();
    this.#closeAttempt('cancelled', end.usage);
    const timings = end.timings ?? this.#ownTimings(end.usage, durationMs);
    const finish: ChatFinish = {
      type: 'finish',
      ...end,
      ...(timings === undefined ? {} : { timings }),
      ...(this.#rateLimit === undefined ? {} : { rateLimit: this.#rateLimit }),
      ...(this.#escalation === undefined ? {} : { escalatedFrom: this.#escalation.from }),
      recordId: ids.recordId,
    };
    this.#finish = finish;
    const { request } = this;
    const resolution = this.#resolution;
    const outcome = this.outcomeOf(end);
    write(() =>
      buildRecord({
        ...{ ids, request, resolution, finish, outcome, durationMs, fitOf },
        escalationReason: this.#escalation?.reason ?? null,
        attempts: this.#attempts,
        stop: this.#stop,
        usage: totalUsage(this.#attempts),
        hasThinking: this.#hasThinking,
        startedAt: this.#startedAt,
        ttftMs: this.#ttftMs,
      }),
    );
    return finish;
  }

  #closeAttempt(reason: string | null, usage: ChatUsage): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#attempts.push({
      ...open,
      n: this.#attempts.length + 1,
      durationMs: this.#elapsedMs() - open.startedMs,
      reason,
      usage,
    });
  }

  #forgetAnswer(): void {
    this.#ttftMs = null;
    this.#contentLength = 0;
    this.#hasText = false;
    this.#hasThinking = false;
    this.#hasToolCalls = false;
  }

  #seen(): Pick<CallResult, 'contentLength' | 'hasText' | 'hasThinking' | 'hasToolCalls'> {
    return {
      contentLength: this.#contentLength,
      hasText: this.#hasText,
      hasThinking: this.#hasThinking,
      hasToolCalls: this.#hasToolCalls,
    };
  }

  #elapsedMs(): number {
    return this.parts.clock.monotonicMs() - this.#startedMono;
  }

  /** The decode rate by our clock, from the first piece to the end; the first token came before it was measured. */
  #ownTimings({ outputTokens }: ChatUsage, durationMs: number): ChatTimings | undefined {
    if (this.#ttftMs === null || outputTokens === null || outputTokens < 2) return undefined;
    const decodeMs = durationMs - this.#ttftMs;
    if (decodeMs <= 0) return undefined;
    return { decodeMs, decodeTokPerSec: (outputTokens - 1) / (decodeMs / 1_000), measuredBy: 'client' };
  }
}
