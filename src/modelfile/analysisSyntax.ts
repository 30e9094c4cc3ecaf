import * as l10n from '@vscode/l10n';
import { shorten } from '../shared/shorten';
import { COMMANDS, MESSAGE_ROLES } from './commandTable';
import type { ModelfileDiagnostic, QuickFix } from './diagnostic';
import { PARAMETERS } from './parameterTable';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import { moveCommentFix, replaceFix } from './quickFix';
import { closestName } from './spelling';
import type { SyntaxFailure } from './syntaxFailure';
import type { SourceRange } from './textEdit';
import { endOfLine, isBlank, isNewline, keptText } from './value';

/** Failures that are explained: VS Code shows a thousand findings for a file at most. */
const MOST_FAILURES = 1_000;

/** Characters of the file that a message repeats at most. */
const LONGEST_QUOTE = 40;

const KEYWORDS = Object.keys(COMMANDS);

/** What a finding says beyond its place. */
interface Explanation {
  readonly message: string;
  readonly fixes: readonly QuickFix[];
}

/** The findings for what Ollama's parser refuses, the first thousand, each with the fix that most likely mends it. */
export function syntaxDiagnostics(parsed: ParsedModelfile): readonly ModelfileDiagnostic[] {
  const byQuote = new Map(
    parsed.commands.map((command) => [command.value.openingQuote?.start ?? -1, command]),
  );
  const failures = parsed.failures.slice(0, MOST_FAILURES);
  const hasBrokenFrom = failures.some((failure) => isMeantAsFrom(parsed.text, failure));
  return failures
    .filter(({ code }) => code !== 'missing-from' || !hasBrokenFrom)
    .map((failure) => ({
      ...{
        code: failure.code,
        severity: 'error',
        range: failure.range,
        ollamaMessage: failure.ollamaMessage,
      },
      ...explain(parsed.text, failure, byQuote.get(failure.range.start)),
    }));
}

/** A FROM that does not parse is one finding, not two. */
function isMeantAsFrom(text: string, { code, range }: SyntaxFailure): boolean {
  if (code !== 'unknown-command' && code !== 'blank-missing-after-command' && code !== 'unfinished-command')
    return false;
  return closestName(firstWord(text, range), KEYWORDS) === 'from';
}

function explain(text: string, failure: SyntaxFailure, opened: ModelfileCommand | undefined): Explanation {
  switch (failure.code) {
    case 'unknown-command':
      return explainUnknownCommand(text, failure.range);
    case 'blank-missing-after-command':
      return explainMissingBlank(text, failure.range);
    case 'unfinished-command':
      return {
        message: l10n.t('The file ends here, before the value. Add a blank and the value, or remove it.'),
        fixes: [],
      };
    case 'unfinished-parameter':
      return explainUnfinishedName(text, failure.range, 'parameter');
    case 'unfinished-message':
      return explainUnfinishedName(text, failure.range, 'role');
    case 'extra-blank-after-message':
      return explainExtraBlank(text, failure.range);
    case 'unknown-role':
      return explainUnknownRole(text, failure.range);
    case 'unclosed-quote':
      return explainUnclosedQuote(text, failure.range, opened);
    case 'missing-from':
      return {
        message: l10n.t('A Modelfile needs a FROM line, which names the model to start from.'),
        fixes: [],
      };
  }
}

function explainUnknownCommand(text: string, range: SourceRange): Explanation {
  const shown = text.slice(range.start, range.end);
  const kept = keptText(text, range);
  if (kept.length < shown.length) {
    const message = l10n.t('Characters that do not print stand where a command should begin.');
    return { message, fixes: [replaceFix(l10n.t('Remove the characters that do not print'), range, kept)] };
  }
  const word = firstWord(text, range);
  const insertAt = { start: range.start, end: range.start };
  if (PARAMETERS.has(shown)) {
    const message = l10n.t('{0} is a parameter. It is set by PARAMETER {0}.', shown);
    return {
      message,
      fixes: [replaceFix(l10n.t('Insert {0}', 'PARAMETER'), insertAt, 'PARAMETER ')],
    };
  }
  if (MESSAGE_ROLES.some((role) => role === shown)) {
    const message = l10n.t('{0} is a role. A message is written as MESSAGE {0}.', shown);
    return { message, fixes: [replaceFix(l10n.t('Insert {0}', 'MESSAGE'), insertAt, 'MESSAGE ')] };
  }
  const [marker] = /^(?:\/\/|--|;)/.exec(shown) ?? [];
  if (marker !== undefined) {
    const fix = replaceFix(
      l10n.t('Begin the comment with #'),
      { start: range.start, end: range.start + marker.length },
      '#',
    );
    return { message: l10n.t('A comment begins with #.'), fixes: [fix] };
  }
  const closest = closestName(word, KEYWORDS)?.toUpperCase();
  if (closest === undefined) {
    const message = l10n.t(
      '{0} is not a command. Text over several lines needs """ before and after it.',
      quote(shown),
    );
    return { message, fixes: [] };
  }
  const fix = replaceFix(
    l10n.t('Change to {0}', closest),
    { start: range.start, end: range.start + word.length },
    closest,
  );
  return { message: l10n.t('{0} is not a command. Did you mean {1}?', quote(shown), closest), fixes: [fix] };
}

function explainMissingBlank(text: string, range: SourceRange): Explanation {
  const keyword = firstWord(text, range).toUpperCase();
  if (isNewline(text.charCodeAt(range.end))) {
    const message = l10n.t(
      'The value of {0} has to begin on the same line. Ollama refuses the line break.',
      keyword,
    );
    const next = /[ \t]*(?:\r\n|\r|\n)\s*(?=""")/y;
    next.lastIndex = range.end;
    const gap = next.exec(text)?.[0];
    const joined = { start: range.end, end: range.end + (gap?.length ?? 0) };
    return { message, fixes: gap === undefined ? [] : [replaceFix(l10n.t('Join the lines'), joined, ' ')] };
  }
  return { message: l10n.t('A blank has to follow {0}.', keyword), fixes: [blankFix(text, range.end)] };
}

/** Puts a blank at a place, instead of `=` or `:` with blanks around it if they stand there. */
function blankFix(text: string, offset: number): QuickFix {
  const separator = /[ \t]*[=:][ \t]*/y;
  separator.lastIndex = offset;
  const length = separator.exec(text)?.[0].length ?? 0;
  return replaceFix(l10n.t('Put a blank there'), { start: offset, end: offset + length }, ' ');
}

function explainUnfinishedName(text: string, range: SourceRange, kind: 'parameter' | 'role'): Explanation {
  const shown = text.slice(range.start, range.end);
  const nameStart = range.start + firstWord(text, range).length + 1;
  const [name = ''] = /^\w*/.exec(text.slice(nameStart, range.end)) ?? [];
  const nameEnd = nameStart + name.length;
  if (nameEnd >= range.end) {
    if (name !== '') return { message: l10n.t('{0} has no value.', quote(shown)), fixes: [] };
    const message =
      kind === 'parameter'
        ? l10n.t('A parameter and its value have to follow.')
        : l10n.t('A role and its value have to follow.');
    return { message, fixes: [] };
  }
  const character = String.fromCodePoint(text.codePointAt(nameEnd) ?? 0);
  const message =
    kind === 'parameter'
      ? l10n.t(
          '{0} cannot stand in the name of a parameter. A blank has to follow the name.',
          quote(character),
        )
      : l10n.t('{0} cannot stand in the name of a role. A blank has to follow the name.', quote(character));
  const wholeName = text.slice(nameStart, range.end);
  const withUnderscores = wholeName.replaceAll('-', '_');
  if (kind === 'parameter' && PARAMETERS.has(withUnderscores)) {
    const whole = { start: nameStart, end: range.end };
    return { message, fixes: [replaceFix(l10n.t('Change to {0}', withUnderscores), whole, withUnderscores)] };
  }
  const isSeparator = character === '=' || character === ':';
  return { message, fixes: isSeparator && name !== '' ? [blankFix(text, nameEnd)] : [] };
}

function explainExtraBlank(text: string, range: SourceRange): Explanation {
  const message = l10n.t('Exactly one blank follows MESSAGE, then the role.');
  const gap = { start: range.end, end: endOfBlanks(text, range.end) };
  const isEmpty = gap.end === endOfLine(text, gap.end);
  return { message, fixes: isEmpty ? [] : [replaceFix(l10n.t('Leave one blank'), gap, ' ')] };
}

function endOfBlanks(text: string, start: number): number {
  let end = start;
  while (end < text.length && isBlank(text.charCodeAt(end))) end += 1;
  return end;
}

function explainUnknownRole(text: string, range: SourceRange): Explanation {
  const role = text.slice(range.start, range.end);
  const closest =
    role === 'model' || role === 'ai' || role === 'bot' ? 'assistant' : closestName(role, MESSAGE_ROLES);
  const message = l10n.t(
    '{0} is not a role. Roles are system, user and assistant, in small letters.',
    quote(role),
  );
  return {
    message,
    fixes: closest === null ? [] : [replaceFix(l10n.t('Change to {0}', closest), range, closest)],
  };
}

function explainUnclosedQuote(
  text: string,
  range: SourceRange,
  opened: ModelfileCommand | undefined,
): Explanation {
  const mark = text.slice(range.start, range.end).length >= 3 ? '"""' : '"';
  const closing = opened?.value.closingQuote;
  if (opened && closing) {
    const tail = { start: closing.end, end: endOfLine(text, closing.end) };
    const isComment = text.slice(tail.start, tail.end).trimStart().startsWith('#');
    const message = l10n.t(
      'Text stands after the closing {0}. Quotes close a value only at the end of a line, so this one goes on to the end of the file.',
      mark,
    );
    const remove = replaceFix(l10n.t('Remove the text after the quote'), tail, '');
    return { message, fixes: isComment ? [moveCommentFix(text, opened.range, tail), remove] : [remove] };
  }
  const message = l10n.t(
    'This {0} is never closed: no line ends with {0}. The value takes the rest of the file.',
    mark,
  );
  if (opened?.value.dropped.length !== 0) return { message, fixes: [] };
  const end = opened.value.content.start + opened.value.text.trimEnd().length;
  return { message, fixes: [replaceFix(l10n.t('Close with {0}', mark), { start: end, end }, mark)] };
}

/** The letters with which a range begins, or all of it where it begins with none. */
function firstWord(text: string, range: SourceRange): string {
  const shown = text.slice(range.start, range.end);
  return /^[A-Za-z]+/.exec(shown)?.[0] ?? shown;
}

/** A piece of the file in a message: in quotes, shortened. */
function quote(shown: string): string {
  return `"${shorten(shown, LONGEST_QUOTE)}"`;
}
