import type { TemplateCommand, TemplateName, TemplateOperand, TemplatePipeline } from './goTemplateNode';
import { TEMPLATE_FUNCTIONS } from './templateFunctions';
import type { TemplateFunction } from './templateFunctions';
import { ANY, BOOLEAN, NUMBER, TEXT, elementOf, memberOf } from './templateShape';
import type { TemplateShape } from './templateShape';
import type { SourceRange } from './textEdit';

export interface SeenField {
  readonly kind: 'field';
  readonly of: TemplateShape;
  readonly name: TemplateName;
  /** Whether it is, or may be, there. */
  readonly isKnown: boolean;
  /** Whether it is the dot's own: `.Name` with nothing before it. */
  readonly isOfDot: boolean;
}

/** What is seen while the values of a pipeline are followed. */
export type TemplateSight =
  | SeenField
  | { readonly kind: 'whole value'; readonly shape: TemplateShape }
  | { readonly kind: 'arguments of a value'; readonly range: SourceRange }
  | { readonly kind: 'nil as a command'; readonly range: SourceRange }
  | {
      readonly kind: 'wrong number of arguments';
      readonly range: SourceRange;
      readonly name: string;
      readonly function: TemplateFunction;
      readonly given: number;
    };

/** Where a pipeline stands: what the dot, `$` and the variables hold. */
export interface TypingPlace {
  readonly dot: TemplateShape;
  readonly dollar: TemplateShape;
  variable(name: string): TemplateShape | undefined;
}

/** What a pipeline's value is, as far as Ollama's data tell; `see` hears of all that is looked at on the way. */
export function pipelineShape(
  pipeline: TemplatePipeline,
  place: TypingPlace,
  see: (sight: TemplateSight) => void,
): TemplateShape {
  let piped: TemplateShape | undefined;
  for (const command of pipeline.commands) piped = commandShape(command, piped, place, see);
  return piped ?? ANY;
}

function commandShape(
  { operands }: TemplateCommand,
  piped: TemplateShape | undefined,
  place: TypingPlace,
  see: (sight: TemplateSight) => void,
): TemplateShape {
  const [first, ...others] = operands;
  if (first === undefined) return ANY;
  if (first.kind === 'function') {
    const given = others.map((operand) => operandShape(operand, place, see));
    return callShape(first, piped === undefined ? given : [...given, piped], see);
  }
  const shape = operandShape(first, place, see);
  for (const operand of others) operandShape(operand, place, see);
  if (first.kind === 'nil') see({ kind: 'nil as a command', range: first });
  else if (others.length > 0 || piped !== undefined) see({ kind: 'arguments of a value', range: first });
  return shape;
}

function operandShape(
  operand: TemplateOperand,
  place: TypingPlace,
  see: (sight: TemplateSight) => void,
): TemplateShape {
  switch (operand.kind) {
    case 'field':
      return pathShape(place.dot, operand.path, see, true);
    case 'variable': {
      const { variable, path } = operand;
      const shape = variable.name === '$' ? place.dollar : (place.variable(variable.name) ?? ANY);
      if (path.length === 0) see({ kind: 'whole value', shape });
      return pathShape(shape, path, see);
    }
    case 'dot':
      see({ kind: 'whole value', shape: place.dot });
      return place.dot;
    case 'pipeline':
      return pipelineShape(operand.pipeline, place, see);
    case 'chain':
      return pathShape(operandShape(operand.base, place, see), operand.path, see);
    case 'function':
      return callShape(operand, [], see);
    case 'string':
      return TEXT;
    case 'number':
      return NUMBER;
    case 'bool':
      return BOOLEAN;
    case 'nil':
      return ANY;
  }
}

/** What the last field of a path holds. */
export function pathShape(
  base: TemplateShape,
  path: readonly TemplateName[],
  see: (sight: TemplateSight) => void,
  isDot = false,
): TemplateShape {
  let shape = base;
  for (const [index, name] of path.entries()) {
    const member = memberOf(shape, name.name);
    see({ kind: 'field', of: shape, name, isKnown: member !== undefined, isOfDot: isDot && index === 0 });
    shape = member ?? ANY;
  }
  return shape;
}

function callShape(
  { name, start, end }: Extract<TemplateOperand, { readonly kind: 'function' }>,
  given: readonly TemplateShape[],
  see: (sight: TemplateSight) => void,
): TemplateShape {
  const called = TEMPLATE_FUNCTIONS.get(name);
  if (called === undefined) return ANY;
  if (given.length < called.least || given.length > called.most)
    see({
      kind: 'wrong number of arguments',
      range: { start, end },
      name,
      function: called,
      given: given.length,
    });
  switch (called.result) {
    case 'string':
      return TEXT;
    case 'boolean':
      return BOOLEAN;
    case 'number':
      return NUMBER;
    case 'any':
      return ANY;
    case 'first argument':
      return given[0] ?? ANY;
    case 'element':
      return given.slice(1).reduce<TemplateShape>((shape) => elementOf(shape), given[0] ?? ANY);
  }
}
