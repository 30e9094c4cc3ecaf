import { parseTemplate } from './goTemplateParser';
import type { ParsedModelfile } from './parse';
import { templateFolds } from './templateFolds';
import type { SourceRange } from './textEdit';
import { isMappable, isNewline, sourceOffset } from './value';

export interface ModelfileFold extends SourceRange {
  readonly kind: 'region' | 'comment';
}

/** Commands over several lines, runs of comment lines, and the blocks of templates. An editor drops those of one line. */
export function folds(parsed: ParsedModelfile): readonly ModelfileFold[] {
  const { commands, text } = parsed;
  const values = commands.filter(({ value }) => value.quote !== '');
  const blocks = values
    .filter(({ name, value }) => name === 'template' && isMappable(value))
    .flatMap(({ value }) =>
      templateFolds(parseTemplate(value.text)).map(({ kind, start, end }): ModelfileFold => ({
        kind: kind === 'comment' ? 'comment' : 'region',
        start: sourceOffset(value, start),
        end: sourceOffset(value, end),
      })),
    );
  return [
    ...values.map(({ range }): ModelfileFold => ({ kind: 'region', ...range })),
    ...blocks,
    ...commentRuns(parsed.comments, text),
  ];
}

/** Comments with nothing but one newline and blanks between them. */
function commentRuns(comments: readonly SourceRange[], text: string): readonly ModelfileFold[] {
  const runs: ModelfileFold[] = [];
  for (const { start, end } of comments) {
    const last = runs.at(-1);
    if (last && isNextLine(text.slice(last.end, start))) runs[runs.length - 1] = { ...last, end };
    else runs.push({ kind: 'comment', start, end });
  }
  return runs;
}

function isNextLine(between: string): boolean {
  return isNewline(between.charCodeAt(0)) && /^(?:\r\n|\r|\n)[ \t]*$/.test(between);
}
