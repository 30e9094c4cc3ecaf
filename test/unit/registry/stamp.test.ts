import { describe, expect, it } from 'vitest';
import type { Stamp } from '../../../src/registry/stamp';
import { BASELINE_BOOT_ID, isNewer, stampOf } from '../../../src/registry/stamp';
import { FakeClock } from '../../fakes/fakeClock';

const MINUTE_US = 60_000_000;
const now = 1_000 * MINUTE_US;

function stamp(change: Partial<Stamp>): Stamp {
  return { bootId: 'boot', refreshedMono: 1_000, refreshedAt: now, ...change };
}

describe('a stamp', () => {
  it('goes on within a boot while the wall clock steps back', async () => {
    const clock = new FakeClock();
    const before = stampOf(clock, 'boot');
    clock.stepWall(-24 * 3_600_000);
    await clock.advance(1);
    const after = stampOf(clock, 'boot');
    expect(after.refreshedAt).toBeLessThan(before.refreshedAt);
    expect([isNewer(after, before, now), isNewer(before, after, now)]).toEqual([true, false]);
  });

  it('of another boot that lies in the future was set by a wrong clock, and freezes nothing', () => {
    const wrong = stamp({ bootId: 'boot with a wrong clock', refreshedAt: now + MINUTE_US + 1 });
    expect([isNewer(stamp({}), wrong, now), isNewer(wrong, stamp({}), now)]).toEqual([true, false]);
    const moreSo = stamp({ bootId: 'other', refreshedAt: now + 2 * MINUTE_US });
    expect([isNewer(moreSo, wrong, now), isNewer(wrong, moreSo, now)]).toEqual([true, false]);
  });

  it('of another boot is compared by the wall clock, also where the write comes hours late', () => {
    const late = stamp({ refreshedAt: now - 600 * MINUTE_US });
    const other = stamp({ bootId: 'other', refreshedAt: now });
    expect([isNewer(late, other, now), isNewer(other, late, now)]).toEqual([false, true]);
  });

  it('of the baseline is older than any other, also where the clock of this machine is years behind', () => {
    const bundled = stamp({ bootId: BASELINE_BOOT_ID, refreshedMono: 0 });
    const seen = stamp({ refreshedAt: 1 });
    expect([isNewer(seen, bundled, now), isNewer(bundled, seen, now)]).toEqual([true, false]);
    expect(isNewer({ ...bundled, refreshedAt: bundled.refreshedAt + 1 }, bundled, now)).toBe(false);
  });
});
