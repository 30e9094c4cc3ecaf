import { KNOWN_SIZES } from './knownSizes';

/** Parameter counts in billions, as a name tells them. */
export interface NominalSize {
  readonly sizeB?: number;
  readonly activeB?: number;
}

/** Share of a Mistral-shaped layer stack that every expert shares: from 46.7 = a + 8e and 7.24 = a + e. */
const SHARED_SHARE = 0.2215;
const EXPERTS_PER_TOKEN = 2;
/** What `7B` means in merges of Mistral 7B. */
const MISTRAL_7B = 7.24;

/** `8x7B`, and `7Bx2` as some merges write it. */
const EXPERT_MERGE = /(?<![\d.])(?:(\d{1,2})x(\d+(?:\.\d+)?)b|(\d+(?:\.\d+)?)bx(\d{1,2}))(?![a-z\d])/;
const ACTIVE = /(?<![a-z\d.])a(\d+(?:\.\d+)?)([bm])(?![a-z])/;
const TOTAL = /(?<![a-z\d.])(\d+(?:[._]\d+)?)(b|t)(\d?)(?![a-z\d])/g;
const MILLIONS = /(?<![a-z\d.])(\d{2,4})m(?![a-z\d])/;

/**
 * Parameter counts from a name without namespace, for example `Qwen3-30B-A3B` or `qwen3:30b-a3b`. Billions; an
 * empty object where the name holds no size. Context lengths (`1M`, `128k`) and token counts are not sizes.
 */
export function nominalSize(name: string): NominalSize {
  const text = name.toLowerCase();
  const known = KNOWN_SIZES.find(([pattern]) => pattern.test(text));
  if (known) return { sizeB: known[1], ...(known[2] !== null && { activeB: known[2] }) };
  const merge = EXPERT_MERGE.exec(text);
  if (merge) {
    const experts = Number(merge[1] ?? merge[4]);
    const nominal = merge[2] ?? merge[3];
    const each = nominal === '7' ? MISTRAL_7B : Number(nominal);
    const parameters = (used: number): number => round(each * (SHARED_SHARE + (1 - SHARED_SHARE) * used));
    return { sizeB: parameters(experts), activeB: parameters(Math.min(experts, EXPERTS_PER_TOKEN)) };
  }
  const sizeB = totalOf(text);
  const active = ACTIVE.exec(text);
  const activeB = active ? Number(active[1]) / (active[2] === 'm' ? 1_000 : 1) : undefined;
  return {
    ...(sizeB !== undefined && { sizeB }),
    ...(activeB !== undefined && (sizeB === undefined || activeB < sizeB) && { activeB }),
  };
}

function totalOf(text: string): number | undefined {
  const found = [...text.matchAll(TOTAL)].map(([, digits = '', unit, tenth]) => ({
    // `1_8b` is 1.8, and BLOOM's `7b1` is 7.1.
    value: Number(digits.replace('_', '.')) + (tenth ? Number(tenth) / 10 : 0),
    unit,
  }));
  // `2B-4T` is a 2B model trained on four trillion tokens: trillions count only where nothing else does.
  const billions = found.find(({ unit, value }) => unit === 'b' && value > 0);
  if (billions) return billions.value;
  const millions = MILLIONS.exec(text);
  if (millions) return Number(millions[1]) / 1_000;
  const trillions = found.find(({ unit, value }) => unit === 't' && value > 0);
  return trillions && trillions.value * 1_000;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
