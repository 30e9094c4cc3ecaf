import type { GgufBytes } from './ggufBytes';
import { GgufFault } from './ggufBytes';

export type GgufValue = number | boolean | string | readonly (number | boolean)[] | readonly string[];

/** A value, or the length of one that is too long to be worth its memory. */
export type ReadValue =
  { readonly kept: true; readonly value: GgufValue } | { readonly kept: false; readonly length: number };

const LONGEST_KEPT_TEXT_BYTES = 1024 * 1024;
/** Enough for a value per layer; vocabularies are longer. */
const LONGEST_KEPT_ARRAY = 2_048;
/** Texts in arrays are names, languages and tags. */
const LONGEST_KEPT_ITEM_BYTES = 4_096;
const DEEPEST_ARRAY = 4;
const LENGTH_BYTES = 8;
const ARRAY_HEAD_BYTES = 12;

const STRING = 8;
const ARRAY = 9;

interface FixedType {
  readonly bytes: number;
  readonly read: (bytes: GgufBytes) => number | boolean;
}

const FIXED_TYPES: ReadonlyMap<number, FixedType> = new Map<number, FixedType>([
  [0, { bytes: 1, read: (bytes) => bytes.u8() }],
  [1, { bytes: 1, read: (bytes) => bytes.i8() }],
  [2, { bytes: 2, read: (bytes) => bytes.u16() }],
  [3, { bytes: 2, read: (bytes) => bytes.i16() }],
  [4, { bytes: 4, read: (bytes) => bytes.u32() }],
  [5, { bytes: 4, read: (bytes) => bytes.i32() }],
  [6, { bytes: 4, read: (bytes) => bytes.f32() }],
  [7, { bytes: 1, read: (bytes) => bytes.u8() !== 0 }],
  [10, { bytes: 8, read: (bytes) => bytes.u64() }],
  [11, { bytes: 8, read: (bytes) => bytes.i64() }],
  [12, { bytes: 8, read: (bytes) => bytes.f64() }],
]);

/** The name of a key or a tensor; a longer one is a lie. */
export async function readName(bytes: GgufBytes, longestBytes: number): Promise<string> {
  if (!bytes.has(LENGTH_BYTES)) await bytes.ensure(LENGTH_BYTES);
  const length = bytes.u64();
  if (length > longestBytes) throw new GgufFault('lies', 'The header has a name that is too long to be one.');
  if (!bytes.has(length)) await bytes.ensure(length);
  return bytes.text(length);
}

/** Reads or passes the value at the present position. */
export async function readValue(bytes: GgufBytes, type: number): Promise<ReadValue> {
  const fixed = FIXED_TYPES.get(type);
  if (fixed) {
    await bytes.ensure(fixed.bytes);
    return { kept: true, value: fixed.read(bytes) };
  }
  if (type === ARRAY) return readArray(bytes, 1);
  if (type !== STRING) throw unknownType();
  const length = await readLength(bytes);
  if (length > LONGEST_KEPT_TEXT_BYTES) {
    bytes.skip(length);
    return { kept: false, length };
  }
  await bytes.ensure(length);
  return { kept: true, value: bytes.text(length) };
}

async function readArray(bytes: GgufBytes, depth: number): Promise<ReadValue> {
  if (depth > DEEPEST_ARRAY)
    throw new GgufFault('lies', 'The header nests lists deeper than any model needs.');
  await bytes.ensure(ARRAY_HEAD_BYTES);
  const type = bytes.u32();
  const count = bytes.u64();
  const fixed = FIXED_TYPES.get(type);
  if (fixed) return readFixedArray(bytes, fixed, count);
  bytes.mustBePlausible(count * (type === ARRAY ? ARRAY_HEAD_BYTES : LENGTH_BYTES), 'a list');
  if (type === STRING) return readTexts(bytes, count);
  if (type !== ARRAY) throw unknownType();
  for (let index = 0; index < count; index++) await readArray(bytes, depth + 1);
  return { kept: false, length: count };
}

async function readFixedArray(bytes: GgufBytes, type: FixedType, count: number): Promise<ReadValue> {
  const size = count * type.bytes;
  bytes.mustBePlausible(size, 'a list');
  if (count > LONGEST_KEPT_ARRAY) {
    bytes.skip(size);
    return { kept: false, length: count };
  }
  await bytes.ensure(size);
  return { kept: true, value: Array.from({ length: count }, () => type.read(bytes)) };
}

async function readTexts(bytes: GgufBytes, count: number): Promise<ReadValue> {
  let texts: string[] | null = count > LONGEST_KEPT_ARRAY ? null : [];
  for (let index = 0; index < count; index++) {
    // Waiting for each of 250,000 tokens would take longer than reading them.
    if (!bytes.has(LENGTH_BYTES)) await bytes.ensure(LENGTH_BYTES);
    const length = bytes.u64();
    bytes.mustBePlausible(length, 'a text');
    if (texts === null || length > LONGEST_KEPT_ITEM_BYTES) {
      texts = null;
      bytes.skip(length);
      continue;
    }
    if (!bytes.has(length)) await bytes.ensure(length);
    texts.push(bytes.text(length));
  }
  return texts === null ? { kept: false, length: count } : { kept: true, value: texts };
}

async function readLength(bytes: GgufBytes): Promise<number> {
  await bytes.ensure(LENGTH_BYTES);
  const length = bytes.u64();
  bytes.mustBePlausible(length, 'a text');
  return length;
}

function unknownType(): GgufFault {
  return new GgufFault('lies', 'The header has a value of a type that GGUF does not know.');
}
