/** A part of a document: offsets in UTF-16 code units, as JavaScript and the language server protocol count; the end is not part of it. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** A change to a document: what stands in `range` becomes `newText`. */
export interface TextEdit {
  readonly range: SourceRange;
  readonly newText: string;
}

/**
 * The text after all edits, which refer to the text as it was. Edits are applied in the order of their ranges; one that
 * begins inside an earlier one is left out, so that no text is changed twice.
 */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = [...edits].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  const parts: string[] = [];
  let done = 0;
  for (const { range, newText } of sorted) {
    if (range.start < done) continue;
    parts.push(text.slice(done, range.start), newText);
    done = range.end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
