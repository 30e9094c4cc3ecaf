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
        expect(['Q4_0', 'MLX-4bit', 'INT4']).toContain(quant);
    }
  });

  it('loses next to nothing at Q8_0, about 3 % at Q4_K_M and 15 % at Q2_K', () => {
    expect(quantisationQuality('Q8_0')).toBeCloseTo(1, 2);
    expect(quantisationQuality('q4_k_m')).toBeCloseTo(0.97, 2);
    expect(quantisationQuality('Q2_K')).toBeCloseTo(0.85, 2);
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
    const factors = fromFinest.map(quantisationQuality);
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
  });

  it('lies near what Aider measured on Qwen2.5-Coder-32B (Q4_K_M 0.94, Q2_K 0.86 of FP16)', () => {
    expect(Math.abs(quantisationQuality('Q4_K_M') - 66.9 / 71.4)).toBeLessThan(0.04);
    expect(Math.abs(quantisationQuality('Q2_K') - 61.7 / 71.4)).toBeLessThan(0.04);
  });
});
