import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from 'vscode-languageserver';
import { analyseModelfile } from './analysis';
import type { ModelfileFinding } from './analysis';
import type { NamesOnDisk } from './facts';
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
  /** With what is known of the names in this document. */
  readonly facts: MachineFacts | undefined;
}

/** What is known of a document before a look at the disk. */
export const NOT_LOOKED_AT: NamesOnDisk = { missingPaths: [], localNames: [] };

/** Reads a document; `onDisk` is what a look at the disk said of the names in it. */
export function openModelfile(
  document: TextDocument,
  facts: MachineFacts | undefined,
  onDisk: NamesOnDisk,
): OpenModelfile {
  const parsed = parseModelfile(document.getText());
  const known = factsWith(facts, onDisk);
  const findings = analyseModelfile(parsed, known);
  return { document, version: document.version, parsed, findings, facts: known };
}

/** Before the client has said anything, nothing is known of any model, and none may be called unknown. */
function factsWith(facts: MachineFacts | undefined, onDisk: NamesOnDisk): MachineFacts | undefined {
  if (facts !== undefined) return { ...facts, ...onDisk };
  const isNothing = onDisk.missingPaths.length === 0 && onDisk.localNames.length === 0;
  return isNothing ? undefined : { models: [], knowsModels: false, ...onDisk };
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
