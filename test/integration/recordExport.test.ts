import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { exportToFile, type FileExport } from '../../src/engine/recordExport';
import { systemClock } from '../../src/shared/clock';
import { NO_DISPATCH_FILTER } from '../../src/shared/dispatchQuery';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';
import { dispatchRecord, recordLine, seedTranscript } from '../support/dispatchRecords';
import { otlpFaults } from '../support/otlpTraces';
import { bundledProgram, SQL_WASM } from '../support/programs';

const END = Date.parse('2026-11-21T12:00:00Z');
const COUNT = 12_300;

let workerFile: string;
let folder: string;
let transcript: TranscriptFiles;

beforeAll(async () => {
  workerFile = await bundledProgram('src/storage/transcriptWorker.ts');
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'));
  transcript = open({ workerFile, wasmFile: SQL_WASM });
});

afterEach(async () => {
  await transcript.dispose();
  await rm(folder, { recursive: true, force: true });
});

function open(index: { readonly workerFile: string; readonly wasmFile: string }): TranscriptFiles {
  const own = { storageFolder: folder, writerId: 'window', clock: systemClock, logger: silentLogger };
  return new TranscriptFiles({ ...own, index });
}

const out = (...names: readonly string[]): string => path.join(folder, 'out', ...names);

async function exporting(changes: Partial<FileExport> = {}): ReturnType<typeof exportToFile> {
  await mkdir(out(), { recursive: true });
  const usual = { format: 'jsonLines', file: out('records.jsonl'), version: '0.1.0' } as const;
  return exportToFile({ transcript, filter: NO_DISPATCH_FILTER, ...usual, ...changes });
}

const linesOf = async (file: string): Promise<readonly string[]> =>
  (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');

const names = z.object({ 'model_pool.record.id': z.string(), 'gen_ai.request.model': z.string() });
const idOf = (line: string): string => names.parse(JSON.parse(line))['model_pool.record.id'];

describe('an export of more records than are ever held', () => {
  beforeEach(() => seedTranscript(path.join(folder, 'transcript'), COUNT, END));

  it('has each of them once, oldest first, while the index is still being built', async () => {
    const progress: number[] = [];
    const end = await exporting({ onProgress: ({ written }) => progress.push(written) });
    expect(end).toEqual({ ok: true, written: COUNT, matched: COUNT });
    const ids = (await linesOf(out('records.jsonl'))).map(idOf);
    expect(ids).toEqual(Array.from({ length: COUNT }, (_, n) => `record-${n}`));
    expect(progress.length).toBe(Math.ceil(COUNT / 500));
    expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
    expect(await readdir(out())).toEqual(['records.jsonl']);
  });

  it('leaves out what comes meanwhile', async () => {
    let added = false;
    const end = await exporting({
      onProgress: () => {
        if (added) return;
        added = true;
        for (let n = 0; n < 600; n += 1) transcript.append(dispatchRecord(COUNT + n, END - 10 ** 9 + n));
      },
    });
    expect(end).toEqual({ ok: true, written: COUNT, matched: COUNT });
    const ids = (await linesOf(out('records.jsonl'))).map(idOf);
    expect(new Set(ids).size).toBe(COUNT);
    expect(await exporting()).toMatchObject({ written: COUNT + 600 });
  });

  it('has what the filter leaves, as a table and as spans', async () => {
    const filter = { ...NO_DISPATCH_FILTER, backend: 'llama_server', inheritedOnly: true };
    const csv = await exporting({ filter, format: 'csv', file: out('a.csv') });
    const otlp = await exporting({ filter, format: 'otlp', file: out('a.otlp.jsonl') });
    const matched = (
      await transcript.query({
        filter,
        order: { column: 'time', descending: true },
        offset: 0,
        limit: 1,
        asOf: null,
        around: null,
      })
    ).total;
    expect(matched).toBeGreaterThan(300);
    expect([csv, otlp]).toEqual([
      { ok: true, written: matched, matched },
      { ok: true, written: matched, matched },
    ]);
    expect((await readFile(out('a.csv'), 'utf8')).split('\r\n').length).toBe(matched + 2);
    for (const line of await linesOf(out('a.otlp.jsonl'))) expect(otlpFaults(JSON.parse(line))).toEqual([]);
  });

  it('that is cancelled leaves nothing, and what was there before as it was', async () => {
    await mkdir(out());
    await writeFile(out('records.jsonl'), 'an older export\n');
    const abort = new AbortController();
    const cancelled = exporting({
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('no more')),
    });
    await expect(cancelled).rejects.toThrow('no more');
    expect(await readdir(out())).toEqual(['records.jsonl']);
    expect(await readFile(out('records.jsonl'), 'utf8')).toBe('an older export\n');
  });
});

describe('an export that fails', () => {
  beforeEach(async () => {
    await mkdir(path.join(folder, 'transcript'));
    await appendFile(path.join(folder, 'transcript', '20261121-a.jsonl'), recordLine(dispatchRecord(1, END)));
  });

  it.each([
    [
      'the folder is gone',
      ['gone', 'records.jsonl'],
      /the folder does not exist any more\. Choose another one\./,
    ],
    ['a folder has its name', ['taken'], /a folder has that name\. Choose another name\./],
  ])('because %s says so and leaves nothing', async (_, parts, sentence) => {
    await mkdir(out('taken', 'inside'), { recursive: true });
    const end = await exporting({ file: out(...parts) });
    expect(end.ok ? '' : end.message).toMatch(sentence);
    expect(await readdir(out())).toEqual(['taken']);
  });

  it('because nothing matches says so, and leaves what was there before as it was', async () => {
    await mkdir(out());
    await writeFile(out('records.jsonl'), 'an older export\n');
    const end = await exporting({ filter: { ...NO_DISPATCH_FILTER, backend: 'nobody' } });
    expect(end).toEqual({ ok: false, message: 'There are no records to export.' });
    expect(await readFile(out('records.jsonl'), 'utf8')).toBe('an older export\n');
    expect(await readdir(out())).toEqual(['records.jsonl']);
  });

  it('because the index does not work says so, and what to do', async () => {
    await transcript.dispose();
    transcript = open({ workerFile: '/nowhere/worker.js', wasmFile: SQL_WASM });
    const end = await exporting();
    expect(end.ok ? '' : end.message).toMatch(/^No records were exported: The index .* reload the window/);
    expect(await readdir(out())).toEqual([]);
  });
});
