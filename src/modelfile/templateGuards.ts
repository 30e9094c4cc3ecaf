import type { TemplateAction, TemplateOperand, TemplatePipeline } from './goTemplateNode';

/**
 * The names that the conditions around a place look at. What stands under `{{ if .Messages }}`, in either branch, was
 * written by somebody who knows that it may be unset.
 */
export class TemplateGuards {
  private readonly counts = new Map<string, number>();
  private readonly frames: string[][] = [];

  /** Goes past an action; the names in a condition already count for the condition itself. */
  pass({ kind, pipeline }: TemplateAction): void {
    if (kind === 'end') for (const name of this.frames.pop() ?? []) this.count(name, -1);
    if (['if', 'with', 'range', 'define', 'block'].includes(kind)) this.frames.push([]);
    const isCondition = ['if', 'with', 'else if', 'else with'].includes(kind);
    if (!isCondition || pipeline === undefined) return;
    for (const name of fieldNames(pipeline)) {
      this.frames.at(-1)?.push(name);
      this.count(name, 1);
    }
  }

  /** Whether a condition around looks at one of the names. */
  mention(...names: readonly string[]): boolean {
    return names.some((name) => (this.counts.get(name) ?? 0) > 0);
  }

  private count(name: string, by: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
}

function* fieldNames(pipeline: TemplatePipeline): Generator<string> {
  for (const { operands } of pipeline.commands) for (const operand of operands) yield* fieldNamesOf(operand);
}

function* fieldNamesOf(operand: TemplateOperand): Generator<string> {
  if (operand.kind === 'pipeline') yield* fieldNames(operand.pipeline);
  if (operand.kind === 'chain') yield* fieldNamesOf(operand.base);
  if ('path' in operand) for (const { name } of operand.path) yield name;
}
