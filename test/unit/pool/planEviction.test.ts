import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freedBytes } from '../../../src/pool/diskUse';
import { planEviction, type EvictionQuery } from '../../../src/pool/planEviction';
import { entryKey, type PoolEntry } from '../../../src/pool/poolState';
import { BYTES_PER_GIB } from '../../../src/shared/units';
import { entryOfBlobs, poolEntry } from '../../support/poolEntries';

function plan(entries: readonly PoolEntry[], neededGb: number, rest: Partial<EvictionQuery> = {}) {
  const made = planEviction({ entries, neededBytes: neededGb * BYTES_PER_GIB, ...rest });
  const kept = Object.fromEntries(made.kept.map(({ entry, reason }) => [entry.ollamaName, reason]));
  return { ...made, names: made.evict.map(({ ollamaName }) => ollamaName), kept };
}

const sized = (name: string, sizeOnDiskGb: number, given: Partial<PoolEntry> = {}): PoolEntry =>
  poolEntry(name, { sizeOnDiskGb, ...given });

describe('the eviction plan', () => {
  it('spares what is not needed: 30 of 2, 3 and 40 evicts one', () => {
    const made = plan(
      [
        sized('two', 2, { currentScore: 1 }),
        sized('three', 3, { currentScore: 2 }),
        sized('forty', 40, { currentScore: 3 }),
      ],
      30,
    );
    expect(made).toMatchObject({ names: ['forty'], freedGb: 40, remainingNeededGb: 0 });
    expect(made.kept).toEqual({ two: 'not-needed', three: 'not-needed' });
  });

  it.each([
    ['the worst score', { currentScore: 10 }, { currentScore: 20 }],
    ['what was never used', { lastUsedAt: null }, { lastUsedAt: '2026-01-01T00:00:00.000Z' }],
    [
      'what was not used for longest',
      { lastUsedAt: '2026-01-01T00:00:00.000Z' },
      { lastUsedAt: '2026-01-02T00:00:00.000Z' },
    ],
    [
      'what was installed first',
      { installedAt: '2026-01-01T00:00:00.000Z' },
      { installedAt: '2026-01-02T00:00:00.000Z' },
    ],
  ])('takes %s first', (_what, first, second) => {
    expect(plan([sized('second', 1, second), sized('first', 1, first)], 1).names).toEqual(['first']);
  });

  it('goes by score before use, and by use before age', () => {
    const entries = [
      sized('worst', 1, { currentScore: 1, lastUsedAt: '2026-11-20T00:00:00.000Z' }),
      sized('unused', 1, { currentScore: 5, installedAt: '2026-11-20T00:00:00.000Z' }),
      sized('used', 1, { currentScore: 5, lastUsedAt: '2026-02-01T00:00:00.000Z' }),
    ];
    expect(plan(entries, 3).names).toEqual(['worst', 'unused', 'used']);
  });

  it('never takes what is used, loaded, pinned, or of the user, and says why', () => {
    const entries = [
      sized('called', 5),
      sized('loaded', 5),
      sized('pinned', 5, { pinned: true }),
      sized('outside', 5, { origin: 'user' }),
      sized('going', 5, { pendingEviction: true }),
      sized('promised', 5),
    ];
    const key = (ollamaName: string) => new Set([entryKey({ backend: 'ollama', ollamaName })]);
    const made = plan(entries, 5, {
      inUse: key('called'),
      running: key('loaded'),
      leaving: key('promised'),
    });
    expect(made).toMatchObject({ names: [], freedGb: 0, remainingNeededGb: 5 });
    expect(made.kept).toEqual({
      called: 'in-use',
      loaded: 'running',
      pinned: 'pinned',
      outside: 'user',
      going: 'leaving',
      promised: 'leaving',
    });
  });

  it('never takes the last model that calls tools', () => {
    const entries = [
      sized('tools', 5, { toolCalling: true, currentScore: 1 }),
      sized('better tools', 5, { toolCalling: true, currentScore: 2 }),
      sized('none', 5, { toolCalling: false, currentScore: 3 }),
    ];
    const made = plan(entries, 100);
    expect(made.names).toEqual(['tools', 'none']);
    expect(made.kept).toEqual({ 'better tools': 'last-tool-capable' });
    expect(made.remainingNeededGb).toBe(90);
  });

  it('counts a layer that another model has too as not freed', () => {
    const gib = BYTES_PER_GIB;
    const entries = [
      entryOfBlobs('a', { shared: 10 * gib, a: gib }, { currentScore: 1 }),
      entryOfBlobs('b', { shared: 10 * gib, b: gib }, { currentScore: 2 }),
    ];
    expect(plan(entries, 1)).toMatchObject({ names: ['a'], freedGb: 1 });
    expect(plan(entries, 5)).toMatchObject({ names: ['a', 'b'], freedGb: 12 });
  });

  it('evicts nothing where nothing is needed', () => {
    expect(plan([sized('a', 5)], 0)).toMatchObject({ names: [], remainingNeededGb: 0 });
    expect(plan([], 3)).toMatchObject({ names: [], remainingNeededGb: 3, kept: {} });
  });
});

const arbitraryEntry = fc.record({
  layers: fc.dictionary(fc.constantFrom('l1', 'l2', 'l3', 'l4', 'l5', 'l6'), fc.integer({ min: 1, max: 60 })),
  currentScore: fc.integer({ min: 0, max: 5 }),
  lastUsedAt: fc.constantFrom(null, '2026-01-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'),
  pinned: fc.boolean(),
  origin: fc.constantFrom<PoolEntry['origin'][]>('pool', 'pool', 'pool', 'user'),
  toolCalling: fc.boolean(),
  used: fc.constantFrom('no', 'no', 'no', 'call', 'loaded', 'promised'),
});

describe('any eviction plan', () => {
  const arbitrary = fc.tuple(fc.array(arbitraryEntry, { maxLength: 8 }), fc.nat(200));

  function make(models: readonly (typeof arbitraryEntry extends fc.Arbitrary<infer T> ? T : never)[]) {
    const entries = models.map(({ layers, currentScore, lastUsedAt, pinned, origin, toolCalling }, index) =>
      entryOfBlobs(`m${index}`, layers, { currentScore, lastUsedAt, pinned, origin, toolCalling }),
    );
    const keys = (use: string) =>
      new Set(entries.filter((_, index) => models[index]?.used === use).map(entryKey));
    return { entries, inUse: keys('call'), running: keys('loaded'), leaving: keys('promised') };
  }

  it('takes nothing that is protected, and leaves a model that calls tools where one was', () => {
    fc.assert(
      fc.property(arbitrary, ([models, neededBytes]) => {
        const { entries, ...uses } = make(models);
        const { evict } = planEviction({ entries, neededBytes, ...uses });
        for (const entry of evict) {
          const key = entryKey(entry);
          expect(entry.pinned || entry.origin === 'user').toBe(false);
          expect(uses.inUse.has(key) || uses.running.has(key) || uses.leaving.has(key)).toBe(false);
        }
        const left = entries.filter((entry) => !uses.leaving.has(entryKey(entry)) && !evict.includes(entry));
        if (evict.some(({ toolCalling }) => toolCalling))
          expect(left.some(({ toolCalling }) => toolCalling)).toBe(true);
      }),
    );
  });

  it('says what it really frees, and names every model once', () => {
    fc.assert(
      fc.property(arbitrary, ([models, neededBytes]) => {
        const { entries, ...uses } = make(models);
        const made = planEviction({ entries, neededBytes, ...uses });
        const there = entries.filter((entry) => !uses.leaving.has(entryKey(entry)));
        const freed = freedBytes(there, made.evict);
        expect(made.freedGb * BYTES_PER_GIB).toBe(freed);
        expect(made.remainingNeededGb * BYTES_PER_GIB).toBe(Math.max(0, neededBytes - freed));
        const named = [...made.evict, ...made.kept.map(({ entry }) => entry)];
        expect(new Set(named)).toEqual(new Set(entries));
        expect(named).toHaveLength(entries.length);
      }),
    );
  });

  it('takes no model without which it would be enough', () => {
    fc.assert(
      fc.property(arbitrary, ([models, neededBytes]) => {
        const { entries, ...uses } = make(models);
        const there = entries.filter((entry) => !uses.leaving.has(entryKey(entry)));
        const { evict, remainingNeededGb } = planEviction({ entries, neededBytes, ...uses });
        if (remainingNeededGb > 0) return;
        for (const spared of evict) {
          const rest = evict.filter((entry) => entry !== spared);
          expect(freedBytes(there, rest)).toBeLessThan(neededBytes);
        }
      }),
    );
  });

  it('falls short only where nothing more may go', () => {
    fc.assert(
      fc.property(arbitrary, ([models, neededBytes]) => {
        const { entries, ...uses } = make(models);
        const { remainingNeededGb, kept } = planEviction({ entries, neededBytes, ...uses });
        if (remainingNeededGb > 0) expect(kept.map(({ reason }) => reason)).not.toContain('not-needed');
      }),
    );
  });
});
