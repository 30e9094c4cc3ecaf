import { bytesToGib } from '../shared/units';
import type { Backend, ListedModel } from './contract';
import type { InstallAdapter, InstalledModel } from './installAdapter';
import { InstallError } from './installAdapter';
import type { CommandLimits, InstallTool } from './installCommands';
import { renderCommand, TOOL_LABELS, TOOL_WORDS } from './installCommands';
import type { Shell } from './shellQuote';

/** Tools that Model Pool does not drive: the user runs the command. */
export type AdvisoryBackend = Exclude<InstallTool, 'ollama'>;

export interface AdvisoryInstallOptions {
  readonly backend: AdvisoryBackend;
  /** Shell of the user's terminal. Default `other`: only commands that every shell reads alike. */
  readonly shell?: Shell;
  /** Asks the tool what it serves now. Without it nobody knows, and `list` is empty. */
  readonly probe?: Backend['probe'];
}

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
  readonly #probe: Backend['probe'] | undefined;

  constructor(options: AdvisoryInstallOptions) {
    this.backend = options.backend;
    this.#shell = options.shell ?? 'other';
    this.#probe = options.probe;
  }

  /** The command line that gets the model. Throws `install_failed` for a name that no shell should see. */
  renderCommand(request: { readonly name: string } & CommandLimits): string {
    return this.#line(TOOL_WORDS[this.backend](request.name, request), request.name);
  }

  async install(request: { readonly name: string }): Promise<never> {
    throw this.#advice('installs its own models', `run \`${this.renderCommand(request)}\``, request.name);
  }

  async evict(request: { readonly name: string }): Promise<never> {
    const how = REMOVE[this.backend](request.name);
    const advice = typeof how === 'string' ? how : `run \`${this.#line(how, request.name)}\``;
    throw this.#advice('removes its own models', advice, request.name);
  }

  /** What the tool serves now; a size of 0 GiB where it does not say. Rejects with `installer_unavailable`. */
  async list(request: { readonly signal?: AbortSignal } = {}): Promise<readonly InstalledModel[]> {
    const found = await this.#probe?.(request.signal ?? new AbortController().signal);
    if (found === undefined) return [];
    if (found.readiness === 'ok') return found.models.map(toInstalled);
    throw new InstallError('installer_unavailable', `${found.message} ${found.nextStep}`);
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

function toInstalled({ modelId, capabilities }: ListedModel): InstalledModel {
  const { sizeBytes = 0, digest, modifiedAt, quant, parameterSize } = capabilities;
  return {
    ...{ ollamaName: modelId, sizeOnDiskGb: bytesToGib(sizeBytes) },
    ...(digest === undefined ? {} : { digest }),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(quant === undefined ? {} : { quant }),
    ...(parameterSize === undefined ? {} : { parameterSize }),
  };
}
