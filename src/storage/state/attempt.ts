import type { Database, SqlJsStatic } from 'sql.js';
import type { SqlWriter } from '../stateDatabase';
import { noteCommit } from './commitIdentity';
import { SqlSession, totalChanges } from './sqlSession';
import { StateImage } from './stateImage';

/** Which commit it would be, should it be published. */
export interface CommitNumber {
  readonly writer: string;
  readonly sequence: number;
  readonly generation: number;
}

/** The value of the change and the state after it; without one where it changed nothing. */
export interface Attempt<T> {
  readonly value: T;
  readonly next?: StateImage;
}

/**
 * Runs `change` on a state as one transaction in memory. The state itself stays as it is. Throws what `change` throws,
 * and a TypeError where it returns a promise: what it would do later would be in no transaction.
 */
export function attempt<T>(
  engine: SqlJsStatic,
  image: StateImage,
  commit: CommitNumber,
  change: (sql: SqlWriter) => T,
): Attempt<T> {
  const database = image.take();
  try {
    database.exec('BEGIN');
    const before = fingerprint(database);
    const session = new SqlSession(database);
    let value: T;
    try {
      value = change(session);
      if (isPromise(value)) throw new TypeError('a change of the state must be synchronous');
      if (!image.migrated && fingerprint(database) === before) {
        database.exec('ROLLBACK');
        image.give(database);
        return { value };
      }
      noteCommit(session, commit.writer, commit.sequence, commit.generation);
    } finally {
      session.end();
    }
    database.exec('COMMIT');
    return { value, next: new StateImage(engine, database.export(), image.schemaVersion, false, database) };
  } catch (thrown) {
    // With all that it changed: a failed statement leaves its transaction open, and `image` makes a new one.
    database.close();
    throw thrown;
  }
}

function fingerprint(database: Database): string {
  // A new table changes no row.
  return `${totalChanges(database)}:${String(database.exec('PRAGMA schema_version')[0]?.values[0]?.[0])}`;
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
