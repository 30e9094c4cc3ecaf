import { describe, expect, it } from 'vitest';
import {
  bytesToGib,
  formatBytes,
  formatContext,
  formatDuration,
  formatGib,
  formatTokensPerSecond,
} from '../../../src/shared/units';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

describe('sizes', () => {
  it('are binary: a GiB is 2^30 bytes', () => {
    expect(bytesToGib(2 ** 30)).toBe(1);
    expect(formatGib(4.7)).toBe('4.7 GiB');
  });

  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [KIB, '1.0 KiB'],
    [12 * KIB, '12.0 KiB'],
    [512 * MIB, '512 MiB'],
    [4.7 * GIB, '4.7 GiB'],
    [99.94 * GIB, '99.9 GiB'],
    [99.96 * GIB, '100 GiB'],
    [1023.4 * MIB, '1,023 MiB'],
    [1023.7 * MIB, '1.0 GiB'],
    [3 * 1024 * GIB, '3.0 TiB'],
    [5_000 * 1024 * GIB, '5,000 TiB'],
    [-2 * GIB, '-2.0 GiB'],
  ])('of %d bytes are written as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

it.each([
  [0, '0.0 tok/s'],
  [3.42, '3.4 tok/s'],
  [9.96, '10 tok/s'],
  [34.4, '34 tok/s'],
])('%d tokens a second are written as %s', (rate, text) => {
  expect(formatTokensPerSecond(rate)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [850.4, '850 ms'],
  [999.7, '1 s'],
  [12_300, '12 s'],
  [59_700, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%d milliseconds are written as %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

it.each([
  [1_000, '1000'],
  [4_096, '4k'],
  [40_960, '40k'],
  [131_072, '128k'],
  [1_048_576, '1M'],
  [10_485_760, '10M'],
  [1_310_720, '1280k'],
])('a context of %d tokens is written as %s', (tokens, text) => {
  expect(formatContext(tokens)).toBe(text);
});
