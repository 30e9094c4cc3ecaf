import { parseJson } from '../shared/json';

/** Lines that may begin the value; a warning may begin with a bracket too. */
const MAX_TRIES = 64;

/**
 * The JSON value in what a tool printed, also where warnings stand before or after it; undefined where there is none or
 * it was cut.
 */
export function jsonAmongText(stdout: string): unknown {
  const whole = parseJson(stdout);
  if (whole !== undefined) return whole;
  const end = Math.max(stdout.lastIndexOf('}'), stdout.lastIndexOf(']'));
  for (const { index } of [...stdout.matchAll(/^[ \t]*[[{](?=\s*(?:["{}[\]\d]|$))/gm)].slice(0, MAX_TRIES)) {
    const value = end < index ? undefined : parseJson(stdout.slice(index, end + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

/**
 * A whole number from 0 that a tool gave as number or text; separators of thousands are skipped. Undefined for anything
 * else, "N/A" among it.
 */
export function wholeNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const compact = value.trim().replace(/(?<=\d)[\s.,'’](?=\d{3}(?:\D|$))/g, '');
  return /^\d{1,16}$/.test(compact) ? wholeNumber(Number(compact)) : undefined;
}

/** Four hexadecimal digits of a PCI device in lower case, from "0x744C" or "744c"; undefined for anything else. */
export function pciDeviceId(value: unknown): string | undefined {
  const digits = typeof value === 'string' ? /^\s*(?:0x)?([0-9a-f]{4})\s*$/i.exec(value)?.[1] : undefined;
  return digits?.toLowerCase();
}
