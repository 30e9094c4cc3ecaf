import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/catalog/candidate';
import { CatalogFile } from '../../../src/catalog/catalogFile';
import { NOTHING_KEPT, type KeptCatalogue } from '../../../src/catalog/catalogFileFormat';
import type { DiscoveredRepo } from '../../../src/catalog/discoveryRecord';
import type { Logger } from '../../../src/shared/logger';
import { replaceFile } from '../../../src/storage/replaceFile';

let folder: string;
let lines: string[];
const logger: Logger = { log: (_level, event) => void lines.push(event) };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function fileOf(window: string): CatalogFile {
  return new CatalogFile({
    ...{ folder: path.join(folder, 'deep'), logger },
    replaceFile: (file, text) => replaceFile(file, text, window),
  });
}

const CANDIDATE: Candidate = {
  ...{ hfRepoId: 'new/Thing-9B', org: 'new', name: 'Thing-9B', family: 'Thing', role: 'chat' },
  ...{
    sizeB: 9.1,
    activeB: 1.2,
    released: '2026-11-20',
    licence: 'mit',
    lineagePosition: 0,
    variant: 'plain',
  },
  architecture: {
    ...{ arch: 'qwen3moe', layers: 48, kvHeads: 4, contextMax: 262_144, experts: 128, expertsUsed: 8 },
    kv: { rule: 'full', fullBytesPerTokenF16: 98_304 },
    feedForward: 6144,
    expertFeedForward: 768,
    computeWidth: 45_056,
  },
  capabilities: { tools: true, thinking: false, vision: null },
  builds: [
    {
      ...{ quant: 'Q4_K_M', sizeBytes: 5_600_000_123, sizeBasis: 'exact', repo: 'new/Thing-9B-GGUF' },
      ...{ file: 'Thing-9B-Q4_K_M.gguf', digest: 'ab'.repeat(32) },
    },
  ],
  unsizedBuilds: [{ quant: 'Q8_0', repo: 'new/Thing-9B-GGUF' }],
  aliases: ['old/Thing-9B'],
  ollamaNames: ['thing:9b'],
};

const KEPT: KeptCatalogue = {
  discovery: {
    askedAt: { new: '2026-11-21T10:00:00.000Z' },
    repos: [
      {
        ...{
          repo: 'new/Thing-9B-GGUF',
          seenAt: '2026-11-21T10:00:00.000Z',
          downloads: 12,
          trendingScore: 3.5,
        },
        ...{ createdAt: '2026-11-20T00:00:00.000Z', lastModified: '2026-11-20T00:00:00.000Z' },
        ...{ findingOf: '2026-11-20T00:00:00.000Z', finding: { kind: 'model', candidate: CANDIDATE } },
      },
      { repo: 'new/Waits-1B-GGUF', seenAt: '2026-11-21T10:00:00.000Z', tries: 1 },
      {
        ...{ repo: 'm/Known-GGUF', seenAt: '2026-11-21T10:00:00.000Z' },
        finding: { kind: 'builds', buildsFor: 'o/Known', builds: CANDIDATE.builds },
      },
      {
        ...{ repo: 'new/Adapter', seenAt: '2026-11-21T10:00:00.000Z' },
        finding: { kind: 'nothing', reason: 'adapter' },
      },
    ],
  },
  lastRefresh: {
    ...{ endedAt: '2026-11-21T10:00:00.000Z', requests: 60 },
    end: { code: 'limited', message: 'wait', nextStep: 'then', waitMs: 7_000 },
  },
  liveAt: '2026-11-21T10:00:00.000Z',
  waitUntil: '2026-11-21T10:00:07.000Z',
};

function seen(repo: string, day: number, more: Partial<DiscoveredRepo> = {}): DiscoveredRepo {
  return { repo, seenAt: `2026-11-${day}T00:00:00.000Z`, ...more };
}

describe('the file of what discovery found', () => {
  it('says after a restart what was written, to the last fact', async () => {
    await fileOf('one').write(KEPT);
    expect(await fileOf('two').read()).toEqual(KEPT);
    expect(lines).toEqual([]);
  });

  it('is silent where there is none', async () => {
    expect(await fileOf('one').read()).toEqual(NOTHING_KEPT);
    expect(lines).toEqual([]);
  });

  it.each([
    ['no JSON', '{"format":"model-pool-cat'],
    [
      'another version',
      JSON.stringify({ format: 'model-pool-catalogue', version: 2, askedAt: {}, repos: [] }),
    ],
    ['another shape', '[]'],
  ])('is put aside with one warning where it cannot be used: %s', async (_name, text) => {
    const file = fileOf('one');
    await file.write(KEPT);
    const [name = ''] = await readdir(path.join(folder, 'deep'));
    await writeFile(path.join(folder, 'deep', name), text);
    expect(await file.hasChanged()).toBe(true);
    expect(await file.read()).toEqual(NOTHING_KEPT);
    expect(lines).toEqual(['catalogue.file.bad']);
    expect(await readFile(path.join(folder, 'deep', `${name}.bad`), 'utf8')).toBe(text);
    await file.write(KEPT);
    expect(await fileOf('two').read()).toEqual(KEPT);
  });

  it('loses a bad entry alone', async () => {
    await fileOf('one').write(KEPT);
    const name = path.join(folder, 'deep', 'catalogue.json');
    const text = (await readFile(name, 'utf8')).replace('"sizeB":9.1', '"sizeB":-1');
    await writeFile(name, text);
    const read = await fileOf('two').read();
    expect(read.discovery.repos).toEqual(KEPT.discovery.repos.slice(1));
    expect(read.lastRefresh).toEqual(KEPT.lastRefresh);
    expect(lines).toEqual(['catalogue.file.entries.dropped']);
  });

  it('holds what two windows found, where one wrote after the other had read', async () => {
    const [one, two] = [fileOf('one'), fileOf('two')];
    await Promise.all([one.read(), two.read()]);
    const finding = { kind: 'nothing', reason: 'x' } as const;
    await one.write({
      discovery: {
        askedAt: { a: '2026-11-21T00:00:00.000Z', b: '2026-11-23T00:00:00.000Z' },
        repos: [seen('a/one', 21), seen('a/both', 21, { finding }), seen('a/newer', 23)],
      },
      waitUntil: '2026-11-23T00:00:00.000Z',
    });
    const joined = await two.write({
      discovery: {
        askedAt: { a: '2026-11-22T00:00:00.000Z', b: '2026-11-22T00:00:00.000Z' },
        repos: [seen('a/two', 22), seen('a/both', 22), seen('a/newer', 22)],
      },
      liveAt: '2026-11-22T00:00:00.000Z',
    });
    expect(joined).toEqual({
      discovery: {
        askedAt: { a: '2026-11-22T00:00:00.000Z', b: '2026-11-23T00:00:00.000Z' },
        repos: [seen('a/one', 21), seen('a/both', 21, { finding }), seen('a/newer', 23), seen('a/two', 22)],
      },
      waitUntil: '2026-11-23T00:00:00.000Z',
      liveAt: '2026-11-22T00:00:00.000Z',
    });
    expect(await one.hasChanged()).toBe(true);
    expect(await one.read()).toEqual(joined);
    expect(await one.hasChanged()).toBe(false);
  });

  it('goes on with a warning where it cannot be written', async () => {
    await writeFile(path.join(folder, 'deep'), 'a file where the folder should be');
    expect(await fileOf('one').write(KEPT)).toEqual(KEPT);
    expect(lines).toContain('catalogue.file.unwritable');
  });

  it('is whole or old whenever the writer is cut off', async () => {
    await fileOf('one').write(KEPT);
    const broken = new CatalogFile({
      ...{ folder: path.join(folder, 'deep'), logger },
      replaceFile: () => Promise.reject(new Error('killed')),
    });
    await broken.read();
    await broken.write(NOTHING_KEPT);
    expect(await fileOf('two').read()).toEqual(KEPT);
  });
});
