import * as l10n from '@vscode/l10n';
import type { RegisteredModel } from '../registry/row';
import { untilAborted } from '../shared/abort';
import type { Clock } from '../shared/clock';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { ModelRef } from '../shared/modelRef';
import type { TranscriptStore } from '../storage/transcriptStore';
import type { AttemptTimeouts } from './attempt';
import { ATTEMPT_TIMEOUTS } from './attempt';
import type { BreakerView } from './breaker';
import { CircuitBreaker } from './breaker';
import type { CallEnd } from './callRecording';
import { CallRecording, CANCELLED } from './callRecording';
import type { ChatEvent, ChatFinish, ChatRequest } from './chat';
import type { EditorChat } from './editorChat';
import type { Explanation } from './explanation';
import { explainRoute } from './explanation';
import type { ModelsInUse } from './inUse';
import { UseCounter } from './inUse';
import type { CallParts } from './logicalCall';
import { LogicalCall } from './logicalCall';
import type { FitOf } from './record';
import { spanIdOf } from './record';
import type { Resolution, RouteSources } from './resolve';
import { missingRankingOf, resolveRoute } from './resolve';
import type { RunningCall } from './runningCalls';
import { RunningCalls } from './runningCalls';

export interface DispatcherOptions extends RouteSources {
  /** The client of a backend, which adds its headers and key. */
  readonly http: (backendId: string) => HttpClient;
  readonly transcript: Pick<TranscriptStore, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new unique id, for calls, records and spans; a UUID, so that traces can be made of them. */
  readonly newId: () => string;
  /** From 0 to 1; draws the waits between attempts. Default Math.random. */
  readonly random?: () => number;
  /** The editor's own models; absent outside an editor. */
  readonly editorChat?: EditorChat;
  /** Other time limits than the usual ones. */
  readonly timeouts?: Partial<AttemptTimeouts>;
  /** How a model fits its machine with a context, for the record; undefined where nobody knows. */
  readonly fitOf?: FitOf;
}

/**
 * Longest that a call of the best model waits for the first ranking of its task. That takes a tenth of a second once the
 * machine is known, for which there are two seconds.
 */
const RANKING_WAIT_MS = 2_000;

/**
 * The one door to every model: resolves a route, calls it, tries again what deserves it, goes to the escalation where
 * all is lost and nothing was shown, streams the answer, and leaves one record per call.
 */
export class Dispatcher {
  readonly #breaker: CircuitBreaker;
  readonly #inUse = new UseCounter();
  readonly #running: RunningCalls;
  readonly #recorded: Emitter<DispatchRecord>;
  readonly #callParts: Omit<CallParts, 'show'>;

  constructor(private readonly options: DispatcherOptions) {
    const { clock, http, editorChat, logger, random = Math.random, timeouts } = options;
    const onListenerError = (thrown: unknown): void =>
      logger.log('error', 'dispatch.listener.failed', { error: messageOf(thrown) });
    this.#breaker = new CircuitBreaker(clock);
    this.#running = new RunningCalls(clock, onListenerError);
    this.#recorded = new Emitter(onListenerError);
    this.#callParts = {
      ...{ clock, http, editorChat, logger, random, sources: options },
      timeouts: { ...ATTEMPT_TIMEOUTS, ...timeouts },
      breaker: this.#breaker,
      inUse: this.#inUse,
    };
  }

  get inUse(): ModelsInUse {
    return this.#inUse;
  }

  /** Counts a model as in use, as a call does, until the returned function is called. */
  hold(ref: ModelRef): () => void {
    return this.#inUse.enter(ref);
  }

  /** Which models are left alone because they failed again and again. */
  get breaker(): BreakerView {
    return this.#breaker;
  }

  /** Fires with the record of each call that ended. */
  get onDidRecord(): (listener: (record: DispatchRecord) => void) => () => void {
    return this.#recorded.on;
  }

  /** Fires with all running calls when one begins, ends or goes on, and ten times a second while any answer grows. */
  get onDidChangeRunning(): (listener: (calls: readonly RunningCall[]) => void) => () => void {
    return this.#running.onDidChange;
  }

  /** The calls that have not ended yet, the oldest first. */
  running(): readonly RunningCall[] {
    return this.#running.list();
  }

  /** Calls the models of a backend again, however often they failed: for one that has come back. */
  resetBreaker(backend: string): void {
    this.#breaker.reset(backend);
  }

  /** Where the next call of this request goes; asks no network. */
  explain(request: ChatRequest): Resolution {
    return resolveRoute(request, this.options, this.#breaker);
  }

  /** The same with why, what else could be taken, and where it would go after a failure; without addresses. */
  explainRoute(request: ChatRequest): Explanation {
    return explainRoute(request, this.options, this.#breaker);
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
    const { clock, newId } = this.options;
    const ids = { recordId: newId(), callId: newId(), spanId: spanIdOf(newId()) };
    const write = (build: () => DispatchRecord): void => {
      onEnd();
      this.#write(build);
    };
    const fitOf: FitOf = (model, contextTokens) => this.#fitOf(model, contextTokens);
    const recording = new CallRecording({ clock, ids, fitOf, write }, request);
    const facts = { callId: ids.callId, sessionId: request.sessionId, startedAt: recording.startedAt };
    const show: CallParts['show'] = (now) => {
      if (!signal.aborted) this.#running.set({ ...facts, ...now });
    };
    const call = new LogicalCall({ ...this.#callParts, show }, request, recording, signal);
    const end = (how: CallEnd): ChatFinish => {
      const finish = recording.end(how);
      call.leave();
      this.#running.delete(ids.callId);
      return finish;
    };
    // At once, not at the next pull: a consumer that aborts may never pull again.
    const onAbort = (): void => void end(CANCELLED);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const ranking = signal.aborted ? undefined : this.#missingRanking(request);
      if (ranking) await this.#untilRanked(ranking, signal);
      const resolution = this.#resolve(request);
      recording.resolved(resolution);
      yield end(yield* call.run(resolution));
    } finally {
      signal.removeEventListener('abort', onAbort);
      end(CANCELLED);
    }
  }

  /** A bug of ours here is one in the choice of a route, which tells of it. */
  #missingRanking(request: ChatRequest): Promise<void> | undefined {
    try {
      return missingRankingOf(request, this.options)?.();
    } catch {
      return undefined;
    }
  }

  /** Waits until models are ranked, but not for long, and no longer than the call lives. Never rejects. */
  async #untilRanked(ranking: Promise<void>, signal: AbortSignal): Promise<void> {
    const tooLong = new AbortController();
    const cancel = this.options.clock.after(RANKING_WAIT_MS, () => tooLong.abort());
    await untilAborted(ranking, AbortSignal.any([signal, tooLong.signal])).catch(() => undefined);
    cancel();
  }

  /** A bug of ours in the choice of a route is a failure of the call as any other, with a record. */
  #resolve(request: ChatRequest): Resolution {
    try {
      return this.explain(request);
    } catch (thrown) {
      this.options.logger.log('error', 'dispatch.resolve.failed', { error: messageOf(thrown) });
      const message = l10n.t(
        'Model Pool could not choose a model because of a fault of its own. See its log, and report it.',
      );
      return {
        ok: false,
        failure: { code: 'unknown', message },
        ref: null,
        origin: 'unknown',
        runnersUp: [],
      };
    }
  }

  /** A record without an estimate is better than none. */
  #fitOf(model: RegisteredModel, contextTokens: number | null): ReturnType<FitOf> {
    try {
      return this.options.fitOf?.(model, contextTokens);
    } catch (thrown) {
      this.options.logger.log('error', 'dispatch.fit.failed', { error: messageOf(thrown) });
      return undefined;
    }
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
      attempts: record.attempts.length,
      durationMs: Math.round(record.durationMs),
    });
    this.#recorded.fire(record);
  }
}
