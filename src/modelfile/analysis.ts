import { commandDiagnostics } from './analysisCommands';
import { modelDiagnostics } from './analysisModels';
import { parameterDiagnostics } from './analysisParameters';
import { syntaxDiagnostics } from './analysisSyntax';
import { templateDiagnostics } from './analysisTemplate';
import { valueDiagnostics } from './analysisValues';
import type { DiagnosticCode, ModelfileDiagnostic } from './diagnostic';
import type { ModelfileFacts } from './facts';
import type { ParsedModelfile } from './parse';
import type { TemplateDiagnosticCode } from './templateDiagnostic';

/** A finding in a Modelfile or in its template. */
export type ModelfileFinding = ModelfileDiagnostic<DiagnosticCode | TemplateDiagnosticCode>;

/**
 * All findings in a Modelfile, in the order of their places: what Ollama refuses, and what it takes but does not do as
 * one would think; the template that counts with it. With `facts`, what this machine knows of the models is looked at
 * as well. Never throws; time in proportion to the text's length.
 */
export function analyseModelfile(
  parsed: ParsedModelfile,
  facts?: ModelfileFacts,
): readonly ModelfileFinding[] {
  const { text, commands } = parsed;
  const findings: ModelfileFinding[] = [
    ...[
      syntaxDiagnostics(parsed),
      parameterDiagnostics(text, commands),
      commandDiagnostics(text, commands, facts?.localNames),
    ],
    ...[valueDiagnostics(parsed), modelDiagnostics(text, commands, facts), templateDiagnostics(parsed)],
  ].flat();
  return findings.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}
