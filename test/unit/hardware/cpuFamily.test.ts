import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyBandwidth } from '../../../src/hardware/cpuFamily';

const NAMES: readonly (readonly [string, number])[] = [
  ['AMD EPYC 9654 96-Core Processor', 460],
  ['AMD EPYC 9R14', 460],
  ['AMD EPYC 7763 64-Core Processor', 200],
  ['AMD EPYC 7B13', 200],
  ['Intel(R) Xeon(R) Platinum 8488C', 307],
  ['INTEL(R) XEON(R) PLATINUM 8581C CPU @ 2.10GHz', 307],
  ['Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz', 120],
  ['Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz', 200],
  ['Intel(R) Xeon(R) CPU E5-2686 v4 @ 2.30GHz', 120],
  ['Intel(R) Core(TM) i9-14900K', 90],
  ['Intel(R) Core(TM) Ultra 7 155H', 90],
  ['Intel(R) Core(TM) Ultra 9 285K', 90],
  ['13th Gen Intel(R) Core(TM) i7-13700K', 76],
  ['12th Gen Intel(R) Core(TM) i5-1240P', 76],
  ['AMD Ryzen 9 9950X 16-Core Processor', 90],
  ['AMD Ryzen 7 7800X3D 8-Core Processor', 83],
  ['AMD Ryzen 7 PRO 7840U w/ Radeon 780M Graphics', 83],
  ['AMD Ryzen 7 8700G w/ Radeon 780M Graphics', 83],
  ['AMD RYZEN AI MAX+ 395 w/ Radeon 8060S', 256],
  ['AMD Ryzen AI 9 HX 370 w/ Radeon 890M', 90],
  ['Intel(R) Core(TM) Ultra 7 258V', 136.5],
  ['AMD Ryzen 5 5600X 6-Core Processor', 51],
  ['11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz', 51],
  ['Intel(R) Core(TM) i7-10700K CPU @ 3.80GHz', 45],
  ['Intel(R) Core(TM) i5-1035G1 CPU @ 1.00GHz', 45],
];
const UNKNOWN = [
  'Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz',
  'Neoverse-N1',
  'AMD EPYC',
  'AMD Ryzen 7 3700X',
  '',
];

describe('memory bandwidth by processor family', () => {
  it.each(NAMES)('%s has %s GB/s', (name, bandwidthGBps) => {
    expect(familyBandwidth(name, null)).toEqual({ bandwidthGBps, mapped: true });
  });

  it.each(UNKNOWN)('"%s" is in no family and gets 40 GB/s', (name) => {
    expect(familyBandwidth(name, null)).toEqual({ bandwidthGBps: 40, mapped: false });
  });

  it('a virtual machine never gets more than 12 GB/s for each core', () => {
    expect(familyBandwidth('AMD EPYC 9654 96-Core Processor', 2).bandwidthGBps).toBe(24);
    expect(familyBandwidth('AMD EPYC', 2).bandwidthGBps).toBe(24);
    expect(familyBandwidth('AMD EPYC', 64).bandwidthGBps).toBe(40);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 512 }), (name, cores) => {
        expect(familyBandwidth(name, cores).bandwidthGBps).toBeLessThanOrEqual(12 * cores);
      }),
    );
  });
});
