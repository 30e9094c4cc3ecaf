import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { HubCache } from '../../src/catalog/hubCache';
import { systemClock } from '../../src/shared/clock';
import { createLogger } from '../../src/shared/logger';
import { WindowProcess } from '../support/leaderProcess';
import { bundledProgram } from '../support/programs';
import { noteFigure, rounds } from '../support/soak';

const entriesOf = z.object({
  version: z.literal(1),
  entries: z.array(z.object({ key: z.string(), json: z.string() })),
});

let program: string;
let folder: string;
let windows: WindowProcess[];

beforeAll(async () => {
  program = await bundledProgram('test/support/hubCacheWindow.ts');
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hub-'));
  windows = [];
});

afterEach(async () => {
  await Promise.all(windows.map((window) => window.kill()));
  await rm(folder, { recursive: true, force: true });
});

function open(writerId: string): WindowProcess {
  const window = new WindowProcess(program, [folder, writerId]);
  windows.push(window);
  return window;
}

const file = (): string => path.join(folder, 'hub-cache.json');

async function keysInFile(): Promise<readonly string[]> {
  return entriesOf.parse(JSON.parse(await readFile(file(), 'utf8'))).entries.map(({ key }) => key);
}

it('what one process keeps is there for the next one that starts', async () => {
  const first = open('a');
  await first.ask('set model text');
  expect(await first.ask('flush')).toEqual([]);
  expect(await open('b').ask('get model')).toBe('"text"');
});

it(
  'two processes that write at the same time leave a whole file of one of them, whenever it is read',
  async () => {
    const stormRounds = rounds(100, 2_000);
    const [a, b] = [open('a'), open('b')];
    await Promise.all([a.ask('set a/0 first'), b.ask('set b/0 first')]);
    await a.ask('flush');
    let reads = 0;
    a.send(`storm ${stormRounds}`);
    b.send(`storm ${stormRounds}`);
    const isDone = (): boolean => a.said.length === 3 && b.said.length === 2;
    const deadlineMs = systemClock.monotonicMs() + 15_000 + stormRounds * 50;
    while (!isDone()) {
      if (systemClock.monotonicMs() > deadlineMs) throw new Error('the windows did not come to an end');
      const writers = new Set((await keysInFile()).map((key) => key.slice(0, 2)));
      expect(writers.size).toBe(1);
      reads++;
    }
    expect([a.said[2], b.said[1]]).toEqual([[], []]);
    expect(reads).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual(['hub-cache.json']);
    expect(await keysInFile()).toHaveLength(40);
    noteFigure('hub cache: whole files read while two windows wrote', reads);
  },
  20_000 + rounds(100, 2_000) * 60,
);

it(
  'a process that is killed while it writes leaves a whole file',
  async () => {
    const killed = rounds(10, 200);
    for (let round = 0; round < killed; round++) {
      const window = open(`w${round}`);
      await window.ask('set first text');
      await window.ask('flush');
      window.send('storm 100000');
      for (let read = 0; read < round % 5; read++) await keysInFile();
      await window.kill();
      const warnings: string[] = [];
      const logger = createLogger((_level, line) => warnings.push(line));
      const cache = new HubCache({ folder, writerId: 'reader', clock: systemClock, logger });
      expect(await cache.get('first')).toMatchObject({ json: '"text"' });
      expect(warnings).toEqual([]);
      expect(
        (await readdir(folder)).filter((name) => !/^hub-cache\.json(?:\.w\d+\.tmp)?$/.test(name)),
      ).toEqual([]);
    }
  },
  20_000 + rounds(10, 200) * 2_000,
);
