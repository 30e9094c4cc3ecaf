import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';
import { repositoryRoot } from '../support/repository';

/** Appends `count` records as one window does, says "ready" when they are on disk, and then waits to be ended. */
const WRITER = `
  import { TranscriptFiles } from './src/storage/transcriptFiles';
  import { systemClock } from './src/shared/clock';
  const [storageFolder, writerId, count] = process.argv.slice(2);
  const logger = { log: () => undefined };
  const store = new TranscriptFiles({ storageFolder, writerId, clock: systemClock, logger, maxFileBytes: 20000 });
  for (let n = 0; n < Number(count); n++) {
    store.append({ writer: writerId, n, endedAt: new Date().toISOString(), filler: 'é'.repeat(50) });
    if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await store.flush();
  process.stdout.write('ready');
  setInterval(() => store.append({ writer: writerId, n: -1, endedAt: new Date().toISOString() }), 1);
`;

let folder: string;
let script: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'windows-'));
  script = path.join(folder, 'writer.mjs');
  await build({
    stdin: { contents: WRITER, resolveDir: repositoryRoot, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: script, logLevel: 'error' },
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

it('keeps every record of three windows that write at once and are killed, and reads while they write', async () => {
  const reader = new TranscriptFiles({
    storageFolder: folder,
    writerId: 'r',
    clock: systemClock,
    logger: silentLogger,
  });
  const windows = ['a', 'b', 'c'].map((writer) => startWriter(writer, 500));
  const seenWhileWriting = await vi.waitFor(
    async () => {
      const page = await reader.read({ limit: 50 });
      expect(page.records).toHaveLength(50);
      return page.records.length;
    },
    { timeout: 10_000, interval: 10 },
  );
  expect(seenWhileWriting).toBe(50);
  await Promise.all(windows.map((window) => window.killedWhenReady));
  // A kill may tear the last line of a file.
  const files = await readdir(path.join(folder, 'transcript'));
  expect(files.length).toBeGreaterThan(3);
  await appendFile(path.join(folder, 'transcript', files.sort()[0] ?? ''), '{"writer":"a","n":99');

  const counts = new Map<string, Set<number>>();
  const times: string[] = [];
  for (let offset = 0; ; offset += 400) {
    const page = await reader.read({ limit: 400, offset });
    for (const record of page.records as { writer: string; n: number; endedAt: string }[]) {
      times.push(record.endedAt);
      if (record.n < 0) continue;
      const seen = counts.get(record.writer) ?? new Set();
      expect(seen.has(record.n)).toBe(false);
      counts.set(record.writer, seen.add(record.n));
    }
    if (!page.more) break;
  }
  expect([...counts].map(([writer, seen]) => [writer, seen.size]).sort()).toEqual([
    ['a', 500],
    ['b', 500],
    ['c', 500],
  ]);
  expect(times).toEqual([...times].sort().reverse());
  for (const file of files.slice(1)) {
    const lines = (await readFile(path.join(folder, 'transcript', file), 'utf8')).split('\n');
    const writers = new Set(
      lines.slice(0, -1).map((line) => (JSON.parse(line) as { writer: string }).writer),
    );
    expect(writers.size).toBe(1);
  }
});

function startWriter(writer: string, count: number): { readonly killedWhenReady: Promise<void> } {
  const child = spawn(process.execPath, [script, folder, writer, String(count)]);
  const killedWhenReady = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => child.kill('SIGKILL'));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      signal === 'SIGKILL' ? resolve() : reject(new Error(`the writer ended with ${code ?? signal}`)),
    );
  });
  return { killedWhenReady };
}
