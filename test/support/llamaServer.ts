import { setTimeout as delay } from 'node:timers/promises';
import { toolPath } from '../../scripts/setup/knownTools.mjs';
import { endProcess, startProcess } from '../../scripts/setup/processes.mjs';
import { freePort } from '../../scripts/vscode/ports.mjs';
import { ggufModel } from './scriptedModel';

const READY_WITHIN_MS = 30_000;
const KEPT_OUTPUT_CHARACTERS = 200_000;

export interface LlamaServerOptions {
  /** The model's file; the scripted tiny llama when left out. Not used when `args` say where models are. */
  readonly model?: string;
  /** The name that the server gives the model; `tiny` when left out. */
  readonly alias?: string;
  /** Further arguments, such as `--api-key` or `--ctx-size`. */
  readonly args?: readonly string[];
  /** A free port when left out. */
  readonly port?: number;
  /** False returns as soon as the process runs, while it may still answer 503. */
  readonly waitUntilReady?: boolean;
}

export interface LlamaServer {
  /** Such as `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles with the exit code when the process ends, -1 for a signal. */
  readonly exited: Promise<number>;
  /** What it printed, the last 200,000 characters. */
  output(): string;
  /** Ends it politely; SIGKILL after five seconds, because a stream that runs can hold up SIGTERM. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash or an out-of-memory killer does. */
  kill(): Promise<void>;
}

/**
 * Starts a real llama-server on a loopback port with one thread, and waits until it answers.
 *
 * @throws when no llama-server is set up, or when the server ends or stays silent; the error holds its output.
 */
export async function startLlamaServer(options: LlamaServerOptions = {}): Promise<LlamaServer> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const args = options.args ?? [];
  const serves = args.includes('--models-dir')
    ? []
    : ['--model', options.model ?? ggufModel('tiny-llama'), '--alias', options.alias ?? 'tiny'];
  const child = startProcess(toolPath('llamaServer'), [
    ...['--host', '127.0.0.1', '--port', String(port), '--threads', '1', '--jinja', '--no-webui'],
    ...serves,
    ...args,
  ]);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let ended = false;
  const exited = new Promise<number>((resolve) => {
    const finish = (code: number): void => {
      ended = true;
      resolve(code);
    };
    child.once('exit', (code) => {
      finish(code ?? -1);
    });
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

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
