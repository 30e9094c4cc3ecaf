/**
 * GB/s of an NVIDIA GPU that no table row names. 300 is the figure that comparable tools assume; cards below 6 GiB
 * have narrow buses, and 112 is the figure of the usual one of 128 bits with GDDR5.
 */
export function assumedNvidiaGBps(memoryGib: number): number {
  return memoryGib < 6 ? 112 : 300;
}

/** GB/s of an AMD card that no table row names: the least that a card of its size in the table has. */
export function assumedAmdGBps(memoryGib: number): number {
  if (memoryGib < 6) return 112;
  if (memoryGib < 15) return 224;
  return memoryGib < 23 ? 288 : 512;
}

/** GB/s of an Intel card that no table row names: the least that a card of its size in the table has. */
export function assumedIntelGBps(memoryGib: number): number {
  return memoryGib < 6 ? 112 : 186;
}

/** GB/s of an Apple chip of which nothing is known: the slowest of the recent base chips, rounded down. */
export const UNKNOWN_APPLE_GBPS = 100;

/** GB/s by chip where the GPU's core count, which decides between variants, is not known. Apple's figures. */
const APPLE_CHIP_GBPS: Readonly<Record<string, number>> = {
  M1: 68,
  'M1 Pro': 200,
  'M1 Max': 400,
  'M1 Ultra': 800,
  M2: 100,
  'M2 Pro': 200,
  'M2 Max': 400,
  'M2 Ultra': 800,
  M3: 100,
  'M3 Pro': 150,
  'M3 Max': 400,
  'M3 Ultra': 819,
  M4: 120,
  'M4 Pro': 273,
  'M4 Max': 546,
};

/** The usual GB/s of an Apple chip by its name ("Apple M3 Max"), or null for a chip that is not in the list. */
export function assumedAppleGBps(chip: string): number | null {
  return APPLE_CHIP_GBPS[chip.replace(/^Apple\s+/i, '').trim()] ?? null;
}
