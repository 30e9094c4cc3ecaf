import * as l10n from '@vscode/l10n';
import { formatNumber } from '../shared/numberText';
import { PARSERS, RENDERERS } from './builtins';
import { COMMANDS } from './commandTable';
import { parameterLines } from './completion';
import { commandAt } from './cursor';
import { factsOf } from './facts';
import { fileModelOf } from './fileModel';
import { parseTemplate } from './goTemplateParser';
import { contextCostLine, largestContextLine, modelCardLines } from './modelCard';
import { namesFile } from './namedPath';
import { PARAMETERS } from './parameterTable';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { MachineFacts } from './protocol';
import { variablesAt } from './templateCompletion';
import type { SourceRange } from './textEdit';
import { sourceOffset, valueIndex } from './value';

/** What there is to say about a place: a title and paragraphs, all of it text and no Markdown. */
export interface ModelfileHover {
  readonly range: SourceRange;
  readonly title: string;
  readonly lines: readonly string[];
}

/** The hover at an offset; undefined where there is nothing to say. */
export function hoverAt(
  parsed: ParsedModelfile,
  offset: number,
  facts: MachineFacts | undefined,
): ModelfileHover | undefined {
  const command = commandAt(parsed, offset);
  if (!command) return undefined;
  const { keywordRange, parameter, role, value } = command;
  if (isIn(offset, keywordRange)) return keywordHover(command);
  if (parameter && isIn(offset, parameter.range))
    return parameterHover(parsed, command, parameter.range, facts);
  if (role && isIn(offset, role.range)) {
    const lines = [l10n.t('Who says the message: system, user or assistant, in small letters.')];
    return { range: role.range, title: role.name, lines };
  }
  return isIn(offset, value.range) ? valueHover(parsed, command, offset, facts) : undefined;
}

function isIn(offset: number, { start, end }: SourceRange): boolean {
  return start <= offset && offset <= end && end > start;
}

function keywordHover({ keyword, keywordRange }: ModelfileCommand): ModelfileHover {
  const { meaning, example, repetition } = COMMANDS[keyword];
  const repeated =
    repetition === 'adds' || keyword === 'from'
      ? undefined
      : l10n.t('If it stands in the file more than once, the last one counts.');
  const lines = [
    meaning(),
    ...(repeated === undefined ? [] : [repeated]),
    l10n.t('For example: {0}', example),
  ];
  return { range: keywordRange, title: keyword.toUpperCase(), lines };
}

function parameterHover(
  parsed: ParsedModelfile,
  command: ModelfileCommand,
  range: SourceRange,
  facts: MachineFacts | undefined,
): ModelfileHover | undefined {
  const parameter = PARAMETERS.get(command.name);
  if (!parameter) return undefined;
  const here = command.name === 'num_ctx' ? contextLines(parsed, facts) : [];
  return { range, title: parameter.name, lines: [...parameterLines(parameter), ...here] };
}

/** What the context costs with the file's model. */
function contextLines(parsed: ParsedModelfile, facts: MachineFacts | undefined): readonly string[] {
  const file = fileModelOf(parsed, facts);
  if (!file || !facts) {
    const tokens = facts?.defaultContextTokens;
    return tokens === undefined ? [] : [l10n.t('Here the default is {0} tokens', formatNumber(tokens))];
  }
  const { model, contextTokens } = file;
  return [
    contextTokens === undefined ? undefined : contextCostLine(model, contextTokens),
    largestContextLine(model, facts),
    model.maxContextTokens === undefined
      ? undefined
      : l10n.t('{0} was made for {1} tokens', model.name, formatNumber(model.maxContextTokens)),
  ].filter((line) => line !== undefined);
}

function valueHover(
  parsed: ParsedModelfile,
  command: ModelfileCommand,
  offset: number,
  facts: MachineFacts | undefined,
): ModelfileHover | undefined {
  const { name, args, value } = command;
  const { range } = value;
  switch (name) {
    case 'model': {
      const model = facts && !namesFile(command, facts.localNames) ? factsOf(args, facts) : undefined;
      if (!facts || !model) return undefined;
      const file = fileModelOf(parsed, facts);
      const tokens = file?.from === command ? file.contextTokens : facts.defaultContextTokens;
      return { range, title: model.name, lines: modelCardLines(model, facts, tokens) };
    }
    case 'renderer':
      if (!RENDERERS.has(args)) return undefined;
      return { range, title: args, lines: [l10n.t('A renderer that is built into Ollama.')] };
    case 'parser':
      if (!PARSERS.has(args)) return undefined;
      return { range, title: args, lines: [l10n.t('A parser that is built into Ollama.')] };
    case 'template':
      return templateHover(command, offset);
    default:
      return command.parameter ? parameterHover(parsed, command, range, facts) : undefined;
  }
}

/** Letters of a template's name behind the cursor. */
const WORD_AFTER = /^[\p{L}\p{Nd}_]*/u;

/** The field, variable or function under the cursor: what completion would offer for the whole word. */
function templateHover({ value }: ModelfileCommand, offset: number): ModelfileHover | undefined {
  const template = value.text;
  const index = valueIndex(value, offset);
  const end = index + (WORD_AFTER.exec(template.slice(index, index + 100))?.[0].length ?? 0);
  const found = variablesAt(template, parseTemplate(template), end);
  if (!found || found.range.end === found.range.start) return undefined;
  const word = template.slice(found.range.start, end);
  const candidate = found.candidates.find(({ name }) => name === word || name === `.${word}`);
  if (!candidate) return undefined;
  const range = { start: sourceOffset(value, found.range.start), end: sourceOffset(value, end) };
  return { range, title: candidate.name, lines: [candidate.detail] };
}
