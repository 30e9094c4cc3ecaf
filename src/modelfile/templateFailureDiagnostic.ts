import * as l10n from '@vscode/l10n';
import { replaceFix } from './quickFix';
import type { QuickFix } from './diagnostic';
import type { TemplateFailure } from './goTemplateNode';
import { closestName } from './spelling';
import type { TemplateDiagnostic } from './templateDiagnostic';
import { TEMPLATE_FUNCTIONS } from './templateFunctions';
import { TEMPLATE_VARIABLES } from './templateShape';

/** What to do about Go's sentences, where they do not say it themselves. */
const HINTS: readonly (readonly [RegExp, () => string])[] = [
  [/^unexpected EOF/, () => l10n.t('This block has no {{ end }}.')],
  [/^unexpected \{\{end\}\}/, () => l10n.t('No block is open here.')],
  [/\{\{else\}\}/, () => l10n.t('An {{ else }} stands once in an {{ if }}, {{ with }} or {{ range }}.')],
  [
    /^unexpected <(?:if|with)> in input/,
    () => l10n.t('Only an {{ if }} can go on with {{ else if }}, only a {{ with }} with {{ else with }}.'),
  ],
  [/^unclosed action/, () => l10n.t('The braces that open here are not closed with }}.')],
  [/^unclosed left paren|in parenthesized pipeline/, () => l10n.t('A parenthesis is not closed.')],
  [/right paren/, () => l10n.t('This parenthesis closes none.')],
  [
    /comment|^unexpected "\/"/,
    () => l10n.t('A comment is written {{/* so */}}, with no blank between its marks and the braces.'),
  ],
  [/U\+005B/, () => l10n.t('Go templates have no square brackets: write {{ index .Messages 0 }}.')],
  [/^unterminated/, () => l10n.t('A quote is not closed.')],
  [/^missing value/, () => l10n.t('A value or a function is missing.')],
  [/outside \{\{range\}\}/, () => l10n.t('It can only stand inside a {{ range }}.')],
  [/^non executable command/, () => l10n.t('Only a function can stand behind a |.')],
  [
    /^undefined variable/,
    () =>
      l10n.t(
        'It has to be declared before, as in {{ $name := .System }}, and in a block that is still open.',
      ),
  ],
  [/^malformed character/, () => l10n.t('Texts stand in double quotes.')],
  [/number syntax|integer overflow/, () => l10n.t('This is no number that Go can read.')],
  [/^unexpected \. after term/, () => l10n.t('Only values that have fields can be followed by one.')],
];

/** The finding for what Ollama refuses. */
export function failureDiagnostic(template: string, failure: TemplateFailure): TemplateDiagnostic {
  const { code, start, end, line, message } = failure;
  const hint = code === 'template-unknown-function' ? unknownFunction(template, failure) : hintOn(message);
  return {
    ...{ code, severity: 'error', range: { start, end } },
    message: `${l10n.t('Ollama refuses this template: {0}.', message)} ${hint}`.trim(),
    fixes: fixesOf(template, failure),
    ollamaMessage: `template: :${String(line)}: ${message}`,
  };
}

function hintOn(message: string): string {
  return HINTS.find(([pattern]) => pattern.test(message))?.[1]() ?? '';
}

function unknownFunction(template: string, { start, end }: TemplateFailure): string {
  const word = template.slice(start, end);
  const variable = variableMeant(word);
  if (variable !== undefined) return l10n.t('The variable is written .{0}, with a dot.', variable);
  return l10n.t('The functions are {0}.', [...TEMPLATE_FUNCTIONS.keys()].join(', '));
}

function variableMeant(word: string): string | undefined {
  return [...TEMPLATE_VARIABLES.keys()].find((name) => name.toLowerCase() === word.toLowerCase());
}

function fixesOf(template: string, { code, start, end, message }: TemplateFailure): readonly QuickFix[] {
  if (code === 'template-unknown-function') {
    const word = template.slice(start, end);
    const variable = variableMeant(word);
    const meant = variable === undefined ? closestName(word, TEMPLATE_FUNCTIONS.keys()) : `.${variable}`;
    return meant === null ? [] : [replaceFix(l10n.t('Write {0}', meant), { start, end }, meant)];
  }
  if (message === 'unexpected EOF') {
    const behind = { start: template.length, end: template.length };
    return [replaceFix(l10n.t('Close the block at the end of the template'), behind, '{{ end }}')];
  }
  if (message === 'unexpected {{end}}')
    return [replaceFix(l10n.t('Remove this {{ end }}'), { start, end }, '')];
  return [];
}
