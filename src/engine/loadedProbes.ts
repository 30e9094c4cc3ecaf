import type { BackendConfig } from '../backends/contract';
import type { ModelsInUse } from '../dispatch/inUse';
import type { RegisteredModel } from '../registry/row';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { ModelTrials } from './modelTrials';
import { modelSubject } from './modelSubject';

export interface LoadedProbesOptions {
  readonly trials: Pick<ModelTrials, 'probeToolCalling' | 'toolCallingFound'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  readonly isHosted: (kind: BackendConfig['kind']) => boolean;
  readonly inUse: Pick<ModelsInUse, 'has'>;
  readonly logger: Logger;
}

/**
 * Tries by itself whether loaded models call tools, where their server does not say: once per model file in the life of a
 * window, one at a time, never one that answers somebody, and never one that would have to be loaded or that runs at a
 * provider. For one window of all: whoever leads.
 */
export class LoadedProbes {
  readonly #seen = new Set<string>();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: LoadedProbesOptions) {}

  /** Takes what is served now. Resolves when everything that it found to try was tried; never rejects. */
  async consider(models: readonly RegisteredModel[]): Promise<void> {
    for (const model of models) {
      if (!this.#isWanted(model)) continue;
      this.#seen.add(modelSubject(model));
      this.#running = this.#running.then(() => (this.#isOver() ? undefined : this.#try(model)));
    }
    await this.#running;
  }

  /** Ends the one that runs; none begins any more. */
  dispose(): void {
    this.#abort.abort();
  }

  #isWanted(model: RegisteredModel): boolean {
    const { trials, backend, isHosted } = this.options;
    const { capabilities, running } = model;
    const kind = backend(model.backend)?.kind;
    if (!running || capabilities.embedding === true || capabilities.tools !== undefined) return false;
    if (kind === undefined || kind === 'vscode' || isHosted(kind)) return false;
    return !this.#seen.has(modelSubject(model)) && !trials.toolCallingFound(model);
  }

  async #try(model: RegisteredModel): Promise<void> {
    const { trials, inUse, logger } = this.options;
    const { backend, provider, modelId } = model;
    if (inUse.has(model)) {
      // It comes again with the next rows.
      this.#seen.delete(modelSubject(model));
      return;
    }
    try {
      const { result } = await trials.probeToolCalling({ backend, provider, modelId }, this.#abort.signal);
      logger.log('info', 'trials.tool_calling', { backend, model: modelId, result });
    } catch (thrown) {
      if (!this.#isOver()) logger.log('error', 'trials.probe.broke', { error: messageOf(thrown) });
    }
  }

  #isOver(): boolean {
    return this.#abort.signal.aborted;
  }
}
