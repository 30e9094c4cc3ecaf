import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestContextThatFits } from '../../../src/ranking/context';
import { fitKind, poolFor, unfitSentence, usableMemory, usableSystemGib, usableTotalGib } from '../../../src/ranking/fit';
import { estimateVram } from '../../../src/ranking/memory';
import type { KvCacheQuant } from '../../../src/ranking/rankTypes';
import { CPU_24, LAPTOP_8, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

describe('usableMemory', () => {
  it('leaves an eighth of the RAM to the rest of the machine, from 2 to 8 GiB', () => {
    expect(usableSystemGib(8)).toBe(6);
    expect(usableSystemGib(24)).toBe(21);
    expect(usableSystemGib(256)).toBe(248);
    expect(usableSystemGib(1)).toBe(0);
    expect(usableSystemGib(NaN)).toBe(0);
  });

  it('counts RAM alone on a machine without accelerators', () => {
    expect(usableMemory(CPU_24)).toMatchObject({ pools: [], acceleratorGib: 0, systemGib: 21, systemBandwidthGBps: 20 });
  });

  it('counts a GPU and, besides it, the RAM', () => {
    expect(usableMemory(RTX_4090)).toMatchObject({ acceleratorGib: 24, systemGib: 56, unified: false });
  });

  it('has no second pool where the GPU shares the RAM', () => {
    expect(usableMemory(M3_MAX_36)).toMatchObject({ acceleratorGib: 27, systemGib: 0, unified: true });
    const strix = { ...TWO_CARDS, accelerators: [{ ...TWO_CARDS.accelerators[0]!, unified: true }] };
    expect(usableMemory(strix).systemGib).toBe(0);
  });

  it('takes the whole RAM of a Mac where it is asked to, as the peers do', () => {
    expect(usableMemory(M3_MAX_36, { wholeRamOnMac: true }).acceleratorGib).toBe(36);
    expect(usableMemory(RTX_4090, { wholeRamOnMac: true }).acceleratorGib).toBe(24);
  });

  it('loads a model on the fewest cards that hold it', () => {
    const memory = usableMemory(TWO_CARDS);
    expect(poolFor(memory, 20)?.cards).toBe(1);
    expect(poolFor(memory, 30)?.cards).toBe(2);
    expect(poolFor(memory, 100)?.cards).toBe(2);
  });

  it('counts what makes no sense as nothing', () => {
    const broken = { ...RTX_4090, vramGb: NaN, ramGb: -5, bandwidthGbps: Infinity };
    expect(usableMemory(broken)).toMatchObject({ acceleratorGib: 0, systemGib: 0 });
  });
});

describe('fitKind', () => {
  it('tells where a model lies', () => {
    const gpu = usableMemory(RTX_4090);
    expect(fitKind(24, gpu)).toBe('gpu');
    expect(fitKind(24.1, gpu)).toBe('offload');
    expect(fitKind(80, gpu)).toBe('offload');
    expect(fitKind(80.1, gpu)).toBe('none');
    expect(fitKind(NaN, gpu)).toBe('none');
    expect(fitKind(21, usableMemory(CPU_24))).toBe('cpu');
    expect(fitKind(21.1, usableMemory(CPU_24))).toBe('none');
  });

  it('lets nothing overflow from unified memory', () => {
    expect(fitKind(27.1, usableMemory(M3_MAX_36))).toBe('none');
  });

  it('says what is missing', () => {
    expect(unfitSentence(41.23, 32_768, 22.5)).toBe('needs 41.2 GiB at 32k, 22.5 usable');
  });
});

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
          fitKind(estimateVram({ ...input, contextTokens, kvCacheQuant }).totalGb, memory);
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
    expect(largestContextThatFits(dense, RTX_4090, 'q8')).toBeGreaterThan(largestContextThatFits(dense, RTX_4090, 'fp16'));
  });

  it('is 0 for a model whose weights alone are too big', () => {
    expect(largestContextThatFits({ sizeB: 400, quant: 'Q8_0' }, RTX_4090)).toBe(0);
  });

  it('reaches what two cards hold together', () => {
    const dense = { sizeB: 60, quant: 'Q4_K_M' };
    const context = largestContextThatFits(dense, TWO_CARDS);
    expect(estimateVram({ ...dense, contextTokens: context }).totalGb).toBeLessThanOrEqual(48);
    expect(usableTotalGib(usableMemory(TWO_CARDS))).toBe(104);
  });
});
