import { randomUUID } from 'node:crypto';
import { PoolAutonomy } from '../pool/poolAutonomy';
import type { PoolManager } from '../pool/poolManager';
import type { ModelUses } from '../pool/poolRegistrar';
import { ProposalRuns } from '../pool/proposalRuns';
import type { ProposalStore } from '../pool/proposalStore';
import type { PullRuns } from '../pool/pullRuns';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import type { Settings } from '../shared/settings';
import type { Catalogue } from './catalogue';
import type { Hosts } from './hosts';
import type { RankingService } from './rankingService';
import { RefreshCycle } from './refreshCycle';
import { refreshIntervalMs, RefreshSchedule } from './refreshSchedule';
import { refreshStages, type Installer } from './refreshStages';

export interface OpenRefreshOptions {
  readonly hosts: Pick<Hosts, 'forget' | 'profileOf'>;
  readonly catalogue: Pick<Catalogue, 'isDue' | 'refresh' | 'snapshot' | 'status'>;
  readonly rankings: Pick<RankingService, 'invalidate' | 'rank'>;
  readonly pool: PoolManager;
  readonly pulls: Pick<PullRuns, 'queue'>;
  readonly proposals: ProposalStore;
  readonly uses: ModelUses;
  /** The backends that install models. */
  readonly installers: () => readonly Installer[];
  /** Whether a model, in whichever build, is installed on a machine: in the pool or outside of it. */
  readonly isInstalled: (host: HostId, modelId: string) => boolean;
  readonly settings: () => Settings;
  /** Whether this window does the background work of all. */
  readonly leads: () => boolean;
  /** Names this window among all, and this start of it. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What makes proposals, and carries them out. */
export interface OpenedRefresh {
  readonly cycle: RefreshCycle;
  /** To be run by the window that leads. */
  readonly schedule: RefreshSchedule;
  readonly proposalRuns: ProposalRuns;
  /** What carries proposals out by itself, after each refresh. */
  readonly autonomy: PoolAutonomy;
  /** To be called before the pulls are disposed of; a refresh that runs is ended by who began it. */
  dispose(): void;
}

/** The refreshes of a window, on its pool. Nothing is asked or read before the first. */
export function openRefresh(options: OpenRefreshOptions): OpenedRefresh {
  const { catalogue, pool, proposals: store, settings, clock, logger } = options;
  const proposalRuns = new ProposalRuns({ ...options, store });
  const autonomy = new PoolAutonomy({
    ...{ store, runs: proposalRuns, leads: options.leads, clock, logger },
    autonomy: () => settings().poolAutonomy,
  });
  const jitter = Math.random();
  const intervalMs = (): number => refreshIntervalMs(settings().refreshIntervalHours, jitter);
  const cycle = new RefreshCycle({
    stages: refreshStages({
      ...options,
      catalogueMaxAgeMs: intervalMs,
      task: () => settings().task,
      threshold: () => settings().refreshProposalThreshold,
      newId: randomUUID,
    }),
    completed: async () => {
      await pool.markRefreshed();
      // Downloads take hours; nobody who asked for a refresh waits for those.
      void autonomy.consider();
    },
    ...{ clock, logger },
  });
  const schedule = new RefreshSchedule({
    ...{ cycle, catalogue, intervalMs, clock, logger },
    lastRefreshAt: () => pool.snapshot().lastRefreshAt,
  });
  return { cycle, schedule, proposalRuns, autonomy, dispose: () => proposalRuns.dispose() };
}
