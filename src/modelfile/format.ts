import type { ModelfileCommand, ParsedModelfile } from './parse';
import { newlineOf } from './quickFix';
import type { SourceRange, TextEdit } from './textEdit';

/**
 * The edits that format a Modelfile: commands in capitals at the start of their line, one blank before the value, none
 * after it, at most one empty line between commands, one kind of newline between them, one at the end. What is formatted
 * is parsed to the same commands, and formatted again it stays as it is. Values, quotes and the texts of comments are
 * left as they are. A file that Ollama refuses is left alone (no edits), but for a missing FROM: its commands are not known.
 */
export function formatModelfile(parsed: ParsedModelfile): readonly TextEdit[] {
  if (parsed.failures.some(({ code }) => code !== 'missing-from')) return [];
  const { text } = parsed;
  const edits = [...parsed.commands.flatMap((command) => commandEdits(text, command)), ...gapEdits(parsed)];
  return edits.filter(({ range, newText }) => text.slice(range.start, range.end) !== newText);
}

/** Edits inside a command: only blanks between its parts are touched, never characters that vanish. */
function commandEdits(text: string, command: ModelfileCommand): readonly TextEdit[] {
  const { keywordRange, parameter, role, value } = command;
  const keyword = { range: keywordRange, newText: command.keyword.toUpperCase() };
  // An empty name stays one: the blanks on both sides of it are formatted to one each.
  const name = parameter ?? role;
  const nameGap = name ? [{ range: { start: keywordRange.end, end: name.range.start }, newText: ' ' }] : [];
  const valueGap = { start: name?.range.end ?? keywordRange.end, end: value.range.start };
  return [keyword, ...nameGap, ...(isBlanks(text, valueGap) ? [{ range: valueGap, newText: ' ' }] : [])];
}

/** Edits of what stands between commands and comments: blanks and newlines. */
function gapEdits({ text, commands, comments }: ParsedModelfile): readonly TextEdit[] {
  const parts = [
    ...commands.map(({ range }) => range),
    ...comments.map((range) => withoutTrailingBlanks(text, range)),
  ];
  parts.sort((a, b) => a.start - b.start);
  const ends = [0, ...parts.map(({ end }) => end)];
  const gaps = ends.map((start, index) => ({ start, end: parts[index]?.start ?? text.length }));
  const newline = newlineBetween(text, gaps);
  return gaps.flatMap((range, index) => {
    if (!isBlanks(text, range)) return [];
    const wanted = index === 0 ? 0 : index === gaps.length - 1 ? 1 : Math.min(newlinesIn(text, range), 2);
    return [{ range, newText: newline.repeat(wanted) }];
  });
}

/**
 * The kind of newline between commands: the first one there, where newlines inside values and before the first command
 * do not count unless there is no other. What is formatted has the same first newline.
 */
function newlineBetween(text: string, gaps: readonly SourceRange[]): string {
  const first = gaps.slice(1).find((gap) => newlinesIn(text, gap) > 0);
  return newlineOf(first ? text.slice(first.start, first.end) : text);
}

function newlinesIn(text: string, { start, end }: SourceRange): number {
  return text.slice(start, end).match(/\r\n|\r|\n/g)?.length ?? 0;
}

function withoutTrailingBlanks(text: string, range: SourceRange): SourceRange {
  return { start: range.start, end: range.start + text.slice(range.start, range.end).trimEnd().length };
}

function isBlanks(text: string, range: SourceRange): boolean {
  return /^[ \t\r\n]*$/.test(text.slice(range.start, range.end));
}
