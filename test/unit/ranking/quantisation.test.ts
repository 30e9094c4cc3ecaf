import { describe, expect, it } from 'vitest';
import { normalizeQuantId, QUANT_BITS_PER_WEIGHT } from '../../../src/ranking/quantisation';
import { quantisationQuality, UNKNOWN_QUANT_QUALITY } from '../../../src/ranking/quantisationQuality';

describe('normalizeQuantId', () => {
  it.each([
    ['F32', 32],
    ['FP16', 16],
    ['BF16', 16],
    ['F16', 16],
    ['Q8_0', 8.5],
    ['Q6_K', 6.6],
    ['Q5_K_M', 5.7],
    ['Q5_K_S', 5.5],
    ['Q4_K_M', 4.85],
    ['Q4_K_S', 4.6],
    ['Q4_0', 4.5],
    ['Q3_K_M', 3.9],
    ['Q3_K_S', 3.5],
    ['Q2_K', 3.35],
    ['IQ4_XS', 4.25],
    ['IQ3_M', 3.7],
    ['MLX-4bit', 4.25],
    ['MLX-8bit', 8.5],
  ])('knows that %s has %d bits per weight', (quant, bits) => {
    expect(normalizeQuantId(quant)).toEqual({ canonical: quant, known: true, bitsPerWeight: bits });
  });

  it.each([
    ['  q4_k_m ', 'Q4_K_M'],
    ['mlx-q4', 'MLX-4bit'],
    ['MLX-4-bit', 'MLX-4bit'],
    ['mlx-q8', 'MLX-8bit'],
    ['mlx-8-bit', 'MLX-8bit'],
    ['q8', 'Q8_0'],
    ['q6', 'Q6_K'],
    ['q5', 'Q5_K_M'],
    ['q4', 'Q4_K_M'],
    ['q3', 'Q3_K_M'],
    ['q2', 'Q2_K'],
    ['fp16', 'FP16'],
    ['bf16', 'BF16'],
    ['ud-q4_k_xl', 'UD-Q4_K_XL'],
    ['MXFP4_MOE', 'MXFP4'],
  ])('reads %j as %s', (text, canonical) => {
    expect(normalizeQuantId(text)).toMatchObject({ canonical, known: true });
  });

  it.each([
    'Q4_1', 'Q5_0', 'Q5_1', 'Q3_K_L', 'Q2_K_S', 'IQ1_S', 'IQ1_M', 'IQ2_XXS', 'IQ2_XS', 'IQ2_S', 'IQ2_M', 'IQ3_XXS',
    'IQ3_XS', 'IQ3_S', 'IQ4_NL', 'TQ1_0', 'TQ2_0', 'MXFP4', 'NVFP4', 'FP8', 'AWQ', 'GPTQ-4bit', 'GPTQ-8bit',
    'MLX-3bit', 'MLX-5bit', 'MLX-6bit', 'UD-Q2_K_XL', 'UD-IQ1_S', 'UD-Q8_K_XL', 'Q4_K_L', 'Q3_K_XL',
  ])('knows %s, which the ecosystem emits today', (quant) => {
    expect(normalizeQuantId(quant)).toMatchObject({ canonical: quant, known: true });
  });

  it('keeps the trimmed text of an unknown quantisation and assumes 8 bits', () => {
    expect(normalizeQuantId('  my-quant ')).toEqual({ canonical: 'my-quant', known: false, bitsPerWeight: 8 });
    expect(normalizeQuantId('')).toMatchObject({ canonical: '', known: false });
    expect(normalizeQuantId('constructor')).toMatchObject({ known: false, bitsPerWeight: 8 });
  });

  it('finds every entry of the table by its own name', () => {
    for (const [quant, bitsPerWeight] of Object.entries(QUANT_BITS_PER_WEIGHT))
      expect(normalizeQuantId(quant)).toEqual({ canonical: quant, known: true, bitsPerWeight });
  });
});

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
    const fromFinest = ['F16', 'Q8_0', 'Q6_K', 'Q5_K_M', 'Q5_K_S', 'Q4_K_M', 'Q4_K_S', 'Q3_K_M', 'Q3_K_S', 'Q2_K'];
    const factors = fromFinest.map(quantisationQuality);
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
  });

  it('lies near what Aider measured on Qwen2.5-Coder-32B (Q4_K_M 0.94, Q2_K 0.86 of FP16)', () => {
    expect(Math.abs(quantisationQuality('Q4_K_M') - 66.9 / 71.4)).toBeLessThan(0.04);
    expect(Math.abs(quantisationQuality('Q2_K') - 61.7 / 71.4)).toBeLessThan(0.04);
  });
});
