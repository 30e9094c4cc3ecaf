import { describe, expect, it } from 'vitest';
import {
  amdProcessorGraphicsName,
  defaultSharedGib,
  isAmdProcessorGraphics,
  isIntegratedName,
} from '../../../src/hardware/integratedGraphics';

const WITHIN_PROCESSORS = {
  intel: [
    'Intel(R) Arc(TM) 140V GPU (16GB)',
    'Intel(R) Arc(TM) Pro 140T GPU',
    'Intel(R) Arc(TM) Graphics',
    'Intel(R) Iris(R) Xe Graphics',
    'Intel(R) UHD Graphics 770',
    'Intel(R) Graphics',
  ],
  amd: [
    'AMD Radeon(TM) Graphics',
    'Radeon Graphics',
    'AMD Radeon 780M Graphics',
    'AMD Radeon(TM) 610M',
    'AMD Radeon 860M Graphics',
    'AMD Radeon(TM) 8060S Graphics',
    'AMD Radeon(TM) Vega 8 Graphics',
    'AMD Radeon(TM) R7 Graphics',
  ],
} as const;
const CARDS = {
  intel: [
    'Intel(R) Arc(TM) A770 Graphics',
    'Intel(R) Arc(TM) A370M Graphics',
    'Intel® Arc™ Pro B50 Graphics',
    'Intel(R) Data Center GPU Flex 170',
    'Intel(R) Data Center GPU Max 1550',
  ],
  amd: [
    'AMD Radeon RX 7600M XT',
    'AMD Radeon RX 6800M',
    'AMD Radeon RX Vega 64',
    'AMD Radeon PRO W7900',
    'AMD Radeon VII',
    'AMD Radeon R9 380 Series',
    'AMD Instinct MI210',
  ],
} as const;

describe.each(['intel', 'amd'] as const)('names of %s', (vendor) => {
  it.each(WITHIN_PROCESSORS[vendor])('%s is part of a processor', (name) => {
    expect(isIntegratedName(vendor, name)).toBe(true);
  });

  it.each(CARDS[vendor])('%s is a card', (name) => {
    expect(isIntegratedName(vendor, name)).toBe(false);
  });
});

describe("processors' graphics", () => {
  it('are known by their PCI devices, some with a model', () => {
    expect(isAmdProcessorGraphics('1586')).toBe(true);
    expect(amdProcessorGraphicsName('1586')).toBe('AMD Radeon 8060S');
    expect(isAmdProcessorGraphics('164e')).toBe(true);
    expect(amdProcessorGraphicsName('164e')).toBeUndefined();
    for (const id of ['744c', 'toString', undefined]) {
      expect(isAmdProcessorGraphics(id)).toBe(false);
      expect(amdProcessorGraphicsName(id)).toBeUndefined();
    }
  });

  it('may use as much of the memory as the system lets them', () => {
    expect(defaultSharedGib('intel', 'linux', 16)).toBe(12);
    expect(defaultSharedGib('intel', 'linux', 4)).toBe(2);
    expect(defaultSharedGib('intel', 'win32', 16)).toBe(8);
    expect(defaultSharedGib('amd', 'linux', 32)).toBe(16);
  });
});
