import { describe, expect, it } from 'vitest';
import type { KvCost } from '../../../src/shared/kvCost';
import { kvCostOf } from '../../../src/shared/kvCost';
import type { ModelShape } from '../../../src/shared/modelShape';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

/** Shapes as the makers' configurations have them, and what the rules of data/PROVENANCE.md give for them, by hand. */
const SHAPES: readonly (readonly [string, ModelShape, KvCost | undefined])[] = [
  [
    'Llama 3.1 8B',
    { arch: 'llama', layers: 32, heads: 32, kvHeads: 8, hidden: 4096 },
    { rule: 'full', fullBytesPerTokenF16: 131_072 },
  ],
  [
    'Mistral 7B v0.1, whose window llama.cpp does not use',
    { arch: 'llama', layers: 32, heads: 32, kvHeads: 8, hidden: 4096, slidingWindow: 4096 },
    { rule: 'full', fullBytesPerTokenF16: 131_072 },
  ],
  [
    'Phi-3 mini, whose window is switched off',
    { arch: 'phi3', layers: 32, heads: 32, kvHeads: 32, hidden: 3072, slidingWindow: 2047 },
    { rule: 'full', fullBytesPerTokenF16: 393_216 },
  ],
  [
    'GLM-4.5 Air with its prediction layer',
    {
      arch: 'glm4moe',
      layers: 47,
      predictionLayers: 1,
      heads: 96,
      kvHeads: 8,
      hidden: 4096,
      headDimK: 128,
      headDimV: 128,
    },
    { rule: 'full', fullBytesPerTokenF16: 188_416 },
  ],
  [
    'Nemotron 49B, where most layers have no attention',
    { arch: 'deci', layers: 4, heads: [64, 0, 64, 0], kvHeads: [8, 0, 8, 0], hidden: 8192 },
    { rule: 'full', fullBytesPerTokenF16: 2 * 8 * 256 * 2 },
  ],
  [
    'Gemma 2 9B',
    { arch: 'gemma2', layers: 42, heads: 16, kvHeads: 8, hidden: 3584, headDimK: 256, headDimV: 256 },
    { rule: 'iswa', fullBytesPerTokenF16: 172_032, windowBytesPerTokenF16: 172_032, windowTokens: 4096 },
  ],
  [
    'Gemma 3 27B',
    {
      arch: 'gemma3',
      layers: 62,
      heads: 32,
      kvHeads: 16,
      hidden: 5376,
      headDimK: 128,
      headDimV: 128,
      slidingWindow: 1024,
    },
    { rule: 'iswa', fullBytesPerTokenF16: 81_920, windowBytesPerTokenF16: 425_984, windowTokens: 1024 },
  ],
  [
    'Gemma 3n E4B, whose last 15 layers have no cache',
    {
      arch: 'gemma3n',
      layers: 35,
      heads: 8,
      kvHeads: 2,
      hidden: 2048,
      headDimK: 256,
      headDimV: 256,
      slidingWindow: 512,
    },
    { rule: 'iswa', fullBytesPerTokenF16: 8_192, windowBytesPerTokenF16: 32_768, windowTokens: 512 },
  ],
  [
    'Gemma 4 E2B: a list of windows, two head sizes, 20 layers that share',
    {
      ...{
        arch: 'gemma4',
        layers: 35,
        heads: 8,
        kvHeads: 1,
        hidden: 1536,
        slidingWindow: 512,
        sharedKvLayers: 20,
      },
      ...{ headDimK: 512, headDimV: 512, windowHeadDimK: 256, windowHeadDimV: 256 },
      windowPattern: Array.from({ length: 35 }, (_, layer) => (layer % 5 === 4 ? 0 : 1)),
    },
    { rule: 'iswa', fullBytesPerTokenF16: 6_144, windowBytesPerTokenF16: 12_288, windowTokens: 512 },
  ],
  [
    'gpt-oss 120B',
    {
      arch: 'gpt-oss',
      layers: 36,
      heads: 64,
      kvHeads: 8,
      hidden: 2880,
      headDimK: 64,
      headDimV: 64,
      slidingWindow: 128,
    },
    { rule: 'iswa', fullBytesPerTokenF16: 36_864, windowBytesPerTokenF16: 36_864, windowTokens: 128 },
  ],
  [
    'Command R7B',
    { arch: 'cohere2', layers: 32, heads: 32, kvHeads: 8, hidden: 4096, slidingWindow: 4096 },
    { rule: 'iswa', fullBytesPerTokenF16: 32_768, windowBytesPerTokenF16: 98_304, windowTokens: 4096 },
  ],
  [
    'Llama 4 Scout, with chunks of 8192',
    { arch: 'llama4', layers: 48, heads: 40, kvHeads: 8, hidden: 5120 },
    { rule: 'iswa', fullBytesPerTokenF16: 49_152, windowBytesPerTokenF16: 147_456, windowTokens: 8192 },
  ],
  [
    'EXAONE 4 32B',
    { arch: 'exaone4', layers: 64, heads: 40, kvHeads: 8, hidden: 5120, slidingWindow: 4096 },
    { rule: 'iswa', fullBytesPerTokenF16: 65_536, windowBytesPerTokenF16: 196_608, windowTokens: 4096 },
  ],
  [
    'EXAONE 4 1.2B, which has no window',
    { arch: 'exaone4', layers: 30, heads: 32, kvHeads: 8, hidden: 2048, slidingWindow: 4096 },
    { rule: 'full', fullBytesPerTokenF16: 61_440 },
  ],
  [
    'OLMo 2 7B',
    { arch: 'olmo2', layers: 32, heads: 32, kvHeads: 32, hidden: 4096 },
    { rule: 'full', fullBytesPerTokenF16: 524_288 },
  ],
  [
    'Olmo 3 7B',
    { arch: 'olmo2', layers: 32, heads: 32, kvHeads: 32, hidden: 4096, slidingWindow: 4096 },
    { rule: 'iswa', fullBytesPerTokenF16: 131_072, windowBytesPerTokenF16: 393_216, windowTokens: 4096 },
  ],
  [
    'a list of windows with head counts per layer',
    {
      ...{
        arch: 'mimo2',
        layers: 4,
        heads: 8,
        hidden: 1024,
        headDimK: 192,
        headDimV: 128,
        slidingWindow: 128,
      },
      ...{ kvHeads: [4, 8, 8, 4], windowPattern: [0, 1, 1, 0] },
    },
    {
      rule: 'iswa',
      fullBytesPerTokenF16: 8 * 320 * 2,
      windowBytesPerTokenF16: 16 * 320 * 2,
      windowTokens: 128,
    },
  ],
  [
    'DeepSeek V3',
    {
      ...{
        arch: 'deepseek2',
        layers: 61,
        heads: 128,
        kvHeads: 1,
        hidden: 7168,
        headDimK: 576,
        headDimV: 512,
      },
      ...{ kvRank: 512, ropeDimensions: 64 },
    },
    { rule: 'mla', fullBytesPerTokenF16: 70_272 },
  ],
  [
    'DeepSeek V2 Lite as files of 2024 have it, expanded',
    {
      ...{
        arch: 'deepseek2',
        layers: 27,
        heads: 16,
        kvHeads: 16,
        hidden: 2048,
        headDimK: 192,
        headDimV: 128,
      },
      ...{ kvRank: 0, ropeDimensions: 64 },
    },
    { rule: 'full', fullBytesPerTokenF16: 27 * 16 * 320 * 2 },
  ],
  [
    'DeepSeek V3.2 with its index',
    {
      ...{
        arch: 'deepseek32',
        layers: 61,
        heads: 128,
        kvHeads: 1,
        hidden: 7168,
        headDimK: 576,
        headDimV: 512,
      },
      ...{ kvRank: 512, ropeDimensions: 64, indexerHeadDim: 128 },
    },
    { rule: 'mla', fullBytesPerTokenF16: 61 * 704 * 2 },
  ],
  [
    'Qwen3.6 35B-A3B',
    {
      ...{ arch: 'qwen35moe', layers: 40, heads: 16, kvHeads: 2, hidden: 2048, headDimK: 256, headDimV: 256 },
      ...{ ssmConvKernel: 4, ssmInner: 4096, ssmState: 128, ssmGroups: 16, fullAttentionInterval: 4 },
    },
    { rule: 'hybrid', fullBytesPerTokenF16: 20_480, stateBytes: 65_863_680 },
  ],
  [
    'LFM2 1.2B',
    {
      ...{ arch: 'lfm2', layers: 16, heads: 32, hidden: 2048, shortConvolution: 3 },
      kvHeads: [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0],
    },
    { rule: 'hybrid', fullBytesPerTokenF16: 12_288, stateBytes: 163_840 },
  ],
  [
    'Granite 4 H: Mamba 2 and one layer of attention',
    {
      ...{ arch: 'granitehybrid', layers: 4, heads: 12, hidden: 1536, kvHeads: [0, 0, 4, 0] },
      ...{ ssmConvKernel: 4, ssmInner: 3072, ssmState: 128, ssmGroups: 1 },
    },
    {
      ...{ rule: 'hybrid', fullBytesPerTokenF16: 4 * 256 * 2 },
      stateBytes: 3 * (3 * (3072 + 256) + 128 * 3072) * 4,
    },
  ],
  [
    'Nemotron H, where layers without heads are Mamba or feed-forward',
    {
      ...{ arch: 'nemotron_h', layers: 4, heads: 32, hidden: 4096, headDimK: 128, headDimV: 128 },
      ...{ kvHeads: [0, 0, 8, 0], feedForward: [0, 21_504, 0, 21_504] },
      ...{ ssmConvKernel: 4, ssmInner: 8192, ssmState: 128, ssmGroups: 8 },
    },
    {
      ...{ rule: 'hybrid', fullBytesPerTokenF16: 8 * 256 * 2 },
      stateBytes: (3 * (8192 + 2 * 8 * 128) + 128 * 8192) * 4,
    },
  ],
  [
    'Falcon H1, with both in every layer',
    {
      ...{ arch: 'falcon-h1', layers: 24, heads: 8, kvHeads: 2, hidden: 1024, headDimK: 64, headDimV: 64 },
      ...{ ssmConvKernel: 4, ssmInner: 1536, ssmState: 128, ssmGroups: 1 },
    },
    {
      ...{ rule: 'hybrid', fullBytesPerTokenF16: 24 * 2 * 128 * 2 },
      stateBytes: 24 * (3 * (1536 + 256) + 128 * 1536) * 4,
    },
  ],
  [
    'Kimi Linear',
    {
      ...{ arch: 'kimi-linear', layers: 4, heads: 32, hidden: 2304, kvHeads: [0, 0, 0, 1], kvRank: 512 },
      ...{ mlaHeadDim: 192, ropeDimensions: 64, ssmConvKernel: 4, kdaHeadDim: 128 },
    },
    {
      ...{ rule: 'hybrid', fullBytesPerTokenF16: 576 * 2 },
      // 24,576 and 524,288 elements more a layer: three convolutions and one matrix a head.
      stateBytes: 3 * (3 * 3 * 32 * 128 + 524_288) * 4,
    },
  ],
  [
    'Falcon Mamba 7B',
    { arch: 'mamba', layers: 64, hidden: 4096, ssmConvKernel: 4, ssmInner: 8192, ssmState: 16 },
    { rule: 'recurrent', fullBytesPerTokenF16: 0, stateBytes: 64 * (3 * 8192 + 16 * 8192) * 4 },
  ],
  [
    'RWKV 7 1.5B',
    { arch: 'rwkv7', layers: 24, hidden: 2048, wkvHeadSize: 64, tokenShifts: 2 },
    { rule: 'recurrent', fullBytesPerTokenF16: 0, stateBytes: 24 * 2048 * 66 * 4 },
  ],
  [
    'DeepSeek V4, whose cost nobody has established',
    { arch: 'deepseek4', layers: 61, heads: 64, kvHeads: 1, hidden: 7168 },
    undefined,
  ],
  ['a header without layers', { arch: 'llama', heads: 32, kvHeads: 8, hidden: 4096 }, undefined],
  ['a header without heads', { arch: 'llama', layers: 32, hidden: 4096 }, undefined],
  ['a Mamba without its sizes', { arch: 'mamba', layers: 64, hidden: 4096 }, undefined],
  [
    'DeepSeek V3 by its heads alone, whose ranks all models of its architecture share',
    { arch: 'deepseek2', layers: 61, heads: 128, kvHeads: 128, headDimK: 192, headDimV: 128, hidden: 7168 },
    { rule: 'mla', fullBytesPerTokenF16: 61 * 576 * 2 },
  ],
  [
    'DeepSeek V3.2 by its heads alone, with its index',
    { arch: 'deepseek32', layers: 61, heads: 128, kvHeads: 128, hidden: 7168 },
    { rule: 'mla', fullBytesPerTokenF16: 61 * (576 + 128) * 2 },
  ],
  [
    'a model whose architecture nobody named',
    { layers: 32, heads: 32, kvHeads: 8, headDimK: 128, hidden: 4096 },
    { rule: 'full', fullBytesPerTokenF16: 131_072 },
  ],
  [
    'a model without a name, with a list of layers that slide',
    { layers: 4, heads: 8, kvHeads: 2, headDimK: 64, slidingWindow: 512, windowPattern: [1, 1, 1, 0] },
    { rule: 'iswa', fullBytesPerTokenF16: 512, windowBytesPerTokenF16: 1_536, windowTokens: 512 },
  ],
  [
    'a hybrid that does not say which layers have attention',
    { arch: 'nemotron_h', layers: 56, heads: 40, kvHeads: 8, headDimK: 128, hidden: 4480 },
    undefined,
  ],
  ['a model of no layers', { arch: 'llama', layers: 0, heads: 32, kvHeads: 8, hidden: 4096 }, undefined],
];

describe('kvCostOf', () => {
  it.each(SHAPES)('knows the cache of %s', (_, shape, expected) => {
    expect(kvCostOf(shape)).toEqual(expected);
  });

  it('agrees with every cache of the snapshot whose shape says enough', async () => {
    const { snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' });
    // What the snapshot's rows do not tell of these: ranks, second head sizes, lists of layers. Safety models of
    // gpt-oss are in it without their window (they are never recommended).
    const untold =
      /^(?:gemma4|cohere2moe|deci|qwen3next|qwen35|lfm2|nemotron_h|granitehybrid|falcon-h1|bert|nomic-bert)/;
    const seen = new Map<string, number>();
    for (const { hfRepoId, architecture: shape } of snapshot.candidates) {
      if (shape?.arch === undefined || shape.kv === undefined || untold.test(shape.arch)) continue;
      if (shape.kv.rule === 'mla' || hfRepoId.includes('gpt-oss-safeguard')) continue;
      const { arch, layers, heads, kvHeads, headDimK, headDimV, hidden } = shape;
      if (layers === undefined || kvHeads === undefined || headDimK === undefined) continue;
      const told = { arch, layers, kvHeads, headDimK, headDimV: headDimV ?? headDimK };
      const slidingWindow = shape.kv.windowTokens;
      const cost = kvCostOf({
        ...told,
        ...(heads && { heads }),
        ...(hidden && { hidden }),
        ...(slidingWindow && { slidingWindow }),
      });
      expect(cost, hfRepoId).toEqual(shape.kv);
      seen.set(arch, (seen.get(arch) ?? 0) + 1);
    }
    expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(250);
    expect(seen.size).toBeGreaterThan(20);
  });
});
