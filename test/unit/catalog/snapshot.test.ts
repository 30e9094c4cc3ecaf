import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrozenSnapshot } from '../../../src/catalog/candidate';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import { FakeClock } from '../../fakes/fakeClock';

const PATH = 'data/snapshot.json';

let text: string;
let snapshot: FrozenSnapshot;

beforeAll(async () => {
  text = await readFile(PATH, 'utf8');
  ({ snapshot } = await loadFrozenSnapshot({ path: PATH }));
});

/** The file with a change made to its parsed content. */
async function loadChanged(change: (file: Record<string, Record<string, unknown[]>>) => void) {
  const file = JSON.parse(text) as Record<string, Record<string, unknown[]>>;
  change(file);
  return loadFrozenSnapshot({ path: PATH, read: () => Promise.resolve(JSON.stringify(file)) });
}

describe('loadFrozenSnapshot', () => {
  it('reads the file that ships, whole', async () => {
    const result = await loadFrozenSnapshot({ path: PATH });
    expect(result).toMatchObject({ source: 'frozen', warnings: [], snapshot: { version: 1 } });
    expect(result.snapshot.generatedAt).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(result.snapshot.candidates.length).toBeGreaterThan(1_000);
  });

  it('is there in well under 50 ms', async () => {
    const cpuMs: number[] = [];
    for (let run = 0; run < 5; run++) {
      const before = process.cpuUsage();
      const result = await loadFrozenSnapshot({ path: PATH, read: () => Promise.resolve(text) });
      const { user, system } = process.cpuUsage(before);
      cpuMs.push((user + system) / 1_000);
      expect(result.source).toBe('frozen');
    }
    const best = Math.min(...cpuMs);
    console.log(
      `snapshot: ${text.length} bytes, loaded in ${best.toFixed(1)} ms (runs: ${cpuMs.map((ms) => ms.toFixed(0)).join(', ')})`,
    );
    expect(best).toBeLessThan(50);
  });

  const clock = new FakeClock('2027-03-04T05:06:07Z');
  it.each([
    ['a missing file', 'snapshot_read_failed', () => Promise.reject(new Error('ENOENT: no such file'))],
    ['no JSON', 'snapshot_parse_failed', () => Promise.resolve('<html>login</html>')],
    ['an empty file', 'snapshot_parse_failed', () => Promise.resolve('')],
    ['half a file', 'snapshot_parse_failed', () => Promise.resolve(text.slice(0, text.length / 2))],
    ['another kind of JSON', 'snapshot_schema_invalid', () => Promise.resolve('[1, 2, 3]')],
    ['null', 'snapshot_schema_invalid', () => Promise.resolve('null')],
    ['an object of nothing', 'snapshot_schema_invalid', () => Promise.resolve('{}')],
  ])('gives an empty snapshot and says why for %s', async (_, code, read) => {
    const result = await loadFrozenSnapshot({ path: PATH, read, clock });
    expect(result.source).toBe('fallback');
    expect(result.warnings.map((warning) => warning.code)).toEqual([code]);
    expect(result.warnings[0]?.message).toMatch(/Reinstall the extension/);
    expect(result.snapshot).toEqual({
      version: 1,
      generatedAt: '2027-03-04',
      candidates: [],
      observations: [],
    });
  });

  it('reads a missing path as a missing file', async () => {
    const result = await loadFrozenSnapshot({ path: 'data/no-such-file.json', clock });
    expect(result.warnings[0]?.code).toBe('snapshot_read_failed');
  });

  it.each<[string, (file: Record<string, Record<string, unknown[]>>) => void]>([
    ['another version', (file) => Object.assign(file, { version: 2 })],
    ['a missing column', (file) => delete file['models']?.['sizeB']],
    ['an unknown column', (file) => Object.assign(file['models'] ?? {}, { extra: [] })],
    ['a column that is no list', (file) => Object.assign(file['builds'] ?? {}, { quant: 'Q4' })],
    ['columns of unequal length', (file) => file['observations']?.['value']?.pop()],
    ['no benchmarks', (file) => delete file['benchmarks']],
    ['a benchmark of an unknown task', (file) => file['benchmarks']?.['task']?.splice(0, 1, 99)],
    ['a benchmark without a name', (file) => file['benchmarks']?.['benchmark']?.splice(0, 1, '')],
    ['benchmarks of unequal length', (file) => file['benchmarks']?.['scale']?.pop()],
    ['texts that are none', (file) => Object.assign(file, { texts: ['Q4', 4] })],
    ['a table that is a list', (file) => Object.assign(file, { models: [] })],
    ['a bad date', (file) => Object.assign(file, { generatedAt: 'yesterday' })],
  ])('takes a file with %s for one that it cannot read', async (_, change) => {
    const result = await loadChanged(change);
    expect(result.source).toBe('fallback');
    expect(result.warnings[0]?.code).toBe('snapshot_schema_invalid');
  });

  it.each<[string, unknown]>([
    ['sizeB', 'big'],
    ['sizeB', -3],
    ['sizeB', 0],
    ['id', 'no-organisation'],
    ['id', null],
    ['released', 'last year'],
    ['contextMax', 0.5],
    ['kvFull', -1],
    ['role', 3],
    ['kvRule', 5],
    ['tools', 3],
    ['layers', '32'],
    ['activeB', null],
    ['aliases', 7],
  ])('leaves out one model whose %s is %j, with what belongs to it', async (column, value) => {
    const row = snapshot.candidates.findIndex(({ hfRepoId }) => hfRepoId === 'Qwen/Qwen3-8B');
    const result = await loadChanged((file) => {
      const values = file['models']?.[column];
      if (values) values[row] = value;
    });
    expect(result.source).toBe('frozen');
    expect(result.warnings.map(({ code }) => code)).toEqual(['snapshot_items_dropped']);
    expect(result.snapshot.candidates).toEqual(snapshot.candidates.filter((_, index) => index !== row));
    expect(result.snapshot.observations).toEqual(
      snapshot.observations.filter(({ hfRepoId }) => hfRepoId !== 'Qwen/Qwen3-8B'),
    );
  });

  it('leaves out one figure whose value is no number, and nothing else', async () => {
    const result = await loadChanged((file) => {
      const values = file['observations']?.['value'];
      if (values) values[17] = 'n/a';
    });
    expect(result.warnings[0]?.message).toMatch(/^1 row of the list/);
    expect(result.snapshot.candidates).toEqual(snapshot.candidates);
    expect(result.snapshot.observations).toEqual(snapshot.observations.filter((_, index) => index !== 17));
  });

  it('leaves out the figures that no number can hold', async () => {
    const file = text
      .replace('"value":[', '"value":[1e999,-1e999,')
      .replace(/("observations":\{\n"model":\[)/, '$10,0,');
    const columns = ['benchmark', 'observedAt', 'thinking', 'url'];
    const observations = file.indexOf('"observations"');
    const longer = columns.reduce(
      (changed, column) =>
        changed.slice(0, observations) +
        changed.slice(observations).replace(`"${column}":[`, `"${column}":[0,0,`),
      file,
    );
    const result = await loadFrozenSnapshot({ path: PATH, read: () => Promise.resolve(longer) });
    expect(result.warnings[0]?.message).toMatch(/^2 rows of the list/);
    expect(result.snapshot.observations).toEqual(snapshot.observations);
  });

  it('finds the one bad value at the end of a long column', async () => {
    const last = snapshot.observations.length - 1;
    const result = await loadChanged((file) => file['observations']?.['url']?.splice(last, 1, -2));
    expect(result.warnings[0]?.message).toMatch(/^1 row of the list/);
    expect(result.snapshot.observations).toEqual(snapshot.observations.slice(0, last));
  });

  it('leaves out a figure and a build that point nowhere', async () => {
    const result = await loadChanged((file) => {
      const { builds, observations } = file;
      if (observations?.['benchmark']) observations['benchmark'][3] = 99_999;
      if (builds?.['quant']) builds['quant'][5] = -1;
    });
    expect(result.warnings[0]?.message).toMatch(/^2 rows of the list/);
    expect(result.snapshot.observations).toHaveLength(snapshot.observations.length - 1);
    const count = (candidates: FrozenSnapshot['candidates']) =>
      candidates.reduce((sum, candidate) => sum + candidate.builds.length, 0);
    expect(count(result.snapshot.candidates)).toBe(count(snapshot.candidates) - 1);
  });
});
