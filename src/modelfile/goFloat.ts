/** A number that is written out: its digits as one integer, times `base` to the power of `exponent`. */
interface WrittenNumber {
  readonly isNegative: boolean;
  /** Without leading zeros, at most `SIGNIFICANT_DIGITS` and one. */
  readonly digits: string;
  readonly isHexadecimal: boolean;
  /** Power of 10, or of 2 for hexadecimal digits. */
  readonly exponent: number;
}

/** Go looks at no more digits than these either; what is cut is only known to be more than nothing. */
const SIGNIFICANT_DIGITS = 800;
/** Go counts an exponent by its first five digits. */
const EXPONENT_DIGITS = 5;
/** Bits of a float32's fraction with its leading one. */
const PRECISION_BITS = 24;
/** Exponent of the last bit of the smallest normal float32. */
const SMALLEST_EXPONENT = -149;
/** Exponent of the last bit of the largest float32. */
const LARGEST_EXPONENT = 104;
/** Numbers of more binary or decimal places than these are certainly infinite, of fewer certainly zero. */
const CERTAIN_DECIMAL_PLACES = 60;
const CERTAIN_BINARY_PLACES = 200;
/** Decimals that tell any float32 from all others. */
const SUFFICIENT_DIGITS = 9;
/** The most that JavaScript writes. */
const EXACT_DIGITS = 100;

/**
 * A number as Go's `strconv.ParseFloat(text, 32)` reads it, or null for what it refuses, too large a number as well.
 * The result is the nearest float32, in the shortest decimals that name it, as Go writes it into JSON: `0.1`, not
 * 0.10000000149. `nan`, `inf` and `infinity` are read in any case; a sign is allowed before the last two.
 */
export function parseGoFloat32(text: string): number | null {
  const special = /^(?:nan|([+-]?)inf(?:inity)?)$/i.exec(text);
  if (special) {
    if (special[1] === undefined) return NaN;
    return special[1] === '-' ? -Infinity : Infinity;
  }
  const written = readNumber(text);
  if (written === null) return null;
  const magnitude = nearestFloat32(written);
  if (magnitude === null) return null;
  const shortest = shortestDecimal(magnitude);
  return written.isNegative ? 0 - shortest : shortest;
}

/** Reads a number by the rules of Go's literals: hexadecimal needs a `p`, an underscore stands between two digits. */
function readNumber(text: string): WrittenNumber | null {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  const unsigned = text.slice(sign.length);
  const isHexadecimal = /^0x/i.test(unsigned);
  const plain = withoutUnderscores(unsigned, isHexadecimal);
  if (plain === null) return null;
  const shape = isHexadecimal
    ? /^0x([0-9a-f]*)(?:\.([0-9a-f]*))?p([+-]?[0-9]+)$/i
    : /^([0-9]*)(?:\.([0-9]*))?(?:e([+-]?[0-9]+))?$/i;
  const [, whole = '', fraction = '', power = '0'] = shape.exec(plain) ?? [];
  if (whole === '' && fraction === '') return null;
  const places = isHexadecimal ? 4 : 1;
  const significant = (whole + fraction).replace(/^0+/, '');
  const kept = significant.slice(0, SIGNIFICANT_DIGITS);
  const rest = significant.slice(SIGNIFICANT_DIGITS);
  // One more digit stands for whatever was cut, so that rounding sees that there was something.
  const isCut = /[^0]/.test(rest);
  const cutDigits = rest.length - (isCut ? 1 : 0);
  const exponent = countedExponent(power) + (cutDigits - fraction.length) * places;
  return { isNegative: sign === '-', digits: kept + (isCut ? '1' : ''), isHexadecimal, exponent };
}

function countedExponent(power: string): number {
  const value = Number(power.replace(/^[+-]?0*/, '').slice(0, EXPONENT_DIGITS));
  return power.startsWith('-') ? 0 - value : value;
}

function withoutUnderscores(text: string, isHexadecimal: boolean): string | null {
  if (!text.includes('_')) return text;
  // The prefix `0x` counts as a digit: `0x_1p0` is a number.
  const misplaced = isHexadecimal ? /(?:^.?|[^0-9a-fx])_|_(?:[^0-9a-f]|$)/i : /(?:^|[^0-9])_|_(?:[^0-9]|$)/;
  return misplaced.test(text) ? null : text.replaceAll('_', '');
}

/** The float32 nearest to a number, ties to even, as a double; null where it would be infinite. */
function nearestFloat32({ digits, isHexadecimal, exponent }: WrittenNumber): number | null {
  if (digits === '') return 0;
  const places = digits.length * (isHexadecimal ? 4 : 1) + exponent;
  const certain = isHexadecimal ? CERTAIN_BINARY_PLACES : CERTAIN_DECIMAL_PLACES;
  if (places > certain) return null;
  if (places < -certain) return 0;
  const mantissa = BigInt(isHexadecimal ? `0x${digits}` : digits);
  const power = (isHexadecimal ? 2n : 10n) ** BigInt(Math.abs(exponent));
  return exponent < 0 ? roundQuotient(mantissa, power) : roundQuotient(mantissa * power, 1n);
}

function roundQuotient(dividend: bigint, divisor: bigint): number | null {
  // Guesses the exponent of the last bit from the lengths, which is exact or one too small.
  const guess = bitLength(dividend) - bitLength(divisor) - PRECISION_BITS;
  for (let exponent = Math.max(guess, SMALLEST_EXPONENT); ; exponent += 1) {
    const rounded = divideToEven(
      dividend << BigInt(Math.max(0, -exponent)),
      divisor << BigInt(Math.max(0, exponent)),
    );
    if (bitLength(rounded) > PRECISION_BITS) continue;
    return exponent > LARGEST_EXPONENT ? null : Number(rounded) * 2 ** exponent;
  }
}

function divideToEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const isUp = twice > divisor || (twice === divisor && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The decimal with the fewest digits that is read as this float32, of several the nearest, of two the even one. */
function shortestDecimal(value: number): number {
  // So many digits are all that matter: a tie between two short decimals is exact much sooner.
  const [mantissa = '', power = '0'] = value.toExponential(EXACT_DIGITS).replace('.', '').split('e');
  for (let length = 1; length < SUFFICIENT_DIGITS; length += 1) {
    const below = BigInt(mantissa.slice(0, length));
    const rest = mantissa.slice(length).replace(/0+$/, '');
    const isBelowNearer = rest < '5' || (rest === '5' && below % 2n === 0n);
    const inOrder = isBelowNearer ? [below, below + 1n] : [below + 1n, below];
    for (const digits of inOrder) {
      const candidate = Number(`${digits}e${Number(power) - length + 1}`);
      if (Math.fround(candidate) === value) return candidate;
    }
  }
  return Number(value.toPrecision(SUFFICIENT_DIGITS));
}
