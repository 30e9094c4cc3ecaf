import type { Clock } from '../shared/clock';
import type { RegistryRow } from './row';

/** When something was seen, as rows carry it. */
export type Stamp = Pick<RegistryRow, 'refreshedAt' | 'refreshedMono' | 'bootId'>;

/** Stands for the boot in stamps of what was bundled with the extension, which nobody saw on this machine. */
export const BASELINE_BOOT_ID = 'baseline';

export const MICROSECONDS_PER_MILLISECOND = 1_000;

/** How far clocks of two machines that share a home folder may differ, in microseconds. */
const CLOCK_SKEW_US = 60 * 1_000_000;

/**
 * A stamp of this moment, in microseconds. `bootId` names the origin of the clock's monotonic time: the operating
 * system's boot, on which all windows count alike, or else one process.
 */
export function stampOf(clock: Clock, bootId: string): Stamp {
  return {
    refreshedAt: microsecondsNow(clock),
    refreshedMono: Math.round(clock.monotonicMs() * MICROSECONDS_PER_MILLISECOND),
    bootId,
  };
}

/** Wall clock, in whole microseconds since the epoch. */
export function microsecondsNow(clock: Clock): number {
  return Math.round(clock.now() * MICROSECONDS_PER_MILLISECOND);
}

/**
 * Whether `a` was seen after `b`: by the monotonic clock where both carry the same, else by the wall clock. Equal is not
 * newer. A bundled stamp is older than any other, whatever the clock says. A stamp of another boot that lies in the
 * future of `nowUs` was set by a wall clock that was wrong: it must not freeze what it stands on until that time comes.
 */
export function isNewer(a: Stamp, b: Stamp, nowUs: number): boolean {
  if (a.bootId === b.bootId) return a.refreshedMono > b.refreshedMono;
  if (a.bootId === BASELINE_BOOT_ID || b.bootId === BASELINE_BOOT_ID) return b.bootId === BASELINE_BOOT_ID;
  const [aIsWrong, bIsWrong] = [a, b].map(({ refreshedAt }) => refreshedAt > nowUs + CLOCK_SKEW_US);
  return aIsWrong === bIsWrong ? a.refreshedAt > b.refreshedAt : bIsWrong === true;
}

export function isSameStamp(a: Stamp, b: Stamp): boolean {
  return a.bootId === b.bootId && a.refreshedMono === b.refreshedMono && a.refreshedAt === b.refreshedAt;
}
