import { execFileSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { repositoryRoot } from '../../support/repository';
import { median, printFigure } from '../figures';

const RUNS = 7;
const CHILD_LIMIT_MS = 60_000;
const LOAD = 'load';

/** spec/catalog.md: what the first load costs a fresh process, in processor time of all its threads. */
async function measure(): Promise<void> {
  if (process.argv[2] === LOAD) {
    console.log(JSON.stringify(await loadOnce()));
    return;
  }
  const [program = ''] = process.argv.slice(1);
  const cpuMs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const output = execFileSync(process.execPath, [program, LOAD], {
      encoding: 'utf8',
      timeout: CHILD_LIMIT_MS,
    });
    cpuMs.push(Number(output));
  }
  printFigure(`snapshot: cold load, CPU, median of ${RUNS} processes`, median(cpuMs), 'ms', 50);
  printFigure(`snapshot: cold load, CPU, worst of ${RUNS} processes`, Math.max(...cpuMs), 'ms', 100);
}

async function loadOnce(): Promise<number> {
  const before = process.cpuUsage();
  const result = await loadFrozenSnapshot({ path: path.join(repositoryRoot, 'data', 'snapshot.json') });
  const { user, system } = process.cpuUsage(before);
  if (result.source !== 'frozen' || result.warnings.length > 0) throw new Error('The snapshot is not whole.');
  return (user + system) / 1_000;
}

void measure();
