import { seriesOf } from './lineage';
import { nominalSize } from './nominalSize';

/** What one name says by itself. Facts of the catalogue beat all of it; names are the last resort. */
export interface ParsedModelName {
  /** Namespace in front of the name: `unsloth` of `unsloth/Qwen3-8B-GGUF`. */
  readonly org?: string;
  /** The name without namespace, conversion suffix, quantisation and file ending: `Qwen3-8B`. */
  readonly baseName: string;
  /** Family of models, for example `Qwen`, where the series table knows the name. */
  readonly family?: string;
  /** Total parameters, billions. */
  readonly sizeB?: number;
  /** Parameters active per token, billions; only where the name says that they are fewer. */
  readonly activeB?: number;
  /** Quantisation as written, upper case: `Q4_K_M`, `UD-Q4_K_XL`, `4BIT`. */
  readonly quant?: string;
  readonly variant: NameVariant;
  /** Format of a conversion: `GGUF`, `MLX`, `AWQ`, ... Absent for an original repository. */
  readonly mirrorSuffix?: string;
  /** Tag of an Ollama name, verbatim: `8b-q4_K_M`. */
  readonly tag?: string;
  /** `other`: embeddings, rerankers, adapters, projectors, speech, reward and guard models. */
  readonly role: 'chat' | 'base' | 'other';
}

type NameVariant = 'base' | 'coder' | 'instruct' | 'math' | 'thinking' | 'vision' | 'plain';

const QUANT =
  /(?:^|[-_.@])((?:UD-)?(?:I?Q[1-8](?:_[0-9A-Z]+)*|TQ[12]_0|MXFP4(?:_MOE)?|MXFP8|NVFP4|BF16|FP?16|FP?32|FP8|INT[48]|W[48]A(?:8|16)|[2-8]-?BIT))$/i;

/** Endings that name a format or a conversion, not a model; stripped from the end until none is left. */
const FORMAT =
  /[-_.](i1-gguf|imat-gguf|gguf|ggml|mlx|awq|gptq|exl[23]|marlin|openvino|onnx|bnb|unsloth|dynamic|qat|i1|imat|imatrix|autoround|mtp|dwq|quantized)$/i;

const SHARD = /-\d{5}-of-\d{5}$/;

/** What is no model to talk to, by a word of its name. */
const NOT_CHAT = [
  // Embeddings and rerankers.
  /(?:^|[-_./:])(?:embed(?:ding|dings|der)?|embeddinggemma|rerank(?:er)?|colbert|bge|gte|e5|minilm|mxbai|stella|retriever)(?:$|[-_.:\d])/,
  /nomic-embed|jina-(?:embed|rerank|clip|code-embed)|pplx-embed|-embed-|snowflake-arctic-embed|col(?:pali|qwen|nomic|smol)|bert(?:$|[-_.:\d])/,
  // Parts of models.
  /(?:^|[-_./:])(?:mmproj|lora|adapter|draft|eagle3?|speculator|dflash|clip|siglip|vae)(?:$|[-_.:\d])/,
  // Speech.
  /(?:^|[-_./:])(?:whisper|asr|speech|parakeet|kokoro|orpheus|moshi|csm|vibevoice|chatterbox|cosyvoice|voxcpm)(?:$|[-_.:\d])|tts(?:$|[-_.:\d])/,
  // Judges, guards, readers of pages, and models for one task.
  /(?:^|[-_./:])(?:rm|reward|prm|orm|guardian|safeguard|content-safety|router|translategemma|functiongemma)(?:$|[-_.:\d])/,
  /guard(?:$|[-_.:\d])|shieldgemma|ocr(?:$|[-_.:\d])/,
  // Images and films.
  /(?:^|[-_./:])(?:flux[.\d]|stable-diffusion|sdxl|sd3|qwen-image|z-image|hidream|wan2|ltx-video|hunyuan(?:image|video))/,
];

/** Pretrained models of makers who name only their chat models so. */
const UNTUNED =
  /^(?:(?:meta-)?llama-?(?:2|3(?:\.[123])?)-\d+b|llama-4-\w+-17b-\d+e|code-?llama-\d+b|gemma-(?:[1234]|3n)?-?(?:e?\d+b|\d+m|\d+b-a\d+b)|mistral-7b-v0\.\d|mixtral-8x\d+b-v0\.1|mistral-nemo-base-\d+|qwen(?:1\.5|2|2\.5)(?:-coder|-math)?-\d+(?:\.\d+)?b|smollm2?-\d+(?:\.\d+)?[bm]|yi-(?:1\.5-)?\d+b|olmo-(?:\d+b|2-\d{4}-\d+b|3-\d{4}-\d+b)|falcon-\d+b|internlm2(?:[._]5)?-(?:1_8|7|20)b|starcoder2?-\d+b|phi-[12](?:[._]5)?|granite-\d+b-base)(?:-hf)?$/i;

const VARIANTS: readonly (readonly [NameVariant, RegExp])[] = [
  ['base', /(?:^|[-_.:])(?:base|pt|text|pretrained?)(?:$|[-_.:\d])/i],
  ['thinking', /think|reason|(?:^|[-_])r1(?:$|[-_:])|qwq|magistral|(?:^|[-_])o1(?:$|[-_])/i],
  ['coder', /cod(?:e|er|estral|ellama|egemma|eqwen)(?:$|[-_.:\d])|devstral|starcoder|(?:^|[-_])code/i],
  ['math', /math/i],
  ['vision', /(?:^|[-_.\d])vl(?:$|[-_.:\d])|vision|llava|pixtral|(?:^|[-_])omni|moondream|vlm/i],
  ['instruct', /instruct|(?:^|[-_.:])(?:it|chat)(?:$|[-_.:\d])/i],
];

/** Who converts other people's models; a repository of theirs is a mirror even without a format in its name. */
const MIRROR_ORGS = new Set(
  [
    'unsloth bartowski lmstudio-community ggml-org thebloke mradermacher maziyarpanahi quantfactory mlx-community',
    'second-state lonestriker gabriellarson legraphista noctrex nexaai ubergarm dagbs 0xsero w-ahmad lefromage',
    'quantstack atomicchat redhatai neuralmagic nm-testing turboderp intel xorbits cturan ddh0 aesedai solidrust',
  ]
    .join(' ')
    .split(' '),
);

/** True for organisations that republish the models of others in other formats. */
export function isMirrorOrg(org: string): boolean {
  return MIRROR_ORGS.has(org.toLowerCase());
}

/** Lower case, one kind of separator, no `meta-` in front: equal for spellings of one name. */
export function normalisedName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^meta-(?=llama)/, '');
}

/** Splits a name as servers and hubs write it: scheme and host of a hub, namespace, name, tag. */
export function splitModelName(text: string): {
  readonly org?: string;
  readonly name: string;
  readonly tag?: string;
} {
  const clean = text
    .trim()
    .replace(/^(?:https?:\/\/)?(?:hf\.co|huggingface\.co|registry\.ollama\.ai)\//i, '');
  const isFile = /\.(?:gguf|safetensors|bin)$/i.test(clean);
  const parts = clean.split(isFile ? /[\\/]/ : '/').filter((part) => part !== '');
  const last = (isFile ? parts.at(-1) : parts[1]) ?? parts[0] ?? '';
  const colon = last.indexOf(':');
  const name = colon === -1 ? last : last.slice(0, colon);
  const tag = colon === -1 ? undefined : last.slice(colon + 1);
  const org = isFile || parts.length < 2 ? undefined : parts[0];
  return {
    name,
    ...(org !== undefined && org !== 'library' && { org }),
    ...(tag !== undefined && tag !== '' && { tag }),
  };
}

function stripEndings(text: string): {
  readonly name: string;
  readonly quant?: string;
  readonly format?: string;
} {
  let name = text.replace(/\.(?:gguf|safetensors|bin)$/i, '').replace(SHARD, '');
  let quant: string | undefined;
  let format: string | undefined;
  for (;;) {
    const byFormat = FORMAT.exec(name);
    if (byFormat && byFormat.index > 0) {
      format ??= byFormat[1]?.toUpperCase().replace(/^I(?:1|MAT)-/, '');
      name = name.slice(0, byFormat.index);
      continue;
    }
    const byQuant = QUANT.exec(name);
    if (byQuant && byQuant.index > 0) {
      quant ??= byQuant[1]?.toUpperCase();
      name = name.slice(0, byQuant.index);
      continue;
    }
    return { name, ...(quant !== undefined && { quant }), ...(format !== undefined && { format }) };
  }
}

/** Makers with a digit in their name; other digits before an underscore belong to a model. */
const NUMBERED_MAKERS = /^(?:01-ai|ai21labs|open-r1|h2oai|a-m-team|x2)$/i;

/** bartowski and others write `Qwen_Qwen3-8B`: the maker, an underscore, the maker's own name. */
function dropMakerPrefix(org: string | undefined, name: string): string {
  if (org === undefined || !isMirrorOrg(org)) return name;
  const match = /^(\w[\w.-]*?)_(?=[A-Za-z])(.+)$/.exec(name);
  const maker = match?.[1] ?? '';
  return match?.[2] !== undefined && (!/\d/.test(maker) || NUMBERED_MAKERS.test(maker)) ? match[2] : name;
}

/** `ownName`: the text names one model, where a name of Ollama's library stands for its chat model. */
function roleOf(
  words: string,
  name: string,
  variant: NameVariant,
  ownName: boolean,
): ParsedModelName['role'] {
  const text = words.toLowerCase();
  if (NOT_CHAT.some((pattern) => pattern.test(text))) return 'other';
  return variant === 'base' || (ownName && UNTUNED.test(name)) ? 'base' : 'chat';
}

function variantOf(text: string): NameVariant {
  return VARIANTS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'plain';
}

/**
 * Parses a Hugging Face id, an Ollama name, a `hf.co/` name or a GGUF file name. Never throws; a text that says
 * nothing gives its own text as `baseName` and `plain` as variant.
 */
export function parseModelName(text: string): ParsedModelName {
  const { org, name, tag } = splitModelName(text);
  const stripped = stripEndings(dropMakerPrefix(org, name));
  // A tag of a hub repository is a quantisation; a tag of Ollama's library holds size, variant and quantisation.
  const tagParts = tag === undefined ? undefined : stripEndings(`:-${tag}`);
  const tagName = tagParts?.name.replace(/^:-?/, '') ?? '';
  const words = tagName === '' || tagName === 'latest' ? stripped.name : `${stripped.name}:${tagName}`;
  const quant = tagParts?.quant ?? stripped.quant;
  const size = nominalSize(words);
  const family = seriesOf(stripped.name)?.family;
  const variant = variantOf(words);
  const format = stripped.format ?? (org !== undefined && isMirrorOrg(org) ? stripped.quant : undefined);
  return {
    baseName: stripped.name,
    variant,
    role: roleOf(words, stripped.name, variant, tag === undefined || org !== undefined),
    ...(org !== undefined && { org }),
    ...(family !== undefined && { family }),
    ...size,
    ...(quant !== undefined && { quant }),
    ...(format !== undefined && { mirrorSuffix: format }),
    ...(tag !== undefined && { tag }),
  };
}
