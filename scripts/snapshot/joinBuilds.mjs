/** A file may hold wider embeddings, a projector, or one size up; it cannot hold half or twice its weights. */
const LIGHTEST = 0.75;
const HEAVIEST = 1.5;
/** In small models the embeddings, kept wider, are most of the file; Ollama counts projectors with the weights. */
const SMALL_B = 2.5;
const HEAVIEST_ODD = 2.4;

/** The builds of a model, without those whose size cannot be theirs; those are returned apart. */
export function joinBuilds(model, rows, { normalizeQuantId }) {
  const builds = [];
  const unsized = [];
  const rejected = [];
  for (const row of rows) {
    if (row.bytes === undefined) unsized.push(toBuild(row));
    else if (plausible(row, model, normalizeQuantId))
      builds.push({ ...toBuild(row), sizeBytes: row.bytes, sizeBasis: row.exact ? 'exact' : 'rounded' });
    else
      rejected.push(
        `${model.id} ${row.ollama ?? row.repo} ${row.quant}: ${(row.bytes / 1e9).toFixed(2)} GB for ${model.sizeB} B`,
      );
  }
  return { builds, unsized: builds.length === 0 ? unsized : [], rejected };
}

/** Whether the size can be that of the quantisation, by the ranking's own bits per weight. */
function plausible({ quant, bytes, exact, ollama }, { sizeB, id }, normalizeQuantId) {
  if (exact) return true;
  const bits = (bytes * 8) / (sizeB * 1e9);
  // The experts of gpt-oss are MXFP4 in every file.
  const { known, bitsPerWeight: nominal } = normalizeQuantId(
    id.startsWith('openai/gpt-oss') ? 'MXFP4' : quant,
  );
  if (!known) throw new Error(`${id}: no bits per weight for ${quant}`);
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
