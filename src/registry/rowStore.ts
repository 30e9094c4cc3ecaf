import type { RegistryRow } from './row';

/** A key for maps of rows. */
export function rowKey(row: Pick<RegistryRow, 'backend' | 'provider'>): string {
  // Ids have no slash.
  return `${row.backend}/${row.provider}`;
}

export interface RowChange {
  readonly put: readonly RegistryRow[];
  /** Keys of rows that go. */
  readonly remove: readonly string[];
}

export type RowCommit = { readonly ok: true } | { readonly ok: false; readonly message: string };

/**
 * Where the registry's rows live. Today `MemoryRowStore`; the state database that windows share takes its place behind
 * this interface (issue 3).
 */
export interface RowStore {
  /** The rows of the last commit that this process has seen. */
  rows(): ReadonlyMap<string, RegistryRow>;
  /** Runs `change` on the current rows as one transaction. `change` is synchronous and may be run again. */
  transaction(change: (rows: ReadonlyMap<string, RegistryRow>) => RowChange): Promise<RowCommit>;
}

export class MemoryRowStore implements RowStore {
  #rows: ReadonlyMap<string, RegistryRow> = new Map();

  rows(): ReadonlyMap<string, RegistryRow> {
    return this.#rows;
  }

  transaction(change: (rows: ReadonlyMap<string, RegistryRow>) => RowChange): Promise<RowCommit> {
    const { put, remove } = change(this.#rows);
    const rows = new Map(this.#rows);
    for (const key of remove) rows.delete(key);
    for (const row of put) rows.set(rowKey(row), row);
    this.#rows = rows;
    return Promise.resolve({ ok: true });
  }
}
