import type { InstallAdapter, InstalledModel } from './installAdapter';
import { InstallError } from './installAdapter';
import type { InstallTool } from './installCommands';
import { renderCommand, TOOL_LABELS } from './installCommands';
import type { Shell } from './shellQuote';

/** Tools that Model Pool does not drive: the user runs the command. */
export type AdvisoryBackend = Exclude<InstallTool, 'ollama'>;

export interface AdvisoryInstallOptions {
  readonly backend: AdvisoryBackend;
  /** Shell of the user's terminal. Default `posix`. */
  readonly shell?: Shell;
  /** What the tool serves now, from the live probe. Default: nothing known. */
  readonly list?: (signal?: AbortSignal) => Promise<readonly InstalledModel[]>;
}

/** How each tool is asked for a model by name. */
const START: Record<AdvisoryBackend, (name: string) => readonly string[]> = {
  lmstudio: (name) => ['lms', 'get', name],
  vllm: (name) => ['vllm', 'serve', name],
  llamacpp: (name) => ['llama-server', /\.gguf$/i.test(name) ? '-m' : '-hf', name],
};

/** How a model is removed there. */
const REMOVE: Record<AdvisoryBackend, (name: string) => readonly string[] | string> = {
  lmstudio: () => 'delete it under My Models in LM Studio',
  vllm: (name) => ['hf', 'cache', 'rm', `model/${name}`],
  llamacpp: () => "delete its file; `llama-server --cache-list` shows what llama.cpp's cache holds",
};

/** How the tool is asked what it knows. */
const INSPECT: Record<AdvisoryBackend, string> = {
  lmstudio: '`lms ls --json` lists what it has',
  vllm: '`hf cache ls` lists what it has downloaded',
  llamacpp: '`llama-server --cache-list` lists what it has downloaded',
};

/** Shows the user what to run: `install`, `evict` and `inspect` reject with `advisory_only` and the command. */
export class AdvisoryInstallAdapter implements InstallAdapter {
  readonly advisory = true;
  readonly backend: AdvisoryBackend;
  readonly #shell: Shell;
  readonly #list: (signal?: AbortSignal) => Promise<readonly InstalledModel[]>;

  constructor(options: AdvisoryInstallOptions) {
    this.backend = options.backend;
    this.#shell = options.shell ?? 'posix';
    this.#list = options.list ?? (() => Promise.resolve([]));
  }

  /** The command line that gets the model. Throws `install_failed` for a name that no shell should see. */
  renderCommand(request: { readonly name: string }): string {
    return this.#line(START[this.backend](request.name), request.name);
  }

  async install(request: { readonly name: string }): Promise<never> {
    throw this.#advice('installs its own models', `run \`${this.renderCommand(request)}\``, request.name);
  }

  async evict(request: { readonly name: string }): Promise<never> {
    const how = REMOVE[this.backend](request.name);
    const advice = typeof how === 'string' ? how : `run \`${this.#line(how, request.name)}\``;
    throw this.#advice('removes its own models', advice, request.name);
  }

  list(request: { readonly signal?: AbortSignal } = {}): Promise<readonly InstalledModel[]> {
    return this.#list(request.signal);
  }

  async inspect(request: { readonly name: string }): Promise<never> {
    throw this.#advice('says nothing about a single model', INSPECT[this.backend], request.name);
  }

  #line(words: readonly string[], name: string): string {
    const command = renderCommand(words, [name], this.#shell);
    if (typeof command === 'string') return command;
    throw new InstallError('install_failed', `No command for this model name: ${command.refusal}.`, {
      target: name,
    });
  }

  #advice(what: string, advice: string, target: string): InstallError {
    const label = TOOL_LABELS[this.backend];
    return new InstallError('advisory_only', `${label} ${what}: ${advice}.`, { target });
  }
}
