import type { SqlReader, SqlWriter } from '../stateDatabase';

/** One step of the schema. It runs in a transaction of its own and leaves the database at `version`. */
export interface Migration {
  readonly version: number;
  apply(sql: SqlWriter): void;
}

const VERSION_1 = [
  `CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT`,
  // Who committed what last; see commitIdentity.ts.
  `CREATE TABLE writers (
    writer TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    generation INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  // What each backend serves of each provider. Times are microseconds; the monotonic one holds within its boot.
  `CREATE TABLE registry_rows (
    backend TEXT NOT NULL,
    provider TEXT NOT NULL,
    source TEXT NOT NULL,
    refreshed_at INTEGER NOT NULL,
    refreshed_mono INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    models TEXT NOT NULL,
    PRIMARY KEY (backend, provider)
  ) STRICT`,
  'CREATE INDEX registry_rows_by_backend ON registry_rows (backend)',
  'CREATE INDEX registry_rows_by_provider ON registry_rows (provider)',
  // How each backend was found at the last probe; `state` is JSON.
  `CREATE TABLE backend_states (
    backend TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    seen_mono INTEGER NOT NULL,
    boot_id TEXT NOT NULL
  ) STRICT`,
];

const VERSION_2 = [
  // What machines are. One folder may serve several, so every row names the machine that it is of. Times: microseconds.
  `CREATE TABLE hardware_profiles (
    host TEXT NOT NULL,
    host_name TEXT NOT NULL,
    machine TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    profile TEXT NOT NULL,
    detected_at INTEGER NOT NULL,
    PRIMARY KEY (host, host_name)
  ) STRICT`,
  `CREATE TABLE measured_bandwidth (
    host TEXT NOT NULL,
    host_name TEXT NOT NULL,
    machine TEXT NOT NULL,
    measured TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    PRIMARY KEY (host, host_name)
  ) STRICT`,
];

const VERSION_3 = [
  // What models were found to do. `subject`: the file's digest, else backend, provider and model id. `host_name` is the
  // machine's own name where the host is `local`, else empty. Times: microseconds.
  `CREATE TABLE tool_calling (
    subject TEXT PRIMARY KEY,
    calls_tools INTEGER NOT NULL,
    how TEXT NOT NULL,
    found_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE measurements (
    host TEXT NOT NULL,
    host_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    quant TEXT NOT NULL,
    context_tokens INTEGER NOT NULL,
    origin TEXT NOT NULL,
    rates TEXT NOT NULL,
    measured_at INTEGER NOT NULL,
    PRIMARY KEY (host, host_name, subject, quant, context_tokens, origin, measured_at)
  ) STRICT`,
  `CREATE TABLE chosen_contexts (
    host TEXT NOT NULL,
    host_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    context_tokens INTEGER NOT NULL,
    chosen_at INTEGER NOT NULL,
    PRIMARY KEY (host, host_name, subject)
  ) STRICT`,
];

const VERSION_4 = [
  // The pool. `machine` is this machine's own name where the backend runs on it, else empty: one folder may serve several
  // machines, and each calls itself `local`. `model` is the normalised name. Sizes: bytes; times: microseconds.
  `CREATE TABLE pool_bounds (
    machine TEXT PRIMARY KEY,
    budget_bytes INTEGER NOT NULL,
    budget_basis TEXT NOT NULL,
    allowed_orgs TEXT NOT NULL,
    allowed_families TEXT NOT NULL,
    last_refresh_at INTEGER
  ) STRICT`,
  `CREATE TABLE pool_entries (
    machine TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    ollama_name TEXT NOT NULL,
    hf_repo_id TEXT,
    quant TEXT NOT NULL,
    family TEXT,
    digest TEXT,
    size_bytes INTEGER NOT NULL,
    blobs TEXT NOT NULL,
    blobs_basis TEXT NOT NULL,
    installed_at INTEGER NOT NULL,
    last_used_at INTEGER,
    score REAL NOT NULL,
    pinned INTEGER NOT NULL,
    origin TEXT NOT NULL,
    tool_calling INTEGER,
    pending_eviction INTEGER NOT NULL,
    PRIMARY KEY (machine, backend, model)
  ) STRICT`,
  // A run holds the space that it needs while it is not over: `reserved_bytes`, and the entries that go for it. Who
  // downloads is `owner` while its lease is renewed; the monotonic stamp holds within its boot.
  `CREATE TABLE pull_runs (
    run_id TEXT PRIMARY KEY,
    machine TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT,
    boot_id TEXT NOT NULL,
    renewed_mono INTEGER NOT NULL,
    position INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    attempt_from_bytes INTEGER NOT NULL,
    idle_attempts INTEGER NOT NULL,
    high_water_bytes INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    percent INTEGER,
    taken_over INTEGER NOT NULL,
    message TEXT,
    code TEXT,
    reserved_bytes INTEGER NOT NULL,
    evicts TEXT NOT NULL,
    intent TEXT,
    UNIQUE (machine, backend, model)
  ) STRICT`,
  `CREATE TABLE pool_proposals (
    id TEXT PRIMARY KEY,
    machine TEXT NOT NULL,
    status TEXT NOT NULL,
    proposal TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT`,
];

const VERSION_5 = [
  // What left the pool, for its history. `removed_by`: `pool`, or `outside` where its server had it no longer.
  `CREATE TABLE pool_removals (
    machine TEXT NOT NULL,
    backend TEXT NOT NULL,
    model TEXT NOT NULL,
    ollama_name TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    installed_at INTEGER NOT NULL,
    removed_at INTEGER NOT NULL,
    removed_by TEXT NOT NULL
  ) STRICT`,
];

/** All steps in order. A step that was released is never changed: add the next one. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    apply(sql) {
      for (const statement of VERSION_1) sql.run(statement);
    },
  },
  {
    version: 2,
    apply(sql) {
      for (const statement of VERSION_2) sql.run(statement);
    },
  },
  {
    version: 3,
    apply(sql) {
      for (const statement of VERSION_3) sql.run(statement);
    },
  },
  {
    version: 4,
    apply(sql) {
      for (const statement of VERSION_4) sql.run(statement);
    },
  },
  {
    version: 5,
    apply(sql) {
      for (const statement of VERSION_5) sql.run(statement);
    },
  },
];

/** The version that a database says it has: 0 for an empty one, null where it holds something that is not ours. */
export function schemaVersion(sql: SqlReader): number | null {
  const tables = sql.all("SELECT name FROM sqlite_schema WHERE type = 'table'");
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === 'meta')) return null;
  const version = Number(sql.all("SELECT value FROM meta WHERE key = 'schema_version'")[0]?.['value']);
  return Number.isSafeInteger(version) && version > 0 ? version : null;
}

/** Names its columns, as all SQL must that runs before a migration has added some. */
export function setSchemaVersion(sql: SqlWriter, version: number): void {
  sql.run(
    "INSERT INTO meta (key, value) VALUES ('schema_version', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    [String(version)],
  );
}
