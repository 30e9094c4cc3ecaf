import type { RankHardware } from './rankTypes';

/** Who makes the device: what is shared by all of its drivers and kernels. */
export type DeviceVendor = 'nvidia' | 'apple' | 'amd' | 'intel';

/** Devices that decode alike for their bandwidth: a generation, or a kind of memory. */
export type DeviceClass =
  | 'pascal'
  | 'turing'
  | 'ampere'
  | 'ada'
  | 'blackwell'
  | 'spark'
  | 'hbm'
  | 'm1'
  | 'm2-m3'
  | 'm4'
  | 'rdna2'
  | 'rdna3'
  | 'rdna4'
  | 'radeon-apu'
  | 'alchemist'
  | 'battlemage';

/**
 * Names to classes, first match wins; the newest generation also takes later ones that are
 * named alike. `hbm` are
 * the compute cards of either vendor: their memory outruns what the kernels take in. Laptop cards count with their
 * generation: they differ in clock and bandwidth alike.
 */
const NAMES: Readonly<Record<DeviceVendor, readonly (readonly [RegExp, DeviceClass])[]>> = {
  nvidia: [
    [/\bGB10\b|DGX Spark|\bThor\b/i, 'spark'],
    [/\b(?:[AHB][123]00|[VP]100|GH200|GB[23]00|A30|H20|[AH]800|GV100|TITAN V)(?!\d)/i, 'hbm'],
    [/\bAda\b|RTX 40\d\d|\bL(?:2|4|20|40S?)\b|RTX 5880/i, 'ada'],
    [
      /GTX 16\d\d|RTX 20[678]\d|Quadro RTX \d|TITAN RTX|\bT(?:4|4G|400|500|600|1000|1200|2000)\b|MX450/i,
      'turing',
    ],
    [/Blackwell|RTX [5-9]0\d\d|RTX PRO \d|RTX 6000D/i, 'blackwell'],
    [/RTX 30\d\d|RTX 2050|RTX A\d|\bA(?:2|10|10G|10M|16|40)\b|Orin|MX570/i, 'ampere'],
    [
      /GTX (?:[79]|10)\d\d|TITAN X|\b[MP](?:4|6|10|40|60)\b|Quadro [KMP]\d|\bGT ?1030|MX[123][1-5]0/i,
      'pascal',
    ],
  ],
  apple: [
    [/\bM1\b/i, 'm1'],
    [/\bM[23]\b/i, 'm2-m3'],
    [/\bM\d+\b/i, 'm4'],
  ],
  amd: [
    [/\bMI\d+|Instinct|Radeon VII|Vega (?:56|64|Frontier)/i, 'hbm'],
    [/\b80[456]0S\b|\b[678][4689]0M\b|Ryzen|Radeon(?:\(TM\))?(?: Vega \d{1,2})? Graphics/i, 'radeon-apu'],
    [/RX 9\d{3}|AI PRO/i, 'rdna4'],
    [/RX 7\d{3}|W7\d00/i, 'rdna3'],
    [/RX [56][3-9]\d{2}|W[56][3-9]00|V620/i, 'rdna2'],
  ],
  intel: [
    [/\bB\d{2,3}\b|\b1[34]0[VT]\b|Battlemage|Xe2/i, 'battlemage'],
    [/\bA\d{2,3}M?\b|Arc|Alchemist|Iris|UHD|Xe/i, 'alchemist'],
  ],
};

const VENDORS: Readonly<Record<RankHardware['platform'], DeviceVendor | undefined>> = {
  nvidia: 'nvidia',
  macos: 'apple',
  amd: 'amd',
  intel: 'intel',
  cpu: undefined,
};

export interface ClassifiedDevice {
  readonly vendor: DeviceVendor;
  /** Undefined where the name says nothing: the vendor's middle counts then. */
  readonly deviceClass: DeviceClass | undefined;
}

/** By machine: a ranking asks for thousands of models, and the patterns take longer than the rest. */
const CLASSIFIED = new WeakMap<RankHardware, ClassifiedDevice>();

/**
 * The device that decodes, by the platform and, where there is one, its name (`gpuName`, else the first accelerator's,
 * else on a Mac the processor's). Undefined for machines without accelerators.
 */
export function classifyDevice(hardware: RankHardware): ClassifiedDevice | undefined {
  const vendor = VENDORS[hardware.platform];
  if (vendor === undefined) return undefined;
  const known = CLASSIFIED.get(hardware);
  if (known !== undefined) return known;
  const { gpuName, cpuName, accelerators = [] } = hardware;
  const own = accelerators.find((accelerator) => accelerator.vendor === vendor);
  const names = [gpuName, own?.name, vendor === 'apple' ? cpuName : undefined];
  const classes = names.map((name) => (name === undefined ? undefined : deviceClassOf(vendor, name)));
  const device = { vendor, deviceClass: classes.find((found) => found !== undefined) };
  CLASSIFIED.set(hardware, device);
  return device;
}

/** The class of a device of this vendor by its name; undefined for names that no pattern knows. */
export function deviceClassOf(vendor: DeviceVendor, name: string): DeviceClass | undefined {
  return NAMES[vendor].find(([pattern]) => pattern.test(name))?.[1];
}
