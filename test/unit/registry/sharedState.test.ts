import { beforeEach, describe, expect, it } from 'vitest';
import type { ModelRegistry } from '../../../src/registry/registry';
import type { RegistryRow } from '../../../src/registry/row';
import { readRows } from '../../../src/registry/storedRows';
import type { Logger } from '../../../src/shared/logger';
import { silentLogger } from '../../../src/shared/logger';
import { SqlSession } from '../../../src/storage/state/sqlSession';
import type { SqlReader } from '../../../src/storage/stateDatabase';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry, MemoryState, setReadiness, SharedMemory } from '../../support/registryState';
import { config, model, row } from './support/rows';

const DAY_MS = 24 * 3_600_000;

let clock: FakeClock;
let memory: SharedMemory;
let lines: string[];
let logger: Logger;

beforeEach(() => {
  clock = new FakeClock();
  memory = new SharedMemory();
  lines = [];
  logger = { log: (level, event, facts) => lines.push(`${level} ${event} ${JSON.stringify(facts ?? {})}`) };
});

function window(state = new MemoryState(memory), log: Logger = silentLogger): ModelRegistry {
  return memoryRegistry({ state, clock, logger: log });
}

function ids(registry: ModelRegistry, backend = 'ollama'): readonly string[] {
  return registry.listForBackend(backend).map(({ modelId }) => modelId);
}

const full = { ok: false, code: 'storage_unavailable', message: 'The disk is full.' } as const;

describe('two windows', () => {
  it('show the same rows and states, and each hears of what the other one changed, and of nothing else', async () => {
    const [a, b] = [window(), window()];
    await a.configureBackends([config('ollama'), config('other')]);
    await b.configureBackends([config('ollama'), config('other')]);
    await a.upsert([row(), row({ backend: 'other' })]);
    const heard: (readonly RegistryRow[])[] = [];
    const states: string[] = [];
    b.onDidChangeRows((rows) => heard.push(rows));
    b.onDidChangeBackends((all) => states.push(all.map(({ id, readiness }) => `${id} ${readiness}`).join()));
    await a.upsert([row({ refreshedMono: 2_000, models: [model('new')] })]);
    expect(ids(b)).toEqual(['new']);
    expect(heard).toMatchObject([[{ backend: 'ollama', provider: 'qwen', models: [{ modelId: 'new' }] }]]);
    expect(states).toEqual([]);
    await setReadiness(a, 'other', { readiness: 'unreachable', message: 'gone', nextStep: 'start it' });
    expect(b.backend('other')).toMatchObject({ readiness: 'unreachable', message: 'gone', probing: false });
    expect(states).toEqual(['ollama unknown,other unreachable']);
    expect(heard).toHaveLength(1);
  });

  it('keep the newer of two writes, also where the older one comes later: what vanished stays away', async () => {
    const [a, b] = [window(), window()];
    await a.upsert([row()]);
    await b.upsert([row({ refreshedMono: 3_000, models: [] })]);
    const late = await a.upsert([row({ refreshedMono: 2_000, models: [model('ghost')] })]);
    expect(late).toEqual({ applied: [] });
    expect([ids(a), ids(b)]).toEqual([[], []]);
  });

  it('never duplicate a row, whoever writes first', async () => {
    const [a, b] = [window(), window()];
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 ? a : b).upsert([row({ refreshedMono: n, models: [model(`m${n}`)] })]),
      ),
    );
    expect([a.rows(), b.rows()].map((rows) => rows.map(({ models }) => models))).toEqual([
      [[model('m19')]],
      [[model('m19')]],
    ]);
  });

  it('show at the start what was known at the end of the last one, before any probe', async () => {
    const first = window();
    await first.configureBackends([config('ollama')]);
    await first.upsert([row()]);
    await setReadiness(first, 'ollama', { readiness: 'ok', version: '0.32.15' });
    const next = window();
    await next.configureBackends([config('ollama')]);
    expect(ids(next)).toEqual(['qwen3:8b']);
    expect(next.backend('ollama')).toMatchObject({ readiness: 'ok', version: '0.32.15' });
  });

  it('keep an equal write of another window out', async () => {
    const [a, b] = [window(), window()];
    await a.upsert([row({ models: [model('first')] })]);
    expect(await b.upsert([row({ models: [model('second')] })])).toEqual({ applied: [] });
    expect(ids(b)).toEqual(['first']);
  });
});

describe('a transaction', () => {
  it('is not begun for an empty batch, nor for one of which nothing is valid', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    await registry.upsert([]);
    await registry.upsert([row({ backend: 'Bad' })]);
    expect(state.begun).toEqual([]);
  });

  it('publishes nothing where every row is old news', async () => {
    const registry = window();
    await registry.upsert([row()]);
    await registry.upsert([row()]);
    expect(memory.generation).toBe(1);
  });

  it('that throws is answered, never thrown', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    memory.database.run('DROP TABLE registry_rows');
    expect(await registry.upsert([row()])).toMatchObject({
      error: 'storage_unavailable',
      message: expect.stringContaining('no such table') as unknown,
    });
  });
});

describe('rows that cannot be read', () => {
  const insert = 'INSERT INTO registry_rows VALUES (?, ?, ?, ?, ?, ?, ?)';

  it('are left out alone, with one log line, and give way to the next write', async () => {
    const registry = window(new MemoryState(memory), logger);
    await registry.upsert([row()]);
    memory.database.run(insert, ['ollama', 'google', 'guess', 1, 1, 'boot', '[]']);
    memory.database.run(insert, ['ollama', 'meta', 'probe', 1, 1, 'boot', '{not json']);
    memory.database.run(insert, ['ollama', 'mistralai', 'probe', 1, 1, 'boot', '[{"modelId":7},{}]']);
    await registry.upsert([row({ provider: 'ibm' })]);
    await registry.upsert([row({ provider: 'nvidia' })]);
    expect(registry.rows().map(({ provider }) => provider)).toEqual(['qwen', 'mistralai', 'ibm', 'nvidia']);
    expect(lines.filter((line) => line.includes('registry.stored.'))).toEqual([
      expect.stringMatching(/warn registry\.stored\.unreadable .*"google".*source/),
      expect.stringMatching(/warn registry\.stored\.unreadable .*"meta".*models/),
      expect.stringMatching(/model_unreadable .*"mistralai","index":0/),
      expect.stringMatching(/model_unreadable .*"mistralai","index":1/),
    ]);
    await registry.upsert([row({ provider: 'meta', models: [model('llama')] })]);
    expect(registry.find('ollama', 'meta', 'llama')).toBeDefined();
  });

  it('do not stop the reading of states that are of another shape', async () => {
    const registry = window();
    await registry.configureBackends([config('a'), config('b')]);
    await setReadiness(registry, 'a', { readiness: 'ok' });
    memory.database.run(`UPDATE backend_states SET state = '{"readiness":"fine"}' WHERE backend = 'b'`);
    const next = window();
    await next.configureBackends([config('a'), config('b')]);
    expect(next.backends().map(({ readiness }) => readiness)).toEqual(['ok', 'unknown']);
  });

  it('that stay the same are not parsed again, and are the same table while nothing changes', async () => {
    const registry = window();
    await registry.upsert([row(), row({ provider: 'google' })]);
    const parsed: string[] = [];
    const session = new SqlSession(memory.database);
    const reader: SqlReader = {
      all(query, parameters) {
        if (query.includes('models')) parsed.push(String(parameters?.[1]));
        return session.all(query, parameters);
      },
    };
    const first = readRows(reader, new Map(), logger, new Set());
    expect(parsed.sort()).toEqual(['google', 'qwen']);
    expect(readRows(reader, first, logger, new Set())).toBe(first);
    await registry.upsert([row({ provider: 'google', refreshedMono: 2_000 })]);
    const next = readRows(reader, first, logger, new Set());
    expect(parsed).toEqual(['google', 'qwen', 'google']);
    expect(next.get('ollama/qwen')).toBe(first.get('ollama/qwen'));
    memory.database.run("DELETE FROM registry_rows WHERE provider = 'google'");
    expect([...readRows(reader, next, logger, new Set()).keys()]).toEqual(['ollama/qwen']);
  });
});

describe('while the state cannot be written', () => {
  it('what is written is shown in this window, answered as an error, and stored as soon as that works', async () => {
    const state = new MemoryState(memory);
    const [a, b] = [window(state, logger), window()];
    for (const registry of [a, b]) await registry.configureBackends([config('ollama')]);
    await a.upsert([row()]);
    state.failure = full;
    expect(await a.upsert([row({ refreshedMono: 2_000, models: [model('new')] })])).toEqual({
      error: 'storage_unavailable',
      message: 'The disk is full.',
    });
    await setReadiness(a, 'ollama', { readiness: 'ok' });
    expect([ids(a), ids(b)]).toEqual([['new'], ['qwen3:8b']]);
    expect([a.backend('ollama')?.readiness, b.backend('ollama')?.readiness]).toEqual(['ok', 'unknown']);
    state.failure = undefined;
    await clock.advance(4_999);
    expect(ids(b)).toEqual(['qwen3:8b']);
    await clock.advance(1);
    expect([ids(a), ids(b)]).toEqual([['new'], ['new']]);
    expect(b.backend('ollama')?.readiness).toBe('ok');
    expect(clock.pending).toBe(0);
    expect(lines).toEqual([
      'error registry.store.failed {"code":"storage_unavailable","message":"The disk is full."}',
      'info registry.store.recovered {}',
    ]);
    // Nothing is kept any more that another window could not take away.
    await b.configureBackends([]);
    expect(ids(a)).toEqual([]);
  });

  it('what is kept goes along with the next write, and gives way to what is newer by then', async () => {
    const state = new MemoryState(memory);
    const [a, b] = [window(state), window()];
    state.failure = full;
    await a.upsert([row({ models: [model('old')] }), row({ provider: 'google', models: [model('kept')] })]);
    await b.upsert([row({ refreshedMono: 2_000, models: [model('newer')] })]);
    expect(ids(a)).toEqual(['kept', 'newer']);
    state.failure = undefined;
    await a.upsert([row({ provider: 'ibm', models: [model('next')] })]);
    expect(ids(b)).toEqual(['kept', 'newer', 'next']);
    expect(ids(a)).toEqual(ids(b));
  });

  it('what is older than what is shown already changes nothing', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    await registry.upsert([row({ refreshedMono: 2_000 })]);
    state.failure = full;
    const heard: unknown[] = [];
    registry.onDidChangeRows((rows) => heard.push(rows));
    await registry.upsert([row({ models: [] })]);
    expect(ids(registry)).toEqual(['qwen3:8b']);
    expect(heard).toEqual([]);
  });

  it('a newer schema is not tried again by itself', async () => {
    const state = new MemoryState(memory);
    state.failure = { ok: false, code: 'schema_too_new', message: 'newer' };
    const registry = window(state);
    await registry.upsert([row()]);
    expect(ids(registry)).toEqual(['qwen3:8b']);
    expect(clock.pending).toBe(0);
  });

  it('a state that opens late gets what was written before, and shows what it had', async () => {
    await window().upsert([row({ provider: 'google', models: [model('stored')] })]);
    const state = new MemoryState(memory, false);
    const registry = window(state, logger);
    await registry.configureBackends([config('ollama')]);
    await registry.upsert([row()]);
    expect(ids(registry)).toEqual(['qwen3:8b']);
    await state.open();
    expect(ids(registry)).toEqual(['qwen3:8b', 'stored']);
    await clock.advance(5_000);
    expect(ids(window())).toEqual(['qwen3:8b', 'stored']);
    expect(lines.at(-1)).toBe('info registry.store.recovered {}');
  });

  it('nothing is tried any more when the window has closed', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    state.failure = full;
    await registry.upsert([row()]);
    registry.dispose();
    expect(clock.pending).toBe(0);
    expect(ids(registry)).toEqual(['qwen3:8b']);
  });
});

describe('configured backends', () => {
  it('are the only ones that are shown; what is stored of others stays', async () => {
    await window().upsert([row(), row({ backend: 'work_laptop' })]);
    const registry = window();
    await registry.configureBackends([config('ollama')]);
    expect([...registry.listAllByBackend().keys()]).toEqual(['ollama']);
    expect(registry.rows()).toHaveLength(1);
    expect(window().rows()).toHaveLength(2);
    await registry.configureBackends([config('ollama'), config('work_laptop')]);
    expect(ids(registry, 'work_laptop')).toEqual(['qwen3:8b']);
  });

  it('lose what is stored of another server under their id, in all windows', async () => {
    const before = window();
    await before.configureBackends([config('ollama'), config('llama')]);
    await before.upsert([row(), row({ backend: 'llama' })]);
    await setReadiness(before, 'ollama', { readiness: 'ok' });
    const after = window();
    await after.configureBackends([
      config('ollama', { url: 'http://127.0.0.1:2' }),
      config('llama', { kind: 'llama_server' }),
    ]);
    expect(after.rows()).toEqual([]);
    expect(after.backends().map(({ readiness }) => readiness)).toEqual(['unknown', 'unknown']);
    expect(window().rows()).toEqual([]);
  });

  it('keep their rows when only a password in their address changes, which is not stored', async () => {
    const registry = window();
    await registry.configureBackends([config('ollama', { url: 'http://me:hunter22@127.0.0.1:1/x?key=abc' })]);
    await registry.upsert([row()]);
    await registry.configureBackends([config('ollama', { url: 'http://me:other@127.0.0.1:1/x?key=def' })]);
    expect(ids(registry)).toEqual(['qwen3:8b']);
    expect(JSON.stringify(memory.database.exec('SELECT * FROM backend_states'))).not.toMatch(/hunter22|abc/);
  });

  it('that are removed while their write runs get no rows back, neither stored nor kept', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    await registry.configureBackends([config('ollama')]);
    const running = [registry.upsert([row()]), setReadiness(registry, 'ollama', { readiness: 'ok' })];
    const removed = registry.configureBackends([]);
    await Promise.all([...running, removed]);
    expect(memory.database.exec('SELECT * FROM registry_rows')).toEqual([]);
    expect(memory.database.exec('SELECT * FROM backend_states')).toEqual([]);

    await registry.configureBackends([config('ollama')]);
    state.failure = full;
    const failing = registry.upsert([row()]);
    await registry.configureBackends([]);
    await failing;
    state.failure = undefined;
    await clock.advance(10_000);
    expect(memory.database.exec('SELECT * FROM registry_rows')).toEqual([]);
    expect(registry.rows()).toEqual([]);
  });

  it('that become another server while a write runs get no rows of the one before', async () => {
    const registry = window();
    await registry.configureBackends([config('ollama')]);
    const running = registry.upsert([row()]);
    await registry.configureBackends([config('ollama', { url: 'http://127.0.0.1:2' })]);
    await running;
    expect(registry.rows()).toEqual([]);
    expect(memory.database.exec('SELECT * FROM registry_rows')).toEqual([]);
  });

  it('that are removed while nothing can be written are hidden at once, and gone when it can', async () => {
    const state = new MemoryState(memory);
    const registry = window(state);
    await registry.configureBackends([config('ollama'), config('b')]);
    await registry.upsert([row(), row({ backend: 'b' })]);
    state.failure = full;
    await registry.configureBackends([config('b', { url: 'http://127.0.0.1:2' })]);
    expect(registry.rows()).toEqual([]);
    await registry.upsert([row({ backend: 'b', refreshedMono: 2_000, models: [model('of the new one')] })]);
    expect(registry.rows()).toHaveLength(1);
    state.failure = undefined;
    await clock.advance(5_000);
    expect(window().rows()).toMatchObject([{ backend: 'b', models: [{ modelId: 'of the new one' }] }]);
  });

  it('of two windows with two servers under one id: each shows its own, and the last one is stored', async () => {
    const [home, work] = [window(), window()];
    await home.configureBackends([config('ollama')]);
    await home.upsert([row({ models: [model('home')] })]);
    await work.configureBackends([config('ollama', { url: 'http://127.0.0.1:2' })]);
    await work.upsert([row({ refreshedMono: 2_000, models: [model('work')] })]);
    await home.upsert([row({ refreshedMono: 3_000, models: [model('home')] })]);
    await setReadiness(home, 'ollama', { readiness: 'ok' });
    expect([ids(home), ids(work)]).toEqual([['home'], ['work']]);
    expect([home.backend('ollama')?.readiness, work.backend('ollama')?.readiness]).toEqual(['ok', 'unknown']);
    expect(ids(window())).toEqual(['work']);
  });

  it('that another window has as another server, and that are removed here, leave nothing here', async () => {
    const state = new MemoryState(memory);
    const [home, work] = [window(state), window()];
    await home.configureBackends([config('ollama')]);
    await work.configureBackends([config('ollama', { url: 'http://127.0.0.1:2' })]);
    await work.upsert([row({ models: [model('work')] })]);
    const transaction = state.transaction.bind(state);
    state.transaction = async (name, change) => {
      const result = await transaction(name, change);
      // Between the commit and the moment at which the writer hears of it.
      if (name === 'registry.upsert') void home.configureBackends([]);
      return result;
    };
    await home.upsert([row({ refreshedMono: 2_000, models: [model('home')] })]);
    expect(home.rows()).toEqual([]);
    expect(ids(work)).toEqual(['work']);
  });
});

describe('the sweep', () => {
  it('takes rows without models and backends that nobody configures, 30 days after they were last seen', async () => {
    const others = window();
    await others.configureBackends([config('elsewhere')]);
    const at = clock.now() * 1_000;
    await others.upsert([row({ backend: 'elsewhere', refreshedAt: at })]);
    const registry = window(new MemoryState(memory), logger);
    await registry.configureBackends([config('ollama')]);
    await registry.upsert([row({ refreshedAt: at }), row({ provider: 'gone', refreshedAt: at, models: [] })]);
    clock.stepWall(30 * DAY_MS);
    await registry.maintain();
    expect(registry.rows()).toHaveLength(2);
    expect(window().rows()).toHaveLength(3);
    clock.stepWall(1);
    await registry.maintain();
    expect(window().rows()).toMatchObject([{ backend: 'ollama', provider: 'qwen' }]);
    expect(lines.at(-1)).toBe('info registry.swept {"emptyRows":1,"backends":1}');
    expect(memory.database.exec('SELECT backend FROM backend_states')[0]?.values).toEqual([['ollama']]);
  });

  it('keeps an old row of a backend that another profile still asks', async () => {
    const others = window();
    await others.configureBackends([config('elsewhere')]);
    await others.upsert([row({ backend: 'elsewhere', source: 'baseline', refreshedAt: 1 })]);
    const registry = window();
    await registry.configureBackends([]);
    await registry.maintain();
    expect(ids(others, 'elsewhere')).toEqual(['qwen3:8b']);
  });
});
