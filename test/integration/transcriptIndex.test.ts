import { spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type Clock } from '../../src/shared/clock';
import { NEWEST_FIRST, NO_DISPATCH_FILTER, type DispatchQuery } from '../../src/shared/dispatchQuery';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';
import { FakeClock } from '../fakes/fakeClock';
import { AwakeTime } from '../support/awakeTime';
import { dispatchRecord, recordLine, seedTranscript } from '../support/dispatchRecords';
import { bundledProgram, SQL_WASM } from '../support/programs';

const END = Date.parse('2026-11-21T12:00:00Z');
const NEWEST: DispatchQuery = {
  ...{ filter: NO_DISPATCH_FILTER, order: NEWEST_FIRST, offset: 0, limit: 10, asOf: null, around: null },
};
const FILTERED: DispatchQuery = { ...NEWEST, filter: { ...NO_DISPATCH_FILTER, backend: 'ollama' } };

let workerFile: string;
let folder: string;
let stores: TranscriptFiles[] = [];

beforeAll(async () => {
  workerFile = await bundledProgram('src/storage/transcriptWorker.ts');
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'index-'));
});

afterEach(async () => {
  for (const store of stores) await store.dispose();
  stores = [];
  await rm(folder, { recursive: true, force: true });
});

describe('the index in its worker', () => {
  it('answers, builds the whole index by itself, and says when it grows and when it is whole', async () => {
    seedTranscript(path.join(folder, 'transcript'), 20_000, END);
    const store = open();
    const states: boolean[] = [];
    const progressed = vi.fn();
    store.onDidChange(progressed);
    const first = await store.query(NEWEST);
    states.push(first.complete);
    expect(first.records.map(({ recordId }) => recordId)).toEqual(
      Array.from({ length: 10 }, (_, index) => `record-${19_999 - index}`),
    );
    await vi.waitFor(() => expect(progressed).toHaveBeenCalled(), { timeout: 10_000 });
    const whole = await vi.waitFor(
      async () => {
        const page = await store.query(FILTERED);
        expect(page.complete).toBe(true);
        return page;
      },
      { timeout: 10_000 },
    );
    expect(whole).toMatchObject({ known: 20_000, unreadable: 0, notice: undefined });
    expect(whole.total).toBeGreaterThan(0);
    expect(whole.total).toBeLessThan(20_000);
    const summary = await store.summary(NO_DISPATCH_FILTER, null);
    expect(summary?.facets.backend.find(({ value }) => value === 'ollama')?.records).toBe(whole.total);
  });

  it('answers a page before a summary that was asked for earlier, and only the last of several summaries', async () => {
    seedTranscript(path.join(folder, 'transcript'), 50, END);
    // All of it is asked before the worker has started.
    const store = open();
    const order: string[] = [];
    const filters = ['', 'cedar', 'birch'].map((text) => ({ ...NO_DISPATCH_FILTER, text }));
    const summaries = filters.map(async (filter) => {
      const summary = await store.summary(filter, null);
      if (summary) order.push('summary');
      return summary?.histogram.reduce((sum, { records }) => sum + records, 0);
    });
    await store.query(FILTERED);
    order.push('page');
    const [first, second, last] = await Promise.all(summaries);
    expect([first, second]).toEqual([undefined, undefined]);
    expect(last).toBe(
      (await store.query({ ...NEWEST, filter: { ...NO_DISPATCH_FILTER, text: 'birch' } })).total,
    );
    expect(order).toEqual(['page', 'summary']);
  });

  it('knows a record of this window as soon as it was appended', async () => {
    const store = open();
    for (let n = 0; n < 5; n += 1) {
      store.append(dispatchRecord(n, END + n));
      expect((await store.query(NEWEST)).records[0]?.recordId).toBe(`record-${n}`);
    }
  });

  it('tells of the records of another window within 3 s, and of a file that is deleted', async () => {
    const store = open();
    await store.query(NEWEST);
    const changed = vi.fn();
    store.onDidChange(changed);
    for (const [writer, known] of [
      ['first', 1],
      ['second', 2],
    ] as const) {
      await mkdir(path.join(folder, 'transcript'), { recursive: true });
      const awake = new AwakeTime();
      await writeFile(
        path.join(folder, 'transcript', `20261121-${writer}.jsonl`),
        recordLine(dispatchRecord(known, END + known)),
      );
      await vi.waitFor(() => expect(changed).toHaveBeenCalled(), { timeout: 5_000, interval: 20 });
      expect(awake.stop()).toBeLessThan(3_000);
      expect((await store.query(NEWEST)).total).toBe(known);
      changed.mockClear();
    }
    await rm(path.join(folder, 'transcript', '20261121-first.jsonl'));
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), { timeout: 5_000, interval: 20 });
    expect((await store.query(NEWEST)).total).toBe(1);
  });

  it('has what could not be written yet, with filters too', async () => {
    await writeFile(path.join(folder, 'transcript'), 'a file where the folder should be');
    const store = open();
    store.append(dispatchRecord(0, END, { backend: 'ollama' }));
    store.append(dispatchRecord(1, END + 1, { backend: 'other' }));
    expect(await store.query(NEWEST)).toMatchObject({ total: 2, known: 2, notice: undefined });
    expect(await store.query(FILTERED)).toMatchObject({ total: 1, known: 2 });
    expect(store.problem).toContain('a file stands where the folder should be');
    await rm(path.join(folder, 'transcript'));
    await store.flush();
    expect(await store.query(NEWEST)).toMatchObject({ total: 2, known: 2 });
  });

  it('is given up when nobody asks for ten minutes, and is built anew by the next question', async () => {
    const clock = new FakeClock();
    const events: string[] = [];
    const store = open({ clock, log: (event) => events.push(event) });
    await store.query(NEWEST);
    await clock.advance(9 * 60_000);
    await store.query(NEWEST);
    await clock.advance(11 * 60_000);
    await appendRecord('20261121-b.jsonl', 7);
    expect((await store.query(NEWEST)).records.map(({ recordId }) => recordId)).toEqual(['record-7']);
    expect(events).toEqual(['transcript.index.started', 'transcript.index.started']);
  });

  it('rejects with the reason when the question is given up', async () => {
    const store = open();
    const given = new AbortController();
    const asked = store.query(NEWEST, given.signal);
    given.abort(new Error('the reader went away'));
    await expect(asked).rejects.toThrow('the reader went away');
    expect((await store.query(NEWEST)).total).toBe(0);
  });

  it('does not keep a process alive', async () => {
    await appendRecord('20261121-b.jsonl', 1);
    const reader = await bundledProgram('test/support/transcriptReader.ts');
    const child = spawn(process.execPath, [reader, folder, workerFile, SQL_WASM]);
    try {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const code = await new Promise((resolve, reject) => {
        child.once('exit', resolve);
        child.once('error', reject);
        setTimeout(() => reject(new Error('the process lives on')), 15_000).unref();
      });
      expect([output, code]).toEqual(['1\n', 0]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('an index that does not work', () => {
  const without = 'The newest records can still be read; to filter and sort all of them, reload the window';

  it.each([
    [
      'no worker file',
      { workerFile: '/nowhere/worker.js' },
      /^The index of the records does not work: Cannot find module/,
    ],
    ['no WASM', { wasmFile: '/nowhere/sql.wasm' }, /^The index of the records does not work: ENOENT/],
  ])('for %s leaves the newest records readable, and says why and what to do', async (_, files, sentence) => {
    await appendRecord('20261121-b.jsonl', 1, 2, 3);
    const store = open({ files });
    const page = await store.query({ ...NEWEST, limit: 2 });
    expect(page.records.map(({ recordId }) => recordId)).toEqual(['record-3', 'record-2']);
    expect(page).toMatchObject({ total: 3, complete: false });
    expect(page.notice).toMatch(sentence);
    expect(page.notice).toContain(without);
    expect(await store.query({ ...NEWEST, offset: 2, limit: 2 })).toMatchObject({ total: 3, complete: true });
    await expect(store.query(FILTERED)).rejects.toThrow(sentence);
    expect(await store.summary(NO_DISPATCH_FILTER, null)).toBeNull();
  });

  it('because its worker crashed is tried again after half a minute, not before', async () => {
    const clock = new FakeClock();
    const events: string[] = [];
    const crashing = path.join(folder, 'crashing.cjs');
    await writeFile(
      crashing,
      `let questions = 0;
       require('node:worker_threads').parentPort.on('message', () => { if (++questions === 2) process.exit(7); });
       require(${JSON.stringify(workerFile)});`,
    );
    const store = open({ clock, files: { workerFile: crashing }, log: (event) => events.push(event) });
    await appendRecord('20261121-b.jsonl', 1);
    expect((await store.query(FILTERED)).notice).toBeUndefined();
    await expect(store.query(FILTERED)).rejects.toThrow('it ended with code 7');
    await clock.advance(29_000);
    expect((await store.query(NEWEST)).notice).toContain('it ended with code 7');
    await clock.advance(2_000);
    expect(await store.query(NEWEST)).toMatchObject({ notice: undefined, total: 1 });
    expect(events).toEqual([
      'transcript.index.started',
      'transcript.index.failed',
      'transcript.index.started',
    ]);
  });

  it('leaves waiting questions no longer than the window: disposing rejects them', async () => {
    const silent = path.join(folder, 'silent.cjs');
    await writeFile(silent, `require('node:worker_threads').parentPort.on('message', () => undefined);`);
    const store = open({ files: { workerFile: silent } });
    const asked = store.query(FILTERED).catch((thrown: unknown) => String(thrown));
    await vi.waitFor(() => expect(store.problem).toBeUndefined());
    await new Promise((resolve) => setImmediate(resolve));
    await store.dispose();
    expect(await asked).toContain('this window is closing');
    await expect(store.query(FILTERED)).rejects.toThrow('this window is closing');
  });
});

function open(
  options: {
    readonly clock?: Clock;
    readonly files?: { readonly workerFile?: string; readonly wasmFile?: string };
    readonly log?: (event: string) => void;
  } = {},
): TranscriptFiles {
  const { clock = systemClock, files, log } = options;
  const store = new TranscriptFiles({
    ...{ storageFolder: folder, writerId: 'window', clock },
    logger: log ? { log: (_, event) => log(event) } : silentLogger,
    index: { workerFile, wasmFile: SQL_WASM, ...files },
  });
  stores.push(store);
  return store;
}

async function appendRecord(name: string, ...numbers: readonly number[]): Promise<void> {
  await mkdir(path.join(folder, 'transcript'), { recursive: true });
  const lines = numbers.map((n) => recordLine(dispatchRecord(n, END + n)));
  await appendFile(path.join(folder, 'transcript', name), lines.join(''));
}
