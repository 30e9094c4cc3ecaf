import type { ModelfileDiagnostic, QuickFix } from './diagnostic';
import type { ParsedModelfile } from './parse';
import { analyseTemplate } from './templateAnalysis';
import type { TemplateDiagnosticCode } from './templateDiagnostic';
import type { SourceRange } from './textEdit';
import { sourceOffset } from './value';
import type { ModelfileValue } from './value';

/**
 * The findings in the template that counts, at their places in the file: the last TEMPLATE. Ollama does not look at
 * earlier ones, nor at an empty one.
 */
export function templateDiagnostics({
  commands,
  failures,
}: ParsedModelfile): readonly ModelfileDiagnostic<TemplateDiagnosticCode>[] {
  const value = commands.findLast(({ name }) => name === 'template')?.value;
  if (value === undefined || value.text === '') return [];
  // Where a template ends that was never closed is only a guess, and so would its findings be.
  if (
    failures.some(({ code, range }) => code === 'unclosed-quote' && range.start === value.openingQuote?.start)
  )
    return [];
  return analyseTemplate(value.text).diagnostics.map(({ ollamaMessage, ...finding }) => ({
    ...finding,
    range: sourceRange(value, finding.range),
    fixes: finding.fixes.map((fix) => sourceFix(value, fix)),
    ...(ollamaMessage === undefined ? {} : { ollamaMessage: `template error: ${ollamaMessage}` }),
  }));
}

function sourceFix(value: ModelfileValue, { title, edits }: QuickFix): QuickFix {
  return { title, edits: edits.map(({ range, newText }) => ({ range: sourceRange(value, range), newText })) };
}

function sourceRange(value: ModelfileValue, { start, end }: SourceRange): SourceRange {
  // The end is that of the last character: characters that vanish after it belong to what follows.
  const last = end > start ? sourceOffset(value, end - 1) + 1 : sourceOffset(value, end);
  return { start: sourceOffset(value, start), end: last };
}
