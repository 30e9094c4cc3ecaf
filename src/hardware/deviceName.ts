/** What a device name says besides the model: told apart only where both sides of a comparison say it. */
export interface DeviceTraits {
  /** As printed in the name, in the vendor's GB. */
  readonly memoryGb?: number;
  /** `pcie`, `sxm`, `sxm4`, ... */
  readonly bus?: string;
  /** `gddr6x`, `hbm3`, ... */
  readonly memoryType?: string;
  readonly gpuCores?: number;
}

/** A device name taken apart: what must be equal, and what may be left out. */
export interface DeviceName {
  /** The model's words, sorted: equal keys are the same model. Empty when the name says nothing. */
  readonly key: string;
  readonly traits: DeviceTraits;
}

/** Words that name the maker, the brand or the thing itself, and never tell two devices apart. */
const NOISE = new Set([
  ...[
    'nvidia',
    'corporation',
    'geforce',
    'tesla',
    'amd',
    'ati',
    'advanced',
    'micro',
    'devices',
    'inc',
    'radeon',
  ],
  ...[
    'instinct',
    'intel',
    'apple',
    'graphics',
    'gpu',
    'vga',
    'card',
    'adapter',
    'device',
    'controller',
    'series',
  ],
  ...[
    'generation',
    'edition',
    'collectors',
    'workstation',
    'with',
    'w',
    'design',
    'lite',
    'hash',
    'rate',
    'lhr',
  ],
]);

/** Different words for the same thing. */
const SYNONYMS: Readonly<Record<string, string>> = { mobile: 'laptop', notebook: 'laptop' };

const MAX_NAME_CHARACTERS = 200;

/**
 * Takes a driver's or a table's name apart: trademark signs, maker and brand fall away; "Laptop GPU" and "Mobile" are
 * the same word, as are "Max-Q" and "Max Q"; memory, bus, memory type and GPU cores become traits. Any text is
 * accepted; one without a model gives an empty key.
 */
export function parseDeviceName(name: string): DeviceName {
  const tokens = name
    .slice(0, MAX_NAME_CHARACTERS)
    .toLowerCase()
    .replace(/[®™©]|\((?:r|tm|c)\)/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/\bmax[- ]?q\b/g, ' maxq ')
    .replace(/\b(\d+)[- ]cores?\b/g, ' $1core ')
    .replace(/\b(\d+) ?g(?:i?b)?\b/g, ' $1gb ')
    .split(/[^a-z0-9]+/);
  const words = new Set<string>();
  const traits: { memoryGb?: number; bus?: string; memoryType?: string; gpuCores?: number } = {};
  for (const raw of tokens) {
    const token = SYNONYMS[raw] ?? raw;
    if (token === '' || NOISE.has(token)) continue;
    if (/^\d+gb$/.test(token)) traits.memoryGb ??= Number.parseInt(token, 10);
    else if (/^\d+core$/.test(token)) traits.gpuCores ??= Number.parseInt(token, 10);
    else if (/^(?:pcie|sxm\d?)$/.test(token)) traits.bus ??= token;
    else if (/^(?:(?:lp|g)?ddr\d[a-z]?|hbm\d?e?)$/.test(token)) traits.memoryType ??= token;
    else words.add(token);
  }
  return { key: [...words].sort().join(' '), traits };
}

/** The name without what stands in brackets, where drivers add the chip's or the kernel driver's name. */
export function withoutBrackets(name: string): string {
  return name
    .slice(0, MAX_NAME_CHARACTERS)
    .replace(/\((?:r|tm|c)\)/gi, ' ')
    .replace(/\([^)]*\)|\[[^\]]*\]/g, ' ');
}

/** How many traits two names share, or null when they contradict each other. */
export function sharedTraits(a: DeviceTraits, b: DeviceTraits): number | null {
  let shared = 0;
  for (const trait of ['memoryGb', 'memoryType', 'gpuCores'] as const) {
    if (a[trait] === undefined || b[trait] === undefined) continue;
    if (a[trait] !== b[trait]) return null;
    shared++;
  }
  if (a.bus !== undefined && b.bus !== undefined) {
    // Older drivers print "SXM" without its generation.
    if (!a.bus.startsWith(b.bus) && !b.bus.startsWith(a.bus)) return null;
    shared++;
  }
  return shared;
}

/** How many traits a name has. */
export function traitCount(traits: DeviceTraits): number {
  return Object.keys(traits).length;
}
