import type { Logger } from '../shared/logger';
import type { SqlReader, StateDatabase, StateView } from '../storage/stateDatabase';
import type { StoredBackend } from './backendState';
import type { Kept } from './kept';
import type { RegistryRow } from './row';
import { rowKey } from './row';
import type { Server } from './server';
import { isSameServer } from './server';
import { isNewer, isSameStamp } from './stamp';
import { readBackends } from './storedBackends';
import { readRows } from './storedRows';

/** The registry's part of the state, as all windows see it. */
export interface StoredRegistry {
  readonly rows: ReadonlyMap<string, RegistryRow>;
  readonly backends: ReadonlyMap<string, StoredBackend>;
}

const NOTHING_STORED: StoredRegistry = { rows: new Map(), backends: new Map() };

/** Follows the registry's tables; the value stays the same object while nothing of it changes. */
export function viewOfRegistry(state: StateDatabase, logger: Logger): StateView<StoredRegistry> {
  const reported = new Set<string>();
  return state.view(NOTHING_STORED, (sql: SqlReader, previous: StoredRegistry) => {
    const rows = readRows(sql, previous.rows, logger, reported);
    const backends = readBackends(sql, previous.backends);
    return rows === previous.rows && backends === previous.backends ? previous : { rows, backends };
  });
}

interface ShownParts {
  readonly stored: StoredRegistry;
  readonly kept: Kept;
  /** Rows that stand where there is nothing else. */
  readonly seeds: readonly RegistryRow[];
  /** What is configured here; undefined: everything is shown. */
  readonly servers: ReadonlyMap<string, Server> | undefined;
  /** What was shown before; rows that are still the same stay the very same objects. */
  readonly previous: StoredRegistry;
  readonly nowUs: number;
}

/** What this window shows: what is stored of its servers and what it keeps for itself, of two of one key the newer. */
export function shownRegistry({ stored, kept, seeds, servers, previous, nowUs }: ShownParts): StoredRegistry {
  const isOurs = (backend: string): boolean => {
    if (servers === undefined) return true;
    const [ours, theirs] = [servers.get(backend), stored.backends.get(backend)?.server];
    return ours !== undefined && (theirs === undefined || isSameServer(ours, theirs));
  };
  const rows = new Map([...stored.rows].filter(([, row]) => isOurs(row.backend)));
  for (const [key, row] of kept.rows) {
    const other = rows.get(key);
    if (!other || isNewer(row, other, nowUs)) rows.set(key, row);
  }
  for (const row of seeds) {
    if (!rows.has(rowKey(row))) rows.set(rowKey(row), row);
  }
  for (const [key, row] of rows) {
    const before = previous.rows.get(key);
    if (before?.source === row.source && isSameStamp(before, row)) rows.set(key, before);
  }
  const backends = new Map([...stored.backends].filter(([backend]) => isOurs(backend)));
  for (const [backend, state] of kept.backends) {
    const other = backends.get(backend);
    if (!other || isNewer(state.seen, other.seen, nowUs)) backends.set(backend, state);
  }
  return { rows, backends };
}
