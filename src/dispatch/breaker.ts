import type { Clock } from '../shared/clock';
import type { ModelRef } from '../shared/modelRef';
import { modelRefKey } from '../shared/modelRef';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Which models failed so often that they are left alone for a while. */
export interface BreakerView {
  stateOf(ref: ModelRef): BreakerState;
}

/** What a call says of the health of its model; `neutral`: nothing. */
export type HealthVerdict = 'success' | 'failure' | 'neutral';

export type Admission =
  | {
      readonly ok: true;
      /** To be called when the call has ended; a second call changes nothing. */
      readonly leave: (verdict: HealthVerdict) => void;
    }
  | {
      readonly ok: false;
      /** Until it is tried again; null: another call tries it right now. */
      readonly retryInMs: number | null;
    };

interface Circuit {
  readonly backend: string;
  /** Calls that failed since the last one that did not. */
  failures: number;
  /** Monotonic; null while it is closed. */
  openUntilMs: number | null;
  /** Whether the one call is under way that finds out whether it works again. */
  probing: boolean;
}

/** Failed calls in a row after which a model is left alone. */
export const BREAKER_FAILURES = 3;
const OPEN_MS = 60_000;

/** Counts the failed calls of every model, and refuses calls of those that fail all the time. */
export class CircuitBreaker implements BreakerView {
  readonly #circuits = new Map<string, Circuit>();

  constructor(private readonly clock: Clock) {}

  stateOf(ref: ModelRef): BreakerState {
    const openUntilMs = this.#circuits.get(modelRefKey(ref))?.openUntilMs ?? null;
    if (openUntilMs === null) return 'closed';
    return this.clock.monotonicMs() < openUntilMs ? 'open' : 'half_open';
  }

  /** Lets a call in, or says when its model is tried again. One call at a time is let in after the pause. */
  enter(ref: ModelRef): Admission {
    const circuit = this.#circuits.get(modelRefKey(ref));
    const isProbe = circuit !== undefined && circuit.openUntilMs !== null;
    if (isProbe) {
      const waitMs = (circuit.openUntilMs ?? 0) - this.clock.monotonicMs();
      if (waitMs > 0) return { ok: false, retryInMs: waitMs };
      if (circuit.probing) return { ok: false, retryInMs: null };
      circuit.probing = true;
    }
    let left = false;
    return {
      ok: true,
      leave: (verdict) => {
        if (left) return;
        left = true;
        if (isProbe) circuit.probing = false;
        this.#judge(ref, verdict, isProbe);
      },
    };
  }

  /** Forgets the failures of all models of a backend. */
  reset(backend: string): void {
    for (const [key, circuit] of this.#circuits) {
      if (circuit.backend === backend) this.#circuits.delete(key);
    }
  }

  #judge(ref: ModelRef, verdict: HealthVerdict, wasProbe: boolean): void {
    const key = modelRefKey(ref);
    if (verdict === 'success') this.#circuits.delete(key);
    if (verdict !== 'failure') return;
    const circuit = this.#circuits.get(key) ?? {
      backend: ref.backend,
      failures: 0,
      openUntilMs: null,
      probing: false,
    };
    this.#circuits.set(key, circuit);
    circuit.failures += 1;
    // A call that began before it opened does not make the pause longer.
    const opens = circuit.openUntilMs === null ? circuit.failures >= BREAKER_FAILURES : wasProbe;
    if (opens) circuit.openUntilMs = this.clock.monotonicMs() + OPEN_MS;
  }
}
