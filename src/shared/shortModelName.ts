/** Of a model that is pulled from Hugging Face: its repository's name and its quantisation. */
const HUGGING_FACE_NAME = /^(?:hf\.co|huggingface\.co)\/[^/]+\/(.+?)(?:-GGUF)?(?::([^:/]+))?$/i;

/**
 * A served model's name as rows show it. What is pulled from Hugging Face carries the address of its repository and
 * the quantisation, which stands beside the name anyway: `hf.co/owner/Qwen3-8B-GGUF:Q4_K_M` is `Qwen3-8B`. Some
 * repositories also repeat the maker in front: `google_gemma-3-4b` of google is `gemma-3-4b`.
 */
export function shortModelName(name: string, provider = ''): string {
  const short = HUGGING_FACE_NAME.exec(name)?.[1];
  if (short === undefined) return name;
  return short.toLowerCase().startsWith(`${provider}_`) ? short.slice(provider.length + 1) : short;
}

/** `Q4_K_M`, `UD-Q4_K_XL`, `IQ4_XS`, `BF16`, `MXFP4`; not `latest`. */
const QUANTISATION = /^(?:UD-)?(?:I?Q\d|TQ\d|BF16|F16|F32|MXFP4)/;

/** The quantisation in such a name, in capitals; undefined in any other one. */
export function quantInName(name: string): string | undefined {
  const tag = HUGGING_FACE_NAME.exec(name)?.[2]?.toUpperCase();
  return tag !== undefined && QUANTISATION.test(tag) ? tag : undefined;
}
