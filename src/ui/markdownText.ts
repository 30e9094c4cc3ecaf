/**
 * A text that Markdown shows as it is, on one line: names and messages come from servers, and are never read as Markdown.
 * VS Code's own `appendText` makes every space unbreakable, so that a sentence becomes one long line.
 */
export function asText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()<>#+\-!~|&$]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

/** A table with a heading in each column; every cell is Markdown. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
