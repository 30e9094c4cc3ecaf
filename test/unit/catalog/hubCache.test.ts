import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { HubCache, type HubCacheOptions } from '../../../src/catalog/hubCache';
import { FakeClock } from '../../fakes/fakeClock';
import { keepingLogger } from '../backends/loopback';

const DAY_MS = 24 * 60 * 60_000;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

function open(more: Partial<HubCacheOptions> = {}) {
  const clock = new FakeClock();
  const logger = keepingLogger();
  const cache = new HubCache({ folder, writerId: 'w', clock, logger, ...more });
  return { cache, clock, logger };
}

const file = (): string => path.join(folder, 'hub-cache.json');

async function written(): Promise<string> {
  const { cache } = open();
  await cache.set('a', [1, 'ü'], 'W/"1"');
  await cache.set('b', { two: 2 });
  await cache.flush();
  return readFile(file(), 'utf8');
}

describe('a value', () => {
  it('is there for the next window, with its ETag and its time', async () => {
    await written();
    const { cache, clock, logger } = open();
    expect(await cache.get('a')).toEqual({
      key: 'a',
      etag: 'W/"1"',
      checkedAtMs: clock.now(),
      json: '[1,"ü"]',
    });
    expect(await cache.get('b')).toMatchObject({ json: '{"two":2}' });
    expect(logger.lines).toEqual([]);
  });

  it('is fresh for a day, and again after it was renewed; one from the future never is', async () => {
    const { cache, clock } = open();
    await cache.set('a', 1);
    const isFresh = async (): Promise<boolean> => {
      const entry = await cache.get('a');
      return entry !== undefined && cache.isFresh(entry);
    };
    clock.stepWall(DAY_MS - 1);
    expect(await isFresh()).toBe(true);
    clock.stepWall(1);
    expect(await isFresh()).toBe(false);
    await cache.renew('a');
    expect(await isFresh()).toBe(true);
    clock.stepWall(-1);
    expect(await isFresh()).toBe(false);
  });

  it('that is deleted is gone, for the next window as well', async () => {
    await written();
    const { cache } = open();
    await cache.delete('a');
    await cache.flush();
    const next = open();
    expect(await next.cache.get('a')).toBeUndefined();
    expect(await next.cache.get('b')).toBeDefined();
  });

  it('that is not there can be renewed and deleted without any effect', async () => {
    const { cache } = open();
    await cache.renew('none');
    await cache.delete('none');
    await cache.flush();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the bounds', () => {
  it('let go first what was used longest ago', async () => {
    const { cache } = open({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c']) await cache.set(key, key);
    await cache.get('a');
    await cache.set('d', 'd');
    const there = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (key) => (await cache.get(key)) !== undefined),
    );
    expect(there).toEqual([true, false, true, true]);
  });

  it('count bytes, and keep no value that is a quarter of them', async () => {
    const { cache } = open({ maxBytes: 1_000 });
    await cache.set('large', 'ü'.repeat(150));
    expect(await cache.get('large')).toBeUndefined();
    for (let index = 0; index < 10; index++) await cache.set(`k${index}`, 'x'.repeat(196));
    const kept = await Promise.all(Array.from({ length: 10 }, (_, index) => cache.get(`k${index}`)));
    expect(kept.map((entry) => entry?.key)).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined],
      ...['k5', 'k6', 'k7', 'k8', 'k9'],
    ]);
  });

  it('hold for what is read from the file as well', async () => {
    const large = open();
    for (let index = 0; index < 20; index++) await large.cache.set(`k${index}`, index);
    await large.cache.flush();
    const { cache } = open({ maxEntries: 5 });
    expect(await cache.get('k14')).toBeUndefined();
    expect(await cache.get('k15')).toBeDefined();
  });

  it('do not let a value stay that was replaced by one that is too large', async () => {
    const { cache } = open({ maxBytes: 1_000 });
    await cache.set('a', 'small');
    await cache.set('a', 'x'.repeat(900));
    expect(await cache.get('a')).toBeUndefined();
  });
});

describe('the file', () => {
  it('is written once for many changes, a moment after the first, and nothing else is left', async () => {
    const { cache, clock } = open();
    for (let index = 0; index < 100; index++) await cache.set(`k${index}`, index);
    expect(clock.pending).toBe(1);
    await clock.advance(1_999);
    expect(await readdir(folder)).toEqual([]);
    await clock.advance(1);
    await cache.flush();
    expect(await readdir(folder)).toEqual(['hub-cache.json']);
    expect(clock.pending).toBe(0);
  });

  it('is not written again where nothing changed', async () => {
    const { cache } = open();
    await cache.set('a', 1);
    await cache.flush();
    await rm(file());
    await cache.flush();
    expect(await readdir(folder)).toEqual([]);
  });

  it('has its folder made', async () => {
    const deep = path.join(folder, 'one', 'two');
    const { cache } = open({ folder: deep });
    await cache.set('a', 1);
    await cache.flush();
    expect(await readdir(deep)).toEqual(['hub-cache.json']);
  });

  it('is rid of what a window left that ended while it wrote, and not of what one is writing now', async () => {
    await writeFile(path.join(folder, 'hub-cache.json.old.tmp'), 'half');
    await writeFile(path.join(folder, 'hub-cache.json.new.tmp'), 'half');
    await writeFile(path.join(folder, 'other.tmp'), 'not ours');
    const { cache, clock } = open();
    const old = new Date(clock.now() - 11 * 60_000);
    const now = new Date(clock.now() - 60_000);
    await utimes(path.join(folder, 'hub-cache.json.old.tmp'), old, old);
    await utimes(path.join(folder, 'other.tmp'), old, old);
    await utimes(path.join(folder, 'hub-cache.json.new.tmp'), now, now);
    await cache.get('a');
    expect((await readdir(folder)).sort()).toEqual(['hub-cache.json.new.tmp', 'other.tmp']);
  });
});

describe('damage', () => {
  /** What a damaged file is replaced with, from one that was well. */
  const damages: readonly [string, (text: string) => string][] = [
    ['no bytes', () => ''],
    ['half a file', (text) => text.slice(0, text.length / 2)],
    ['all but its last character', (text) => text.trimEnd().slice(0, -1)],
    ['zeros, as after a power cut', (text) => '\0'.repeat(text.length)],
    ['no JSON', () => '<html>'],
    ['another version', (text) => text.replace('"version":1', '"version":2')],
    ['no version', (text) => text.replace('"version":1,', '')],
    ['another shape', () => '{"version":1,"entries":{}}'],
    ['an entry of another shape', (text) => text.replace('"key":"b"', '"key":5')],
    ['null', () => 'null'],
    ['more than is ever written', (text) => text.padEnd(33 * 1024 * 1024)],
  ];

  it.each(damages)('%s resets it with one warning and keeps the file aside', async (_what, damage) => {
    const damaged = damage(await written());
    await writeFile(file(), damaged);
    const { cache, logger } = open();
    expect(await cache.get('a')).toBeUndefined();
    expect(await cache.get('b')).toBeUndefined();
    expect(logger.lines).toMatchObject([
      { level: 'warn', event: 'catalog.hub_cache_reset', facts: { isAside: true } },
    ]);
    expect(await readFile(`${file()}.bad`, 'utf8')).toBe(damaged);
    await cache.set('c', 3);
    await cache.flush();
    expect(await open().cache.get('c')).toMatchObject({ json: '3' });
  });

  it('a file that is missing is silent', async () => {
    const { cache, logger } = open();
    expect(await cache.get('a')).toBeUndefined();
    const noFolder = open({ folder: path.join(folder, 'none') });
    expect(await noFolder.cache.get('a')).toBeUndefined();
    expect([...logger.lines, ...noFolder.logger.lines]).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('a file that cannot be read resets it with one warning and is put aside', async () => {
    await mkdir(file());
    const { cache, logger } = open();
    expect(await cache.get('a')).toBeUndefined();
    expect(logger.lines).toMatchObject([{ event: 'catalog.hub_cache_reset', facts: { isAside: true } }]);
    await cache.set('a', 1);
    await cache.flush();
    expect(await open().cache.get('a')).toBeDefined();
    expect((await readdir(folder)).sort()).toEqual(['hub-cache.json', 'hub-cache.json.bad']);
  });

  it('a folder that is a file leaves a cache in memory, and each failure is told once', async () => {
    const notFolder = path.join(folder, 'file');
    await writeFile(notFolder, 'text');
    const { cache, logger } = open({ folder: notFolder });
    for (let index = 0; index < 3; index++) {
      await cache.set('a', index);
      await cache.flush();
    }
    expect(await cache.get('a')).toMatchObject({ json: '2' });
    expect(logger.lines.map(({ event }) => event)).toEqual([
      'catalog.hub_cache_reset',
      'catalog.hub_cache_not_written',
    ]);
    expect(await readFile(notFolder, 'utf8')).toBe('text');
  });

  it('that keeps it from being written is made good as soon as it can be', async () => {
    const { cache, logger } = open();
    await cache.set('a', 1);
    await mkdir(file());
    await cache.flush();
    expect(logger.lines).toMatchObject([{ event: 'catalog.hub_cache_not_written' }]);
    expect(await readdir(folder)).toEqual(['hub-cache.json']);
    await rm(file(), { recursive: true });
    await cache.flush();
    expect(await open().cache.get('a')).toMatchObject({ json: '1' });
  });

  it('half a file of any length never breaks it', async () => {
    const text = await written();
    for (let length = 0; length < text.trimEnd().length; length += 3) {
      await writeFile(file(), text.slice(0, length));
      const { cache, logger } = open();
      expect(await cache.get('a')).toBeUndefined();
      expect(logger.lines).toHaveLength(1);
    }
  });
});

it('two windows that write after one another leave what the last one knew', async () => {
  const [a, b] = [open({ writerId: 'a' }), open({ writerId: 'b' })];
  await a.cache.set('of a', 1);
  await b.cache.set('of b', 2);
  await Promise.all([a.cache.flush(), b.cache.flush()]);
  await b.cache.set('of b', 3);
  await b.cache.flush();
  const { cache, logger } = open();
  expect(await cache.get('of b')).toMatchObject({ json: '3' });
  expect(await cache.get('of a')).toBeUndefined();
  expect(logger.lines).toEqual([]);
});

type Step =
  | { readonly do: 'set'; readonly key: string; readonly text: string }
  | { readonly do: 'get' | 'renew' | 'delete'; readonly key: string }
  | { readonly do: 'reopen' }
  | { readonly do: 'wait'; readonly hours: number };

it('is the same as a list in order of use, whatever is done with it', { timeout: 60_000 }, async () => {
  const [maxEntries, maxBytes] = [4, 100];
  const key = fc.constantFrom('a', 'b', 'c', 'dd', 'ü', '__proto__');
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('set' as const), key, text: fc.string({ maxLength: 40 }) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('get' as const, 'renew', 'delete'), key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.nat(30) }) },
  );
  const bytes = (name: string, json: string): number => Buffer.byteLength(name) + Buffer.byteLength(json);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps: readonly Step[]) => {
      await rm(folder, { recursive: true, force: true });
      const clock = new FakeClock();
      const logger = keepingLogger();
      const reopen = (): HubCache =>
        new HubCache({ folder, writerId: 'w', clock, logger, maxEntries, maxBytes });
      let cache = reopen();
      let model: { key: string; json: string; at: number }[] = [];
      const without = (name: string): typeof model => model.filter((entry) => entry.key !== name);
      for (const one of steps) {
        if (one.do === 'wait') clock.stepWall(one.hours * 60 * 60_000);
        else if (one.do === 'reopen') {
          await cache.flush();
          cache = reopen();
        } else if (one.do === 'set') {
          await cache.set(one.key, one.text);
          const json = JSON.stringify(one.text);
          model = without(one.key);
          if (bytes(one.key, json) > maxBytes / 4) continue;
          model.push({ key: one.key, json, at: clock.now() });
          const total = (): number => model.reduce((sum, entry) => sum + bytes(entry.key, entry.json), 0);
          while (model.length > maxEntries || total() > maxBytes) model.shift();
        } else {
          const entry = model.find((known) => known.key === one.key);
          if (one.do === 'delete') await cache.delete(one.key);
          if (one.do === 'renew') await cache.renew(one.key);
          if (one.do === 'get') {
            const got = await cache.get(one.key);
            expect(got?.json).toBe(entry?.json);
            expect(got && cache.isFresh(got)).toBe(entry && clock.now() - entry.at < DAY_MS);
          }
          if (entry) model = without(one.key);
          if (entry && one.do !== 'delete') {
            model.push(one.do === 'renew' ? { ...entry, at: clock.now() } : entry);
          }
        }
      }
      await cache.flush();
      const last = reopen();
      for (const { key: name, json } of model) expect((await last.get(name))?.json).toBe(json);
      expect(logger.lines).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
