import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { SqlReader, SqlRow, SqlWriter } from '../storage/stateDatabase';
import type { BackendFacts, StoredBackend } from './backendState';
import { UNKNOWN_FACTS } from './backendState';
import { MAX_LIMITS, MAX_TEXT_CHARACTERS } from './probeRun';
import type { Server } from './server';
import { isSameServer } from './server';
import { BASELINE_BOOT_ID, isNewer, isSameStamp } from './stamp';

const text = z.string().max(MAX_TEXT_CHARACTERS);

const factsSchema = z.object({
  readiness: z.enum([
    ...['unknown', 'ok', 'invalid_url', 'unreachable', 'bad_status', 'bad_response'],
    ...['model_missing', 'too_old', 'unauthorized'],
  ] as const),
  message: z.exactOptional(text),
  nextStep: z.exactOptional(text),
  version: z.exactOptional(text),
  limits: z.exactOptional(z.array(text).max(MAX_LIMITS)),
  lastProbeAt: z.exactOptional(z.iso.datetime()),
  lastOkAt: z.exactOptional(z.iso.datetime()),
  failures: z.number().int().min(0),
});

const columnsSchema = z
  .object({
    backend: z.string(),
    kind: z.string(),
    url: z.string(),
    state: z.string(),
    seen_at: z.number(),
    seen_mono: z.number(),
    boot_id: z.string(),
  })
  .transform(({ backend, kind, url, state, seen_at, seen_mono, boot_id }): StoredBackend => {
    const facts = factsSchema.safeParse(parseJson(state));
    return {
      server: { backend, kind, url },
      // What cannot be read is not known; whose rows they are still is.
      facts: facts.success ? facts.data : UNKNOWN_FACTS,
      seen: facts.success
        ? { refreshedAt: seen_at, refreshedMono: seen_mono, bootId: boot_id }
        : { refreshedAt: 0, refreshedMono: 0, bootId: BASELINE_BOOT_ID },
    };
  });

/** The state of every backend; the same objects, and `previous` itself, where nothing changed. */
export function readBackends(
  sql: SqlReader,
  previous: ReadonlyMap<string, StoredBackend>,
): ReadonlyMap<string, StoredBackend> {
  const backends = new Map<string, StoredBackend>();
  let changed = false;
  for (const columns of sql.all('SELECT * FROM backend_states')) {
    const read = parsed(columns);
    if (!read) continue;
    const { backend } = read.server;
    const before = previous.get(backend);
    const same = before && isSameStamp(before.seen, read.seen) && isSameServer(before.server, read.server);
    backends.set(backend, same ? before : read);
    changed ||= !same;
  }
  return changed || backends.size !== previous.size ? backends : previous;
}

/**
 * Takes a backend's place in the state for a server. `ours`: it was free or held by this very server. Else it is held by
 * another one that goes under the same id in another window's settings.
 */
export function claimBackend(sql: SqlWriter, server: Server, nowUs: number): 'ours' | 'foreign' {
  const stored = readBackend(sql, server.backend);
  if (stored) return isSameServer(stored.server, server) ? 'ours' : 'foreign';
  // Older than any probe, but with the time of the wall clock, by which it is swept.
  const seen = { refreshedAt: nowUs, refreshedMono: 0, bootId: BASELINE_BOOT_ID };
  write(sql, { server, facts: UNKNOWN_FACTS, seen });
  return 'ours';
}

/** Stores what a probe found if it was seen after what is there; `after` gets what was known before. */
export function putBackend(
  sql: SqlWriter,
  { server, seen }: Pick<StoredBackend, 'server' | 'seen'>,
  after: (before: BackendFacts) => BackendFacts,
  nowUs: number,
): void {
  const stored = readBackend(sql, server.backend);
  if (stored && !isNewer(seen, stored.seen, nowUs)) return;
  write(sql, { server, seen, facts: after(stored?.facts ?? UNKNOWN_FACTS) });
}

export function readBackend(sql: SqlReader, backend: string): StoredBackend | undefined {
  const [found] = sql.all('SELECT * FROM backend_states WHERE backend = ?', [backend]);
  return found && parsed(found);
}

export function removeBackend(sql: SqlWriter, backend: string): void {
  sql.run('DELETE FROM backend_states WHERE backend = ?', [backend]);
}

/** Backends of whom no row and no state was seen since `before` (microseconds). */
export function backendsNotSeenSince(sql: SqlReader, before: number): readonly string[] {
  return sql
    .all(
      `SELECT backend FROM (SELECT backend, refreshed_at AS at FROM registry_rows
         UNION ALL SELECT backend, seen_at AS at FROM backend_states)
       GROUP BY backend HAVING MAX(at) < ?`,
      [before],
    )
    .map(({ backend }) => String(backend));
}

function write(sql: SqlWriter, { server, facts, seen }: StoredBackend): void {
  sql.run(
    `INSERT OR REPLACE INTO backend_states (backend, kind, url, state, seen_at, seen_mono, boot_id)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[server.backend, server.kind, server.url, JSON.stringify(facts)],
      ...[seen.refreshedAt, seen.refreshedMono, seen.bootId],
    ],
  );
}

function parsed(columns: SqlRow): StoredBackend | undefined {
  return columnsSchema.safeParse(columns).data;
}
