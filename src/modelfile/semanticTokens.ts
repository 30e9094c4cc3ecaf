import { parseTemplate } from './goTemplateParser';
import type { TemplateOperand, TemplatePipeline } from './goTemplateNode';
import { namesFile } from './namedPath';
import { PARAMETERS } from './parameterTable';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { SourceRange } from './textEdit';
import { isMappable, sourceOffset } from './value';
import type { ModelfileValue } from './value';

/** Types of tokens, in the order of their numbers; all are among the protocol's own, so that every theme has them. */
export const TOKEN_TYPES = [
  ...(['keyword', 'parameter', 'enumMember', 'class', 'number', 'string', 'variable', 'function'] as const),
  'property',
] as const;

/** Modifiers, in the order of their bits. */
export const TOKEN_MODIFIERS = ['deprecated'] as const;

export interface SemanticToken {
  readonly type: (typeof TOKEN_TYPES)[number];
  readonly range: SourceRange;
  readonly isDeprecated?: boolean;
}

/**
 * What the parser knows and a grammar cannot: which words are commands, parameters and models, and the names in
 * templates. In the order of the text; none overlaps another or goes over the end of a line. `localNames` are named as
 * models are, and lie beside the Modelfile.
 */
export function semanticTokens(
  { commands }: ParsedModelfile,
  localNames: readonly string[] = [],
): readonly SemanticToken[] {
  return commands.flatMap((command) => {
    const { keywordRange, parameter, role } = command;
    const status = PARAMETERS.get(parameter?.name ?? '')?.status ?? 'current';
    const tokens: readonly SemanticToken[] = [
      { type: 'keyword', range: keywordRange },
      ...(parameter
        ? [{ type: 'parameter' as const, range: parameter.range, isDeprecated: status !== 'current' }]
        : []),
      ...(role ? [{ type: 'enumMember' as const, range: role.range }] : []),
      ...valueTokens(command, localNames),
    ];
    return tokens.filter(({ range }) => range.end > range.start);
  });
}

function valueTokens(command: ModelfileCommand, localNames: readonly string[]): readonly SemanticToken[] {
  const { name, value } = command;
  // A value over several lines is text; the grammar colours it.
  const isOneLine = !/[\r\n]/.test(value.text);
  const { range } = value;
  switch (name) {
    case 'model':
    case 'adapter':
    case 'draft':
      return isOneLine ? [{ type: namesFile(command, localNames) ? 'string' : 'class', range }] : [];
    case 'renderer':
    case 'parser':
    case 'requires':
      return isOneLine ? [{ type: 'enumMember', range }] : [];
    case 'template':
      return templateTokens(value);
    default: {
      const type = PARAMETERS.get(name)?.type;
      const isNumber = type === 'integer' || type === 'float' || type === 'boolean';
      return isNumber && isOneLine ? [{ type: 'number', range }] : [];
    }
  }
}

function templateTokens(value: ModelfileValue): readonly SemanticToken[] {
  if (!isMappable(value)) return [];
  const found: SemanticToken[] = [];
  const add = (type: SemanticToken['type'], { start, end }: SourceRange): void => {
    if (end <= start) return;
    const last = sourceOffset(value, end - 1) + 1;
    found.push({ type, range: { start: sourceOffset(value, start), end: last } });
  };
  for (const { pipeline } of parseTemplate(value.text).actions) pipelineTokens(pipeline, add);
  found.sort((a, b) => a.range.start - b.range.start);
  return found;
}

type AddToken = (type: SemanticToken['type'], range: SourceRange) => void;

function pipelineTokens(pipeline: TemplatePipeline | undefined, add: AddToken): void {
  if (!pipeline) return;
  for (const target of pipeline.targets) add('variable', target);
  for (const { operands } of pipeline.commands) {
    for (const operand of operands) operandTokens(operand, add);
  }
}

function operandTokens(operand: TemplateOperand, add: AddToken): void {
  switch (operand.kind) {
    case 'field':
      for (const name of operand.path) add('property', name);
      return;
    case 'variable':
      add('variable', operand.variable);
      for (const name of operand.path) add('property', name);
      return;
    case 'function':
      add('function', operand);
      return;
    case 'pipeline':
      pipelineTokens(operand.pipeline, add);
      return;
    case 'chain':
      operandTokens(operand.base, add);
      for (const name of operand.path) add('property', name);
      return;
    case 'dot':
    case 'nil':
    case 'bool':
    case 'number':
    case 'string':
      return;
  }
}
