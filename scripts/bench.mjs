// `npm run bench -- ROOM`: measures a room and prints a table and JSON, with the machine that it ran on.
// Each program under test/bench prints one JSON object a line: { name, value, unit, limit, better, clearlyMissed }; its
// other lines are shown as they are. A figure beyond its `clearlyMissed` makes the exit code 1. `npm run bench -- accuracy FILE` judges the measured rates of that file instead of the repository's.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { machineFacts } from './bench/machine.mjs';
import { packExtension } from './package.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { mustRun } from './setup/processes.mjs';
import { ensureTools } from './setup/tools.mjs';

const LIMIT_MS = 10 * 60_000;

/** @typedef {{ name: string, value: number, unit: string, limit: number | null, better: 'lower' | 'higher', clearlyMissed?: number }} Figure */

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
await ensureDependencies(root);
const benches = path.join(root, 'test', 'bench');
const rooms = readdirSync(benches, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const [room = '', rowsFile] = process.argv.slice(2);
if (!rooms.includes(room)) {
  console.error(`Say which room to measure: npm run bench -- ${rooms.join(' | ')}`);
  process.exit(2);
}

// The programs that a room's benches run; they find them where the set-up remembers them.
if (room === 'dispatch') await ensureTools(['llamaServer']);
const drivesEditor = room === 'ui';
if (drivesEditor) {
  await ensureTools(['codeServer', 'chromium']);
  await packExtension(root);
}

const machine = machineFacts();
/** @type {Figure[]} */
const figures = [];
for (const file of readdirSync(path.join(benches, room)).filter((name) => name.endsWith('.bench.ts'))) {
  try {
    figures.push(...(await measured(path.join(benches, room, file))));
  } catch (error) {
    // What the others measured is not lost for it.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
console.log(`${machine.text}\n`);
for (const { name, value, unit, limit, better } of figures) {
  const bound = limit === null ? '' : `${better === 'lower' ? 'at most' : 'at least'} ${limit} ${unit}`;
  const verdict = limit === null ? '' : isBeyond(value, limit, better) ? 'NOT MET' : 'met';
  console.log(
    `${name.padEnd(58)} ${format(value).padStart(12)} ${unit.padEnd(10)} ${bound.padEnd(26)} ${verdict}`.trimEnd(),
  );
}
console.log(`\n${JSON.stringify({ room, machine: machine.facts, figures })}`);
const missed = figures.filter(
  ({ value, better, clearlyMissed }) => clearlyMissed !== undefined && isBeyond(value, clearlyMissed, better),
);
if (missed.length > 0) {
  console.error(`Clearly missed: ${missed.map(({ name }) => name).join('; ')}`);
  process.exitCode = 1;
}

/**
 * Bundles a bench program and runs it in a process of its own.
 *
 * @param {string} file
 * @returns {Promise<Figure[]>}
 */
async function measured(file) {
  const { build } = await import('esbuild');
  // Beside node_modules where the program loads packages from it, which ES modules look for nowhere else.
  const folder = mkdtempSync(drivesEditor ? path.join(root, 'dist', 'bench-') : path.join(tmpdir(), 'mpb-'));
  try {
    const outfile = path.join(folder, drivesEditor ? 'bench.mjs' : 'bench.cjs');
    await build({
      ...{ absWorkingDir: root, entryPoints: [file], outfile, bundle: true, logLevel: 'warning' },
      ...{ platform: 'node', target: 'node22', mainFields: ['module', 'main'] },
      ...(drivesEditor
        ? // The scripts know where they are, and packages that start browsers know what lies beside them.
          { format: 'esm', packages: 'external', external: ['./scripts/*'] }
        : // It bundles programs of its own, for workers and other processes.
          { format: 'cjs', external: ['esbuild'] }),
    });
    const output = await mustRun(process.execPath, ['--expose-gc', outfile], {
      cwd: root,
      timeoutMs: LIMIT_MS,
      env: {
        ...process.env,
        NODE_PATH: path.join(root, 'node_modules'),
        ...(rowsFile === undefined ? {} : { MODEL_POOL_ROWS: path.resolve(rowsFile) }),
      },
    });
    const lines = output.split('\n');
    for (const line of lines) if (!line.startsWith('{')) console.log(line);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} value
 * @param {number} limit
 * @param {Figure['better']} better
 */
function isBeyond(value, limit, better) {
  // Not a number is no figure, and never within a limit.
  return !(better === 'lower' ? value <= limit : value >= limit);
}

/** @param {number} value */
function format(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
