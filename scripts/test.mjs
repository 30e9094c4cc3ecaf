// `npm test`: sets up everything, then runs every step, also after one has failed.
//   npm test -- [STEP ...] [PART OF A TEST FILE'S NAME ...]
//   npm test -- --help   lists the steps, and runs none
// Ends with the line `N passed, N failed`; a gate counts as one test.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { toolEnvironment } from './setup/knownTools.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { atEnd, endProcessesMarked } from './setup/processes.mjs';
import { messageOf, seconds } from './setup/report.mjs';
import { temporaryFolder } from './setup/temporaryFolder.mjs';
import { ensureTools } from './setup/tools.mjs';
import { STEPS } from './test/steps.mjs';

const RUN_MARK = 'MODEL_POOL_TEST_RUN';

/** @typedef {import('./test/steps.mjs').Step} Step */
/** @typedef {{ name: string, durationMs: number, counts: import('./test/steps.mjs').Counts }} StepResult */

await continueOnNewNode(import.meta.url);
if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  printHelp();
  process.exit();
}
const root = fileURLToPath(new URL('..', import.meta.url));
const begun = performance.now();
const runId = randomUUID();
// Before the folder goes that they write to: what is done last is done in the order in which it was asked for.
atEnd(() => endProcessesMarked(RUN_MARK, runId));
const temporary = temporaryFolder('mpt-');
const evidence = path.join(temporary, 'evidence');
const { chosen, filters } = readArguments();

const env = await setUp();
const results = env ? await runSteps(env) : [];
printSummary();

function printHelp() {
  console.log("npm test -- [STEP ...] [PART OF A TEST FILE'S NAME ...]\n");
  console.log('Without a step every one runs; a step brings those that it needs.\n');
  for (const { name, what } of STEPS) console.log(`  ${name.padEnd(15)} ${what}`);
}

function readArguments() {
  const given = process.argv.slice(2);
  const names = new Set(given.filter((argument) => STEPS.some(({ name }) => name === argument)));
  const needed = new Set(STEPS.filter(({ name }) => names.has(name)).flatMap(({ after }) => after));
  const asked = STEPS.filter(({ name }) => names.size === 0 || names.has(name) || needed.has(name));
  const scans = asked.some(({ leavesEvidence }) => leavesEvidence === true);
  return {
    chosen: STEPS.filter((step) => (step.scansEvidence === true ? scans : asked.includes(step))),
    filters: given.filter((argument) => !names.has(argument)),
  };
}

/** @returns {Promise<NodeJS.ProcessEnv | undefined>} undefined when the set-up failed */
async function setUp() {
  console.log('Set-up');
  try {
    await ensureDependencies(root);
    const tools = await ensureTools([...new Set(chosen.flatMap((step) => step.tools))]);
    return {
      ...process.env,
      ...toolEnvironment(tools),
      // Every process of this run carries the mark, so that none is left behind, whatever group it moved to.
      [RUN_MARK]: runId,
      // And no file either. Elsewhere the longer path would be too long for the sockets that VS Code makes in it.
      ...(process.platform === 'linux' ? { TMPDIR: temporary } : {}),
      MODEL_POOL_ROOT: root,
      MODEL_POOL_VSIX: path.join(root, 'dist', 'model-pool.vsix'),
    };
  } catch (error) {
    console.error(messageOf(error));
    return undefined;
  }
}

/**
 * The gates two at a time, then every other step by itself.
 *
 * @param {NodeJS.ProcessEnv} environment
 */
async function runSteps(environment) {
  const gates = chosen.filter(({ isGate }) => isGate === true);
  /** @type {Map<Step, StepResult>} */
  const done = new Map();
  const waiting = [...gates];
  const runWaiting = async () => {
    for (let gate = waiting.shift(); gate; gate = waiting.shift())
      done.set(gate, await runStep(gate, environment));
  };
  await Promise.all([runWaiting(), runWaiting()]);
  for (const step of chosen.filter((each) => !gates.includes(each))) {
    done.set(step, await runStep(step, environment));
    const left = endProcessesMarked(RUN_MARK, runId);
    if (left > 0) console.log(`${left} processes that ${step.name} left behind were ended.`);
  }
  return chosen.flatMap((step) => done.get(step) ?? []);
}

/**
 * @param {Step} step
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<StepResult>}
 */
async function runStep({ name, what, limitMs, leavesEvidence, run }, environment) {
  console.log(`\n${name}: ${what}`);
  const stepBegun = performance.now();
  const stepEnvironment = { ...environment, ...(leavesEvidence ? evidenceFolderOf(name) : {}) };
  const context = { root, env: stepEnvironment, filters, timeoutMs: limitMs, evidence };
  const counts = await run(context).catch((error) => ({ passed: 0, failed: 1, output: messageOf(error) }));
  const durationMs = performance.now() - stepBegun;
  if (counts.output) console.log(`\n${counts.output.trimEnd()}`);
  if (durationMs >= limitMs) console.log(`${name} ran past its limit of ${seconds(limitMs)}.`);
  console.log(`${name}: ${counts.failed === 0 ? 'passed' : 'FAILED'} (${seconds(durationMs)})`);
  return { name, durationMs, counts };
}

/** @param {string} step */
function evidenceFolderOf(step) {
  const folder = path.join(evidence, step);
  mkdirSync(folder, { recursive: true });
  return { MODEL_POOL_EVIDENCE: folder };
}

function printSummary() {
  console.log('\nStep            Result   Passed  Failed  Seconds');
  for (const { name, durationMs, counts } of results) {
    const columns = [
      name.padEnd(15),
      (counts.failed === 0 ? 'passed' : 'FAILED').padEnd(6),
      String(counts.passed).padStart(8),
      String(counts.failed).padStart(7),
      (durationMs / 1000).toFixed(1).padStart(8),
    ];
    console.log(columns.join(' '));
  }
  // Again at the very end: of a long output often only that is kept.
  for (const { name, counts } of results) {
    for (const failure of counts.failures ?? []) console.log(`FAILED in ${name}: ${failure}`);
  }
  const sum = (/** @type {(counts: StepResult['counts']) => number} */ of) =>
    results.reduce((total, { counts }) => total + of(counts), 0);
  const passed = sum((counts) => counts.passed);
  const failed = sum((counts) => counts.failed) + (env ? 0 : 1);
  console.log(`The whole run took ${seconds(performance.now() - begun)}.\n`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
