import { compareCodePoints } from '../shared/codePointOrder';
import type { RegisteredModel, RegistryRow } from './row';

/** What reads answer from; built once per commit and never changed. */
export interface RegistrySnapshot {
  readonly byBackend: ReadonlyMap<string, readonly RegisteredModel[]>;
  readonly byProvider: ReadonlyMap<string, readonly RegisteredModel[]>;
  /** Backend, then provider, then model id. */
  readonly byRef: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, RegisteredModel>>>;
}

/**
 * The snapshot of some rows: models sorted by id, then by the other half of their key; groups by their own id; all by
 * code point. Rows without models (a provider that went away) are hidden.
 */
export function snapshotOf(rows: Iterable<RegistryRow>): RegistrySnapshot {
  const byRef = new Map<string, Map<string, Map<string, RegisteredModel>>>();
  const all: RegisteredModel[] = [];
  for (const { backend, provider, source, refreshedAt, models } of rows) {
    if (models.length === 0) continue;
    const ofRow = new Map<string, RegisteredModel>();
    for (const model of models) {
      const registered = deepFreeze({ ...model, backend, provider, source, refreshedAt });
      ofRow.set(model.modelId, registered);
      all.push(registered);
    }
    const ofBackend = byRef.get(backend) ?? new Map<string, Map<string, RegisteredModel>>();
    byRef.set(backend, ofBackend.set(provider, ofRow));
  }
  all.sort(
    (a, b) =>
      compareCodePoints(a.modelId, b.modelId) ||
      compareCodePoints(a.backend, b.backend) ||
      compareCodePoints(a.provider, b.provider),
  );
  return {
    byBackend: grouped(all, (model) => model.backend),
    byProvider: grouped(all, (model) => model.provider),
    byRef,
  };
}

function grouped(
  models: readonly RegisteredModel[],
  idOf: (model: RegisteredModel) => string,
): ReadonlyMap<string, readonly RegisteredModel[]> {
  const groups = new Map<string, RegisteredModel[]>();
  for (const model of models) {
    const group = groups.get(idOf(model));
    if (group) group.push(model);
    else groups.set(idOf(model), [model]);
  }
  const entries = [...groups].sort(([a], [b]) => compareCodePoints(a, b));
  return new Map(entries.map(([id, group]) => [id, Object.freeze(group)]));
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
