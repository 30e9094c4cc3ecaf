import { compareCodePoints } from '../shared/codePointOrder';
import type { RegisteredModel, RegistryRow } from './row';
import { rowKey } from './row';

/** What reads answer from; built once per commit and never changed. */
export interface RegistrySnapshot {
  readonly byBackend: ReadonlyMap<string, readonly RegisteredModel[]>;
  readonly byProvider: ReadonlyMap<string, readonly RegisteredModel[]>;
  /** Backend, then provider, then model id. */
  readonly byRef: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, RegisteredModel>>>;
}

/** The models of one row as reads return them. */
interface RowModels {
  readonly row: RegistryRow;
  /** By id. */
  readonly sorted: readonly RegisteredModel[];
  readonly byId: ReadonlyMap<string, RegisteredModel>;
}

const EMPTY_SNAPSHOT: RegistrySnapshot = {
  byBackend: new Map(),
  byProvider: new Map(),
  byRef: new Map(),
};

/** Rows are never changed, only replaced: what was made of one is good for as long as it lives. */
const modelsOfRow = new WeakMap<RegistryRow, RowModels>();
/** Of which rows a group of a snapshot was made. */
const partsOfGroup = new WeakMap<readonly RegisteredModel[], readonly RowModels[]>();

/**
 * The snapshot of some rows: models sorted by id, then by the other half of their key; groups by their own id; all by
 * code point. Rows without models (a provider that went away) are hidden. Groups of which no row changed since
 * `previous` are the very same lists.
 */
export function snapshotOf(rows: Iterable<RegistryRow>, previous = EMPTY_SNAPSHOT): RegistrySnapshot {
  const parts = [...rows]
    .filter(({ models }) => models.length > 0)
    .sort((a, b) => compareCodePoints(rowKey(a), rowKey(b)))
    .map(modelsOf);
  const byRef = new Map<string, Map<string, ReadonlyMap<string, RegisteredModel>>>();
  for (const { row, byId } of parts) {
    const ofBackend = byRef.get(row.backend) ?? new Map<string, ReadonlyMap<string, RegisteredModel>>();
    byRef.set(row.backend, ofBackend.set(row.provider, byId));
  }
  return {
    byBackend: grouped(parts, ({ row }) => row.backend, previous.byBackend),
    byProvider: grouped(parts, ({ row }) => row.provider, previous.byProvider),
    byRef,
  };
}

function modelsOf(row: RegistryRow): RowModels {
  const known = modelsOfRow.get(row);
  if (known) return known;
  const { backend, provider, source, refreshedAt } = row;
  const sorted = row.models
    .map((model) => deepFreeze({ ...model, backend, provider, source, refreshedAt }))
    .sort((a, b) => compareCodePoints(a.modelId, b.modelId));
  const made = { row, sorted, byId: new Map(sorted.map((model) => [model.modelId, model])) };
  modelsOfRow.set(row, made);
  return made;
}

function grouped(
  parts: readonly RowModels[],
  idOf: (part: RowModels) => string,
  previous: ReadonlyMap<string, readonly RegisteredModel[]>,
): ReadonlyMap<string, readonly RegisteredModel[]> {
  const groups = [...Map.groupBy(parts, idOf)].sort(([a], [b]) => compareCodePoints(a, b));
  return new Map(groups.map(([id, group]) => [id, merged(group, previous.get(id))]));
}

function merged(
  parts: readonly RowModels[],
  previous: readonly RegisteredModel[] | undefined,
): readonly RegisteredModel[] {
  const before = previous && partsOfGroup.get(previous);
  if (before?.length === parts.length && before.every((part, index) => part === parts[index])) {
    return previous ?? [];
  }
  // The parts are sorted each; the sort of the engine merges such runs in linear time.
  const group = parts
    .flatMap(({ sorted }) => sorted)
    .sort(
      (a, b) =>
        compareCodePoints(a.modelId, b.modelId) ||
        compareCodePoints(a.backend, b.backend) ||
        compareCodePoints(a.provider, b.provider),
    );
  partsOfGroup.set(group, parts);
  return Object.freeze(group);
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
