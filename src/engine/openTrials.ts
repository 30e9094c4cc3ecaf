import type { BackendConfig } from '../backends/contract';
import type { Dispatcher } from '../dispatch/dispatcher';
import type { ModelRegistry } from '../registry/registry';
import type { Clock } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { StateDatabase } from '../storage/stateDatabase';
import { ContextStore } from './contextStore';
import { DispatchLearning } from './dispatchLearning';
import { LoadContexts, type LoadContextsOptions } from './loadContexts';
import { LoadedProbes } from './loadedProbes';
import { LoadReadback } from './loadReadback';
import { MeasurementStore } from './measurementStore';
import { ModelTrials, type ModelTrialsOptions } from './modelTrials';
import type { RankingService } from './rankingService';
import { ToolCallingStore } from './toolCallingStore';

export interface OpenTrialsOptions
  extends
    Pick<LoadContextsOptions, 'profileOf' | 'candidates' | 'canonicalId'>,
    Pick<ModelTrialsOptions, 'hold' | 'refresh'> {
  readonly state: StateDatabase;
  /** This machine's own name. */
  readonly hostName: string;
  readonly registry: Pick<ModelRegistry, 'find' | 'listAllByBackend' | 'onDidChangeRows'>;
  readonly dispatcher: Pick<Dispatcher, 'dispatch' | 'explain' | 'inUse' | 'onDidRecord'>;
  /** Fires when a machine, its description or the catalogue is another one. */
  readonly rankings: Pick<RankingService, 'onDidChange'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  readonly isHosted: (kind: BackendConfig['kind']) => boolean;
  readonly http: (backendId: string) => HttpClient;
  /** Whether this window does the background work of all. */
  readonly leads: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenTrials {
  readonly trials: ModelTrials;
  /** Ends what was begun by itself. */
  dispose(): void;
}

/** The trials of an engine with all that they learn from: calls, what is loaded, machines. */
export function openTrials(options: OpenTrialsOptions): OpenTrials {
  const { state, hostName, registry, dispatcher, rankings, leads, clock, logger } = options;
  const toolCalling = new ToolCallingStore({ state, logger });
  const measurements = new MeasurementStore({ state, hostName, logger });
  const store = new ContextStore({ state, hostName, logger });
  const contexts = new LoadContexts({ ...options, store });
  const trials = new ModelTrials({ ...options, contexts, toolCalling, measurements });
  const learning = new DispatchLearning({ ...options, contexts, measurements, clock });
  const readback = new LoadReadback(options);
  const probes = new LoadedProbes({ ...options, trials, inUse: dispatcher.inUse });
  const stops = [
    dispatcher.onDidRecord((record) => {
      learning.note(record);
      void readback.note(record);
    }),
    rankings.onDidChange(() => contexts.factsChanged()),
    registry.onDidChangeRows(() => {
      contexts.rowsChanged();
      if (leads()) void probes.consider([...registry.listAllByBackend().values()].flat());
    }),
  ];
  return {
    trials,
    dispose() {
      for (const stop of stops) stop();
      probes.dispose();
    },
  };
}
