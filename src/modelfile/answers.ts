import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  DiagnosticTag,
  FoldingRangeKind,
  InsertTextFormat,
  MarkupKind,
  SymbolKind,
} from 'vscode-languageserver';
import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  MarkupContent,
  TextEdit as ProtocolEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ModelfileFinding } from './analysis';
import { codeLenses } from './codeLenses';
import { completionsAt } from './completion';
import type { CompletionKind } from './completion';
import type { NamedFile } from './completionFiles';
import { MOST_OFFERED } from './completionModels';
import { createdName } from './createdName';
import { folds } from './folding';
import { formatModelfile } from './format';
import { hoverAt } from './hover';
import { inlayHints } from './inlayHints';
import { rangeIn } from './openModelfile';
import type { OpenModelfile } from './openModelfile';
import { symbols } from './symbols';
import type { ModelfileSymbol } from './symbols';
import type { SourceRange, TextEdit } from './textEdit';

/** The pure features in the words of the language server protocol. */

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

const COMPLETION_KINDS: Readonly<Record<CompletionKind, CompletionItemKind>> = {
  command: CompletionItemKind.Keyword,
  parameter: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  role: CompletionItemKind.EnumMember,
  model: CompletionItemKind.Class,
  file: CompletionItemKind.File,
  folder: CompletionItemKind.Folder,
  field: CompletionItemKind.Field,
  function: CompletionItemKind.Function,
  snippet: CompletionItemKind.Snippet,
};

const SYMBOL_KINDS: Readonly<Record<ModelfileSymbol['kind'], SymbolKind>> = {
  model: SymbolKind.Class,
  parameter: SymbolKind.Property,
  text: SymbolKind.String,
  message: SymbolKind.Event,
};

/** The findings of a file, with Ollama's own words where it has some. */
export function diagnosticsOf({ document, findings }: OpenModelfile): Diagnostic[] {
  return findings.map((finding) => diagnosticOf(document, finding));
}

function diagnosticOf(document: TextDocument, finding: ModelfileFinding): Diagnostic {
  const { code, severity, range, message, ollamaMessage, related, isUnused } = finding;
  const tags = [
    ...(isUnused === true ? [DiagnosticTag.Unnecessary] : []),
    ...(code === 'deprecated-parameter' ? [DiagnosticTag.Deprecated] : []),
  ];
  return {
    ...{ range: rangeIn(document, range), severity: SEVERITIES[severity], code, source: 'Modelfile' },
    message: ollamaMessage === undefined ? message : `${message}\nOllama: ${ollamaMessage}`,
    ...(tags.length === 0 ? {} : { tags }),
    ...(related === undefined
      ? {}
      : {
          relatedInformation: [
            {
              location: { uri: document.uri, range: rangeIn(document, related) },
              message: l10n.t('This one counts.'),
            },
          ],
        }),
  };
}

/** The fixes of all findings that a range touches, the best one of each marked. */
export function codeActionsOf({ document, findings }: OpenModelfile, at: SourceRange): CodeAction[] {
  return findings
    .filter(({ range }) => range.start <= at.end && at.start <= range.end)
    .flatMap((finding) =>
      finding.fixes.map(({ title, edits }, index) => ({
        ...{ title, kind: CodeActionKind.QuickFix, isPreferred: index === 0 },
        diagnostics: [diagnosticOf(document, finding)],
        edit: { changes: { [document.uri]: editsOf(document, edits) } },
      })),
    );
}

export function completionOf(
  { document, parsed, facts }: OpenModelfile,
  offset: number,
  files: readonly NamedFile[],
): CompletionList {
  const offers = completionsAt(parsed, offset, { facts, files });
  const cursor = document.positionAt(offset);
  const items = offers.map((offer, index): CompletionItem => {
    const range = rangeIn(document, offer.range);
    // What an item replaces may not go over the end of a line.
    const isOneLine = range.start.line === cursor.line && range.end.line === cursor.line;
    return {
      ...{ label: offer.label, kind: COMPLETION_KINDS[offer.kind], detail: offer.detail },
      ...(offer.row === undefined ? {} : { labelDetails: { description: offer.row } }),
      sortText: String(index).padStart(5, '0'),
      ...(offer.documentation === undefined ? {} : { documentation: markup(offer.documentation) }),
      textEdit: {
        range: isOneLine ? range : { start: cursor, end: cursor },
        newText: offer.newText,
      },
      ...(offer.isSnippet === true ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
    };
  });
  return { isIncomplete: offers.length >= MOST_OFFERED, items };
}

export function hoverOf({ document, parsed, facts }: OpenModelfile, offset: number): Hover | null {
  const hover = hoverAt(parsed, offset, facts);
  if (!hover) return null;
  const contents = markup([`**${asText(hover.title)}**`], hover.lines);
  return { contents, range: rangeIn(document, hover.range) };
}

export function inlayHintsOf({ document, parsed, facts }: OpenModelfile): InlayHint[] {
  return inlayHints(parsed, facts).map(({ offset, label, tooltip }) => ({
    ...{ position: document.positionAt(offset), label, paddingLeft: true, tooltip: markup(tooltip) },
  }));
}

export function codeLensesOf({ document, parsed, facts }: OpenModelfile): CodeLens[] {
  const name = createdName(pathOf(document.uri));
  return codeLenses(parsed, name, facts).map(({ range, title, command }) => ({
    range: rangeIn(document, range),
    command: { title, command, arguments: [document.uri] },
  }));
}

/** The path of a URI, decoded where it can be. */
function pathOf(uri: string): string {
  const path = URL.canParse(uri) ? new URL(uri).pathname : uri;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

export function symbolsOf({ document, parsed }: OpenModelfile): DocumentSymbol[] {
  return symbols(parsed).map(({ kind, name, detail, range, selection }) => ({
    ...{ kind: SYMBOL_KINDS[kind], name, detail },
    ...{ range: rangeIn(document, range), selectionRange: rangeIn(document, selection) },
  }));
}

export function foldsOf({ document, parsed }: OpenModelfile): FoldingRange[] {
  return folds(parsed).flatMap(({ kind, ...range }) => {
    const { start, end } = rangeIn(document, range);
    const fold = { startLine: start.line, endLine: end.line };
    if (fold.endLine <= fold.startLine) return [];
    return [kind === 'comment' ? { ...fold, kind: FoldingRangeKind.Comment } : fold];
  });
}

export function formattingOf({ document, parsed }: OpenModelfile): ProtocolEdit[] {
  return editsOf(document, formatModelfile(parsed));
}

function editsOf(document: TextDocument, edits: readonly TextEdit[]): ProtocolEdit[] {
  return edits.map(({ range, newText }) => ({ range: rangeIn(document, range), newText }));
}

/** Paragraphs: the first ones as Markdown, the others as text that is never read as Markdown. */
function markup(lines: readonly string[], texts?: readonly string[]): MarkupContent {
  const paragraphs = texts === undefined ? lines.map(asText) : [...lines, ...texts.map(asText)];
  return { kind: MarkupKind.Markdown, value: paragraphs.join('\n\n') };
}

/** Names and licences come from servers: nothing in them is a link, a picture or a heading. */
function asText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()<>#+\-!~|&$]/g, '\\$&').replaceAll(/\s+/g, ' ');
}
