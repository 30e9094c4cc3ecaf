import { describe, expect, it } from 'vitest';
import { FILL_BYTE, KERNEL, sumOfFilled } from '../../../src/hardware/measureBandwidthKernel';

interface Memory {
  readonly buffer: ArrayBuffer;
}

declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly sum: (begin: number, end: number) => bigint } };
};

function kernelOver(pages: number) {
  const memory = new WebAssembly.Memory({ initial: pages });
  const { sum } = new WebAssembly.Instance(new WebAssembly.Module(KERNEL), { m: { memory } }).exports;
  return { bytes: new Uint8Array(memory.buffer), sum };
}

/** What the kernel should find, by plain JavaScript. */
function slowSum(bytes: Uint8Array, begin: number, end: number): bigint {
  const words = new BigInt64Array(bytes.buffer);
  let total = 0n;
  for (let word = begin / 8; word < end / 8; word += 2) total += words[word] ?? 0n;
  return BigInt.asIntN(64, total);
}

describe('the kernel', () => {
  it('reads every cache line from the first address up to the last', () => {
    const { bytes, sum } = kernelOver(2);
    // Any bytes do, as long as no two lines are the same.
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 31 + (at >> 8) * 7) & 0xff;
    for (const [begin, end] of [
      [0, 64],
      [0, bytes.length],
      [64, 4_096],
      [65_536, 131_072],
      [131_008, 131_072],
    ] as const) {
      expect(sum(begin, end)).toBe(slowSum(bytes, begin, end));
    }
  });

  it('finds the sum that its caller expects of a filled buffer', () => {
    const { bytes, sum } = kernelOver(16);
    bytes.fill(FILL_BYTE);
    expect(sum(0, bytes.length)).toBe(sumOfFilled(bytes.length));
    bytes[bytes.length - 16] = 0;
    expect(sum(0, bytes.length)).not.toBe(sumOfFilled(bytes.length));
  });

  it('expects a sum within 64 bits of the largest buffer', () => {
    const bytes = 256 * 2 ** 20;
    expect(sumOfFilled(bytes)).toBe(BigInt.asIntN(64, (0x0101010101010101n * BigInt(bytes)) / 16n));
  });
});
