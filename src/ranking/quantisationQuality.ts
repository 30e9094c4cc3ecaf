import { normalizeQuantId } from './quantisation';

/**
 * What is left of a model's quality after quantisation, as a factor of the score, 0..1.
 *
 * The types of llama.cpp's scoreboard for Llama 3 8B (tools/perplexity/README.md at f364eb6f, with importance matrices;
 * Kullback-Leibler divergence from FP16) follow exp(-0.343 x divergence^0.678), the curve of that form through 0.97 at
 * Q4_K_M (divergence 0.028) and 0.85 at Q2_K (0.332); the unit test has the divergences. Q4_0 and Q4_1 lie a little above
 * it. Aider's figures for Qwen2.5-Coder-32B-Instruct of 2024-11 (edit benchmark, second try: 71.4 % at FP16, 72.2 at 8
 * bit, 72.2 at MLX 4 bit, 66.9 at Q4_K_M, 61.7 at Q2_K: factors 1.01, 1.01, 0.94, 0.86) scatter around it as the same
 * 16-bit weights do there at four providers (68.4 to 72.2). Larger models lose less, smaller ones more; that is not
 * counted. The other types lie between those of their bits per weight: dynamic variants (`UD-*`) above, MLX, GPTQ and
 * rounding without calibration below.
 */
const QUALITY: Readonly<Record<string, number>> = {
  F32: 1,
  FP16: 1,
  BF16: 1,
  F16: 1,
  Q8_0: 0.996,
  'UD-Q8_K_XL': 0.998,
  'MLX-8bit': 0.996,
  'GPTQ-8bit': 0.995,
  INT8: 0.995,
  MXFP8: 0.993,
  FP8: 0.993,
  Q6_K_L: 0.991,
  'UD-Q6_K_XL': 0.992,
  'UD-Q6_K': 0.991,
  'UD-Q6_K_S': 0.989,
  Q6_K: 0.99,
  'MLX-6bit': 0.988,
  Q5_1: 0.978,
  'UD-Q5_K_XL': 0.987,
  'UD-Q5_K_M': 0.986,
  'UD-Q5_K_S': 0.982,
  Q5_K_L: 0.986,
  Q5_K_M: 0.984,
  Q5_K_S: 0.979,
  'MLX-5bit': 0.976,
  Q5_0: 0.974,
  'UD-Q4_K_XL': 0.974,
  'UD-Q4_K_L': 0.973,
  'UD-Q4_K_M': 0.972,
  'UD-Q4_K_S': 0.968,
  Q4_K_L: 0.971,
  Q4_K_M: 0.97,
  Q4_K_S: 0.967,
  IQ4_NL: 0.965,
  'UD-IQ4_NL': 0.964,
  'UD-IQ4_XS': 0.963,
  IQ4_XS: 0.964,
  MXFP4: 0.96,
  NVFP4: 0.96,
  AWQ: 0.96,
  Q4_1: 0.95,
  'GPTQ-4bit': 0.955,
  Q4_0: 0.95,
  'MLX-4bit': 0.95,
  INT4: 0.95,
  'UD-Q3_K_XL': 0.945,
  'UD-Q3_K_M': 0.94,
  Q3_K_XL: 0.94,
  Q3_K_L: 0.943,
  Q3_K_M: 0.938,
  IQ3_M: 0.929,
  'UD-Q3_K_S': 0.915,
  IQ3_S: 0.926,
  'UD-IQ3_S': 0.93,
  IQ3_XS: 0.914,
  Q3_K_S: 0.891,
  'MLX-3bit': 0.88,
  'UD-IQ3_XXS': 0.91,
  IQ3_XXS: 0.897,
  'UD-Q2_K_XL': 0.88,
  Q2_K_L: 0.855,
  Q2_K: 0.85,
  'UD-IQ2_M': 0.87,
  IQ2_M: 0.852,
  Q2_K_S: 0.831,
  IQ2_S: 0.822,
  'UD-IQ2_XS': 0.82,
  IQ2_XS: 0.796,
  'UD-IQ2_XXS': 0.78,
  IQ2_XXS: 0.742,
  TQ2_0: 0.7,
  'UD-IQ1_M': 0.7,
  'UD-IQ1_S': 0.62,
  'UD-TQ1_0': 0.6,
  TQ1_0: 0.6,
  IQ1_M: 0.651,
  IQ1_S: 0.551,
};

const QUALITY_OF: ReadonlyMap<string, number> = new Map(Object.entries(QUALITY));

/** Factor of an unknown quantisation: it may be anything from 4 bits up. */
export const UNKNOWN_QUANT_QUALITY = 0.95;

/** Architectures (llama.cpp's names) whose models were trained in the quantisation named, and so lose nothing in it. */
const TRAINED_IN: Readonly<Record<string, string>> = { 'gpt-oss': 'MXFP4' };

/**
 * The quantisation's factor of the score, 0..1; 0.95 for one that is not known, 1 for the one that models of the
 * architecture were trained in.
 */
export function quantisationQuality(quant: string, architecture?: string): number {
  const { canonical } = normalizeQuantId(quant);
  if (
    architecture !== undefined &&
    Object.hasOwn(TRAINED_IN, architecture) &&
    TRAINED_IN[architecture] === canonical
  )
    return 1;
  return QUALITY_OF.get(canonical) ?? QUALITY_OF.get(canonical.replace(/^UD-/, '')) ?? UNKNOWN_QUANT_QUALITY;
}
