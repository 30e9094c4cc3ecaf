import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from '../../../src/shared/logger';
import { LeaseFiles } from '../../../src/storage/leaseFiles';
import { isLeased } from '../../../src/storage/leaseStore';
import { FakeClock } from '../../fakes/fakeClock';

const BOOT = 'boot-now';

let storageFolder: string;
let folder: string;
let clock: FakeClock;
let events: string[];
const logger: Logger = { log: (_level, event) => events.push(event) };

beforeEach(async () => {
  storageFolder = await mkdtemp(path.join(tmpdir(), 'leases-'));
  folder = path.join(storageFolder, 'leases');
  clock = new FakeClock();
  events = [];
});

afterEach(() => rm(storageFolder, { recursive: true, force: true }));

function window(windowId: string, bootId = BOOT): LeaseFiles {
  return new LeaseFiles({ storageFolder, windowId, bootId, clock, logger });
}

/** Puts a file of another window there, as it would have written it. */
async function leave(name: string, content: object | string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

function stamped(models: readonly string[], agoMs: number, bootId = BOOT): object {
  const writtenMono = (clock.monotonicMs() - agoMs) * 1_000;
  return { models, bootId, writtenMono, writtenAt: '2026-11-21T00:00:00.000Z' };
}

async function content(windowId: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(folder, `${windowId}.json`), 'utf8')) as Record<string, unknown>;
}

describe('LeaseFiles', () => {
  it('shows other windows what one holds, never itself', async () => {
    const [a, b] = [window('a'), window('b')];
    a.hold(['sha256:1', 'sha256:2', 'sha256:1']);
    await vi.waitFor(async () => {
      expect(await b.others()).toEqual([{ windowId: 'a', models: ['sha256:1', 'sha256:2'] }]);
    });
    expect(await a.others()).toEqual([]);
    await Promise.all([a.dispose(), b.dispose()]);
  });

  it('takes its file away when nothing is held any more, and when it is disposed', async () => {
    const [a, b] = [window('a'), window('b')];
    a.hold(['x']);
    b.hold(['y']);
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['a.json', 'b.json']));
    a.hold([]);
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['b.json']));
    expect(clock.pending).toBe(1);
    await b.dispose();
    b.hold(['z']);
    await b.dispose();
    expect(await readdir(folder)).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('writes again every 5 s while it holds something, and not when the same set is held again', async () => {
    const a = window('a');
    a.hold(['x', 'y']);
    await vi.waitFor(async () => expect(await content('a')).toMatchObject({ writtenMono: 0, bootId: BOOT }));
    await vi.waitUntil(() => clock.pending === 1);
    await clock.advance(2_000);
    a.hold(['y', 'x']);
    expect(clock.nextDueMs).toBe(3_000);
    await clock.advance(3_000);
    await vi.waitFor(async () =>
      expect(await content('a')).toEqual({
        models: ['x', 'y'],
        bootId: BOOT,
        writtenMono: 5_000_000,
        writtenAt: '2026-11-21T00:00:05.000Z',
      }),
    );
    await a.dispose();
  });

  it('ends with the last of many changes in a row, one write at a time', async () => {
    const [a, b] = [window('a'), window('b')];
    for (let n = 0; n < 200; n++) {
      a.hold(n % 3 === 0 ? [] : [`model-${n}`]);
      if (n % 20 === 0) expect((await b.others()).length).toBeLessThanOrEqual(1);
    }
    await vi.waitFor(async () =>
      expect(await b.others()).toEqual([{ windowId: 'a', models: ['model-199'] }]),
    );
    expect(await readdir(folder)).toEqual(['a.json']);
    await a.dispose();
    expect(await readdir(folder)).toEqual([]);
    // Two at a time would have taken one another's temporary file away.
    expect(events).toEqual([]);
  });

  it('ignores a file of this boot that is older than 20 s, at the first look', async () => {
    await clock.advance(100_000);
    await leave('fresh.json', stamped(['x'], 19_999));
    await leave('stale.json', stamped(['y'], 20_001));
    expect(await window('me').others()).toEqual([{ windowId: 'fresh', models: ['x'] }]);
  });

  it.each([3_600_000, -3_600_000])('does not care when the wall clock steps by %d ms', async (step) => {
    const [a, b] = [window('a'), window('b')];
    a.hold(['x']);
    await vi.waitUntil(() => clock.pending === 1);
    clock.stepWall(step);
    expect(await b.others()).toHaveLength(1);
    await clock.advance(4_000);
    expect(await b.others()).toHaveLength(1);
    await a.dispose();
  });

  it.each([
    ['another boot', () => stamped(['x'], 900_000, 'boot-before')],
    ['this boot from a clock that is ahead', () => stamped(['x'], -900_000_000)],
  ])('ends the lease of %s 20 s after it was first seen', async (_of, made) => {
    await leave('gone.json', made());
    const me = window('me');
    for (let n = 0; n < 5; n++) {
      expect(await me.others()).toEqual([{ windowId: 'gone', models: ['x'] }]);
      await clock.advance(5_000);
    }
    expect(await me.others()).toEqual([]);
  });

  it('keeps a lease of another boot id while its file changes', async () => {
    const me = window('me');
    for (let n = 0; n < 20; n++) {
      await leave('other.json', stamped(['x'], 0, 'other-machine'));
      expect(await me.others()).toHaveLength(1);
      await clock.advance(6_000);
    }
  });

  it.each([
    ['garbage', '{"models":["x"'],
    ['nothing', ''],
    ['another shape', '{"models":"x"}'],
  ])(
    'takes a file with %s for a lease on any model, until it has not changed for 20 s',
    async (_what, text) => {
      await leave('odd.json', text);
      const me = window('me');
      const leases = await me.others();
      expect(leases).toEqual([{ windowId: 'odd', models: 'unknown' }]);
      expect(isLeased(leases, ['anything'])).toBe(true);
      await clock.advance(20_001);
      expect(await me.others()).toEqual([]);
    },
  );

  it('takes what cannot be read for a lease on any model: a file, or all of them', async () => {
    await mkdir(path.join(folder, 'odd.json'), { recursive: true });
    const me = window('me');
    expect(await me.others()).toEqual([{ windowId: 'odd', models: 'unknown' }]);
    await rm(folder, { recursive: true });
    // A link to itself: even root cannot list it.
    await symlink('leases', folder);
    expect(await me.others()).toEqual([{ windowId: 'unknown', models: 'unknown' }]);
    expect(events).toContain('lease.folder.unreadable');
  });

  it('deletes what has been dead for an hour, also what a killed write left behind', async () => {
    await clock.advance(4_000_000);
    await leave('old.json', stamped(['x'], 3_600_001));
    await leave('young.json', stamped(['x'], 3_599_000));
    await leave('old.json.old.tmp', '{"mod');
    const me = window('me');
    expect(await me.others()).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['old.json.old.tmp', 'young.json']);
    await clock.advance(3_600_001);
    expect(await me.others()).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('has nothing to say where no folder is yet, and makes none by looking', async () => {
    expect(await window('me').others()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  it('goes on where the folder cannot be written, says so once, and writes as soon as it can', async () => {
    await writeFile(folder, 'a file where the folder should be');
    const a = window('a');
    a.hold(['x']);
    for (let n = 0; n < 3; n++) {
      await vi.waitUntil(() => clock.pending === 1);
      await clock.advance(5_000);
    }
    expect(events).toEqual(['lease.write.failed']);
    expect(await window('b').others()).toEqual([]);
    await vi.waitUntil(() => clock.pending === 1);
    await rm(folder);
    await clock.advance(5_000);
    await vi.waitFor(async () => expect(await window('b').others()).toHaveLength(1));
    await a.dispose();
  });
});

describe('isLeased', () => {
  it('knows a model by any of its keys', () => {
    const leases = [{ windowId: 'a', models: ['sha256:1', 'qwen3:8b'] }];
    expect(isLeased(leases, ['sha256:2', 'qwen3:8b'])).toBe(true);
    expect(isLeased(leases, ['sha256:2'])).toBe(false);
    expect(isLeased([], ['sha256:2'])).toBe(false);
  });
});
