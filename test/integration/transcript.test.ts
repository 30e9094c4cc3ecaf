import { spawn, type ChildProcess } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { systemClock } from '../../src/shared/clock';
import { NEWEST_FIRST, NO_DISPATCH_FILTER, type DispatchQuery } from '../../src/shared/dispatchQuery';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';
import { bundledProgram, SQL_WASM } from '../support/programs';
import { noteFigure, rounds } from '../support/soak';

const RECORDS = 10_000;
const WRITERS = ['a', 'b', 'c'];
const NEWEST: DispatchQuery = {
  ...{ filter: NO_DISPATCH_FILTER, order: NEWEST_FIRST, offset: 0, limit: 500, asOf: null, around: null },
};
const recordId = z.object({ recordId: z.string() });

let program: string;
let workerFile: string;
let folder: string;
let children: ChildProcess[] = [];
let reader: TranscriptFiles;

beforeAll(async () => {
  program = await bundledProgram('test/support/transcriptWriter.ts');
  workerFile = await bundledProgram('src/storage/transcriptWorker.ts');
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'windows-'));
  reader = new TranscriptFiles({
    ...{ storageFolder: folder, writerId: 'reader', clock: systemClock, logger: silentLogger },
    index: { workerFile, wasmFile: SQL_WASM },
  });
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await reader.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('three windows that append at once', () => {
  it(
    `keep all of their ${RECORDS.toLocaleString('en')} records each, and a fourth sees them come`,
    { timeout: 120_000 },
    async () => {
      const begun = performance.now();
      const [late = '', ...early] = WRITERS;
      const windows = early.map((writer) => startWriter(writer, RECORDS, 100));
      const seen: number[] = [];
      const look = async (): Promise<number> => {
        const { total, known, unreadable } = await reader.query({ ...NEWEST, limit: 1 });
        seen.push(total);
        expect(total).toBe(known);
        expect(unreadable).toBe(0);
        return total;
      };
      // The last one begins when some have come, so that the reader is never too late to see them come.
      await vi.waitFor(async () => expect(await look()).toBeGreaterThan(0), {
        timeout: 50_000,
        interval: 20,
      });
      windows.push(startWriter(late, RECORDS, 100));
      await vi.waitFor(async () => expect(await look()).toBe(RECORDS * WRITERS.length), {
        timeout: 50_000,
        interval: 20,
      });
      noteFigure(
        'transcript: 3 windows x 10,000 records, seen by a fourth, ms',
        Math.round(performance.now() - begun),
      );
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.some((total) => total > 0 && total < RECORDS * WRITERS.length)).toBe(true);
      await vi.waitFor(
        () => expect(windows.map((window) => window.acknowledged())).toEqual(WRITERS.map(() => RECORDS)),
        { timeout: 10_000 },
      );

      const ids = new Set<string>();
      const times: string[] = [];
      for (let offset = 0; offset < RECORDS * WRITERS.length; offset += 500) {
        const { records } = await reader.query({ ...NEWEST, offset });
        for (const record of records) {
          ids.add(record.recordId);
          times.push(record.endedAt);
        }
      }
      expect(ids.size).toBe(RECORDS * WRITERS.length);
      expect(times).toEqual(times.toSorted().reverse());
      const filter = { ...NO_DISPATCH_FILTER, text: 'CEDAR', outcome: 'served' };
      const chosen = await reader.query({ ...NEWEST, filter });
      expect(chosen.total).toBeGreaterThan(0);
      expect(
        chosen.records.every(({ model, outcome }) => model.includes('Cedar') && outcome.kind === 'served'),
      ).toBe(true);

      // The reader without an index, in another process's place, finds the same.
      const plain = new TranscriptFiles({
        ...{ storageFolder: folder, writerId: 'plain', clock: systemClock, logger: silentLogger },
      });
      const newest = await plain.read({ limit: 500 });
      expect(newest.records.map((raw) => z.object({ endedAt: z.string() }).parse(raw).endedAt)).toEqual(
        times.slice(0, 500),
      );
    },
  );

  it('write into files of their own, of at most 8 MB each', { timeout: 120_000 }, async () => {
    const windows = WRITERS.map((writer) => startWriter(writer, RECORDS, 1_000));
    await vi.waitFor(
      () => expect(windows.map((window) => window.acknowledged())).toEqual(WRITERS.map(() => RECORDS)),
      { timeout: 100_000, interval: 20 },
    );
    for (const [name, ids] of await recordsByFile()) {
      expect(new Set(ids.map((id) => id.split(' ')[0])).size).toBe(1);
      const size = (await readFile(path.join(folder, 'transcript', name))).byteLength;
      expect(size).toBeLessThanOrEqual(8 * 1024 * 1024);
    }
    expect((await recordsByFile()).length).toBeGreaterThan(WRITERS.length);
  });
});

describe('a window that is killed while it writes', () => {
  const times = rounds(5, 60);

  it(
    `loses at most the batch that was not acknowledged, ${times} times`,
    { timeout: 30_000 + times * 5_000 },
    async () => {
      const perBatch = 50;
      let lost = 0;
      let torn = 0;
      for (let round = 0; round < times; round += 1) {
        const writer = `w${round}`;
        const window = startWriter(writer, 1_000_000, perBatch);
        await vi.waitFor(() => expect(window.acknowledged()).toBeGreaterThan(0), {
          timeout: 10_000,
          interval: 1,
        });
        await wait(Math.random() * 150);
        await window.kill();
        const files = await recordsByFile(writer);
        const ids = files.flatMap(([, found]) => found);
        torn += files.filter(([, , tornEnd]) => tornEnd).length;
        const numbers = ids.map((id) => Number(id.split(' ')[1])).sort((a, b) => a - b);
        expect(numbers).toEqual(numbers.map((_, index) => index));
        expect(numbers.length).toBeGreaterThanOrEqual(window.acknowledged());
        expect(numbers.length).toBeLessThanOrEqual(window.acknowledged() + perBatch);
        lost += window.acknowledged() + perBatch - numbers.length;
      }
      noteFigure(`transcript: ${times} kills, records lost at most`, lost);
      noteFigure(`transcript: ${times} kills, torn lines`, torn);
      // What a kill may leave behind does not disturb those who read, nor is it hidden.
      const files = (await readdir(path.join(folder, 'transcript'))).sort();
      await appendFile(path.join(folder, 'transcript', files[0] ?? ''), '{"type":"resolved_disp');
      const records = (await recordsByFile()).reduce((sum, [, ids]) => sum + ids.length, 0);
      await vi.waitFor(
        async () =>
          expect(await reader.query(NEWEST)).toMatchObject({ complete: true, total: records, unreadable: 0 }),
        { timeout: 30_000, interval: 20 },
      );
    },
  );
});

function startWriter(
  writer: string,
  count: number,
  perBatch: number,
): { acknowledged(): number; kill(): Promise<void> } {
  const child = spawn(process.execPath, [program, folder, writer, String(count), String(perBatch)]);
  children.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    acknowledged: () => Number(output.split('\n').at(-2) ?? 0),
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** The ids in each file, and whether it ends with a torn line. */
async function recordsByFile(
  writer = '',
): Promise<readonly (readonly [name: string, ids: readonly string[], torn: boolean])[]> {
  const names = (await readdir(path.join(folder, 'transcript'))).filter((name) =>
    name.includes(`-${writer}`),
  );
  return Promise.all(
    names.map(async (name) => {
      const lines = (await readFile(path.join(folder, 'transcript', name), 'utf8')).split('\n');
      const ids = lines.slice(0, -1).map((line) => recordId.parse(JSON.parse(line)).recordId);
      return [name, ids, lines.at(-1) !== ''] as const;
    }),
  );
}
