export type Decoded =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/** Thrown inside the scanner only; the text is what Go's encoding/json says. */
class Malformed extends Error {}

/**
 * Reads the first JSON value of a request body as Go's decoder does, with Go's words where it is malformed: clients
 * see these words in Ollama's 400 answers. What follows the first value is ignored, as by Go.
 */
export function decodeGoJson(text: string): Decoded {
  if (text.trim() === '') return { ok: false, error: 'missing request body' };
  try {
    const end = scanValue(text, skipSpace(text, 0));
    return { ok: true, value: JSON.parse(text.slice(0, end)) };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, error: error.message };
    throw error;
  }
}

/** JSON as Go writes it: `<`, `>` and `&` are escaped. */
export function encodeGoJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return at;
}

function peek(text: string, at: number): string {
  const character = text[at];
  if (character === undefined) throw new Malformed('unexpected EOF');
  return character;
}

function invalid(character: string, context: string): Malformed {
  const quoted = character === "'" ? `'\\''` : character === '"' ? `'"'` : `'${escapeControl(character)}'`;
  return new Malformed(`invalid character ${quoted} ${context}`);
}

function escapeControl(character: string): string {
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
  return (
    named[character] ??
    (character < ' ' ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}` : character)
  );
}

function scanValue(text: string, at: number): number {
  const first = peek(text, at);
  if (first === '{') return scanObject(text, at + 1);
  if (first === '[') return scanArray(text, at + 1);
  if (first === '"') return scanString(text, at + 1);
  if (first === '-' || isDigit(first)) return scanNumber(text, at);
  for (const literal of ['true', 'false', 'null']) {
    if (first === literal[0]) return scanLiteral(text, at, literal);
  }
  throw invalid(first, 'looking for beginning of value');
}

function scanObject(text: string, from: number): number {
  let at = skipSpace(text, from);
  if (peek(text, at) === '}') return at + 1;
  for (;;) {
    if (peek(text, at) !== '"') throw invalid(peek(text, at), 'looking for beginning of object key string');
    at = skipSpace(text, scanString(text, at + 1));
    if (peek(text, at) !== ':') throw invalid(peek(text, at), 'after object key');
    at = skipSpace(text, scanValue(text, skipSpace(text, at + 1)));
    const next = peek(text, at);
    if (next === '}') return at + 1;
    if (next !== ',') throw invalid(next, 'after object key:value pair');
    at = skipSpace(text, at + 1);
  }
}

function scanArray(text: string, from: number): number {
  let at = skipSpace(text, from);
  if (peek(text, at) === ']') return at + 1;
  for (;;) {
    at = skipSpace(text, scanValue(text, at));
    const next = peek(text, at);
    if (next === ']') return at + 1;
    if (next !== ',') throw invalid(next, 'after array element');
    at = skipSpace(text, at + 1);
  }
}

function scanString(text: string, from: number): number {
  for (let at = from; ; at += 1) {
    const character = peek(text, at);
    if (character === '"') return at + 1;
    if (character < ' ') throw invalid(character, 'in string literal');
    if (character !== '\\') continue;
    at += 1;
    const escaped = peek(text, at);
    if (escaped === 'u') {
      for (let digit = 0; digit < 4; digit += 1) {
        at += 1;
        if (!/[0-9a-fA-F]/.test(peek(text, at))) {
          throw invalid(peek(text, at), 'in \\u hexadecimal character escape');
        }
      }
    } else if (!'"\\/bfnrt'.includes(escaped)) {
      throw invalid(escaped, 'in string escape code');
    }
  }
}

function scanNumber(text: string, from: number): number {
  let at = text[from] === '-' ? from + 1 : from;
  if (!isDigit(peek(text, at))) throw invalid(peek(text, at), 'in numeric literal');
  at = text[at] === '0' ? at + 1 : skipDigits(text, at);
  if (text[at] === '.') {
    at += 1;
    if (!isDigit(peek(text, at))) throw invalid(peek(text, at), 'after decimal point in numeric literal');
    at = skipDigits(text, at);
  }
  if (text[at] === 'e' || text[at] === 'E') {
    at += '+-'.includes(peek(text, at + 1)) ? 2 : 1;
    if (!isDigit(peek(text, at))) throw invalid(peek(text, at), 'in exponent of numeric literal');
    at = skipDigits(text, at);
  }
  return at;
}

function scanLiteral(text: string, from: number, literal: string): number {
  for (let index = 1; index < literal.length; index += 1) {
    const expected = literal[index];
    const character = peek(text, from + index);
    if (character !== expected)
      throw invalid(character, `in literal ${literal} (expecting '${expected ?? ''}')`);
  }
  return from + literal.length;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text[at] ?? 'x')) at += 1;
  return at;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}
