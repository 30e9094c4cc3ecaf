import type { SqlReader, SqlWriter } from '../stateDatabase';

/** About 40 kB. A process is forgotten only after this many others, that began later, have written. */
const MAX_WRITERS = 1_024;

/**
 * Notes in the state itself that `writer` made its commit number `sequence`. Every process numbers its attempts to
 * commit, and never uses a number twice, so that any later state says which of them are in it, however many commits of
 * others came between: the highest number of a writer that a state carries is in, and the higher ones are not. A list
 * of the last so many commits, as the design has it, would forget one that was made long before.
 */
export function noteCommit(sql: SqlWriter, writer: string, sequence: number, generation: number): void {
  const known = sql.run('UPDATE writers SET sequence = ?, generation = ? WHERE writer = ?', [
    ...[sequence, generation, writer],
  ]);
  if (known > 0) return;
  sql.run('INSERT INTO writers (writer, sequence, generation) VALUES (?, ?, ?)', [
    writer,
    sequence,
    generation,
  ]);
  sql.run(
    `DELETE FROM writers WHERE writer IN
      (SELECT writer FROM writers ORDER BY generation DESC LIMIT -1 OFFSET ${MAX_WRITERS})`,
  );
}

/** The highest number of `writer` that a state carries; 0 without one. */
export function lastCommitOf(sql: SqlReader, writer: string): number {
  return Number(sql.all('SELECT sequence FROM writers WHERE writer = ?', [writer])[0]?.['sequence'] ?? 0);
}
