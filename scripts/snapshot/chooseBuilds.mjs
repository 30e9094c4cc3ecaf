import { compact } from './compact.mjs';

/** Quantisations worth offering, most useful first; where a model has more, the first ten stay. */
const USEFUL = [
  'Q4_K_M',
  'Q8_0',
  'Q6_K',
  'Q5_K_M',
  'UD-Q4_K_XL',
  'Q3_K_M',
  'IQ4_XS',
  'Q2_K',
  'BF16',
  'F16',
  'MXFP4',
  'MXFP4_MOE',
  'IQ3_M',
  'UD-Q4_K_M',
  'UD-Q2_K_XL',
  'Q4_0',
  'Q4_K_S',
  'UD-Q3_K_XL',
  'UD-Q6_K_XL',
  'UD-Q5_K_XL',
  'Q2_K_L',
  'UD-IQ2_M',
];
const MOST_GGUF = 10;
const MOST_OLLAMA = 6;
const MOST_UNSIZED = 4;

/** Whose conversions are taken first where several have the same quantisation. The maker's own come before all. */
const CONVERTERS = [
  'unsloth',
  'bartowski',
  'ggml-org',
  'lmstudio-community',
  'MaziyarPanahi',
  'QuantFactory',
];

/** Sized rows of GGUF files on Hugging Face: the best source per quantisation. */
export function chooseGguf(rows, maker) {
  return choose(
    rows.filter(({ bytes, repo }) => bytes > 0 && onHub(repo)),
    maker,
    MOST_GGUF,
  ).map((row) =>
    compact({
      quant: row.quant,
      bytes: row.bytes,
      exact: row.exact || null,
      repo: row.repo,
      file: row.file,
      sha256: row.sha256,
      from: row.source,
    }),
  );
}

/** Rows that name a repository and a quantisation, but no size. */
export function chooseUnsized(rows, maker) {
  return choose(
    rows.filter(({ bytes, repo }) => !bytes && onHub(repo)),
    maker,
    MOST_UNSIZED,
  ).map(({ quant, repo, source }) => ({ quant, repo, from: source }));
}

/** Docker's registry is not one that Ollama, LM Studio or llama.cpp can pull from by repository. */
function onHub(repo) {
  return !repo.includes(':');
}

function choose(rows, maker, most) {
  const best = new Map();
  for (const row of rows) {
    if (!USEFUL.includes(row.quant)) continue;
    const known = best.get(row.quant);
    if (!known || preference(row, maker) < preference(known, maker)) best.set(row.quant, row);
  }
  const chosen = [...best.values()].sort((a, b) => USEFUL.indexOf(a.quant) - USEFUL.indexOf(b.quant));
  // One 16 bit file is enough, whichever of the two it is.
  const full = chosen.filter(({ quant }) => quant === 'BF16' || quant === 'F16').slice(1);
  return chosen.filter((row) => !full.includes(row)).slice(0, most);
}

/** Smaller is better: exact before rounded, then the converter, then the finer rounding. */
function preference({ repo, exact, precisionBytes = 0 }, maker) {
  const org = repo.split('/')[0];
  const converter =
    org === maker ? 0 : 1 + (CONVERTERS.includes(org) ? CONVERTERS.indexOf(org) : CONVERTERS.length);
  return (exact ? 0 : 1e6) + converter * 1e3 + precisionBytes / 1e9;
}

const OLLAMA_QUANTS = ['Q4_K_M', 'Q4_0', 'Q8_0', 'FP16', 'BF16', 'Q6_K', 'Q5_K_M', 'Q3_K_M', 'Q2_K', 'MXFP4'];
const OTHER_WEIGHTS = /mlx|mtp|coding|qat|nvfp4|mxfp8/;

/** Ollama tags: per quantisation the shortest name, exact sizes first; `latest` moves, so it is never the name. */
export function chooseOllama(rows) {
  const best = new Map();
  for (const row of rows) {
    if (!row.bytes || row.tag.endsWith(':latest') || OTHER_WEIGHTS.test(row.tag)) continue;
    if (!OLLAMA_QUANTS.includes(row.quant ?? '')) continue;
    const known = best.get(row.quant);
    if (!known || tagPreference(row) < tagPreference(known)) best.set(row.quant, row);
  }
  return [...best.values()]
    .sort((a, b) => OLLAMA_QUANTS.indexOf(a.quant) - OLLAMA_QUANTS.indexOf(b.quant))
    .slice(0, MOST_OLLAMA)
    .map((row) =>
      compact({
        quant: row.quant.replace('FP16', 'F16'),
        bytes: row.bytes,
        exact: row.exact || null,
        ollama: row.tag,
        sha256: row.digest?.replace('sha256:', ''),
        manifest: row.manifest,
        from: row.source,
      }),
    );
}

/** A name with a size in it (`qwen3:8b`) says more than a variant alone (`codellama:instruct`). */
function tagPreference({ tag, exact }) {
  return (exact ? 0 : 1e4) + (/:\d/.test(tag) || /:e\d/.test(tag) ? 0 : 1e3) + tag.length;
}
