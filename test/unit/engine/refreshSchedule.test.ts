import { describe, expect, it } from 'vitest';
import type { CatalogueStatus } from '../../../src/engine/catalogueStatus';
import type { RefreshReport, RefreshRequest } from '../../../src/engine/refreshCycle';
import { refreshIntervalMs, RefreshSchedule } from '../../../src/engine/refreshSchedule';
import { untilAborted } from '../../../src/shared/abort';
import { isoNow } from '../../../src/shared/clock';
import { FakeClock } from '../../fakes/fakeClock';
import { keepingLogger } from '../backends/loopback';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function setUp(intervalMs = 24 * HOUR_MS) {
  const clock = new FakeClock('2026-11-21T00:00:00Z');
  const logger = keepingLogger();
  const { lines } = logger;
  const reasons: string[] = [];
  const house = {
    last: null as string | null,
    /** Whether the catalogue alone is due, and what it finds then. */
    catalogueDue: false,
    state: 'live' as CatalogueStatus['state'],
    looks: 0,
    hangs: false,
    fails: false,
  };
  const status = (): CatalogueStatus => ({ state: house.state, source: '', date: null, message: '' });
  const schedule = new RefreshSchedule({
    cycle: {
      refresh: async (request?: RefreshRequest) => {
        reasons.push(`${String(request?.reason)} ${isoNow(clock).slice(5, 16)}`);
        if (house.fails) throw new Error('a bug');
        if (house.hangs) await untilAborted(new Promise(() => undefined), request?.signal);
        house.last = isoNow(clock);
        return {} as RefreshReport;
      },
    },
    catalogue: {
      get status() {
        return status();
      },
      isDue: () => Promise.resolve(house.catalogueDue),
      refresh: () => {
        house.looks += 1;
        return Promise.resolve(status());
      },
    },
    lastRefreshAt: () => house.last,
    ...{ intervalMs: () => intervalMs, clock, logger },
  });
  return { clock, schedule, reasons, house, lines };
}

describe('the schedule of refreshes', () => {
  it('refreshes soon after the start, then once in the interval, until it is stopped', async () => {
    const { clock, schedule, reasons } = setUp();
    schedule.start();
    await clock.advance(29_000);
    expect(reasons).toEqual([]);
    await clock.advance(23 * HOUR_MS);
    expect(reasons).toEqual(['start 11-21T00:00']);
    await clock.advance(26 * HOUR_MS);
    // It looks every ten minutes.
    expect(reasons).toEqual(['start 11-21T00:00', 'schedule 11-22T00:00', 'schedule 11-23T00:00']);
    schedule.stop();
    await clock.advance(100 * HOUR_MS);
    expect([reasons.length, clock.pending]).toEqual([3, 0]);
  });

  it('counts from the last refresh of whichever window', async () => {
    const { clock, schedule, reasons, house } = setUp();
    schedule.start();
    await clock.advance(20 * HOUR_MS);
    house.last = isoNow(clock);
    await clock.advance(23 * HOUR_MS);
    expect(reasons).toHaveLength(1);
    await clock.advance(HOUR_MS + 10 * MINUTE_MS);
    expect(reasons).toHaveLength(2);
  });

  it('refreshes when the clock was set back', async () => {
    const { clock, schedule, reasons } = setUp();
    schedule.start();
    await clock.advance(HOUR_MS);
    clock.stepWall(-2 * HOUR_MS);
    await clock.advance(10 * MINUTE_MS);
    expect(reasons).toHaveLength(2);
  });

  it('looks for new models alone after that has failed, and refreshes once it finds some', async () => {
    const { clock, schedule, reasons, house } = setUp();
    schedule.start();
    await clock.advance(MINUTE_MS);
    Object.assign(house, { catalogueDue: true, state: 'offline' });
    await clock.advance(HOUR_MS);
    expect([house.looks, reasons.length]).toEqual([6, 1]);
    house.state = 'live';
    await clock.advance(10 * MINUTE_MS);
    expect([house.looks, reasons.length]).toEqual([7, 2]);
    // A person has switched it off.
    house.state = 'off';
    await clock.advance(HOUR_MS);
    expect(house.looks).toBe(7);
  });

  it('ends the refresh that it began when another window leads, and says nothing of it', async () => {
    const { clock, schedule, house, lines, reasons } = setUp();
    house.hangs = true;
    schedule.start();
    await clock.advance(MINUTE_MS);
    schedule.stop();
    await clock.advance(HOUR_MS);
    expect([reasons.length, lines]).toEqual([1, []]);
    house.hangs = false;
    schedule.start();
    await clock.advance(MINUTE_MS);
    expect(reasons).toHaveLength(2);
  });

  it('goes on after a fault', async () => {
    const { clock, schedule, house, lines, reasons } = setUp();
    house.fails = true;
    schedule.start();
    await clock.advance(11 * MINUTE_MS);
    expect(reasons).toHaveLength(2);
    expect(lines.map(({ event }) => event)).toEqual(['refresh.failed', 'refresh.failed']);
  });

  it('is never sooner than the interval, which is an hour at least, and up to twenty minutes later', () => {
    expect(refreshIntervalMs(24, 0)).toBe(24 * HOUR_MS);
    expect(refreshIntervalMs(24, 0.5)).toBe(24 * HOUR_MS + 10 * MINUTE_MS);
    expect(refreshIntervalMs(0.1, 0)).toBe(HOUR_MS);
  });
});
