/**
 * PCI devices of AMD's processors with graphics, and the name under which the device table may know them. The numbers
 * are those of the Linux kernel's amdgpu driver and of libdrm's list.
 */
const AMD_PROCESSOR_GRAPHICS: Readonly<Record<string, string | null>> = {
  '13c0': null,
  '13fe': null,
  '1435': null,
  '1506': null,
  '15d8': null,
  '15dd': null,
  '15e7': null,
  '1636': null,
  '1638': null,
  '163f': null,
  '164c': null,
  '164d': 'AMD Radeon 680M',
  '164e': null,
  '1681': 'AMD Radeon 680M',
  '1114': null,
  '150e': 'AMD Radeon 890M',
  '15bf': 'AMD Radeon 780M',
  '15c8': null,
  '1586': 'AMD Radeon 8060S',
  '1900': 'AMD Radeon 780M',
  '1901': null,
};

/** Whether a PCI device of AMD (four hexadecimal digits) is the graphics of a processor. */
export function isAmdProcessorGraphics(pciDevice: string | undefined): boolean {
  return pciDevice !== undefined && Object.hasOwn(AMD_PROCESSOR_GRAPHICS, pciDevice);
}

/** The best model of a processor's graphics, for tools that say no more than "AMD Radeon Graphics". */
export function amdProcessorGraphicsName(pciDevice: string | undefined): string | undefined {
  return pciDevice !== undefined && isAmdProcessorGraphics(pciDevice)
    ? (AMD_PROCESSOR_GRAPHICS[pciDevice] ?? undefined)
    : undefined;
}

/**
 * Whether a name is that of graphics within a processor, where the tool does not say so. Models of cards begin with a
 * letter and a number ("RX 7600", "Arc A770", "PRO W7900"); those of processors end with a letter ("780M", "140V") or
 * have no number at all.
 */
export function isIntegratedName(vendor: 'amd' | 'intel', name: string): boolean {
  const text = name.replace(/\((?:r|tm|c)\)|[®™]/gi, ' ');
  return vendor === 'intel'
    ? !/\barc\s+(?:pro\s+)?[ab]\d{2,3}|\bdata center\b|\b(?:flex|max)\s+\d|\bdg[12]\b|\bbattlemage\b/i.test(
        text,
      )
    : /\b(?:[67]\d0m|8[4-9]0m|80\d\ds|vega\s+(?:3|6|7|8|9|10|11)|r[2-7]\s+graphics)\b/i.test(text) ||
        /^\s*(?:amd\s+)?radeon\s+graphics\s*$/i.test(text);
}

/** Mesa gives Intel's graphics half of up to this much memory, three quarters of more. */
const SMALL_INTEL_RAM_GIB = 4;

/**
 * GiB of the system's memory that integrated graphics may use when the driver does not say: on Windows half of it, on
 * Linux half by amdgpu's default and three quarters by that of Intel's Vulkan driver in Mesa.
 */
export function defaultSharedGib(
  vendor: 'amd' | 'intel' | 'nvidia',
  platform: NodeJS.Platform,
  ramGib: number,
): number {
  const large = platform !== 'win32' && vendor === 'intel' && ramGib > SMALL_INTEL_RAM_GIB;
  return large ? (ramGib * 3) / 4 : ramGib / 2;
}
