/**
 * How Go writes text in its messages and reads its literals: `%q`, `%#U` and `strconv.Unquote`. The runtime's `\p{…}`
 * follows a newer Unicode than Go's; the Modelfile parser has dropped what Go's does not know before we see it.
 */

const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** Text as Go's `%q` writes it: in double quotes, with what does not print escaped. */
export function goQuote(text: string): string {
  let quoted = '"';
  for (const character of text)
    quoted +=
      SHORT_ESCAPES.get(character) ??
      (PRINTABLE.test(character) ? character : escapeCode(character.codePointAt(0) ?? 0));
  return quoted + '"';
}

/** A character as Go's `%#U` writes it: `U+007B '{'`. */
export function goCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return PRINTABLE.test(character) ? `U+${code} '${character}'` : `U+${code}`;
}

function escapeCode(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

const ESCAPE_BODY = String.raw`x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2}|[abfnrtv\\`;
const DOUBLE_QUOTED = new RegExp(String.raw`^"(?:[^"\\\n]|\\(?:${ESCAPE_BODY}"]))*"$`, 'u');
const FIRST_OF_CHARACTER = new RegExp(String.raw`^'(?:[^'\\\n]|\\(?:${ESCAPE_BODY}']))`, 'u');
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|.)/gu;

/**
 * The value of a string literal, its quotes or backquotes included, as `strconv.Unquote` reads it; undefined where Go
 * answers `invalid syntax`. Bytes (`\xff`) are kept as code points: nothing here needs more.
 */
export function unquoteString(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  if (!DOUBLE_QUOTED.test(literal) || !escapesAreSound(literal)) return undefined;
  return literal.slice(1, -1).replace(ESCAPE, (whole, x?: string, u?: string, U?: string, octal?: string) => {
    const hexadecimal = x ?? u ?? U;
    if (hexadecimal !== undefined) return String.fromCodePoint(parseInt(hexadecimal, 16));
    return octal === undefined
      ? (NAMED_ESCAPES.get(whole) ?? whole)
      : String.fromCodePoint(parseInt(octal, 8));
  });
}

/** What Go says against a character constant such as `'ab'`; undefined where it is sound. */
export function characterConstantError(literal: string): string | undefined {
  const first = FIRST_OF_CHARACTER.exec(literal)?.[0];
  if (first === undefined || !escapesAreSound(first)) return 'invalid syntax';
  return literal.slice(first.length) === "'" ? undefined : `malformed character constant: ${literal}`;
}

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map(
  [...SHORT_ESCAPES].map(([character, escape]) => [escape, character]),
);

/** Whether every escaped code point exists and is no surrogate. */
function escapesAreSound(literal: string): boolean {
  for (const [, , u, U] of literal.matchAll(ESCAPE)) {
    const point = parseInt(u ?? U ?? '0', 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
  }
  return true;
}
