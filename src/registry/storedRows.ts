import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import type { SqlReader, SqlWriter } from '../storage/stateDatabase';
import type { RegistryRow } from './row';
import { rowKey } from './row';
import type { Stamp } from './stamp';
import { isNewer, isSameStamp } from './stamp';
import { validateRow } from './validateRow';

const stamp = z
  .object({ refreshed_at: z.number(), refreshed_mono: z.number(), boot_id: z.string() })
  .transform((columns): Stamp => ({
    refreshedAt: columns.refreshed_at,
    refreshedMono: columns.refreshed_mono,
    bootId: columns.boot_id,
  }));
const head = z.object({ backend: z.string(), provider: z.string(), source: z.string() });

/**
 * The rows of the state. Those whose stamp did not change since `previous` are the very same objects, and are not parsed
 * again; `previous` itself where nothing changed. A row that cannot be read is left out with one log line for each
 * `reported` set.
 */
export function readRows(
  sql: SqlReader,
  previous: ReadonlyMap<string, RegistryRow>,
  logger: Logger,
  reported: Set<string>,
): ReadonlyMap<string, RegistryRow> {
  const rows = new Map<string, RegistryRow>();
  let changed = false;
  for (const columns of sql.all(
    'SELECT backend, provider, source, refreshed_at, refreshed_mono, boot_id FROM registry_rows',
  )) {
    const key = rowKey({ backend: String(columns['backend']), provider: String(columns['provider']) });
    const before = previous.get(key);
    const seen = stamp.safeParse(columns);
    if (before && seen.success && before.source === columns['source'] && isSameStamp(before, seen.data)) {
      rows.set(key, before);
      continue;
    }
    const row = parsedRow(sql, columns, seen.data, (event, facts) => {
      const line = JSON.stringify([event, columns, facts]);
      if (!reported.has(line)) logger.log('warn', event, facts);
      reported.add(line);
    });
    if (!row) continue;
    rows.set(key, row);
    changed = true;
  }
  return changed || rows.size !== previous.size ? rows : previous;
}

function parsedRow(
  sql: SqlReader,
  columns: unknown,
  seen: Stamp | undefined,
  report: (event: string, facts: Readonly<Record<string, unknown>>) => void,
): RegistryRow | undefined {
  const parsed = head.safeParse(columns);
  if (!parsed.success || !seen) {
    report('registry.stored.unreadable', { reason: 'its key or stamp is of another shape' });
    return undefined;
  }
  const { backend, provider } = parsed.data;
  const [found] = sql.all('SELECT models FROM registry_rows WHERE backend = ? AND provider = ?', [
    ...[backend, provider],
  ]);
  const text = found?.['models'];
  const result = validateRow({
    ...parsed.data,
    ...seen,
    models: typeof text === 'string' ? parseJson(text) : undefined,
  });
  if (!result.ok) {
    report('registry.stored.unreadable', { backend, provider, reason: result.reason });
    return undefined;
  }
  for (const { index, reason } of result.dropped) {
    report('registry.stored.model_unreadable', { backend, provider, index, reason });
  }
  return result.row;
}

/** Stores a row if there is none of its key, or an older one; says whether it did. */
export function putRow(sql: SqlWriter, row: RegistryRow, nowUs: number): boolean {
  const [found] = sql.all(
    'SELECT refreshed_at, refreshed_mono, boot_id FROM registry_rows WHERE backend = ? AND provider = ?',
    [row.backend, row.provider],
  );
  const seen = stamp.safeParse(found);
  // A stored stamp that cannot be read must not keep its row for ever.
  if (seen.success && !isNewer(row, seen.data, nowUs)) return false;
  sql.run(
    `INSERT INTO registry_rows (backend, provider, source, refreshed_at, refreshed_mono, boot_id, models)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (backend, provider) DO UPDATE SET source = excluded.source, refreshed_at = excluded.refreshed_at,
       refreshed_mono = excluded.refreshed_mono, boot_id = excluded.boot_id, models = excluded.models`,
    [
      ...[row.backend, row.provider, row.source],
      ...[row.refreshedAt, row.refreshedMono, row.bootId],
      JSON.stringify(row.models),
    ],
  );
  return true;
}

export function removeRowsOf(sql: SqlWriter, backend: string): void {
  sql.run('DELETE FROM registry_rows WHERE backend = ?', [backend]);
}

/** Removes rows without models that were seen before `before` (microseconds), and says how many. */
export function sweepEmptyRows(sql: SqlWriter, before: number): number {
  return sql.run("DELETE FROM registry_rows WHERE models = '[]' AND refreshed_at < ?", [before]);
}
