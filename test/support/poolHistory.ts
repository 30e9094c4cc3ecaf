import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Candidate, Observation, SnapshotLoadResult } from '../../src/catalog/candidate';
import { openRefresh, type OpenedRefresh } from '../../src/engine/openRefresh';
import { RankingService } from '../../src/engine/rankingService';
import type { RefreshReport } from '../../src/engine/refreshCycle';
import { profileFromOverride } from '../../src/hardware/overrideProfile';
import type { Proposal } from '../../src/pool/proposal';
import { ProposalStore } from '../../src/pool/proposalStore';
import { systemClock, type Clock } from '../../src/shared/clock';
import type { Logger } from '../../src/shared/logger';
import { DEFAULT_SETTINGS, type Settings, type Task } from '../../src/shared/settings';
import { SqlState } from '../../src/storage/state/sqlState';
import { declaredBytes, describeModel, type ModelPackage } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { evidenceLogger } from './evidence';
import { hastyClock, poolWindow, type PoolWindow } from './poolHouse';
import { SQL_WASM } from './programs';

const GIB = 2 ** 30;
const DAY_MS = 86_400_000;
/** The day of a refresh begins so late that every stamp of it is of that day. */
const START = Date.parse('2026-09-01T06:00:00Z');

/** A day of the history: calendar time stands still within it, while everything else passes quickly. */
class HistoryClock implements Clock {
  readonly #quick = hastyClock(400);
  day = 0;

  now(): number {
    return START + this.day * DAY_MS;
  }

  monotonicMs(): number {
    return this.#quick.monotonicMs();
  }

  after(delayMs: number, fn: () => void): () => void {
    return this.#quick.after(delayMs, fn);
  }
}

/** A model as the world has it: its score at coding by a benchmark of others, 0..100. */
export interface WorldModel {
  readonly org: string;
  readonly name: string;
  readonly gib: number;
  readonly coding: number;
  /** False: the catalogue names it, and nobody has it. */
  readonly exists?: boolean;
}

export interface HistoryOptions {
  readonly budgetGb?: number;
  readonly allowedOrgs?: readonly string[];
  readonly autonomy?: Settings['poolAutonomy'];
}

/** The name by which Ollama pulls a model of the world. */
export function nameIn(model: Pick<WorldModel, 'name'>): string {
  return `${model.name}:8b`;
}

/** An engine's pool on a real state and a faithful Ollama, through as many days as a test wants. */
export class PoolHistory {
  readonly clock = new HistoryClock();
  readonly #models = new Map<string, WorldModel>();
  #catalogue: SnapshotLoadResult = catalogueOf([]);
  refresh!: OpenedRefresh;
  proposals!: ProposalStore;
  window!: PoolWindow;
  #rankings!: RankingService;
  settings: Settings;
  #state!: SqlState;
  #folder = '';
  #rankAnew: () => void = () => undefined;
  /** Most GiB that the pool's models ever settled at on the server. */
  mostSettledGb = 0;

  private constructor(
    readonly ollama: FakeOllama,
    { budgetGb = 40, allowedOrgs = ['good'], autonomy = 'ask' }: HistoryOptions,
  ) {
    this.settings = {
      ...DEFAULT_SETTINGS,
      ...{ task: 'coding', poolAutonomy: autonomy, poolAllowedOrgs: allowedOrgs, poolDiskBudgetGb: budgetGb },
    };
  }

  static async open(options: HistoryOptions = {}): Promise<PoolHistory> {
    const ollama = await startFakeOllama({ bytesPerSecond: 1e13, progressIntervalMs: 5 });
    const history = new PoolHistory(ollama, options);
    await history.#open();
    return history;
  }

  async #open(): Promise<void> {
    const { clock, ollama } = this;
    const logger: Logger = evidenceLogger('sixty days');
    this.#folder = await mkdtemp(path.join(tmpdir(), 'pool-history-'));
    // The files have their own pace: a hasty wait for a lock would only be given up sooner.
    this.#state = new SqlState({ folder: this.#folder, wasmFile: SQL_WASM, clock: systemClock, logger });
    await this.#state.open();
    this.window = poolWindow({ state: this.#state, url: ollama.url, clock });
    const { store, pulls, pool } = this.window;
    this.proposals = new ProposalStore({ state: this.#state, scope: store.scope });
    const catalogue = {
      isDue: () => Promise.resolve(false),
      refresh: () => Promise.resolve(catalogue.status),
      snapshot: () => Promise.resolve(this.#catalogue),
      status: { state: 'snapshot', source: 'snapshot', date: null, message: '' } as const,
    };
    const box = { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 936 } as const;
    const hosts = {
      forget: () => undefined,
      profileOf: (host: string) => Promise.resolve(profileFromOverride(host, box, clock)),
    };
    // Evidence ships with the extension: other evidence means another start, and so another service.
    this.#rankAnew = () => {
      this.#rankings = new RankingService(
        {
          detect: (host) => hosts.profileOf(host),
          forgetHardware: () => undefined,
          loadSnapshot: () => Promise.resolve(this.#catalogue),
        },
        clock,
        logger,
      );
    };
    this.#rankAnew();
    const rankings = {
      rank: (task: Task, host?: string) => this.#rankings.rank(task, host),
      invalidate: () => this.#rankings.invalidate(),
    };
    const nothing = { now: () => Promise.resolve({ inUse: new Set<string>(), running: new Set<string>() }) };
    this.refresh = openRefresh({
      ...{ hosts, catalogue, rankings, pool, pulls, proposals: this.proposals, uses: nothing },
      ...{ installers: () => [{ backend: 'ollama', host: 'local' }], isInstalled: () => false },
      ...{ settings: () => this.settings, leads: () => true, owner: 'w1', clock, logger },
    });
    await pool.configurePool({
      ...{ diskBudgetGb: this.settings.poolDiskBudgetGb, allowedOrgs: this.settings.poolAllowedOrgs },
      ...{ allowedFamilies: [], defaultBackend: 'ollama' },
    });
  }

  /** Models come into the world, or have other scores from now on. */
  publish(...models: readonly WorldModel[]): void {
    for (const model of models) {
      this.#models.set(model.name, model);
      if (model.exists !== false) this.ollama.registry.offer(nameIn(model), this.packageOf(model));
    }
    this.#catalogue = catalogueOf([...this.#models.values()]);
    this.#rankAnew();
  }

  /** Lives one day: what was called is noted, then the refresh of the day runs, and what policy may do is done. */
  async live(day: number, used: readonly string[] = []): Promise<RefreshReport> {
    this.clock.day = day;
    const at = new Date(this.clock.now()).toISOString();
    for (const name of used) await this.window.pool.markUsed({ backend: 'ollama', ollamaName: name }, at);
    const report = await this.refresh.cycle.refresh({ reason: 'schedule' });
    await this.refresh.autonomy.consider();
    await this.window.pool.drain();
    const settled = [...this.ollama.store.blobs.values()].reduce((sum, { bytes }) => sum + bytes, 0) / GIB;
    this.mostSettledGb = Math.max(this.mostSettledGb, settled);
    return report;
  }

  /** Proposals as a person would list them: `open swap good-b:8b for good-a:8b`. */
  get shown(): readonly string[] {
    return this.proposals.all.map(
      ({ status, kind, target, replacesName }) =>
        `${status} ${kind} ${target.ollamaName}${replacesName === undefined ? '' : ` for ${replacesName}`}`,
    );
  }

  /** The newest open one about a model. */
  open(target: string): Proposal {
    const found = this.proposals.all.findLast(
      ({ status, target: { ollamaName } }) => status === 'open' && ollamaName === target,
    );
    if (!found) throw new Error(`nothing is open about ${target}: ${this.shown.join(', ')}`);
    return found;
  }

  /** What the registry has of a model: it weighs what it says. */
  packageOf({ name, gib }: WorldModel): ModelPackage {
    const guess = gib * GIB - 400;
    const small = declaredBytes(describeModel({ weightsBytes: guess, parameterSize: name })) - guess;
    return describeModel({ weightsBytes: gib * GIB - small, parameterSize: name });
  }

  get pooled(): readonly string[] {
    return this.window.pool.snapshot().entries.map(({ ollamaName }) => ollamaName);
  }

  /** Names in the bodies of requests of one kind, in their order. */
  asked(requestPath: '/api/pull' | '/api/delete'): readonly string[] {
    return this.ollama.requests
      .filter(({ path: requested }) => requested === requestPath)
      .map(({ body }) => /"(?:model|name)":"([^"]+)"/.exec(body)?.[1] ?? '');
  }

  async close(): Promise<void> {
    this.refresh.dispose();
    await this.window.close();
    await this.#state.close();
    await this.ollama.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function catalogueOf(models: readonly WorldModel[]): SnapshotLoadResult {
  return {
    ...{ source: 'frozen', warnings: [] },
    snapshot: {
      ...{ version: 1, generatedAt: '2026-09-01T00:00:00Z' },
      candidates: models.map(candidateOf),
      observations: models.map(observationOf),
    },
  };
}

function candidateOf({ org, name, gib }: WorldModel): Candidate {
  return {
    ...{ hfRepoId: `${org}/${name}`, name, org, family: org, role: 'chat', sizeB: 8 },
    capabilities: { tools: true, thinking: null, vision: false },
    builds: [{ quant: 'Q4_K_M', sizeBytes: gib * GIB, sizeBasis: 'exact', ollamaName: nameIn({ name }) }],
    lineagePosition: 0,
  };
}

function observationOf({ org, name, coding }: WorldModel): Observation {
  return {
    ...{ hfRepoId: `${org}/${name}`, source: 'livebench', benchmark: 'LiveBench Coding', task: 'coding' },
    ...{ value: coding, scale: 'percent', observedAt: '2026-08-20', independent: true },
  };
}
