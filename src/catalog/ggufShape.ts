import type { ModelShape, PerLayer } from '../shared/modelShape';
import type { GgufHeader } from './ggufHeader';
import { FILE_QUANTS } from './ggufTensorTypes';

/** What the header says of the model's shape. Absent: not said, or impossible. */
interface GgufShape extends ModelShape {
  readonly arch: string;
  /** Head sizes of the model itself, where the cache holds compressed keys and values. */
  readonly mlaHeadDim?: number;
  readonly mlaValueDim?: number;
}

/** The model that a file was made from, as its header tells. */
interface GgufBaseModel {
  readonly name?: string;
  readonly organisation?: string;
  /** `organisation/name` on Hugging Face. */
  readonly repo?: string;
}

/** What the header says of the file's origin. */
export interface GgufOrigin {
  readonly name?: string;
  /** `model`, `adapter`, `mmproj`, ... */
  readonly type?: string;
  readonly licence?: string;
  readonly quantizedBy?: string;
  readonly baseModels: readonly GgufBaseModel[];
  /** Canonical quantisation of the whole file. */
  readonly quant?: string;
  /** All of its chat templates together. */
  readonly chatTemplate?: string;
  /** Kind of pooling: set in embedding models and rerankers only. */
  readonly pooling?: number;
}

const MOST_LAYERS = 2_048;
const MOST_BASE_MODELS = 16;
const TEMPLATES = ['tokenizer.chat_template', 'tokenizer.chat_template.tool_use'];
const REPOSITORY_URL = /^https?:\/\/huggingface\.co\/([\w.-]+\/[\w.-]+)\/?$/i;
/** Sizes, contexts and vocabularies beyond this are errors; products of three of them are still exact enough. */
const LARGEST_COUNT = 2 ** 31;

const COUNTS = [
  ['hidden', 'embedding_length'],
  ['contextMax', 'context_length'],
  ['slidingWindow', 'attention.sliding_window'],
  ['headDimK', 'attention.key_length'],
  ['headDimV', 'attention.value_length'],
  ['windowHeadDimK', 'attention.key_length_swa'],
  ['windowHeadDimV', 'attention.value_length_swa'],
  ['kvRank', 'attention.kv_lora_rank'],
  ['mlaHeadDim', 'attention.key_length_mla'],
  ['mlaValueDim', 'attention.value_length_mla'],
  ['ropeDimensions', 'rope.dimension_count'],
  ['indexerHeadDim', 'attention.indexer.key_length'],
  ['experts', 'expert_count'],
  ['expertsUsed', 'expert_used_count'],
  ['expertFeedForward', 'expert_feed_forward_length'],
  ['ssmConvKernel', 'ssm.conv_kernel'],
  ['ssmInner', 'ssm.inner_size'],
  ['ssmState', 'ssm.state_size'],
  ['ssmGroups', 'ssm.group_count'],
  ['ssmHeads', 'ssm.time_step_rank'],
  ['kdaHeadDim', 'kda.head_dim'],
  ['wkvHeadSize', 'wkv.head_size'],
  ['tokenShifts', 'token_shift_count'],
  ['shortConvolution', 'shortconv.l_cache'],
  ['fullAttentionInterval', 'full_attention_interval'],
  ['sharedKvLayers', 'attention.shared_kv_layers'],
  ['predictionLayers', 'nextn_predict_layers'],
  ['layerInput', 'embedding_length_per_layer_input'],
] as const satisfies readonly (readonly [keyof GgufShape, string])[];

const PER_LAYER = [
  ['heads', 'attention.head_count'],
  ['kvHeads', 'attention.head_count_kv'],
  ['feedForward', 'feed_forward_length'],
  ['windowPattern', 'attention.sliding_window_pattern'],
] as const satisfies readonly (readonly [keyof GgufShape, string])[];

/** Null where the header names no architecture. Numbers that no model has (negative, broken, beyond 2^31) are left out. */
export function shapeOf({ metadata, arrayLengths }: GgufHeader): GgufShape | null {
  const arch = metadata.get('general.architecture');
  if (typeof arch !== 'string' || !/^[\w.-]{1,64}$/.test(arch)) return null;
  const count = (key: string): number | undefined => countOf(metadata.get(`${arch}.${key}`));
  const shape: { -readonly [K in keyof GgufShape]: GgufShape[K] } = { arch };
  const layers = count('block_count');
  if (layers !== undefined && layers > 0 && layers <= MOST_LAYERS) shape.layers = layers;
  for (const [name, key] of COUNTS) {
    const value = count(key);
    if (value !== undefined) shape[name] = value;
  }
  for (const [name, key] of PER_LAYER) {
    const value = perLayerOf(metadata.get(`${arch}.${key}`));
    if (value !== undefined) shape[name] = value;
  }
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const vocab =
    count('vocab_size') ??
    (Array.isArray(tokens) ? tokens.length : arrayLengths.get('tokenizer.ggml.tokens'));
  if (vocab !== undefined) shape.vocab = vocab;
  // Old conversions without the model's own head size expand what is compressed.
  if (shape.kvRank !== undefined && shape.mlaHeadDim === undefined) shape.kvRank = 0;
  return shape;
}

/** Texts are trimmed and bounded; what is no text is left out. */
export function originOfFile({ metadata }: GgufHeader): GgufOrigin {
  const text = (key: string): string | undefined => {
    const value = metadata.get(key);
    return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 300) : undefined;
  };
  const arch = text('general.architecture') ?? '';
  // Some models have a second template, for tools (Hermes, Command R).
  const templates = TEMPLATES.map((key) => metadata.get(key)).filter((value) => typeof value === 'string');
  const fileType = countOf(metadata.get('general.file_type'));
  const baseCount = Math.min(countOf(metadata.get('general.base_model.count')) ?? 0, MOST_BASE_MODELS);
  const [name, type, licence] = [text('general.name'), text('general.type'), text('general.license')];
  const quantizedBy = text('general.quantized_by');
  const quant = fileType === undefined ? undefined : FILE_QUANTS.get(fileType);
  const pooling = countOf(metadata.get(`${arch}.pooling_type`));
  return {
    baseModels: Array.from({ length: baseCount }, (_, index) => baseModelOf(index, text)),
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
    ...(licence !== undefined && { licence }),
    ...(quantizedBy !== undefined && { quantizedBy }),
    ...(quant !== undefined && { quant }),
    ...(templates.length > 0 && { chatTemplate: templates.join('\n') }),
    ...(pooling !== undefined && { pooling }),
  };
}

function baseModelOf(index: number, text: (key: string) => string | undefined): GgufBaseModel {
  const key = `general.base_model.${index}`;
  const [name, organisation] = [text(`${key}.name`), text(`${key}.organization`)];
  const repo = REPOSITORY_URL.exec(text(`${key}.repo_url`) ?? '')?.[1];
  return {
    ...(name !== undefined && { name }),
    ...(organisation !== undefined && { organisation }),
    ...(repo !== undefined && { repo }),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}

function perLayerOf(value: unknown): PerLayer | undefined {
  if (!Array.isArray(value)) return countOf(value);
  const counts = value.map((item) => (typeof item === 'boolean' ? Number(item) : countOf(item)));
  const known = counts.filter((count) => count !== undefined);
  return known.length === counts.length && counts.length > 0 ? known : undefined;
}
