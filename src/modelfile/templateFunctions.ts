import * as l10n from '@vscode/l10n';

/** A function that templates may call. */
export interface TemplateFunction {
  /** Arguments that it needs at least and takes at most; a piped value is one of them. */
  readonly least: number;
  readonly most: number;
  readonly result: 'string' | 'boolean' | 'number' | 'any' | 'first argument' | 'element';
  readonly signature: string;
  readonly detail: () => string;
}

/** Ollama's own four functions and those of Go 1.26's text/template; Ollama registers no others. */
export const TEMPLATE_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['json', row(1, 1, 'string', 'json value', () => l10n.t('the value as JSON'))],
  [
    'currentDate',
    row(0, Infinity, 'string', 'currentDate', () => l10n.t('today, as 2006-01-02; arguments are ignored')),
  ],
  [
    'yesterdayDate',
    row(0, Infinity, 'string', 'yesterdayDate', () =>
      l10n.t('yesterday, as 2006-01-02; arguments are ignored'),
    ),
  ],
  [
    'toTypeScriptType',
    row(1, 1, 'string', 'toTypeScriptType property', () => l10n.t("a tool property's type, in TypeScript")),
  ],
  ['and', row(1, Infinity, 'any', 'and x y…', () => l10n.t('the first empty argument, else the last'))],
  [
    'or',
    row(1, Infinity, 'any', 'or x y…', () => l10n.t('the first argument that is not empty, else the last')),
  ],
  ['not', row(1, 1, 'boolean', 'not x', () => l10n.t('whether the argument is empty'))],
  ['len', row(1, 1, 'number', 'len list', () => l10n.t('the length of a list, map or text'))],
  ['index', row(1, Infinity, 'element', 'index list 0', () => l10n.t('an element of a list or map'))],
  [
    'slice',
    row(1, 4, 'first argument', 'slice list 1', () =>
      l10n.t('a part of a list or text, from one index to another'),
    ),
  ],
  ['print', row(0, Infinity, 'string', 'print x…', () => l10n.t('the arguments as text'))],
  ['printf', row(1, Infinity, 'string', 'printf "%s" x', () => l10n.t('the arguments in a format'))],
  ['println', row(0, Infinity, 'string', 'println x…', () => l10n.t('the arguments as a line'))],
  ['html', row(0, Infinity, 'string', 'html x', () => l10n.t('the text, escaped for HTML'))],
  ['js', row(0, Infinity, 'string', 'js x', () => l10n.t('the text, escaped for JavaScript'))],
  ['urlquery', row(0, Infinity, 'string', 'urlquery x', () => l10n.t("the text, escaped for a URL's query"))],
  [
    'call',
    row(1, Infinity, 'any', 'call f x…', () => l10n.t('what a function value returns; Ollama passes none')),
  ],
  ['eq', row(2, Infinity, 'boolean', 'eq x y…', () => l10n.t('whether x equals one of the others'))],
  ['ne', row(2, 2, 'boolean', 'ne x y', () => l10n.t('whether x differs from y'))],
  ['lt', row(2, 2, 'boolean', 'lt x y', () => l10n.t('whether x is below y'))],
  ['le', row(2, 2, 'boolean', 'le x y', () => l10n.t('whether x is at most y'))],
  ['gt', row(2, 2, 'boolean', 'gt x y', () => l10n.t('whether x is above y'))],
  ['ge', row(2, 2, 'boolean', 'ge x y', () => l10n.t('whether x is at least y'))],
]);

function row(
  least: number,
  most: number,
  result: TemplateFunction['result'],
  signature: string,
  detail: () => string,
): TemplateFunction {
  return { least, most, result, signature, detail };
}
