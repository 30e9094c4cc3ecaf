import type { SourceRange } from './textEdit';
import { endOfLine, isBlank, isNewline } from './value';

/**
 * A line that most likely is a command. Only capitals count: "From now on" and "Message me" are how lines of a system
 * message begin.
 */
const COMMAND_LINE =
  /[ \t]*(?:FROM|LICENSE|TEMPLATE|SYSTEM|ADAPTER|DRAFT|RENDERER|PARSER|PARAMETER|MESSAGE|REQUIRES)[ \t]/y;

/** Whether the line that begins at `lineStart` looks like a command of its own. */
export function looksLikeCommand(text: string, lineStart: number): boolean {
  COMMAND_LINE.lastIndex = lineStart;
  return COMMAND_LINE.test(text);
}

/**
 * Where a value most likely ends whose quote is never closed: at the first line with a closing quote in its middle,
 * else before the next line that looks like a command, else at the end of the text. One `"` is looked for only on its
 * own line: further down it is most likely part of the text.
 */
export function valueRepair(
  text: string,
  openingQuote: SourceRange,
  quote: '"' | '"""',
): { readonly closingQuote: SourceRange | null; readonly end: number } {
  for (let start = openingQuote.end; ;) {
    const end = endOfLine(text, start);
    const isSearched = quote === '"""' || start === openingQuote.end;
    const found = isSearched ? text.slice(start, end).indexOf(quote) : -1;
    if (found >= 0) {
      return { closingQuote: { start: start + found, end: start + found + quote.length }, end };
    }
    if (end >= text.length || looksLikeCommand(text, end + 1)) return { closingQuote: null, end };
    start = end + 1;
  }
}

/**
 * Where to go on after a command whose value stands on the following lines, where Ollama does not look: after the
 * closing `"""` if the value opens with one, else before the next blank line, comment or line that looks like a command.
 */
export function lineAfterUnreadable(text: string, newline: number): number {
  const valueStart = firstNonBlank(text, afterNewline(text, newline));
  if (text.startsWith('"""', valueStart)) {
    const closing = text.indexOf('"""', valueStart + 3);
    if (closing >= 0) return endOfLine(text, closing);
  }
  for (let end = newline; ;) {
    const lineStart = afterNewline(text, end);
    const first = firstNonBlank(text, lineStart);
    const isBreak = first >= text.length || isNewline(text.charCodeAt(first)) || text[first] === '#';
    if (isBreak || looksLikeCommand(text, lineStart)) return end;
    end = endOfLine(text, lineStart);
    if (end >= text.length) return end;
  }
}

/** The start of the next line as a reader sees it: CRLF is one newline, though two to Ollama. */
function afterNewline(text: string, newline: number): number {
  return newline + (text[newline] === '\r' && text[newline + 1] === '\n' ? 2 : 1);
}

function firstNonBlank(text: string, start: number): number {
  let offset = start;
  while (offset < text.length && isBlank(text.charCodeAt(offset))) offset += 1;
  return offset;
}
