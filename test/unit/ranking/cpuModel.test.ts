import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemMemorySeconds } from '../../../src/ranking/cpuModel';

const bytesGB = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const systemGBps = fc.double({ min: 1, max: 2e3, noNaN: true });
const threads = fc.option(fc.integer({ min: 1, max: 256 }), { nil: undefined });
const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
const read = fc.record({ bytesGB, systemGBps, threads, share });
const more = fc.double({ min: 1, max: 100, noNaN: true });

describe('systemMemorySeconds', () => {
  it('takes a finite, positive time for any reading', () => {
    fc.assert(
      fc.property(read, (input) => {
        const seconds = systemMemorySeconds(input);
        expect(seconds).toBeGreaterThan(0);
        expect(seconds).toBeLessThan(Infinity);
      }),
    );
  });

  it('is never faster with more bytes, a slower memory, fewer threads or more layers', () => {
    fc.assert(
      fc.property(read, more, (input, factor) => {
        const seconds = systemMemorySeconds(input);
        const { bytesGB: bytes, systemGBps: memory, threads: count, share: part } = input;
        expect(systemMemorySeconds({ ...input, bytesGB: bytes * factor })).toBeGreaterThanOrEqual(seconds);
        expect(systemMemorySeconds({ ...input, systemGBps: memory / factor })).toBeGreaterThanOrEqual(
          seconds,
        );
        if (count !== undefined)
          expect(systemMemorySeconds({ ...input, threads: count / factor })).toBeGreaterThanOrEqual(seconds);
        if (part !== undefined)
          expect(systemMemorySeconds({ ...input, share: part / factor })).toBeLessThanOrEqual(seconds);
      }),
    );
  });

  it('never reads faster than the memory delivers', () => {
    fc.assert(
      fc.property(read, (input) => {
        expect(input.bytesGB / systemMemorySeconds(input)).toBeLessThan(input.systemGBps);
      }),
    );
  });

  it('takes no time for no bytes, and for ever without bandwidth', () => {
    for (const none of [0, -1, Number.NaN])
      expect(systemMemorySeconds({ bytesGB: none, systemGBps: 50 })).toBe(0);
    for (const none of [0, -1, Number.NaN])
      expect(systemMemorySeconds({ bytesGB: 1, systemGBps: none })).toBe(Infinity);
  });

  /** Jeff Geerling's ai-benchmarks (README of 2025-12-18, MIT): Ollama, Q4_K_M; the bandwidths are the boards'. */
  it.each([
    { machine: 'Raspberry Pi 5, 14B', bytes: 8.99, memory: 17, tokPerSec: 1.2 },
    { machine: 'Raspberry Pi 500+, 3B', bytes: 2.01, memory: 17, tokPerSec: 5.55 },
    { machine: 'Intel N150, 3B', bytes: 2.01, memory: 25.6, tokPerSec: 9.06 },
    { machine: 'Intel N150, 14B', bytes: 8.99, memory: 25.6, tokPerSec: 2.13 },
    { machine: 'Ryzen AI 5 340, 14B', bytes: 8.99, memory: 89.6, tokPerSec: 5.83 },
    { machine: 'Ryzen AI 5 340, 3B', bytes: 2.01, memory: 89.6, tokPerSec: 23.81 },
    { machine: 'Ryzen AI Max+ 395, 14B', bytes: 8.99, memory: 256, tokPerSec: 11.37 },
  ])('is within a quarter of a measured rate: $machine', ({ bytes, memory, tokPerSec }) => {
    const estimate = 1 / systemMemorySeconds({ bytesGB: bytes, systemGBps: memory });
    expect(estimate / tokPerSec).toBeGreaterThan(0.75);
    expect(estimate / tokPerSec).toBeLessThan(1.25);
  });
});
