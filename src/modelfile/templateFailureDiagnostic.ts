import { replaceFix } from './quickFix';
import type { QuickFix } from './diagnostic';
import type { TemplateFailure } from './goTemplateNode';
import { closestName } from './spelling';
import type { TemplateDiagnostic } from './templateDiagnostic';
import { TEMPLATE_FUNCTIONS } from './templateFunctions';
import { TEMPLATE_VARIABLES } from './templateShape';

/** What to do about Go's sentences, where they do not say it themselves. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^unexpected EOF/, 'This block has no {{ end }}.'],
  [/^unexpected \{\{end\}\}/, 'No block is open here.'],
  [/\{\{else\}\}/, 'An {{ else }} stands once in an {{ if }}, {{ with }} or {{ range }}.'],
  [
    /^unexpected <(?:if|with)> in input/,
    'Only an {{ if }} can go on with {{ else if }}, only a {{ with }} with {{ else with }}.',
  ],
  [/^unclosed action/, 'The braces that open here are not closed with }}.'],
  [/^unclosed left paren|in parenthesized pipeline/, 'A parenthesis is not closed.'],
  [/right paren/, 'This parenthesis closes none.'],
  [
    /comment|^unexpected "\/"/,
    'A comment is written {{/* so */}}, with no blank between its marks and the braces.',
  ],
  [/U\+005B/, 'Go templates have no square brackets: write {{ index .Messages 0 }}.'],
  [/^unterminated/, 'A quote is not closed.'],
  [/^missing value/, 'A value or a function is missing.'],
  [/outside \{\{range\}\}/, 'It can only stand inside a {{ range }}.'],
  [/^non executable command/, 'Only a function can stand behind a |.'],
  [
    /^undefined variable/,
    'It has to be declared before, as in {{ $name := .System }}, and in a block that is still open.',
  ],
  [/^malformed character/, 'Texts stand in double quotes.'],
  [/number syntax|integer overflow/, 'This is no number that Go can read.'],
  [/^unexpected \. after term/, 'Only values that have fields can be followed by one.'],
];

/** The finding for what Ollama refuses. */
export function failureDiagnostic(template: string, failure: TemplateFailure): TemplateDiagnostic {
  const { code, start, end, line, message } = failure;
  const hint = code === 'template-unknown-function' ? unknownFunction(template, failure) : hintOn(message);
  return {
    ...{ code, severity: 'error', range: { start, end } },
    message: `Ollama refuses this template: ${message}. ${hint}`.trim(),
    fixes: fixesOf(template, failure),
    ollamaMessage: `template: :${String(line)}: ${message}`,
  };
}

function hintOn(message: string): string {
  return HINTS.find(([pattern]) => pattern.test(message))?.[1] ?? '';
}

function unknownFunction(template: string, { start, end }: TemplateFailure): string {
  const word = template.slice(start, end);
  const variable = variableMeant(word);
  if (variable !== undefined) return `The variable is written .${variable}, with a dot.`;
  return `The functions are ${[...TEMPLATE_FUNCTIONS.keys()].join(', ')}.`;
}

function variableMeant(word: string): string | undefined {
  return [...TEMPLATE_VARIABLES.keys()].find((name) => name.toLowerCase() === word.toLowerCase());
}

function fixesOf(template: string, { code, start, end, message }: TemplateFailure): readonly QuickFix[] {
  if (code === 'template-unknown-function') {
    const word = template.slice(start, end);
    const variable = variableMeant(word);
    const meant = variable === undefined ? closestName(word, TEMPLATE_FUNCTIONS.keys()) : `.${variable}`;
    return meant === null ? [] : [replaceFix(`Write ${meant}`, { start, end }, meant)];
  }
  if (message === 'unexpected EOF') {
    const behind = { start: template.length, end: template.length };
    return [replaceFix('Close the block at the end of the template', behind, '{{ end }}')];
  }
  if (message === 'unexpected {{end}}') return [replaceFix('Remove this {{ end }}', { start, end }, '')];
  return [];
}
