import { launchLlamaServer, type LlamaServer } from '../../scripts/servers/llamaServer.mjs';
import { toolPath } from '../../scripts/setup/knownTools.mjs';
import { ggufModel } from './scriptedModel';

export type { LlamaServer };

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

/**
 * Starts a real llama-server that serves a generated model on a loopback port, and waits until it answers.
 *
 * @throws when no llama-server is set up, or when the server ends or stays silent; the error holds its output.
 */
export async function startLlamaServer(options: LlamaServerOptions = {}): Promise<LlamaServer> {
  const { args = [], model, alias = 'tiny', ...launch } = options;
  const serves = args.includes('--models-dir')
    ? []
    : ['--model', model ?? ggufModel('tiny-llama'), '--alias', alias];
  return launchLlamaServer(toolPath('llamaServer'), [...serves, ...args], launch);
}
