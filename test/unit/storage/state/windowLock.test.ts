import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/shared/logger';
import type { LockFiles } from '../../../../src/storage/state/lockFiles';
import { properLockFiles } from '../../../../src/storage/state/lockFiles';
import { WindowLock } from '../../../../src/storage/state/windowLock';
import { FakeClock } from '../../../fakes/fakeClock';

let folder: string;
let clock: FakeClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  clock = new FakeClock();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('is held by one window at a time, and free after its release', async () => {
  const [first, second] = [lock(), lock()];
  const release = await first.acquire();
  expect(await readdir(folder)).toEqual(['state.lock']);
  let got = false;
  const waiting = second.acquire().then((releaseSecond) => {
    got = true;
    return releaseSecond;
  });
  await clock.advance(500);
  expect(got).toBe(false);
  await release();
  await (
    await afterMs(waiting, 100)
  )();
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['just now', 0],
  ['an hour ago', -3_600_000],
  ['an hour ahead, by a clock that was set back since', 3_600_000],
])('is taken from a dead window within 2 s of waiting, when its last beat was %s', async (_when, aheadMs) => {
  await mkdir(join(folder, 'state.lock'));
  const beat = new Date(Date.now() + aheadMs);
  await utimes(join(folder, 'state.lock'), beat, beat);
  const waiter = lock();
  const started = clock.monotonicMs();
  for (let transaction = 0; transaction < 3; transaction++) {
    // Each waits a second at most, and what one has seen the next one knows.
    const release = await afterMs(waiter.acquire(), 1_020);
    await release();
    if ((await readdir(folder)).length === 0) break;
  }
  expect(await readdir(folder)).toEqual([]);
  expect(clock.monotonicMs() - started).toBeLessThan(2_100);
});

it('is never taken from a window that lives, and is done without after a second', async () => {
  let beats = 0;
  let removed = 0;
  const files: LockFiles = {
    lock: () => Promise.reject(Object.assign(new Error('held'), { code: 'ELOCKED' })),
    look: () => Promise.resolve(`beat ${Math.floor(beats)}`),
    remove: async () => {
      removed += 1;
    },
  };
  const waiter = lock(files);
  for (let transaction = 0; transaction < 5; transaction++) {
    const waiting = waiter.acquire();
    beats += 1;
    await (
      await afterMs(waiting, 1_020)
    )();
  }
  expect(removed).toBe(0);
});

function lock(files: LockFiles = properLockFiles): WindowLock {
  return new WindowLock({ folder, clock, logger: silentLogger, random: () => 0.5, waitMs: 1_000, files });
}

/** Moves the clock until the promise resolves, and by so much at most. */
async function afterMs<T>(promise: Promise<T>, mostMs: number): Promise<T> {
  let result: { readonly value: T } | undefined;
  const started = clock.monotonicMs();
  void promise.then((value) => {
    result = { value };
  });
  for (let ms = 0; ms < mostMs && !result;) {
    // The file operations are real: time passes only while the lock waits for it.
    if (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    else await clock.advance(2);
    ms = clock.monotonicMs() - started;
  }
  if (!result) throw new Error(`nothing came within ${mostMs} ms`);
  return result.value;
}
