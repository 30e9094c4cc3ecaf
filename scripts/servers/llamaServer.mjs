import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, startProcess } from '../setup/processes.mjs';
import { freePort } from '../vscode/ports.mjs';

const READY_WITHIN_MS = 30_000;
const KEPT_OUTPUT_CHARACTERS = 200_000;

/**
 * @typedef {object} LlamaServer
 * @property {string} url such as `http://127.0.0.1:41234`, without a slash at the end
 * @property {number} port
 * @property {number} pid
 * @property {Promise<number>} exited settles with the exit code when the process ends, -1 for a signal
 * @property {() => string} output what it printed, the last 200,000 characters
 * @property {() => Promise<void>} stop ends it politely; SIGKILL after five seconds, because a stream that runs can
 *   hold up SIGTERM
 * @property {() => Promise<void>} kill ends it with SIGKILL, as a crash or an out-of-memory killer does
 */

/**
 * Starts llama-server on a loopback port with one thread, which is the fastest for tiny models, and waits until it
 * answers.
 *
 * @param {string} program
 * @param {readonly string[]} args what it serves and how
 * @param {{ port?: number, waitUntilReady?: boolean }} [options] `waitUntilReady: false` returns as soon as the
 *   process runs, while it may still answer 503
 * @returns {Promise<LlamaServer>}
 * @throws {Error} with the server's output when it ends or stays silent
 */
export async function launchLlamaServer(program, args, options = {}) {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = startProcess(program, [
    ...['--host', '127.0.0.1', '--port', String(port), '--threads', '1', '--jinja', '--no-webui'],
    ...args,
  ]);
  let output = '';
  const keep = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let ended = false;
  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    const finish = (/** @type {number} */ code) => {
      ended = true;
      resolve(code);
    };
    child.once('exit', (code) => finish(code ?? -1));
    child.once('error', (error) => {
      output += error.message;
      finish(-1);
    });
  });

  const deadline = Date.now() + READY_WITHIN_MS;
  while (options.waitUntilReady !== false && !(await isReady(url))) {
    if (ended || Date.now() > deadline) {
      await endProcess(child);
      throw new Error(`llama-server did not start on port ${port}.\n${output.slice(-4_000)}`);
    }
    await delay(50);
  }
  return {
    url,
    port,
    pid: child.pid ?? -1,
    exited,
    output: () => output,
    stop: () => endProcess(child),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** @param {string} url */
async function isReady(url) {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
