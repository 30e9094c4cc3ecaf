import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disksOf, distinctBytes, freedBytes, wholeBlobs } from '../../../src/pool/diskUse';
import { entryOfBlobs, poolEntry } from '../../support/poolEntries';

describe('disk use', () => {
  it('counts a layer that two tags share once', () => {
    const entries = [entryOfBlobs('a', { shared: 40, own: 2 }), entryOfBlobs('b', { shared: 40, other: 3 })];
    expect(distinctBytes(entries)).toBe(45);
  });

  it('frees a shared layer only when the last that has it goes', () => {
    const a = entryOfBlobs('a', { shared: 40, own: 2 });
    const b = entryOfBlobs('b', { shared: 40, other: 3 });
    expect(freedBytes([a, b], [a])).toBe(2);
    expect(freedBytes([a, b], [b])).toBe(3);
    expect(freedBytes([a, b], [a, b])).toBe(45);
  });

  it('frees nothing of a layer that a model outside the pool has too', () => {
    const mine = entryOfBlobs('mine', { weights: 40 });
    const users = entryOfBlobs('users', { weights: 40 }, { origin: 'user' });
    expect(freedBytes([mine, users], [mine])).toBe(0);
  });

  it('counts host by host, and nothing of models outside the pool', () => {
    const entries = [
      poolEntry('a', { sizeOnDiskGb: 2 }),
      poolEntry('a', { backend: 'ollama_gpubox', sizeOnDiskGb: 3 }),
      poolEntry('b', { origin: 'user', sizeOnDiskGb: 50 }),
    ];
    expect(disksOf(entries, (backend) => (backend === 'ollama' ? 'local' : 'gpubox'))).toEqual([
      { host: 'gpubox', usedGb: 3 },
      { host: 'local', usedGb: 2 },
    ]);
  });

  it('counts two servers of one host as one disk', () => {
    const blobs = { weights: 2 ** 30 };
    const entries = [entryOfBlobs('a', blobs), entryOfBlobs('a', blobs, { backend: 'ollama_second' })];
    expect(disksOf(entries, () => 'local')).toEqual([{ host: 'local', usedGb: 1 }]);
  });

  it('counts what a pull never told as a layer of its own', () => {
    const told = [{ digest: 'sha256:weights', bytes: 90 }];
    expect(wholeBlobs(told, 100, 'abc')).toEqual([...told, { digest: 'rest:abc', bytes: 10 }]);
    expect(wholeBlobs(told, 90, 'abc')).toEqual(told);
    expect(wholeBlobs([], 100, 'abc')).toEqual([{ digest: 'rest:abc', bytes: 100 }]);
  });

  it('frees in any order what it frees at once', () => {
    const layers = { a: 1, b: 20, c: 300, d: 4_000 };
    const some = fc.subarray(Object.entries(layers));
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), fc.nat(5), (models, cut) => {
        const entries = models.map((blobs, index) => entryOfBlobs(`m${index}`, Object.fromEntries(blobs)));
        const [first, rest] = [entries.slice(0, cut), entries.slice(cut)];
        expect(freedBytes(entries, first) + freedBytes(rest, rest)).toBe(distinctBytes(entries));
        expect(distinctBytes(rest)).toBe(distinctBytes(entries) - freedBytes(entries, first));
      }),
    );
  });
});
