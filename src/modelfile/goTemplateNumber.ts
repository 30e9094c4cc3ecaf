import { characterConstantError, goQuote } from './goTemplateQuote';

const INTEGER =
  /^[+-]?(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/;
const DIGITS = String.raw`\d(?:_?\d)*`;
const DECIMAL = new RegExp(`^[+-]?(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`);
const HEXADECIMAL =
  /^[+-]?0[xX](?=_?[\da-fA-F]|\.[\da-fA-F])(?:_?[\da-fA-F])*(?:\.(?:[\da-fA-F](?:_?[\da-fA-F])*)?)?[pP][+-]?\d(?:_?\d)*$/;

const LARGEST_UNSIGNED = 2n ** 64n - 1n;
const LARGEST_SIGNED = 2n ** 63n - 1n;

/** What Go says against a number or character constant that its lexer let through; undefined where it is sound. */
export function numberError(literal: string, kind: 'number' | 'complex' | 'character'): string | undefined {
  if (kind === 'character') return characterConstantError(literal);
  if (kind === 'complex') return complexError(literal);
  if (literal.endsWith('i') && isFloat(literal.slice(0, -1))) return undefined;
  if (isInteger(literal)) return undefined;
  if (!isFloat(literal)) return `illegal number syntax: ${goQuote(literal)}`;
  return /[.eEpP]/.test(literal) ? undefined : `integer overflow: ${goQuote(literal)}`;
}

/** Whether it fits 64 bits; only without a sign does Go try it unsigned. */
function isInteger(literal: string): boolean {
  if (!INTEGER.test(literal)) return false;
  const bare = literal.replace(/^[+-]/, '').replaceAll('_', '');
  // More digits than 64 bits need in base two are never read: BigInt takes quadratic time.
  if (bare.replace(/^0[xXbBoO]?0*/, '').length > 64) return false;
  const magnitude = BigInt(/^0\d/.test(bare) ? `0o${bare}` : bare);
  if (!/^[+-]/.test(literal)) return magnitude <= LARGEST_UNSIGNED;
  return magnitude <= LARGEST_SIGNED + (literal.startsWith('-') ? 1n : 0n);
}

function isFloat(literal: string): boolean {
  if (DECIMAL.test(literal)) return Number.isFinite(Number(literal.replaceAll('_', '')));
  return HEXADECIMAL.test(literal) && hexadecimalFits(literal.replaceAll('_', ''));
}

/** Whether a hexadecimal float stays below 2^1024; too small a one is zero for Go. */
function hexadecimalFits(literal: string): boolean {
  const [mantissa = '', exponent = '0'] = literal.replace(/^[+-]?0x/i, '').split(/p/i);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return true;
  const leadingBits = 32 - Math.clz32(parseInt(digits.charAt(0), 16));
  const magnitude = (digits.length - 1 - fraction.length) * 4 + leadingBits + Number(exponent);
  if (magnitude !== 1024) return magnitude < 1024;
  // 2^1024 minus half of the last place rounds up to infinity: 54 ones in a row.
  const bits = BigInt(`0x${digits.slice(0, 16)}`).toString(2);
  return !bits.startsWith('1'.repeat(54));
}

const COMPLEX_PART = String.raw`[+-]?(?:0[xX][\da-fA-F_]*\.?[\da-fA-F_]*(?:[pP][+-]?[\d_]*)?|[\d_]*\.?[\d_]*(?:[eEpP][+-]?[\d_]*)?)`;
const COMPLEX = new RegExp(`^(${COMPLEX_PART})(?=[+-])(${COMPLEX_PART})i`);

function complexError(literal: string): string | undefined {
  const parts = COMPLEX.exec(literal);
  // Go takes an `i` without digits for the beginning of `Inf`.
  if (parts === null || /^[+-]$/.test(parts[2] ?? '')) return 'syntax error scanning complex number';
  for (const part of parts.slice(1))
    if (!isFloat(part))
      return `strconv.ParseFloat: parsing ${goQuote(part)}: ${DECIMAL.test(part) || HEXADECIMAL.test(part) ? 'value out of range' : 'invalid syntax'}`;
  return undefined;
}
