// `npm run soak`: the multi-process and kill tests of storage and registry in full, with the figures that they measured.
//   npm run soak -- [PART OF A TEST FILE'S NAME ...]
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { runProcess } from './setup/processes.mjs';
import { seconds } from './setup/report.mjs';
import { machineFacts } from './bench/machine.mjs';

const LIMIT_MS = 3 * 60 * 60_000;
/** Files under test/integration whose tests ask for more rounds in a soak. */
const FILES = ['state', 'transcript', 'registry', 'leader', 'lease'];

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
await ensureDependencies(root);
const folder = mkdtempSync(path.join(tmpdir(), 'mps-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const figures = path.join(folder, 'figures.jsonl');
const chosen = process.argv.slice(2);
const begun = performance.now();
const { code } = await runProcess(
  process.execPath,
  [
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...['run', '--project', 'integration', '--no-file-parallelism', '--reporter=verbose'],
    ...(chosen.length > 0 ? chosen : FILES).map((name) => `test/integration/${name}`),
  ],
  {
    ...{ cwd: root, timeoutMs: LIMIT_MS, output: 'inherit' },
    env: { ...process.env, MODEL_POOL_SOAK: '1', MODEL_POOL_FIGURES: figures },
  },
);
console.log(`\n${machineFacts().text}`);
if (existsSync(figures)) {
  for (const line of readFileSync(figures, 'utf8').trim().split('\n')) {
    const { name, value } = JSON.parse(line);
    const shown = typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;
    console.log(`${shown.padStart(12)}  ${name}`);
  }
}
console.log(`The soak ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(performance.now() - begun)}.`);
process.exitCode = code === 0 ? 0 : 1;
