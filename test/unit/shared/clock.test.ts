import { execFileSync } from 'node:child_process';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { isoNow, sleep, systemClock } from '../../../src/shared/clock';
import { FakeClock } from '../../fakes/fakeClock';

describe('sleep', () => {
  it('ends when its time is over, not before', async () => {
    const clock = new FakeClock();
    let woke = false;
    void sleep(clock, 1_000).then(() => (woke = true));
    await clock.advance(999);
    expect(woke).toBe(false);
    await clock.advance(1);
    expect(woke).toBe(true);
  });

  it('ends at once with the reason of its signal, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const slept = sleep(clock, 1_000, controller.signal);
    expect(clock.pending).toBe(1);
    controller.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
    await expect(sleep(clock, 1_000, controller.signal)).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  it('hears no abort after its end', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const slept = sleep(clock, 10, controller.signal);
    await clock.advance(10);
    controller.abort(new Error('too late'));
    await expect(slept).resolves.toBeUndefined();
  });
});

it('the wall clock is written as ISO 8601 in UTC', () => {
  expect(isoNow(new FakeClock('2026-11-21T08:00:00Z'))).toBe('2026-11-21T08:00:00.000Z');
});

it('the real clock runs what is due once, and nothing that was cancelled', async () => {
  const ran: string[] = [];
  const cancel = systemClock.after(0, () => ran.push('cancelled'));
  await new Promise<void>((resolve) => {
    systemClock.after(1, () => {
      ran.push('due');
      resolve();
    });
    cancel();
  });
  expect(ran).toEqual(['due']);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  expect(systemClock.monotonicMs()).toBeGreaterThan(0);
});

it('the real clock’s monotonic time has one origin in all processes of this boot', () => {
  const print = 'process.stdout.write(String(process.hrtime.bigint() / 1000n))';
  const beforeMs = systemClock.monotonicMs();
  const inBetweenMs = Number(execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' })) / 1_000;
  const afterMs = systemClock.monotonicMs();
  expect(inBetweenMs).toBeGreaterThan(beforeMs);
  expect(inBetweenMs).toBeLessThan(afterMs);
});

it('the real clock’s monotonic time has microseconds and never goes back', () => {
  const readings = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
  expect(readings).toEqual([...readings].sort((a, b) => a - b));
  expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
  // Whole microseconds, so that a row's stamp loses nothing.
  for (const reading of readings)
    expect(Math.abs(reading * 1_000 - Math.round(reading * 1_000))).toBeLessThan(0.01);
});
