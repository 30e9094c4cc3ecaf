import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import initSqlJs from 'sql.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyState, removeStoredFiles } from '../../src/engine/resetStoredData';
import { NEWEST_FIRST, NO_DISPATCH_FILTER } from '../../src/shared/dispatchQuery';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { MIGRATIONS, type Migration } from '../../src/storage/state/schema';
import { SqlState } from '../../src/storage/state/sqlState';
import type { SqlWriter } from '../../src/storage/stateDatabase';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama } from '../fakes/ollama/server';
import { dispatchRecord } from '../support/dispatchRecords';
import { testEngine } from '../support/engine';
import { SQL_WASM } from '../support/programs';

const SEEN = { timeout: 20_000, interval: 20 };

async function storageFolder(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'mp-reset-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const folder = path.join(root, 'storage');
  await mkdir(folder);
  return folder;
}

async function openState(folder: string, migrations?: readonly Migration[]): Promise<SqlState> {
  const options = { folder, wasmFile: SQL_WASM, clock: systemClock, logger: silentLogger };
  const state = new SqlState({ ...options, ...(migrations ? { migrations } : {}) });
  onTestFinished(() => state.close());
  await state.open();
  return state;
}

const note = (sql: SqlWriter, subject: string): number =>
  sql.run('INSERT INTO tool_calling (subject, calls_tools, how, found_at) VALUES (?, 1, ?, 1)', [
    subject,
    'tried',
  ]);

async function subjects(state: SqlState): Promise<readonly unknown[]> {
  const read = await state.transaction('read', (sql) =>
    sql.all('SELECT subject FROM tool_calling ORDER BY subject').map(({ subject }) => subject),
  );
  return read.ok ? read.value : [read.message];
}

const PULL = `INSERT INTO pull_runs VALUES
  ('run', '', 'ollama', 'a', 'a', 'a', ?, NULL, 'boot', 0, 1, 1, 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, '[]', NULL)`;

describe('resetting what is stored', () => {
  it('empties every table, and leaves no older generation that is full', async () => {
    const folder = await storageFolder();
    const state = await openState(folder);
    await state.transaction('fill', (sql) => {
      note(sql, 'digest');
      sql.run(PULL, ['cancelled']);
    });
    expect(await emptyState(state, systemClock)).toEqual({ ok: true });
    const { Database } = await initSqlJs();
    const generations = (await readdir(folder)).filter((name) => /^state\.\d+\.sqlite$/.test(name));
    expect(generations.length).toBeGreaterThan(0);
    for (const name of generations) {
      const database = new Database(await readFile(path.join(folder, name)));
      const tables = database
        .exec("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'writers')")[0]
        ?.values.map(String);
      expect(tables).toContain('pull_runs');
      for (const table of tables ?? [])
        expect(database.exec(`SELECT COUNT(*) FROM "${table}"`)[0]?.values, `${name} ${table}`).toEqual([
          [0],
        ]);
      database.close();
    }
    // What it noted on the way is gone too, and the state goes on.
    const meta = await state.transaction('look', (sql) => sql.all('SELECT key FROM meta'));
    expect(meta).toEqual({ ok: true, value: [{ key: 'schema_version' }] });
    await state.transaction('fill', (sql) => note(sql, 'after'));
    expect(await subjects(await openState(folder))).toEqual(['after']);
  });

  it('changes nothing while a model is pulled, in whichever window', async () => {
    const folder = await storageFolder();
    const [state, other] = [await openState(folder), await openState(folder)];
    for (const status of ['queued', 'pulling', 'verifying']) {
      await other.transaction('pull', (sql) => {
        sql.run('DELETE FROM pull_runs');
        sql.run(PULL, [status]);
        sql.run('DELETE FROM tool_calling');
        note(sql, 'digest');
      });
      expect(await emptyState(state, systemClock)).toMatchObject({ ok: false, code: 'pulls_running' });
      expect(await subjects(other)).toEqual(['digest']);
    }
  });

  it('does not touch a state of a newer version', async () => {
    const folder = await storageFolder();
    const newer = await openState(folder, [...MIGRATIONS, { version: 1_000, apply: () => undefined }]);
    await newer.transaction('fill', (sql) => note(sql, 'digest'));
    const state = await openState(folder);
    expect(await emptyState(state, systemClock)).toMatchObject({ ok: false, code: 'schema_too_new' });
    expect(await subjects(newer)).toEqual(['digest']);
  });

  it('loses nothing that other windows store afterwards, and keeps nothing from before', async () => {
    const folder = await storageFolder();
    const state = await openState(folder);
    const writers = await Promise.all([1, 2, 3].map(() => openState(folder)));
    const before: string[] = [];
    const after: string[] = [];
    let phase: 'before' | 'during' | 'after' = 'before';
    const write = async (writer: SqlState, id: number): Promise<void> => {
      for (let n = 0; n < 40; n++) {
        const began = phase;
        const subject = `${id}-${String(n).padStart(2, '0')}`;
        expect(await writer.transaction('note', (sql) => note(sql, subject))).toMatchObject({ ok: true });
        // What is stored while it happens may be on either side of it.
        if (phase === 'before') before.push(subject);
        else if (began === 'after') after.push(subject);
      }
    };
    const writing = Promise.all(writers.map(write));
    await expect.poll(() => before.length, SEEN).toBeGreaterThan(10);
    phase = 'during';
    expect(await emptyState(state, systemClock)).toEqual({ ok: true });
    phase = 'after';
    await writing;
    const left = await subjects(state);
    expect(after.length).toBeGreaterThan(0);
    expect(left).toEqual(expect.arrayContaining(after));
    expect(before.filter((subject) => left.includes(subject))).toEqual([]);
    for (const writer of writers) expect(await subjects(writer)).toEqual(left);
  }, 60_000);

  it('takes records and caches away while another window goes on, and neither models nor what is not ours', async () => {
    const storageDir = await storageFolder();
    const ollama = await startFakeOllama({ installed: { 'qwen3:8b': describeModel() } });
    onTestFinished(() => ollama.stop());
    const backends = [{ id: 'ollama', kind: 'ollama', url: ollama.url }] as const;
    const [first, second] = [await testEngine(storageDir, backends), await testEngine(storageDir, backends)];
    onTestFinished(() => second.dispose());
    for (const engine of [first, second]) engine.start();
    await first.refreshAll(AbortSignal.timeout(30_000));
    await expect.poll(() => second.served.all().length, SEEN).toBe(1);
    for (const [n, { transcript }] of [first, second].entries()) {
      transcript.append(dispatchRecord(n, systemClock.now()));
      await transcript.flush();
    }
    const query = {
      filter: NO_DISPATCH_FILTER,
      order: NEWEST_FIRST,
      offset: 0,
      limit: 10,
      asOf: null,
      around: null,
    };
    await expect.poll(async () => (await second.transcript.query(query)).known, SEEN).toBe(2);
    const ours = [
      'hub-cache.json',
      'hub-cache.json.bad',
      'catalogue.json',
      'state.corrupt-20261121T000000000Z.sqlite',
    ];
    const others = ['notes.txt', 'transcript/export.csv'];
    for (const name of [...ours, ...others]) await writeFile(path.join(storageDir, name), '{}');

    // So that no probe finds at once what was forgotten.
    await ollama.kill();
    expect(await emptyState(first.state, systemClock)).toEqual({ ok: true });
    await expect.poll(() => second.served.all(), SEEN).toEqual([]);
    await first.dispose();
    expect(await removeStoredFiles(storageDir, silentLogger)).toEqual({ removed: ours.length + 2, left: [] });
    // As the editor does when the window then closes.
    await first.dispose();

    const names = await readdir(storageDir, { recursive: true });
    expect(names).toEqual(expect.arrayContaining(others.map((name) => path.normalize(name))));
    for (const name of ours) expect(names).not.toContain(name);
    expect(names.filter((name) => name.endsWith('.jsonl'))).toEqual([]);
    second.transcript.append(dispatchRecord(7, systemClock.now()));
    await expect
      .poll(async () => (await second.transcript.query(query)).records.map(({ recordId }) => recordId), SEEN)
      .toEqual(['record-7']);
    await ollama.restart();
    // A probe of the schedule that runs already may have asked before that.
    await second.refreshBackend('ollama', AbortSignal.timeout(30_000));
    expect(second.served.all().map(({ modelId }) => modelId)).toEqual(['qwen3:8b']);
    const third = await testEngine(storageDir, backends);
    onTestFinished(() => third.dispose());
    third.start();
    await expect.poll(() => third.served.all().length, SEEN).toBe(1);
    expect(third.state.status).toMatchObject({ state: 'open' });
  }, 120_000);
});
