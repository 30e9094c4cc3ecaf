import type { Clock } from '../shared/clock';
import type { DispatchRecord } from '../shared/dispatchRecord';
import type { ChatFinish, ChatRequest, ChatTimings, ChatUsage, DispatchFailure } from './chat';
import type { WireEvent } from './dialect';
import { buildRecord } from './record';
import type { Resolution } from './resolve';
import { UNKNOWN_USAGE } from './wireEnds';

/** How a call ended, before its record has an id. */
export type CallEnd = Omit<ChatFinish, 'type' | 'recordId'>;

export const CANCELLED: CallEnd = { finishReason: 'cancelled', usage: UNKNOWN_USAGE };

/** The end of a call that failed. */
export function failed(failure: DispatchFailure, usage: ChatUsage = UNKNOWN_USAGE): CallEnd {
  return { finishReason: 'error', usage, failure };
}

/** Watches one call and writes its one record when it ends. Keeps counts of the answer, never its text. */
export class CallRecording {
  readonly #startedAt: number;
  readonly #startedMono: number;
  #ttftMs: number | null = null;
  #attempted = false;
  #status: number | null = null;
  #contentLength = 0;
  #hasText = false;
  #hasThinking = false;
  #hasToolCalls = false;
  #finish: ChatFinish | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ids: { readonly recordId: string; readonly callId: string },
    private readonly request: ChatRequest,
    private readonly resolution: Resolution,
    private readonly write: (build: () => DispatchRecord) => void,
  ) {
    this.#startedAt = clock.now();
    this.#startedMono = clock.monotonicMs();
  }

  get sawEvent(): boolean {
    return this.#ttftMs !== null;
  }

  sending(): void {
    this.#attempted = true;
  }

  answered(status: number | null): void {
    this.#status = status;
  }

  saw(event: Exclude<WireEvent, { readonly type: 'end' }>): void {
    this.#ttftMs ??= this.#elapsedMs();
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

  /** Ends the call and writes its record; a second end changes nothing. Returns the event that ends the stream. */
  end(end: CallEnd): ChatFinish {
    if (this.#finish) return this.#finish;
    const durationMs = this.#elapsedMs();
    const timings = end.timings ?? this.#ownTimings(end.usage, durationMs);
    const finish: ChatFinish = {
      type: 'finish',
      ...end,
      ...(timings === undefined ? {} : { timings }),
      recordId: this.ids.recordId,
    };
    this.#finish = finish;
    this.write(() =>
      buildRecord({
        callId: this.ids.callId,
        request: this.request,
        resolution: this.resolution,
        finish,
        result: {
          finishReason: end.finishReason,
          ...(end.failure === undefined ? {} : { errorCode: end.failure.code }),
          usage: end.usage,
          contentLength: this.#contentLength,
          hasText: this.#hasText,
          hasThinking: this.#hasThinking,
          hasToolCalls: this.#hasToolCalls,
        },
        startedAt: this.#startedAt,
        durationMs,
        ttftMs: this.#ttftMs,
        attempted: this.#attempted,
        status: this.#status,
      }),
    );
    return finish;
  }

  #elapsedMs(): number {
    return this.clock.monotonicMs() - this.#startedMono;
  }

  /** The decode rate by our clock, from the first piece to the end; the first token came before it was measured. */
  #ownTimings({ outputTokens }: ChatUsage, durationMs: number): ChatTimings | undefined {
    if (this.#ttftMs === null || outputTokens === null || outputTokens < 2) return undefined;
    const decodeMs = durationMs - this.#ttftMs;
    if (decodeMs <= 0) return undefined;
    return { decodeMs, decodeTokPerSec: (outputTokens - 1) / (decodeMs / 1_000), measuredBy: 'client' };
  }
}
