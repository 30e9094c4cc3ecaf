import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestContextThatFits } from '../../../src/ranking/context';
import { fitKind, usableMemory } from '../../../src/ranking/fit';
import { estimateVram } from '../../../src/ranking/memory';
import type { KvCacheQuant } from '../../../src/ranking/rankTypes';
import { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

describe('largestContextThatFits', () => {
  const model = fc.record(
    {
      sizeB: fc.double({ min: 0.1, max: 90, noNaN: true }),
      quant: fc.constantFrom('Q4_K_M', 'Q8_0', 'F16'),
      architecture: fc.record({
        hidden: fc.constantFrom(1024, 4096, 8192),
        contextMax: fc.integer({ min: 512, max: 1_048_576 }),
        kv: fc.record({
          rule: fc.constant('iswa' as const),
          fullBytesPerTokenF16: fc.integer({ min: 1, max: 400_000 }),
          windowBytesPerTokenF16: fc.integer({ min: 0, max: 400_000 }),
          windowTokens: fc.integer({ min: 128, max: 8192 }),
        }),
      }),
      parallelSlots: fc.integer({ min: 1, max: 8 }),
      cachePerSlot: fc.boolean(),
      flashAttention: fc.boolean(),
      companionBytes: fc.integer({ min: 0, max: 4 * 2 ** 30 }),
      platform: fc.constantFrom('nvidia', 'amd', 'macos', 'cpu'),
    },
    { requiredKeys: ['sizeB', 'quant'] },
  );
  const machine = fc.constantFrom(RTX_4090, M3_MAX_36, LAPTOP_8, CPU_24, TWO_CARDS);
  const kvType = fc.constantFrom<KvCacheQuant>('fp16', 'q8', 'q4');

  it('is exactly the inverse of estimateVram: it fits with this context, and not as well with one token more', () => {
    fc.assert(
      fc.property(model, machine, kvType, (input, hardware, kvCacheQuant) => {
        const memory = usableMemory(hardware);
        const fitAt = (contextTokens: number): string =>
          fitKind(
            estimateVram({ platform: hardware.platform, ...input, contextTokens, kvCacheQuant }).totalGb,
            memory,
          );
        const largest = largestContextThatFits(input, hardware, kvCacheQuant);
        if (largest === 0) {
          expect(fitAt(1)).toBe('none');
          return;
        }
        expect(fitAt(largest)).toBe(fitAt(1));
        const longest = input.architecture?.contextMax ?? 10_485_760;
        if (largest < longest) expect(fitAt(largest + 1)).not.toBe(fitAt(1));
        else expect(largest).toBe(longest);
      }),
    );
  });

  it('stops at what the model was made for', () => {
    const small = { sizeB: 0.5, quant: 'Q4_K_M', architecture: { contextMax: 32_768 } };
    expect(largestContextThatFits(small, RTX_4090)).toBe(32_768);
  });

  it('fits more with a smaller cache type', () => {
    const dense = { sizeB: 32, quant: 'Q4_K_M' };
    expect(largestContextThatFits(dense, RTX_4090, 'q8')).toBeGreaterThan(
      largestContextThatFits(dense, RTX_4090, 'fp16'),
    );
  });

  it('is 0 for a model whose weights alone are too big', () => {
    expect(largestContextThatFits({ sizeB: 400, quant: 'Q8_0' }, RTX_4090)).toBe(0);
  });

  it('reaches what two cards hold together', () => {
    const dense = { sizeB: 60, quant: 'Q4_K_M' };
    const context = largestContextThatFits(dense, TWO_CARDS);
    expect(estimateVram({ ...dense, contextTokens: context }).totalGb).toBeLessThanOrEqual(48);
  });
});
