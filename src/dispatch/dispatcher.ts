import type { Clock } from '../shared/clock';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { TranscriptStore } from '../storage/transcriptStore';
import type { Answer } from './attempt';
import { brokenAnswer, openAttempt } from './attempt';
import type { CallEnd } from './callRecording';
import { CallRecording, CANCELLED, failed } from './callRecording';
import type { ChatEvent, ChatRequest } from './chat';
import type { WireEnd, WireFailure } from './dialect';
import { DIALECTS } from './dialectTable';
import { describeFailure } from './failureText';
import type { ModelsInUse } from './inUse';
import { UseCounter } from './inUse';
import type { Resolution, RouteSources } from './resolve';
import { resolveRoute } from './resolve';
import type { Route } from './route';

export interface DispatcherOptions extends RouteSources {
  /** The client of a backend, which adds its headers and key. */
  readonly http: (backendId: string) => HttpClient;
  readonly transcript: Pick<TranscriptStore, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new unique id, for calls and records. */
  readonly newId: () => string;
}

/**
 * The one door to every model: resolves a route, calls it, streams the answer, and leaves one record per call. One
 * attempt a call for now; the retry policy, the breaker and escalation come with issue 5, and fill `attempts` then.
 */
export class Dispatcher {
  readonly #inUse = new UseCounter();
  readonly #recorded: Emitter<DispatchRecord>;

  constructor(private readonly options: DispatcherOptions) {
    this.#recorded = new Emitter((thrown) =>
      options.logger.log('error', 'dispatch.listener.failed', { error: messageOf(thrown) }),
    );
  }

  get inUse(): ModelsInUse {
    return this.#inUse;
  }

  /** Fires with the record of each call that ended. */
  get onDidRecord(): (listener: (record: DispatchRecord) => void) => () => void {
    return this.#recorded.on;
  }

  /** What the next call of this request would be routed to, and why; asks no network. */
  explain(request: ChatRequest): Resolution {
    return resolveRoute(request, this.options);
  }

  /**
   * Calls a model. The call begins when the stream is first pulled, ends with exactly one `finish`, and never rejects.
   * Breaking off the loop, or an abort of the request's signal, closes the connection at once and counts as cancelled.
   * Nothing is read ahead of the consumer but what the socket holds.
   */
  dispatch(request: ChatRequest): AsyncIterableIterator<ChatEvent> {
    const brokenOff = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, brokenOff.signal]) : brokenOff.signal;
    let ended = false;
    const events = this.#events(request, signal, () => {
      ended = true;
    });
    return {
      next: () => events.next(),
      return: async () => {
        // A generator queues `return` behind a pending `next`; the abort ends that one at once. After the end there is
        // nothing to close, and the connection may serve the next call.
        if (!ended) brokenOff.abort();
        await events.return(undefined);
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async *#events(
    request: ChatRequest,
    signal: AbortSignal,
    onEnd: () => void,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const resolution = this.explain(request);
    const ids = { recordId: this.options.newId(), callId: this.options.newId() };
    const recording = new CallRecording(this.options.clock, ids, request, resolution, (build) => {
      onEnd();
      this.#write(build);
    });
    if (!resolution.ok) {
      yield recording.end(failed(resolution.failure));
      return;
    }
    const { route } = resolution;
    const leave = this.#inUse.enter(route.ref);
    // At once, not at the next pull: a consumer that aborts may never pull again.
    const onAbort = (): void => {
      recording.end(CANCELLED);
      leave();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const finish = recording.end(yield* this.#attempt(route, request, recording, signal));
      leave();
      yield finish;
    } finally {
      signal.removeEventListener('abort', onAbort);
      recording.end(CANCELLED);
      leave();
    }
  }

  /** One attempt: yields the answer's events and returns how it ended. Never throws. */
  async *#attempt(
    route: Route,
    request: ChatRequest,
    recording: CallRecording,
    signal: AbortSignal,
  ): AsyncGenerator<ChatEvent, CallEnd, undefined> {
    let answer: Answer | undefined;
    try {
      if (signal.aborted) return CANCELLED;
      recording.sending();
      const { http, clock } = this.options;
      const opened = await openAttempt(
        http(route.ref.backend),
        clock,
        DIALECTS[route.wireFormat],
        route,
        request,
        signal,
      );
      if (!opened.ok) {
        recording.answered(opened.failure.status ?? null);
        return failed(this.#describe(opened.failure, route));
      }
      recording.answered(opened.status);
      answer = opened.answer;
      for (;;) {
        const event = await answer.next();
        if (event === undefined) return failed(this.#describe({ code: 'truncated' }, route));
        if (event.type === 'end') {
          if (!event.failure) {
            answer.drain();
            answer = undefined;
          }
          return this.#endOf(event, route);
        }
        recording.saw(event);
        yield event;
      }
    } catch (thrown) {
      if (signal.aborted) return CANCELLED;
      const failure = brokenAnswer(thrown, route, recording.sawEvent);
      if (failure.code === 'unknown') this.#logBug(thrown);
      return failed(this.#describe(failure, route));
    } finally {
      answer?.close();
    }
  }

  #endOf({ finishReason, rawReason, usage, timings, failure }: WireEnd, route: Route): CallEnd {
    return {
      finishReason,
      usage,
      ...(rawReason === undefined ? {} : { rawReason }),
      ...(timings === undefined ? {} : { timings }),
      ...(failure === undefined ? {} : { failure: this.#describe(failure, route) }),
    };
  }

  /** Where it happened, never the message: that may quote the conversation. */
  #logBug(thrown: unknown): void {
    const { name, stack = '' } = thrown instanceof Error ? thrown : new Error();
    const at = stack.split('\n').find((line) => /^\s+at /.test(line));
    this.options.logger.log('error', 'dispatch.attempt.broke', { name, at: at?.trim() });
  }

  #describe(failure: WireFailure, { ref, host }: Route): ReturnType<typeof describeFailure> {
    return describeFailure(failure, { backend: ref.backend, host, model: ref.modelId });
  }

  /** Writing a record can neither fail nor delay the call. */
  #write(build: () => DispatchRecord): void {
    const { transcript, logger } = this.options;
    let record: DispatchRecord;
    try {
      record = build();
      transcript.append(record);
    } catch (thrown) {
      logger.log('error', 'dispatch.record.failed', { error: messageOf(thrown) });
      return;
    }
    logger.log('info', 'dispatch.ended', {
      recordId: record.recordId,
      backend: record.backend,
      model: record.model,
      outcome: record.outcomeKind,
      code: record.error?.code,
      durationMs: Math.round(record.durationMs),
    });
    this.#recorded.fire(record);
  }
}
