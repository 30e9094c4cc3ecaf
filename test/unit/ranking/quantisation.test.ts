import { describe, expect, it } from 'vitest';
import {
  normalizeQuantId,
  QUANT_BITS_PER_WEIGHT,
  UNKNOWN_QUANT_BITS_PER_WEIGHT,
} from '../../../src/ranking/quantisation';

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
    ['gptq-8-bit', 'GPTQ-8bit'],
    ['gptq', 'GPTQ-4bit'],
    ['mlx-3-bit', 'MLX-3bit'],
    ['mlx-q6', 'MLX-6bit'],
    ['UD-q3_k_l', 'UD-Q3_K_L'],
    ['Q4_K_XL', 'UD-Q4_K_XL'],
    ['Q3_K_XL', 'Q3_K_XL'],
    ['4bit', 'MLX-4bit'],
    ['Q4_K - Medium', 'Q4_K_M'],
    ['W4A16', 'GPTQ-4bit'],
  ])('reads %j as %s', (text, canonical) => {
    expect(normalizeQuantId(text)).toMatchObject({ canonical, known: true });
  });

  it.each([
    'Q4_1',
    'Q5_0',
    'Q5_1',
    'Q3_K_L',
    'Q2_K_S',
    'IQ1_S',
    'IQ1_M',
    'IQ2_XXS',
    'IQ2_XS',
    'IQ2_S',
    'IQ2_M',
    'IQ3_XXS',
    'IQ3_XS',
    'IQ3_S',
    'IQ4_NL',
    'TQ1_0',
    'TQ2_0',
    'MXFP4',
    'NVFP4',
    'FP8',
    'AWQ',
    'GPTQ-4bit',
    'GPTQ-8bit',
    'MLX-3bit',
    'MLX-5bit',
    'MLX-6bit',
    'UD-Q2_K_XL',
    'UD-IQ1_S',
    'UD-Q8_K_XL',
    'Q4_K_L',
    'Q3_K_XL',
  ])('knows %s, which the ecosystem emits today', (quant) => {
    expect(normalizeQuantId(quant)).toMatchObject({ canonical: quant, known: true });
  });

  it('gives a dynamic variant that it does not list the bits of its plain type', () => {
    expect(normalizeQuantId('UD-IQ2_S')).toEqual({ canonical: 'UD-IQ2_S', known: true, bitsPerWeight: 2.55 });
    expect(normalizeQuantId('UD-nonsense')).toMatchObject({ canonical: 'UD-nonsense', known: false });
  });

  it('keeps the trimmed text of an unknown quantisation and assumes 8 bits', () => {
    expect(normalizeQuantId('  my-quant ')).toEqual({
      canonical: 'my-quant',
      known: false,
      bitsPerWeight: 8,
    });
    expect(UNKNOWN_QUANT_BITS_PER_WEIGHT).toBe(8);
    expect(normalizeQuantId('')).toMatchObject({ canonical: '', known: false });
    expect(normalizeQuantId('constructor')).toMatchObject({ known: false, bitsPerWeight: 8 });
  });

  it('finds every entry of the table by its own name', () => {
    for (const [quant, bitsPerWeight] of Object.entries(QUANT_BITS_PER_WEIGHT))
      expect(normalizeQuantId(quant)).toEqual({ canonical: quant, known: true, bitsPerWeight });
  });
});
