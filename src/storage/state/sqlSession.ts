import type { Database } from 'sql.js';
import type { SqlRow, SqlValue, SqlWriter } from '../stateDatabase';

/** These would end the transaction that a change runs in, or make the engine other than the next one finds it. */
const NOT_IN_A_CHANGE = /^\s*(begin|commit|end|rollback|savepoint|release|attach|detach|vacuum|pragma)\b/i;

/** A database as a change or a view sees it, until `end`. */
export class SqlSession implements SqlWriter {
  #ended = false;

  constructor(private readonly database: Database) {}

  all(query: string, parameters: readonly SqlValue[] = []): readonly SqlRow[] {
    const statement = this.#prepare(query, parameters);
    try {
      const columns = statement.getColumnNames();
      const rows: SqlRow[] = [];
      while (statement.step()) {
        const values = statement.get();
        rows.push(Object.fromEntries(columns.map((column, index) => [column, plain(column, values[index])])));
      }
      return rows;
    } finally {
      statement.free();
    }
  }

  run(statement: string, parameters: readonly SqlValue[] = []): number {
    const before = totalChanges(this.database);
    const prepared = this.#prepare(statement, parameters);
    try {
      while (prepared.step());
    } finally {
      prepared.free();
    }
    return totalChanges(this.database) - before;
  }

  /** Later calls throw: a change that kept the session would write past its transaction. */
  end(): void {
    this.#ended = true;
  }

  #prepare(text: string, parameters: readonly SqlValue[]) {
    if (this.#ended) throw new Error('SQL was used after its transaction or view had ended');
    if (NOT_IN_A_CHANGE.test(text)) throw new Error(`a change may not run ${text.trim().slice(0, 40)}`);
    for (const value of parameters) requireStorable(value);
    const statement = this.database.prepare(text);
    try {
      statement.bind([...parameters]);
      return statement;
    } catch (thrown) {
      statement.free();
      throw thrown;
    }
  }
}

/** Rows that were inserted, updated or deleted since the database was opened. */
export function totalChanges(database: Database): number {
  return Number(database.exec('SELECT total_changes()')[0]?.values[0]?.[0]);
}

function requireStorable(value: SqlValue): void {
  if (typeof value !== 'number') return;
  // The engine would round it, or store NULL, and say nothing.
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
    throw new RangeError(`${value} cannot be stored exactly`);
}

function plain(column: string, value: SqlValue | Uint8Array | undefined): SqlValue {
  if (value === undefined || value instanceof Uint8Array) throw new TypeError(`${column} holds bytes`);
  return value;
}
