import { randomUUID } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { BACKEND_KIND_TABLE } from './backends/backendKinds';
import type { EditorModels } from './backends/contract';
import { thisMachine } from './backends/findAddresses';
import { isInstallError, type EvictResult } from './backends/installAdapter';
import type { InstallCommand } from './backends/installCommands';
import { nullInstallAdapter } from './backends/nullInstall';
import type { Shell } from './backends/shellQuote';
import type { SnapshotLoadResult } from './catalog/candidate';
import { loadFrozenSnapshot } from './catalog/snapshot';
import { Dispatcher } from './dispatch/dispatcher';
import type { SecretReader } from './engine/backendHeaders';
import { Backends } from './engine/backends';
import { BackendSetup } from './engine/backendSetup';
import { BackgroundWork } from './engine/backgroundWork';
import type { Catalogue } from './engine/catalogue';
import { openCatalogue } from './engine/catalogueOpen';
import { CatalogueSchedule } from './engine/catalogueSchedule';
import { bestServedModel } from './engine/bestServedModel';
import { openHosts, type Hosts } from './engine/hosts';
import { installCommandsFor } from './engine/installCommandsFor';
import { InstalledModels } from './engine/installedModels';
import { ollamaNameOf, planInstall, type InstallPlan } from './engine/installPlanner';
import { ModelIdentity } from './engine/modelIdentity';
import { ModelLeases } from './engine/modelLeases';
import { Network } from './engine/network';
import type { NetworkSettings } from './engine/networkRules';
import { openSession } from './engine/openSession';
import { RankingService } from './engine/rankingService';
import { seedBaseline } from './engine/seedBaseline';
import type { ModelPoolSession } from './engine/sessionApi';
import {
  closeStores,
  openStores,
  transcriptFolder,
  type ShippedPrograms,
  type Stores,
} from './engine/stores';
import { PullRuns, type PullRun } from './pool/pullRuns';
import { explainRank } from './ranking/explain';
import type { RankedModel } from './ranking/rankTypes';
import type { Attention } from './registry/presence';
import { Prober } from './registry/prober';
import { ModelRegistry } from './registry/registry';
import type { RegisteredModel } from './registry/row';
import { Sessions } from './registry/sessions';
import { readBootId } from './shared/bootId';
import { systemClock, type Clock } from './shared/clock';
import type { DispatchRecord } from './shared/dispatchRecord';
import { HttpClient } from './shared/http';
import type { Logger } from './shared/logger';
import { modelRefKey, type HostId, type ModelRef } from './shared/modelRef';
import type { Settings } from './shared/settings';
import type { StateDatabase } from './storage/stateDatabase';
import type { TranscriptStore } from './storage/transcriptStore';

const BYTES_PER_MEGABYTE = 1_000_000;

export interface EngineOptions {
  /** Folder with the snapshot, the device table and the baseline that ship with the extension. */
  readonly dataDir: string;
  /** Folder for what must outlive a window; made on first write. */
  readonly storageDir: string;
  readonly programs: ShippedPrograms;
  readonly settings: Settings;
  readonly network: NetworkSettings;
  readonly secrets: SecretReader;
  /** The editor's own chat models; absent where there is no editor. */
  readonly editorModels?: EditorModels;
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
  /** Names this start of this window among all of them; begins with `w` and the process id. */
  readonly windowId = `w${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly registry: ModelRegistry;
  readonly dispatcher: Dispatcher;
  readonly pulls: PullRuns;
  readonly rankings: RankingService;
  /** Which models exist. */
  readonly catalogue: Catalogue;
  /** The machines that models run on. */
  readonly hosts: Hosts;
  /** What adding a backend asks. */
  readonly setup: BackendSetup;
  readonly leases: ModelLeases;
  readonly #options: EngineOptions;
  readonly #stores: Stores;
  readonly #network: Network;
  readonly #backends: Backends;
  readonly #sessions: Sessions;
  readonly #prober: Prober;
  readonly #work: BackgroundWork;
  readonly #identity: ModelIdentity;
  readonly #installed: InstalledModels;
  readonly #closeCatalogue: () => Promise<void>;
  #attention: Omit<Attention, 'calling'> = { viewVisible: false, focused: false };
  #snapshotLoad: Promise<SnapshotLoadResult> | undefined;
  /** Decode rate of the last call of each model in this window, tokens per second. */
  readonly #lastRates = new Map<string, number>();
  readonly #seenSuccesses = new Set<string>();
  #settings: Settings;

  constructor(options: EngineOptions, bootId: string) {
    this.#options = options;
    this.#settings = options.settings;
    const { logger, storageDir, programs, secrets, editorModels, env } = options;
    const clock = options.clock ?? systemClock;
    this.#network = new Network({ settings: options.network, env });
    const http = new HttpClient(this.#network.dispatcher);
    const editor = editorModels ? { editorModels } : {};
    this.#stores = openStores({ storageDir, programs, windowId: this.windowId, bootId, clock, logger });
    const { state, transcript, leases, leadership } = this.#stores;
    const settings = (): Settings => this.#settings;
    const opened = openCatalogue({
      ...{ storageDir, windowId: this.windowId, secrets, env, settings, clock, logger },
      loadSnapshot: () => this.#snapshot(),
      dispatcher: this.#network.dispatcher,
      runsMlx: process.platform === 'darwin' && process.arch === 'arm64',
    });
    this.catalogue = opened.catalogue;
    this.#closeCatalogue = () => opened.dispose();
    this.#identity = new ModelIdentity(() => this.catalogue.snapshot());
    this.hosts = openHosts({
      ...{ dataDir: options.dataDir, state, settings, bootId, clock, logger },
      bandwidthWorker: programs.bandwidthWorker,
    });
    this.registry = new ModelRegistry({ state, clock, logger });
    this.#sessions = new Sessions({ registry: this.registry, clock, logger, bootId, newId: randomUUID });
    this.#backends = new Backends({
      ...{ http, secrets, clock, logger, ...editor },
      // What a backend lists is grouped by maker, so the catalogue must be there before the first answer.
      ready: () => this.#identity.load(),
    });
    this.setup = new BackendSetup({ http, addresses: thisMachine(env), logger, ...editor });
    this.#prober = new Prober({
      ...{ registry: this.registry, clock, logger, bootId },
      providerOf: (model, kind) => this.#identity.providerOf(model, kind),
    });
    this.#work = new BackgroundWork({
      ...{ leadership, prober: this.#prober, registry: this.registry, clock, logger },
      catalogueSchedule: new CatalogueSchedule({
        ...{ catalogue: this.catalogue, clock, logger, random: Math.random },
        intervalHours: () => this.#settings.refreshIntervalHours,
      }),
      transcriptFolder: transcriptFolder(storageDir),
      limits: () => ({
        retentionDays: this.#settings.recordsRetentionDays,
        maxBytes: this.#settings.recordsMaxMb * BYTES_PER_MEGABYTE,
      }),
    });
    this.pulls = new PullRuns({ adapterFor: (id) => this.#backends.installerOf(id), clock, logger });
    this.rankings = new RankingService(
      {
        detect: (host) => this.hosts.profileOf(host),
        forgetHardware: () => this.hosts.forget(),
        loadSnapshot: () => this.catalogue.snapshot(),
      },
      clock,
      logger,
    );
    this.dispatcher = new Dispatcher({
      http: (id) => this.#backends.httpOf(id),
      ...{ registry: this.registry, transcript, clock, logger, newId: randomUUID },
      backend: (id) => this.#backends.config(id),
      pick: options.pick,
      task: () => this.#settings.task,
      bestModel: (task) =>
        bestServedModel(this.chatModels(), this.rankings.known(task)?.models ?? [], (model) =>
          this.#identity.canonicalId(model),
        ),
    });
    this.leases = new ModelLeases(leases, this.registry, this.dispatcher.inUse);
    this.#installed = new InstalledModels(this.#identity, (id) => this.hostOf(id));
    this.registry.onDidChangeRows(() => this.#installed.note(this.servedModels()));
    this.hosts.onDidChange(() => this.rankings.invalidate());
    this.catalogue.onDidChangeModels(() => void this.#takeNewModels());
    this.dispatcher.inUse.onDidChange(() => this.setAttention(this.#attention));
    this.pulls.onDidChange((runs) => this.#refreshAfter(runs));
    this.dispatcher.onDidRecord((record) => this.#learnFrom(record));
    this.configure(options.settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** The state that all windows share. */
  get state(): StateDatabase {
    return this.#stores.state;
  }

  get transcript(): TranscriptStore {
    return this.#stores.transcript;
  }

  /** Whether this window does the background work of all. */
  get leads(): boolean {
    return this.#stores.leadership.leads;
  }

  /** Reads what is stored and stands for the background work; nothing is asked before some seconds have passed. */
  start(): void {
    void this.#stores.state.open();
    void seedBaseline(this.registry, this.#options.dataDir, this.#options.logger);
    this.catalogue.start();
    this.#stores.leadership.start();
  }

  /** Applies changed settings; what they do not touch goes on. */
  configure(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    void this.#configureProber(settings);
    if (before.catalogOnline !== settings.catalogOnline) this.catalogue.settingsChanged();
    if (!isDeepStrictEqual(before.hardwareOverride, settings.hardwareOverride)) void this.rankings.redetect();
    else if (before.task !== settings.task || !isDeepStrictEqual(before.hosts, settings.hosts))
      this.rankings.invalidate();
  }

  /** New requests go through the network as these settings say. */
  configureNetwork(settings: NetworkSettings): void {
    this.#network.configure(settings);
  }

  /** Says how much of us is seen, by which local backends are looked at. */
  setAttention(attention: Omit<Attention, 'calling'>): void {
    this.#attention = attention;
    this.#prober.setAttention({ ...attention, calling: this.dispatcher.inUse.refs().length > 0 });
  }

  /**
   * Opens a session for another extension of this window.
   *
   * @throws {SessionError} `bad_request` for a name that cannot be one
   */
  registerSession(name: unknown): ModelPoolSession {
    const { logger } = this.#options;
    return openSession({ sessions: this.#sessions, dispatcher: this.dispatcher, logger }, name);
  }

  /** Asks one backend again, for example after its key was set. Rejects only when `signal` aborts. */
  async refreshBackend(id: string, signal?: AbortSignal): Promise<void> {
    await this.#prober.askAnew(id, signal);
  }

  /** Asks every backend again. Rejects only when `signal` aborts. */
  async refreshAll(signal: AbortSignal): Promise<void> {
    await this.#prober.refreshAll(signal);
  }

  /** Every model that any backend serves. */
  servedModels(): readonly RegisteredModel[] {
    return [...this.registry.listAllByBackend().values()].flat();
  }

  /** Whether a model can be talked to: embedding models cannot, nor those of backends that are only listed. */
  canCall({ backend, modelId, capabilities }: RegisteredModel): boolean {
    return capabilities.embedding !== true && this.#backends.canCall(backend, modelId);
  }

  /** Those that can be talked to. */
  chatModels(): readonly RegisteredModel[] {
    return this.servedModels().filter((model) => this.canCall(model));
  }

  hostOf(backendId: string): HostId {
    return this.#backends.hostOf(backendId);
  }

  /** Whether models can be installed on and removed from a backend. */
  canInstallOn(backendId: string): boolean {
    return this.#backends.canInstallOn(backendId);
  }

  isInstalled(model: RankedModel): boolean {
    return this.#installed.has(this.rankings.host, model.modelId);
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
    const { host } = this.rankings;
    const isThere = (id: string): boolean => this.canInstallOn(id) && this.hostOf(id) === host;
    const installers = this.registry.backends().filter(({ id }) => isThere(id));
    return planInstall(model, installers, this.#options.env, host);
  }

  /** The command of each tool that gets this model, with a context that fits this machine. */
  async installCommands(model: RankedModel, shell: Shell): Promise<readonly InstallCommand[]> {
    const { profile } = await this.rankings.rank(this.#settings.task, this.rankings.host);
    return installCommandsFor(model, profile, shell);
  }

  /** Removes an installed model and looks at its backend again. */
  async remove(backendId: string, name: string): Promise<EvictResult> {
    const adapter = this.#backends.installerOf(backendId) ?? nullInstallAdapter();
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
    this.#work.dispose();
    this.#sessions.disposeAll();
    this.#prober.dispose();
    this.pulls.dispose();
    await this.#closeCatalogue();
    // Calls that are cut off by this still write their record.
    await this.#network.dispose();
    await closeStores(this.#stores);
    this.registry.dispose();
  }

  async #configureProber(settings: Settings): Promise<void> {
    const configured = await this.#prober.configure({
      backends: this.#backends.configure(settings),
      localIntervalMs: settings.probeLocalMinutes * 60_000,
      hostedIntervalMs: settings.probeHostedHours * 3_600_000,
      isHosted: (kind) => BACKEND_KIND_TABLE[kind].hosted,
    });
    // The settings were checked before; this is a bug of ours.
    if (!configured.ok)
      this.#options.logger.log('error', 'prober.refused', { problems: configured.problems });
  }

  #snapshot(): Promise<SnapshotLoadResult> {
    this.#snapshotLoad ??= loadFrozenSnapshot({ path: path.join(this.#options.dataDir, 'snapshot.json') });
    return this.#snapshotLoad;
  }

  /** Discovery, of this window or another one, has found something. */
  async #takeNewModels(): Promise<void> {
    await this.#identity.reload();
    this.#installed.note(this.servedModels());
    this.rankings.invalidate();
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
    if (record.outcome.kind === 'provider_error') this.#prober.look(record.backend);
    const rate = record.timings?.measuredBy === 'server' ? record.timings.decodeTokPerSec : undefined;
    if (rate === undefined || rate <= 0) return;
    const { backend, provider, model: modelId } = record;
    this.#lastRates.set(modelRefKey({ backend, provider, modelId }), rate);
  }
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  return new Engine(options, await readBootId());
}
