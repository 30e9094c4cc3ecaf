import { CHAT_TEMPLATE } from './chatTemplate.mjs';

/** @typedef {'u32' | 'i32' | 'f32' | 'bool' | 'string'} ValueType */
/**
 * @typedef {{ key: string, type: ValueType, value: number | boolean | string }
 *   | { key: string, type: 'array', of: 'i32' | 'string', value: readonly (number | string)[] }} Entry
 */

/** `general.file_type`, as llama.cpp numbers it. */
const FILE_TYPES = { f32: 0, f16: 1, q4_0: 2, q8_0: 7, q4_k: 15, q6_k: 18, bf16: 32, mixed: 7 };

const ROPE_BASES = /** @type {Record<string, number>} */ ({
  llama: 500_000,
  deepseek2: 10_000,
  'gpt-oss': 150_000,
});

/**
 * The key-value part of the header, in the order of the file.
 *
 * @param {string} name
 * @param {import('./shapes.mjs').Shape} shape
 * @param {import('./shapes.mjs').Making['type']} type
 * @param {import('./vocabulary.mjs').Vocabulary} vocabulary
 * @returns {readonly Entry[]}
 */
export function listMetadata(name, shape, type, vocabulary) {
  return [
    ...general(name, shape, type),
    ...body(shape, vocabulary.tokens.length),
    ...(shape.arch === 'deepseek2' ? latentAttention(shape) : attention(shape)),
    ...experts(shape),
    ...tokenizer(vocabulary),
  ];
}

/**
 * @param {string} name
 * @param {import('./shapes.mjs').Shape} shape
 * @param {import('./shapes.mjs').Making['type']} type
 * @returns {Entry[]}
 */
function general(name, { arch }, type) {
  return [
    text('general.architecture', arch),
    text('general.type', 'model'),
    text('general.name', name),
    text('general.size_label', 'synthetic'),
    whole('general.file_type', FILE_TYPES[type]),
    whole('general.quantization_version', 2),
  ];
}

/**
 * @param {import('./shapes.mjs').Shape} shape
 * @param {number} vocabulary
 * @returns {Entry[]}
 */
function body({ arch, layers, ctx, embd, ff, heads, kv }, vocabulary) {
  return [
    whole(`${arch}.block_count`, layers),
    whole(`${arch}.context_length`, ctx),
    whole(`${arch}.embedding_length`, embd),
    whole(`${arch}.feed_forward_length`, ff),
    whole(`${arch}.attention.head_count`, heads),
    whole(`${arch}.attention.head_count_kv`, arch === 'deepseek2' ? 1 : kv),
    real(`${arch}.attention.layer_norm_rms_epsilon`, 1e-6),
    whole(`${arch}.vocab_size`, vocabulary),
    real(`${arch}.rope.freq_base`, ROPE_BASES[arch] ?? 1_000_000),
  ];
}

/**
 * @param {import('./shapes.mjs').Shape} shape
 * @returns {Entry[]}
 */
function attention({ arch, hd }) {
  return [
    whole(`${arch}.attention.key_length`, hd),
    whole(`${arch}.attention.value_length`, hd),
    whole(`${arch}.rope.dimension_count`, hd),
  ];
}

/**
 * @param {import('./shapes.mjs').Shape} shape
 * @returns {Entry[]}
 */
function latentAttention({
  arch,
  qlora = 0,
  kvlora = 0,
  rope = 0,
  nope = 0,
  vmla = 0,
  dense = 0,
  shared = 0,
}) {
  return [
    whole(`${arch}.rope.dimension_count`, rope),
    ...(qlora ? [whole(`${arch}.attention.q_lora_rank`, qlora)] : []),
    whole(`${arch}.attention.kv_lora_rank`, kvlora),
    whole(`${arch}.attention.key_length`, kvlora + rope),
    whole(`${arch}.attention.value_length`, kvlora),
    whole(`${arch}.attention.key_length_mla`, nope + rope),
    whole(`${arch}.attention.value_length_mla`, vmla),
    whole(`${arch}.leading_dense_block_count`, dense),
    whole(`${arch}.expert_shared_count`, shared),
    real(`${arch}.expert_weights_scale`, 1),
    whole(`${arch}.expert_gating_func`, 1),
  ];
}

/**
 * @param {import('./shapes.mjs').Shape} shape
 * @returns {Entry[]}
 */
function experts({ arch, experts: count = 0, used = 0, ffexp = 0, swa = 0 }) {
  const mixture = [
    whole(`${arch}.expert_count`, count),
    whole(`${arch}.expert_used_count`, used),
    whole(`${arch}.expert_feed_forward_length`, ffexp),
  ];
  return [...(count ? mixture : []), ...(swa ? [whole(`${arch}.attention.sliding_window`, swa)] : [])];
}

/**
 * @param {import('./vocabulary.mjs').Vocabulary} vocabulary
 * @returns {Entry[]}
 */
function tokenizer({ tokens, tokenTypes, merges, beginOfText, endOfTurn }) {
  return [
    text('tokenizer.ggml.model', 'gpt2'),
    text('tokenizer.ggml.pre', 'qwen2'),
    { key: 'tokenizer.ggml.tokens', type: 'array', of: 'string', value: tokens },
    { key: 'tokenizer.ggml.token_type', type: 'array', of: 'i32', value: tokenTypes },
    { key: 'tokenizer.ggml.merges', type: 'array', of: 'string', value: merges },
    whole('tokenizer.ggml.bos_token_id', beginOfText),
    whole('tokenizer.ggml.eos_token_id', endOfTurn),
    whole('tokenizer.ggml.padding_token_id', beginOfText),
    { key: 'tokenizer.ggml.add_bos_token', type: 'bool', value: false },
    text('tokenizer.chat_template', CHAT_TEMPLATE),
  ];
}

/**
 * @param {string} key
 * @param {number} value
 * @returns {Entry}
 */
function whole(key, value) {
  return { key, type: 'u32', value };
}

/**
 * @param {string} key
 * @param {number} value
 * @returns {Entry}
 */
function real(key, value) {
  return { key, type: 'f32', value };
}

/**
 * @param {string} key
 * @param {string} value
 * @returns {Entry}
 */
function text(key, value) {
  return { key, type: 'string', value };
}
