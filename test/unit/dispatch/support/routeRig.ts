import type { BackendConfig, ListedCapabilities, ListedModel } from '../../../../src/backends/contract';
import type { ModelCandidate } from '../../../../src/dispatch/bestModel';
import type { BreakerState, BreakerView } from '../../../../src/dispatch/breaker';
import type { RouteSources } from '../../../../src/dispatch/resolve';
import type { ModelRegistry } from '../../../../src/registry/registry';
import type { ModelRef } from '../../../../src/shared/modelRef';
import { modelRefKey } from '../../../../src/shared/modelRef';
import { memoryRegistry, setReadiness } from '../../../support/registryState';
import { plainSources } from '../../../support/routeSources';

/** A model that a test's backend serves. */
export interface Served extends ModelRef {
  readonly capabilities?: ListedCapabilities;
  readonly running?: ListedModel['running'];
  /** Absent: not ranked. */
  readonly score?: number;
}

/** A registry with backends that answered, and route sources over it. */
export interface RouteRig {
  readonly registry: ModelRegistry;
  readonly configs: readonly BackendConfig[];
  serve(...models: readonly Served[]): Promise<void>;
  sources(change?: Partial<RouteSources>): RouteSources;
}

export const NO_FAILURES: BreakerView = { stateOf: () => 'closed' };

/** A breaker in which some models stand in some state. */
export function breakerWith(states: readonly (readonly [ModelRef, BreakerState])[]): BreakerView {
  const byKey = new Map(states.map(([ref, state]) => [modelRefKey(ref), state]));
  return { stateOf: (ref) => byKey.get(modelRefKey(ref)) ?? 'closed' };
}

export async function openRouteRig(configs: readonly BackendConfig[]): Promise<RouteRig> {
  const registry = memoryRegistry();
  await registry.configureBackends(configs);
  const served: Served[] = [];
  const candidateOf = ({ backend, provider, modelId, score }: Served): ModelCandidate[] => {
    const model = registry.find(backend, provider, modelId);
    const host = configs.find(({ id }) => id === backend)?.host ?? 'local';
    return model ? [{ model, host, score: score ?? null }] : [];
  };
  return {
    registry,
    configs,
    async serve(...models) {
      served.push(...models);
      for (const { backend, provider } of models) {
        await registry.upsert([
          {
            ...{ backend, provider, source: 'probe' as const, bootId: 'boot' },
            ...{ refreshedAt: 1_000 + served.length, refreshedMono: 1_000 + served.length },
            models: served
              .filter((model) => model.backend === backend && model.provider === provider)
              .map(({ modelId, capabilities = {}, running }) => ({
                ...{ modelId, displayName: modelId, capabilities },
                ...(running === undefined ? {} : { running }),
              })),
          },
        ]);
        await setReadiness(registry, backend, { readiness: 'ok' });
      }
    },
    sources: (change = {}) =>
      plainSources({
        registry,
        backend: (id) => configs.find((config) => config.id === id),
        candidates: () => served.flatMap(candidateOf),
        ...change,
      }),
  };
}
