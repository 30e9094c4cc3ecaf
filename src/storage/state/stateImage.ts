import type { Database, SqlJsStatic } from 'sql.js';
import { messageOf } from '../../shared/errors';
import type { SqlReader } from '../stateDatabase';
import type { HeaderProblem } from './imageHeader';
import { headerProblem } from './imageHeader';
import { isEngineFailure } from './sqlEngine';
import { SqlSession } from './sqlSession';
import type { Migration } from './schema';
import { schemaVersion, setSchemaVersion } from './schema';

/** What is wrong with the bytes of a state: the header's problem, or what SQLite found. */
export type ImageCheck =
  | { readonly ok: true; readonly image: StateImage }
  | { readonly ok: false; readonly problem: HeaderProblem | 'damaged' | 'not_ours'; readonly detail: string };

/**
 * One state as its bytes and, while it is used, a database in memory that holds just them. A transaction takes the
 * database away and changes it; whoever reads meanwhile gets a new one made of the bytes. So nobody sees what is not
 * published yet, and an attempt that fails is thrown away whole.
 */
export class StateImage {
  #database: Database | undefined;

  constructor(
    private readonly engine: SqlJsStatic,
    readonly bytes: Uint8Array,
    readonly schemaVersion: number,
    /** Whether it was brought to our schema in memory, so that its file still has the older one. */
    readonly migrated = false,
    database?: Database,
  ) {
    this.#database = database;
  }

  read<T>(reading: (sql: SqlReader) => T): T {
    const database = (this.#database ??= new this.engine.Database(this.bytes));
    // Exporting makes a new connection, which has forgotten its settings.
    database.exec('PRAGMA query_only = 1');
    const session = new SqlSession(database);
    try {
      return reading(session);
    } finally {
      session.end();
    }
  }

  /** The database, writable; whoever takes it gives it back unchanged, or closes it. */
  take(): Database {
    const database = this.#database ?? new this.engine.Database(this.bytes);
    this.#database = undefined;
    database.exec('PRAGMA query_only = 0');
    return database;
  }

  give(database: Database): void {
    this.#database?.close();
    this.#database = database;
  }

  free(): void {
    this.#database?.close();
    this.#database = undefined;
  }
}

/** A state without any row. */
export function emptyImage(engine: SqlJsStatic, migrations: readonly Migration[]): StateImage {
  return migrate(engine, new engine.Database(), 0, migrations);
}

/**
 * Checks bytes that claim to be a state: header, length, SQLite's own integrity check, and that it is one of ours. An
 * older schema is brought up to date in memory; a newer one is left as it is. Throws when a migration fails.
 */
export function checkImage(
  engine: SqlJsStatic,
  bytes: Uint8Array,
  migrations: readonly Migration[],
): ImageCheck {
  const problem = headerProblem(bytes);
  if (problem) return { ok: false, problem, detail: `${bytes.length} bytes` };
  const database = new engine.Database(bytes);
  let version: number | null;
  try {
    const integrity = database.exec('PRAGMA integrity_check(1)')[0]?.values[0]?.[0];
    if (integrity !== 'ok') throw new Error(String(integrity));
    version = schemaVersion(new SqlSession(database));
  } catch (thrown) {
    database.close();
    if (isEngineFailure(thrown)) throw thrown;
    return { ok: false, problem: 'damaged', detail: messageOf(thrown) };
  }
  if (version === null || version === 0) {
    database.close();
    return { ok: false, problem: 'not_ours', detail: 'no schema version' };
  }
  if (version >= newestVersion(migrations))
    return { ok: true, image: new StateImage(engine, bytes, version, false, database) };
  return { ok: true, image: migrate(engine, database, version, migrations) };
}

/** The schema that this version of the extension writes. */
export function newestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

function migrate(
  engine: SqlJsStatic,
  database: Database,
  from: number,
  migrations: readonly Migration[],
): StateImage {
  try {
    for (const migration of migrations) {
      if (migration.version <= from) continue;
      database.exec('BEGIN');
      const session = new SqlSession(database);
      migration.apply(session);
      setSchemaVersion(session, migration.version);
      session.end();
      database.exec('COMMIT');
    }
    return new StateImage(engine, database.export(), newestVersion(migrations), from > 0, database);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
