import type { SqlReader, SqlWriter } from '../../src/storage/stateDatabase';

/** What the windows of the state tests write: every kind of change, and sums that hold in every whole state. */

const INSERT = `INSERT INTO registry_rows
  (backend, provider, source, refreshed_at, refreshed_mono, boot_id, models) VALUES (?, ?, 'test', 0, 0, 'boot', ?)`;

/**
 * The `n`th transaction of a writer, from 1: adds a row, changes the one before it, deletes a third of them again, counts
 * itself in its own counter and in the one of all, and moves one from `left` to `right`, whose sum stays 0.
 */
export function mixedChange(writer: string, n: number): (sql: SqlWriter) => number {
  return (sql) => {
    add(sql, 'left', -1);
    sql.run(INSERT, [writer, `p${n}`, JSON.stringify([n])]);
    if (n > 1) {
      sql.run('UPDATE registry_rows SET models = ? WHERE backend = ? AND provider = ?', [
        ...[JSON.stringify([n - 1, n]), writer, `p${n - 1}`],
      ]);
    }
    if (n % 3 === 0)
      sql.run('DELETE FROM registry_rows WHERE backend = ? AND provider = ?', [writer, `p${n - 2}`]);
    add(sql, `of ${writer}`, 1);
    add(sql, 'all', 1);
    add(sql, 'right', 1);
    return n;
  };
}

/** What a writer's rows are after its first `count` transactions. */
export function rowsAfter(writer: string, count: number): Readonly<Record<string, string>> {
  const rows: Record<string, string> = {};
  for (let n = 1; n <= count; n++) {
    rows[`${writer}/p${n}`] = JSON.stringify([n]);
    if (n > 1) rows[`${writer}/p${n - 1}`] = JSON.stringify([n - 1, n]);
    if (n % 3 === 0) rows[`${writer}/p${n - 2}`] = '';
  }
  return Object.fromEntries(Object.entries(rows).filter(([, models]) => models !== ''));
}

/** All rows, as `rowsAfter` gives them. */
export function storedRows(sql: SqlReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sql
      .all('SELECT backend, provider, models FROM registry_rows')
      .map(({ backend, provider, models }) => [`${backend ?? ''}/${provider ?? ''}`, String(models)]),
  );
}

export function counter(sql: SqlReader, key: string): number {
  return Number(sql.all('SELECT value FROM meta WHERE key = ?', [key])[0]?.['value'] ?? 0);
}

/** What is wrong with a state that holds half a transaction; undefined for a whole one. */
export function halfTransaction(sql: SqlReader): string | undefined {
  const [left, right, all] = [counter(sql, 'left'), counter(sql, 'right'), counter(sql, 'all')];
  const own = Number(
    sql.all("SELECT sum(CAST(value AS INTEGER)) AS sum FROM meta WHERE key LIKE 'of %'")[0]?.['sum'] ?? 0,
  );
  return left + right === 0 && right === all && own === all
    ? undefined
    : `left ${left}, right ${right}, all ${all}, own ${own}`;
}

function add(sql: SqlWriter, key: string, step: number): void {
  sql.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + ?',
    [key, String(step), step],
  );
}
