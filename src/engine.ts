import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Agent } from 'undici';
import { BACKEND_KIND_TABLE } from './backends/backendKinds';
import type { Backend, BackendConfig } from './backends/contract';
import { isInstallError, type EvictResult, type InstallAdapter } from './backends/installAdapter';
import type { InstallCommand } from './backends/installCommands';
import { nullInstallAdapter } from './backends/nullInstall';
import { OllamaInstallAdapter } from './backends/ollamaInstall';
import { findBackends, recogniseBackend, type FoundBackend } from './backends/recognise';
import type { Shell } from './backends/shellQuote';
import type { SnapshotLoadResult } from './catalog/candidate';
import { loadFrozenSnapshot } from './catalog/snapshot';
import { Dispatcher } from './dispatch/dispatcher';
import { bestServedModel } from './engine/bestServedModel';
import { backendConfigs } from './engine/backendConfigs';
import { installCommandsFor } from './engine/installCommandsFor';
import { ollamaNameOf, planInstall, type InstallPlan } from './engine/installPlanner';
import { ModelIdentity } from './engine/modelIdentity';
import { RankingService } from './engine/rankingService';
import { HardwareDetector } from './hardware/detector';
import { DeviceTable } from './hardware/deviceTable';
import { PullRuns, type PullRun } from './pool/pullRuns';
import { explainRank } from './ranking/explain';
import type { RankedModel } from './ranking/rankTypes';
import { Prober } from './registry/prober';
import { ModelRegistry } from './registry/registry';
import type { RegisteredModel } from './registry/row';
import { MemoryRowStore } from './registry/rowStore';
import { systemClock, type Clock } from './shared/clock';
import type { DispatchRecord } from './shared/dispatchRecord';
import { HttpClient } from './shared/http';
import type { Logger } from './shared/logger';
import { LOCAL_HOST, modelRefKey, type HostId, type ModelRef } from './shared/modelRef';
import type { Settings } from './shared/settings';
import { TranscriptFiles } from './storage/transcriptFiles';

export interface EngineOptions {
  /** Folder with the snapshot and the device table that ship with the extension. */
  readonly dataDir: string;
  /** Folder for what must outlive a window; made on first write. */
  readonly storageDir: string;
  readonly settings: Settings;
  /** The model that the user picked, read at each call. */
  readonly pick: () => ModelRef | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/**
 * Everything behind the user interface, without `vscode`: builds every room, wires them to one another, and holds what
 * belongs to none of them. The extension, the tests and the benches all start here.
 */
export class Engine {
  readonly registry: ModelRegistry;
  readonly dispatcher: Dispatcher;
  readonly pulls: PullRuns;
  readonly transcript: TranscriptFiles;
  readonly rankings: RankingService;
  readonly #options: EngineOptions;
  readonly #agent = new Agent({ connect: { timeout: 5_000 } });
  readonly #http = new HttpClient(this.#agent);
  readonly #clock: Clock;
  readonly #prober: Prober;
  readonly #identity = new ModelIdentity(() => this.#snapshot());
  #installed: ReadonlySet<string | undefined> = new Set();
  #snapshotLoad: Promise<SnapshotLoadResult> | undefined;
  /** Decode rate of the last call of each model in this window, tokens per second. */
  readonly #lastRates = new Map<string, number>();
  readonly #seenSuccesses = new Set<string>();
  #settings: Settings;
  #detectorMade: HardwareDetector | undefined;
  #configs: readonly BackendConfig[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { logger, storageDir } = options;
    const clock = (this.#clock = options.clock ?? systemClock);
    this.registry = new ModelRegistry(new MemoryRowStore(), logger);
    this.transcript = new TranscriptFiles({
      storageFolder: storageDir,
      writerId: randomUUID(),
      clock,
      logger,
    });
    this.#prober = new Prober({
      registry: this.registry,
      clock,
      logger,
      providerOf: (model) => this.#identity.providerOf(model),
      bootId: randomUUID(),
    });
    this.pulls = new PullRuns({ adapterFor: (id) => this.#installerOf(id), clock, logger });
    this.rankings = new RankingService(
      {
        detect: () => this.#detector().detect(),
        forgetHardware: () => this.#detector().invalidate(),
        loadSnapshot: () => this.#snapshot(),
      },
      clock,
      logger,
    );
    this.dispatcher = new Dispatcher({
      http: (id) => this.#httpOf(id),
      registry: this.registry,
      transcript: this.transcript,
      clock,
      logger,
      newId: randomUUID,
      backend: (id) => this.#configs.find((config) => config.id === id),
      pick: options.pick,
      task: () => this.#settings.task,
      bestModel: (task) =>
        bestServedModel(this.chatModels(), this.rankings.known(task)?.models ?? [], (model) =>
          this.#identity.canonicalId(model),
        ),
    });
    this.registry.onDidChangeRows(() => {
      this.#installed = new Set(this.servedModels().map((model) => this.#identity.canonicalId(model)));
    });
    this.pulls.onDidChange((runs) => this.#refreshAfter(runs));
    this.dispatcher.onDidRecord((record) => this.#learnFrom(record));
    this.configure(options.settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Begins the background work: the first look at the backends comes some seconds later. */
  start(): void {
    this.#prober.start();
  }

  /** Applies changed settings; what they do not touch goes on. */
  configure(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#configs = backendConfigs(settings);
    const { logger } = this.#options;
    const backends = this.#configs.map((config): Backend =>
      this.#identified(
        BACKEND_KIND_TABLE[config.kind].create({ config, http: this.#httpOf(config.id), logger }),
      ),
    );
    void this.#prober.configure({ backends, localIntervalMs: settings.probeLocalMinutes * 60_000 });
    if (!isDeepStrictEqual(before.hardwareOverride, settings.hardwareOverride)) void this.rankings.redetect();
    else if (before.task !== settings.task) this.rankings.invalidate();
  }

  /** Asks every backend again. Rejects only when `signal` aborts. */
  async refreshAll(signal: AbortSignal): Promise<void> {
    await this.#prober.refreshAll(signal);
  }

  /** Looks for model servers at the usual addresses; adds nothing. */
  findBackends(signal: AbortSignal): Promise<readonly FoundBackend[]> {
    return findBackends(this.#http, this.#options.env, signal);
  }

  /** What listens at an address, or null where it is nothing that we know. */
  recogniseBackend(url: string, signal: AbortSignal): Promise<FoundBackend | null> {
    return recogniseBackend({ http: this.#http, url, signal });
  }

  /** Every model that any backend serves. */
  servedModels(): readonly RegisteredModel[] {
    return [...this.registry.listAllByBackend().values()].flat();
  }

  /** Those that can be talked to. */
  chatModels(): readonly RegisteredModel[] {
    return this.servedModels().filter((model) => model.capabilities.embedding !== true);
  }

  hostOf(backendId: string): HostId {
    return this.#configs.find((config) => config.id === backendId)?.host ?? LOCAL_HOST;
  }

  /** Whether models can be installed on and removed from a backend. */
  canInstallOn(backendId: string): boolean {
    return this.#configs.some((config) => config.id === backendId && config.kind === 'ollama');
  }

  isInstalled(model: RankedModel): boolean {
    return this.#installed.has(model.modelId);
  }

  /** Why this model has this score, in a sentence. */
  explain(model: RankedModel): string {
    return explainRank(model).sentence;
  }

  /** The name by which Ollama would pull the model's best build; null where none is known. */
  installNameOf(model: RankedModel): string | null {
    return ollamaNameOf(model);
  }

  /** The running or stopped install of this model, where there is one. */
  pullOf(model: RankedModel): PullRun | undefined {
    const name = ollamaNameOf(model);
    return name === null
      ? undefined
      : this.pulls.runs.find((run) => run.name === name && run.status !== 'succeeded');
  }

  /** Says what installing would do; changes nothing. */
  planInstall(model: RankedModel): Promise<InstallPlan> {
    const installers = this.registry.backends().filter((state) => this.canInstallOn(state.id));
    return planInstall(model, installers, this.#options.env);
  }

  /** The command of each tool that gets this model, with a context that fits this machine. */
  async installCommands(model: RankedModel, shell: Shell): Promise<readonly InstallCommand[]> {
    const { profile } = await this.rankings.rank(this.#settings.task);
    return installCommandsFor(model, profile, shell);
  }

  /** Removes an installed model and looks at its backend again. */
  async remove(backendId: string, name: string): Promise<EvictResult> {
    const adapter = this.#installerOf(backendId) ?? nullInstallAdapter();
    try {
      const result = await adapter.evict({ name });
      await this.#prober.refresh(backendId);
      return result;
    } catch (thrown) {
      if (!isInstallError(thrown)) throw thrown;
      return { status: 'error', code: thrown.code, message: thrown.message };
    }
  }

  /** Tokens per second of a model's last answer in this window, as its server measured it; null before. */
  lastDecodeRate(ref: ModelRef): number | null {
    return this.#lastRates.get(modelRefKey(ref)) ?? null;
  }

  /** Ends timers, pulls and connections, and writes what the transcript holds. */
  async dispose(): Promise<void> {
    this.#prober.stop();
    this.pulls.dispose();
    // Calls that are cut off by this still write their record.
    await this.#agent.destroy();
    await this.transcript.flush();
  }

  /** What a backend lists is grouped by maker, so the catalogue must be there before the first answer. */
  #identified(backend: Backend): Backend {
    return {
      config: backend.config,
      probe: async (signal) => {
        await this.#identity.load();
        return backend.probe(signal);
      },
    };
  }

  #snapshot(): Promise<SnapshotLoadResult> {
    this.#snapshotLoad ??= loadFrozenSnapshot({ path: path.join(this.#options.dataDir, 'snapshot.json') });
    return this.#snapshotLoad;
  }

  /** Made on first use, so that a start touches no file. */
  #detector(): HardwareDetector {
    const { dataDir, logger } = this.#options;
    this.#detectorMade ??= new HardwareDetector({
      deviceTable: DeviceTable.load(path.join(dataDir, 'devices.json')),
      override: () => this.#settings.hardwareOverride,
      now: () => this.#clock.now(),
      logger,
    });
    return this.#detectorMade;
  }

  /** The client of one backend: it adds the headers of the settings as they are at each request. */
  #httpOf(backendId: string): HttpClient {
    const config = (): BackendConfig | undefined => this.#configs.find(({ id }) => id === backendId);
    return this.#http.withHeaders(() => Promise.resolve(config()?.headers ?? {}));
  }

  #installerOf(backendId: string): InstallAdapter | undefined {
    const config = this.#configs.find((candidate) => candidate.id === backendId);
    if (config?.kind !== 'ollama') return undefined;
    return new OllamaInstallAdapter({
      baseUrl: config.url,
      http: this.#httpOf(backendId),
      clock: this.#clock,
      logger: this.#options.logger,
    });
  }

  /** A pull that succeeded changed what its backend serves. */
  #refreshAfter(runs: readonly PullRun[]): void {
    for (const run of runs) {
      if (run.status !== 'succeeded' || this.#seenSuccesses.has(run.runId)) continue;
      this.#seenSuccesses.add(run.runId);
      void this.#prober.refresh(run.backend);
    }
  }

  /** A call tells how fast its model is, or that its backend may be gone. */
  #learnFrom(record: DispatchRecord): void {
    if (record.outcome.kind === 'provider_error') void this.#prober.refresh(record.backend);
    const rate = record.timings?.measuredBy === 'server' ? record.timings.decodeTokPerSec : undefined;
    if (rate === undefined || rate <= 0) return;
    const { backend, provider, model: modelId } = record;
    this.#lastRates.set(modelRefKey({ backend, provider, modelId }), rate);
  }
}

export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}
