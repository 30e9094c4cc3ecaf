import type { DiagnosticSeverity, QuickFix } from './diagnostic';
import type { TemplateFailure } from './goTemplateNode';
import type { SourceRange } from './textEdit';

/** Every finding in a template by its stable name. Those that Ollama refuses are errors, all others are not. */
export type TemplateDiagnosticCode =
  | TemplateFailure['code']
  | 'template-without-argument'
  | 'template-unknown-variable'
  | 'template-unset-variable'
  | 'template-unknown-field'
  | 'template-fails-when-run'
  | 'template-without-prompt'
  | 'template-response-appended'
  | 'template-too-deep';

/** One finding; ranges and edits are offsets in the template's text, not in the Modelfile. */
export interface TemplateDiagnostic {
  readonly code: TemplateDiagnosticCode;
  readonly severity: DiagnosticSeverity;
  readonly range: SourceRange;
  readonly message: string;
  /** Best first. */
  readonly fixes: readonly QuickFix[];
  /** The text with which Ollama refuses the template, without the `template error: ` that its server puts before it. */
  readonly ollamaMessage?: string;
}
