import type { TemplateOperand, TemplatePipeline } from './goTemplateNode';
import type { ParsedTemplate } from './goTemplateParser';
import { compareCodePoints } from '../shared/codePointOrder';

/**
 * The names that a template's pipelines use, as Ollama counts them: of fields and variables each part, in lower case,
 * sorted. What stands before a field in parentheses is not counted: `(index .Messages 0).Role` names nothing.
 */
export function templateIdentifiers(parsed: ParsedTemplate): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { pipeline } of parsed.actions) if (pipeline !== undefined) addNames(pipeline, names);
  return new Set([...names].map(goLowerCase).sort(compareCodePoints));
}

function addNames(pipeline: TemplatePipeline, names: Set<string>): void {
  for (const { operands } of pipeline.commands)
    for (const operand of operands) {
      if (operand.kind === 'pipeline') addNames(operand.pipeline, names);
      else for (const name of namesOf(operand)) names.add(name);
    }
}

function namesOf(operand: TemplateOperand): readonly string[] {
  if (operand.kind === 'field') return operand.path.map(({ name }) => name);
  return operand.kind === 'variable' ? [operand.variable.name, ...operand.path.map(({ name }) => name)] : [];
}

/** Go makes letters small one by one, whatever stands around them. */
function goLowerCase(name: string): string {
  return Array.from(name, (letter) => String.fromCodePoint(letter.toLowerCase().codePointAt(0) ?? 0)).join(
    '',
  );
}
