import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { NUMBER_FORMATS } from './numberFormats.mjs';
import { bytesOf } from './tensors.mjs';

const VERSION = 3;
const ALIGNMENT = 32;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };

/**
 * Writes a GGUF file. Tensors that `pieces` leaves out are holes that read as zeros and take no disk.
 *
 * @param {string} file
 * @param {readonly import('./metadata.mjs').Entry[]} metadata
 * @param {readonly import('./tensors.mjs').Tensor[]} tensors
 * @param {Iterable<{ tensor: import('./tensors.mjs').Tensor, offset: number, bytes: Buffer }>} pieces
 * @returns {number} the file's size in bytes
 */
export function writeGguf(file, metadata, tensors, pieces) {
  const offsets = /** @type {Map<import('./tensors.mjs').Tensor, number>} */ (new Map());
  let size = 0;
  for (const tensor of tensors) {
    offsets.set(tensor, size);
    size = aligned(size + bytesOf(tensor));
  }
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    u32(VERSION),
    u64(tensors.length),
    u64(metadata.length),
    ...metadata.flatMap(encodeEntry),
    ...tensors.flatMap((tensor) => describeTensor(tensor, offsets.get(tensor) ?? 0)),
  ]);
  const start = aligned(header.length);
  const descriptor = openSync(file, 'w');
  try {
    writeSync(descriptor, header);
    ftruncateSync(descriptor, start + size);
    for (const { tensor, offset, bytes } of pieces) {
      writeSync(descriptor, bytes, 0, bytes.length, start + (offsets.get(tensor) ?? 0) + offset);
    }
  } finally {
    closeSync(descriptor);
  }
  return start + size;
}

/**
 * @param {import('./tensors.mjs').Tensor} tensor
 * @param {number} offset
 */
function describeTensor({ name, dimensions, format }, offset) {
  return [
    string(name),
    u32(dimensions.length),
    ...dimensions.map(u64),
    u32(NUMBER_FORMATS[format].id),
    u64(offset),
  ];
}

/** @param {import('./metadata.mjs').Entry} entry */
function encodeEntry(entry) {
  const head = [string(entry.key), u32(VALUE_TYPES[entry.type])];
  if (entry.type !== 'array') return [...head, encodeValue(entry.type, entry.value)];
  const values = entry.value.map((value) => encodeValue(entry.of, value));
  return [...head, u32(VALUE_TYPES[entry.of]), u64(values.length), ...values];
}

/**
 * @param {import('./metadata.mjs').ValueType} type
 * @param {number | boolean | string} value
 */
function encodeValue(type, value) {
  switch (type) {
    case 'string':
      return string(String(value));
    case 'bool':
      return Buffer.from([value ? 1 : 0]);
    case 'u32':
      return u32(Number(value));
    case 'i32':
    case 'f32': {
      const bytes = Buffer.alloc(4);
      if (type === 'i32') bytes.writeInt32LE(Number(value));
      else bytes.writeFloatLE(Number(value));
      return bytes;
    }
  }
}

/** @param {string} text */
function string(text) {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** @param {number} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** @param {number} size */
function aligned(size) {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
