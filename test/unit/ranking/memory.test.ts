import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelArchitecture } from '../../../src/catalog/candidate';
import {
  ACTIVATIONS_GB,
  estimateVram,
  FRAMEWORK_OVERHEAD_GB,
  KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16,
  KV_QUANT_MULTIPLIER,
} from '../../../src/ranking/memory';
import type { KvCacheQuant } from '../../../src/ranking/rankTypes';

const GIB = 2 ** 30;
const MIB_PER_GIB = 1024;

/** Shapes of published models; the buffers below are from llama-server's load log (0.7.0, build 11669, CPU). */
const LLAMA_1B: ModelArchitecture = {
  arch: 'llama',
  hidden: 2048,
  feedForward: 8192,
  vocab: 128_256,
  contextMax: 131_072,
  kv: { rule: 'full', fullBytesPerTokenF16: 16 * 8 * 64 * 2 * 2 },
};
const QWEN3_06B: ModelArchitecture = {
  arch: 'qwen3',
  hidden: 1024,
  kv: { rule: 'full', fullBytesPerTokenF16: 28 * 8 * 128 * 2 * 2 },
};
const GEMMA3_1B: ModelArchitecture = {
  arch: 'gemma3',
  hidden: 1152,
  kv: { rule: 'iswa', fullBytesPerTokenF16: 4 * 1024, windowBytesPerTokenF16: 22 * 1024, windowTokens: 512 },
};

function kvMib(
  architecture: ModelArchitecture,
  contextTokens: number,
  kvCacheQuant: KvCacheQuant = 'fp16',
): number {
  return (
    estimateVram({ sizeB: 1, quant: 'Q8_0', fileBytes: GIB, architecture, contextTokens, kvCacheQuant })
      .kvCacheGb * MIB_PER_GIB
  );
}

describe('estimateVram from the parameter count alone', () => {
  it('uses the constants of the peers', () => {
    expect(KV_CACHE_BYTES_PER_TOKEN_PER_BILLION_PARAMS_FP16).toBe(8_000);
    expect([ACTIVATIONS_GB, FRAMEWORK_OVERHEAD_GB]).toEqual([1.5, 1]);
    expect(KV_QUANT_MULTIPLIER).toEqual({ fp16: 1, q8: 0.5, q4: 0.25 });
  });

  it('is the formula of the peers, term by term', () => {
    const estimate = estimateVram({ sizeB: 32, quant: 'Q4_K_M' });
    expect(estimate).toMatchObject({
      basis: 'parameters',
      quant: 'Q4_K_M',
      quantBitsPerWeight: 4.85,
      contextTokens: 4096,
      sizeB: 32,
      activationsGb: 1.5,
      overheadGb: 1,
      kvCacheBytesPerToken: 256_000,
    });
    expect(estimate.weightsGb).toBeCloseTo((32e9 * 4.85) / 8 / GIB, 9);
    expect(estimate.kvCacheGb).toBeCloseTo((4096 * 32 * 8000) / GIB, 9);
    expect(estimate.totalGb).toBeCloseTo(estimate.weightsGb + estimate.kvCacheGb + 2.5, 9);
    expect(estimate).not.toHaveProperty('quantWarning');
    expect(estimate).not.toHaveProperty('activeB');
  });

  it.each([
    [7, 5, 8],
    [32, 20, 26],
    [70, 42, 50],
  ])('puts %d B at Q4_K_M and 4k between %d and %d GiB', (sizeB, low, high) => {
    const { totalGb } = estimateVram({ sizeB, quant: 'Q4_K_M' });
    expect(totalGb).toBeGreaterThan(low);
    expect(totalGb).toBeLessThan(high);
  });

  it('halves the cache at q8, quarters it at q4 and doubles it with the context', () => {
    const cache = (contextTokens: number, kvCacheQuant: KvCacheQuant): number =>
      estimateVram({ sizeB: 8, quant: 'Q4_K_M', contextTokens, kvCacheQuant }).kvCacheGb;
    expect(cache(4096, 'q8')).toBeCloseTo(cache(4096, 'fp16') / 2, 12);
    expect(cache(4096, 'q4')).toBeCloseTo(cache(4096, 'fp16') / 4, 12);
    expect(cache(8192, 'fp16')).toBeCloseTo(cache(4096, 'fp16') * 2, 12);
  });

  it('keeps all experts of a mixture in memory', () => {
    const moe = estimateVram({ sizeB: 30, activeB: 3, quant: 'Q4_K_M' });
    expect(moe.weightsGb).toBe(estimateVram({ sizeB: 30, quant: 'Q4_K_M' }).weightsGb);
    expect(moe.activeB).toBe(3);
  });

  it('warns of an unknown quantisation and counts 8 bits', () => {
    const estimate = estimateVram({ sizeB: 32, quant: 'mystery' });
    expect(estimate).toMatchObject({
      quant: 'mystery',
      quantWarning: 'quant_unknown',
      quantBitsPerWeight: 8,
    });
    expect(estimate.weightsGb).toBeCloseTo(29.8, 1);
  });
});

describe('estimateVram from file and architecture', () => {
  it('takes the weights from the file and says so', () => {
    const estimate = estimateVram({
      sizeB: 1.24,
      quant: 'Q8_0',
      fileBytes: 1_321_082_528,
      architecture: LLAMA_1B,
    });
    expect(estimate.basis).toBe('gguf');
    expect(estimate.weightsGb).toBeCloseTo(1_321_082_528 / GIB, 12);
  });

  it.each([
    ['Llama 3.2 1B', LLAMA_1B, 4096, 'fp16', 128],
    ['Llama 3.2 1B', LLAMA_1B, 4096, 'q8', 68],
    ['Llama 3.2 1B', LLAMA_1B, 4096, 'q4', 36],
    ['Llama 3.2 1B', LLAMA_1B, 32_768, 'fp16', 1024],
    ['Qwen3 0.6B', QWEN3_06B, 4096, 'fp16', 448],
    ['Qwen3 0.6B', QWEN3_06B, 4096, 'q8', 238],
    ['Qwen3 0.6B', QWEN3_06B, 4096, 'q4', 126],
    ['Gemma 3 1B', GEMMA3_1B, 2048, 'fp16', 30],
    ['Gemma 3 1B', GEMMA3_1B, 4096, 'fp16', 38],
    ['Gemma 3 1B', GEMMA3_1B, 8192, 'fp16', 54],
    ['Gemma 3 1B', GEMMA3_1B, 32_768, 'fp16', 150],
  ] as const)(
    'gives %s the cache that llama-server allocates (%#)',
    (_, architecture, context, kvType, mib) => {
      expect(kvMib(architecture, context, kvType)).toBeCloseTo(mib, 6);
    },
  );

  it('shares one window cache between four slots, as llama-server -np 4 does', () => {
    const { kvCacheGb } = estimateVram({
      sizeB: 1,
      quant: 'Q8_0',
      fileBytes: GIB,
      architecture: GEMMA3_1B,
      contextTokens: 1024,
      parallelSlots: 4,
    });
    expect(kvCacheGb * MIB_PER_GIB).toBeCloseTo(71, 6);
  });

  it('gives the compute buffer that llama-server allocates for Llama 3.2 1B (72 MiB at 4k, 100 at 32k)', () => {
    const buffer = (contextTokens: number): number =>
      estimateVram({ sizeB: 1.24, quant: 'Q8_0', fileBytes: GIB, architecture: LLAMA_1B, contextTokens })
        .activationsGb * MIB_PER_GIB;
    // The half MiB of output logits is in it.
    expect(buffer(4096)).toBeCloseTo(72.5, 1);
    expect(buffer(32_768)).toBeCloseTo(100.5, 1);
  });

  it.each([
    ['a smaller batch', { batchTokens: 64 }, 9.5],
    ['a larger batch', { batchTokens: 2048 }, 288.6],
    ['no flash attention', { flashAttention: false }, 290.5],
    ['the logits of a whole batch', { allLogits: true }, 275],
    ['four slots over one cache', { contextTokens: 1024, parallelSlots: 4 }, 74],
    ['four slots with a cache each', { contextTokens: 1024, parallelSlots: 4, cachePerSlot: true }, 71],
  ] as const)('follows llama-server’s compute buffer with %s', (_, setting, mib) => {
    const estimate = estimateVram({
      ...{ sizeB: 1.24, quant: 'Q8_0', fileBytes: GIB, contextTokens: 4096 },
      architecture: { ...LLAMA_1B, heads: 32, kvHeads: 8, headDimK: 64 },
      ...setting,
    });
    expect(Math.abs((estimate.activationsGb * MIB_PER_GIB) / mib - 1)).toBeLessThan(0.01);
  });

  it('gives each slot its own windows where it has its own cache, as after -np 4', () => {
    const cache = (cachePerSlot: boolean): number =>
      estimateVram({
        ...{ sizeB: 1, quant: 'Q8_0', fileBytes: GIB, contextTokens: 1024, parallelSlots: 4 },
        architecture: GEMMA3_1B,
        cachePerSlot,
      }).kvCacheGb * MIB_PER_GIB;
    expect(cache(false)).toBeCloseTo(16 + 55, 6);
    expect(cache(true)).toBeCloseTo(16 + 88, 6);
  });

  it('rounds the cells of a cache up to 256, as llama.cpp does', () => {
    expect(kvMib(LLAMA_1B, 1)).toBe(kvMib(LLAMA_1B, 256));
    expect(kvMib(LLAMA_1B, 4097)).toBeCloseTo(128 + 8, 6);
  });

  it('derives the cache from the shape where nobody counted it', () => {
    const shape: ModelArchitecture = {
      ...{ arch: 'gemma3', layers: 26, heads: 4, kvHeads: 1, headDimK: 256, headDimV: 256 },
      slidingWindow: 512,
    };
    expect(kvMib(shape, 32_768)).toBeCloseTo(150, 6);
    expect(kvMib({ ...shape, kv: { rule: 'full', fullBytesPerTokenF16: 1024 } }, 32_768)).toBeCloseTo(32, 6);
  });

  it('falls back on the formula of the peers for a shape that says too little', () => {
    const bare = estimateVram({ sizeB: 8, quant: 'Q4_K_M' });
    for (const architecture of [
      {},
      { arch: 'llama', hidden: 4096 },
      { arch: 'deepseek4', layers: 61, heads: 64 },
    ])
      expect(estimateVram({ sizeB: 8, quant: 'Q4_K_M', architecture })).toEqual(bare);
  });

  it('adds what the runtime takes where the platform is told, and nothing but buffers where not', () => {
    const overhead = (platform?: 'nvidia' | 'cpu'): number =>
      estimateVram({
        ...{ sizeB: 1, quant: 'Q8_0', fileBytes: GIB, architecture: LLAMA_1B },
        ...(platform && { platform }),
      }).overheadGb;
    expect([overhead(), overhead('cpu'), overhead('nvidia')]).toEqual([0, 0.05, 0.4]);
    expect(estimateVram({ sizeB: 8, quant: 'Q4_K_M', platform: 'cpu' }).overheadGb).toBe(1);
  });

  it('adds recurrent state once per slot, whatever the context', () => {
    const hybrid: ModelArchitecture = {
      hidden: 2048,
      kv: { rule: 'hybrid', fullBytesPerTokenF16: 0, stateBytes: GIB },
    };
    const state = (contextTokens: number, parallelSlots: number): number =>
      estimateVram({
        sizeB: 4,
        quant: 'Q8_0',
        fileBytes: 4 * GIB,
        architecture: hybrid,
        contextTokens,
        parallelSlots,
      }).kvCacheGb;
    expect(state(4096, 1)).toBe(1);
    expect(state(131_072, 1)).toBe(1);
    expect(state(4096, 3)).toBe(3);
  });

  it('ignores a file that is far too small for the model, as one part of a split is', () => {
    const estimate = estimateVram({ sizeB: 70, quant: 'Q4_K_M', fileBytes: 5 * GIB, architecture: LLAMA_1B });
    expect(estimate.basis).toBe('parameters');
    expect(estimate.weightsGb).toBeGreaterThan(39);
  });

  it('uses what it knows where only the file is known', () => {
    const estimate = estimateVram({ sizeB: 8, quant: 'Q4_K_M', fileBytes: 4.9 * GIB });
    expect(estimate.basis).toBe('parameters');
    expect(estimate.weightsGb).toBeCloseTo(4.9, 9);
    expect(estimate.activationsGb).toBe(1.5);
  });

  it('adds a projector or draft model', () => {
    const bare = estimateVram({ sizeB: 8, quant: 'Q4_K_M' });
    expect(estimateVram({ sizeB: 8, quant: 'Q4_K_M', companionBytes: GIB }).totalGb).toBeCloseTo(
      bare.totalGb + 1,
      9,
    );
  });
});

describe('estimateVram on any input', () => {
  const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, Infinity, -Infinity, -1, 0));
  const anyModel = fc.record(
    {
      sizeB: anyNumber,
      quant: fc.oneof(fc.string(), fc.constantFrom('Q4_K_M', 'Q8_0')),
      contextTokens: anyNumber,
      fileBytes: anyNumber,
      parallelSlots: anyNumber,
      companionBytes: anyNumber,
      kvCacheQuant: fc.constantFrom<KvCacheQuant>('fp16', 'q8', 'q4'),
      architecture: fc.record({
        hidden: anyNumber,
        vocab: anyNumber,
        kv: fc.record({
          rule: fc.constant('iswa' as const),
          fullBytesPerTokenF16: anyNumber,
          windowBytesPerTokenF16: anyNumber,
          windowTokens: anyNumber,
          stateBytes: anyNumber,
        }),
      }),
    },
    { requiredKeys: ['sizeB', 'quant'] },
  );

  it('never gives a number that is not one', () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const estimate = estimateVram(model);
        for (const key of ['weightsGb', 'kvCacheGb', 'activationsGb', 'overheadGb', 'totalGb'] as const)
          expect(Number.isFinite(estimate[key]) && estimate[key] >= 0, key).toBe(true);
      }),
    );
  });

  it('never needs less memory for more context, with whatever slots, batch and attention', () => {
    const context = fc.integer({ min: 1, max: 2_000_000 });
    const setting = fc.record({
      kvCacheQuant: fc.constantFrom<KvCacheQuant>('fp16', 'q8', 'q4'),
      parallelSlots: fc.integer({ min: 1, max: 9 }),
      cachePerSlot: fc.boolean(),
      flashAttention: fc.boolean(),
      allLogits: fc.boolean(),
      batchTokens: fc.integer({ min: 1, max: 4096 }),
      companionBytes: fc.integer({ min: 0, max: GIB }),
    });
    fc.assert(
      fc.property(
        context,
        context,
        fc.constantFrom(LLAMA_1B, QWEN3_06B, GEMMA3_1B, undefined),
        setting,
        (a, b, architecture, settings) => {
          const total = (contextTokens: number): number =>
            estimateVram({
              sizeB: 3,
              quant: 'Q4_K_M',
              contextTokens,
              ...settings,
              ...(architecture === undefined ? {} : { architecture, fileBytes: 2 * GIB }),
            }).totalGb;
          expect(total(Math.max(a, b))).toBeGreaterThanOrEqual(total(Math.min(a, b)));
        },
      ),
    );
  });
});
