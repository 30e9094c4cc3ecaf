import { describe, expect, it } from 'vitest';
import { decodeSeconds, decodeWork, hasTypicalCache } from '../../../src/ranking/decodeModel';
import { DECODE_PARAMETERS } from '../../../src/ranking/decodeModelParameters';
import { estimateVram } from '../../../src/ranking/memory';
import type { VramEstimateInput } from '../../../src/ranking/memory';

const LLAMA_8B = { arch: 'llama', layers: 32, heads: 32, kvHeads: 8, hidden: 4096, vocab: 128_256 };

function workOf(model: VramEstimateInput): ReturnType<typeof decodeWork> {
  const { sizeB, activeB, architecture } = model;
  return decodeWork({ sizeB, activeB, architecture, vramEstimate: estimateVram(model) });
}

describe('decodeWork', () => {
  it('reads the file but for the table of embeddings, and the cache of the context', () => {
    const work = workOf({
      ...{ sizeB: 8.03, quant: 'Q4_K_M', fileBytes: 4.92e9, architecture: LLAMA_8B, contextTokens: 8192 },
    });
    const embeddings = (4096 * 128_256) / 8.03e9;
    expect(work.weightsGB).toBeCloseTo(4.92 * (1 - embeddings), 6);
    // 32 layers x 8 heads x 128 values x 2 bytes x K and V.
    expect(work.cacheGB).toBeCloseTo((8192 * 131_072) / 1e9, 6);
    expect(work).toMatchObject({ layers: 32, sparse: false, plainBlocks: false, nestedBlocks: true });
  });

  it('reads all of a model whose embeddings are its output matrix too', () => {
    const gemma = { ...LLAMA_8B, arch: 'gemma3' };
    expect(workOf({ sizeB: 27, quant: 'Q8_0', fileBytes: 28e9, architecture: gemma }).weightsGB).toBeCloseTo(
      28,
      9,
    );
    expect(workOf({ sizeB: 1.2, quant: 'Q8_0', fileBytes: 1.3e9 }).weightsGB).toBeCloseTo(1.3, 9);
  });

  it('reads the active share of a mixture of experts, but for its table of embeddings', () => {
    const architecture = { hidden: 2048, vocab: 150_000 };
    const work = workOf({ sizeB: 30, activeB: 3, quant: 'Q4_K_M', fileBytes: 18e9, architecture });
    expect(work.weightsGB).toBeCloseTo(1.8 * (1 - (2048 * 150_000) / 3e9), 9);
    expect(work.sparse).toBe(true);
    const tiny = workOf({ sizeB: 1.3, activeB: 0.1, quant: 'Q8_0', fileBytes: 1.3e9, architecture });
    expect(tiny.weightsGB).toBeCloseTo(0.07, 9);
  });

  it('guesses the layers that models of a size have, within a quarter', () => {
    const dense = [
      ...([
        [1.2, 16],
        [3.2, 28],
        [8, 32],
        [14.7, 40],
        [23.6, 40],
        [32.8, 64],
        [70.6, 80],
      ] as const),
    ];
    for (const [sizeB, layers] of dense) {
      const guess = workOf({ sizeB, quant: 'Q4_K_M' }).layers;
      expect(Math.abs(Math.log(guess / layers))).toBeLessThan(0.3);
    }
    for (const [sizeB, activeB, layers] of [
      [20.9, 3.6, 24],
      [30.5, 3.3, 48],
      [110, 12, 46],
      [671, 37, 61],
    ] as const) {
      const guess = workOf({ sizeB, activeB, quant: 'Q4_K_M' }).layers;
      expect(Math.abs(Math.log(guess / layers))).toBeLessThan(0.4);
    }
  });

  it('takes a typical cache instead of the rule of thumb, of the same value type', () => {
    const big = { sizeB: 70.6, quant: 'Q4_K_M', contextTokens: 32_768 };
    const vram = estimateVram(big);
    expect(hasTypicalCache(vram, 70.6)).toBe(true);
    const typical = workOf(big).cacheGB;
    // Llama 3.3 70B has 10.7 GB there; the rule of thumb says 18.5.
    expect(typical).toBeGreaterThan(8);
    expect(typical).toBeLessThan(13);
    expect(workOf({ ...big, kvCacheQuant: 'q4' }).cacheGB).toBeCloseTo(typical / 4, 9);
    expect(workOf({ ...big, activeB: 10 }).cacheGB).toBeLessThan(typical / 3);
  });

  it('knows the cache of an estimate that was made with a shape, also where the shape is not given again', () => {
    const model = { sizeB: 8.03, quant: 'Q4_K_M', contextTokens: 16_384 };
    const vramEstimate = estimateVram({ ...model, architecture: LLAMA_8B });
    expect(hasTypicalCache(vramEstimate, 8.03)).toBe(false);
    expect(decodeWork({ sizeB: 8.03, vramEstimate }).cacheGB).toBeCloseTo((16_384 * 131_072) / 1e9, 6);
  });

  it('counts the state of recurrent layers twice: it is read and written', () => {
    const kv = { rule: 'hybrid' as const, fullBytesPerTokenF16: 20_480, stateBytes: 60e6 };
    const work = workOf({
      ...{ sizeB: 30, quant: 'Q4_K_M', contextTokens: 1000 },
      architecture: { layers: 40, kv },
    });
    expect(work.cacheGB).toBeCloseTo(0.12 + (20_480 * 1000) / 1e9, 2);
  });
});

describe('decodeSeconds', () => {
  const work = {
    ...{ weightsGB: 10, cacheGB: 1, layers: 40 },
    ...{ sparse: false, plainBlocks: false, nestedBlocks: true },
  };

  it('adds launches, weights and cache, by the figures of the vendor and the class', () => {
    const { vendors, classes } = DECODE_PARAMETERS;
    const { launch, weights, cache } = decodeSeconds(work, { vendor: 'amd', deviceClass: 'rdna3' }, 800);
    expect(launch).toBeCloseTo(40 * vendors.amd.launchSeconds * classes.rdna3.launch, 12);
    expect(weights).toBeCloseTo(10 / (800 * vendors.amd.efficiency * classes.rdna3.efficiency), 12);
    expect(cache).toBeCloseTo(1 / (800 * vendors.amd.cacheEfficiency), 12);
  });

  it('takes the middle of the vendor for a device of no known class', () => {
    const { launch, weights } = decodeSeconds(work, { vendor: 'amd', deviceClass: undefined }, 800);
    expect(launch).toBeCloseTo(40 * DECODE_PARAMETERS.vendors.amd.launchSeconds, 12);
    expect(weights).toBeCloseTo(10 / (800 * DECODE_PARAMETERS.vendors.amd.efficiency), 12);
  });

  it('takes longer to read for a mixture, shorter for plain blocks, and longer for nested ones on old cards', () => {
    const ampere = { vendor: 'nvidia', deviceClass: 'ampere' } as const;
    const pascal = { vendor: 'nvidia', deviceClass: 'pascal' } as const;
    const plain = { ...work, nestedBlocks: false };
    const read = decodeSeconds(work, ampere, 800).weights;
    expect(decodeSeconds({ ...work, sparse: true }, ampere, 800).weights).toBeCloseTo(
      read * (1 + DECODE_PARAMETERS.sparseExtraGB / work.weightsGB),
      12,
    );
    expect(decodeSeconds({ ...plain, plainBlocks: true }, ampere, 800).weights).toBeLessThan(
      decodeSeconds(plain, ampere, 800).weights,
    );
    expect(decodeSeconds(plain, ampere, 800).weights).toBe(decodeSeconds(work, ampere, 800).weights);
    expect(decodeSeconds(plain, pascal, 800).weights).toBeLessThan(decodeSeconds(work, pascal, 800).weights);
  });
});

describe('DECODE_PARAMETERS', () => {
  it('are physical: nothing reads faster than its memory, and classes lie around their vendor', () => {
    for (const { efficiency, launchSeconds, cacheEfficiency } of Object.values(DECODE_PARAMETERS.vendors)) {
      expect(efficiency).toBeGreaterThan(0.4);
      expect(efficiency).toBeLessThan(1);
      expect(cacheEfficiency).toBeGreaterThan(0.1);
      expect(cacheEfficiency).toBeLessThan(1);
      expect(launchSeconds).toBeGreaterThan(1e-5);
      expect(launchSeconds).toBeLessThan(1e-3);
    }
    for (const { efficiency, launch } of Object.values(DECODE_PARAMETERS.classes)) {
      expect(Math.abs(Math.log(efficiency))).toBeLessThan(0.6);
      expect(Math.abs(Math.log(launch))).toBeLessThan(1);
    }
  });
});
