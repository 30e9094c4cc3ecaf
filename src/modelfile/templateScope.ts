import type { TemplateAction, TemplateName, TemplatePipeline } from './goTemplateNode';
import { ANY, NUMBER, ROOT, TEXT, elementOf } from './templateShape';
import type { TemplateShape } from './templateShape';
import { pipelineShape } from './templateTyping';
import type { TemplateSight, TypingPlace } from './templateTyping';

interface ScopeFrame {
  /** What held before the block. */
  readonly dot: TemplateShape;
  readonly dollar: TemplateShape;
  readonly variables: Map<string, TemplateShape[]>;
  readonly declared: string[];
  readonly declaredCount: number;
}

const OPENING: ReadonlySet<string> = new Set<TemplateAction['kind']>([
  'if',
  'with',
  'range',
  'define',
  'block',
]);

/**
 * What the dot, `$` and the variables hold, action by action. It follows blocks that are not balanced as well as it
 * can: the text may be half typed.
 */
export class TemplateScope implements TypingPlace {
  dot = ROOT;
  dollar = ROOT;
  private variables = new Map<string, TemplateShape[]>();
  private declared: string[] = [];
  private readonly frames: ScopeFrame[] = [];

  variable(name: string): TemplateShape | undefined {
    return this.variables.get(name)?.at(-1);
  }

  /** The variables that can be used here, with what they hold; `$` is not among them. */
  *variablesInScope(): Generator<readonly [string, TemplateShape]> {
    for (const [name, shapes] of this.variables) {
      const shape = shapes.at(-1);
      if (shape !== undefined) yield [name, shape];
    }
  }

  /** Goes past an action; `see` hears of what its pipeline looks at, `unassignable` of variables that were never declared. */
  pass(
    action: TemplateAction,
    see: (sight: TemplateSight) => void,
    unassignable: (name: TemplateName) => void,
  ): void {
    if (action.kind === 'end') this.leave();
    else if (action.kind.startsWith('else')) this.turn();
    const { pipeline, kind } = action;
    const outer = this.frame();
    const shape = pipeline === undefined ? ANY : pipelineShape(pipeline, this, see);
    if (pipeline !== undefined) this.bind(pipeline, shape, kind === 'range', unassignable);
    if (OPENING.has(kind)) this.frames.push(outer);
    if (kind === 'range') this.dot = elementOf(shape);
    if (kind === 'with' || kind === 'else with') this.dot = shape;
    if (kind === 'define' || kind === 'block') this.enterTemplate(shape);
  }

  /** A template of its own knows no more than the value that it is given. */
  private enterTemplate(value: TemplateShape): void {
    this.dot = value;
    this.dollar = value;
    this.variables = new Map();
    this.declared = [];
  }

  /** Turns to the other branch of the block, where the dot is as it was before the block. */
  turn(): void {
    this.dot = this.frames.at(-1)?.dot ?? this.dot;
  }

  private frame(): ScopeFrame {
    const { dot, dollar, variables, declared } = this;
    return { dot, dollar, variables, declared, declaredCount: declared.length };
  }

  private leave(): void {
    const frame = this.frames.pop();
    if (frame === undefined) return;
    this.dot = frame.dot;
    this.dollar = frame.dollar;
    this.variables = frame.variables;
    this.declared = frame.declared;
    for (const name of this.declared.splice(frame.declaredCount)) this.variables.get(name)?.pop();
  }

  private bind(
    { targets, isAssignment }: TemplatePipeline,
    shape: TemplateShape,
    isRange: boolean,
    unassignable: (name: TemplateName) => void,
  ): void {
    targets.forEach((target, index) => {
      const value = isRange ? rangeValue(shape, targets.length > 1 && index === 0) : shape;
      const shapes = this.variables.get(target.name) ?? [];
      if (!isAssignment) {
        shapes.push(value);
        this.variables.set(target.name, shapes);
        this.declared.push(target.name);
      } else if (shapes.length === 0) unassignable(target);
      // What a variable holds after an assignment depends on the way taken.
      else if (shapes.at(-1)?.kind !== value.kind) shapes[shapes.length - 1] = ANY;
    });
  }
}

function rangeValue(shape: TemplateShape, isKey: boolean): TemplateShape {
  if (!isKey) return elementOf(shape);
  if (shape.kind === 'map') return TEXT;
  return shape.kind === 'list' || shape.kind === 'number' ? NUMBER : ANY;
}
