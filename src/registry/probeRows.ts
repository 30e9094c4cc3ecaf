import type { ListedModel } from '../backends/contract';
import { idPattern } from '../shared/settings';
import type { ProviderOf, RegistryRow } from './row';
import type { Stamp } from './stamp';

/** Stands for the maker of a model where nobody knows who made it. */
const UNKNOWN_PROVIDER = 'local';

/**
 * The writes of one probe of a local backend: one row a provider, all with the same stamps, and an empty row for each
 * provider in `known` that is not served any more, so that an older write that comes late cannot bring it back.
 */
export function rowsOfProbe(
  backend: { readonly id: string; readonly kind: string },
  models: readonly ListedModel[],
  known: Iterable<string>,
  providerOf: ProviderOf,
  stamp: Stamp,
): readonly RegistryRow[] {
  const groups = new Map<string, ListedModel[]>();
  for (const provider of known) groups.set(provider, []);
  for (const model of models) {
    const provider = safeProvider(model, backend.kind, providerOf);
    const group = groups.get(provider);
    if (group) group.push(model);
    else groups.set(provider, [model]);
  }
  return [...groups].map(([provider, group]) => ({
    backend: backend.id,
    provider,
    source: 'probe',
    ...stamp,
    models: group,
  }));
}

function safeProvider(model: ListedModel, kind: string, providerOf: ProviderOf): string {
  try {
    const provider = providerOf(model, kind);
    return idPattern.test(provider) ? provider : UNKNOWN_PROVIDER;
  } catch {
    // A model without a usable id is dropped with a log line when the row is stored.
    return UNKNOWN_PROVIDER;
  }
}
