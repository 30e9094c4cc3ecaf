import type { InstallAdapter } from '../backends/installAdapter';
import { PoolManager } from '../pool/poolManager';
import { PoolRegistrar } from '../pool/poolRegistrar';
import type { PoolScope } from '../pool/poolRows';
import { PoolStateStore } from '../pool/poolStateStore';
import { ProposalStore } from '../pool/proposalStore';
import { PullRuns } from '../pool/pullRuns';
import type { ModelRef } from '../shared/modelRef';
import type { LeaseStore } from '../storage/leaseStore';
import type { StateDatabase } from '../storage/stateDatabase';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { Prober } from '../registry/prober';
import type { ModelRegistry } from '../registry/registry';
import type { Backends } from './backends';
import { openRefresh, type OpenedRefresh, type OpenRefreshOptions } from './openRefresh';
import type { ModelTrials } from './modelTrials';
import { PoolDiskReader } from './poolDiskReader';
import { PoolUpkeep } from './poolUpkeep';
import { PoolUses } from './poolUses';
import type { ServedModels } from './servedModels';

export interface OpenPoolOptions extends Pick<
  OpenRefreshOptions,
  'hosts' | 'catalogue' | 'rankings' | 'isInstalled' | 'settings' | 'leads' | 'owner' | 'clock' | 'logger'
> {
  readonly state: StateDatabase;
  readonly scope: PoolScope;
  readonly bootId: string;
  readonly backends: Pick<Backends, 'config' | 'installerOf' | 'installers'>;
  readonly registry: Pick<ModelRegistry, 'listForBackend' | 'onDidChangeRows'>;
  readonly dispatcher: Pick<Dispatcher, 'inUse' | 'onDidRecord'>;
  readonly trials: Pick<ModelTrials, 'onDidChange'>;
  readonly prober: Pick<Prober, 'askAnew'>;
  readonly served: Pick<ServedModels, 'toolCallingOf'>;
  /** What the other windows use. */
  readonly leases: Pick<LeaseStore, 'others'>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The pool of this machine, and what belongs to it. */
export interface OpenedPool {
  readonly manager: PoolManager;
  readonly pulls: PullRuns;
  readonly proposals: ProposalStore;
  readonly disk: PoolDiskReader;
  /** What looks at everything again, makes proposals and carries them out. */
  readonly refresh: OpenedRefresh;
  /** Resolves once the pool has the bounds of the settings. */
  ready(): Promise<void>;
  settingsChanged(): void;
  /** Whether a model goes as soon as nothing uses it, so that no call should choose it by itself. */
  isLeaving(model: Pick<ModelRef, 'backend' | 'modelId'>): boolean;
  /** Ends what this window downloads; another one goes on with it. */
  dispose(): void;
}

/** Builds the pool on the stores of a window. Nothing is asked or read before it is used. */
export function openPool(options: OpenPoolOptions): OpenedPool {
  const { state, scope, owner, bootId, backends, registry, dispatcher, trials, served, leases } = options;
  const { clock, logger } = options;
  const adapterFor = (id: string): InstallAdapter | undefined => backends.installerOf(id);
  const others = (): ReturnType<LeaseStore['others']> => leases.others();
  const uses = new PoolUses({ registry, inUse: dispatcher.inUse, others, adapterFor });
  const disk = new PoolDiskReader(options);
  const store = new PoolStateStore({ state, clock, ...scope });
  const reading = {
    manifestBlobs: (backendId: string, name: string) => disk.manifestBlobs(backendId, name),
    freeBytes: (backendId: string) => disk.freeBytes(backendId),
  };
  const registrar = new PoolRegistrar({ ...{ store, adapterFor, uses, clock, logger }, ...reading });
  const pulls = new PullRuns({
    ...{ adapterFor, state, scope, owner, bootId, clock, logger, gate: registrar },
  });
  const manager = new PoolManager({
    ...{ store, pulls, registrar, adapterFor, uses, clock, logger },
    ...reading,
  });
  const upkeep = new PoolUpkeep({
    ...{ pool: manager, settings: options.settings, dispatcher, registry, clock },
    toolCallingOf: (model) => served.toolCallingOf(model),
    onDidTry: (listener) => trials.onDidChange(listener),
    askAnew: (backendId) => void options.prober.askAnew(backendId),
  });
  const proposals = new ProposalStore({ state, scope });
  const refresh = openRefresh({
    ...{ ...options, pool: manager, pulls, proposals, uses },
    installers: () => backends.installers(),
  });
  return {
    ...{ manager, pulls, disk, proposals, refresh },
    ready: () => upkeep.ready(),
    settingsChanged: () => upkeep.settingsChanged(),
    isLeaving: (model) => upkeep.isLeaving(model),
    dispose: () => {
      upkeep.dispose();
      refresh.dispose();
      pulls.dispose();
    },
  };
}
