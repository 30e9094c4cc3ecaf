import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import type { SqlReader, SqlWriter } from '../storage/stateDatabase';
import { machineOf, microsecondsOf, rowBytes, rowTime, type PoolScope } from './poolRows';
import { gibToBytes, type PoolEntry } from './poolState';
import { KEPT_DAYS } from './proposalStore';

/** A model that the pool had, and how it left. */
export interface PoolRemoval {
  readonly backend: string;
  /** As the backend was asked for it. */
  readonly ollamaName: string;
  /** What its server said that it took; its layers may be shared. */
  readonly bytes: number;
  /** ISO 8601. */
  readonly installedAt: string;
  /** ISO 8601; of what was removed outside when that was noticed. */
  readonly removedAt: string;
  /** `pool`: Model Pool removed it. `outside`: its server had it no longer. */
  readonly by: 'pool' | 'outside';
}

const DAY_MS = 86_400_000;

const removalRow = z
  .object({
    backend: z.string(),
    ollama_name: z.string(),
    size_bytes: rowBytes,
    installed_at: rowTime,
    removed_at: rowTime,
    removed_by: z.enum(['pool', 'outside']),
  })
  .transform((row): PoolRemoval => ({
    ...{ backend: row.backend, ollamaName: row.ollama_name, bytes: row.size_bytes },
    ...{ installedAt: row.installed_at, removedAt: row.removed_at, by: row.removed_by },
  }));

/** The removals of this machine that are still told of, newest first. A row that cannot be read is left out. */
export function readRemovals(sql: SqlReader, { hostName }: PoolScope): PoolRemoval[] {
  return sql
    .all(
      `SELECT backend, ollama_name, size_bytes, installed_at, removed_at, removed_by FROM pool_removals
       WHERE machine IN ('', ?) ORDER BY removed_at DESC, backend, model`,
      [hostName],
    )
    .flatMap((row) => {
      const parsed = removalRow.safeParse(row);
      return parsed.success ? [parsed.data] : [];
    });
}

/** Writes down that entries left the pool at `nowMs`, in the transaction that takes them out. */
export function noteRemovals(
  sql: SqlWriter,
  scope: PoolScope,
  gone: readonly PoolEntry[],
  nowMs: number,
): void {
  if (gone.length === 0) return;
  for (const { backend, ollamaName, sizeOnDiskGb, installedAt, pendingEviction } of gone)
    sql.run(
      `INSERT INTO pool_removals
       (machine, backend, model, ollama_name, size_bytes, installed_at, removed_at, removed_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[machineOf(scope, backend), backend, normaliseModelName(ollamaName), ollamaName],
        ...[gibToBytes(sizeOnDiskGb), microsecondsOf(installedAt), microsecondsOfMs(nowMs)],
        pendingEviction ? 'pool' : 'outside',
      ],
    );
  sql.run("DELETE FROM pool_removals WHERE machine IN ('', ?) AND removed_at < ?", [
    ...[scope.hostName, microsecondsOfMs(nowMs - KEPT_DAYS * DAY_MS)],
  ]);
}

function microsecondsOfMs(ms: number): number {
  return microsecondsOf(new Date(ms).toISOString());
}
