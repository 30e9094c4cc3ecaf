import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readBootId } from '../../src/shared/bootId';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { LeaseFiles } from '../../src/storage/leaseFiles';
import { WindowProcess } from '../support/leaderProcess';
import { bundledProgram } from '../support/programs';
import { noteFigure } from '../support/soak';

const BEAT_MS = 250;
/** Long enough for a machine that pauses a window for a second or two. */
const STALE_MS = 4_000;

let program: string;
let storageFolder: string;
let windows: WindowProcess[];

beforeAll(async () => {
  program = await bundledProgram('test/support/leaseWindow.ts');
});

beforeEach(async () => {
  storageFolder = await mkdtemp(path.join(tmpdir(), 'leases-'));
  windows = [];
});

afterEach(async () => {
  await Promise.all(windows.map((window) => window.kill()));
  await rm(storageFolder, { recursive: true, force: true });
});

function open(windowId: string, ...bootId: readonly string[]): WindowProcess {
  const settings = [String(BEAT_MS), String(STALE_MS), ...bootId];
  const window = new WindowProcess(program, [storageFolder, windowId, ...settings]);
  windows.push(window);
  return window;
}

async function sees(window: WindowProcess, expected: readonly object[]): Promise<void> {
  await vi.waitFor(async () => expect(await window.ask('others')).toEqual(expected), {
    timeout: 15_000,
    interval: 20,
  });
}

it('two windows see what the other one holds, as it changes', async () => {
  const [a, b] = [open('a'), open('b')];
  await a.ask('hold sha256:1,sha256:2');
  await b.ask('hold sha256:3');
  await sees(b, [{ windowId: 'a', models: ['sha256:1', 'sha256:2'] }]);
  await sees(a, [{ windowId: 'b', models: ['sha256:3'] }]);
  await b.ask('hold');
  await sees(a, []);
  await a.ask('dispose');
  expect(await readdir(path.join(storageFolder, 'leases'))).toEqual([]);
});

describe.each([
  ['the same boot id', []],
  ['boot ids of their own, as on Windows', ['own-boot-id']],
])('with %s', (_with, bootId) => {
  it('a lease ends when its window is killed, and not while it lives, whatever its wall clock says', async () => {
    const [holder, reader] = [open('holder', ...bootId), open('reader')];
    await holder.ask('hold x');
    await sees(reader, [{ windowId: 'holder', models: ['x'] }]);
    await holder.ask('clock -3600000');
    await reader.ask('clock 7200000');
    const end = systemClock.monotonicMs() + STALE_MS + 1_000;
    while (systemClock.monotonicMs() < end) {
      expect(await reader.ask('others')).toEqual([{ windowId: 'holder', models: ['x'] }]);
    }
    await holder.kill();
    const killedAtMs = systemClock.monotonicMs();
    expect(await reader.ask('others')).toEqual([{ windowId: 'holder', models: ['x'] }]);
    await sees(reader, []);
    expect(systemClock.monotonicMs() - killedAtMs).toBeGreaterThan(STALE_MS - BEAT_MS - 2_000);
  });
});

it('a lease that is held in this process is there for others within a moment', async () => {
  const reader = open('reader');
  await reader.ask('others');
  const files = new LeaseFiles({
    ...{
      storageFolder,
      windowId: 'me',
      bootId: await readBootId(),
      clock: systemClock,
      logger: silentLogger,
    },
  });
  const begunMs = systemClock.monotonicMs();
  files.hold(['x']);
  // It returned without waiting for the file.
  expect(existsSync(path.join(storageFolder, 'leases', 'me.json'))).toBe(false);
  await sees(reader, [{ windowId: 'me', models: ['x'] }]);
  noteFigure('lease held: others see it after, ms', Math.round(systemClock.monotonicMs() - begunMs));
  await files.dispose();
  await sees(reader, []);
});
