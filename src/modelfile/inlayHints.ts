import { fileModelOf } from './fileModel';
import { fitHint, modelCardLines } from './modelCard';
import type { ParsedModelfile } from './parse';
import type { MachineFacts } from './protocol';

export interface ModelfileInlayHint {
  readonly offset: number;
  readonly label: string;
  /** Paragraphs of text. */
  readonly tooltip: readonly string[];
}

/** How the file's model fits this machine at the file's context, behind the FROM that counts. */
export function inlayHints(
  parsed: ParsedModelfile,
  facts: MachineFacts | undefined,
): readonly ModelfileInlayHint[] {
  const file = fileModelOf(parsed, facts);
  if (!file || !facts) return [];
  const label = fitHint(file.model, facts, file.contextTokens);
  if (label === '') return [];
  const tooltip = modelCardLines(file.model, facts, file.contextTokens);
  return [{ offset: file.from.value.range.end, label, tooltip }];
}
