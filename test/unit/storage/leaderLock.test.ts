import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../../src/shared/logger';
import { LeaderLock } from '../../../src/storage/leaderLock';
import { FakeClock } from '../../fakes/fakeClock';

let folder: string;
let lockFile: string;
let clock: FakeClock;
let events: string[];
let locks: LeaderLock[];
/** Those that stand for leader, by their clock. */
let running: Map<FakeClock, readonly LeaderLock[]>;

const logger: Logger = { log: (_level, event) => events.push(event) };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'leader-'));
  lockFile = path.join(folder, 'leader.lock');
  clock = new FakeClock();
  events = [];
  locks = [];
  running = new Map();
});

afterEach(async () => {
  await Promise.all(locks.map(stop));
  await rm(folder, { recursive: true, force: true });
});

/** A clock that goes on while the machine sleeps and no timer fires, as macOS has it. */
class SleepingClock extends FakeClock {
  #sleptMs = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.#sleptMs;
  }

  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.stepWall(ms);
  }
}

function stand(windowId: string, options: { readonly folder?: string; readonly clock?: FakeClock } = {}) {
  const lock = new LeaderLock({
    ...{ folder: options.folder ?? folder, windowId, clock: options.clock ?? clock, logger },
  });
  locks.push(lock);
  running.set(options.clock ?? clock, [...(running.get(options.clock ?? clock) ?? []), lock]);
  lock.start();
  return lock;
}

async function stop(lock: LeaderLock): Promise<void> {
  for (const [of, those] of running) {
    running.set(
      of,
      those.filter((other) => other !== lock),
    );
  }
  await lock.stop();
}

/** Advances from timer to timer, and waits for the file operations behind each: then every lock waits for its next. */
async function pass(ms: number, on = clock): Promise<void> {
  let leftMs = ms;
  for (;;) {
    await vi.waitUntil(() => on.pending >= (running.get(on)?.length ?? 0), { timeout: 5_000, interval: 1 });
    const stepMs = Math.min(leftMs, on.nextDueMs ?? leftMs);
    await on.advance(stepMs);
    leftMs -= stepMs;
    if (leftMs === 0 && on.nextDueMs !== 0) break;
  }
  await vi.waitUntil(() => on.pending >= (running.get(on)?.length ?? 0), { timeout: 5_000, interval: 1 });
}

function leaders(): number {
  return locks.filter((lock) => lock.leads).length;
}

describe('LeaderLock', () => {
  it('leads where nobody else does, and says so once', async () => {
    const lock = stand('a');
    const heard: boolean[] = [];
    lock.onDidChange((leads) => heard.push(leads));
    expect(lock.leads).toBe(false);
    await pass(60_000);
    expect(lock.leads).toBe(true);
    expect(heard).toEqual([true]);
    expect(await readFile(lockFile, 'utf8')).toContain('"windowId":"a"');
  });

  it('makes the storage folder where it is missing', async () => {
    const lock = stand('a', { folder: path.join(folder, 'not', 'yet') });
    await pass(1_000);
    expect(lock.leads).toBe(true);
  });

  it('has one leader among windows that start at the same moment', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) stand(id);
    await pass(6_000);
    expect(leaders()).toBe(1);
    await pass(60_000);
    expect(leaders()).toBe(1);
    expect(events.filter((event) => event === 'leader.began')).toHaveLength(1);
  });

  it('hands over at the next look after a stop, and leaves no file behind', async () => {
    const first = stand('a');
    await pass(1_000);
    const second = stand('b');
    await pass(12_000);
    expect([first.leads, second.leads]).toEqual([true, false]);
    await stop(first);
    expect(first.leads).toBe(false);
    expect(existsSync(lockFile)).toBe(false);
    await pass(5_500);
    expect(second.leads).toBe(true);
    await stop(second);
    await stop(second);
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not take away the lock of another when it stops', async () => {
    const first = stand('a');
    await pass(1_000);
    await writeFile(lockFile, 'the text of another leader');
    await stop(first);
    expect(await readFile(lockFile, 'utf8')).toBe('the text of another leader');
  });

  it.each([
    ['an hour in the future', 3_600],
    ['a year ago', -31_536_000],
  ])('follows a dead leader whose lock is dated %s after 20 s, not before', async (_when, offsetS) => {
    await writeFile(lockFile, '{"windowId":"dead","beat":7}\n');
    await utimes(lockFile, Date.now() / 1_000 + offsetS, Date.now() / 1_000 + offsetS);
    const lock = stand('a');
    await pass(19_750);
    expect(lock.leads).toBe(false);
    await pass(1_000);
    expect(lock.leads).toBe(true);
  });

  it('follows a leader that died with an empty lock', async () => {
    await writeFile(lockFile, '');
    const lock = stand('a');
    await pass(21_000);
    expect(lock.leads).toBe(true);
  });

  it('never follows one that beats, whatever the wall clock does', async () => {
    stand('a');
    await pass(1_000);
    const second = stand('b');
    for (const step of [3_600_000, -7_200_000, 86_400_000]) {
      clock.stepWall(step);
      await pass(30_000);
      expect(second.leads).toBe(false);
      expect(leaders()).toBe(1);
    }
  });

  it('counts a long sleep as one look, for the leader slept as well', async () => {
    const sleeping = new SleepingClock();
    const first = stand('a', { clock: sleeping });
    await pass(1_000, sleeping);
    const second = stand('b', { clock: sleeping });
    for (let n = 0; n < 5; n++) {
      await pass(7_000, sleeping);
      sleeping.sleep(3_600_000);
    }
    await pass(20_000, sleeping);
    expect([first.leads, second.leads]).toEqual([true, false]);
  });

  it('steps down at the next beat when another has taken the lock meanwhile', async () => {
    const stopped = new FakeClock();
    const first = stand('a', { clock: stopped });
    await pass(6_000, stopped);
    expect(first.leads).toBe(true);
    const second = stand('b');
    await pass(26_000);
    expect([first.leads, second.leads]).toEqual([true, true]);
    await pass(5_000, stopped);
    expect([first.leads, second.leads]).toEqual([false, true]);
    // And it follows from then on, as long as the other beats.
    for (let n = 0; n < 10; n++) {
      await pass(5_000);
      await pass(5_000, stopped);
    }
    expect([first.leads, second.leads]).toEqual([false, true]);
  });

  it('makes one lasting leader of two followers of the same dead lock', async () => {
    await writeFile(lockFile, 'dead');
    stand('a');
    stand('b');
    await pass(26_000);
    expect(leaders()).toBe(1);
  });

  it('goes on leading when somebody deletes the lock or the whole folder', async () => {
    const lock = stand('a');
    await pass(1_000);
    await rm(folder, { recursive: true });
    await pass(11_000);
    expect(lock.leads).toBe(true);
    expect(existsSync(lockFile)).toBe(true);
    expect(events).not.toContain('leader.ended');
  });

  it('leads alone where the lock cannot be made, says so once, and joins the others when it can', async () => {
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, 'a file where the folder should be');
    const lock = stand('a', { folder: blocked });
    await pass(30_000);
    expect(lock.leads).toBe(true);
    expect(events.filter((event) => event === 'leader.alone')).toHaveLength(1);
    await rm(blocked);
    const other = stand('b', { folder: blocked });
    await pass(1_000);
    expect(other.leads).toBe(true);
    await pass(5_000);
    expect([lock.leads, other.leads]).toEqual([false, true]);
    await stop(lock);
  });

  it('leads alone over a dead lock that can be neither read nor replaced', async () => {
    // A folder in its place: it can be read by nobody, and no file can be renamed over it.
    const blocked = path.join(folder, 'blocked');
    await mkdir(path.join(blocked, 'leader.lock', 'in the way'), { recursive: true });
    const lock = stand('a', { folder: blocked });
    await pass(21_000);
    expect(lock.leads).toBe(true);
    await pass(30_000);
    expect(lock.leads).toBe(true);
    expect(events.filter((event) => event === 'leader.alone')).toHaveLength(1);
    // The temporary files of its attempts are gone.
    expect(await readdir(blocked)).toEqual(['leader.lock']);
  });

  it('does nothing any more after a stop, also when it comes before the first look ends', async () => {
    const lock = stand('a');
    await stop(lock);
    lock.start();
    await pass(6_000);
    expect(lock.leads).toBe(false);
    expect(clock.pending).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets no listener stop it', async () => {
    const lock = stand('a');
    lock.onDidChange(() => {
      throw new Error('a bug elsewhere');
    });
    await pass(1_000);
    expect(lock.leads).toBe(true);
    expect(events).toContain('leader.listener.failed');
  });
});
