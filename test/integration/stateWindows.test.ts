import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { generationsIn, setAsideIn } from '../../src/storage/state/generations';
import { SqlState } from '../../src/storage/state/sqlState';
import { SQL_WASM } from '../support/programs';
import { noteFigure, rounds } from '../support/soak';
import type { StateWindow } from '../support/stateWindows';
import { StateWindows } from '../support/stateWindows';
import { counter, halfTransaction, rowsAfter, storedRows } from '../support/stateWorkload';

let windows: StateWindows;

beforeEach(async () => {
  windows = await StateWindows.make();
});

afterEach(() => windows.end());

for (const withoutLinks of [false, true]) {
  const count = withoutLinks ? rounds(60, 500) : 500;
  const where = withoutLinks ? ' where the file system has no links' : '';
  it(
    `keeps every change of 4 windows that make ${count} transactions each${where}`,
    { timeout: 240_000 },
    async () => {
      const reader = windows.start({ name: 'reader', count: 0, withoutLinks });
      await reader.ready;
      const writers = ['a', 'b', 'c', 'd'].map((name) => windows.start({ name, count, withoutLinks }));
      const reports = await Promise.all(writers.map(({ report }) => report));
      const kind = withoutLinks ? ', no links' : '';
      noteFigure(`state: 4 x ${count} transactions${kind}, ms`, Math.max(...reports.map((r) => r.tookMs)));
      noteFigure(`state: longest transaction${kind}, ms`, Math.max(...reports.map((r) => r.longestMs)));
      for (const { failures, halves, mostOvertaken } of reports) {
        expect(failures).toEqual([]);
        expect(halves).toEqual([]);
        // However slow the machine is: no window waits while the others make many transactions.
        expect(mostOvertaken).toBeLessThan(100);
      }
      noteFigure(`state: most overtaken${kind}`, Math.max(...reports.map((r) => r.mostOvertaken)));
      expect(Math.max(...reports.map(({ longestMs }) => longestMs))).toBeLessThan(patienceMs(reports, count));
      reader.child.send('stop');
      const seen = await reader.report;
      expect(seen.halves).toEqual([]);
      expect(seen.seen).toBeGreaterThan(10);
      await expectWholeState({ a: count, b: count, c: count, d: count });
      expect(generationsIn(await readdir(windows.folder))).toEqual([4 * count, 4 * count - 1]);
      expect(setAsideIn(await readdir(windows.folder))).toEqual([]);
    },
  );
}

it(
  'loses no acknowledged transaction when windows are killed at random moments',
  { timeout: 60_000 + rounds(20, 200) * 4_000 },
  async () => {
    const counts: Record<string, number> = {};
    for (let round = 0; round < rounds(20, 200); round++) {
      // Of those that the last round killed: kills must find windows that write, not such that wait.
      await rm(path.join(windows.folder, 'state.lock'), { recursive: true, force: true });
      const pair = [`a${round}`, `b${round}`].map((name) => ({
        name,
        window: windows.start({ name, count: 100_000 }),
      }));
      await Promise.all(pair.map(({ window }) => window.ready));
      await vi.waitUntil(() => pair.some(({ window }) => window.acknowledged() > 0), {
        timeout: 20_000,
        interval: 1,
      });
      // The moment is the point of it: nothing is waited for.
      await pause(Math.random() * 150);
      for (const { window } of pair) window.child.kill('SIGKILL');
      await Promise.all(pair.map(({ window }) => window.ended));
      await inspect((sql) => {
        expect(halfTransaction(sql)).toBeUndefined();
        for (const { name, window } of pair) {
          const acknowledged = window.acknowledged();
          counts[name] = counter(sql, `of ${name}`);
          // The last one may be stored although its window did not live to hear of it.
          expect([acknowledged, acknowledged + 1]).toContain(counts[name]);
        }
      });
    }
    await expectWholeState(counts);
    expect(setAsideIn(await readdir(windows.folder))).toEqual([]);
    expect(Object.values(counts).filter((count) => count > 0).length).toBeGreaterThanOrEqual(rounds(20, 200));
    noteFigure(
      'state: transactions stored by killed windows',
      Object.values(counts).reduce((a, b) => a + b, 0),
    );
  },
);

for (const withoutLinks of [false, true]) {
  it(
    `loses nothing when a window is stopped in the moment of its publish and continued${withoutLinks ? ', without links' : ''}`,
    { timeout: 120_000 },
    async () => {
      const others = rounds(300, 600);
      const stopped = windows.start({ name: 'stopped', count: 6, stopBefore: 3, withoutLinks });
      await stopped.stopping;
      const began = performance.now();
      const other = windows.start({ name: 'other', count: others, withoutLinks });
      const report = await other.report;
      expect(report.failures).toEqual([]);
      noteFigure(
        `state: longest wait beside a stopped window${withoutLinks ? ', no links' : ''}, ms`,
        report.longestMs,
      );
      await pause(Math.max(0, rounds(withoutLinks ? 3_000 : 6_000, 15_000) - (performance.now() - began)));
      expect(stopped.acknowledged()).toBe(2);
      stopped.child.kill('SIGCONT');
      expect((await stopped.report).failures).toEqual([]);
      expect(stopped.acknowledged()).toBe(6);
      await expectWholeState({ stopped: 6, other: others });
      // Without links it was stopped in the middle of its file, which is then in the way of all.
      expect(setAsideIn(await readdir(windows.folder))).toHaveLength(withoutLinks ? 1 : 0);
      expect(generationsIn(await readdir(windows.folder))).toHaveLength(2);
    },
  );
}

it(
  'goes on at its pace beside windows whose wall clocks are an hour apart',
  { timeout: 60_000 },
  async () => {
    const shifts = [0, -3_600_000, 3_600_000];
    // Left behind by a killed window, before the clock was set back.
    const lock = path.join(windows.folder, 'state.lock');
    await mkdir(lock, { recursive: true });
    await utimes(lock, new Date(Date.now() + 3_600_000), new Date(Date.now() + 3_600_000));
    const started: StateWindow[] = shifts.map((clockShiftMs, n) =>
      windows.start({ name: `w${n}`, count: 60, clockShiftMs }),
    );
    for (const { failures, longestMs } of await Promise.all(started.map(({ report }) => report))) {
      expect(failures).toEqual([]);
      expect(longestMs).toBeLessThan(2_000);
    }
    await expectWholeState({ w0: 60, w1: 60, w2: 60 });
  },
);

it(
  'shows a state that a newer window migrated meanwhile, and changes it no more',
  { timeout: 60_000 },
  async () => {
    const old = windows.start({ name: 'old', count: 0 });
    await old.ready;
    const newer = windows.start({ name: 'new', count: 3, newer: true });
    expect((await newer.report).failures).toEqual([]);
    const late = windows.start({ name: 'late', count: 2 });
    expect(await late.report).toMatchObject({
      ...{ failures: ['schema_too_new', 'schema_too_new'], status: 'read_only', halves: [] },
    });
    await old.readOnly;
    old.child.send('stop');
    expect(await old.report).toMatchObject({ status: 'read_only', halves: [] });
    expect(generationsIn(await readdir(windows.folder))).toEqual([3, 2]);
  },
);

/**
 * The spec's 2 s; longer only where the machine is so busy that even the mean transaction takes long: a hundred of those
 * by four windows take 2 s here.
 */
function patienceMs(reports: readonly { readonly tookMs: number }[], count: number): number {
  return Math.max(2_000, 80 * (Math.max(...reports.map(({ tookMs }) => tookMs)) / count));
}

/** What is stored is just what these counts of transactions leave. */
async function expectWholeState(counts: Readonly<Record<string, number>>): Promise<void> {
  await inspect((sql) => {
    expect(halfTransaction(sql)).toBeUndefined();
    for (const [name, count] of Object.entries(counts))
      expect([name, counter(sql, `of ${name}`)]).toEqual([name, count]);
    const rows = Object.entries(counts).map(([name, count]) => rowsAfter(name, count));
    expect(storedRows(sql)).toEqual(Object.assign({}, ...rows));
  });
}

async function inspect(look: Parameters<SqlState['view']>[1]): Promise<void> {
  const state = new SqlState({
    ...{
      folder: windows.folder,
      wasmFile: SQL_WASM,
      clock: systemClock,
      logger: silentLogger,
      lockWaitMs: 0,
    },
  });
  try {
    await state.open();
    expect(state.status.state).toBe('open');
    const result = await state.transaction('inspect', (sql) => {
      look(sql, undefined);
    });
    expect(result).toMatchObject({ ok: true });
  } finally {
    await state.close();
  }
}
