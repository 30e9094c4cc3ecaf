import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { Editor } from '../../e2e/support/editor';
import { eventually } from '../../e2e/support/eventually';
import { repositoryRoot } from '../../support/repository';
import { median, printFigure } from '../figures';

/** The packed extension's activation in fresh extension hosts, and what it does there before it has returned. */

const RUNS = 5;
const LIMIT_MS = 60_000;
/** As the test step `host` allows: room for a busy machine. */
const CLEARLY_MISSED_MS = 60;

/** See `companion/main.cjs`, which writes it. */
const activationSchema = z.object({
  loadMs: z.number(),
  activateMs: z.number(),
  workBefore: z.string().array(),
  workAfter: z.number(),
});
type Activation = z.infer<typeof activationSchema>;

async function main(): Promise<void> {
  const activations = await measured();
  const all = activations.map(({ loadMs, activateMs }) => loadMs + activateMs);
  const unseen = activations.filter(({ workAfter }) => workAfter === 0);
  if (unseen.length > 0) throw new Error('The companion saw no work at all: it does not look where we work.');
  const before = new Set(activations.flatMap(({ workBefore }) => workBefore));
  if (before.size > 0) console.log(`before activation has returned: ${[...before].join(', ')}`);
  const most = Math.max(...activations.map(({ workBefore }) => workBefore.length));
  printFigure(`activation: load and activate(), median of ${RUNS} hosts`, median(all), 'ms', 40, 'lower', {
    clearlyMissed: CLEARLY_MISSED_MS,
  });
  printFigure(`activation: load and activate(), worst of ${RUNS} hosts`, Math.max(...all), 'ms', null);
  printFigure('activation: files, processes, sockets, WASM before its end', most, 'calls', 0, 'lower', {
    clearlyMissed: 0,
  });
}

async function measured(): Promise<readonly Activation[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpb-'));
  const file = path.join(folder, 'activations.jsonl');
  const editor = await Editor.start({
    env: { MODEL_POOL_BENCH_ACTIVATIONS: file },
    moreExtensions: [path.join(repositoryRoot, 'test', 'bench', 'ui', 'companion')],
  });
  try {
    let window = editor.workbench;
    for (let run = 1; ; run += 1) {
      const told = await eventually(
        'an activation',
        async () => (read(file).length >= run ? read(file) : undefined),
        LIMIT_MS,
      );
      if (run === RUNS) return told;
      await editor.closeWindow(window);
      window = await editor.newWindow();
    }
  } finally {
    await editor.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string): readonly Activation[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => activationSchema.parse(JSON.parse(line)));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
    throw thrown;
  }
}

await main();
