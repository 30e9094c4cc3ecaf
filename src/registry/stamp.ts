import type { Clock } from '../shared/clock';
import type { RegistryRow } from './row';

/** When something was seen, as rows carry it. */
export type Stamp = Pick<RegistryRow, 'refreshedAt' | 'refreshedMono' | 'bootId'>;

const MICROSECONDS_PER_MILLISECOND = 1_000;

/**
 * A stamp of this moment, in microseconds. `bootId` names the origin of the monotonic clock: the clock of this process
 * starts with it, so that the id is one per process.
 */
export function stampOf(clock: Clock, bootId: string): Stamp {
  return {
    refreshedAt: Math.round(clock.now() * MICROSECONDS_PER_MILLISECOND),
    refreshedMono: Math.round(clock.monotonicMs() * MICROSECONDS_PER_MILLISECOND),
    bootId,
  };
}

/**
 * Whether `a` was seen after `b`: by the monotonic clock where both carry the same, else by the wall clock. Equal is not
 * newer.
 */
export function isNewer(a: Stamp, b: Stamp): boolean {
  return a.bootId === b.bootId ? a.refreshedMono > b.refreshedMono : a.refreshedAt > b.refreshedAt;
}
