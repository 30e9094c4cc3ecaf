import * as l10n from '@vscode/l10n';
import { replaceFix } from './quickFix';
import { parseTemplate } from './goTemplateParser';
import type { ParsedTemplate } from './goTemplateParser';
import { compareCodePoints } from '../shared/codePointOrder';
import type { TemplateDiagnostic } from './templateDiagnostic';
import { failureDiagnostic } from './templateFailureDiagnostic';
import { templateIdentifiers } from './templateIdentifiers';
import { templateWarnings } from './templateWarnings';
import type { SourceRange } from './textEdit';

/** What Ollama makes of a template, and what there is to say about it. */
export interface TemplateAnalysis {
  readonly parsed: ParsedTemplate;
  /** Errors are what Ollama refuses; then warnings and notes in the order of the text. */
  readonly diagnostics: readonly TemplateDiagnostic[];
  /** The text with which Ollama refuses the template; undefined where it takes it. */
  readonly ollamaMessage: string | undefined;
  /**
   * The names that Ollama counts in a template that it takes, in lower case, sorted, with the `response` that it
   * appends; empty otherwise.
   */
  readonly identifiers: readonly string[];
}

/**
 * Checks the text of a TEMPLATE as Ollama v0.32.15 does, and says beyond that what would go wrong when it runs. Pure,
 * never throws, in time linear in the text. An empty template is ignored by Ollama and has no findings.
 */
export function analyseTemplate(template: string): TemplateAnalysis {
  const parsed = parseTemplate(template);
  const named = templateIdentifiers(parsed);
  const { diagnostics: warnings, usesAllVariables } = templateWarnings(parsed, named);
  if (template === '') return { parsed, diagnostics: [], ollamaMessage: undefined, identifiers: [] };
  const refusal = refusalOf(template, parsed);
  if (refusal !== undefined || parsed.isTooDeep) {
    const first = refusal ?? tooDeep(template);
    return {
      parsed,
      diagnostics: [first, ...warnings],
      ollamaMessage: refusal?.ollamaMessage,
      identifiers: [],
    };
  }
  const isResponseAppended = !named.has('messages') && !named.has('response');
  const identifiers = isResponseAppended ? [...named, 'response'].sort(compareCodePoints) : [...named];
  const hasPrompt = named.has('messages') || named.has('prompt') || usesAllVariables;
  const notes = [
    ...(hasPrompt ? [] : [withoutPrompt(template)]),
    ...(isResponseAppended ? [appended(parsed, template)] : []),
  ];
  return { parsed, diagnostics: [...warnings, ...notes], ollamaMessage: undefined, identifiers };
}

function refusalOf(template: string, parsed: ParsedTemplate): TemplateDiagnostic | undefined {
  if (parsed.failure !== undefined) return failureDiagnostic(template, parsed.failure);
  const bare = parsed.actions.find(({ kind, pipeline }) => kind === 'template' && pipeline === undefined);
  if (bare === undefined || parsed.isTooDeep) return undefined;
  return {
    ...{ code: 'template-without-argument', severity: 'error', range: { start: bare.start, end: bare.end } },
    message: l10n.t(
      'Ollama refuses a {{ template }} without a value: undefined template specified. Write {{ template "name" . }}.',
    ),
    fixes: [
      replaceFix(
        l10n.t('Hand it the dot'),
        { start: bare.name?.end ?? bare.end, end: bare.name?.end ?? bare.end },
        ' .',
      ),
    ],
    ollamaMessage: 'undefined template specified',
  };
}

function tooDeep(template: string): TemplateDiagnostic {
  return {
    ...{ code: 'template-too-deep', severity: 'information', range: firstLine(template), fixes: [] },
    message: l10n.t('This template nests parentheses too deeply to be checked here; Ollama may take it.'),
  };
}

function withoutPrompt(template: string): TemplateDiagnostic {
  return {
    ...{ code: 'template-without-prompt', severity: 'warning', range: firstLine(template), fixes: [] },
    message: l10n.t(
      'What the user writes never reaches the model: the template uses neither .Messages nor .Prompt.',
    ),
  };
}

function appended(parsed: ParsedTemplate, template: string): TemplateDiagnostic {
  const last = parsed.actions.at(-1);
  const range = last === undefined ? firstLine(template) : { start: last.start, end: last.end };
  return {
    ...{ code: 'template-response-appended', severity: 'information', range, fixes: [] },
    message: l10n.t(
      'Ollama appends {{ .Response }}, because the template uses neither .Messages nor .Response.',
    ),
  };
}

function firstLine(template: string): SourceRange {
  return { start: 0, end: /^[^\r\n]*/.exec(template)?.[0].length ?? 0 };
}
