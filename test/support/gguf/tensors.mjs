import { NUMBER_FORMATS } from './numberFormats.mjs';

/**
 * @typedef {object} Tensor
 * @property {string} name
 * @property {readonly number[]} dimensions the first one is contiguous
 * @property {import('./numberFormats.mjs').NumberFormatName} format
 */

/**
 * Every tensor of a model, in the order of the file.
 *
 * @param {import('./shapes.mjs').Shape} shape
 * @param {import('./shapes.mjs').Making['type']} type
 * @param {number} vocabulary tokens
 * @returns {readonly Tensor[]}
 */
export function listTensors(shape, type, vocabulary) {
  const list = new TensorList(type);
  list.matrix('token_embd.weight', shape.embd, vocabulary);
  list.vector('output_norm.weight', shape.embd);
  if (!shape.tied) list.matrix('output.weight', shape.embd, vocabulary);
  if (shape.ropefreqs) list.vector('rope_freqs.weight', shape.hd / 2);
  for (let layer = 0; layer < shape.layers; layer += 1) {
    list.prefix = `blk.${layer}.`;
    list.vector('attn_norm.weight', shape.embd);
    if (shape.arch === 'deepseek2') addLatentAttention(list, shape);
    else addAttention(list, shape);
    list.vector(shape.arch === 'gpt-oss' ? 'post_attention_norm.weight' : 'ffn_norm.weight', shape.embd);
    if (shape.arch === 'gemma3') {
      list.vector('post_attention_norm.weight', shape.embd);
      list.vector('post_ffw_norm.weight', shape.embd);
    }
    if (shape.experts && layer >= (shape.dense ?? 0)) addExperts(list, shape, shape.experts);
    else addFeedForward(list, shape);
  }
  return list.tensors;
}

/**
 * The bytes that a tensor's values take.
 *
 * @param {Tensor} tensor
 */
export function bytesOf({ dimensions, format }) {
  const { block, bytes } = NUMBER_FORMATS[format];
  return (countOf({ dimensions }) / block) * bytes;
}

/**
 * How many values a tensor has.
 *
 * @param {Pick<Tensor, 'dimensions'>} tensor
 */
export function countOf({ dimensions }) {
  return dimensions.reduce((product, dimension) => product * dimension, 1);
}

class TensorList {
  prefix = '';
  /** @type {Tensor[]} */
  tensors = [];
  #type;

  /** @param {import('./shapes.mjs').Making['type']} type */
  constructor(type) {
    this.#type = type;
  }

  /**
   * @param {string} name
   * @param {...number} dimensions
   */
  matrix(name, ...dimensions) {
    this.add(name, dimensions, fittingFormat(formatFor(this.prefix + name, this.#type), dimensions[0] ?? 1));
  }

  /**
   * @param {string} name
   * @param {...number} dimensions
   */
  vector(name, ...dimensions) {
    this.add(name, dimensions, 'f32');
  }

  /**
   * @param {string} name
   * @param {readonly number[]} dimensions
   * @param {import('./numberFormats.mjs').NumberFormatName} format
   */
  add(name, dimensions, format) {
    this.tensors.push({ name: this.prefix + name, dimensions, format });
  }
}

/**
 * @param {string} name
 * @param {import('./shapes.mjs').Making['type']} type
 * @returns {import('./numberFormats.mjs').NumberFormatName}
 */
function formatFor(name, type) {
  if (type !== 'mixed') return type;
  if (/ffn|exps/.test(name)) return 'q4_0';
  return /output\.weight|token_embd/.test(name) ? 'f16' : 'q8_0';
}

/**
 * A row must be a whole number of blocks; where it is not, the next format that fits takes its place.
 *
 * @param {import('./numberFormats.mjs').NumberFormatName} format
 * @param {number} row
 * @returns {import('./numberFormats.mjs').NumberFormatName}
 */
function fittingFormat(format, row) {
  if (row % NUMBER_FORMATS[format].block === 0) return format;
  if (row % 32 !== 0) return 'f16';
  if (format === 'q4_k') return 'q4_0';
  return format === 'q6_k' ? 'q8_0' : 'f16';
}

/**
 * @param {TensorList} list
 * @param {import('./shapes.mjs').Shape} shape
 */
function addAttention(list, { arch, embd, heads, kv, hd }) {
  list.matrix('attn_q.weight', embd, heads * hd);
  list.matrix('attn_k.weight', embd, kv * hd);
  list.matrix('attn_v.weight', embd, kv * hd);
  list.matrix('attn_output.weight', heads * hd, embd);
  if (arch === 'qwen2' || arch === 'gpt-oss') {
    list.vector('attn_q.bias', heads * hd);
    list.vector('attn_k.bias', kv * hd);
    list.vector('attn_v.bias', kv * hd);
  }
  if (arch === 'gpt-oss') {
    list.vector('attn_output.bias', embd);
    list.vector('attn_sinks.weight', heads);
  }
  if (arch === 'qwen3' || arch === 'qwen3moe' || arch === 'gemma3') {
    list.vector('attn_q_norm.weight', hd);
    list.vector('attn_k_norm.weight', hd);
  }
}

/**
 * @param {TensorList} list
 * @param {import('./shapes.mjs').Shape} shape
 */
function addLatentAttention(list, { embd, heads, qlora = 0, kvlora = 0, rope = 0, nope = 0, vmla = 0 }) {
  const head = nope + rope;
  if (qlora) {
    list.matrix('attn_q_a.weight', embd, qlora);
    list.vector('attn_q_a_norm.weight', qlora);
    list.matrix('attn_q_b.weight', qlora, heads * head);
  } else {
    list.matrix('attn_q.weight', embd, heads * head);
  }
  list.matrix('attn_kv_a_mqa.weight', embd, kvlora + rope);
  list.vector('attn_kv_a_norm.weight', kvlora);
  list.matrix('attn_k_b.weight', nope, kvlora, heads);
  list.matrix('attn_v_b.weight', kvlora, vmla, heads);
  list.matrix('attn_output.weight', heads * vmla, embd);
}

/**
 * @param {TensorList} list
 * @param {import('./shapes.mjs').Shape} shape
 */
function addFeedForward(list, { embd, ff }) {
  list.matrix('ffn_gate.weight', embd, ff);
  list.matrix('ffn_up.weight', embd, ff);
  list.matrix('ffn_down.weight', ff, embd);
}

/**
 * @param {TensorList} list
 * @param {import('./shapes.mjs').Shape} shape
 * @param {number} experts
 */
function addExperts(list, { arch, embd, ffexp = 0, shared = 0 }, experts) {
  list.vector('ffn_gate_inp.weight', embd, experts);
  for (const [part, from, to] of /** @type {const} */ ([
    ['gate', embd, ffexp],
    ['up', embd, ffexp],
    ['down', ffexp, embd],
  ])) {
    if (arch === 'gpt-oss') {
      list.add(`ffn_${part}_exps.weight`, [from, to, experts], 'mxfp4');
      list.vector(`ffn_${part}_exps.bias`, to, experts);
    } else {
      list.matrix(`ffn_${part}_exps.weight`, from, to, experts);
    }
    if (shared) {
      const inner = ffexp * shared;
      list.matrix(`ffn_${part}_shexp.weight`, part === 'down' ? inner : embd, part === 'down' ? embd : inner);
    }
  }
  if (arch === 'gpt-oss') list.vector('ffn_gate_inp.bias', experts);
}
