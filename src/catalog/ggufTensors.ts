import type { GgufBytes } from './ggufBytes';
import { GgufFault } from './ggufBytes';
import { TENSOR_TYPES } from './ggufTensorTypes';
import { readName } from './ggufValue';

/** What the tensor list of a file, or of all its parts, adds up to. */
export interface GgufTensorTotals {
  readonly count: number;
  /** Parameters: values of all tensors. */
  readonly elements: number;
  /** Values of the tensors of which a token uses only some experts. */
  readonly expertElements: number;
  /** Bytes of all values, without padding; null where a tensor is of a type that this version does not know. */
  readonly bytes: number | null;
}

/** ggml's limit is 64; a few tools write longer names. */
const LONGEST_NAME_BYTES = 1_024;
const MOST_DIMENSIONS = 4;
const U32_BYTES = 4;
const U64_BYTES = 8;
const LARGEST_EXACT = Number.MAX_SAFE_INTEGER;

/** Experts stacked in one tensor, or one tensor an expert as files of 2023 have them. */
const EXPERT_TENSOR = /_(?:ch)?exps\.|^blk\.\d+\.ffn_(?:gate|up|down)\.\d+\./;

/** Reads the tensor list at the present position, holding none of it, and where in the data its last value ends. */
export async function readTensors(
  bytes: GgufBytes,
  count: number,
): Promise<{ readonly totals: GgufTensorTotals; readonly endsAt: number }> {
  let elements = 0;
  let expertElements = 0;
  let totalBytes: number | null = 0;
  let endsAt = 0;
  for (let index = 0; index < count; index++) {
    const name = await readName(bytes, LONGEST_NAME_BYTES);
    if (!bytes.has(U32_BYTES)) await bytes.ensure(U32_BYTES);
    const dimensions = bytes.u32();
    if (dimensions > MOST_DIMENSIONS)
      throw new GgufFault('lies', 'The header has a tensor of too many dimensions.');
    const rest = dimensions * U64_BYTES + U32_BYTES + U64_BYTES;
    if (!bytes.has(rest)) await bytes.ensure(rest);
    const values = readValueCount(bytes, dimensions);
    const type = TENSOR_TYPES.get(bytes.u32());
    const offset = bytes.u64();
    if (type && values % type.block !== 0)
      throw new GgufFault('lies', 'The header has a tensor of half a block.');
    const size: number | null = type ? (values / type.block) * type.bytes : null;
    elements += values;
    if (EXPERT_TENSOR.test(name)) expertElements += values;
    totalBytes = totalBytes === null || size === null ? null : totalBytes + size;
    endsAt = Math.max(endsAt, offset + (size ?? 0));
    if (elements > LARGEST_EXACT || endsAt > LARGEST_EXACT) throw tooBig();
  }
  return { totals: { count, elements, expertElements, bytes: totalBytes }, endsAt };
}

function readValueCount(bytes: GgufBytes, dimensions: number): number {
  let values = 1;
  for (let index = 0; index < dimensions; index++) {
    values *= bytes.u64();
    if (values > LARGEST_EXACT) throw tooBig();
  }
  return values;
}

function tooBig(): GgufFault {
  return new GgufFault('lies', 'The header has a tensor that no file can hold.');
}
