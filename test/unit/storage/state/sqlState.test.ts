import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SqlReader, SqlWriter, StateStatus } from '../../../../src/storage/stateDatabase';
import { systemClock } from '../../../../src/shared/clock';
import { MIGRATIONS } from '../../../../src/storage/state/schema';
import { newestVersion } from '../../../../src/storage/state/stateImage';
import type { SqlStateOptions } from '../../../../src/storage/state/sqlState';
import { SqlState } from '../../../../src/storage/state/sqlState';
import { FakeClock } from '../../../fakes/fakeClock';
import { SQL_WASM } from '../../../support/programs';
import { counter, halfTransaction, mixedChange, rowsAfter, storedRows } from '../../../support/stateWorkload';

let folder: string;
let logged: string[];
let opened: SqlState[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'state-'));
  logged = [];
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((state) => state.close()));
  await rm(folder, { recursive: true, force: true });
});

describe('a transaction', () => {
  it('stores nothing before the first change, and a generation with each one after it', async () => {
    const state = await open();
    expect(state.status).toEqual({ state: 'open', generation: 0 });
    expect(await files()).toEqual([]);
    for (let n = 1; n <= 4; n++)
      expect(await state.transaction('mixed', mixedChange('a', n))).toEqual({ ok: true, value: n });
    expect(state.status).toEqual({ state: 'open', generation: 4 });
    expect(await files()).toEqual(['state.3.sqlite', 'state.4.sqlite']);
    const again = await open();
    expect(read(again, storedRows)).toEqual(rowsAfter('a', 4));
  });

  it('publishes nothing when it changes no row', async () => {
    const state = await open();
    await state.transaction('mixed', mixedChange('a', 1));
    const result = await state.transaction('nothing', (sql) =>
      sql.run("DELETE FROM registry_rows WHERE backend = 'nobody'"),
    );
    expect(result).toEqual({ ok: true, value: 0 });
    expect(await state.transaction('look', (sql) => counter(sql, 'all'))).toEqual({ ok: true, value: 1 });
    expect(await files()).toEqual(['state.1.sqlite']);
  });

  it('rejects with what the change threw, and leaves everything as it was', async () => {
    const state = await open();
    await state.transaction('mixed', mixedChange('a', 1));
    const thrown = new Error('a bug');
    await expect(
      state.transaction('bad', (sql) => {
        mixedChange('a', 2)(sql);
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(await files()).toEqual(['state.1.sqlite']);
    expect(read(state, storedRows)).toEqual(rowsAfter('a', 1));
    expect(await state.transaction('mixed', mixedChange('a', 2))).toEqual({ ok: true, value: 2 });
    expect(read(state, storedRows)).toEqual(rowsAfter('a', 2));
  });

  const bugs: readonly (readonly [string, (sql: SqlWriter) => unknown, RegExp])[] = [
    ['returns a promise', async (sql) => mixedChange('a', 1)(sql), /synchronous/],
    ['breaks a constraint', (sql) => sql.run("INSERT INTO meta VALUES ('schema_version', 'x')"), /UNIQUE/],
    ['breaks a column type', (sql) => sql.run("INSERT INTO writers VALUES ('a', 'x', 1)"), /INTEGER/],
    ['has a mistake in its SQL', (sql) => sql.run('INSERT INTO'), /incomplete input/],
    ['ends the transaction itself', (sql) => sql.run('COMMIT'), /may not run/],
    ['stores an integer that would be rounded', (sql) => sql.run('SELECT ?', [2 ** 53]), /exactly/],
    ['stores what is not a number', (sql) => sql.run('SELECT ?', [NaN]), /exactly/],
  ];
  it.each(bugs)('rejects a change that %s', async (_bug, change, message) => {
    const state = await open();
    await expect(state.transaction('bad', change)).rejects.toThrow(message);
    expect(await files()).toEqual([]);
    expect(await state.transaction('mixed', mixedChange('a', 1))).toEqual({ ok: true, value: 1 });
  });

  it('stores what follows a failed statement that the change caught', async () => {
    const state = await open();
    await state.transaction('caught', (sql) => {
      expect(() => sql.run("INSERT INTO meta VALUES ('schema_version', 'x')")).toThrow(/UNIQUE/);
      mixedChange('a', 1)(sql);
    });
    expect(read(state, storedRows)).toEqual(rowsAfter('a', 1));
  });

  it('lets no change write after its end', async () => {
    const state = await open();
    let kept: SqlWriter | undefined;
    await state.transaction('mixed', (sql) => {
      kept = sql;
      mixedChange('a', 1)(sql);
    });
    expect(() => kept?.run('DELETE FROM meta')).toThrow(/ended/);
  });

  it('says how many rows a statement changed', async () => {
    const state = await open();
    const counts = await state.transaction('counts', (sql) => [
      sql.run("INSERT INTO meta VALUES ('a', '1'), ('b', '2')"),
      sql.run("UPDATE meta SET value = '3' WHERE key = 'a'"),
      sql.run('SELECT 1'),
      sql.run("DELETE FROM meta WHERE key IN ('a', 'b')"),
    ]);
    expect(counts).toEqual({ ok: true, value: [2, 1, 0, 2] });
  });

  it('runs in the order in which it was asked for', async () => {
    const state = await open();
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3].map((n) =>
        state.transaction('mixed', (sql) => {
          order.push(n);
          return mixedChange('a', n)(sql);
        }),
      ),
    );
    expect(order).toEqual([1, 2, 3]);
    expect(read(state, storedRows)).toEqual(rowsAfter('a', 3));
  });

  it('is made on the newest generation of another window', async () => {
    const [first, second] = [await open(), await open()];
    await first.transaction('mixed', mixedChange('a', 1));
    await second.transaction('mixed', mixedChange('b', 1));
    await first.transaction('mixed', mixedChange('a', 2));
    expect(read(first, storedRows)).toEqual({ ...rowsAfter('a', 2), ...rowsAfter('b', 1) });
    expect(await files()).toEqual(['state.2.sqlite', 'state.3.sqlite']);
  });

  it('is answered with closed after close, which waits for those before it', async () => {
    const clock = new FakeClock();
    const state = await open({ clock });
    const running = state.transaction('mixed', mixedChange('a', 1));
    const closing = state.close();
    expect(await state.transaction('late', mixedChange('a', 2))).toMatchObject({ ok: false, code: 'closed' });
    expect(await running).toEqual({ ok: true, value: 1 });
    await closing;
    await state.close();
    expect(state.status).toEqual({ state: 'closed' });
    expect(clock.pending).toBe(0);
    expect(read(await open(), storedRows)).toEqual(rowsAfter('a', 1));
  });
});

describe('a view', () => {
  it('is read at once, and anew only after the publish', async () => {
    const state = await open();
    const total = state.view(-1, (sql) => counter(sql, 'all'));
    expect(total.value).toBe(0);
    let during = -1;
    let madeDuring = -1;
    const running = state.transaction('mixed', (sql) => {
      mixedChange('a', 1)(sql);
      during = total.value;
      queueMicrotask(() => {
        madeDuring = read(state, (reader) => counter(reader, 'all'));
      });
    });
    await running;
    expect({ during, madeDuring, after: total.value }).toEqual({ during: 0, madeDuring: 0, after: 1 });
  });

  it('tells its listeners once all views are new, and not when its value is the same', async () => {
    const state = await open();
    const total = state.view(0, (sql) => counter(sql, 'all'));
    const same = state.view('same', (_sql, previous) => previous);
    const right = state.view(0, (sql) => counter(sql, 'right'));
    const heard: unknown[] = [];
    same.onDidChange((value) => heard.push(value));
    total.onDidChange(() => {
      throw new Error('a bug of a listener');
    });
    const stop = total.onDidChange((value) => heard.push([value, right.value]));
    await state.transaction('mixed', mixedChange('a', 1));
    stop();
    await state.transaction('mixed', mixedChange('a', 2));
    expect(heard).toEqual([[1, 1]]);
    expect(logged).toContain('state.listener.failed');
  });

  it('keeps its value, and the others go on, when its read throws or tries to write', async () => {
    const state = await open();
    const failing = state.view('before', (sql) => {
      if (counter(sql, 'all') > 0) throw new Error('a bug');
      return 'read';
    });
    const writing = state.view('before', (sql) => String(sql.all('DELETE FROM meta RETURNING key').length));
    const total = state.view(0, (sql) => counter(sql, 'all'));
    await state.transaction('mixed', mixedChange('a', 1));
    expect([failing.value, writing.value, total.value]).toEqual(['read', 'before', 1]);
    expect(logged).toContain('state.view.failed');
    expect(read(await open(), halfTransaction)).toBeUndefined();
  });

  it('follows the commits of another window through the watch, without any timer', async () => {
    const [writer, reader] = [await open(), await open({ clock: new FakeClock() })];
    const total = reader.view(0, (sql) => counter(sql, 'all'));
    await writer.transaction('mixed', mixedChange('a', 1));
    await vi.waitFor(() => expect(total.value).toBe(1), { timeout: 4_000, interval: 5 });
  });

  it('follows them within 2 s where the system tells of no change, at the cost of one look each', async () => {
    const { nodeStateFiles } = await import('../../../../src/storage/state/stateFiles');
    const asked: string[] = [];
    const deaf = {
      ...nodeStateFiles,
      watch: () => () => undefined,
      names: (path: string) => {
        asked.push('names');
        return nodeStateFiles.names(path);
      },
      read: (path: string) => {
        asked.push('read');
        return nodeStateFiles.read(path);
      },
    };
    const clock = new FakeClock();
    const writer = await open();
    const reader = await open({ files: deaf, clock });
    const total = reader.view(0, (sql) => counter(sql, 'all'));
    await writer.transaction('mixed', mixedChange('a', 1));
    await clock.advance(2_000);
    await vi.waitFor(() => expect(total.value).toBe(1), { timeout: 4_000, interval: 5 });
    asked.length = 0;
    await clock.advance(2_000);
    await vi.waitFor(() => expect(asked).toEqual(['names']), { timeout: 4_000, interval: 5 });
    await reader.transaction('look', (sql) => counter(sql, 'all'));
    expect(asked).not.toContain('read');
  });
});

const TABLES_OF_VERSION_3 = ['tool_calling', 'measurements', 'chosen_contexts'];

describe('the schema', () => {
  const version = newestVersion(MIGRATIONS) + 1;
  const next = {
    version,
    apply: (sql: SqlWriter) => void sql.run('ALTER TABLE meta ADD COLUMN extra TEXT'),
  };
  const failing = {
    version,
    apply: (sql: SqlWriter) => {
      sql.run('CREATE TABLE half (x TEXT) STRICT');
      sql.run('CREATE TABLE half (x TEXT) STRICT');
    },
  };

  it('has strict tables alone, and an index on each key column of the registry rows', async () => {
    const state = await open();
    const tables = read(state, (sql) =>
      sql.all("SELECT name, strict FROM pragma_table_list WHERE type = 'table'"),
    );
    const ours = tables.filter(({ name }) => !String(name).startsWith('sqlite_'));
    expect(ours.map(({ name }) => name).sort()).toEqual([
      'backend_states',
      'chosen_contexts',
      'hardware_profiles',
      'measured_bandwidth',
      'measurements',
      'meta',
      'pool_bounds',
      'pool_entries',
      'pool_proposals',
      'pool_removals',
      'pull_runs',
      'registry_rows',
      'tool_calling',
      'writers',
    ]);
    expect(ours.every(({ strict }) => strict === 1)).toBe(true);
    for (const column of ['backend', 'provider']) {
      const plan = read(state, (sql) =>
        sql.all(`EXPLAIN QUERY PLAN SELECT * FROM registry_rows WHERE ${column} = 'x'`),
      );
      expect(String(plan[0]?.['detail'])).toMatch(/^SEARCH registry_rows USING INDEX/);
    }
  });

  it('is brought up to date by a newer window, as a generation of its own', async () => {
    const old = await open();
    await old.transaction('mixed', mixedChange('a', 1));
    const newer = await open({ migrations: [...MIGRATIONS, next] });
    expect(newer.status).toEqual({ state: 'open', generation: 2 });
    expect(read(newer, (sql) => sql.all('SELECT extra FROM meta').length)).toBeGreaterThan(0);
    expect(read(newer, storedRows)).toEqual(rowsAfter('a', 1));
  });

  it.each([1, 2])(
    'of version %i keeps what it holds, and gets the tables that came since',
    async (version) => {
      const old = await open({ migrations: MIGRATIONS.slice(0, version) });
      await old.transaction('mixed', mixedChange('a', 1));
      const newer = await open();
      expect(newer.status).toEqual({ state: 'open', generation: 2 });
      expect(read(newer, storedRows)).toEqual(rowsAfter('a', 1));
      for (const table of ['hardware_profiles', 'measured_bandwidth', ...TABLES_OF_VERSION_3])
        expect(read(newer, (sql) => sql.all(`SELECT * FROM ${table}`))).toEqual([]);
      expect(await old.transaction('mixed', mixedChange('a', 2))).toMatchObject({ code: 'schema_too_new' });
    },
  );

  it('of a newer version is read, never written and never reset, also when it comes while the window is open', async () => {
    const old = await open();
    await old.transaction('mixed', mixedChange('a', 1));
    const total = old.view(0, (sql) => counter(sql, 'all'));
    const newer = await open({ migrations: [...MIGRATIONS, next] });
    await newer.transaction('mixed', (sql) => sql.run("UPDATE meta SET value = '7' WHERE key = 'all'"));
    expect(await old.transaction('mixed', mixedChange('a', 2))).toMatchObject({
      ...{
        ok: false,
        code: 'schema_too_new',
        message: expect.stringContaining('Update Model Pool') as string,
      },
    });
    expect(old.status).toMatchObject({ state: 'read_only', generation: 3 });
    expect(total.value).toBe(7);
    const late = await open();
    expect(late.status).toMatchObject({ state: 'read_only', generation: 3 });
    expect(read(late, storedRows)).toEqual(rowsAfter('a', 1));
    expect(await files()).toEqual(['state.2.sqlite', 'state.3.sqlite']);
  });

  it('stays as it is when a migration fails, for the older windows to go on with', async () => {
    const old = await open();
    await old.transaction('mixed', mixedChange('a', 1));
    const newer = await open({ migrations: [...MIGRATIONS, failing] });
    expect(newer.status).toMatchObject({ state: 'degraded' });
    expect(await newer.transaction('mixed', mixedChange('b', 1))).toMatchObject({
      code: 'storage_unavailable',
    });
    expect(await old.transaction('mixed', mixedChange('a', 2))).toEqual({ ok: true, value: 2 });
    expect(
      read(await open(), (sql) => sql.all("SELECT name FROM sqlite_schema WHERE name = 'half'")),
    ).toEqual([]);
  });
});

describe('the status', () => {
  it('is told when it changes, and not with every commit', async () => {
    const told: StateStatus['state'][] = [];
    const state = make();
    state.onDidChangeStatus((status) => told.push(status.state));
    expect(state.status).toEqual({ state: 'closed' });
    await state.open();
    await state.transaction('mixed', mixedChange('a', 1));
    await state.transaction('mixed', mixedChange('a', 2));
    await state.close();
    expect(told).toEqual(['open', 'closed']);
  });

  it('says that SQLite cannot be loaded, and ends saying so when it can', async () => {
    const { copyFile, writeFile } = await import('node:fs/promises');
    const wasmFile = join(folder, 'engine.wasm');
    const state = await open({ wasmFile });
    expect(state.status).toMatchObject({ state: 'degraded' });
    const total = state.view(-1, (sql) => counter(sql, 'all'));
    expect(await state.transaction('mixed', mixedChange('a', 1))).toMatchObject({
      code: 'storage_unavailable',
    });
    await writeFile(wasmFile, 'not WebAssembly');
    expect(await state.transaction('mixed', mixedChange('a', 1))).toMatchObject({
      code: 'storage_unavailable',
    });
    expect(total.value).toBe(-1);
    await copyFile(SQL_WASM, wasmFile);
    expect(await state.transaction('mixed', mixedChange('a', 1))).toEqual({ ok: true, value: 1 });
    expect(state.status).toEqual({ state: 'open', generation: 1 });
    expect(total.value).toBe(1);
  });
});

function make(options: Partial<SqlStateOptions> = {}): SqlState {
  const state = new SqlState({
    ...{
      folder,
      wasmFile: SQL_WASM,
      clock: systemClock,
      logger: { log: (_level, event) => logged.push(event) },
    },
    ...options,
  });
  opened.push(state);
  return state;
}

async function open(options: Partial<SqlStateOptions> = {}): Promise<SqlState> {
  const state = make(options);
  await state.open();
  return state;
}

function read<T>(state: SqlState, reading: (sql: SqlReader) => T): T {
  let value: { readonly read: T } | undefined;
  state.view(0, (sql) => {
    value = { read: reading(sql) };
    return 0;
  });
  if (!value) throw new Error('the state cannot be read');
  return value.read;
}

async function files(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('state.')).sort();
}
