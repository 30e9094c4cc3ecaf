import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import { parseJson } from '../shared/json';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import { bytesToGib } from '../shared/units';
import type { SqlReader, SqlValue, SqlWriter } from '../storage/stateDatabase';
import { disksOf } from './diskUse';
import { entryKey, gibToBytes, type PoolEntry, type PoolState } from './poolState';

/** Which machine's rows are ours: a folder may serve several, and `local` is another one on each. */
export interface PoolScope {
  readonly hostOf: (backend: string) => HostId;
  /** This machine's own name. */
  readonly hostName: string;
}

/** The pool as it may be changed. What is derived is made anew from it. */
export interface PoolDraft {
  diskBudgetGb: number;
  /** Whether the user set the budget, or it was computed from the free space; null before either. */
  budgetBasis: 'setting' | 'default' | null;
  allowedOrgs: readonly string[];
  allowedFamilies: readonly string[];
  lastRefreshAt: string | null;
  entries: PoolEntry[];
}

const MICROSECONDS_PER_MILLISECOND = 1_000;

/** A time in a row: microseconds since the epoch, read as ISO 8601. */
export const rowTime = z
  .number()
  .transform((microseconds) => new Date(microseconds / MICROSECONDS_PER_MILLISECOND).toISOString());
const bool = z.union([z.literal(0), z.literal(1)]).transform((value) => value === 1);
export const rowBytes = z.number().nonnegative();
const texts = z.string().transform(parseJson).pipe(z.array(z.string()).readonly());
const blobs = z
  .string()
  .transform(parseJson)
  .pipe(z.array(z.object({ digest: z.string(), bytes: rowBytes })).readonly());

const boundsRow = z.object({
  budget_bytes: rowBytes,
  budget_basis: z.enum(['setting', 'default']),
  allowed_orgs: texts,
  allowed_families: texts,
  last_refresh_at: rowTime.nullable(),
});

const entryRow = z
  .object({
    backend: z.string(),
    ollama_name: z.string(),
    hf_repo_id: z.string().nullable(),
    quant: z.string(),
    family: z.string().nullable(),
    digest: z.string().nullable(),
    size_bytes: rowBytes,
    blobs,
    blobs_basis: z.enum(['pull', 'manifest', 'tag']),
    installed_at: rowTime,
    last_used_at: rowTime.nullable(),
    score: z.number(),
    pinned: bool,
    origin: z.enum(['pool', 'user']),
    tool_calling: bool.nullable(),
    pending_eviction: bool,
  })
  .transform((row): PoolEntry => ({
    backend: row.backend,
    ollamaName: row.ollama_name,
    hfRepoId: row.hf_repo_id,
    quant: row.quant,
    ...(row.family === null ? {} : { family: row.family }),
    digest: row.digest,
    sizeOnDiskGb: bytesToGib(row.size_bytes),
    blobs: row.blobs,
    basis: row.blobs_basis,
    installedAt: row.installed_at,
    lastUsedAt: row.last_used_at,
    currentScore: row.score,
    pinned: row.pinned,
    origin: row.origin,
    ...(row.tool_calling === null ? {} : { toolCalling: row.tool_calling }),
    ...(row.pending_eviction ? { pendingEviction: true as const } : {}),
  }));

const ENTRY_COLUMNS = `machine, backend, model, ollama_name, hf_repo_id, quant, family, digest, size_bytes, blobs,
  blobs_basis, installed_at, last_used_at, score, pinned, origin, tool_calling, pending_eviction`;

/** Microseconds since the epoch of an ISO 8601 time. */
export function microsecondsOf(iso: string): number {
  return Math.round(Date.parse(iso) * MICROSECONDS_PER_MILLISECOND);
}

/** The `machine` of rows about a backend: only what runs here is this machine's alone. */
export function machineOf({ hostOf, hostName }: PoolScope, backend: string): string {
  return hostOf(backend) === LOCAL_HOST ? hostName : '';
}

/** This machine's pool as the state has it. A row that cannot be read is as if it were not there. */
export function readPool(sql: SqlReader, scope: PoolScope): PoolDraft {
  const bounds = boundsRow.safeParse(
    sql.all('SELECT * FROM pool_bounds WHERE machine = ?', [scope.hostName])[0],
  ).data;
  const rows = sql.all(`SELECT ${ENTRY_COLUMNS} FROM pool_entries WHERE machine IN ('', ?)`, [
    scope.hostName,
  ]);
  return {
    diskBudgetGb: bytesToGib(bounds?.budget_bytes ?? 0),
    budgetBasis: bounds?.budget_basis ?? null,
    allowedOrgs: bounds?.allowed_orgs ?? [],
    allowedFamilies: bounds?.allowed_families ?? [],
    lastRefreshAt: bounds?.last_refresh_at ?? null,
    entries: rows
      .flatMap((row) => {
        const parsed = entryRow.safeParse(row);
        return parsed.success ? [parsed.data] : [];
      })
      .sort(byKey),
  };
}

/**
 * Writes what a change made of a pool that was read in the same transaction; rows that are as before stay untouched.
 * Returns the entries that are gone.
 */
export function writePool(
  sql: SqlWriter,
  scope: PoolScope,
  before: PoolDraft,
  after: PoolDraft,
): readonly PoolEntry[] {
  const bounds = boundsValues(after);
  if (JSON.stringify(bounds) !== JSON.stringify(boundsValues(before))) {
    sql.run(
      `INSERT OR REPLACE INTO pool_bounds
       (machine, budget_bytes, budget_basis, allowed_orgs, allowed_families, last_refresh_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      [scope.hostName, ...bounds],
    );
  }
  const stored = new Map(before.entries.map((entry) => [entryKey(entry), entry]));
  for (const entry of after.entries) {
    const key = entryKey(entry);
    const values = entryValues(entry);
    const old = stored.get(key);
    stored.delete(key);
    if (old && JSON.stringify(values) === JSON.stringify(entryValues(old))) continue;
    if (old) remove(sql, scope, old);
    const places = values.map(() => '?').join(', ');
    sql.run(`INSERT OR REPLACE INTO pool_entries (${ENTRY_COLUMNS}) VALUES (?, ${places})`, [
      machineOf(scope, entry.backend),
      ...values,
    ]);
  }
  for (const gone of stored.values()) remove(sql, scope, gone);
  return [...stored.values()];
}

/** The pool as others see it, deeply frozen by nobody: a copy each time. */
export function poolStateOf(draft: PoolDraft, scope: PoolScope): PoolState {
  const disks = disksOf(draft.entries, scope.hostOf);
  return {
    diskBudgetGb: draft.diskBudgetGb,
    diskUsedGb: disks.reduce((sum, { usedGb }) => sum + usedGb, 0),
    disks,
    entries: [...draft.entries].sort(byKey),
    allowedOrgs: draft.allowedOrgs,
    allowedFamilies: draft.allowedFamilies,
    lastRefreshAt: draft.lastRefreshAt,
  };
}

/** Whatever machine the row says: its backend may have moved to another host since. */
function remove(sql: SqlWriter, { hostName }: PoolScope, entry: PoolEntry): void {
  sql.run("DELETE FROM pool_entries WHERE machine IN ('', ?) AND backend = ? AND model = ?", [
    ...[hostName, entry.backend, normaliseModelName(entry.ollamaName)],
  ]);
}

function boundsValues(draft: PoolDraft): SqlValue[] {
  return [
    gibToBytes(draft.diskBudgetGb),
    draft.budgetBasis ?? 'default',
    JSON.stringify(draft.allowedOrgs),
    JSON.stringify(draft.allowedFamilies),
    draft.lastRefreshAt === null ? null : microsecondsOf(draft.lastRefreshAt),
  ];
}

/** The columns after `machine`, in their order. */
function entryValues(entry: PoolEntry): SqlValue[] {
  return [
    ...[entry.backend, normaliseModelName(entry.ollamaName), entry.ollamaName, entry.hfRepoId, entry.quant],
    ...[entry.family ?? null, entry.digest, gibToBytes(entry.sizeOnDiskGb), JSON.stringify(entry.blobs)],
    ...[entry.basis, microsecondsOf(entry.installedAt)],
    entry.lastUsedAt === null ? null : microsecondsOf(entry.lastUsedAt),
    ...[entry.currentScore, Number(entry.pinned), entry.origin],
    entry.toolCalling === undefined ? null : Number(entry.toolCalling),
    Number(entry.pendingEviction ?? false),
  ];
}

function byKey(a: PoolEntry, b: PoolEntry): number {
  const [x, y] = [entryKey(a), entryKey(b)];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}
