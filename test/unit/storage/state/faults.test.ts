import fc from 'fast-check';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../../src/shared/clock';
import { systemClock } from '../../../../src/shared/clock';
import type { SqlReader } from '../../../../src/storage/stateDatabase';
import type { LockFiles } from '../../../../src/storage/state/lockFiles';
import type { SqlStateOptions } from '../../../../src/storage/state/sqlState';
import { SqlState } from '../../../../src/storage/state/sqlState';
import type { StateFiles } from '../../../../src/storage/state/stateFiles';
import { nodeStateFiles } from '../../../../src/storage/state/stateFiles';
import { FakeClock } from '../../../fakes/fakeClock';
import { SQL_WASM } from '../../../support/programs';
import { FaultyFiles, STEPS } from '../../../support/stateFaults';
import { counter, halfTransaction, mixedChange, rowsAfter, storedRows } from '../../../support/stateWorkload';

let folder: string;
let logged: string[];
let opened: SqlState[];

const noLock: LockFiles = {
  lock: () => Promise.reject(Object.assign(new Error('no lock here'), { code: 'ENOSYS' })),
  look: () => Promise.resolve(undefined),
  remove: () => Promise.resolve(),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'));
  logged = [];
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((state) => state.close()));
  await rm(folder, { recursive: true, force: true });
});

describe('a power cut', () => {
  for (const losesUnsynced of [true, false]) {
    it.each(STEPS)(
      `after the step "%s" leaves the old or the new state; unsynced lost: ${losesUnsynced}`,
      async (step) => {
        const files = new FaultyFiles();
        files.losesUnsynced = losesUnsynced;
        const state = await open({ files });
        for (let n = 1; n <= 3; n++) await state.transaction('mixed', mixedChange('a', n));
        expect(files.done.slice(-STEPS.length)).toEqual(STEPS);
        files.cutAfter = step;
        const result = await state.transaction('mixed', mixedChange('a', 4));
        const after = await open();
        expect(after.status).toMatchObject({ state: 'open' });
        expect(after.status).not.toHaveProperty('notice');
        const stored = read(after, (sql) => counter(sql, 'all'));
        expect(result.ok ? [4] : [3, 4]).toContain(stored);
        // Before the link nothing can be stored; after it all of it is.
        expect(stored).toBe(STEPS.indexOf(step) < STEPS.indexOf('link') ? 3 : 4);
        expect(read(after, storedRows)).toEqual(rowsAfter('a', stored));
        expect(read(after, halfTransaction)).toBeUndefined();
        expect(await after.transaction('mixed', mixedChange('a', stored + 1))).toEqual({
          ok: true,
          value: stored + 1,
        });
      },
    );
  }

  it('leaves a temporary file that is swept when it is old, and not before', async () => {
    const stray = join(folder, 'state.0b5c.tmp');
    await writeFile(stray, 'half');
    await open();
    expect(await readdir(folder)).toContain('state.0b5c.tmp');
    await utimes(stray, new Date('2020-01-01'), new Date('2020-01-01'));
    await open();
    expect(await readdir(folder)).not.toContain('state.0b5c.tmp');
  });
});

describe('a disk or folder that cannot be written', () => {
  it.each([
    ['create', 'ENOSPC', 'is full'],
    ['write', 'ENOSPC', 'is full'],
    ['sync', 'EDQUOT', 'is full'],
    ['create', 'EROFS', 'may not write'],
    ['create', 'EACCES', 'may not write'],
    ['write', 'EIO', 'EIO'],
    ['link', 'EIO', 'EIO'],
  ] as const)('(%s: %s) is said, changes nothing and is tried again', async (step, code, text) => {
    const files = new FaultyFiles();
    const state = await open({ files });
    const told: string[] = [];
    state.onDidChangeStatus((status) => told.push(status.state));
    const total = state.view(-1, (sql) => counter(sql, 'all'));
    await state.transaction('mixed', mixedChange('a', 1));
    files.fail(step, code);
    for (let n = 0; n < 2; n++) {
      const result = await state.transaction('mixed', mixedChange('a', 2));
      expect(result).toMatchObject({
        ...{ ok: false, code: 'storage_unavailable', message: expect.stringContaining(text) as string },
      });
    }
    expect(state.status).toMatchObject({
      state: 'degraded',
      message: expect.stringContaining(text) as string,
    });
    expect(total.value).toBe(1);
    expect(await stateFiles()).toEqual(['state.1.sqlite']);
    files.fail(step);
    expect(await state.transaction('mixed', mixedChange('a', 2))).toEqual({ ok: true, value: 2 });
    expect(state.status).toEqual({ state: 'open', generation: 2 });
    expect(told).toEqual(['degraded', 'open']);
    expect(read(await open(), storedRows)).toEqual(rowsAfter('a', 2));
  });

  it('as a file in the place of the folder is said, and ends when the folder is there', async () => {
    const place = join(folder, 'storage');
    await writeFile(place, '');
    const state = await open({ folder: place });
    expect(state.status).toMatchObject({ state: 'degraded' });
    expect(await state.transaction('mixed', mixedChange('a', 1))).toMatchObject({
      code: 'storage_unavailable',
    });
    await rm(place);
    expect(await state.transaction('mixed', mixedChange('a', 1))).toEqual({ ok: true, value: 1 });
    expect(state.status).toEqual({ state: 'open', generation: 1 });
  });

  it('that cannot even be read is said at the next look, and ends with the one that can', async () => {
    let broken = false;
    const files: StateFiles = {
      ...nodeStateFiles,
      watch: () => () => undefined,
      names: (path) =>
        broken
          ? Promise.reject(Object.assign(new Error('EIO in a test'), { code: 'EIO' }))
          : nodeStateFiles.names(path),
    };
    const clock = new FakeClock();
    const state = await open({ files, clock });
    await state.transaction('mixed', mixedChange('a', 1));
    for (const expected of ['degraded', 'open', 'degraded', 'open']) {
      broken = expected === 'degraded';
      await clock.advance(2_000);
      await vi.waitFor(() => expect(state.status.state).toBe(expected), { timeout: 4_000, interval: 5 });
    }
    expect(read(state, storedRows)).toEqual(rowsAfter('a', 1));
  });

  it('leaves no half file where there are no links either', async () => {
    const files = new FaultyFiles();
    files.fail('link', 'EPERM');
    const state = await open({ files });
    await state.transaction('mixed', mixedChange('a', 1));
    files.fail('sync', 'ENOSPC');
    expect(await state.transaction('mixed', mixedChange('a', 2))).toMatchObject({
      code: 'storage_unavailable',
    });
    expect(await stateFiles()).toEqual(['state.1.sqlite']);
  });

  it('only for sweeping old generations hinders nothing', async () => {
    const files = new FaultyFiles();
    const state = await open({ files });
    files.fail('sweep', 'EBUSY');
    for (let n = 1; n <= 4; n++)
      expect(await state.transaction('mixed', mixedChange('a', n))).toEqual({ ok: true, value: n });
    files.fail('sweep');
    await state.transaction('mixed', mixedChange('a', 5));
    expect(await stateFiles()).toEqual(['state.4.sqlite', 'state.5.sqlite']);
  });
});

describe('the lock between windows', () => {
  it.each(['EACCES', 'EROFS', 'ENOSYS'])('is done without where it cannot be made (%s)', async (code) => {
    const lockFiles = {
      lock: () => Promise.reject(Object.assign(new Error(code), { code })),
      look: () => Promise.resolve(undefined),
      remove: () => Promise.resolve(),
    };
    const windows = [await open({ lockFiles }), await open({ lockFiles })];
    await Promise.all(
      windows.map(async (state, index) => {
        for (let n = 1; n <= 15; n++) await state.transaction('mixed', mixedChange(`w${index}`, n));
      }),
    );
    expect(read(await open(), storedRows)).toEqual({ ...rowsAfter('w0', 15), ...rowsAfter('w1', 15) });
    expect(logged.filter((event) => event === 'state.lock.unavailable')).toHaveLength(2);
  });

  it('is done without where a file is in its place', async () => {
    await writeFile(join(folder, 'state.lock'), '');
    const state = await open({ lockWaitMs: 50 });
    expect(await state.transaction('mixed', mixedChange('a', 1))).toEqual({ ok: true, value: 1 });
  });

  it('is released after each transaction, also after one that threw', async () => {
    const state = await open();
    await expect(
      state.transaction('bad', () => {
        throw new Error('a bug');
      }),
    ).rejects.toThrow('a bug');
    await state.transaction('mixed', mixedChange('a', 1));
    expect(await readdir(folder)).toEqual(['state.1.sqlite']);
  });
});

describe('a link whose answer was lost', () => {
  it('is not made again: the transaction is stored once', async () => {
    const files: StateFiles = {
      ...nodeStateFiles,
      async link(from, to) {
        await nodeStateFiles.link(from, to);
        await nodeStateFiles.link(from, to);
      },
    };
    const state = await open({ files });
    let runs = 0;
    await state.transaction('mixed', (sql) => {
      runs += 1;
      mixedChange('a', 1)(sql);
    });
    expect(runs).toBe(1);
    expect(await stateFiles()).toEqual(['state.1.sqlite']);
  });
});

describe('a window that another one overtook before its link', () => {
  it.each([1, 2, 3, 7])('by %i generations runs its change again, and stores it once', async (times) => {
    const other = await open();
    let overtake = 0;
    const files: StateFiles = {
      ...nodeStateFiles,
      async link(from, to) {
        const now = overtake;
        overtake = 0;
        for (let n = 1; n <= now; n++) await other.transaction('mixed', mixedChange('other', n));
        await nodeStateFiles.link(from, to);
      },
    };
    const late = await open({ files, lockFiles: noLock });
    await late.transaction('mixed', mixedChange('late', 1));
    const seen: number[] = [];
    overtake = times;
    await late.transaction('mixed', (sql) => {
      seen.push(counter(sql, 'all'));
      return mixedChange('late', 2)(sql);
    });
    expect(seen).toEqual([1, 1 + times]);
    expect(read(await open(), storedRows)).toEqual({ ...rowsAfter('late', 2), ...rowsAfter('other', times) });
    expect(await stateFiles()).toEqual([times + 1, times + 2].map((n) => `state.${n}.sqlite`).sort());
  });
});

describe('a window whose publish others followed before it looked', () => {
  it.each([1, 2, 3, 7])(
    'by %i generations finds its commit in theirs, and runs nothing again',
    async (times) => {
      const other = await open();
      let follow = 0;
      const files: StateFiles = {
        ...nodeStateFiles,
        async link(from, to) {
          await nodeStateFiles.link(from, to);
          const now = follow;
          follow = 0;
          for (let n = 1; n <= now; n++) await other.transaction('mixed', mixedChange('other', n));
        },
      };
      const first = await open({ files, lockFiles: noLock });
      await first.transaction('mixed', mixedChange('first', 1));
      let runs = 0;
      follow = times;
      const result = await first.transaction('mixed', (sql) => {
        runs += 1;
        return mixedChange('first', 2)(sql);
      });
      expect({ result, runs }).toEqual({ result: { ok: true, value: 2 }, runs: 1 });
      expect(read(first, storedRows)).toEqual({ ...rowsAfter('first', 2), ...rowsAfter('other', times) });
      expect(first.status).toMatchObject({ generation: times + 2 });
    },
  );
});

describe('two windows in one folder', () => {
  const kinds = ['mixed', 'mixed', 'mixed', 'throws', 'nothing', 'look'] as const;
  const step = fc.record({ window: fc.nat(1), kind: fc.constantFrom(...kinds) });
  const steps = fc.array(step, { minLength: 2, maxLength: 10 });

  it('store what one after the other would, in whatever order their file operations come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, fc.boolean(), async (s, all, links) => {
        const own = await mkdtemp(join(folder, 'run-'));
        const options = { folder: own, files: scheduled(s, links), lockFiles: noLock, clock: hasty(s) };
        const windows = ['w0', 'w1'].map((name) => ({ name, state: make(options), stored: 0 }));
        const working = windows.map(async (window, index) => {
          await window.state.open();
          for (const { kind } of all.filter((one) => one.window === index)) await act(window, kind);
          await window.state.close();
        });
        await s.waitFor(Promise.all(working));
        const after = await open({ folder: own });
        expect(read(after, storedRows)).toEqual(
          Object.assign({}, ...windows.map(({ name, stored }) => rowsAfter(name, stored))),
        );
        expect(after.status).toMatchObject({
          generation: windows.reduce((sum, { stored }) => sum + stored, 0),
        });
        await after.close();
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  async function act(
    window: { readonly name: string; readonly state: SqlState; stored: number },
    kind: (typeof kinds)[number],
  ): Promise<void> {
    const { name, state } = window;
    if (kind === 'mixed') {
      const next = window.stored + 1;
      expect(await state.transaction(kind, mixedChange(name, next))).toEqual({ ok: true, value: next });
      window.stored = next;
    } else if (kind === 'throws') {
      const bad = state.transaction(kind, (sql) => {
        mixedChange('bad', 1)(sql);
        throw new Error('a bug');
      });
      await expect(bad).rejects.toThrow('a bug');
    } else if (kind === 'nothing') {
      expect(await state.transaction(kind, () => 'value')).toEqual({ ok: true, value: 'value' });
    }
    expect(read(state, (sql) => counter(sql, `of ${name}`))).toBe(window.stored);
    expect(read(state, halfTransaction)).toBeUndefined();
  }
});

/** Pauses end when it is their turn; the poll takes its time. */
function hasty(s: fc.Scheduler): Clock {
  const after: Clock['after'] = (delayMs, fn) => {
    if (delayMs >= 1_000) return systemClock.after(delayMs, fn);
    let live = true;
    void s.schedule(Promise.resolve()).then(() => {
      if (live) fn();
    });
    return () => {
      live = false;
    };
  };
  return { ...systemClock, after };
}

/** Real files whose every operation waits for its turn, which fast-check gives. */
function scheduled(s: fc.Scheduler, links: boolean): StateFiles {
  const turn = async <T>(operation: () => Promise<T>): Promise<T> => {
    await s.schedule(Promise.resolve());
    return operation();
  };
  return {
    ...nodeStateFiles,
    names: (path) => turn(() => nodeStateFiles.names(path)),
    facts: (path) => turn(() => nodeStateFiles.facts(path)),
    read: (path) => turn(() => nodeStateFiles.read(path)),
    remove: (path) => turn(() => nodeStateFiles.remove(path)),
    link: (from, to) =>
      turn(() =>
        links
          ? nodeStateFiles.link(from, to)
          : Promise.reject(Object.assign(new Error('no'), { code: 'EPERM' })),
      ),
    create: async (path) => {
      const created = await turn(() => nodeStateFiles.create(path));
      return {
        ...created,
        write: (bytes) => turn(() => created.write(bytes)),
        sync: () => turn(() => created.sync()),
      };
    },
  };
}

function make(options: Partial<SqlStateOptions> = {}): SqlState {
  const state = new SqlState({
    ...{
      folder,
      wasmFile: SQL_WASM,
      clock: systemClock,
      logger: { log: (_level, event) => logged.push(event) },
    },
    ...options,
  });
  opened.push(state);
  return state;
}

async function open(options: Partial<SqlStateOptions> = {}): Promise<SqlState> {
  const state = make(options);
  await state.open();
  return state;
}

function read<T>(state: SqlState, reading: (sql: SqlReader) => T): T {
  let value: { readonly read: T } | undefined;
  state.view(0, (sql) => {
    value = { read: reading(sql) };
    return 0;
  });
  if (!value) throw new Error('the state cannot be read');
  return value.read;
}

async function stateFiles(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('state.') && name !== 'state.lock').sort();
}
