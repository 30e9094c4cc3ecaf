import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { SourceRange } from './textEdit';
import { isBlank, isNewline } from './value';

/** What stands at an offset of a Modelfile, half typed as it may be. */
export type CursorPlace =
  /** Where a command begins; `range` is what is typed of it. */
  | { readonly kind: 'command'; readonly range: SourceRange }
  | { readonly kind: 'parameter name'; readonly range: SourceRange }
  | { readonly kind: 'role'; readonly range: SourceRange }
  | { readonly kind: 'value'; readonly command: ModelfileCommand }
  | { readonly kind: 'none' };

const NONE: CursorPlace = { kind: 'none' };

/** What is typed before the cursor on its line, where a command may begin. */
const COMMAND_BEFORE = /^[ \t]*([A-Za-z]*)$/;
const PARAMETER_BEFORE = /^[ \t]*parameter[ \t](\w*)$/i;
const ROLE_BEFORE = /^[ \t]*message[ \t]([A-Za-z]*)$/i;
/** Longest line on which something is completed; it bounds what is looked at for each key that is typed. */
const LONGEST_LINE = 500;

/** What a completion at an offset would complete. */
export function placeAt(parsed: ParsedModelfile, offset: number): CursorPlace {
  if (parsed.comments.some(({ start, end }) => start < offset && offset <= end)) return NONE;
  const { text } = parsed;
  const lineStart = startOfLine(text, offset);
  const command = parsed.commands.findLast(({ range }) => range.start <= offset);
  // Inside of a value over several lines nothing is a command.
  if (command && command.range.start < lineStart && offset <= command.range.end) {
    return offset >= command.value.range.start ? { kind: 'value', command } : NONE;
  }
  if (offset - lineStart > LONGEST_LINE) return NONE;
  const before = text.slice(lineStart, offset);
  const end = endOfWord(text, offset);
  const typed = (pattern: RegExp): SourceRange | undefined => {
    const word = pattern.exec(before)?.[1];
    return word === undefined ? undefined : { start: offset - word.length, end };
  };
  const name = typed(COMMAND_BEFORE);
  if (name) return { kind: 'command', range: name };
  const parameter = typed(PARAMETER_BEFORE);
  if (parameter) return { kind: 'parameter name', range: parameter };
  const role = typed(ROLE_BEFORE);
  if (role) return { kind: 'role', range: role };
  if (!command || command.range.start < lineStart) return NONE;
  const { value } = command;
  // Blanks at a line's end belong to no value, but an empty value is completed behind any number of them.
  const isAtValue = value.text === '' || (value.range.start <= offset && offset <= value.range.end);
  return isAtValue ? { kind: 'value', command } : NONE;
}

/** The command to whose line or value an offset belongs. */
export function commandAt({ commands }: ParsedModelfile, offset: number): ModelfileCommand | undefined {
  return commands.findLast(({ range }) => range.start <= offset && offset <= range.end);
}

function startOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isNewline(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** The rest of the word under the cursor, which a completion replaces too. */
function endOfWord(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && /\w/.test(text.charAt(end)) && !isBlank(text.charCodeAt(end))) end += 1;
  return end;
}
