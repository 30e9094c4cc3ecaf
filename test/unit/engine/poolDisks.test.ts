import { describe, expect, it } from 'vitest';
import { poolDisk, servedKey, type PoolDiskFacts } from '../../../src/engine/poolDisks';
import { entryKey } from '../../../src/pool/poolState';
import type { PullRun } from '../../../src/pool/pullRuns';
import { poolSchema } from '../../../src/shared/poolMessage';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import { entryOfBlobs, poolEntry } from '../../support/poolEntries';

const GIB = BYTES_PER_GIB;
const [WEIGHTS, PROJECTOR, TEMPLATE, OTHER] = ['a', 'b', 'c', 'd'].map(
  (letter) => `sha256:${letter.repeat(64)}`,
) as [string, string, string, string];

/** Three names of one file, and one model of its own. */
const SHARING = [
  entryOfBlobs('base', { [WEIGHTS]: 9 * GIB, [TEMPLATE]: 2_000 }, { currentScore: 40 }),
  entryOfBlobs('long', { [WEIGHTS]: 9 * GIB, [TEMPLATE]: 2_000 }, { currentScore: 41 }),
  entryOfBlobs('seeing', { [WEIGHTS]: 9 * GIB, [PROJECTOR]: GIB }, { currentScore: 60 }),
  entryOfBlobs('alone', { [OTHER]: 4 * GIB }, { currentScore: 50 }),
];

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'new', label: 'New', status: 'pulling' },
  ...{ completedBytes: GIB, highWaterBytes: GIB, totalBytes: 5 * GIB, percent: 20 },
  ...{ attempt: 1, elsewhere: false, takenOver: false },
};

function facts(given: Partial<PoolDiskFacts> = {}): PoolDiskFacts {
  return {
    ...{ host: 'This machine', budgetGb: 60, entries: SHARING, outside: [], runs: [] },
    ...{ inUse: new Set<string>(), running: new Set<string>(), freeBytes: 100 * GIB, partials: [] },
    ...given,
  };
}

describe('what lies on a disk', () => {
  it('counts a layer of three models once, and names all three', () => {
    const disk = poolDisk(facts());
    expect(disk.usedBytes).toBe(14 * GIB + 2_000);
    expect(disk.blobs.map(({ digest, bytes, models }) => [digest, bytes / GIB, models])).toEqual([
      [WEIGHTS, 9, ['base', 'long', 'seeing']],
      [OTHER, 4, ['alone']],
      [PROJECTOR, 1, ['seeing']],
    ]);
    expect(disk.smaller).toEqual({ count: 1, bytes: 2_000 });
  });

  it('says which layers are outside the pool, and counts those that the pool has as well as its own', () => {
    const outside = [
      { name: 'mine', blobs: [{ digest: `sha256:${'e'.repeat(64)}`, bytes: 3 * GIB }], guessed: false },
      { name: 'copy', blobs: [{ digest: WEIGHTS, bytes: 9 * GIB }], guessed: false },
    ];
    const own = poolEntry('kept', { origin: 'user', sizeOnDiskGb: 2 });
    const disk = poolDisk(facts({ outside, entries: [...SHARING, own] }));
    const kinds = new Map(disk.blobs.map(({ models, kind }) => [models.join(), kind]));
    expect(kinds.get('mine')).toBe('outside');
    expect(kinds.get('kept')).toBe('outside');
    expect(kinds.get('base,long,seeing,copy')).toBe('pool');
    expect(disk.usedBytes).toBe(14 * GIB + 2_000);
    expect(disk.staying.filter(({ reason }) => reason === 'user').map(({ model }) => model)).toEqual([
      'kept',
      'mine',
      'copy',
    ]);
  });

  it('shows unfinished downloads, and says where they cannot be seen', () => {
    const partial = {
      digest: `sha256:${'f'.repeat(64)}`,
      bytes: 2 * GIB,
      modifiedAt: '2026-11-01T00:00:00Z',
    };
    const seen = poolDisk(facts({ partials: [partial] }));
    expect(seen.partialsKnown).toBe(true);
    expect(seen.blobs.filter(({ kind }) => kind === 'partial')).toEqual([
      { digest: partial.digest, bytes: 2 * GIB, models: [], kind: 'partial' },
    ]);
    expect(poolDisk(facts({ partials: null })).partialsKnown).toBe(false);
  });

  it('counts what is on its way, and not what failed', () => {
    const runs = [RUN, { ...RUN, runId: 'run-2', status: 'failed' as const }];
    expect(poolDisk(facts({ runs })).comingBytes).toBe(5 * GIB);
  });

  it('says of how many models the layers are a guess', () => {
    const outside = [{ name: 'mine', blobs: [{ digest: 'tag:x', bytes: GIB }], guessed: true }];
    const entries = [...SHARING, poolEntry('told', { basis: 'tag' })];
    expect(poolDisk(facts({ outside, entries })).guessedModels).toBe(2);
  });

  it('is a message that the page can read', () => {
    const message = { type: 'pool', disks: [poolDisk(facts())], history: [], autonomy: 'ask' };
    expect(poolSchema.parse(message)).toEqual(message);
  });
});

describe('the order in which models would go', () => {
  it('is the worst score first, and tells what each really frees after those before it', () => {
    const { leaving } = poolDisk(facts());
    expect(
      leaving.map(({ model, freesBytes, freedByThenBytes }) => [model, freesBytes, freedByThenBytes]),
    ).toEqual([
      // Its weights stay for the others.
      ['base', 0, 0],
      ['long', 2_000, 2_000],
      ['alone', 4 * GIB, 4 * GIB + 2_000],
      ['seeing', 10 * GIB, 14 * GIB + 2_000],
    ]);
  });

  it('leaves out what stays, each with its reason', () => {
    const entries = [
      poolEntry('loaded'),
      poolEntry('called'),
      poolEntry('pinned', { pinned: true }),
      poolEntry('tools', { toolCalling: true, currentScore: 1 }),
      poolEntry('going', { pendingEviction: true }),
      poolEntry('spare'),
    ];
    const key = (name: string): string => entryKey({ backend: 'ollama', ollamaName: name });
    const disk = poolDisk(
      facts({ entries, running: new Set([key('loaded')]), inUse: new Set([key('called')]) }),
    );
    expect(disk.leaving.map(({ model }) => model)).toEqual(['spare']);
    expect(Object.fromEntries(disk.staying.map(({ model, reason }) => [model, reason]))).toEqual({
      ...{ loaded: 'running', called: 'in-use', pinned: 'pinned' },
      ...{ tools: 'last-tool-capable', going: 'leaving' },
    });
  });

  it('knows what is served by the name that the pool has for it', () => {
    expect(servedKey('ollama', 'Alone')).toBe(entryKey(poolEntry('alone')));
    expect(servedKey('ollama', 'alone:latest')).toBe(entryKey(poolEntry('alone')));
    expect(servedKey('other', 'alone')).not.toBe(entryKey(poolEntry('alone')));
  });
});
