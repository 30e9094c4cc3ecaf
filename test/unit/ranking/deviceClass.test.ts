import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { classifyDevice, deviceClassOf } from '../../../src/ranking/deviceClass';
import type { DeviceClass, DeviceVendor } from '../../../src/ranking/deviceClass';
import { CPU_24, LAPTOP_8, M3_MAX_36, TWO_CARDS } from '../../fixtures/ranking/machines';
import { repositoryRoot } from '../../support/repository';

const NAMES: readonly (readonly [DeviceVendor, string, DeviceClass | undefined])[] = [
  ['nvidia', 'NVIDIA GeForce GTX 1050 Ti', 'pascal'],
  ['nvidia', 'Tesla P40', 'pascal'],
  ['nvidia', 'NVIDIA TITAN Xp', 'pascal'],
  ['nvidia', 'Quadro P4000', 'pascal'],
  ['nvidia', 'Tesla P100-PCIE-16GB', 'hbm'],
  ['nvidia', 'Tesla V100-SXM2-32GB', 'hbm'],
  ['nvidia', 'NVIDIA A100-SXM4-80GB', 'hbm'],
  ['nvidia', 'NVIDIA H100 80GB HBM3', 'hbm'],
  ['nvidia', 'NVIDIA H200', 'hbm'],
  ['nvidia', 'NVIDIA GH200 480GB', 'hbm'],
  ['nvidia', 'NVIDIA A10G', 'ampere'],
  ['nvidia', 'NVIDIA RTX A1000', 'ampere'],
  ['nvidia', 'NVIDIA RTX A6000', 'ampere'],
  ['nvidia', 'NVIDIA GeForce RTX 3060 Laptop GPU', 'ampere'],
  ['nvidia', 'Tesla T4', 'turing'],
  ['nvidia', 'NVIDIA GeForce GTX 1660 SUPER', 'turing'],
  ['nvidia', 'Quadro RTX 5000', 'turing'],
  ['nvidia', 'Quadro RTX 6000', 'turing'],
  ['nvidia', 'NVIDIA RTX 6000 Ada Generation', 'ada'],
  ['nvidia', 'NVIDIA RTX 5000 Ada Generation', 'ada'],
  ['nvidia', 'NVIDIA GeForce RTX 4090', 'ada'],
  ['nvidia', 'NVIDIA L4', 'ada'],
  ['nvidia', 'NVIDIA L40S', 'ada'],
  ['nvidia', 'NVIDIA GeForce RTX 5090', 'blackwell'],
  ['nvidia', 'NVIDIA RTX PRO 6000 Blackwell Workstation Edition', 'blackwell'],
  ['nvidia', 'NVIDIA GB10', 'spark'],
  ['nvidia', 'Some new card', undefined],
  ['apple', 'Apple M1 Ultra', 'm1'],
  ['apple', 'Apple M2', 'm2-m3'],
  ['apple', 'Apple M3 Max', 'm2-m3'],
  ['apple', 'Apple M4 Pro', 'm4'],
  ['apple', 'Apple M7 Max', 'm4'],
  ['apple', 'Apple A18 Pro', undefined],
  ['amd', 'AMD Radeon RX 6700 XT', 'rdna2'],
  ['amd', 'AMD Radeon RX 7900 XTX', 'rdna3'],
  ['amd', 'AMD Radeon PRO W7900', 'rdna3'],
  ['amd', 'AMD Radeon RX 9070 XT', 'rdna4'],
  ['amd', 'AMD Radeon AI PRO R9700', 'rdna4'],
  ['amd', 'AMD Instinct MI300X', 'hbm'],
  ['amd', 'AMD Radeon 8060S Graphics', 'radeon-apu'],
  ['amd', 'AMD Radeon 780M Graphics', 'radeon-apu'],
  ['amd', 'AMD Ryzen AI Max+ 395 w/ Radeon 8060S', 'radeon-apu'],
  ['amd', 'AMD Radeon RX 580', undefined],
  ['intel', 'Intel(R) Arc(TM) A770 Graphics', 'alchemist'],
  ['intel', 'Intel(R) Arc(TM) B580 Graphics', 'battlemage'],
  ['intel', 'Intel Arc Pro B50', 'battlemage'],
  ['intel', 'Intel(R) Arc(TM) 140V GPU (16GB)', 'battlemage'],
  ['intel', 'Intel(R) Iris(R) Xe Graphics', 'alchemist'],
];

describe('deviceClassOf', () => {
  it.each(NAMES)('puts the %s device "%s" into class %s', (vendor, name, expected) => {
    expect(deviceClassOf(vendor, name)).toBe(expected);
  });

  it('knows the class of nearly every device of the table', () => {
    const { devices } = z
      .object({ devices: z.array(z.object({ names: z.array(z.string()), kind: z.string() })) })
      .parse(JSON.parse(readFileSync(path.join(repositoryRoot, 'data', 'devices.json'), 'utf8')));
    const names = devices.flatMap(({ names: own, kind }) =>
      kind === 'nvidia' || kind === 'amd' || kind === 'apple' || kind === 'intel'
        ? own.map((name) => ({ name, kind }) as const)
        : [],
    );
    const unknown = names.filter(({ kind, name }) => deviceClassOf(kind, name) === undefined);
    expect(names.length).toBeGreaterThan(400);
    // Polaris and older, which nobody measured.
    expect(unknown.map(({ name }) => name).filter((name) => !/RX [45][78]0|RX Vega M/.test(name))).toEqual(
      [],
    );
  });
});

describe('classifyDevice', () => {
  it('takes the vendor of the platform where no name helps', () => {
    expect(classifyDevice(LAPTOP_8)).toEqual({ vendor: 'nvidia', deviceClass: undefined });
    expect(classifyDevice({ ...LAPTOP_8, platform: 'intel' })?.vendor).toBe('intel');
  });

  it('reads the name of the graphics, of the first accelerator, and on a Mac of the chip', () => {
    expect(classifyDevice({ ...LAPTOP_8, gpuName: 'NVIDIA GeForce RTX 4060 Laptop GPU' })).toEqual({
      vendor: 'nvidia',
      deviceClass: 'ada',
    });
    expect(classifyDevice(TWO_CARDS)?.deviceClass).toBe('ampere');
    const chipOnly = {
      platform: 'macos',
      vramGb: 24,
      ramGb: 36,
      bandwidthGbps: 400,
      cpuName: 'Apple M3 Max',
    } as const;
    expect(classifyDevice(chipOnly)).toEqual(classifyDevice(M3_MAX_36));
  });

  it('knows no device on a machine without accelerators', () => {
    expect(classifyDevice(CPU_24)).toBeUndefined();
  });
});
