const LARGEST_INT64 = 2n ** 63n;
/** Digits of a number in int64, leading zeros aside. */
const INT64_DIGITS = 19;

/**
 * An integer as Go's `strconv.ParseInt(text, 10, 64)` reads it, or null: a sign and decimal digits, in 64 bits. Above
 * 2^53 the value is the nearest double, which is what Ollama's JSON makes of it as well.
 */
export function parseGoInteger(text: string): number | null {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const digits = text.slice(sign.length);
  if (!/^[0-9]+$/.test(digits)) return null;
  const significant = digits.replace(/^0+/, '');
  if (significant.length > INT64_DIGITS) return null;
  const magnitude = BigInt(significant === '' ? '0' : significant);
  if (sign === '-') return magnitude <= LARGEST_INT64 ? 0 - Number(magnitude) : null;
  return magnitude < LARGEST_INT64 ? Number(magnitude) : null;
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** A boolean as Go's `strconv.ParseBool` reads it, or null. */
export function parseGoBoolean(text: string): boolean | null {
  if (TRUE_WORDS.has(text)) return true;
  return FALSE_WORDS.has(text) ? false : null;
}
