/**
 * @typedef {object} NumberFormat
 * @property {number} id as GGUF numbers tensor types
 * @property {number} block values that are stored together
 * @property {number} bytes of a block
 */

/** @satisfies {Record<string, NumberFormat>} */
export const NUMBER_FORMATS = {
  f32: { id: 0, block: 1, bytes: 4 },
  f16: { id: 1, block: 1, bytes: 2 },
  q4_0: { id: 2, block: 32, bytes: 18 },
  q8_0: { id: 8, block: 32, bytes: 34 },
  q4_k: { id: 12, block: 256, bytes: 144 },
  q6_k: { id: 14, block: 256, bytes: 210 },
  bf16: { id: 30, block: 1, bytes: 2 },
  mxfp4: { id: 39, block: 32, bytes: 17 },
};

/** @typedef {keyof typeof NUMBER_FORMATS} NumberFormatName */

/**
 * Writes values in a number format. The k-quants and MXFP4 are filled with noise under sane scales instead: models
 * of those types serve for figures of speed and memory, not for answers.
 *
 * @param {Float32Array} values a whole number of blocks
 * @param {NumberFormatName} format
 * @param {() => number} random from 0 up to 1
 * @returns {Buffer}
 */
export function encode(values, format, random) {
  switch (format) {
    case 'f32':
      return Buffer.from(values.buffer, values.byteOffset, values.length * 4);
    case 'f16':
      return encodeHalves(values, halfOf);
    case 'bf16':
      return encodeHalves(values, brainHalfOf);
    case 'q8_0':
      return encodeBlocks(values, format, writeQ8Block);
    case 'q4_0':
      return encodeBlocks(values, format, writeQ4Block);
    case 'q4_k':
    case 'q6_k':
    case 'mxfp4':
      return encodeNoise(values.length, format, random);
  }
}

/**
 * @param {Float32Array} values
 * @param {(value: number) => number} toBits
 */
function encodeHalves(values, toBits) {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(toBits(value), index * 2));
  return bytes;
}

/**
 * @param {Float32Array} values
 * @param {'q8_0' | 'q4_0'} format
 * @param {(values: Float32Array, bytes: Buffer) => void} writeBlock
 */
function encodeBlocks(values, format, writeBlock) {
  const { block, bytes: blockBytes } = NUMBER_FORMATS[format];
  const bytes = Buffer.alloc((values.length / block) * blockBytes);
  for (let index = 0; index < values.length / block; index += 1) {
    writeBlock(
      values.subarray(index * block, (index + 1) * block),
      bytes.subarray(index * blockBytes, (index + 1) * blockBytes),
    );
  }
  return bytes;
}

/**
 * A 16-bit scale, then 32 signed bytes.
 *
 * @param {Float32Array} values
 * @param {Buffer} bytes
 */
function writeQ8Block(values, bytes) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = largest / 127;
  bytes.writeUInt16LE(halfOf(scale), 0);
  values.forEach((value, index) => bytes.writeInt8(scale ? Math.round(value / scale) : 0, 2 + index));
}

/**
 * A 16-bit scale, then 32 half bytes: the first sixteen values in the low halves, the others in the high ones.
 *
 * @param {Float32Array} values
 * @param {Buffer} bytes
 */
function writeQ4Block(values, bytes) {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  const scale = extreme / -8;
  const quantised = (/** @type {number} */ index) => {
    const steps = scale ? (values[index] ?? 0) / scale : 0;
    return Math.min(15, Math.max(0, Math.floor(steps + 8.5)));
  };
  bytes.writeUInt16LE(halfOf(scale), 0);
  for (let index = 0; index < 16; index += 1)
    bytes[2 + index] = quantised(index) | (quantised(index + 16) << 4);
}

/**
 * @param {number} count
 * @param {'q4_k' | 'q6_k' | 'mxfp4'} format
 * @param {() => number} random
 */
function encodeNoise(count, format, random) {
  const { block, bytes: blockBytes } = NUMBER_FORMATS[format];
  const bytes = Buffer.alloc((count / block) * blockBytes);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = random() * 256;
  for (let start = 0; start < bytes.length; start += blockBytes) {
    if (format === 'q4_k') {
      bytes.writeUInt16LE(halfOf(2e-4), start);
      bytes.writeUInt16LE(halfOf(1.5e-3), start + 2);
    } else if (format === 'q6_k') {
      bytes.writeUInt16LE(halfOf(1e-5), start + 208);
    } else {
      bytes[start] = 120;
    }
  }
  return bytes;
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** @param {number} value */
function bitsOf(value) {
  floats[0] = value;
  return bits[0] ?? 0;
}

/**
 * The bits of an IEEE 754 half-precision number, rounded half up.
 *
 * @param {number} value
 */
function halfOf(value) {
  const single = bitsOf(value);
  const sign = (single >>> 16) & 0x8000;
  const exponent = ((single >>> 23) & 0xff) - 112;
  const mantissa = single & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign | (((exponent << 10) | (mantissa >>> 13)) + ((mantissa >>> 12) & 1));
  if (exponent < -10) return sign;
  const shift = 14 - exponent;
  return sign | (((mantissa | 0x800000) + (1 << (shift - 1))) >>> shift);
}

/**
 * The upper half of a single-precision number, rounded half to even.
 *
 * @param {number} value
 */
function brainHalfOf(value) {
  const single = bitsOf(value);
  return ((single + 0x7fff + ((single >>> 16) & 1)) >>> 16) & 0xffff;
}
