/** Bits per weight that are assumed for a quantisation nobody knows: about Q8_0, so that memory is not underestimated. */
export const UNKNOWN_QUANT_BITS_PER_WEIGHT = 8;

/**
 * Average bits per weight of a whole model file by quantisation. The first block holds the figures that the peers use
 * too; the others are llama.cpp's block layouts (i-quants, ternary, MXFP4, NVFP4) and, where a file mixes types
 * (`_L`, `_XL`, `UD-*`), the median of published file sizes over parameter counts (data of 2026-11, models from 6 B).
 */
export const QUANT_BITS_PER_WEIGHT: Readonly<Record<string, number>> = {
  F32: 32,
  FP16: 16,
  BF16: 16,
  F16: 16,
  Q8_0: 8.5,
  Q6_K: 6.6,
  Q5_K_M: 5.7,
  Q5_K_S: 5.5,
  Q4_K_M: 4.85,
  Q4_K_S: 4.6,
  Q4_0: 4.5,
  Q3_K_M: 3.9,
  Q3_K_S: 3.5,
  Q2_K: 3.35,
  IQ4_XS: 4.25,
  IQ3_M: 3.7,
  'MLX-4bit': 4.25,
  'MLX-8bit': 8.5,

  Q4_1: 5.0,
  Q5_0: 5.5,
  Q5_1: 6.0,
  Q3_K_L: 4.25,
  Q2_K_S: 2.8,
  IQ1_S: 1.75,
  IQ1_M: 1.95,
  IQ2_XXS: 2.2,
  IQ2_XS: 2.45,
  IQ2_S: 2.55,
  IQ2_M: 2.8,
  IQ3_XXS: 3.2,
  IQ3_XS: 3.4,
  IQ3_S: 3.5,
  IQ4_NL: 4.5,
  TQ1_0: 1.69,
  TQ2_0: 2.06,
  MXFP4: 4.65,
  NVFP4: 4.6,
  MXFP8: 8.25,
  FP8: 8,
  AWQ: 4.25,
  'GPTQ-4bit': 4.25,
  'GPTQ-8bit': 8.25,
  INT4: 4.25,
  INT8: 8.25,
  'MLX-3bit': 3.5,
  'MLX-5bit': 5.5,
  'MLX-6bit': 6.5,

  Q2_K_L: 3.4,
  Q3_K_XL: 4.4,
  Q4_K_L: 5.2,
  Q5_K_L: 5.9,
  Q6_K_L: 6.8,
  'UD-TQ1_0': 2.1,
  'UD-IQ1_S': 2.15,
  'UD-IQ1_M': 2.2,
  'UD-IQ2_XXS': 2.35,
  'UD-IQ2_XS': 2.5,
  'UD-IQ2_M': 2.8,
  'UD-Q2_K_XL': 3.1,
  'UD-IQ3_XXS': 3.2,
  'UD-IQ3_S': 3.3,
  'UD-Q3_K_S': 3.5,
  'UD-Q3_K_M': 3.8,
  'UD-Q3_K_XL': 4.0,
  'UD-IQ4_XS': 4.1,
  'UD-IQ4_NL': 4.2,
  'UD-Q4_K_S': 4.65,
  'UD-Q4_K_M': 4.95,
  'UD-Q4_K_L': 4.9,
  'UD-Q4_K_XL': 4.92,
  'UD-Q5_K_S': 5.7,
  'UD-Q5_K_M': 5.9,
  'UD-Q5_K_XL': 5.7,
  'UD-Q6_K': 7.0,
  'UD-Q6_K_S': 6.4,
  'UD-Q6_K_XL': 7.1,
  'UD-Q8_K_XL': 9.85,
};

/** Other spellings, lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  'mlx-q4': 'MLX-4bit',
  'mlx-4-bit': 'MLX-4bit',
  'mlx-q8': 'MLX-8bit',
  'mlx-8-bit': 'MLX-8bit',
  'mlx-q3': 'MLX-3bit',
  'mlx-3-bit': 'MLX-3bit',
  'mlx-q5': 'MLX-5bit',
  'mlx-5-bit': 'MLX-5bit',
  'mlx-q6': 'MLX-6bit',
  'mlx-6-bit': 'MLX-6bit',
  'mlx-bf16': 'BF16',
  'mlx-fp16': 'FP16',
  'mlx-mxfp8': 'MXFP8',
  'mlx-nvfp4': 'NVFP4',
  'mlx-mxfp4': 'MXFP4',
  q8: 'Q8_0',
  q6: 'Q6_K',
  q5: 'Q5_K_M',
  q4: 'Q4_K_M',
  q3: 'Q3_K_M',
  q2: 'Q2_K',
  q5_k: 'Q5_K_M',
  q4_k: 'Q4_K_M',
  q3_k: 'Q3_K_M',
  fp32: 'F32',
  mxfp4_moe: 'MXFP4',
  gptq: 'GPTQ-4bit',
  'gptq-4': 'GPTQ-4bit',
  'gptq-4-bit': 'GPTQ-4bit',
  'gptq-8': 'GPTQ-8bit',
  'gptq-8-bit': 'GPTQ-8bit',
  'gptq-int4': 'GPTQ-4bit',
  'gptq-int8': 'GPTQ-8bit',
  'awq-4bit': 'AWQ',
  'awq-4-bit': 'AWQ',
  'awq-int4': 'AWQ',
  fp8_e4m3: 'FP8',
  w4a16: 'GPTQ-4bit',
  w8a16: 'GPTQ-8bit',
  // As mlx-community ends its names, and as llama-bench prints what a file is.
  '3bit': 'MLX-3bit',
  '4bit': 'MLX-4bit',
  '5bit': 'MLX-5bit',
  '6bit': 'MLX-6bit',
  '8bit': 'MLX-8bit',
  'q2_k - medium': 'Q2_K',
  'q2_k - small': 'Q2_K_S',
  'q3_k - small': 'Q3_K_S',
  'q3_k - medium': 'Q3_K_M',
  'q3_k - large': 'Q3_K_L',
  'q4_k - small': 'Q4_K_S',
  'q4_k - medium': 'Q4_K_M',
  'q5_k - small': 'Q5_K_S',
  'q5_k - medium': 'Q5_K_M',
  'mxfp4 moe': 'MXFP4',
  // Only dynamic variants have this ending at these bits; tables often leave their `UD-` out.
  q2_k_xl: 'UD-Q2_K_XL',
  q4_k_xl: 'UD-Q4_K_XL',
  q5_k_xl: 'UD-Q5_K_XL',
  q6_k_xl: 'UD-Q6_K_XL',
  q8_k_xl: 'UD-Q8_K_XL',
};

export interface NormalizedQuant {
  /** The table's spelling where known, else the trimmed text. */
  readonly canonical: string;
  readonly known: boolean;
  readonly bitsPerWeight: number;
}

/** By the table's spelling, which nearly every text has, and in lower case. */
const KNOWN: ReadonlyMap<string, NormalizedQuant> = buildLookup();

function buildLookup(): Map<string, NormalizedQuant> {
  const lookup = new Map<string, NormalizedQuant>();
  for (const [canonical, bitsPerWeight] of Object.entries(QUANT_BITS_PER_WEIGHT)) {
    const quant: NormalizedQuant = { canonical, known: true, bitsPerWeight };
    lookup.set(canonical, quant);
    lookup.set(canonical.toLowerCase(), quant);
  }
  for (const [alias, canonical] of Object.entries(ALIASES)) {
    const known = lookup.get(canonical.toLowerCase());
    if (known !== undefined) lookup.set(alias, known);
  }
  return lookup;
}

const DYNAMIC = 'UD-';

/**
 * The quantisation that a text names, in the table's spelling, with its bits per weight. Surrounding blanks and case do
 * not matter. A dynamic variant (`UD-*`) that the table does not list has the bits of its plain type. A text that is not
 * known comes back trimmed, with `known: false` and 8 bits.
 */
export function normalizeQuantId(value: string): NormalizedQuant {
  const asInTable = KNOWN.get(value);
  if (asInTable !== undefined) return asInTable;
  const trimmed = value.trim();
  const lower = trimmed.toLowerCase();
  const known = KNOWN.get(lower);
  if (known !== undefined) return known;
  const plain = lower.startsWith('ud-') ? KNOWN.get(lower.slice(DYNAMIC.length)) : undefined;
  if (plain !== undefined) return { ...plain, canonical: DYNAMIC + plain.canonical };
  return { canonical: trimmed, known: false, bitsPerWeight: UNKNOWN_QUANT_BITS_PER_WEIGHT };
}
