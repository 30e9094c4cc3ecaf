/** GB/s of the system memory where neither the modules nor the family are known: two channels of older DDR4. */
const UNMAPPED_GBPS = 40;

/** What one virtual core can usually read in a shared host, GB/s; bounds the family's figure in a virtual machine. */
const VIRTUAL_CORE_GBPS = 12;

interface Family {
  readonly matches: (name: string) => boolean;
  readonly bandwidthGBps: number;
}

/** Vendor figures for all channels at the family's usual memory speed; the first that matches holds. */
const FAMILIES: readonly Family[] = [
  // The second character is a letter in the parts made for one cloud (9R14, 7B13).
  { matches: (name) => /\bepyc\s+9[0-9a-z]{3}/i.test(name), bandwidthGBps: 460 },
  { matches: (name) => /\bepyc\s+7[0-9a-z]{3}/i.test(name), bandwidthGBps: 200 },
  { matches: (name) => /\bxeon\b.*\bplatinum\s+8[45]\d\d/i.test(name), bandwidthGBps: 307 },
  { matches: (name) => /\bxeon\b.*\bgold\b/i.test(name), bandwidthGBps: 200 },
  { matches: (name) => /\bxeon\b/i.test(name), bandwidthGBps: 120 },
  // Memory beside the chip, soldered in one width and speed: 128 bits at 8,533 MT/s, 256 bits at 8,000 MT/s.
  { matches: (name) => /\bcore\s+ultra\s+[579]\s+2\d\dv\b/i.test(name), bandwidthGBps: 136.5 },
  { matches: (name) => /\bryzen\s+ai\s+max\b/i.test(name), bandwidthGBps: 256 },
  { matches: (name) => isCore579(name) && (intelCoreGeneration(name) ?? 0) >= 14, bandwidthGBps: 90 },
  { matches: (name) => [12, 13].includes(intelCoreGeneration(name) ?? 0), bandwidthGBps: 76 },
  { matches: (name) => /\bryzen\s+9\s+(?:pro\s+)?9\d{3}/i.test(name), bandwidthGBps: 90 },
  {
    matches: (name) => /\bryzen\s+ai\s+(?:[579]\s+)?(?:hx\s+)?(?:pro\s+)?\d{3}/i.test(name),
    bandwidthGBps: 90,
  },
  { matches: (name) => /\bryzen\s+[579]\s+(?:pro\s+)?[78]\d{3}/i.test(name), bandwidthGBps: 83 },
  { matches: (name) => /\bryzen\s+[3579]\s+(?:pro\s+)?5\d{3}/i.test(name), bandwidthGBps: 51 },
  { matches: (name) => intelCoreGeneration(name) === 11, bandwidthGBps: 51 },
  { matches: (name) => intelCoreGeneration(name) === 10, bandwidthGBps: 45 },
];

export interface FamilyBandwidth {
  readonly bandwidthGBps: number;
  /** False when no family matched and the figure is the general default. */
  readonly mapped: boolean;
}

/**
 * The usual memory bandwidth of a processor by its name, GB/s. In a virtual machine it is at most 12 GB/s for each
 * core. Any text is accepted; an unknown processor gives 40.
 */
export function familyBandwidth(cpuName: string, virtualCores: number | null): FamilyBandwidth {
  const name = cpuName.replace(/\((?:r|tm|c)\)|[®™]/gi, ' ').replace(/\s+/g, ' ');
  const family = FAMILIES.find((candidate) => candidate.matches(name));
  const bandwidthGBps = family?.bandwidthGBps ?? UNMAPPED_GBPS;
  return {
    bandwidthGBps:
      virtualCores === null ? bandwidthGBps : Math.min(bandwidthGBps, VIRTUAL_CORE_GBPS * virtualCores),
    mapped: family !== undefined,
  };
}

function isCore579(name: string): boolean {
  return /\bi[579]-\d/i.test(name) || /\bcore\s+(?:ultra\s+)?[579]\s+\d/i.test(name);
}

/**
 * The generation of an Intel Core processor: 12 for "i7-12700K" and "i5-1240P", 8 for "i7-8700". The series that
 * followed ("Core Ultra 7 155H", "Core 7 150U") counts as 15. Null for anything else.
 */
function intelCoreGeneration(name: string): number | null {
  if (/\bcore\s+(?:ultra\s+)?[3579]\s+\d{3}/i.test(name)) return 15;
  const number = /\bi[3579]-(\d{4,5})/i.exec(name)?.[1];
  if (number === undefined) return null;
  // Mobile parts of the 10th generation and later have four digits and begin with "1".
  return Number.parseInt(
    number.length === 5 || number.startsWith('1') ? number.slice(0, 2) : number.slice(0, 1),
    10,
  );
}
