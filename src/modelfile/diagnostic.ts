import type { SyntaxFailureCode } from './syntaxFailure';
import type { SourceRange, TextEdit } from './textEdit';

/** What Ollama refuses is an error; what it takes but does not do as one would think is a warning or information. */
export type DiagnosticSeverity = 'error' | 'warning' | 'information';

/** Every finding by its stable name; those of the parser are described there. */
export type DiagnosticCode =
  | SyntaxFailureCode
  | 'extra-blank-after-parameter'
  | 'unknown-parameter'
  | 'removed-parameter'
  | 'deprecated-parameter'
  | 'parameter-is-command'
  | 'invalid-integer'
  | 'invalid-float'
  | 'invalid-boolean'
  | 'not-finite'
  | 'out-of-range'
  | 'inexact-integer'
  | 'overridden-parameter'
  | 'overridden-command'
  | 'invalid-requires'
  | 'unknown-renderer'
  | 'unknown-parser'
  | 'draft-is-from'
  | 'vanishing-characters'
  | 'text-after-closing-quote'
  | 'swallowed-command'
  | 'comment-in-value'
  | 'literal-quotes'
  | 'literal-backslash'
  | 'empty-value'
  | 'invalid-model-name'
  | 'missing-file'
  | 'name-is-file'
  | 'unknown-model'
  | 'context-above-maximum'
  | 'does-not-fit';

/** A change that mends a finding. All its edits refer to the text as it is. */
export interface QuickFix {
  /** What it does, as a menu shows it. */
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** One finding in a Modelfile. */
export interface ModelfileDiagnostic<Code extends string = DiagnosticCode> {
  readonly code: Code;
  readonly severity: DiagnosticSeverity;
  readonly range: SourceRange;
  /** Plain sentences: what is wrong, and what it does. */
  readonly message: string;
  /** Best first. */
  readonly fixes: readonly QuickFix[];
  /** Ollama's exact text, where it refuses or warns itself. */
  readonly ollamaMessage?: string;
  /** Another place that the finding is about: the command that replaces this one. */
  readonly related?: SourceRange;
  /** Whether the code in the range has no effect, for an editor that shows such code faded. */
  readonly isUnused?: boolean;
}
