import { isPrintable } from './printable';
import type { SourceRange } from './textEdit';

/** How a value is quoted; an empty text where it is not. */
export type Quote = '' | '"' | '"""';

/** What stands after a command, as Ollama's parser reads it. */
export interface ModelfileValue {
  /** The value: trimmed, unquoted, without the characters that do not print. */
  readonly text: string;
  /** From its first to its last character, quotes included; empty at the place where a missing value would stand. */
  readonly range: SourceRange;
  /** The part inside the quotes; the same as `range` without quotes. */
  readonly content: SourceRange;
  readonly quote: Quote;
  readonly openingQuote: SourceRange | null;
  /** Null without quotes, and for a value that was never closed. */
  readonly closingQuote: SourceRange | null;
  /** Runs of characters that vanished, in order, up to the end of the value's last line. */
  readonly dropped: readonly SourceRange[];
}

/** A value and where the reading stopped: at the newline that ended it, or at the end of the text. */
export interface ReadValue {
  readonly value: ModelfileValue;
  readonly end: number;
}

/** A value whose quote was never closed. */
export interface OpenValue {
  readonly quote: '"' | '"""';
  readonly openingQuote: SourceRange;
}

const QUOTE_CHARACTER = 0x22;

export function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

export function isNewline(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** Offset of the first LF or CR from `start` on, or the length of the text. */
export function endOfLine(text: string, start: number): number {
  let offset = start;
  while (offset < text.length && !isNewline(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/**
 * Reads a value that begins at `start`, just after the blank that ended the command, name or role. Quotes count only
 * at the start and at a line's end: an open one goes on over newlines until a line ends with its closing.
 * `neverClosed` holds the quotes that are known not to be closed any more, so that no text is searched twice for one.
 */
export function readValue(
  text: string,
  start: number,
  neverClosed: ReadonlySet<Quote>,
): ReadValue | OpenValue {
  const firstEnd = endOfLine(text, start);
  const openingQuotes = readOpeningQuotes(text, start, firstEnd);
  const [first] = openingQuotes;
  if (first === undefined) return unquoted(text, start, firstEnd);
  const quote = openingQuotes.length === 3 ? '"""' : '"';
  const openingQuote = { start: first, end: (openingQuotes[quote.length - 1] ?? first) + 1 };
  let line = { start: openingQuote.end, end: firstEnd };
  for (;;) {
    const closing = readClosingQuote(text, line, quote);
    if (closing) return quoted(text, start, quote, openingQuote, closing, line.end);
    if (neverClosed.has(quote) || line.end >= text.length) return { quote, openingQuote };
    line = { start: line.end + 1, end: endOfLine(text, line.end + 1) };
  }
}

/** A quoted value between known quotes, which ends with its line; also for those that only a repair closes. */
export function quoted(
  text: string,
  start: number,
  quote: '"' | '"""',
  openingQuote: SourceRange,
  closingQuote: SourceRange | null,
  end: number,
): ReadValue {
  const content = { start: openingQuote.end, end: closingQuote?.start ?? end };
  const dropped = droppedRuns(text, start, end);
  const value = {
    text: withoutRuns(text, content, dropped),
    range: { start: openingQuote.start, end: closingQuote?.end ?? end },
    content,
    ...{ quote, openingQuote, closingQuote, dropped },
  };
  return { value, end };
}

function unquoted(text: string, start: number, lineEnd: number): ReadValue {
  const range = trimmed(text, start, lineEnd);
  const dropped = droppedRuns(text, start, lineEnd);
  const value = {
    text: withoutRuns(text, range, dropped),
    ...{ range, content: range, dropped },
    ...{ quote: '' as const, openingQuote: null, closingQuote: null },
  };
  return { value, end: lineEnd };
}

/** Offsets of up to three quotes with which a line begins, blanks before and vanishing characters aside. */
function readOpeningQuotes(text: string, start: number, lineEnd: number): readonly number[] {
  const quotes: number[] = [];
  for (let offset = trimmedStart(text, start, lineEnd); offset < lineEnd && quotes.length < 3;) {
    if (text.charCodeAt(offset) === QUOTE_CHARACTER) quotes.push(offset);
    else if (!vanishesAt(text, offset)) break;
    offset += widthAt(text, offset);
  }
  return quotes;
}

/** The closing quote with which a line ends, blanks after and vanishing characters aside, or null. */
function readClosingQuote(text: string, line: SourceRange, quote: '"' | '"""'): SourceRange | null {
  const end = trimmedEnd(text, line.start, line.end);
  let missing = quote.length;
  for (let offset = end; offset > line.start;) {
    offset -= widthBefore(text, offset);
    if (text.charCodeAt(offset) === QUOTE_CHARACTER) missing -= 1;
    else if (!vanishesAt(text, offset)) return null;
    if (missing === 0) return { start: offset, end };
  }
  return null;
}

/** The part of a line that Ollama's parser keeps when it trims: without blanks and vanishing characters at both ends. */
function trimmed(text: string, lineStart: number, lineEnd: number): SourceRange {
  const start = trimmedStart(text, lineStart, lineEnd);
  // A missing value stands after the first blank: what is typed there becomes the value.
  if (start === lineEnd) return { start: lineStart, end: lineStart };
  return { start, end: trimmedEnd(text, start, lineEnd) };
}

function trimmedStart(text: string, lineStart: number, lineEnd: number): number {
  let start = lineStart;
  while (start < lineEnd && isTrimmedAt(text, start)) start += widthAt(text, start);
  return start;
}

function trimmedEnd(text: string, lineStart: number, lineEnd: number): number {
  let end = lineEnd;
  while (end > lineStart && isTrimmedAt(text, end - widthBefore(text, end))) end -= widthBefore(text, end);
  return end;
}

function isTrimmedAt(text: string, offset: number): boolean {
  return isBlank(text.charCodeAt(offset)) || vanishesAt(text, offset);
}

function vanishesAt(text: string, offset: number): boolean {
  const code = text.charCodeAt(offset);
  if (isPlain(code)) return false;
  return !isBlank(code) && !isNewline(code) && !isPrintable(text.codePointAt(offset) ?? 0);
}

/** Printable ASCII. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code < 0x7f;
}

function widthAt(text: string, offset: number): number {
  return text.charCodeAt(offset) >= 0xd800 && (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

function widthBefore(text: string, offset: number): number {
  return text.charCodeAt(offset - 1) >= 0xd800 && (text.codePointAt(Math.max(0, offset - 2)) ?? 0) > 0xffff
    ? 2
    : 1;
}

/** Runs of vanishing characters, tabs and newlines aside. */
export function droppedRuns(text: string, start: number, end: number): readonly SourceRange[] {
  const runs: SourceRange[] = [];
  for (let offset = start; offset < end;) {
    // Nearly all that is written; a step of its own for it halves the time of a large file.
    while (offset < end && isPlain(text.charCodeAt(offset))) offset += 1;
    const runStart = offset;
    while (offset < end && vanishesAt(text, offset)) offset += widthAt(text, offset);
    if (offset > runStart) runs.push({ start: runStart, end: offset });
    while (offset < end && !vanishesAt(text, offset)) offset += widthAt(text, offset);
  }
  return runs;
}

/** The part of a text that Ollama's parser keeps. */
export function keptText(text: string, range: SourceRange): string {
  return withoutRuns(text, range, droppedRuns(text, range.start, range.end));
}

function withoutRuns(text: string, range: SourceRange, runs: readonly SourceRange[]): string {
  if (runs.length === 0) return text.slice(range.start, range.end);
  const parts: string[] = [];
  let done = range.start;
  for (const run of runs) {
    if (run.start < range.start || run.start >= range.end) continue;
    parts.push(text.slice(done, run.start));
    done = run.end;
  }
  parts.push(text.slice(done, range.end));
  return parts.join('');
}

/**
 * Offset in the document of a place in the value's text (0 to its length): the inverse of leaving characters out. A
 * place after left-out characters is before the next kept one.
 */
export function sourceOffset(value: ModelfileValue, index: number): number {
  let offset = value.content.start + index;
  for (const run of value.dropped) {
    if (run.end <= value.content.start) continue;
    if (run.start > offset) break;
    offset += run.end - run.start;
  }
  return Math.min(offset, value.content.end);
}

/**
 * Place in the value's text (0 to its length) of an offset in the document: the inverse of `sourceOffset`. Offsets
 * among left-out characters are at the next kept one, those outside of the value at its nearer end.
 */
export function valueIndex({ content, dropped }: ModelfileValue, offset: number): number {
  const within = Math.min(Math.max(offset, content.start), content.end);
  let index = within - content.start;
  for (const run of dropped) {
    if (run.end <= content.start) continue;
    if (run.start >= within) break;
    index -= Math.min(run.end, within) - Math.max(run.start, content.start);
  }
  return index;
}

/** More runs of vanishing characters than any text has that is meant: places in such a value are not looked up. */
const MOST_RUNS = 1_000;

/** Whether places in a value can be looked up in no time: each look-up passes all left-out characters before it. */
export function isMappable({ dropped }: ModelfileValue): boolean {
  return dropped.length <= MOST_RUNS;
}
