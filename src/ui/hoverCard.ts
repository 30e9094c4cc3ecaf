import * as vscode from 'vscode';
import { asText } from './markdownText';

/** A paragraph, a warning with its mark, or a list; what is undefined or empty is left out. */
export type CardLine =
  string | undefined | { readonly warning: string } | { readonly list: readonly string[] };

/**
 * A hover: short paragraphs under a bold title. All of it is shown as text and never read as Markdown, because names
 * and messages come from servers.
 */
export function hoverCard(title: string, lines: readonly CardLine[]): vscode.MarkdownString {
  const card = new vscode.MarkdownString('', true);
  card.appendMarkdown(`**${asText(title)}**`);
  for (const line of lines) {
    if (line === undefined || line === '') continue;
    card.appendMarkdown('\n\n');
    if (typeof line === 'string') card.appendMarkdown(asText(line));
    else if ('warning' in line) card.appendMarkdown(`$(warning) ${asText(line.warning)}`);
    else card.appendMarkdown(line.list.map((entry) => `- ${asText(entry)}`).join('\n'));
  }
  return card;
}
