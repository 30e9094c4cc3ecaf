import { normalizeQuantId } from './quantisation';

/**
 * What is left of a model's quality after quantisation, as a factor of the score, 0..1.
 *
 * Anchors: Q8_0 about 1, Q4_K_M about 0.97, Q2_K about 0.85. They agree with llama.cpp's published perplexity losses of
 * 7-8 B models (Q8_0 under 0.1 %, Q6_K 0.3 %, Q5_K_M 0.6-1 %, Q4_K_M 1.5-3 %, Q3_K_M 5-7 %, Q2_K 12-18 %), and bracket
 * what Aider measured on Qwen2.5-Coder-32B-Instruct in 2024-11 (edit benchmark, second try, of 71.4 % at FP16: 8 bit
 * 72.2, Q4_K_M 66.9, Q2_K 61.7: factors 1.01, 0.94, 0.86). Types in between follow their bits per weight; i-quants and
 * dynamic variants (`UD-*`) are a little better than their size. Issue 6 fits this table.
 */
const QUALITY: Readonly<Record<string, number>> = {
  F32: 1,
  FP16: 1,
  BF16: 1,
  F16: 1,
  Q8_0: 0.999,
  'UD-Q8_K_XL': 0.999,
  'MLX-8bit': 0.998,
  'GPTQ-8bit': 0.995,
  INT8: 0.995,
  MXFP8: 0.995,
  FP8: 0.995,
  Q6_K_L: 0.996,
  'UD-Q6_K_XL': 0.996,
  'UD-Q6_K': 0.995,
  'UD-Q6_K_S': 0.994,
  Q6_K: 0.994,
  'MLX-6bit': 0.992,
  Q5_1: 0.985,
  'UD-Q5_K_XL': 0.99,
  'UD-Q5_K_M': 0.989,
  'UD-Q5_K_S': 0.987,
  Q5_K_L: 0.989,
  Q5_K_M: 0.988,
  Q5_K_S: 0.986,
  'MLX-5bit': 0.983,
  Q5_0: 0.98,
  'UD-Q4_K_XL': 0.974,
  'UD-Q4_K_L': 0.973,
  'UD-Q4_K_M': 0.972,
  'UD-Q4_K_S': 0.968,
  Q4_K_L: 0.971,
  Q4_K_M: 0.97,
  Q4_K_S: 0.964,
  IQ4_NL: 0.964,
  'UD-IQ4_NL': 0.964,
  'UD-IQ4_XS': 0.963,
  IQ4_XS: 0.962,
  MXFP4: 0.96,
  NVFP4: 0.96,
  AWQ: 0.96,
  Q4_1: 0.958,
  'GPTQ-4bit': 0.955,
  Q4_0: 0.95,
  'MLX-4bit': 0.95,
  INT4: 0.95,
  'UD-Q3_K_XL': 0.945,
  'UD-Q3_K_M': 0.94,
  Q3_K_XL: 0.94,
  Q3_K_L: 0.938,
  Q3_K_M: 0.93,
  IQ3_M: 0.925,
  'UD-Q3_K_S': 0.92,
  IQ3_S: 0.915,
  'UD-IQ3_S': 0.91,
  IQ3_XS: 0.905,
  Q3_K_S: 0.9,
  'MLX-3bit': 0.88,
  'UD-IQ3_XXS': 0.9,
  IQ3_XXS: 0.885,
  'UD-Q2_K_XL': 0.88,
  Q2_K_L: 0.855,
  Q2_K: 0.85,
  'UD-IQ2_M': 0.85,
  IQ2_M: 0.83,
  Q2_K_S: 0.8,
  IQ2_S: 0.79,
  'UD-IQ2_XS': 0.78,
  IQ2_XS: 0.75,
  'UD-IQ2_XXS': 0.75,
  IQ2_XXS: 0.7,
  TQ2_0: 0.7,
  'UD-IQ1_M': 0.65,
  'UD-IQ1_S': 0.6,
  'UD-TQ1_0': 0.6,
  TQ1_0: 0.6,
  IQ1_M: 0.58,
  IQ1_S: 0.5,
};

/** Factor of an unknown quantisation: it may be anything from 4 bits up. */
export const UNKNOWN_QUANT_QUALITY = 0.95;

/** The quantisation's factor of the score, 0..1; 0.95 for one that is not known. */
export function quantisationQuality(quant: string): number {
  const { canonical } = normalizeQuantId(quant);
  return Object.hasOwn(QUALITY, canonical)
    ? (QUALITY[canonical] ?? UNKNOWN_QUANT_QUALITY)
    : UNKNOWN_QUANT_QUALITY;
}
