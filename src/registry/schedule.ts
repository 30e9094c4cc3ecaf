import type { Clock } from '../shared/clock';
import type { BackendFacts } from './backendState';
import { MICROSECONDS_PER_MILLISECOND, stampOf } from './stamp';
import type { Stamp } from './stamp';

const FIRST_BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 5 * 60_000;

/** How long a backend is left alone after its `failures`-th failure in a row (1 or more), in milliseconds. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
}

/**
 * When a backend is due, in monotonic milliseconds of `clock`, from what any window saw of it last; `-Infinity` where
 * nobody did, or in a future to which the wall clock was set back since.
 */
export function dueAfter(
  last: { readonly facts: BackendFacts; readonly seen: Stamp } | undefined,
  intervalMs: number,
  clock: Clock,
  bootId: string,
): number {
  if (!last || last.facts.readiness === 'unknown') return Number.NEGATIVE_INFINITY;
  const { facts, seen } = last;
  const now = stampOf(clock, bootId);
  const elapsedUs =
    seen.bootId === bootId ? now.refreshedMono - seen.refreshedMono : now.refreshedAt - seen.refreshedAt;
  if (elapsedUs < 0) return Number.NEGATIVE_INFINITY;
  const waitMs = facts.failures === 0 ? intervalMs : backoffMs(facts.failures);
  return clock.monotonicMs() + waitMs - elapsedUs / MICROSECONDS_PER_MILLISECOND;
}
