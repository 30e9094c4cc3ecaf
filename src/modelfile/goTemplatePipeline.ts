import { goQuote, unquoteString } from './goTemplateQuote';
import { numberError } from './goTemplateNumber';
import type { TemplateToken } from './goTemplateToken';
import type { TemplateCommand, TemplateFailure, TemplateName, TemplateOperand } from './goTemplateNode';
import type { TemplatePipeline } from './goTemplateNode';
import { TEMPLATE_FUNCTIONS } from './templateFunctions';
import type { TemplateTokens } from './goTemplateTokens';
import type { TemplateVariables } from './templateVariables';

/** Go allows 10,000; nobody writes 500, and a runtime's stack holds them safely. */
const MAX_PARENTHESES = 500;

/** What a pipeline's parser needs of the template around it. */
export interface PipelineSurroundings {
  readonly tokens: TemplateTokens;
  /** The variables that are defined here. */
  readonly variables: TemplateVariables;
  /** Takes note of what Go would say; the first failure is the one that counts. */
  fail(
    range: { readonly start: number; readonly end: number },
    message: string,
    code?: TemplateFailure['code'],
  ): undefined;
  unexpected(token: TemplateToken, context: string): undefined;
  /** The template's own text there. */
  textOf(range: { readonly start: number; readonly end: number }): string;
  /** Nested deeper than we look: nothing is said for or against the template. */
  giveUp(): undefined;
}

/**
 * Reads a pipeline with what ends it, as Go does: declarations, then commands divided by `|`. `context` is Go's name for
 * what the pipeline belongs to. Undefined after a failure.
 */
export function parsePipeline(
  around: PipelineSurroundings,
  context: string,
  end: 'rightDelimiter' | 'rightParen',
  depth = 0,
): TemplatePipeline | undefined {
  const { tokens } = around;
  const { start } = tokens.peekNonSpace();
  const targets = parseTargets(around, context);
  if (targets === undefined) return undefined;
  const commands: TemplateCommand[] = [];
  for (;;) {
    const token = tokens.nextNonSpace();
    if (token.kind === end) {
      const pipeline = { start, end: token.start, ...targets, commands };
      return checkPipeline(around, pipeline, context, token) ? pipeline : undefined;
    }
    if (!STARTS_COMMAND.has(token.kind)) return around.unexpected(token, context);
    tokens.backUp();
    const command = parseCommand(around, depth);
    if (command === undefined) return undefined;
    commands.push(command);
  }
}

const STARTS_COMMAND: ReadonlySet<string> = new Set<TemplateToken['kind']>([
  ...(['bool', 'character', 'complex', '.', 'field', 'identifier', 'number', 'nil'] as const),
  ...(['rawString', 'string', 'variable', 'leftParen'] as const),
]);

interface PipelineTargets {
  readonly targets: readonly TemplateName[];
  readonly isAssignment: boolean;
}

/** `$x :=`, `$x =`, and for a range `$key, $value :=`. Go lets an assignment define its variable. */
function parseTargets(around: PipelineSurroundings, context: string): PipelineTargets | undefined {
  const { tokens, variables } = around;
  const targets: TemplateName[] = [];
  while (tokens.peekNonSpace().kind === 'variable') {
    const mark = tokens.mark();
    const variable = tokens.next();
    const after = tokens.nextNonSpace();
    const isComma = after.kind === 'char' && after.value === ',';
    if (!isComma && after.kind !== 'declare' && after.kind !== 'assign') {
      tokens.returnTo(mark);
      break;
    }
    targets.push(nameOf(variable));
    variables.define(variable.value);
    if (!isComma) return { targets, isAssignment: after.kind === 'assign' };
    if (context !== 'range' || targets.length > 1)
      return around.fail(variable, `too many declarations in ${context}`);
    const following = tokens.peekNonSpace();
    if (!['variable', 'rightDelimiter', 'rightParen'].includes(following.kind))
      return around.fail(following, 'range can only initialize variables');
  }
  return { targets, isAssignment: false };
}

/** Whether the pipeline has a value, and literals only at its beginning. */
function checkPipeline(
  around: PipelineSurroundings,
  pipeline: TemplatePipeline,
  context: string,
  end: TemplateToken,
): boolean {
  if (pipeline.commands.length === 0) {
    around.fail(end, `missing value for ${context}`);
    return false;
  }
  const stage = pipeline.commands.findIndex((command, index) => index > 0 && isLiteral(command.operands[0]));
  const literal = pipeline.commands[stage];
  if (literal === undefined) return true;
  around.fail(literal, `non executable command in pipeline stage ${String(stage + 1)}`);
  return false;
}

function isLiteral(operand: TemplateOperand | undefined): boolean {
  return operand !== undefined && ['bool', 'dot', 'nil', 'number', 'string'].includes(operand.kind);
}

function parseCommand(around: PipelineSurroundings, depth: number): TemplateCommand | undefined {
  const { tokens } = around;
  const { start } = tokens.peekNonSpace();
  const operands: TemplateOperand[] = [];
  let end = start;
  for (;;) {
    const operand = parseOperand(around, depth);
    if (operand === undefined) return undefined;
    if (operand !== 'none') {
      operands.push(operand);
      ({ end } = operand);
    }
    const token = tokens.next();
    if (token.kind === 'space') continue;
    if (token.kind === 'rightDelimiter' || token.kind === 'rightParen') tokens.backUp();
    else if (token.kind !== 'pipe') return around.unexpected(token, 'operand');
    if (operands.length === 0) return around.fail(token, 'empty command');
    return { start, end, operands };
  }
}

/** A term and the fields behind it; 'none' where no term follows. */
function parseOperand(around: PipelineSurroundings, depth: number): TemplateOperand | 'none' | undefined {
  const { tokens } = around;
  const term = parseTerm(around, depth);
  if (term === undefined || term === 'none' || tokens.peek().kind !== 'field') return term;
  const path: TemplateName[] = [];
  while (tokens.peek().kind === 'field') path.push(fieldName(tokens.next()));
  const end = path.at(-1)?.end ?? term.end;
  switch (term.kind) {
    case 'field':
    case 'variable':
      return { ...term, end, path: [...term.path, ...path] };
    case 'function':
    case 'pipeline':
    case 'chain':
      return { kind: 'chain', start: term.start, end, base: term, path };
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return around.fail(
        { start: term.start, end },
        `unexpected . after term ${goQuote(around.textOf(term))}`,
      );
  }
}

function parseTerm(around: PipelineSurroundings, depth: number): TemplateOperand | 'none' | undefined {
  const { tokens } = around;
  const token = tokens.nextNonSpace();
  const { start, end } = token;
  switch (token.kind) {
    case 'identifier':
      if (TEMPLATE_FUNCTIONS.has(token.value)) return { kind: 'function', start, end, name: token.value };
      return around.fail(token, `function ${goQuote(token.value)} not defined`, 'template-unknown-function');
    case '.':
      return { kind: 'dot', start, end };
    case 'nil':
    case 'bool':
      return { kind: token.kind, start, end };
    case 'field':
      return { kind: 'field', start, end, path: [fieldName(token)] };
    case 'variable':
      if (around.variables.has(token.value))
        return { kind: 'variable', start, end, variable: nameOf(token), path: [] };
      return around.fail(token, `undefined variable ${goQuote(token.value)}`, 'template-undefined-variable');
    case 'number':
    case 'complex':
    case 'character': {
      const error = numberError(token.value, token.kind);
      return error === undefined ? { kind: 'number', start, end } : around.fail(token, error);
    }
    case 'string':
    case 'rawString':
      if (unquoteString(token.value) === undefined) return around.fail(token, 'invalid syntax');
      return { kind: 'string', start, end };
    case 'leftParen':
      return parseParentheses(around, token, depth);
    default:
      tokens.backUp();
      return 'none';
  }
}

function parseParentheses(
  around: PipelineSurroundings,
  open: TemplateToken,
  depth: number,
): TemplateOperand | undefined {
  if (depth >= MAX_PARENTHESES) return around.giveUp();
  const pipeline = parsePipeline(around, 'parenthesized pipeline', 'rightParen', depth + 1);
  return pipeline && { kind: 'pipeline', start: open.start, end: pipeline.end + 1, pipeline };
}

function nameOf({ value, start, end }: TemplateToken): TemplateName {
  return { name: value, start, end };
}

function fieldName({ value, start, end }: TemplateToken): TemplateName {
  return { name: value.slice(1), start: start + 1, end };
}
