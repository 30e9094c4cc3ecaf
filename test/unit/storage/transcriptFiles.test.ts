import fc from 'fast-check';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileLayer } from '../../../src/storage/fileLayer';
import { nodeFileLayer } from '../../../src/storage/fileLayer';
import { TranscriptFiles } from '../../../src/storage/transcriptFiles';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';

let storageFolder: string;
let clock: FakeClock;

beforeEach(async () => {
  storageFolder = await mkdtemp(join(tmpdir(), 'transcript-'));
  clock = new FakeClock('2026-11-21T12:00:00Z');
});

afterEach(() => rm(storageFolder, { recursive: true, force: true }));

describe('writing', () => {
  it('writes what was appended within 50 ms, as one batch of JSON lines', async () => {
    const writes: string[] = [];
    const store = transcript({ files: watchedFiles((text) => writes.push(text)) });
    const appended = [record(1), record(2)];
    for (const one of appended) store.append(one);
    expect(writes).toEqual([]);
    await clock.advance(50);
    await vi.waitFor(() => expect(writes).toHaveLength(1));
    expect(
      writes[0]?.split('\n').map((line) => (line === '' ? null : (JSON.parse(line) as unknown))),
    ).toEqual([...appended, null]);
    expect(clock.pending).toBe(0);
  });

  it('names its file by the day in UTC and the writer', async () => {
    const store = transcript();
    store.append(record(1));
    await store.flush();
    expect(await names()).toEqual(['20261121-window_a.jsonl']);
  });

  it('begins a new file on a new day', async () => {
    const store = transcript();
    store.append(record(1));
    await store.flush();
    clock.stepWall(12 * 3_600_000);
    store.append(record(2));
    await store.flush();
    expect(await names()).toEqual(['20261121-window_a.jsonl', '20261122-window_a.jsonl']);
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([2, 1]);
  });

  it('begins a new file where the batch would take the old one over its limit', async () => {
    const store = transcript({ maxFileBytes: 90 });
    for (let n = 1; n <= 5; n++) {
      store.append(record(n));
      await store.flush();
    }
    const files = await names();
    expect(files).toEqual([
      '20261121-window_a.2.jsonl',
      '20261121-window_a.3.jsonl',
      '20261121-window_a.jsonl',
    ]);
    for (const file of files) expect((await content(file)).length).toBeLessThanOrEqual(90);
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([5, 4, 3, 2, 1]);
  });

  it('goes on in the last file of the day after a restart, also where an earlier one has room', async () => {
    const before = transcript({ maxFileBytes: 120 });
    before.append(record(1));
    await before.flush();
    const long = { ...record(2), text: 'x'.repeat(80) };
    before.append(long);
    await before.flush();
    const after = transcript({ maxFileBytes: 120 });
    after.append(record(3));
    await after.flush();
    expect(numbersOf(await after.read({ limit: 10 }))).toEqual([3, 2, 1]);
  });

  it('spreads a batch that is larger than a file over several', async () => {
    const store = transcript({ maxFileBytes: 90 });
    for (let n = 1; n <= 5; n++) store.append(record(n));
    await store.flush();
    expect(await names()).toHaveLength(3);
    for (const file of await names()) expect((await content(file)).length).toBeLessThanOrEqual(90);
    store.append({ ...record(6), long: 'x'.repeat(200) });
    store.append(record(7));
    await store.flush();
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('closes a line that a killed writer left torn before it goes on in the same file', async () => {
    const first = transcript();
    first.append(record(1));
    await first.flush();
    await appendFile(path('20261121-window_a.jsonl'), '{"n":2,"endedAt":"20');
    const second = transcript();
    second.append(record(3));
    await second.flush();
    const lines = (await content('20261121-window_a.jsonl')).split('\n');
    expect(lines).toEqual([JSON.stringify(record(1)), '{"n":2,"endedAt":"20', JSON.stringify(record(3)), '']);
    expect(numbersOf(await second.read({ limit: 10 }))).toEqual([3, 1]);
  });

  it('survives a record that cannot be written as JSON', async () => {
    const store = transcript();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    store.append(circular);
    store.append(record(1));
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([1]);
  });
});

describe('reading', () => {
  it('returns nothing where nothing was ever written', async () => {
    expect(await transcript().read({ limit: 10 })).toEqual({ records: [], more: false });
  });

  it('pages newest first over the files of several writers', async () => {
    const [a, b] = [transcript(), transcript({ writerId: 'window_b' })];
    for (let n = 1; n <= 9; n++) {
      clock.stepWall(1_000);
      const store = n % 2 === 0 ? a : b;
      store.append(record(n));
      await store.flush();
    }
    expect(numbersOf(await a.read({ limit: 4 }))).toEqual([9, 8, 7, 6]);
    expect(await a.read({ limit: 4, offset: 4 })).toMatchObject({ more: true });
    expect(numbersOf(await a.read({ limit: 4, offset: 4 }))).toEqual([5, 4, 3, 2]);
    expect(await a.read({ limit: 4, offset: 8 })).toEqual({
      records: [expect.objectContaining({ n: 1 })],
      more: false,
    });
    expect(await a.read({ limit: 4, offset: 9 })).toEqual({ records: [], more: false });
  });

  it('opens only the newest day when the page is full of it', async () => {
    for (const day of ['20261118', '20261119', '20261120']) {
      await seed(`${day}-old.jsonl`, [{ n: 0, endedAt: `${day.slice(0, 4)}-11-${day.slice(6)}T10:00:00Z` }]);
    }
    const opened: string[] = [];
    const store = transcript({
      writerId: 'reader',
      files: { ...nodeFileLayer, open: (file, mode) => (opened.push(file), nodeFileLayer.open(file, mode)) },
    });
    await seed('20261121-b.jsonl', [record(1), record(2), record(3)]);
    expect(numbersOf(await store.read({ limit: 2 }))).toEqual([3, 2]);
    expect(opened).toEqual([path('20261121-b.jsonl')]);
  });

  it('leaves out torn and malformed lines, lines that are no objects, and files that are not its own', async () => {
    const good = JSON.stringify(record(1));
    await seedText('20261121-b.jsonl', `{"torn\n${good}\n\n[1]\n42\nnull\n\u0000\u0001\n{"n":2,"ende`);
    await seedText('notes.jsonl', good);
    await seedText('20261121-b.jsonl.bak', good);
    expect(numbersOf(await transcript().read({ limit: 10 }))).toEqual([1]);
  });

  it('keeps records without a time in their place', async () => {
    await seed('20261121-b.jsonl', [{ n: 1 }, record(2), { n: 3 }]);
    expect(numbersOf(await transcript().read({ limit: 10 }))).toEqual([3, 2, 1]);
  });

  it('never shows a record twice while it is being written', async () => {
    const store = transcript();
    store.append(record(1));
    const pages = await Promise.all([store.read({ limit: 10 }), store.flush(), store.read({ limit: 10 })]);
    expect(numbersOf(pages[0])).toEqual([1]);
    expect(numbersOf(pages[2])).toEqual([1]);
  });

  it('reads back what any series of appends, flushes, crashes and days has left, newest first', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant('append' as const), text: fc.string({ unit: 'grapheme' }) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant('crash' as const), at: fc.integer({ min: 1, max: 30 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('day' as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        async (steps, limit) => {
          await rm(join(storageFolder, 'transcript'), { recursive: true, force: true });
          let store = transcript({ maxFileBytes: 400 });
          const expected: unknown[] = [];
          for (const [n, action] of steps.entries()) {
            clock.stepWall(10);
            if (action.do === 'append') {
              const appended = { ...record(n), text: action.text };
              store.append(appended);
              expected.unshift(appended);
            } else if (action.do === 'day') clock.stepWall(24 * 3_600_000);
            else await store.flush();
            if (action.do === 'crash') {
              const last = (await readdir(join(storageFolder, 'transcript')).catch(() => [])).sort().at(-1);
              if (last !== undefined)
                await appendFile(path(last), JSON.stringify(record(n)).slice(0, action.at));
              store = transcript({ maxFileBytes: 400 });
            }
          }
          const read: unknown[] = [];
          for (let offset = 0; ; offset += limit) {
            const page = await store.read({ limit, offset });
            read.push(...page.records);
            if (!page.more) break;
          }
          expect(read).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a folder that cannot be written', () => {
  it('says so, keeps the records, and writes them once the folder can be written again', async () => {
    await writeFile(join(storageFolder, 'transcript'), 'a file where the folder should be');
    const store = transcript();
    expect(store.problem).toBeUndefined();
    store.append(record(1));
    await store.flush();
    expect(store.problem).toBe(
      `Records of calls cannot be written to ${join(storageFolder, 'transcript')}: a file stands where the folder ` +
        'should be. The last 1000 are kept in memory and tried again with every call. ' +
        'Move that file away. Nothing else has to be done.',
    );
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([1]);

    await rm(join(storageFolder, 'transcript'));
    store.append(record(2));
    await clock.advance(50);
    await vi.waitFor(() => expect(store.problem).toBeUndefined());
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([2, 1]);
    expect((await content('20261121-window_a.jsonl')).split('\n')).toHaveLength(3);
  });

  it.each([
    ['EACCES', 'the folder may not be written by this user'],
    ['EROFS', 'the file system is read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EIO', 'EIO'],
  ])('explains %s', async (code, words) => {
    const store = transcript({ files: failingFiles(code) });
    store.append(record(1));
    await store.flush();
    expect(store.problem).toContain(`: ${words}. `);
  });

  it('keeps the last 1,000 records and never throws', async () => {
    const store = transcript({ files: failingFiles('EROFS') });
    for (let n = 1; n <= 1_200; n++) store.append(record(n));
    await store.flush();
    for (let n = 1_201; n <= 1_300; n++) store.append(record(n));
    const page = await store.read({ limit: 2_000 });
    expect(page.records).toHaveLength(1_000);
    expect(numbersOf(page)[0]).toBe(1_300);
    expect(numbersOf(page).at(-1)).toBe(301);
  });

  it('writes no record twice when the disk fills up in the middle of a batch', async () => {
    let roomBytes = JSON.stringify(record(1)).length + 1 + 10;
    const files: FileLayer = {
      ...nodeFileLayer,
      async open(file, mode) {
        const handle = await nodeFileLayer.open(file, mode);
        return {
          ...handle,
          async append(bytes) {
            if (roomBytes === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
            const written = await handle.append(bytes.subarray(0, roomBytes));
            roomBytes -= written;
            return written;
          },
        };
      },
    };
    const store = transcript({ files });
    for (let n = 1; n <= 3; n++) store.append(record(n));
    await store.flush();
    expect(store.problem).toContain('the disk is full');
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([3, 2, 1]);
    roomBytes = 1_000_000;
    await store.flush();
    expect(store.problem).toBeUndefined();
    expect(numbersOf(await store.read({ limit: 10 }))).toEqual([3, 2, 1]);
    expect(
      (await content('20261121-window_a.jsonl')).split('\n').filter((line) => line.includes('"n":1,')),
    ).toHaveLength(1);
  });
});

it('appends in far less than a millisecond', () => {
  const store = transcript();
  const started = performance.now();
  for (let n = 0; n < 5_000; n++) store.append(record(n));
  expect((performance.now() - started) / 5_000).toBeLessThan(1);
});

function transcript(
  options: Partial<ConstructorParameters<typeof TranscriptFiles>[0]> = {},
): TranscriptFiles {
  return new TranscriptFiles({
    storageFolder,
    writerId: 'window_a',
    clock,
    logger: silentLogger,
    ...options,
  });
}

function record(n: number): { readonly n: number; readonly endedAt: string } {
  return { n, endedAt: new Date(clock.now()).toISOString() };
}

function numbersOf(page: { readonly records: readonly unknown[] }): readonly number[] {
  return page.records.map((read) => (read as { n: number }).n);
}

function path(name: string): string {
  return join(storageFolder, 'transcript', name);
}

async function names(): Promise<readonly string[]> {
  return (await readdir(join(storageFolder, 'transcript'))).sort();
}

function content(name: string): Promise<string> {
  return readFile(path(name), 'utf8');
}

async function seedText(name: string, text: string): Promise<void> {
  await nodeFileLayer.makeFolder(join(storageFolder, 'transcript'));
  await writeFile(path(name), text);
}

function seed(name: string, records: readonly object[]): Promise<void> {
  return seedText(name, records.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

function watchedFiles(onWrite: (text: string) => void): FileLayer {
  return {
    ...nodeFileLayer,
    async open(file, mode) {
      const handle = await nodeFileLayer.open(file, mode);
      return {
        ...handle,
        append(bytes) {
          onWrite(Buffer.from(bytes).toString());
          return handle.append(bytes);
        },
      };
    },
  };
}

function failingFiles(code: string): FileLayer {
  return { ...nodeFileLayer, makeFolder: () => Promise.reject(Object.assign(new Error(code), { code })) };
}
