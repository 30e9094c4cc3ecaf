import type { PoolEntry } from '../pool/poolState';
import type { Proposal } from '../pool/proposal';
import type { RegisteredModel } from '../registry/row';
import type { Settings } from '../shared/settings';
import type { CONTEXT_KEYS } from './manifest/views';

type ContextKey = keyof typeof CONTEXT_KEYS;

/** Those that tell of something that happened, and are set where it happens. */
export const EVENT_KEYS = ['hasFound', 'hasAnswered'] as const satisfies readonly ContextKey[];

/** Those that follow from how things are. */
export type StateKey = Exclude<ContextKey, (typeof EVENT_KEYS)[number]>;

/** The parts of the engine that they follow from. */
export interface StateKeySources {
  readonly registry: { backends(): readonly { readonly id: string }[] };
  readonly hosts: { known(): readonly unknown[] };
  readonly served: { chat(): readonly unknown[]; all(): readonly RegisteredModel[] };
  readonly installs: {
    canInstallOn(backend: string): boolean;
    entryOf(model: RegisteredModel): Pick<PoolEntry, 'origin' | 'pinned' | 'pendingEviction'> | undefined;
  };
  readonly pool: {
    readonly proposals: { readonly all: readonly Pick<Proposal, 'status'>[] };
    readonly manager: { snapshot(): { readonly lastRefreshAt: string | null } };
  };
  readonly settings: Pick<Settings, 'poolAllowedOrgs'>;
}

/** The keys that `when` clauses read, as things are now; a key of the manifest that is not among them does not compile. */
export function stateKeys(engine: StateKeySources): Readonly<Record<StateKey, boolean>> {
  const { registry, hosts, served, installs, pool, settings } = engine;
  const backends = registry.backends();
  const entries = served
    .all()
    .filter(({ backend }) => installs.canInstallOn(backend))
    .map((model) => installs.entryOf(model));
  const staying = entries.filter((entry) => entry?.origin === 'pool' && entry.pendingEviction !== true);
  return {
    ready: true,
    hasBackends: backends.length > 0,
    hasHosts: hosts.known().length > 1,
    hasChatModels: served.chat().length > 0,
    hasInstallable: backends.some(({ id }) => installs.canInstallOn(id)),
    hasPinnable: staying.some((entry) => entry?.pinned === false),
    hasPinned: staying.some((entry) => entry?.pinned === true),
    hasOutside: entries.includes(undefined),
    hasProposals: pool.proposals.all.some(({ status }) => status === 'open'),
    hasAllowed: settings.poolAllowedOrgs.length > 0,
    hasCompared: pool.manager.snapshot().lastRefreshAt !== null,
  };
}
