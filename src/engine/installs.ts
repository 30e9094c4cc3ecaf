import { isInstallError, type EvictResult } from '../backends/installAdapter';
import type { InstallCommand } from '../backends/installCommands';
import { nullInstallAdapter } from '../backends/nullInstall';
import type { Shell } from '../backends/shellQuote';
import type { PullRun, PullRuns } from '../pool/pullRuns';
import type { RankedModel } from '../ranking/rankTypes';
import type { Prober } from '../registry/prober';
import type { ModelRegistry } from '../registry/registry';
import type { Task } from '../shared/settings';
import type { Backends } from './backends';
import { installCommandsFor } from './installCommandsFor';
import type { InstalledModels } from './installedModels';
import { ollamaNameOf, planInstall, type InstallPlan } from './installPlanner';
import type { RankingService } from './rankingService';

export interface InstallsOptions {
  readonly backends: Pick<Backends, 'canInstallOn' | 'hostOf' | 'installerOf'>;
  readonly installed: Pick<InstalledModels, 'has'>;
  readonly pulls: PullRuns;
  readonly prober: Pick<Prober, 'askAnew'>;
  readonly rankings: Pick<RankingService, 'host' | 'rank'>;
  readonly task: () => Task;
  readonly registry: Pick<ModelRegistry, 'backends'>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What can be installed where, what is, and how it gets there and away. */
export class Installs {
  readonly #seenSuccesses = new Set<string>();

  constructor(private readonly options: InstallsOptions) {
    options.pulls.onDidChange((runs) => this.#refreshAfter(runs));
  }

  /** Whether models can be installed on and removed from a backend. */
  canInstallOn(backendId: string): boolean {
    return this.options.backends.canInstallOn(backendId);
  }

  isInstalled(model: RankedModel): boolean {
    return this.options.installed.has(this.options.rankings.host, model.modelId);
  }

  /** The name by which Ollama would pull the model's best build; null where none is known. */
  nameOf(model: RankedModel): string | null {
    return ollamaNameOf(model);
  }

  /** The running or stopped install of this model, where there is one. */
  pullOf(model: RankedModel): PullRun | undefined {
    const name = ollamaNameOf(model);
    return name === null
      ? undefined
      : this.options.pulls.runs.find((run) => run.name === name && run.status !== 'succeeded');
  }

  /** Says what installing would do; changes nothing. */
  plan(model: RankedModel): Promise<InstallPlan> {
    const { registry, backends, rankings, env } = this.options;
    const { host } = rankings;
    const isThere = (id: string): boolean => backends.canInstallOn(id) && backends.hostOf(id) === host;
    const installers = registry.backends().filter(({ id }) => isThere(id));
    return planInstall(model, installers, env, host);
  }

  /** The command of each tool that gets this model, with a context that fits the machine of the views. */
  async commands(model: RankedModel, shell: Shell): Promise<readonly InstallCommand[]> {
    const { rankings, task } = this.options;
    const { profile } = await rankings.rank(task(), rankings.host);
    return installCommandsFor(model, profile, shell);
  }

  /** Removes an installed model and looks at its backend again. */
  async remove(backendId: string, name: string): Promise<EvictResult> {
    const adapter = this.options.backends.installerOf(backendId) ?? nullInstallAdapter();
    try {
      const result = await adapter.evict({ name });
      // A probe that is under way may have looked before the model was gone.
      await this.options.prober.askAnew(backendId);
      return result;
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return { status: 'error', code: thrown.code, message: thrown.message };
    }
  }

  /** A pull that succeeded changed what its backend serves. */
  #refreshAfter(runs: readonly PullRun[]): void {
    for (const run of runs) {
      if (run.status !== 'succeeded' || this.#seenSuccesses.has(run.runId)) continue;
      this.#seenSuccesses.add(run.runId);
      void this.options.prober.askAnew(run.backend);
    }
  }
}
