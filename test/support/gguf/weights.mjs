import { encode } from './numberFormats.mjs';
import { countOf } from './tensors.mjs';

/** Larger tensors repeat one random tile instead: their values only have to be there. */
const OWN_VALUES_LIMIT = 1 << 20;
const TILE_ROWS = 256;

/**
 * A repeatable source of numbers from 0 up to 1 (xorshift with 32 bits).
 *
 * @param {number} seed
 */
export function seededRandom(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

/**
 * The bytes of every tensor, one after the other; a large tensor comes in several pieces.
 *
 * With a script the next token is a function of the last one alone: a token's embedding is a random vector of
 * signs, the output matrix holds the same vector in the row of the token that follows, and attention and
 * feed-forward add next to nothing. Tokens that no script names share one vector, which leads to the first word.
 *
 * @param {readonly import('./tensors.mjs').Tensor[]} tensors
 * @param {{ embd: number, fill: 'script' | 'random', random: () => number, vocabulary: import('./vocabulary.mjs').Vocabulary }} making
 * @returns {Generator<{ tensor: import('./tensors.mjs').Tensor, offset: number, bytes: Buffer }>}
 */
export function* fillTensors(tensors, { embd, fill, random, vocabulary }) {
  const script = fill === 'script' ? scriptMatrices(vocabulary, embd, random) : undefined;
  const tiles = /** @type {Map<string, Buffer>} */ (new Map());
  for (const tensor of tensors) {
    const row = tensor.dimensions[0] ?? 1;
    const values = valuesOf(tensor, script, random);
    if (values) {
      yield { tensor, offset: 0, bytes: encode(values, tensor.format, random) };
      continue;
    }
    const key = `${tensor.format}:${row}`;
    const tile =
      tiles.get(key) ?? encode(noise(row * TILE_ROWS, 1.7 / Math.sqrt(row), random), tensor.format, random);
    tiles.set(key, tile);
    yield* repeat(tensor, tile);
  }
}

/**
 * @param {import('./tensors.mjs').Tensor} tensor
 * @param {{ embeddings: Float32Array, output: Float32Array } | undefined} script
 * @param {() => number} random
 * @returns {Float32Array | undefined} undefined for a tensor that is too large for values of its own
 */
function valuesOf(tensor, script, random) {
  const { name, dimensions } = tensor;
  const count = countOf(tensor);
  if (/norm\.weight$|rope_freqs/.test(name)) return new Float32Array(count).fill(1);
  if (/bias|sinks/.test(name)) return new Float32Array(count);
  if (script && name === 'token_embd.weight') return script.embeddings;
  if (script && name === 'output.weight') return script.output;
  if (count > OWN_VALUES_LIMIT) return undefined;
  const silent = script && /attn_output|ffn_down/.test(name);
  return noise(count, silent ? 1e-4 : 1.7 / Math.sqrt(dimensions[0] ?? 1), random);
}

/**
 * @param {import('./tensors.mjs').Tensor} tensor
 * @param {Buffer} tile
 */
function* repeat(tensor, tile) {
  const rows = countOf(tensor) / (tensor.dimensions[0] ?? 1);
  const size = (tile.length / TILE_ROWS) * rows;
  for (let offset = 0; offset < size; offset += tile.length) {
    yield { tensor, offset, bytes: tile.subarray(0, Math.min(tile.length, size - offset)) };
  }
}

/**
 * @param {import('./vocabulary.mjs').Vocabulary} vocabulary
 * @param {number} embd
 * @param {() => number} random
 */
function scriptMatrices({ tokens, successors, first }, embd, random) {
  const signs = () => Float32Array.from({ length: embd }, () => (random() < 0.5 ? -1 : 1));
  const shared = signs();
  const gain = 32 / embd;
  const embeddings = new Float32Array(tokens.length * embd);
  const output = new Float32Array(tokens.length * embd);
  const lead = (/** @type {Float32Array} */ vector, /** @type {number} */ to) => {
    vector.forEach((value, index) => {
      output[to * embd + index] = (output[to * embd + index] ?? 0) + value * gain;
    });
  };
  for (let token = 0; token < tokens.length; token += 1) {
    const next = successors.get(token);
    const vector = next === undefined ? shared.map((value) => value + (random() - 0.5) * 0.1) : signs();
    embeddings.set(vector, token * embd);
    if (next !== undefined) lead(vector, next);
  }
  lead(shared, first);
  return { embeddings, output };
}

/**
 * @param {number} count
 * @param {number} scale
 * @param {() => number} random
 */
function noise(count, scale, random) {
  return Float32Array.from({ length: count }, () => (random() * 2 - 1) * scale);
}
