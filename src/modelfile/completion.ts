import * as l10n from '@vscode/l10n';
import { PARSERS, RENDERERS } from './builtins';
import { COMMANDS, MESSAGE_ROLES } from './commandTable';
import type { CommandKeyword } from './commandTable';
import { fromCompletions } from './completionModels';
import { SNIPPETS } from './completionSnippets';
import { placeAt } from './cursor';
import { fileCompletions } from './completionFiles';
import type { NamedFile } from './completionFiles';
import { parseTemplate } from './goTemplateParser';
import { defaultOf, PARAMETERS } from './parameterTable';
import type { ParameterDescription } from './parameterTable';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { MachineFacts } from './protocol';
import { variablesAt } from './templateCompletion';
import type { SourceRange } from './textEdit';
import { sourceOffset, valueIndex } from './value';

/** What a completion is, for its icon. */
export type CompletionKind =
  'command' | 'parameter' | 'value' | 'role' | 'model' | 'file' | 'folder' | 'field' | 'function' | 'snippet';

/** One offer. They are shown in the order of the list. */
export interface Completion {
  readonly kind: CompletionKind;
  readonly label: string;
  readonly detail: string;
  /** What every row of the list shows, not only the chosen one. */
  readonly row?: string;
  /** More about it, a paragraph each; texts, no Markdown. */
  readonly documentation?: readonly string[];
  /** What it replaces, on one line. */
  readonly range: SourceRange;
  readonly newText: string;
  /** `newText` has places to fill in, as VS Code writes them. */
  readonly isSnippet?: boolean;
}

/** What completion knows besides the file. */
export interface CompletionSources {
  readonly facts: MachineFacts | undefined;
  /** Files and folders that a path at the cursor may name; asked only there. */
  readonly files: readonly NamedFile[];
}

/** What can stand at an offset, most useful first; nothing where text is free. */
export function completionsAt(
  parsed: ParsedModelfile,
  offset: number,
  sources: CompletionSources,
): readonly Completion[] {
  const place = placeAt(parsed, offset);
  switch (place.kind) {
    case 'command':
      return commandCompletions(parsed, place.range);
    case 'parameter name':
      return parameterCompletions(parsed.text, place.range);
    case 'role':
      return MESSAGE_ROLES.map((role) => ({
        ...{ kind: 'role', label: role, detail: l10n.t('role of a message'), range: place.range },
        newText: withBlank(parsed.text, place.range, role),
      }));
    case 'value':
      return valueCompletions(place.command, offset, sources);
    case 'none':
      return [];
  }
}

/** What each command needs after its name; a snippet of VS Code. */
const COMMAND_SNIPPETS: Readonly<Partial<Record<CommandKeyword, string>>> = {
  template: 'TEMPLATE """$0"""',
  system: 'SYSTEM """$0"""',
  license: 'LICENSE """$0"""',
};

function commandCompletions(parsed: ParsedModelfile, range: SourceRange): readonly Completion[] {
  const hasFrom = parsed.commands.some(({ name }) => name === 'model');
  const hasValue = /^[ \t]+\S/.test(parsed.text.slice(range.end, range.end + 200));
  const commands = Object.entries(COMMANDS).map(([keyword, { meaning, example }]): Completion => {
    const name = keyword.toUpperCase();
    const snippet = COMMAND_SNIPPETS[keyword as CommandKeyword];
    return {
      ...{
        kind: 'command',
        label: name,
        detail: meaning(),
        documentation: [l10n.t('For example: {0}', example)],
        range,
      },
      ...(hasValue || snippet === undefined
        ? { newText: withBlank(parsed.text, range, name) }
        : { newText: snippet, isSnippet: true }),
    };
  });
  const snippets = SNIPPETS.map(({ label, detail, text }): Completion => ({
    ...{ kind: 'snippet', label, detail: detail(), range, newText: text, isSnippet: true },
  }));
  // FROM comes first in the table: there, it is what a file lacks; once there, it is rarely wanted again.
  const [from, ...others] = commands;
  if (!from) return [];
  return hasFrom ? [...others, ...snippets, from] : [from, ...snippets, ...others];
}

function parameterCompletions(text: string, range: SourceRange): readonly Completion[] {
  return [...PARAMETERS.values()]
    .filter(({ status }) => status === 'current')
    .map((parameter) => ({
      ...{ kind: 'parameter', label: parameter.name, range },
      detail: l10n.t('{0}, default {1}', typeName(parameter), defaultOf(parameter) ?? l10n.t('none')),
      documentation: parameterLines(parameter),
      newText: withBlank(text, range, parameter.name),
    }));
}

/** What a parameter is, a paragraph each. */
export function parameterLines(parameter: ParameterDescription): readonly string[] {
  const { meaning, note, status } = parameter;
  const defaultText = defaultOf(parameter);
  const values = valuesOf(parameter);
  return [
    meaning(),
    ...(status === 'current' ? [[values, note?.()].filter((part) => part !== undefined).join('. ')] : []),
    ...(defaultText === null ? [] : [l10n.t('Default: {0}', defaultText)]),
    ...(status === 'deprecated' ? [l10n.t('No longer used: Ollama warns and leaves it out.')] : []),
    ...(status === 'removed' ? [l10n.t('Removed: Ollama refuses a file that sets it.')] : []),
  ];
}

function valuesOf(parameter: ParameterDescription): string {
  const { range } = parameter;
  const type = typeName(parameter);
  if (!range) return type;
  return range.maximum < Number.MAX_SAFE_INTEGER
    ? l10n.t('{0} from {1} to {2}', type, range.minimum, range.maximum)
    : l10n.t('{0} from {1} up', type, range.minimum);
}

function typeName({ type }: ParameterDescription): string {
  switch (type) {
    case 'integer':
      return l10n.t('whole number');
    case 'float':
      return l10n.t('number');
    case 'boolean':
      return l10n.t('true or false');
    case 'strings':
    case 'ignored':
      return l10n.t('text');
  }
}

function valueCompletions(
  command: ModelfileCommand,
  offset: number,
  { facts, files }: CompletionSources,
): readonly Completion[] {
  const { start, end } = command.value.range;
  // An empty value stands behind the first blank; the cursor may be behind more of them.
  const range = { start: Math.min(start, offset), end: Math.max(end, offset) };
  const values = (names: Iterable<string>, detail: string): readonly Completion[] =>
    [...names].map((label) => ({ kind: 'value', label, detail, range, newText: label }));
  switch (command.name) {
    case 'model':
      return [...fromCompletions(range, command.args, facts), ...fileCompletions(range, files)];
    case 'adapter':
    case 'draft':
      return fileCompletions(range, files);
    case 'renderer':
      return values([...RENDERERS].sort(), l10n.t('renderer of Ollama'));
    case 'parser':
      return values([...PARSERS].sort(), l10n.t('parser of Ollama'));
    case 'template':
      return templateCompletions(command, offset);
    case 'use_mmap':
      return values(['true', 'false'], l10n.t('true or false'));
    case 'num_ctx':
      return values(CONTEXTS, l10n.t('tokens of context'));
    default:
      return values(defaultsOf(command.name), l10n.t('the default'));
  }
}

const CONTEXTS = ['4096', '8192', '16384', '32768', '65536', '131072'] as const;

/** The default of a parameter where it is a number that can be written. */
function defaultsOf(name: string): readonly string[] {
  const parameter = PARAMETERS.get(name);
  const text = (parameter && defaultOf(parameter)) ?? '';
  return /^-?[\d.]+$/.test(text) ? [text] : [];
}

function templateCompletions({ value }: ModelfileCommand, offset: number): readonly Completion[] {
  if (offset < value.content.start || offset > value.content.end) return [];
  const found = variablesAt(value.text, parseTemplate(value.text), valueIndex(value, offset));
  if (!found) return [];
  const range = { start: sourceOffset(value, found.range.start), end: offset };
  return found.candidates.map(({ kind, name, detail }) => ({
    ...{ kind: TEMPLATE_KINDS[kind], label: name, detail, range, newText: name },
  }));
}

const TEMPLATE_KINDS = {
  field: 'field',
  variable: 'field',
  function: 'function',
  keyword: 'command',
} as const satisfies Record<string, CompletionKind>;

/** A name with the blank that has to follow, unless it stands there already. */
function withBlank(text: string, { end }: SourceRange, name: string): string {
  return /[ \t]/.test(text.charAt(end)) ? name : `${name} `;
}
