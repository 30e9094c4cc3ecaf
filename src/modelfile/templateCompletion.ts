import * as l10n from '@vscode/l10n';
import type { TemplateAction } from './goTemplateNode';
import type { ParsedTemplate } from './goTemplateParser';
import { TEMPLATE_FUNCTIONS } from './templateFunctions';
import { TemplateScope } from './templateScope';
import { fieldsOf, shapeName } from './templateShape';
import type { TemplateShape } from './templateShape';
import { pathShape } from './templateTyping';
import type { SourceRange } from './textEdit';

/** Something that can stand at a place of a template. */
interface TemplateCandidate {
  readonly kind: 'field' | 'variable' | 'function' | 'keyword';
  /** What to write: a field without its dot, a variable with its `$`. */
  readonly name: string;
  readonly detail: string;
}

export interface TemplateCandidates {
  /** What the name would replace: the part of it that stands there, empty where none does. */
  readonly range: SourceRange;
  /** Most useful first. */
  readonly candidates: readonly TemplateCandidate[];
}

const KEYWORDS: readonly (readonly [string, () => string])[] = [
  ['if', () => l10n.t('the block only where the value is not empty')],
  ['range', () => l10n.t('the block for each element')],
  ['with', () => l10n.t('the block with the value as the dot, where it is not empty')],
  ['else', () => l10n.t('the other case of the block')],
  ['else if', () => l10n.t('the other case, on a condition')],
  ['end', () => l10n.t('ends the block')],
  ['break', () => l10n.t('leaves the range')],
  ['continue', () => l10n.t('goes on with the next element')],
  ['define', () => l10n.t('names a template')],
  ['template', () => l10n.t('puts in a named template')],
  ['block', () => l10n.t('names a template and puts it in')],
];

const WORD_BEFORE = /[\p{L}\p{Nd}_]*$/u;
const CHAIN_BEFORE = /(\$[\p{L}\p{Nd}_]*)?((?:\.[\p{L}\p{Nd}_]*)*)$/u;
/** Longer names are not completed; it bounds what is looked at for each key that is typed. */
const LONGEST_CHAIN = 500;

/**
 * What is valid at an offset of a template, half typed as it may be: after a dot the fields of what stands before it,
 * else variables, functions and, at an action's beginning, keywords. Undefined outside of actions.
 */
export function variablesAt(
  template: string,
  parsed: ParsedTemplate,
  offset: number,
): TemplateCandidates | undefined {
  const action = actionAt(template, parsed, offset);
  if (action === undefined) return undefined;
  const scope = scopeBefore(parsed, action);
  const before = template.slice(Math.max(action.start + 2, offset - LONGEST_CHAIN), offset);
  const word = WORD_BEFORE.exec(before)?.[0] ?? '';
  const [, variable, path = ''] = CHAIN_BEFORE.exec(before) ?? [];
  const range = { start: offset - word.length, end: offset };
  if (path !== '') {
    const base = variable === undefined ? scope.dot : variableShape(scope, variable);
    // A field of what stands in parentheses: it is not known.
    if (
      base === undefined ||
      /[)\p{L}\p{Nd}_]$/u.test(before.slice(0, before.length - (variable ?? '').length - path.length))
    )
      return { range, candidates: [] };
    return { range, candidates: fieldCandidates(base, path) };
  }
  const start = variable === undefined ? range.start : offset - variable.length;
  return {
    range: { start, end: offset },
    candidates: candidatesAt(scope, template.slice(action.start, start)),
  };
}

function actionAt(template: string, parsed: ParsedTemplate, offset: number): TemplateAction | undefined {
  const action = parsed.actions.findLast(({ start }) => start + 2 <= offset);
  if (action === undefined) return undefined;
  const isClosed = template.startsWith('}}', action.end - 2);
  return offset <= (isClosed ? action.end - 2 : action.end) ? action : undefined;
}

/** What holds when an action begins. */
function scopeBefore(parsed: ParsedTemplate, action: TemplateAction): TemplateScope {
  const scope = new TemplateScope();
  const nothing = (): void => undefined;
  for (const earlier of parsed.actions) {
    if (earlier === action) break;
    scope.pass(earlier, nothing, nothing);
  }
  if (action.kind.startsWith('else')) scope.turn();
  return scope;
}

function variableShape(scope: TemplateScope, name: string): TemplateShape | undefined {
  return name === '$' ? scope.dollar : scope.variable(name);
}

function fieldCandidates(base: TemplateShape, path: string): readonly TemplateCandidate[] {
  const names = path.split('.').slice(1, -1);
  const steps = names.map((name) => ({ name, start: 0, end: 0 }));
  const shape = pathShape(base, steps, () => undefined);
  return [...fieldsOf(shape)].map(([name, { detail }]) => ({ kind: 'field', name, detail: detail() }));
}

function candidatesAt(scope: TemplateScope, before: string): readonly TemplateCandidate[] {
  const fields = fieldCandidates(scope.dot, '.').map((field) => ({ ...field, name: `.${field.name}` }));
  const variables = [...scope.variablesInScope()].map(([name, shape]): TemplateCandidate => ({
    kind: 'variable',
    name,
    detail: shapeName(shape),
  }));
  const dollar: TemplateCandidate = { kind: 'variable', name: '$', detail: shapeName(scope.dollar) };
  const functions = [...TEMPLATE_FUNCTIONS].map(([name, { signature, detail }]): TemplateCandidate => ({
    kind: 'function',
    name,
    detail: `${signature}: ${detail()}`,
  }));
  const isFirst = /^\{\{(?:-[ \t\r\n])?[ \t\r\n]*$/.test(before);
  const keywords = KEYWORDS.map(([name, detail]): TemplateCandidate => ({
    kind: 'keyword',
    name,
    detail: detail(),
  }));
  return [...fields, ...variables, dollar, ...(isFirst ? keywords : []), ...functions];
}
