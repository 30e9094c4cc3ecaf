import type { SourceRange } from './textEdit';

/** A name with its place; a field's place leaves out its dot. */
export interface TemplateName extends SourceRange {
  readonly name: string;
}

/** What a command is made of. */
export type TemplateOperand =
  | (SourceRange & { readonly kind: 'field'; readonly path: readonly TemplateName[] })
  | (SourceRange & {
      readonly kind: 'variable';
      /** With its `$`. */
      readonly variable: TemplateName;
      readonly path: readonly TemplateName[];
    })
  | (SourceRange & { readonly kind: 'function'; readonly name: string })
  | (SourceRange & { readonly kind: 'dot' | 'nil' | 'bool' | 'number' | 'string' })
  | (SourceRange & { readonly kind: 'pipeline'; readonly pipeline: TemplatePipeline })
  | (SourceRange & {
      /** Fields of what is no field or variable itself: `(index .Messages 0).Role`. */
      readonly kind: 'chain';
      readonly base: TemplateOperand;
      readonly path: readonly TemplateName[];
    });

/** A function or value with its arguments. */
export interface TemplateCommand extends SourceRange {
  /** At least one. */
  readonly operands: readonly TemplateOperand[];
}

export interface TemplatePipeline extends SourceRange {
  /** Variables that it declares (`:=`) or assigns (`=`), with their `$`. */
  readonly targets: readonly TemplateName[];
  readonly isAssignment: boolean;
  /** At least one. */
  readonly commands: readonly TemplateCommand[];
}

export type TemplateActionKind =
  | 'output'
  | 'if'
  | 'with'
  | 'range'
  | 'else'
  | 'else if'
  | 'else with'
  | 'end'
  | 'define'
  | 'block'
  | 'template'
  | 'break'
  | 'continue';

/** `{{ … }}`, delimiters included. */
export interface TemplateAction extends SourceRange {
  readonly kind: TemplateActionKind;
  /** Undefined where it has none, and where it could not be read. */
  readonly pipeline: TemplatePipeline | undefined;
  /** Of define, block and template. */
  readonly name: TemplateName | undefined;
}

/** Why Ollama refuses a template. */
export interface TemplateFailure extends SourceRange {
  readonly code:
    'template-syntax' | 'template-unbalanced' | 'template-unknown-function' | 'template-undefined-variable';
  /** From 1, as Go counts: where it stopped reading, which may be behind `start`. */
  readonly line: number;
  /** Go's sentence. */
  readonly message: string;
}
