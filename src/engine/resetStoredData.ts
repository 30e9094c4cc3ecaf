import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { isoNow, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import { systemCodeOf } from '../storage/fileLayer';
import type { SqlWriter, StateDatabase, StateFailureCode } from '../storage/stateDatabase';
import { parseTranscriptFileName } from '../storage/transcriptName';
import { transcriptFolder } from './stores';

/** Tables that are about the state itself: its schema, and who committed what last. */
const OWN_TABLES: readonly string[] = ['meta', 'writers'];

/** While this is in the state, older generations of it may still be in the folder. */
const RESET_KEY = 'reset_at';

/** What is not the state itself, its records or another window's own file: damaged states that were kept, and caches. */
const FILES = /^(?:state\.corrupt-.+\.sqlite|hub-cache\.json(?:\.bad)?|catalogue\.json(?:\.bad)?)$/;

export type EmptiedState =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: 'pulls_running' | StateFailureCode; readonly message: string };

/**
 * Empties the state that all windows share: what backends serve, the pool's bookkeeping, proposals, machines, and what
 * was measured. Refuses while any window pulls a model, whose run would be forgotten. As a transaction it can neither be
 * seen half done nor damage a window that writes meanwhile: the others follow it, and probe anew. SQLite keeps the pages
 * in its file until they are used again; no prompt, answer or key was ever in them.
 */
export async function emptyState(state: StateDatabase, clock: Clock): Promise<EmptiedState> {
  const emptied = await state.transaction('reset', (sql) => {
    const [row] = sql.all(
      "SELECT COUNT(*) AS running FROM pull_runs WHERE status IN ('queued', 'pulling', 'verifying')",
    );
    if (z.object({ running: z.number() }).parse(row).running > 0) return false;
    for (const table of tablesOf(sql)) sql.run(`DELETE FROM "${table}"`);
    sql.run('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', [
      RESET_KEY,
      isoNow(clock),
    ]);
    return true;
  });
  if (!emptied.ok) return emptied;
  if (!emptied.value) {
    return {
      ok: false,
      code: 'pulls_running',
      message: l10n.t('A model is being installed, in this window or another one.'),
    };
  }
  // The generation before the newest one is always kept; with one more the full one goes. If this one fails, with the
  // next commit of anybody.
  await state.transaction('reset', (sql) => {
    sql.run('DELETE FROM meta WHERE key = ?', [RESET_KEY]);
  });
  return { ok: true };
}

function tablesOf(sql: SqlWriter): readonly string[] {
  const rows = sql.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .flatMap(({ name }) => (OWN_TABLES.includes(name) ? [] : [name]));
}

/** What was removed, and the names of files that another program holds. */
export interface RemovedFiles {
  readonly removed: number;
  readonly left: readonly string[];
}

/**
 * Removes the records of calls, the caches of public models, and damaged states that were kept. What other windows use is
 * left: the state, its locks, and the leases on models in use. A window that goes on writes its next record into a file
 * of its own that it makes again. Rejects never.
 */
export async function removeStoredFiles(storageDir: string, logger: Logger): Promise<RemovedFiles> {
  const records = transcriptFolder(storageDir);
  const files = [
    ...(await namesIn(storageDir, logger)).flatMap((name) =>
      FILES.test(name) ? [path.join(storageDir, name)] : [],
    ),
    ...(await namesIn(records, logger)).flatMap((name) =>
      parseTranscriptFileName(name) ? [path.join(records, name)] : [],
    ),
  ];
  const left: string[] = [];
  for (const file of files) {
    try {
      await rm(file, { force: true });
    } catch (thrown) {
      const name = path.basename(file);
      left.push(name);
      logger.log('warn', 'reset.file.kept', { name, code: systemCodeOf(thrown) ?? messageOf(thrown) });
    }
  }
  logger.log('info', 'reset.done', { removed: files.length - left.length, left: left.length });
  return { removed: files.length - left.length, left };
}

async function namesIn(folder: string, logger: Logger): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code !== 'ENOENT') logger.log('warn', 'reset.folder.unreadable', { code: code ?? messageOf(thrown) });
    return [];
  }
}
