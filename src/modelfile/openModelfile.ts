import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver';
import { analyseModelfile } from './analysis';
import type { ModelfileFinding } from './analysis';
import { looksLikePath } from './modelName';
import { parseModelfile } from './parse';
import type { ParsedModelfile } from './parse';
import type { MachineFacts } from './protocol';
import type { SourceRange } from './textEdit';

/** What a document and the facts come to; made anew when one of them changes. */
export interface OpenModelfile {
  readonly document: TextDocument;
  readonly version: number;
  readonly parsed: ParsedModelfile;
  readonly findings: readonly ModelfileFinding[];
  readonly facts: MachineFacts | undefined;
}

/** Reads a document; `missingPaths` are those that it names and that are known not to exist. */
export function openModelfile(
  document: TextDocument,
  facts: MachineFacts | undefined,
  missingPaths: readonly string[],
): OpenModelfile {
  const parsed = parseModelfile(document.getText());
  const findings = analyseModelfile(parsed, factsWith(facts, missingPaths));
  return { document, version: document.version, parsed, findings, facts };
}

/** Before the client has said anything, nothing is known of any model, and none may be called unknown. */
function factsWith(
  facts: MachineFacts | undefined,
  missingPaths: readonly string[],
): Parameters<typeof analyseModelfile>[1] {
  if (facts !== undefined) return { ...facts, missingPaths };
  return missingPaths.length === 0 ? undefined : { models: [], missingPaths, knowsModels: false };
}

/** The paths that a file names, each once, as they are written there. */
export function namedPaths({ commands }: ParsedModelfile): readonly string[] {
  const paths = commands
    .filter(({ name, args }) =>
      name === 'adapter'
        ? args !== ''
        : (name === 'model' || name === 'draft') && args !== '' && looksLikePath(args),
    )
    .map(({ args }) => args);
  return [...new Set(paths)];
}

/** A range of the document in lines and characters. */
export function rangeIn(document: TextDocument, { start, end }: SourceRange): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

/** A range in lines and characters as offsets; an end before its start counts as empty. */
export function offsetsIn(document: TextDocument, { start, end }: Range): SourceRange {
  const from = document.offsetAt(start);
  return { start: from, end: Math.max(from, document.offsetAt(end)) };
}
