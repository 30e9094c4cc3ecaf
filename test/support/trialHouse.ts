import { randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import { BACKEND_KIND_TABLE } from '../../src/backends/backendKinds';
import type { BackendConfig } from '../../src/backends/contract';
import type { Candidate } from '../../src/catalog/candidate';
import { Dispatcher } from '../../src/dispatch/dispatcher';
import type { ModelTrials } from '../../src/engine/modelTrials';
import { openTrials } from '../../src/engine/openTrials';
import { profileFromOverride } from '../../src/hardware/overrideProfile';
import { Prober } from '../../src/registry/prober';
import type { ModelRegistry } from '../../src/registry/registry';
import { systemClock } from '../../src/shared/clock';
import { dispatchRecordSchema, type DispatchRecord } from '../../src/shared/dispatchRecord';
import { HttpClient } from '../../src/shared/http';
import { evidenceLogger, keepRecord } from './evidence';
import { MemoryState, memoryRegistry } from './registryState';
import { plainSources } from './routeSources';

/** A machine without a GPU, on which a few small models fit. */
const MACHINE = { platform: 'cpu', vramGb: 0, ramGb: 16, bandwidthGbps: 20 } as const;

/** Trials over a real dispatcher and real backends, wired as the engine wires them, with the state in memory. */
export interface TrialHouse {
  readonly registry: ModelRegistry;
  readonly dispatcher: Dispatcher;
  readonly trials: ModelTrials;
  readonly records: readonly DispatchRecord[];
  refresh(backendId: string): Promise<void>;
  close(): Promise<void>;
}

export interface TrialHouseOptions {
  readonly configs: readonly BackendConfig[];
  readonly candidates?: readonly Candidate[];
  readonly canonicalId?: (model: { readonly modelId: string }) => string | undefined;
  readonly leads?: boolean;
}

/** Builds the house and probes every backend once. */
export async function openTrialHouse(options: TrialHouseOptions): Promise<TrialHouse> {
  const { configs, candidates = [], canonicalId = () => undefined } = options;
  const agent = new Agent();
  const http = new HttpClient(agent);
  const state = new MemoryState();
  const common = { clock: systemClock, logger: evidenceLogger('trials') };
  const registry = memoryRegistry({ state, ...common });
  const prober = new Prober({ registry, ...common, providerOf: () => 'local', bootId: 'boot' });
  const backend = (id: string): BackendConfig | undefined => configs.find((config) => config.id === id);
  const refresh = async (id: string, signal?: AbortSignal): Promise<void> => {
    await prober.refresh(id, signal);
  };
  const appended: DispatchRecord[] = [];
  const dispatcher = new Dispatcher({
    ...plainSources({
      ...{ registry, backend },
      toolCalling: (model) => trials.toolCalling(model),
      contextFor: (model, need) => trials.contextFor(model, need),
    }),
    ...common,
    transcript: { append: (record) => appended.push(dispatchRecordSchema.parse(record)) },
    http: () => http,
    newId: randomUUID,
  });
  dispatcher.onDidRecord((record) => keepRecord('trials', record));
  const opened = openTrials({
    ...{ state, hostName: 'box', registry, dispatcher, backend, refresh, canonicalId, ...common },
    rankings: { onDidChange: () => () => undefined },
    isHosted: (kind) => BACKEND_KIND_TABLE[kind].hosted,
    profileOf: (host) => Promise.resolve(profileFromOverride(host, MACHINE, systemClock)),
    candidates: () => Promise.resolve(candidates),
    hold: (ref) => dispatcher.hold(ref),
    http: () => http,
    leads: () => options.leads === true,
  });
  const { trials } = opened;
  await prober.configure({
    backends: configs.map((config) => BACKEND_KIND_TABLE[config.kind].create({ config, http })),
  });
  for (const { id } of configs) await refresh(id);
  return {
    ...{
      registry,
      dispatcher,
      trials,
      records: appended,
      refresh,
    },
    async close() {
      opened.dispose();
      prober.dispose();
      await agent.destroy();
    },
  };
}
