import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastLevelCacheBytes, planBandwidth } from '../../../src/hardware/measureBandwidthPlan';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('what a measurement reads', () => {
  it.each([
    [
      'two cores and 32 MiB of cache',
      { parallelism: 2, availableBytes: 20 * GIB, cacheBytes: 32 * MIB },
      2,
      128,
    ],
    ['an unknown cache', { parallelism: 4, availableBytes: 20 * GIB, cacheBytes: null }, 4, 128],
    ['a large cache', { parallelism: 4, availableBytes: 20 * GIB, cacheBytes: 36 * MIB }, 4, 144],
    ['a cache of 96 MiB', { parallelism: 8, availableBytes: 64 * GIB, cacheBytes: 96 * MIB }, 8, 256],
    ['128 cores', { parallelism: 128, availableBytes: 500 * GIB, cacheBytes: 32 * MIB }, 16, 128],
    ['little memory', { parallelism: 8, availableBytes: 1 * GIB, cacheBytes: 8 * MIB }, 2, 128],
    ['half a core', { parallelism: 0.5, availableBytes: 8 * GIB, cacheBytes: null }, 1, 128],
  ])('with %s', (_what, machine, threads, mib) => {
    expect(planBandwidth(machine)).toEqual({ threads, bytesPerThread: mib * MIB });
  });

  it('is nothing where one buffer would be more than a quarter of the free memory', () => {
    const machine = { parallelism: 4, cacheBytes: null };
    expect(planBandwidth({ ...machine, availableBytes: 512 * MIB - 1 })).toBeNull();
    expect(planBandwidth({ ...machine, availableBytes: 512 * MIB })).not.toBeNull();
  });

  it('is whole pages, more than a cache holds, and never more than a quarter of the free memory', () => {
    const machine = fc.record({
      parallelism: fc.double({ min: 0.1, max: 1_024, noNaN: true }),
      availableBytes: fc.integer({ min: 0, max: 2 ** 42 }),
      cacheBytes: fc.option(fc.integer({ min: 1, max: 128 * MIB })),
    });
    fc.assert(
      fc.property(machine, (one) => {
        const plan = planBandwidth(one);
        if (!plan) return;
        expect(plan.bytesPerThread % 65_536).toBe(0);
        expect(plan.bytesPerThread).toBeGreaterThanOrEqual(2 * (one.cacheBytes ?? 0));
        expect(plan.threads).toBeGreaterThanOrEqual(1);
        expect(plan.threads).toBeLessThanOrEqual(Math.max(1, one.parallelism));
        expect(plan.threads * plan.bytesPerThread).toBeLessThanOrEqual(one.availableBytes / 4);
      }),
    );
  });
});

describe('the largest cache', () => {
  const files = (texts: Readonly<Record<string, string>>) => (path: string) =>
    Promise.resolve(texts[/index\d/.exec(path)?.[0] ?? ''] ?? null);

  it.each([
    ['the third level', { index3: '32768K\n', index2: '1024K\n' }, 32 * MIB],
    ['the second where there is no third', { index2: '1024K\n' }, MIB],
    ['the second where the third says nothing', { index3: '0K\n', index2: '2048K\n' }, 2 * MIB],
    ['none on other systems', {}, null],
    ['none where the text is another', { index3: 'unknown', index2: '' }, null],
  ])('is %s', async (_what, texts, bytes) => {
    expect(await lastLevelCacheBytes(files(texts))).toBe(bytes);
  });
});
