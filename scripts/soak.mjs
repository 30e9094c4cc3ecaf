// `npm run soak`: every unit and integration test that `npm test` runs bounded (see test/support/soak.ts) in full, with
// the figures that they measured. Takes an hour or two.
//   npm run soak -- [PART OF A TEST FILE'S NAME ...]
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { toolEnvironment } from './setup/knownTools.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { runProcess } from './setup/processes.mjs';
import { messageOf, seconds } from './setup/report.mjs';
import { temporaryFolder } from './setup/temporaryFolder.mjs';
import { ensureTools } from './setup/tools.mjs';
import { machineFacts } from './bench/machine.mjs';

const LIMIT_MS = 4 * 60 * 60_000;
const SIGN_OF_LIFE_MS = 120_000;
const USES_SOAK = /from '.*\/support\/soak'/;

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const files = chooseFiles(process.argv.slice(2));
const tools = await setUpTools();
const figures = path.join(temporaryFolder('mps-'), 'figures.jsonl');
const begun = performance.now();
console.log(`The soak runs ${files.length} test files, one after the other:\n  ${files.join('\n  ')}`);
// One test of ten thousand rounds says nothing before its end.
setInterval(
  () => console.log(`  ... ${Math.round((performance.now() - begun) / 60_000)} min`),
  SIGN_OF_LIFE_MS,
).unref();
const { code } = await runProcess(
  process.execPath,
  [
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    ...[
      'run',
      '--project',
      'unit',
      '--project',
      'integration',
      '--no-file-parallelism',
      '--reporter=verbose',
    ],
    ...files,
  ],
  {
    ...{ cwd: root, timeoutMs: LIMIT_MS, output: 'inherit' },
    env: { ...process.env, ...toolEnvironment(tools), MODEL_POOL_SOAK: '1', MODEL_POOL_FIGURES: figures },
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

/** @param {readonly string[]} parts of names; every file that a soak runs in full when empty */
function chooseFiles(parts) {
  const soaked = ['unit', 'integration'].flatMap((kind) =>
    readdirSync(path.join(root, 'test', kind), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join('test', kind, file))
      .filter((file) => file.endsWith('.test.ts'))
      .filter((file) => USES_SOAK.test(readFileSync(path.join(root, file), 'utf8'))),
  );
  const chosen = soaked.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (chosen.length > 0) return chosen;
  console.error(
    `No file of the soak has ${parts.join(' or ')} in its name. Its files:\n  ${soaked.join('\n  ')}`,
  );
  process.exit(2);
}

async function setUpTools() {
  try {
    await ensureDependencies(root);
    return await ensureTools(['llamaServer', 'mbw', 'openssl', 'procps']);
  } catch (error) {
    console.error(messageOf(error));
    process.exit(1);
  }
}
