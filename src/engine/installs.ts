import type { InstallCommand } from '../backends/installCommands';
import { isInstallError } from '../backends/installAdapter';
import { nullInstallAdapter } from '../backends/nullInstall';
import type { Shell } from '../backends/shellQuote';
import type { Candidate } from '../catalog/candidate';
import type { ModelChoice } from '../dispatch/chat';
import { freedBytes } from '../pool/diskUse';
import type { EvictionOutcome } from '../pool/poolEvictions';
import type { InstallOutcome, InstallPreview, PoolInstallRequest } from '../pool/poolInstalls';
import type { PoolManager } from '../pool/poolManager';
import { distinctBytes } from '../pool/diskUse';
import { entryKey, type PoolBlob, type PoolEntry } from '../pool/poolState';
import type { PullRun, PullRuns } from '../pool/pullRuns';
import type { RankedModel } from '../ranking/rankTypes';
import type { Prober } from '../registry/prober';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import type { Task } from '../shared/settings';
import { huggingFacePageOf } from '../shared/huggingFacePage';
import { bytesToGib } from '../shared/units';
import type { Backends } from './backends';
import { installCommandsFor } from './installCommandsFor';
import type { InstalledModels } from './installedModels';
import { installTarget, ollamaNameOf } from './installPlanner';
import type { OpenedPool } from './openPool';
import type { RankingService } from './rankingService';

export interface InstallsOptions {
  readonly backends: Pick<Backends, 'canInstallOn' | 'hostOf' | 'installerOf'>;
  readonly installed: Pick<InstalledModels, 'has'>;
  readonly pool: Pick<OpenedPool, 'manager' | 'ready'>;
  readonly pulls: PullRuns;
  readonly prober: Pick<Prober, 'askAnew'>;
  readonly rankings: Pick<RankingService, 'host' | 'rank' | 'known'>;
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
  /** What the catalogue knows of a model. */
  readonly candidate: (modelId: string) => Promise<Pick<Candidate, 'family'> | undefined>;
  /** The layers that pulling a model would bring, as `askRegistry` has them. */
  readonly registryBlobs: (ollamaName: string) => Promise<readonly PoolBlob[] | 'gated' | null>;
  readonly task: () => Task;
  readonly registry: Pick<ModelRegistry, 'backends'>;
  /** What the user picked: of several servers on one machine, its own is where another model is looked for. */
  readonly pick: () => ModelChoice | undefined;
}

/**
 * So much of a size that is worked out from parameters and quantisation is certain: over the 2,196 builds of the catalogue
 * (2026-11-22) whose file is known it is at most 1.31 of that, for small models with a projector in a file of its own.
 */
const CERTAIN_SHARE = 0.75;

/** What installing a model would do, said before anything is done. */
export type InstallPlan =
  | {
      readonly kind: 'possible';
      readonly backendUrl: string;
      readonly licence: string | null;
      /** Where a person must accept the model's conditions first; null where nobody has said that they must. */
      readonly gatedPage: string | null;
      /** GiB of its weights by its parameters: the best there is where `preview.sizeBytes` is null. */
      readonly estimatedGib: number;
      /** What `install` is given once a person has agreed. */
      readonly request: PoolInstallRequest;
      readonly preview: InstallPreview;
    }
  | { readonly kind: 'impossible'; readonly message: string };

/** What can be installed where, what is, and how it gets there and away. */
export class Installs {
  readonly #seenSuccesses = new Set<string>();
  /** Pulls that this window has seen before their end. */
  readonly #seenUnderWay = new Set<string>();
  /** Names of models that are there, although their backends have not said so yet. */
  readonly #arrived = new Set<string>();

  constructor(private readonly options: InstallsOptions) {
    options.pulls.onDidChange((runs) => this.#refreshAfter(runs));
  }

  /** Whether models can be installed on and removed from a backend. */
  canInstallOn(backendId: string): boolean {
    return this.options.backends.canInstallOn(backendId);
  }

  isInstalled(model: RankedModel): boolean {
    const name = ollamaNameOf(model);
    if (name !== null && this.#arrived.has(name)) return true;
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

  /** The pool's entry of a served model; undefined where the pool does not keep it. */
  entryOf({ backend, modelId }: Pick<RegisteredModel, 'backend' | 'modelId'>): PoolEntry | undefined {
    const key = entryKey({ backend, ollamaName: modelId });
    return this.options.pool.manager.snapshot().entries.find((entry) => entryKey(entry) === key);
  }

  /**
   * Bytes that removing a served model frees on its disk, as far as the pool knows who else has its layers; null where
   * the pool does not keep it, or knows it by its size alone.
   */
  freedBytesOf(model: Pick<RegisteredModel, 'backend' | 'modelId'>): number | null {
    const { pool, backends } = this.options;
    const key = entryKey({ backend: model.backend, ollamaName: model.modelId });
    const host = backends.hostOf(model.backend);
    const there = pool.manager
      .snapshot()
      .entries.filter((entry) => backends.hostOf(entry.backend) === host && !entry.pendingEviction);
    const leaving = there.filter((entry) => entryKey(entry) === key && entry.basis !== 'tag');
    return leaving.length === 0 ? null : freedBytes(there, leaving);
  }

  /** Says what installing would do; changes nothing. */
  async plan(model: RankedModel): Promise<InstallPlan> {
    const { registry, backends, rankings, pool } = this.options;
    const { host } = rankings;
    const isThere = (id: string): boolean => backends.canInstallOn(id) && backends.hostOf(id) === host;
    const picked = this.#pickedBackend();
    const installers = registry
      .backends()
      .filter(({ id }) => isThere(id))
      .sort((a, b) => Number(b.id === picked) - Number(a.id === picked));
    const target = installTarget(model, installers, host);
    if (target.kind === 'impossible') return target;
    const [candidate, found] = await Promise.all([
      this.options.candidate(model.modelId),
      this.options.registryBlobs(target.name),
      pool.ready(),
    ]);
    const blobs = found === 'gated' ? null : found;
    // What the registry has now counts; the catalogue knows the weights alone, as they were.
    const sizeBytes = blobs ? distinctBytes([{ blobs }]) : model.fileBytes;
    const request: PoolInstallRequest = {
      ...{ backend: target.backend, ollamaName: target.name, hfRepoId: model.modelId, label: model.name },
      ...{ quant: model.quant, initialScore: model.score, consent: 'user' },
      ...(sizeBytes === undefined ? atLeastOf(model) : { sizeOnDiskGb: bytesToGib(sizeBytes) }),
      ...(candidate === undefined ? {} : { family: candidate.family }),
    };
    const preview = await pool.manager.preview(request);
    return {
      ...{ kind: 'possible', backendUrl: target.backendUrl, licence: model.licence ?? null },
      gatedPage: found === 'gated' ? huggingFacePageOf(target.name) : null,
      estimatedGib: model.vramEstimate.weightsGb,
      // What goes is what was shown: if that has changed when the pull begins, it does not begin.
      request: { ...request, mayEvict: preview.plan.evict.map(entryKey), evictFirst: preview.evictFirst },
      preview,
    };
  }

  /** Installs what was planned and agreed to. Resolves when it is there, or will not be. */
  install(request: PoolInstallRequest): Promise<InstallOutcome> {
    return this.options.pool.manager.install(request);
  }

  /** The command of each tool that gets this model, with a context that fits the machine of the views. */
  async commands(model: RankedModel, shell: Shell): Promise<readonly InstallCommand[]> {
    const { rankings, task } = this.options;
    const { profile } = await rankings.rank(task(), rankings.host);
    return installCommandsFor(model, profile, shell);
  }

  /**
   * Removes an installed model and looks at its backend again. One of the pool that a call uses goes when that has
   * ended: then the outcome is `pending`.
   */
  async remove(backend: string, name: string): Promise<EvictionOutcome> {
    const outcome = this.entryOf({ backend, modelId: name })
      ? await this.options.pool.manager.evict({ backend, ollamaName: name })
      : await this.#removeOutside(backend, name);
    // A probe that is under way may have looked before the model was gone.
    await this.options.prober.askAnew(backend);
    return outcome;
  }

  /** Takes a served model that was installed outside into the pool, so that the pool keeps its disk. */
  adopt(model: RegisteredModel, origin: PoolEntry['origin'] = 'pool'): ReturnType<PoolManager['adopt']> {
    const { canonicalId, rankings, task, backends, pool } = this.options;
    const id = canonicalId(model);
    const ranked = rankings
      .known(task(), backends.hostOf(model.backend))
      ?.models.find(({ modelId }) => modelId === id);
    return pool.manager.adopt({
      ...{ backend: model.backend, ollamaName: model.modelId, hfRepoId: id ?? null, origin },
      ...(model.capabilities.family === undefined ? {} : { family: model.capabilities.family }),
      score: ranked?.score ?? 0,
    });
  }

  #pickedBackend(): string | undefined {
    const picked = this.options.pick();
    return picked && 'backend' in picked ? picked.backend : undefined;
  }

  async #removeOutside(backend: string, name: string): Promise<EvictionOutcome> {
    const adapter = this.options.backends.installerOf(backend) ?? nullInstallAdapter();
    try {
      return await adapter.evict({ name });
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return { status: 'error', code: thrown.code, message: thrown.message };
    }
  }

  /** A pull that succeeded changed what its backend serves. */
  #refreshAfter(runs: readonly PullRun[]): void {
    for (const run of runs) {
      if (run.status !== 'succeeded') this.#seenUnderWay.add(run.runId);
      if (run.status !== 'succeeded' || this.#seenSuccesses.has(run.runId)) continue;
      this.#seenSuccesses.add(run.runId);
      // Until the answer is there, its row must not fall back to that of a model that is not.
      if (this.#seenUnderWay.delete(run.runId)) this.#arrived.add(run.name);
      void this.options.prober.askAnew(run.backend).finally(() => this.#arrived.delete(run.name));
    }
  }
}

/** What a model without a known size takes for sure; nothing is where its quantisation is not known. */
function atLeastOf({ vramEstimate }: RankedModel): Pick<PoolInstallRequest, 'atLeastGb'> {
  if (vramEstimate.quantWarning !== undefined) return {};
  return { atLeastGb: vramEstimate.weightsGb * CERTAIN_SHARE };
}
