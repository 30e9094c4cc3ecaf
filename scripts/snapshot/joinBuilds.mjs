/** Bits per weight by quantisation, for telling a wrong file from a right one; llama.cpp's quantize README. */
const BITS = {
  BF16: 16,
  F16: 16,
  Q8_0: 8.5,
  Q6_K: 6.6,
  'UD-Q6_K_XL': 7,
  Q5_K_M: 5.7,
  'UD-Q5_K_XL': 5.7,
  Q4_K_M: 4.89,
  'UD-Q4_K_XL': 4.9,
  'UD-Q4_K_M': 4.9,
  Q4_K_S: 4.67,
  Q4_0: 4.65,
  MXFP4: 4.5,
  MXFP4_MOE: 4.5,
  IQ4_XS: 4.3,
  Q3_K_M: 4,
  IQ3_M: 3.8,
  'UD-Q3_K_XL': 3.9,
  Q2_K: 3.2,
  Q2_K_L: 3.4,
  'UD-Q2_K_XL': 3.2,
  'UD-IQ2_M': 2.9,
};
/** A file may hold wider embeddings, a projector, or one size up; it cannot hold half or twice its weights. */
const LIGHTEST = 0.75;
const HEAVIEST = 1.5;
/** In small models the embeddings, kept wider, are most of the file; Ollama counts projectors with the weights. */
const SMALL_B = 2.5;
const HEAVIEST_ODD = 2.4;

/** The builds of a model, without those whose size cannot be theirs; those are returned apart. */
export function joinBuilds(model, rows) {
  const builds = [];
  const unsized = [];
  const rejected = [];
  for (const row of rows) {
    if (row.bytes === undefined) unsized.push(toBuild(row));
    else if (plausible(row, model))
      builds.push({ ...toBuild(row), sizeBytes: row.bytes, sizeBasis: row.exact ? 'exact' : 'rounded' });
    else
      rejected.push(
        `${model.id} ${row.ollama ?? row.repo} ${row.quant}: ${(row.bytes / 1e9).toFixed(2)} GB for ${model.sizeB} B`,
      );
  }
  return { builds, unsized: builds.length === 0 ? unsized : [], rejected };
}

function plausible({ quant, bytes, exact, ollama }, { sizeB, id }) {
  if (exact) return true;
  const bits = (bytes * 8) / (sizeB * 1e9);
  const expected = BITS[quant];
  if (expected === undefined) throw new Error(`${id}: no bits per weight for ${quant}`);
  // The experts of gpt-oss are MXFP4 in every file.
  const nominal = id.startsWith('openai/gpt-oss') ? BITS.MXFP4 : expected;
  const heaviest = ollama !== undefined || sizeB < SMALL_B ? HEAVIEST_ODD : HEAVIEST;
  return bits >= nominal * LIGHTEST && bits <= nominal * heaviest;
}

function toBuild(row) {
  return {
    quant: row.quant,
    ...(row.repo !== undefined && { repo: row.repo }),
    ...(row.file !== undefined && { file: row.file }),
    ...(row.ollama !== undefined && { ollamaName: row.ollama }),
    ...(row.sha256 !== undefined && { digest: row.sha256 }),
    ...(row.manifest !== undefined && { ollamaManifest: row.manifest }),
  };
}
