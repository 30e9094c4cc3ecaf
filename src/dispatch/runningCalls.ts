import type { Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import type { ModelRef } from '../shared/modelRef';

/** A call that has not ended yet, as views show it. Holds nothing of what was asked or answered. */
export interface RunningCall {
  readonly callId: string;
  readonly sessionId: string;
  /** The model that is asked now; another one after an escalation. */
  readonly ref: ModelRef;
  /** ISO 8601. */
  readonly startedAt: string;
  /** `waiting` for the first piece of an answer, `retrying` between two attempts. */
  readonly phase: 'waiting' | 'retrying' | 'answering';
  /** From 1, over all routes. */
  readonly attempt: number;
  /** Of the answer so far, thinking included. */
  readonly characters: number;
}

/** Least time between two events that tell nothing but the growth of an answer. */
const PROGRESS_EVERY_MS = 100;

/** The calls of this window that have not ended yet. */
export class RunningCalls {
  readonly #calls = new Map<string, RunningCall>();
  readonly #changed: Emitter<readonly RunningCall[]>;
  #firedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    onListenerError: (thrown: unknown) => void,
  ) {
    this.#changed = new Emitter(onListenerError);
  }

  /** Fires with all of them when one begins, ends or goes on to another phase, and ten times a second while any grows. */
  get onDidChange(): (listener: (calls: readonly RunningCall[]) => void) => () => void {
    return this.#changed.on;
  }

  /** The oldest first. */
  list(): readonly RunningCall[] {
    return [...this.#calls.values()];
  }

  /** Shows a call as it is now, new or changed. */
  set(call: RunningCall): void {
    const shown = this.#calls.get(call.callId);
    this.#calls.set(call.callId, call);
    const onlyGrew = shown?.phase === 'answering' && call.phase === 'answering';
    if (onlyGrew && this.clock.monotonicMs() - this.#firedAtMs < PROGRESS_EVERY_MS) return;
    this.#fire();
  }

  delete(callId: string): void {
    if (this.#calls.delete(callId)) this.#fire();
  }

  #fire(): void {
    this.#firedAtMs = this.clock.monotonicMs();
    this.#changed.fire(this.list());
  }
}
