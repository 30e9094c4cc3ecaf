import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as immediate, setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../../src/shared/clock';
import { NEWEST_FIRST, NO_DISPATCH_FILTER, type DispatchQuery } from '../../../src/shared/dispatchQuery';
import { silentLogger } from '../../../src/shared/logger';
import { TranscriptFiles } from '../../../src/storage/transcriptFiles';
import { dispatchRecord, seedTranscript } from '../../support/dispatchRecords';
import { bundledProgram, SQL_WASM } from '../../support/programs';
import { median, percentile, printFigure } from '../figures';

const RECORDS = 100_000;
const BURST_RECORDS = 200;

const FIRST_PAGE: DispatchQuery = {
  ...{ filter: NO_DISPATCH_FILTER, order: NEWEST_FIRST, offset: 0, limit: 100, asOf: null, around: null },
};

void main();

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpt-'));
  try {
    await measureAppend(path.join(folder, 'append'));
    await measureIndex(path.join(folder, 'index'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Appends as fast as it can, in bursts between which the disk gets its turn, until all of it is on disk. */
async function measureAppend(storageFolder: string): Promise<void> {
  const store = new TranscriptFiles({
    ...{ storageFolder, writerId: 'bench', clock: systemClock, logger: silentLogger },
  });
  const records = Array.from({ length: 1_000 }, (_, n) => dispatchRecord(n, systemClock.now()));
  const appendMs: number[] = [];
  const begunMs = performance.now();
  while (appendMs.length < RECORDS) {
    for (let n = 0; n < BURST_RECORDS; n += 1) {
      const record = records[appendMs.length % records.length] ?? {};
      const startMs = performance.now();
      store.append(record);
      appendMs.push(performance.now() - startMs);
    }
    await immediate();
  }
  await store.flush();
  const tookMs = performance.now() - begunMs;
  if (store.problem !== undefined) throw new Error(store.problem);
  printFigure('append(): p99', percentile(appendMs, 0.99), 'ms', 1);
  printFigure('append() to disk, sustained', (RECORDS / tookMs) * 1_000, 'records/s', 20_000, 'higher');
}

async function measureIndex(storageFolder: string): Promise<void> {
  seedTranscript(path.join(storageFolder, 'transcript'), RECORDS, systemClock.now());
  const index = {
    workerFile: await bundledProgram('src/storage/transcriptWorker.ts'),
    wasmFile: SQL_WASM,
  };
  const firstMs: number[] = [];
  const wholeMs: number[] = [];
  const nextMs: number[] = [];
  const filteredMs: number[] = [];
  const sortedMs: number[] = [];
  const summaryMs: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const store = new TranscriptFiles({
      ...{ storageFolder, writerId: 'bench', clock: systemClock, logger: silentLogger, index },
    });
    const begunMs = performance.now();
    let page = await store.query(FIRST_PAGE);
    firstMs.push(performance.now() - begunMs);
    if (page.records.length !== 100) throw new Error('no first page');
    while (!page.complete) {
      await wait(20);
      page = await store.query(FIRST_PAGE);
    }
    wholeMs.push(performance.now() - begunMs);
    if (page.total !== RECORDS) throw new Error(`${page.total} records are indexed`);
    const timed = async (into: number[], ask: () => Promise<unknown>): Promise<void> => {
      const startMs = performance.now();
      await ask();
      into.push(performance.now() - startMs);
    };
    for (let offset = 0; offset < RECORDS; offset += 9_900) {
      await timed(nextMs, () => store.query({ ...FIRST_PAGE, offset, asOf: page.asOf }));
    }
    for (const outcome of ['served', 'provider_error', 'cancelled']) {
      const filter = { ...NO_DISPATCH_FILTER, outcome };
      await timed(filteredMs, () => store.query({ ...FIRST_PAGE, filter }));
    }
    for (const column of ['total', 'ttft', 'model'] as const) {
      await timed(sortedMs, () => store.query({ ...FIRST_PAGE, order: { column, descending: true } }));
    }
    await timed(summaryMs, () => store.summary(NO_DISPATCH_FILTER, page.asOf));
    await store.dispose();
  }
  printFigure('index of 100,000 records: first page, cold', median(firstMs), 'ms', 300);
  printFigure('index of 100,000 records: whole, cold', median(wholeMs), 'ms', 4_000);
  printFigure('index of 100,000 records: next page', percentile(nextMs, 0.95), 'ms', 20);
  printFigure('index of 100,000 records: new filter (our limit)', median(filteredMs), 'ms', 100);
  printFigure('index of 100,000 records: other order (our limit)', median(sortedMs), 'ms', 100);
  printFigure('index of 100,000 records: counts for menus (our limit)', median(summaryMs), 'ms', 1_000);
}
