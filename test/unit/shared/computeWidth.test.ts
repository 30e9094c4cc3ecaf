import { describe, expect, it } from 'vitest';
import { computeWidthOf } from '../../../src/shared/computeWidth';
import type { ModelShape } from '../../../src/shared/modelShape';

const base: ModelShape = { arch: 'llama', layers: 4, hidden: 1024, heads: 16, kvHeads: 4, headDimK: 64 };
const delta = { ssmInner: 2048, ssmState: 128, ssmHeads: 16, ssmGroups: 8, ssmConvKernel: 4 };
const mamba = { ssmInner: 2048, ssmState: 128, ssmHeads: 32, ssmGroups: 1, ssmConvKernel: 4 };
const latent: ModelShape = {
  ...{ arch: 'deepseek2', layers: 3, hidden: 1024, heads: 16, kvHeads: 16, headDimK: 192, feedForward: 3072 },
  ...{ kvRank: 512, ropeDimensions: 64, experts: 16, expertsUsed: 6, expertFeedForward: 384 },
};

/**
 * Generated models, loaded in llama-server 0.7.0 (build 11669, CPU) with flash attention and a batch of 512: its compute
 * buffer without the mask, in floats per token (a handful of them are the batch's tokens and positions).
 */
const LOGGED: readonly (readonly [what: string, shape: ModelShape, floats: number])[] = [
  ['dense', { ...base, feedForward: 3072 }, 14_346],
  ['dense, gated in one matrix', { ...base, arch: 'phi3', feedForward: 2816 }, 13_578],
  [
    'dense with norms after',
    { ...base, arch: 'olmo2', heads: 8, kvHeads: 8, headDimK: 128, feedForward: 2752 },
    13_389,
  ],
  ['dense beside attention', { ...base, arch: 'cohere2', feedForward: 3584 }, 16_911],
  ['experts of one width', { ...base, experts: 8, expertsUsed: 2, feedForward: 3072 }, 23_562],
  ['more of them', { ...base, experts: 8, expertsUsed: 4, feedForward: 3072 }, 41_994],
  [
    'small experts',
    { ...base, arch: 'qwen3moe', experts: 16, expertsUsed: 8, expertFeedForward: 384 },
    22_538,
  ],
  [
    'fewer of them',
    { ...base, arch: 'qwen3moe', experts: 16, expertsUsed: 4, expertFeedForward: 384 },
    13_834,
  ],
  [
    'wider experts',
    { ...base, arch: 'qwen3moe', experts: 16, expertsUsed: 8, expertFeedForward: 768 },
    23_562,
  ],
  [
    'small experts of a wide model',
    { ...base, arch: 'qwen3moe', hidden: 2048, experts: 16, expertsUsed: 8, expertFeedForward: 384 },
    35_850,
  ],
  [
    'experts without a gate',
    { ...base, arch: 'nemotron_h_moe', experts: 16, expertsUsed: 16, expertFeedForward: 768 },
    33_802,
  ],
  ['wide attention', { ...base, heads: 32, feedForward: 64 }, 9_226],
  ['wider attention', { ...base, heads: 32, headDimK: 128, feedForward: 64 }, 13_322],
  ['wide keys', { ...base, arch: 'qwen3', kvHeads: 16, headDimK: 128, feedForward: 64 }, 13_322],
  ['latent attention', latent, 25_605],
  ['latent attention of twice the heads', { ...latent, heads: 32, kvHeads: 32 }, 48_133],
  ['latent attention under a wide first layer', { ...latent, feedForward: 12_288 }, 41_989],
  ['a delta net', { ...base, ...delta, arch: 'qwen35', feedForward: 64 }, 13_834],
  ['a wider one', { ...base, ...delta, arch: 'qwen35', ssmInner: 4096, feedForward: 64 }, 18_540],
  [
    'gated queries',
    { ...base, ...delta, arch: 'qwen35', headDimK: 256, kvHeads: 2, feedForward: 64 },
    21_514,
  ],
  ['Mamba 2', { ...base, ...mamba, arch: 'granitehybrid', feedForward: 64 }, 16_696],
  [
    'Mamba 2 with a larger state',
    { ...base, ...mamba, arch: 'granitehybrid', ssmState: 256, feedForward: 64 },
    17_976,
  ],
  ['Mamba 2 in groups', { ...base, ...mamba, arch: 'nemotron_h', ssmGroups: 4, feedForward: 64 }, 19_021],
  [
    'inputs of their own for every layer',
    { ...base, arch: 'gemma4', layers: 10, feedForward: 4096, layerInput: 64 },
    18_063,
  ],
  [
    'wide inputs of their own for many layers',
    { ...base, arch: 'gemma4', layers: 40, feedForward: 4096, layerInput: 256 },
    35_855,
  ],
  [
    'Gemma 3n',
    { ...base, arch: 'gemma3n', layers: 30, hidden: 2048, heads: 8, feedForward: 8192, layerInput: 256 },
    58_383,
  ],
];

describe('computeWidthOf', () => {
  it.each(LOGGED)('is within 3 %% of what llama-server allocates: %s', (_, shape, floats) => {
    expect(Math.abs((computeWidthOf(shape) ?? 0) / floats - 1)).toBeLessThan(0.03);
  });

  it('does not guess widths that nobody told', () => {
    expect(computeWidthOf({ arch: 'llama', hidden: 4096, heads: 32 })).toBeUndefined();
    expect(computeWidthOf({ arch: 'llama', feedForward: 14_336 })).toBeUndefined();
    expect(computeWidthOf({ hidden: 2048, experts: 64, expertsUsed: 8 })).toBeUndefined();
  });

  it('takes the widest of layers that differ', () => {
    expect(computeWidthOf({ ...base, feedForward: [0, 3072, 1024] })).toBe(14_336);
  });
});
