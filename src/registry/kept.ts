import type { StoredBackend } from './backendState';
import type { RegistryRow } from './row';
import { rowKey } from './row';
import { isNewer } from './stamp';

/** Writes that the shared state does not hold, which this window shows all the same. Never changed, only replaced. */
export interface Kept {
  readonly rows: ReadonlyMap<string, RegistryRow>;
  readonly backends: ReadonlyMap<string, StoredBackend>;
}

export const NOTHING_KEPT: Kept = { rows: new Map(), backends: new Map() };

export function isEmpty({ rows, backends }: Kept): boolean {
  return rows.size === 0 && backends.size === 0;
}

/** With more to keep; of two of one key the newer one stays. */
export function keepAlso(
  kept: Kept,
  more: Iterable<RegistryRow>,
  states: Iterable<StoredBackend>,
  nowUs: number,
): Kept {
  const rows = new Map(kept.rows);
  for (const row of more) {
    const before = rows.get(rowKey(row));
    if (!before || isNewer(row, before, nowUs)) rows.set(rowKey(row), row);
  }
  const backends = new Map(kept.backends);
  for (const state of states) {
    const before = backends.get(state.server.backend);
    if (!before || isNewer(state.seen, before.seen, nowUs)) backends.set(state.server.backend, state);
  }
  return { rows, backends };
}

/** Without the rows and states of some backends. */
export function keepOnly(kept: Kept, isKept: (backend: string) => boolean): Kept {
  return {
    rows: new Map([...kept.rows].filter(([, row]) => isKept(row.backend))),
    backends: new Map([...kept.backends].filter(([backend]) => isKept(backend))),
  };
}

/** Without those very rows and states, unless another one has taken their place since. */
export function keepNoMore(kept: Kept, stored: Kept): Kept {
  return {
    rows: new Map([...kept.rows].filter(([key, row]) => stored.rows.get(key) !== row)),
    backends: new Map([...kept.backends].filter(([id, state]) => stored.backends.get(id) !== state)),
  };
}
