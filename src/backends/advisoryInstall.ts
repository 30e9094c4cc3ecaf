import * as l10n from '@vscode/l10n';
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

/** How a model is removed there: the words of a command, or what to do without one. */
const REMOVE: Record<AdvisoryBackend, (name: string, label: string) => readonly string[] | string> = {
  lmstudio: (_name, label) =>
    l10n.t('{0} removes its own models: delete it under My Models in LM Studio.', label),
  vllm: (name) => ['hf', 'cache', 'rm', `model/${name}`],
  llamacpp: (_name, label) =>
    l10n.t(
      "{0} removes its own models: delete its file; `llama-server --cache-list` shows what llama.cpp's cache holds.",
      label,
    ),
};

/** The command that tells what the tool has. */
const INSPECT: Record<AdvisoryBackend, (label: string) => string> = {
  lmstudio: (label) =>
    l10n.t('{0} says nothing about a single model: `{1}` lists what it has.', label, 'lms ls --json'),
  vllm: (label) => ofDownloads(label, 'hf cache ls'),
  llamacpp: (label) => ofDownloads(label, 'llama-server --cache-list'),
};

function ofDownloads(label: string, command: string): string {
  return l10n.t('{0} says nothing about a single model: `{1}` lists what it has downloaded.', label, command);
}

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
    const command = this.renderCommand(request);
    const advice = l10n.t('{0} installs its own models: run `{1}`.', this.#label, command);
    throw this.#advice(advice, request.name);
  }

  async evict(request: { readonly name: string }): Promise<never> {
    const how = REMOVE[this.backend](request.name, this.#label);
    const advice =
      typeof how === 'string'
        ? how
        : l10n.t('{0} removes its own models: run `{1}`.', this.#label, this.#line(how, request.name));
    throw this.#advice(advice, request.name);
  }

  /** What the tool serves now; a size of 0 GiB where it does not say. Rejects with `installer_unavailable`. */
  async list(request: { readonly signal?: AbortSignal } = {}): Promise<readonly InstalledModel[]> {
    const found = await this.#probe?.(request.signal ?? new AbortController().signal);
    if (found === undefined) return [];
    if (found.readiness === 'ok') return found.models.map(toInstalled);
    throw new InstallError('installer_unavailable', `${found.message} ${found.nextStep}`);
  }

  async inspect(request: { readonly name: string }): Promise<never> {
    throw this.#advice(INSPECT[this.backend](this.#label), request.name);
  }

  #line(words: readonly string[], name: string): string {
    const command = renderCommand(words, [name], this.#shell);
    if (typeof command === 'string') return command;
    const message = l10n.t('No command for this model name: {0}.', command.refusal);
    throw new InstallError('install_failed', message, { target: name });
  }

  get #label(): string {
    return TOOL_LABELS[this.backend];
  }

  #advice(advice: string, target: string): InstallError {
    return new InstallError('advisory_only', advice, { target });
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
