/**
 * The size of a model, by its public hyper-parameters.
 *
 * @typedef {object} Shape
 * @property {'llama' | 'qwen2' | 'qwen3' | 'gemma3' | 'qwen3moe' | 'deepseek2' | 'gpt-oss'} arch
 * @property {number} layers
 * @property {number} embd embedding length
 * @property {number} ff feed-forward length
 * @property {number} heads
 * @property {number} kv heads that keys and values have
 * @property {number} hd length of a head
 * @property {number} ctx trained context, tokens
 * @property {number} vocab 0: as many tokens as the script needs
 * @property {boolean} tied the output matrix is the embedding matrix
 * @property {boolean} [ropefreqs]
 * @property {number} [swa] sliding window, tokens
 * @property {number} [experts]
 * @property {number} [used] experts that run for a token
 * @property {number} [shared] experts that always run
 * @property {number} [ffexp] feed-forward length of an expert
 * @property {number} [dense] leading layers without experts
 * @property {number} [qlora] rank of the compressed queries; 0: not compressed
 * @property {number} [kvlora] rank of the compressed keys and values (multi-head latent attention)
 * @property {number} [rope] length of a head's rotary part
 * @property {number} [nope] length of a head's other part
 * @property {number} [vmla] length of a value head
 */

/**
 * @typedef {object} Making
 * @property {'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_0' | 'q4_k' | 'q6_k' | 'mixed'} type
 * @property {'script' | 'random' | 'zero'} fill
 * @property {number} seed
 */

/** @type {Shape} */
const smallest = {
  arch: 'llama',
  ...{ layers: 2, embd: 128, ff: 256, heads: 4, kv: 2, hd: 32, ctx: 2048, vocab: 0, tied: false },
};

/** Tiny models of each architecture, whose weights hold a script (see vocabulary.mjs). */
const tiny = /** @satisfies {Record<string, Shape>} */ ({
  'tiny-llama': smallest,
  'tiny-qwen2': { ...smallest, arch: 'qwen2' },
  'tiny-qwen3': { ...smallest, arch: 'qwen3' },
  'tiny-gemma3': { ...smallest, arch: 'gemma3', layers: 6, swa: 64 },
  'tiny-moe': { ...smallest, experts: 4, used: 2, ffexp: 256 },
  'tiny-qwen3moe': { ...smallest, arch: 'qwen3moe', experts: 8, used: 2, ffexp: 128 },
  'tiny-deepseek2': {
    ...{ ...smallest, arch: 'deepseek2', layers: 3, experts: 4, used: 2, shared: 1, ffexp: 128, dense: 1 },
    ...{ qlora: 64, kvlora: 64, rope: 32, nope: 32, vmla: 32 },
  },
});

/** Real models, from the configuration files that their makers publish; meant for sparse files of zeros. */
const real = /** @satisfies {Record<string, Shape>} */ ({
  'llama-3.2-1b': {
    ...{ arch: 'llama', layers: 16, embd: 2048, ff: 8192, heads: 32, kv: 8, hd: 64 },
    ...{ ctx: 131072, vocab: 128256, tied: true, ropefreqs: true },
  },
  'llama-3.1-8b': {
    ...{ arch: 'llama', layers: 32, embd: 4096, ff: 14336, heads: 32, kv: 8, hd: 128 },
    ...{ ctx: 131072, vocab: 128256, tied: false, ropefreqs: true },
  },
  'qwen2.5-0.5b': {
    ...{ arch: 'qwen2', layers: 24, embd: 896, ff: 4864, heads: 14, kv: 2, hd: 64 },
    ...{ ctx: 32768, vocab: 151936, tied: true },
  },
  'qwen3-0.6b': {
    ...{ arch: 'qwen3', layers: 28, embd: 1024, ff: 3072, heads: 16, kv: 8, hd: 128 },
    ...{ ctx: 40960, vocab: 151936, tied: true },
  },
  'gemma-3-1b': {
    ...{ arch: 'gemma3', layers: 26, embd: 1152, ff: 6912, heads: 4, kv: 1, hd: 256 },
    ...{ ctx: 32768, vocab: 262144, tied: true, swa: 512 },
  },
  'gemma-3-4b': {
    ...{ arch: 'gemma3', layers: 34, embd: 2560, ff: 10240, heads: 8, kv: 4, hd: 256 },
    ...{ ctx: 131072, vocab: 262208, tied: true, swa: 1024 },
  },
  'qwen3-30b-a3b': {
    ...{ arch: 'qwen3moe', layers: 48, embd: 2048, ff: 6144, heads: 32, kv: 4, hd: 128 },
    ...{ ctx: 40960, vocab: 151936, tied: false, experts: 128, used: 8, ffexp: 768 },
  },
  'deepseek-v2-lite': {
    ...{ arch: 'deepseek2', layers: 27, embd: 2048, ff: 10944, heads: 16, kv: 16, hd: 192 },
    ...{ ctx: 163840, vocab: 102400, tied: false, experts: 64, used: 6, shared: 2, ffexp: 1408, dense: 1 },
    ...{ qlora: 0, kvlora: 512, rope: 64, nope: 128, vmla: 128 },
  },
  'gpt-oss-20b': {
    ...{ arch: 'gpt-oss', layers: 24, embd: 2880, ff: 2880, heads: 64, kv: 8, hd: 64 },
    ...{ ctx: 131072, vocab: 201088, tied: false, experts: 32, used: 4, ffexp: 2880, swa: 128 },
  },
});

/** Bodies for bandwidth benches: the vocabulary is small, so that nearly every byte is read for every token. */
const bench = /** @satisfies {Record<string, Shape>} */ ({
  'bench-50m': {
    ...{ arch: 'llama', layers: 8, embd: 512, ff: 1536, heads: 8, kv: 8, hd: 64 },
    ...{ ctx: 4096, vocab: 2048, tied: false },
  },
  'bench-200m': {
    ...{ arch: 'llama', layers: 14, embd: 768, ff: 2304, heads: 12, kv: 12, hd: 64 },
    ...{ ctx: 4096, vocab: 2048, tied: false },
  },
  'bench-1g': {
    ...{ arch: 'llama', layers: 16, embd: 1536, ff: 4864, heads: 12, kv: 12, hd: 128 },
    ...{ ctx: 4096, vocab: 2048, tied: false },
  },
});

/**
 * Every model that can be made, with how its weights are filled when nothing else is asked for.
 *
 * @type {ReadonlyMap<string, { shape: Shape, fill: Making['fill'] }>}
 */
export const presets = new Map([
  ...entriesOf(tiny, 'script'),
  ...entriesOf(real, 'zero'),
  ...entriesOf(bench, 'random'),
]);

/**
 * @param {Record<string, Shape>} shapes
 * @param {Making['fill']} fill
 * @returns {[string, { shape: Shape, fill: Making['fill'] }][]}
 */
function entriesOf(shapes, fill) {
  return Object.entries(shapes).map(([name, shape]) => [name, { shape, fill }]);
}
