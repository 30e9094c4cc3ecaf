import type { RedactedSpan } from './redactSecrets';

/** Names of fields that hold what people wrote or models answered. */
const NAMES =
  /prompt|messages|input|contents?|text|completion|response|system|thinking|reasoning|reasoning_content|instructions|suffix|arguments/
    .source;

const NAME_ONLY = new RegExp(`^(?:${NAMES})$`, 'i');
/** A field's name in quotes: bare, or behind the backslashes of JSON inside JSON. Python's quotes are single. */
const NAME_AND_COLON = new RegExp(`(\\\\{0,7})(["'])(?:${NAMES})\\1\\2\\s{0,20}:\\s{0,20}`, 'gi');
const QUOTE = /["']/g;
const BRACKET_OR_QUOTE = /[[\]{}"']/g;

/** Whether a field of this name holds what people wrote or models answered. */
export function isContentField(name: string): boolean {
  return NAME_ONLY.test(name);
}

/**
 * The values of content fields in a text that is JSON, has some inside, or has Python's likeness of it: servers that
 * refuse a request like to send it back. Numbers and the like are left; a value whose end was cut off reaches to the
 * end of the text. Reads the text once.
 */
export function contentSpans(text: string): readonly RedactedSpan[] {
  const spans: RedactedSpan[] = [];
  NAME_AND_COLON.lastIndex = 0;
  for (let match = NAME_AND_COLON.exec(text); match; match = NAME_AND_COLON.exec(text)) {
    const escapes = match[1]?.length ?? 0;
    const span = valueSpan(text, match.index + match[0].length, escapes);
    if (!span) continue;
    if (span.end > span.start) spans.push({ ...span, replacement: '[CONTENT]' });
    NAME_AND_COLON.lastIndex = span.end;
  }
  return spans;
}

/** From `start` up to `end`: a whole list or object, or what is between a string's quotes. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

function valueSpan(text: string, start: number, escapes: number): Extent | undefined {
  const first = text[start];
  if (first === '[' || first === '{') return { start, end: bracketEnd(text, start, escapes) };
  QUOTE.lastIndex = start;
  const at = /^\\*["']/.exec(text.slice(start, start + 16))?.[0].length;
  if (at === undefined) return undefined;
  const open = start + at - 1;
  return { start: open + 1, end: stringEnd(text, open) };
}

/** Behind the bracket that closes the one at `start`, or where the string ends that holds all of this. */
function bracketEnd(text: string, start: number, escapes: number): number {
  let depth = 0;
  BRACKET_OR_QUOTE.lastIndex = start;
  for (let found = BRACKET_OR_QUOTE.exec(text); found; found = BRACKET_OR_QUOTE.exec(text)) {
    const [character] = found;
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    else if (character === '"' && backslashesBefore(text, found.index) < escapes) return found.index;
    else {
      const end = stringEnd(text, found.index);
      // Behind the closing quote.
      BRACKET_OR_QUOTE.lastIndex = end + backslashesFrom(text, end) + 1;
    }
    if (depth === 0) return BRACKET_OR_QUOTE.lastIndex;
  }
  return text.length;
}

/**
 * Where the string ends whose opening quote is at `open`: before its closing quote and the backslashes of that. A quote
 * that opens behind n backslashes closes behind n, or n and as many as make up escaped backslashes; fewer than n close
 * what is around it.
 */
function stringEnd(text: string, open: number): number {
  const quote = text[open];
  const escapes = backslashesBefore(text, open);
  QUOTE.lastIndex = open + 1;
  for (let found = QUOTE.exec(text); found; found = QUOTE.exec(text)) {
    if (found[0] !== quote) continue;
    const { index } = found;
    const backslashes = Math.min(backslashesBefore(text, index), index - open - 1);
    if (backslashes < escapes) return index;
    if ((backslashes - escapes) % (2 * (escapes + 1)) !== 0) continue;
    // An apostrophe inside a single-quoted text that was quoted once more looks like its end.
    if (quote === "'" && !/^\s{0,20}(?:[,:}\])\\"]|$)/.test(text.slice(index + 1, index + 23))) continue;
    return index - escapes;
  }
  return text.length;
}

function backslashesBefore(text: string, index: number): number {
  let count = 0;
  while (text[index - 1 - count] === '\\') count += 1;
  return count;
}

function backslashesFrom(text: string, index: number): number {
  let count = 0;
  while (text[index + count] === '\\') count += 1;
  return count;
}
