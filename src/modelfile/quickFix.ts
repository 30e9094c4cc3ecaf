import * as l10n from '@vscode/l10n';
import type { QuickFix } from './diagnostic';
import type { SourceRange } from './textEdit';
import { endOfLine, isNewline } from './value';

/** A fix that replaces one range. */
export function replaceFix(title: string, range: SourceRange, newText: string): QuickFix {
  return { title, edits: [{ range, newText }] };
}

/** A fix that takes out all lines of a command, with their newlines. */
export function removeLinesFix(title: string, text: string, range: SourceRange): QuickFix {
  let end = endOfLine(text, range.end);
  if (text.startsWith('\r\n', end)) end += 2;
  else if (end < text.length) end += 1;
  return replaceFix(title, { start: startOfLine(text, range.start), end }, '');
}

/** A fix that takes a comment out of the end of a line, with the blanks before it, and puts it on a line before the command. */
export function moveCommentFix(text: string, command: SourceRange, tail: SourceRange): QuickFix {
  const start = startOfLine(text, command.start);
  const comment = text.slice(tail.start, tail.end).trim() + newlineOf(text);
  return {
    title: l10n.t('Move the comment to its own line'),
    edits: [
      { range: { start, end: start }, newText: comment },
      { range: tail, newText: '' },
    ],
  };
}

function startOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isNewline(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** The newline that a document uses, by its first one. */
export function newlineOf(text: string): string {
  return /\r\n|\r|\n/.exec(text)?.[0] ?? '\n';
}
