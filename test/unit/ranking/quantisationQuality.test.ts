import { describe, expect, it } from 'vitest';
import { QUANT_BITS_PER_WEIGHT } from '../../../src/ranking/quantisation';
import { quantisationQuality, UNKNOWN_QUANT_QUALITY } from '../../../src/ranking/quantisationQuality';

describe('quantisationQuality', () => {
  it('has a factor of its own for every known quantisation', () => {
    for (const quant of Object.keys(QUANT_BITS_PER_WEIGHT)) {
      expect(quantisationQuality(quant), quant).toBeGreaterThanOrEqual(0.5);
      expect(quantisationQuality(quant), quant).toBeLessThanOrEqual(1);
      // 0.95 is also the factor of 4-bit rounding; nothing else may fall back to the unknown one.
      if (quantisationQuality(quant) === UNKNOWN_QUANT_QUALITY)
        expect(['Q4_0', 'Q4_1', 'MLX-4bit', 'INT4']).toContain(quant);
    }
  });

  it('loses next to nothing at Q8_0, about 3 % at Q4_K_M and 15 % at Q2_K', () => {
    expect(quantisationQuality('Q8_0')).toBeCloseTo(1, 2);
    expect(quantisationQuality('q4_k_m')).toBeCloseTo(0.97, 2);
    expect(quantisationQuality('Q2_K')).toBeCloseTo(0.85, 2);
  });

  it('follows the divergences that llama.cpp publishes for Llama 3 8B', () => {
    // tools/perplexity/README.md at f364eb6f, importance matrix WT 10m where there is one.
    const divergences = {
      Q8_0: 0.001355,
      Q6_K: 0.005452,
      Q5_K_M: 0.010762,
      Q5_K_S: 0.016595,
      Q5_1: 0.018045,
      Q5_0: 0.022239,
      Q4_K_M: 0.028152,
      Q4_K_S: 0.031951,
      IQ4_NL: 0.035742,
      IQ4_XS: 0.036334,
      Q4_1: 0.071683,
      Q4_0: 0.07194,
      Q3_K_L: 0.073077,
      Q3_K_M: 0.084358,
      IQ3_M: 0.102534,
      IQ3_S: 0.111278,
      IQ3_XS: 0.138693,
      IQ3_XXS: 0.183625,
      Q3_K_S: 0.199821,
      IQ2_M: 0.325989,
      Q2_K: 0.332223,
      Q2_K_S: 0.40336,
      IQ2_S: 0.439197,
      IQ2_XS: 0.54629,
      IQ2_XXS: 0.812022,
      IQ1_M: 1.393084,
      IQ1_S: 2.254554,
    };
    for (const [quant, divergence] of Object.entries(divergences))
      expect(
        Math.abs(quantisationQuality(quant) - Math.exp(-0.343 * divergence ** 0.678)),
        quant,
      ).toBeLessThan(0.007);
  });

  it('takes a dynamic variant that is not listed for its plain type, and anything else for four bits or more', () => {
    expect(quantisationQuality('UD-IQ2_S')).toBe(quantisationQuality('IQ2_S'));
    expect(quantisationQuality('UD-nonsense')).toBe(UNKNOWN_QUANT_QUALITY);
    expect(quantisationQuality('constructor')).toBe(UNKNOWN_QUANT_QUALITY);
  });

  it('takes nothing from a model that was trained in its quantisation', () => {
    expect(quantisationQuality('mxfp4', 'gpt-oss')).toBe(1);
    expect(quantisationQuality('MXFP4', 'qwen3moe')).toBe(0.96);
    expect(quantisationQuality('Q4_K_M', 'gpt-oss')).toBe(0.97);
    expect(quantisationQuality('MXFP4', 'constructor')).toBe(0.96);
  });

  it('never prefers the coarser of two plain k-quants', () => {
    const fromFinest = [
      'F16',
      'Q8_0',
      'Q6_K',
      'Q5_K_M',
      'Q5_K_S',
      'Q4_K_M',
      'Q4_K_S',
      'Q3_K_M',
      'Q3_K_S',
      'Q2_K',
    ];
    const factors = fromFinest.map((quant) => quantisationQuality(quant));
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
  });

  it('lies near what Aider measured on Qwen2.5-Coder-32B (Q4_K_M 0.94, Q2_K 0.86 of FP16)', () => {
    expect(Math.abs(quantisationQuality('Q4_K_M') - 66.9 / 71.4)).toBeLessThan(0.04);
    expect(Math.abs(quantisationQuality('Q2_K') - 61.7 / 71.4)).toBeLessThan(0.04);
  });
});
