import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../../src/shared/clock';
import { systemClock } from '../../../../src/shared/clock';
import { SqlState } from '../../../../src/storage/state/sqlState';
import type { StateFiles } from '../../../../src/storage/state/stateFiles';
import { nodeStateFiles } from '../../../../src/storage/state/stateFiles';
import { FakeClock } from '../../../fakes/fakeClock';
import { SQL_WASM } from '../../../support/programs';
import { FaultyFiles } from '../../../support/stateFaults';
import { counter, mixedChange, rowsAfter, storedRows } from '../../../support/stateWorkload';

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

/** Ways in which a file of 60 kB may be found. */
const DAMAGES: readonly (readonly [string, (whole: Buffer) => Buffer | Promise<Buffer>])[] = [
  ['garbage', (whole) => Buffer.alloc(whole.length, 'garbage')],
  ['zeros', (whole) => Buffer.alloc(whole.length)],
  ['0 bytes', () => Buffer.alloc(0)],
  ['a few bytes', (whole) => whole.subarray(0, 7)],
  ['half a file', (whole) => whole.subarray(0, whole.length / 2)],
  ['a file that lacks its last byte', (whole) => whole.subarray(0, -1)],
  [
    'a file with garbage in its middle',
    (whole) => Buffer.from(whole).fill(0xa5, 4_200, whole.length - 4_200),
  ],
  ['a file with garbage in its last page', (whole) => Buffer.from(whole).fill(0xa5, whole.length - 4_096)],
  ['an empty database', () => database('PRAGMA user_version = 1')],
  ['a database of something else', () => database('CREATE TABLE other (x)')],
  ['a database without its version', () => database('CREATE TABLE meta (key, value)')],
];

describe('a newest file that was replaced by', () => {
  it.each(DAMAGES)('%s is kept aside, and the generation before it is used', async (_name, damage) => {
    await store(3);
    const bytes = await damage(await readFile(path(3)));
    await replaceWith(3, bytes);
    const state = await open();
    expect(state.status).toMatchObject({
      ...{
        state: 'open',
        generation: 2,
        notice: expect.stringMatching(/damaged.*state\.corrupt-.*before/) as string,
      },
    });
    expect(read(state)).toEqual(rowsAfter('a', 2));
    const [aside, ...others] = await setAside();
    expect(others).toEqual([]);
    expect(await readFile(join(folder, aside ?? ''))).toEqual(bytes);
    expect(logged).toEqual(['state.corrupt']);
    expect(await state.transaction('mixed', mixedChange('a', 3))).toEqual({ ok: true, value: 3 });
    expect(read(await open())).toEqual(rowsAfter('a', 3));
    expect(logged).toEqual(['state.corrupt']);
  });

  it.each(DAMAGES)('%s is published again by a window that has it in memory', async (_name, damage) => {
    await store(1);
    const holder = await open();
    await holder.transaction('mixed', mixedChange('a', 2));
    await replaceWith(2, await damage(await readFile(path(2))));
    expect(await holder.transaction('mixed', mixedChange('a', 3))).toEqual({ ok: true, value: 3 });
    expect(await names()).toEqual(['state.2.sqlite', 'state.3.sqlite']);
    expect(await setAside()).toHaveLength(1);
    expect(holder.status).toHaveProperty('notice', expect.stringMatching(/nothing is missing/));
    expect(read(await open())).toEqual(rowsAfter('a', 3));
  });
});

describe('a damaged state', () => {
  it('begins anew, and says so, where no earlier generation is left', async () => {
    await store(1);
    await replaceWith(1, Buffer.from('garbage'));
    const state = await open();
    expect(state.status).toMatchObject({
      ...{
        state: 'open',
        generation: 0,
        notice: expect.stringMatching(/no earlier version is left/) as string,
      },
    });
    expect(read(state)).toEqual({});
    await state.transaction('mixed', mixedChange('a', 1));
    expect(read(await open())).toEqual(rowsAfter('a', 1));
  });

  it('falls back over more than one damaged generation', async () => {
    await store(3);
    for (const generation of [2, 3]) await replaceWith(generation, Buffer.from('garbage'));
    const state = await open();
    expect(state.status).toMatchObject({ generation: 0 });
    expect(await setAside()).toHaveLength(2);
  });

  it('never overwrites one that was kept, and keeps the last three', async () => {
    const clock = new FakeClock();
    const contents: string[] = [];
    for (let n = 1; n <= 5; n++) {
      await writeFile(path(1), `garbage ${n}`);
      await old(path(1));
      await (await open(clock)).close();
      contents.push(
        ...(await Promise.all((await setAside()).map((name) => readFile(join(folder, name), 'utf8')))),
      );
      if (n <= 3) expect(await setAside()).toHaveLength(n);
      if (n >= 3) await clock.advance(1_000);
    }
    expect(await setAside()).toHaveLength(3);
    expect([...new Set(contents)]).toHaveLength(5);
    expect((await setAside()).map((name) => name.length)).toContain(
      'state.corrupt-20261121T000001000Z.sqlite'.length,
    );
  });

  it('is published again by a window that has it, after another one set it aside', async () => {
    await store(1);
    const holder = await open();
    await holder.transaction('mixed', mixedChange('a', 2));
    await replaceWith(2, Buffer.from('garbage'));
    const finder = await open();
    await vi.waitFor(() => expect(read(finder)).toEqual(rowsAfter('a', 2)), { timeout: 4_000, interval: 10 });
    expect(holder.status).toMatchObject({ state: 'open', generation: 2 });
    expect(await names()).toEqual(['state.1.sqlite', 'state.2.sqlite']);
  });

  it('is not what an emptied folder means: a window that has the state stores it again', async () => {
    await store(1);
    const holder = await open();
    await holder.transaction('mixed', mixedChange('a', 2));
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    await vi.waitFor(async () => expect(await names()).toContain('state.2.sqlite'), {
      timeout: 4_000,
      interval: 10,
    });
    await holder.transaction('mixed', mixedChange('a', 3));
    expect(read(await open())).toEqual(rowsAfter('a', 3));
  });

  it('in a window that has it is not given up for a much older file that could not be swept', async () => {
    const holder = await holderOfThird();
    await replaceWith(3, Buffer.from('garbage'));
    await holder.transaction('mixed', mixedChange('a', 4));
    expect(read(await open())).toEqual(rowsAfter('a', 4));
  });

  it('is not given up for a much older file either while its own is so short that it may still be written', async () => {
    const holder = await holderOfThird();
    await writeFile(path(3), (await readFile(path(3))).subarray(0, 5_000));
    // Half a second later it is too old for that.
    const when = new Date(Date.now() - 1_500);
    await utimes(path(3), when, when);
    await holder.transaction('mixed', mixedChange('a', 4));
    expect(read(await open())).toEqual(rowsAfter('a', 4));
    expect(await setAside()).toHaveLength(1);
  });
});

describe('another good file of the same generation', () => {
  it('is read instead of what is in memory', async () => {
    await store(2);
    const state = await open();
    const total = state.view(0, (sql) => counter(sql, 'all'));
    const copy = join(folder, 'copy');
    await writeFile(copy, await readFile(path(1)));
    await rename(copy, path(2));
    expect(await state.transaction('look', (sql) => counter(sql, 'all'))).toEqual({ ok: true, value: 1 });
    expect(total.value).toBe(1);
  });
});

describe('a newest file that is too short and young', () => {
  it.each([
    ['now', 0],
    ['an hour ahead, by a clock that was set back', 3_600_000],
  ])('is not there yet, and is damaged after 2 s; written %s', async (_when, aheadMs) => {
    const clock = new FakeClock();
    await store(2);
    await writeFile(path(3), (await readFile(path(2))).subarray(0, 5_000));
    const when = new Date(clock.now() + aheadMs);
    await utimes(path(3), when, when);
    const state = await open(clock);
    expect(state.status).toEqual({ state: 'open', generation: 2 });
    expect(await setAside()).toEqual([]);
    await clock.advance(1_900);
    expect(await setAside()).toEqual([]);
    await clock.advance(2_200);
    await vi.waitFor(async () => expect(await setAside()).toHaveLength(1), { timeout: 4_000, interval: 10 });
    await vi.waitFor(() => expect(state.status).toHaveProperty('notice'), { timeout: 4_000, interval: 10 });
    expect(read(state)).toEqual(rowsAfter('a', 2));
  });

  it('is waited for where it is all that there is, and read when it is whole', async () => {
    await store(1);
    const whole = await readFile(path(1));
    await writeFile(path(1), whole.subarray(0, 5_000));
    const opening = open();
    await writeFile(path(1), whole);
    expect(read(await opening)).toEqual(rowsAfter('a', 1));
    expect(await setAside()).toEqual([]);
  });
});

/** Stores so many transactions, in generations 1 to `count`. */
async function store(count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const state = await open();
  for (let n = 1; n <= count; n++) await state.transaction('mixed', mixedChange('a', n));
  await state.close();
}

/** A window that has the third generation, where besides only the first could not be swept. */
async function holderOfThird(): Promise<SqlState> {
  const files = new FaultyFiles();
  files.fail('sweep', 'EBUSY');
  const holder = await open(systemClock, files);
  for (let n = 1; n <= 3; n++) await holder.transaction('mixed', mixedChange('a', n));
  await rm(path(2));
  return holder;
}

async function replaceWith(generation: number, bytes: Buffer): Promise<void> {
  await writeFile(path(generation), bytes);
  await old(path(generation));
}

/** Older than anything that is still being written. */
function old(file: string): Promise<void> {
  return utimes(file, new Date('2020-01-01'), new Date('2020-01-01'));
}

async function open(clock: Clock = systemClock, files: StateFiles = nodeStateFiles): Promise<SqlState> {
  const state = new SqlState({
    ...{ folder, wasmFile: SQL_WASM, clock, files },
    logger: { log: (level, event) => (level === 'debug' ? 0 : logged.push(event)) },
  });
  opened.push(state);
  await state.open();
  return state;
}

function read(state: SqlState): Readonly<Record<string, string>> {
  return state.view<Readonly<Record<string, string>>>({ not: 'read' }, storedRows).value;
}

function path(generation: number): string {
  return join(folder, `state.${generation}.sqlite`);
}

async function names(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => /^state\.\d/.test(name)).sort();
}

async function setAside(): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('state.corrupt-')).sort();
}

async function database(statement: string): Promise<Buffer> {
  const engine = await initSqlJs();
  const made = new engine.Database();
  made.exec(statement);
  const bytes = Buffer.from(made.export());
  made.close();
  return bytes;
}
