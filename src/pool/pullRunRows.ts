import * as z from 'zod';
import { normaliseModelName } from '../backends/installAdapter';
import { parseJson } from '../shared/json';
import type { SqlReader, SqlWriter } from '../storage/stateDatabase';
import { machineOf, type PoolScope } from './poolRows';
import { POOL_ERROR_CODES, type PoolErrorCode } from './poolState';

export type PullStatus = 'queued' | 'pulling' | 'verifying' | 'succeeded' | 'failed' | 'cancelled';

/** A pull as the state has it. While it is not over it holds the space that it needs. */
export interface StoredRun {
  readonly runId: string;
  readonly backend: string;
  readonly name: string;
  /** What people call the model. */
  readonly label: string;
  readonly status: PullStatus;
  /** The window that downloads or will; null: none any more. */
  readonly owner: string | null;
  readonly bootId: string;
  /** When the owner last showed itself: monotonic microseconds of that boot. */
  readonly renewedMono: number;
  /** Place in the queue; lower comes first. */
  readonly position: number;
  /** 1 for the first; each resume and each change of the window adds one. */
  readonly attempt: number;
  /** `highWaterBytes` when this attempt began. */
  readonly attemptFromBytes: number;
  /** Attempts in a row that ended with their window and without a new byte. */
  readonly idleAttempts: number;
  /** Most bytes that any attempt had. */
  readonly highWaterBytes: number;
  /** As far as the layers are known; 0 until then. */
  readonly totalBytes: number;
  readonly percent: number | null;
  /** Whether it is the download of another window that goes on here. */
  readonly takenOver: boolean;
  readonly message: string | null;
  readonly code: PoolErrorCode | null;
  /** Bytes of the budget that are promised to it. */
  readonly reservedBytes: number;
  /** Keys of the entries that go when it is there. */
  readonly evicts: readonly string[];
  /** What the pool writes down when it is there; null for a pull that the pool has no part in. */
  readonly intent: unknown;
}

const bytes = z.number().nonnegative();
const count = z.number().int().nonnegative();
const json = z.string().transform(parseJson);

const row = z
  .object({
    run_id: z.string(),
    backend: z.string(),
    name: z.string(),
    label: z.string(),
    status: z.enum(['queued', 'pulling', 'verifying', 'succeeded', 'failed', 'cancelled']),
    owner: z.string().nullable(),
    boot_id: z.string(),
    renewed_mono: z.number(),
    position: z.number(),
    attempt: count,
    attempt_from_bytes: bytes,
    idle_attempts: count,
    high_water_bytes: bytes,
    total_bytes: bytes,
    percent: z.number().min(0).max(100).nullable(),
    taken_over: z.number(),
    message: z.string().nullable(),
    code: z.enum(POOL_ERROR_CODES).nullable(),
    reserved_bytes: bytes,
    evicts: json.pipe(z.array(z.string()).readonly()),
    intent: json.nullable(),
  })
  .transform((stored): StoredRun => ({
    runId: stored.run_id,
    backend: stored.backend,
    name: stored.name,
    label: stored.label,
    status: stored.status,
    owner: stored.owner,
    bootId: stored.boot_id,
    renewedMono: stored.renewed_mono,
    position: stored.position,
    attempt: stored.attempt,
    attemptFromBytes: stored.attempt_from_bytes,
    idleAttempts: stored.idle_attempts,
    highWaterBytes: stored.high_water_bytes,
    totalBytes: stored.total_bytes,
    percent: stored.percent,
    takenOver: stored.taken_over !== 0,
    message: stored.message,
    code: stored.code,
    reservedBytes: stored.reserved_bytes,
    evicts: stored.evicts,
    intent: stored.intent,
  }));

const COLUMNS = `run_id, backend, name, label, status, owner, boot_id, renewed_mono, position, attempt,
  attempt_from_bytes, idle_attempts, high_water_bytes, total_bytes, percent, taken_over, message, code,
  reserved_bytes, evicts, intent`;

/** Whether a run has ended, one way or another. */
export function isOver({ status }: { readonly status: PullStatus }): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** What an end without success does to a run: its space is free again. */
export function endedRun(
  status: 'failed' | 'cancelled',
  { code, message }: { readonly code: PoolErrorCode; readonly message: string },
): Pick<StoredRun, 'status' | 'owner' | 'code' | 'message' | 'reservedBytes' | 'evicts'> {
  return { status, owner: null, code, message, reservedBytes: 0, evicts: [] };
}

/** Whether two names on two backends are one model of one backend. */
export function isSameModel(
  a: { readonly backend: string; readonly name: string },
  b: { readonly backend: string; readonly name: string },
): boolean {
  return a.backend === b.backend && normaliseModelName(a.name) === normaliseModelName(b.name);
}

/** This machine's runs in the order of the queue. A row that cannot be read is as if it were not there. */
export function readRuns(sql: SqlReader, { hostName }: PoolScope): readonly StoredRun[] {
  const query = `SELECT ${COLUMNS} FROM pull_runs WHERE machine IN ('', ?) ORDER BY position, run_id`;
  return sql.all(query, [hostName]).flatMap((stored) => {
    const parsed = row.safeParse(stored);
    return parsed.success ? [parsed.data] : [];
  });
}

export function findRun(sql: SqlReader, scope: PoolScope, runId: string): StoredRun | undefined {
  return readRuns(sql, scope).find((run) => run.runId === runId);
}

/** Writes a run in place of the one with its id, or of another one of the same model. */
export function writeRun(sql: SqlWriter, scope: PoolScope, run: StoredRun): void {
  const values = [
    ...[run.runId, run.backend, run.name, run.label, run.status, run.owner, run.bootId],
    ...[Math.round(run.renewedMono), run.position, run.attempt, Math.round(run.attemptFromBytes)],
    ...[run.idleAttempts, Math.round(run.highWaterBytes), Math.round(run.totalBytes), run.percent],
    ...[Number(run.takenOver), run.message, run.code, Math.round(run.reservedBytes)],
    ...[JSON.stringify(run.evicts), run.intent === null ? null : JSON.stringify(run.intent)],
  ];
  const places = values.map(() => '?').join(', ');
  sql.run(`INSERT OR REPLACE INTO pull_runs (machine, model, ${COLUMNS}) VALUES (?, ?, ${places})`, [
    machineOf(scope, run.backend),
    normaliseModelName(run.name),
    ...values,
  ]);
}

export function deleteRun(sql: SqlWriter, runId: string): void {
  sql.run('DELETE FROM pull_runs WHERE run_id = ?', [runId]);
}
