import { shorten } from '../shared/shorten';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { SourceRange } from './textEdit';

export interface ModelfileSymbol {
  readonly kind: 'model' | 'parameter' | 'text' | 'message';
  readonly name: string;
  readonly detail: string;
  readonly range: SourceRange;
  /** What is selected when one goes there. */
  readonly selection: SourceRange;
}

/** Characters of a value that an outline shows. */
const LONGEST_DETAIL = 60;

/** The commands of a file, for an outline. */
export function symbols({ commands }: ParsedModelfile): readonly ModelfileSymbol[] {
  return commands.map((command) => {
    const { keywordRange, parameter, value, range } = command;
    const detail = shorten(value.text.trim().replaceAll(/\s+/g, ' '), LONGEST_DETAIL);
    const named = parameter?.range ?? keywordRange;
    const selection = named.end > named.start ? named : keywordRange;
    return { kind: kindOf(command), name: nameOf(command), detail, range, selection };
  });
}

function nameOf({ keyword, parameter, role }: ModelfileCommand): string {
  if (role) return `MESSAGE ${role.name}`;
  return parameter && parameter.name !== '' ? parameter.name : keyword.toUpperCase();
}

function kindOf({ keyword }: ModelfileCommand): ModelfileSymbol['kind'] {
  if (keyword === 'parameter') return 'parameter';
  if (keyword === 'message') return 'message';
  return keyword === 'from' || keyword === 'adapter' || keyword === 'draft' ? 'model' : 'text';
}
