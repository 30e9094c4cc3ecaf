import { sleep } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import { issueText } from '../shared/issueText';
import type { Logger } from '../shared/logger';
import type { ModelRef } from '../shared/modelRef';
import type { ModelRetryPolicy, RetryChoice } from '../shared/retryPolicy';
import { retryChoiceSchema, retryPolicyOf } from '../shared/retryPolicy';
import type { Answer, AttemptParts, OpenedAttempt } from './attempt';
import { brokenAnswer, openAttempt } from './attempt';
import type { CircuitBreaker, HealthVerdict } from './breaker';
import type { CallEnd, CallRecording } from './callRecording';
import { CANCELLED } from './callRecording';
import type { ChatEvent, ChatRequest, DispatchFailure, EscalationReason } from './chat';
import type { WireEnd } from './dialect';
import { DIALECTS } from './dialectTable';
import { openEditorAttempt } from './editorAttempt';
import type { EditorChat } from './editorChat';
import { resolveEscalation } from './escalationRoute';
import type { FailureSubject } from './failureText';
import {
  describeEscalation,
  describeFailure,
  describeInvalidPolicy,
  describeOpenBreaker,
  describeRetry,
  withFailedEscalation,
} from './failureText';
import type { UseCounter } from './inUse';
import { LeadingSpace } from './leadingSpace';
import { escalationReasonOf, healthVerdictOf } from './outcome';
import type { Resolution, Resolved, RouteSources } from './resolve';
import type { DelayOrigin } from './retryDecision';
import { decideRetry, isRetriedWhenEmpty, retryCauseOf } from './retryDecision';
import type { Route } from './route';
import type { RunningCall } from './runningCalls';
import { failedEnd, UNKNOWN_USAGE } from './wireEnds';

/** What a call is made with. */
export interface CallParts extends AttemptParts {
  readonly sources: RouteSources;
  readonly http: (backendId: string) => HttpClient;
  readonly editorChat: EditorChat | undefined;
  readonly breaker: CircuitBreaker;
  readonly inUse: UseCounter;
  readonly logger: Logger;
  readonly random: () => number;
  /** Told of everything that views show of a running call. */
  readonly show: (now: Omit<RunningCall, 'callId' | 'sessionId' | 'startedAt'>) => void;
}

/** The wait before an attempt. */
interface Delay {
  readonly delayMs: number;
  readonly delayOrigin: DelayOrigin;
}

/** How one attempt ended: as the wire says, or by the caller. */
type AttemptEnd = WireEnd | 'cancelled';

/** One call with all its attempts, on its own route and, where that fails for good, on the one of the escalation. */
export class LogicalCall {
  #leave: ((verdict: HealthVerdict) => void) | undefined;
  /** Whether anything of an answer was handed on: then there is no other attempt, and no other route. */
  #shown = false;
  #characters = 0;

  constructor(
    private readonly parts: CallParts,
    private readonly request: ChatRequest,
    private readonly recording: CallRecording,
    private readonly signal: AbortSignal,
  ) {}

  /** Yields the events of the answer, without its finish, and returns how it ended. Never throws. */
  async *run(resolution: Resolution): AsyncGenerator<ChatEvent, CallEnd, undefined> {
    const policy = policyOf(resolution.ok ? resolution.retry : this.request.retry);
    if ('code' in policy) return failed(policy);
    if (!resolution.ok) return failed(resolution.failure);
    if (this.signal.aborted) return CANCELLED;
    const refused = this.#enter(resolution.route);
    if (refused) return yield* this.#escalate(resolution, failed(refused), 'breaker_open');
    const end = yield* this.#attempts(resolution.route, policy, 'primary');
    const outcome = this.recording.outcomeOf(end);
    this.leave(healthVerdictOf(outcome));
    const reason = this.#shown ? undefined : escalationReasonOf(outcome);
    return reason === undefined ? end : yield* this.#escalate(resolution, end, reason);
  }

  /** Gives up what the call holds on its route; for a call that is over before its stream was read to the end. */
  leave(verdict: HealthVerdict = 'neutral'): void {
    this.#leave?.(verdict);
    this.#leave = undefined;
  }

  async *#escalate(
    primary: Resolved,
    end: CallEnd,
    reason: EscalationReason,
  ): AsyncGenerator<ChatEvent, CallEnd, undefined> {
    const { sources, breaker } = this.parts;
    const target = resolveEscalation(primary, this.request, sources, breaker);
    if (target === null || this.signal.aborted) return end;
    const stands = ({ message }: DispatchFailure): CallEnd =>
      end.failure ? { ...end, failure: withFailedEscalation(end.failure, message) } : end;
    if (!target.ok) return stands(target.failure);
    const policy = policyOf(target.retry);
    if ('code' in policy) return stands(policy);
    const refused = this.#enter(target.route);
    if (refused) return stands(refused);
    const [from, to] = [primary.route.ref, target.route.ref];
    this.recording.escalated(target, from, reason);
    const message = describeEscalation(subjectOf(primary.route), to, reason);
    yield { type: 'escalated', from, to, reason, message };
    const last = yield* this.#attempts(target.route, policy, 'escalation');
    this.leave(healthVerdictOf(this.recording.outcomeOf(last)));
    return last;
  }

  /** Takes the route into use; or the failure of a route that is left alone. */
  #enter(route: Route): DispatchFailure | undefined {
    const admission = this.parts.breaker.enter(route.ref);
    if (!admission.ok) return describeOpenBreaker(subjectOf(route), admission.retryInMs);
    const ceaseToUse = this.parts.inUse.enter(route.ref);
    this.#leave = (verdict) => {
      admission.leave(verdict);
      ceaseToUse();
    };
    return undefined;
  }

  /** Attempts on one route until one serves, or none can. */
  async *#attempts(
    route: Route,
    policy: ModelRetryPolicy,
    role: 'primary' | 'escalation',
  ): AsyncGenerator<ChatEvent, CallEnd, undefined> {
    const { clock, random } = this.parts;
    let delay: Delay | null = null;
    let firstEndedMs: number | undefined;
    let empties = 0;
    for (let attempts = 1; ; attempts++) {
      this.recording.attempting({ route: role, delay });
      this.#show(route, 'waiting');
      const end = yield* this.#attempt(route);
      if (end === 'cancelled') return CANCELLED;
      const { failure } = end;
      const isEmpty = !failure && this.recording.isEmpty && isRetriedWhenEmpty(end.finishReason);
      const reason = failure?.code ?? (isEmpty ? 'empty_completion' : null);
      this.recording.attemptEnded(reason, end.usage);
      const cause = failure ? retryCauseOf(failure, route.hosted) : isEmpty ? 'empty' : undefined;
      if (reason === null || cause === undefined || this.#shown) return endOf(end, route);
      if (isEmpty) empties += 1;
      const nowMs = clock.monotonicMs();
      firstEndedMs ??= nowMs;
      const elapsedMs = nowMs - firstEndedMs;
      const retryAfterMs = failure?.retryAfterMs;
      const decision = decideRetry({
        ...{ policy, cause, attempts, empties, elapsedMs, retryAfterMs },
        random: random(),
      });
      if (!decision.retry) {
        const { retryKind, retryAfterMs: deferredMs } = decision;
        return {
          ...endOf(end, route),
          retryKind,
          ...(deferredMs === undefined ? {} : { retryAfterMs: deferredMs }),
        };
      }
      if (isEmpty) this.recording.emptyRetried();
      delay = decision;
      const { delayMs } = decision;
      this.#show(route, 'retrying');
      const message = describeRetry(failure, subjectOf(route), delayMs);
      yield { type: 'retrying', attempt: this.recording.attemptCount + 1, delayMs, reason, message };
      try {
        await sleep(clock, delayMs, this.signal);
      } catch {
        return CANCELLED;
      }
    }
  }

  /** One attempt: yields the answer's events and returns how it ended. Never throws. */
  async *#attempt(route: Route): AsyncGenerator<ChatEvent, AttemptEnd, undefined> {
    let answer: Answer | undefined;
    try {
      if (this.signal.aborted) return 'cancelled';
      const opened = await this.#open(route);
      if (!opened.ok) {
        const { failure } = opened;
        this.recording.answered(failure.status ?? null, failure.rateLimit);
        return failedEnd(failure);
      }
      this.recording.answered(opened.status, opened.rateLimit);
      answer = opened.answer;
      const space = new LeadingSpace();
      for (;;) {
        const event = await answer.next();
        if (event === undefined) return failedEnd({ code: 'truncated' });
        if (event.type === 'end') {
          if (!event.failure) {
            answer.drain();
            answer = undefined;
          }
          return event;
        }
        this.recording.saw(event);
        for (const ready of space.pass(event)) {
          this.#shown = true;
          if (ready.type !== 'toolCall') this.#characters += ready.text.length;
          this.#show(route, 'answering');
          yield ready;
        }
      }
    } catch (thrown) {
      if (this.signal.aborted) return 'cancelled';
      const failure = brokenAnswer(thrown, route, this.recording.sawEvent);
      if (failure.code === 'unknown') this.#logBug(thrown);
      return failedEnd(failure);
    } finally {
      answer?.close();
    }
  }

  async #open(route: Route): Promise<OpenedAttempt> {
    const { parts, request, signal } = this;
    if (route.wireFormat === 'vscode') {
      this.recording.sending(request.parameters?.stop ?? []);
      return openEditorAttempt(parts.editorChat, parts, route, request, signal);
    }
    const http = parts.http(route.ref.backend);
    const dialect = DIALECTS[route.wireFormat];
    const wire = dialect.encode(route, request);
    this.recording.sending(wire.stop);
    return openAttempt(http, parts, dialect, wire, { route, request }, signal);
  }

  #show({ ref }: Route, phase: RunningCall['phase']): void {
    this.parts.show({
      ref,
      phase,
      attempt: Math.max(1, this.recording.attemptCount),
      characters: this.#characters,
    });
  }

  /** Where it happened, never the message: that may quote the conversation. */
  #logBug(thrown: unknown): void {
    const { name, stack = '' } = thrown instanceof Error ? thrown : new Error();
    const at = stack.split('\n').find((line) => /^\s+at /.test(line));
    this.parts.logger.log('error', 'dispatch.attempt.broke', { name, at: at?.trim() });
  }
}

/** The policy that a choice means, or the failure of a call that is made with none. Nothing is sent then. */
function policyOf(choice: RetryChoice | undefined): ModelRetryPolicy | DispatchFailure {
  const parsed = retryChoiceSchema.safeParse(choice ?? true, { error: issueText });
  if (parsed.success) return retryPolicyOf(parsed.data);
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  return describeInvalidPolicy(`${where}${issue?.message ?? ''}`);
}

/** The end of a call that failed before anything was sent. */
function failed(failure: DispatchFailure): CallEnd {
  return { finishReason: 'error', usage: UNKNOWN_USAGE, failure, retryKind: 'none' };
}

/** The end of a call whose last attempt ended so. */
function endOf(
  { finishReason, rawReason, usage, timings, responseModel, failure }: WireEnd,
  route: Route,
): CallEnd {
  return {
    finishReason,
    ...(rawReason === undefined ? {} : { rawReason }),
    usage,
    ...(timings === undefined ? {} : { timings }),
    ...(responseModel === undefined ? {} : { responseModel }),
    ...(failure === undefined ? {} : { failure: describeFailure(failure, subjectOf(route)) }),
    retryKind: 'none',
  };
}

function subjectOf({ ref, host }: { readonly ref: ModelRef; readonly host: string }): FailureSubject {
  return { backend: ref.backend, host, model: ref.modelId };
}
