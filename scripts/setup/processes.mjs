import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';

const KEPT_OUTPUT_CHARACTERS = 200_000;
const POLITE_END_MS = 5_000;
const IMPATIENCE_MS = 1_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {Set<() => void>} */
const lastWork = new Set();
let endsWithUs = false;
/** @type {number | undefined} */
let endingSince;

/**
 * @typedef {object} StartOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment; ours when left out
 * @property {'inherit' | 'pipe'} [output] `inherit` shows the output as it comes; `pipe` keeps it
 */

/**
 * Starts a program in a process group of its own that ends when this process does, however it ends short of SIGKILL.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {StartOptions} [options]
 */
export function startProcess(command, args, options = {}) {
  if (endingSince !== undefined) throw new Error(`${command} was not started: this run is ending.`);
  endChildrenWithUs();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', options.output ?? 'pipe', options.output ?? 'pipe'],
    detached: process.platform !== 'win32',
    shell: process.platform === 'win32' && command === 'npm',
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end. Never rejects because of its exit code: `code` says how it ended (-1 when it could not
 * be started or was ended by a signal).
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {StartOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null, output: string, timedOut: boolean }>}
 */
export function runProcess(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = startProcess(command, args, options);
    let output = '';
    let timedOut = false;
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const timer =
      options.timeoutMs &&
      setTimeout(() => {
        timedOut = true;
        void endProcess(child);
      }, options.timeoutMs);
    const finish = (/** @type {number} */ code, /** @type {NodeJS.Signals | null} */ signal) => {
      clearTimeout(timer || undefined);
      resolve({ code, signal, output, timedOut });
    };
    child.once('error', (error) => {
      output += error.message;
      finish(-1, null);
    });
    child.once('close', (code, signal) => finish(code ?? -1, signal));
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {StartOptions & { timeoutMs?: number }} [options]
 * @returns {Promise<string>} what it printed
 * @throws {Error} with the end of its output when it fails
 */
export async function mustRun(command, args, options = {}) {
  const { code, output, timedOut } = await runProcess(command, args, options);
  if (code === 0) return output;
  const how = timedOut ? 'ran past its time limit' : `ended with code ${code}`;
  const last = output.trimEnd().split('\n').slice(-25).join('\n');
  throw new Error(`\`${[command, ...args].join(' ')}\` ${how}.\n${last}`);
}

/**
 * Does something when this process ends, however it ends short of SIGKILL, after what it started has ended.
 *
 * @param {() => void} work must not wait for anything
 */
export function atEnd(work) {
  endChildrenWithUs();
  lastWork.add(work);
}

/**
 * Ends a program and everything in its process group: a polite signal, then after five seconds a hard one.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export async function endProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    signalGroup(child, 'SIGKILL');
    return;
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), POLITE_END_MS);
  await ended;
  clearTimeout(timer);
  signalGroup(child, 'SIGKILL');
}

/**
 * Ends every process of this machine whose environment carries `name=value`, as those do that a test run started,
 * whatever group they moved to. Looks through /proc, so it does nothing outside Linux.
 *
 * @param {string} name
 * @param {string} value
 * @returns {number} how many were found
 */
export function endProcessesMarked(name, value) {
  if (process.platform !== 'linux') return 0;
  let found = 0;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${name}=${value}`)) continue;
      process.kill(pid, 'SIGKILL');
      found += 1;
    } catch {
      // It ended meanwhile, or it belongs to somebody else: either way it is not ours to end.
    }
  }
  return found;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}

function endChildrenWithUs() {
  if (endsWithUs) return;
  endsWithUs = true;
  process.once('exit', () => {
    signalAll('SIGKILL');
    doLastWork();
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => void endAllThenUs(signal));
  }
}

/** @param {NodeJS.Signals} signal the one that asked us to end */
async function endAllThenUs(signal) {
  if (endingSince !== undefined) {
    // A terminal's Ctrl-C may come twice at once, from it and from the process above us; later it is impatience.
    if (performance.now() - endingSince > IMPATIENCE_MS) signalAll('SIGKILL');
    return;
  }
  endingSince = performance.now();
  await Promise.all([...running].map(endProcess));
  doLastWork();
  // Not `process.exit`, which test runners and VS Code replace: sent again without us listening, it ends us.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** @param {NodeJS.Signals} signal */
function signalAll(signal) {
  for (const child of running) signalGroup(child, signal);
}

function doLastWork() {
  for (const work of lastWork) {
    try {
      work();
    } catch (error) {
      // It must not change how this process ends.
      console.error(error);
    }
  }
  lastWork.clear();
}
