import * as l10n from '@vscode/l10n';
import type { CommandKeyword } from './commandTable';
import type { ModelfileDiagnostic } from './diagnostic';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import { moveCommentFix, removeLinesFix, replaceFix } from './quickFix';
import { looksLikeCommand } from './recovery';
import type { SourceRange } from './textEdit';
import { endOfLine, sourceOffset } from './value';

/** More runs of vanishing characters than this are one finding: the file is then not what it seems as a whole. */
const MOST_VANISHING_RUNS = 100;

/** Blanks other than space and tab, which Ollama drops where a reader sees a space. */
const WIDE_BLANKS = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u;

/** Findings about values as such: what Ollama reads otherwise than it looks. */
export function valueDiagnostics(parsed: ParsedModelfile): readonly ModelfileDiagnostic[] {
  const unclosed = new Set(
    parsed.failures.filter(({ code }) => code === 'unclosed-quote').map(({ range }) => range.start),
  );
  const diagnostics = [...vanishingCharacters(parsed)];
  for (const command of parsed.commands) {
    if (unclosed.has(command.value.openingQuote?.start ?? -1)) continue;
    for (const check of [
      emptyValue,
      strayQuote,
      swallowedCommand,
      commentInValue,
      literalQuotes,
      literalBackslash,
    ]) {
      const diagnostic = check(parsed.text, command);
      if (diagnostic !== null) diagnostics.push(diagnostic);
    }
  }
  return diagnostics;
}

function vanishingCharacters({ text, dropped }: ParsedModelfile): readonly ModelfileDiagnostic[] {
  const [first] = dropped;
  const last = dropped.at(-1);
  if (first === undefined || last === undefined) return [];
  const problem = { code: 'vanishing-characters', severity: 'warning' } as const;
  const title = l10n.t('Replace wide blanks and remove what does not print');
  if (dropped.length > MOST_VANISHING_RUNS) {
    const range = { start: first.start, end: last.end };
    const edits = dropped.map((run) => ({ range: run, newText: printedForm(text, run) }));
    const message = l10n.t(
      'Ollama drops {0} runs of characters here, because they do not print.',
      dropped.length,
    );
    return [{ ...problem, range, message, fixes: [{ title, edits }] }];
  }
  return dropped.map((range) => {
    const isOne = String.fromCodePoint(text.codePointAt(range.start) ?? 0).length === range.end - range.start;
    const name = codePointName(text, range.start);
    const message = isOne
      ? l10n.t('Ollama drops this character ({0}), because it does not print.', name)
      : l10n.t('Ollama drops these characters ({0} and more), because they do not print.', name);
    const newText = printedForm(text, range);
    const fix = replaceFix(
      newText === '' ? l10n.t('Remove what does not print') : l10n.t('Replace with a blank'),
      range,
      newText,
    );
    return { ...problem, range, message, fixes: [fix] };
  });
}

/** One blank for a run that looks like one, else nothing. */
function printedForm(text: string, run: SourceRange): string {
  return WIDE_BLANKS.test(text.slice(run.start, run.end)) ? ' ' : '';
}

function codePointName(text: string, offset: number): string {
  return `U+${(text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const MEANING_OF_EMPTY: Readonly<Partial<Record<CommandKeyword, () => string>>> = {
  from: () => l10n.t('An empty FROM means the folder of the Modelfile.'),
  adapter: () => l10n.t('An empty ADAPTER means the folder of the Modelfile.'),
  draft: () => l10n.t('An empty DRAFT means the folder of the Modelfile.'),
  template: () => l10n.t('An empty TEMPLATE has no effect: that of the base model stays.'),
  system: () => l10n.t('An empty SYSTEM has no effect: that of the base model stays.'),
  license: () => l10n.t('This LICENSE is empty.'),
  message: () => l10n.t('This MESSAGE is empty.'),
  renderer: () => l10n.t('An empty RENDERER has no effect.'),
  parser: () => l10n.t('An empty PARSER has no effect.'),
};

function emptyValue(text: string, command: ModelfileCommand): ModelfileDiagnostic | null {
  if (command.value.text !== '') return null;
  const message =
    command.name === 'stop'
      ? l10n.t('An empty stop never stops anything.')
      : MEANING_OF_EMPTY[command.keyword]?.();
  if (message === undefined) return null;
  const fixes = [removeLinesFix(l10n.t('Remove this line'), text, command.range)];
  return { code: 'empty-value', severity: 'warning', range: command.range, message, fixes };
}

/** A quote that looks closed but is not at its line's end, so that the value takes following lines. */
function strayQuote(text: string, { value, range }: ModelfileCommand): ModelfileDiagnostic | null {
  const { content, quote } = value;
  if (quote === '') return null;
  // One quote matters on its own line only: further down, quotes are how people write.
  const searchEnd = quote === '"' ? endOfLine(text, content.start) : content.end;
  const found = text.slice(content.start, Math.min(searchEnd, content.end)).indexOf(quote);
  if (found < 0) return null;
  const closing = { start: content.start + found, end: content.start + found + quote.length };
  const lineEnd = endOfLine(text, closing.end);
  if (lineEnd >= content.end) return null;
  const tail = { start: closing.end, end: lineEnd };
  const isComment = text.slice(tail.start, tail.end).trimStart().startsWith('#');
  const remove = replaceFix(l10n.t('Remove the text after the quote'), tail, '');
  const message = l10n.t(
    'Text stands after this {0}, so it closes nothing: the value goes on over the following lines, up to the next line that ends with {0}.',
    quote,
  );
  const fixes = isComment ? [moveCommentFix(text, range, tail), remove] : [remove];
  return { code: 'text-after-closing-quote', severity: 'warning', range: closing, message, fixes };
}

/** A line inside `"` that looks like a command, where the quote was most likely forgotten. */
function swallowedCommand(text: string, { value }: ModelfileCommand): ModelfileDiagnostic | null {
  const { content, quote, openingQuote } = value;
  if (quote !== '"' || openingQuote === null) return null;
  for (let end = endOfLine(text, content.start); end < content.end; end = endOfLine(text, end + 1)) {
    if (!looksLikeCommand(text, end + 1)) continue;
    const line = { start: end + 1, end: endOfLine(text, end + 1) };
    const message = l10n.t(
      'This line is part of the quoted value above, not a command: a " there is not closed on its line.',
    );
    const close = replaceFix(l10n.t('Close the quote above'), { start: end, end }, '"');
    // The quote that closed the value up to now would then stand alone: only its owner knows what to do with it.
    return {
      code: 'swallowed-command',
      severity: 'warning',
      range: line,
      message,
      fixes: [close],
      related: openingQuote,
    };
  }
  return null;
}

/** Commands whose value is a name or number, where a `#` with blanks around it is surely meant as a comment. */
const NAMED_VALUES: ReadonlySet<CommandKeyword> = new Set<CommandKeyword>([
  ...(['from', 'adapter', 'draft', 'renderer', 'parser', 'requires', 'parameter'] as const),
]);

function commentInValue(
  text: string,
  { value, keyword, range }: ModelfileCommand,
): ModelfileDiagnostic | null {
  if (value.quote !== '') return null;
  const found = /[ \t]#/.exec(value.text);
  if (found === null) return null;
  const kept = value.text.slice(0, found.index).trimEnd();
  const tail = { start: sourceOffset(value, kept.length), end: value.range.end };
  const isNamed = NAMED_VALUES.has(keyword);
  const message = l10n.t('# begins a comment only at the start of a line: here it is part of the value.');
  return {
    ...{ code: 'comment-in-value', severity: isNamed ? 'warning' : 'information', range: tail, message },
    fixes: [moveCommentFix(text, range, tail)],
  };
}

const LITERAL_QUOTES = /^(?:'.*'|‘.*’|“.*”|„.*[“”]|«.*»)$/su;

function literalQuotes(text: string, { value }: ModelfileCommand): ModelfileDiagnostic | null {
  if (value.quote !== '' || value.text.length < 2 || !LITERAL_QUOTES.test(value.text)) return null;
  const { range } = value;
  const inner = text.slice(range.start + 1, range.end - 1);
  const message = l10n.t('These quotes become part of the value: only " and """ quote.');
  const fixes = inner.includes('"') ? [] : [replaceFix(l10n.t('Change to "'), range, `"${inner}"`)];
  return { code: 'literal-quotes', severity: 'warning', range, message, fixes };
}

/** Commands whose text people escape out of habit; templates have strings of their own, in which escapes work. */
const PLAIN_TEXTS: ReadonlySet<string> = new Set(['stop', 'system', 'message']);

function literalBackslash(text: string, { name, value }: ModelfileCommand): ModelfileDiagnostic | null {
  if (!PLAIN_TEXTS.has(name) || !/\\[nrt"]/.test(value.text)) return null;
  const [escape = ''] = /\\[nrt"]/.exec(text.slice(value.content.start, value.content.end)) ?? [];
  const start = value.content.start + text.slice(value.content.start, value.content.end).indexOf(escape);
  const message = l10n.t(
    'Backslashes are kept as they are: this is the two characters {0}, not an escape.',
    escape,
  );
  const severity = name === 'stop' ? 'warning' : 'information';
  return {
    code: 'literal-backslash',
    severity,
    range: { start, end: start + escape.length },
    message,
    fixes: [],
  };
}
