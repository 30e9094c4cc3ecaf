import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { BACKEND_KIND_TABLE } from './backends/backendKinds';
import { thisMachine } from './backends/findAddresses';
import type { SnapshotLoadResult } from './catalog/candidate';
import { loadFrozenSnapshot } from './catalog/snapshot';
import type { ChatRequest } from './dispatch/chat';
import { Dispatcher } from './dispatch/dispatcher';
import type { Explanation } from './dispatch/explanation';
import type { RouteSources } from './dispatch/resolve';
import { Backends } from './engine/backends';
import { BackendSetup } from './engine/backendSetup';
import { BackgroundRankings } from './engine/backgroundRankings';
import { BackgroundWork, retentionLimits } from './engine/backgroundWork';
import type { EngineOptions } from './engine/engineOptions';
import type { Catalogue } from './engine/catalogue';
import { openCatalogue } from './engine/catalogueOpen';
import { openHosts, type Hosts } from './engine/hosts';
import { InstalledModels } from './engine/installedModels';
import { Installs } from './engine/installs';
import { ServedModels } from './engine/servedModels';
import type { ModelTrials } from './engine/modelTrials';
import { ModelfileBuilds } from './engine/modelfileBuilds';
import { openTrials } from './engine/openTrials';
import { modelCandidates } from './engine/modelCandidates';
import { ModelIdentity } from './engine/modelIdentity';
import { ModelLeases } from './engine/modelLeases';
import { Network } from './engine/network';
import type { NetworkSettings } from './engine/networkRules';
import { openPool, type OpenedPool } from './engine/openPool';
import { openSession } from './engine/openSession';
import { openRankings } from './engine/openRankings';
import type { RankingService } from './engine/rankingService';
import type { RefreshCycle } from './engine/refreshCycle';
import { seedBaseline } from './engine/seedBaseline';
import type { ModelPoolSession } from './engine/sessionApi';
import { closeStores, openStores, transcriptFolder, type Stores } from './engine/stores';
import type { ProposalRuns } from './pool/proposalRuns';
import type { PullRuns } from './pool/pullRuns';
import { askRegistry } from './pool/registryManifest';
import { explainRank } from './ranking/explain';
import type { RankedModel } from './ranking/rankTypes';
import type { Attention } from './registry/presence';
import { Prober } from './registry/prober';
import { ModelRegistry } from './registry/registry';
import type { BackendState, RegisteredModel } from './registry/row';
import { Sessions } from './registry/sessions';
import { readBootId } from './shared/bootId';
import { systemClock } from './shared/clock';
import type { DispatchRecord } from './shared/dispatchRecord';
import { Emitter } from './shared/events';
import { HttpClient } from './shared/http';
import type { HostId } from './shared/modelRef';
import type { Settings } from './shared/settings';
import { thinkingOf } from './shared/thinking';
import type { StateDatabase } from './storage/stateDatabase';
import type { TranscriptStore } from './storage/transcriptStore';

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
  /** The models that are kept within the disk budget. */
  readonly pool: OpenedPool;
  /** Carries out what is proposed for it. */
  readonly proposalRuns: ProposalRuns;
  /** Looks at everything again, and proposes. */
  readonly refreshes: RefreshCycle;
  readonly rankings: RankingService;
  /** Which models exist. */
  readonly catalogue: Catalogue;
  /** The machines that models run on. */
  readonly hosts: Hosts;
  /** What adding a backend asks. */
  readonly setup: BackendSetup;
  readonly leases: ModelLeases;
  /** What the backends serve, and what is known of it. */
  readonly served: ServedModels;
  /** Models that are created from Modelfiles. */
  readonly modelfileBuilds: ModelfileBuilds;
  /** Loading, measuring and trying models. */
  readonly trials: ModelTrials;
  /** What can be installed where, and what is. */
  readonly installs: Installs;
  readonly #options: EngineOptions;
  readonly #stores: Stores;
  readonly #network: Network;
  readonly #backends: Backends;
  readonly #sessions: Sessions;
  readonly #prober: Prober;
  readonly #work: BackgroundWork;
  readonly #identity: ModelIdentity;
  readonly #installed: InstalledModels;
  readonly #rankings: BackgroundRankings;
  readonly #closeTrials: () => void;
  readonly #closeCatalogue: () => Promise<void>;
  #attention: Omit<Attention, 'calling'> = { viewVisible: false, focused: false };
  #snapshotLoad: Promise<SnapshotLoadResult> | undefined;
  /** Backends that could not be used when they were last looked at. */
  readonly #away = new Set<string>();
  #settings: Settings;
  readonly #configured = new Emitter<Settings>();
  /** Calls the listener after the settings were changed. */
  readonly onDidConfigure = this.#configured.on;

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
      ...{ http, secrets, clock, logger, shell: options.shell ?? 'other', ...editor },
      // What a backend lists is grouped by maker, so the catalogue must be there before the first answer.
      ready: () => this.#identity.load(),
    });
    this.setup = new BackendSetup({ http, addresses: thisMachine(env), logger, ...editor });
    this.#prober = new Prober({
      ...{ registry: this.registry, clock, logger, bootId },
      providerOf: (model, kind) => this.#identity.providerOf(model, kind),
    });
    const hostOf = (id: string): HostId => this.hostOf(id);
    const canonicalId = (model: RegisteredModel): string | undefined => this.#identity.canonicalId(model);
    this.rankings = openRankings({
      ...{ hosts: this.hosts, catalogue: this.catalogue, hostOf, canonicalId, clock, logger },
      trials: () => this.trials,
      served: () => this.served,
    });
    const rankedOn = (host: HostId, task = this.#settings.task): readonly RankedModel[] =>
      this.rankings.known(task, host)?.models ?? [];
    this.served = new ServedModels({
      ...{ registry: this.registry, hostOf, canonicalId, ranked: rankedOn },
      kindOf: (id) => this.#backends.config(id)?.kind,
      isService: (id) => this.#backends.isService(id),
      contextFor: (model) => this.trials.contextFor(model),
      triedToolCalling: (model) => this.trials.toolCalling(model),
    });
    const routes: RouteSources = {
      registry: this.registry,
      backend: (id) => this.#backends.config(id),
      isHosted: (kind) => BACKEND_KIND_TABLE[kind].hosted,
      pick: options.pick,
      task: () => this.#settings.task,
      candidates: (task) =>
        modelCandidates(
          this.served.chat().filter((model) => !this.pool.isLeaving(model)),
          {
            ...{ hostOf, canonicalId, rankedOn: (host) => rankedOn(host, task) },
            isService: (id) => this.#backends.isService(id),
          },
        ),
      capabilityRules: () => this.#settings.capabilities,
      thinking: () => thinkingOf(this.#settings.thinking),
      retry: () => this.#settings.retry,
      escalation: () => this.#settings.escalation,
      toolCalling: (model) => this.trials.toolCalling(model),
      contextFor: (model, need) => this.trials.contextFor(model, need),
      missingRanking: (task) => this.#rankings.missing(task),
    };
    this.dispatcher = new Dispatcher({
      ...routes,
      http: (id) => this.#backends.httpOf(id),
      ...{ transcript, clock, logger, newId: randomUUID },
      ...(options.editorChat ? { editorChat: options.editorChat } : {}),
      fitOf: (model, contextTokens) => this.served.fitOf(model, contextTokens),
    });
    const trials = openTrials({
      ...{ state, hostName: hostname(), registry: this.registry, dispatcher: this.dispatcher, clock, logger },
      ...{
        rankings: this.rankings,
        canonicalId,
        backend: routes.backend,
        isHosted: routes.isHosted,
      },
      profileOf: (host) => this.hosts.profileOf(host),
      candidates: async () => (await this.catalogue.snapshot()).snapshot.candidates,
      http: (id) => this.#backends.httpOf(id),
      hold: (ref) => this.dispatcher.hold(ref),
      refresh: (id, signal) => this.refreshBackend(id, signal),
      leads: () => leadership.leads,
    });
    this.trials = trials.trials;
    this.#closeTrials = () => trials.dispose();
    this.modelfileBuilds = new ModelfileBuilds({
      ...{ backends: this.#backends, registry: this.registry, prober: this.#prober },
    });
    this.#rankings = new BackgroundRankings({
      ...{ rankings: this.rankings, clock, logger },
      hosts: () => this.served.hostsWithChoice(),
    });
    this.leases = new ModelLeases(leases, this.registry, this.dispatcher.inUse);
    this.#installed = new InstalledModels(this.#identity, hostOf);
    this.pool = openPool({
      ...{ state, scope: { hostOf, hostName: hostname() }, owner: this.windowId, bootId, clock, logger, env },
      ...{ dispatcher: this.dispatcher, registry: this.registry, trials: this.trials, served: this.served },
      ...{ leases, backends: this.#backends, prober: this.#prober, settings, hosts: this.hosts },
      ...{ catalogue: this.catalogue, rankings: this.rankings, leads: () => leadership.leads },
      isInstalled: (host, modelId) => this.#installed.has(host, modelId),
    });
    this.pulls = this.pool.pulls;
    this.proposalRuns = this.pool.refresh.proposalRuns;
    this.refreshes = this.pool.refresh.cycle;
    this.#work = new BackgroundWork({
      ...{ leadership, prober: this.#prober, registry: this.registry, clock, logger },
      refreshSchedule: this.pool.refresh.schedule,
      transcriptFolder: transcriptFolder(storageDir),
      limits: () => retentionLimits(this.#settings),
    });
    this.installs = new Installs({
      ...{ backends: this.#backends, installed: this.#installed, pool: this.pool, pulls: this.pulls },
      ...{ prober: this.#prober, rankings: this.rankings, registry: this.registry, canonicalId },
      candidate: async (id) =>
        (await this.catalogue.snapshot()).snapshot.candidates.find(({ hfRepoId }) => hfRepoId === id),
      registryBlobs: (name) => askRegistry(name, { http, online: () => this.#settings.catalogOnline }),
      task: () => this.#settings.task,
      pick: options.pick,
    });
    this.registry.onDidChangeRows(() => {
      this.#installed.note(this.served.all());
      this.#rankings.soon();
      this.rankings.measurementsChanged();
    });
    this.trials.onDidChange(() => this.rankings.measurementsChanged());
    this.hosts.onDidChange(() => this.rankings.invalidate());
    this.catalogue.onDidChangeModels(() => void this.#takeNewModels());
    this.dispatcher.inUse.onDidChange(() => this.setAttention(this.#attention));
    this.dispatcher.onDidRecord((record) => this.#learnFrom(record));
    this.registry.onDidChangeBackends((states) => this.#noteRecovered(states));
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
    void this.#stores.state.open().then(() => this.pool.ready());
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
    this.pool.settingsChanged();
    this.#configured.fire(settings);
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
    const explain = (request: ChatRequest): Explanation => this.dispatcher.explainRoute(request);
    return openSession({ sessions: this.#sessions, dispatcher: this.dispatcher, explain, logger }, name);
  }

  /** Asks one backend again, for example after its key was set. Rejects only when `signal` aborts. */
  async refreshBackend(id: string, signal?: AbortSignal): Promise<void> {
    await this.#prober.askAnew(id, signal);
  }

  /** Asks every backend again. Rejects only when `signal` aborts. */
  async refreshAll(signal: AbortSignal): Promise<void> {
    await this.#prober.refreshAll(signal);
  }

  hostOf(backendId: string): HostId {
    return this.#backends.hostOf(backendId);
  }

  /** Why this model has this score, in a sentence. */
  explain(model: RankedModel): string {
    return explainRank(model).sentence;
  }

  /** Ends timers, pulls and connections, and writes what the transcript holds. */
  async dispose(): Promise<void> {
    this.#work.dispose();
    this.#sessions.disposeAll();
    this.#prober.dispose();
    this.pool.dispose();
    this.#closeTrials();
    this.#rankings.dispose();
    this.rankings.dispose();
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
    this.#installed.note(this.served.all());
    this.rankings.invalidate();
  }

  /** What failed while a backend was away need not fail now that it is back. */
  #noteRecovered(states: readonly BackendState[]): void {
    for (const { id, readiness } of states) {
      if (readiness === 'ok' && this.#away.delete(id)) this.dispatcher.resetBreaker(id);
      else if (readiness !== 'ok') this.#away.add(id);
    }
  }

  /** A call tells how fast its model is, or that its backend may be gone. */
  #learnFrom(record: DispatchRecord): void {
    if (record.outcome.kind === 'provider_error') this.#prober.look(record.backend);
    this.served.learnFrom(record);
  }
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  return new Engine(options, await readBootId());
}
