// The language server: a process of its own, which talks to the editor over its pipe and looks at the files that a
// Modelfile names. Everything that it says is made by the pure files beside this one.
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import {
  CodeActionKind,
  createConnection,
  ProposedFeatures,
  SemanticTokensBuilder,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import type { DocumentLink, InitializeResult, SemanticTokens } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { messageOf } from '../shared/errors';
import { speak } from '../shared/spokenLanguage';
import { formatBytes } from '../shared/units';
import {
  codeActionsOf,
  codeLensesOf,
  completionOf,
  diagnosticsOf,
  foldsOf,
  formattingOf,
  hoverOf,
  inlayHintsOf,
  symbolsOf,
} from './answers';
import { isModelFile, typedFolder } from './completionFiles';
import type { NamedFile } from './completionFiles';
import { placeAt } from './cursor';
import type { NamesOnDisk } from './facts';
import { links } from './links';
import { bareNames, namedPaths, namesWhere, resolveNamedPath } from './namedPath';
import type { PathPlace } from './namedPath';
import { NOT_LOOKED_AT, offsetsIn, openModelfile, rangeIn } from './openModelfile';
import type { OpenModelfile } from './openModelfile';
import { parseFacts } from './parseFacts';
import { FACTS_NOTIFICATION, REFERENCES_REQUEST } from './protocol';
import type { MachineFacts } from './protocol';
import { referenceCards } from './referenceCards';
import { semanticTokens, TOKEN_MODIFIERS, TOKEN_TYPES } from './semanticTokens';
import { serverOptions } from './serverOptions';

/** Changes within this time are looked at together; far below what a reader notices. */
const DEBOUNCE_MS = 5;
/** Entries of one folder that completion looks at. */
const MOST_ENTRIES = 500;

const connection = createConnection(ProposedFeatures.all);
const documents = new TextDocuments(TextDocument);
const open = new Map<string, OpenModelfile>();
const onDiskByUri = new Map<string, NamesOnDisk>();
const timers = new Map<string, NodeJS.Timeout>();
let facts: MachineFacts | undefined;
let canRefresh = { hints: false, lenses: false, tokens: false };

connection.onInitialize(({ capabilities, initializationOptions }): InitializeResult => {
  // Before the first answer: every text is made in the editor's language.
  const { data: options } = serverOptions.safeParse(initializationOptions);
  if (options?.language !== undefined) speak(options.language);
  canRefresh = {
    hints: capabilities.workspace?.inlayHint?.refreshSupport === true,
    lenses: capabilities.workspace?.codeLens?.refreshSupport === true,
    tokens: capabilities.workspace?.semanticTokens?.refreshSupport === true,
  };
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      completionProvider: { triggerCharacters: [' ', '.', '/', ':', '$'] },
      hoverProvider: true,
      inlayHintProvider: true,
      codeLensProvider: {},
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      documentSymbolProvider: true,
      documentLinkProvider: {},
      documentFormattingProvider: true,
      foldingRangeProvider: true,
      semanticTokensProvider: {
        legend: { tokenTypes: [...TOKEN_TYPES], tokenModifiers: [...TOKEN_MODIFIERS] },
        full: true,
      },
    },
    serverInfo: { name: 'Model Pool Modelfile' },
  };
});

documents.onDidChangeContent(({ document }) => schedule(document.uri));
documents.onDidSave(({ document }) => schedule(document.uri));
documents.onDidClose(({ document: { uri } }) => {
  clearTimeout(timers.get(uri));
  for (const known of [timers, open, onDiskByUri]) known.delete(uri);
  void connection.sendDiagnostics({ uri, diagnostics: [] });
});
connection.onDidChangeWatchedFiles(() => scheduleAll());

connection.onNotification(FACTS_NOTIFICATION, (params: unknown) => {
  const parsed = parseFacts(params);
  if (parsed === null) {
    connection.console.warn('Facts of another shape were left out; those before them stand.');
    return;
  }
  if (parsed.dropped > 0) connection.console.warn(`${parsed.dropped} models of another shape were left out.`);
  ({ facts } = parsed);
  open.clear();
  scheduleAll();
  refreshHints();
  if (canRefresh.lenses) void connection.sendRequest('workspace/codeLens/refresh').catch(ignoreGoneClient);
});

connection.onRequest(REFERENCES_REQUEST, (params: unknown) => referenceCards(params, facts));

connection.onCompletion(async ({ textDocument, position }) => {
  const file = fileOf(textDocument.uri);
  if (!file) return null;
  const offset = file.document.offsetAt(position);
  return completionOf(file, offset, await filesAt(file, offset));
});
connection.onHover(({ textDocument, position }) => {
  const file = fileOf(textDocument.uri);
  return file ? hoverOf(file, file.document.offsetAt(position)) : null;
});
connection.onCodeAction(({ textDocument, range }) => {
  const file = fileOf(textDocument.uri);
  return file ? codeActionsOf(file, offsetsIn(file.document, range)) : null;
});
connection.onCodeLens(({ textDocument: { uri } }) => answer(uri, codeLensesOf));
connection.onDocumentSymbol(({ textDocument: { uri } }) => answer(uri, symbolsOf));
connection.onFoldingRanges(({ textDocument: { uri } }) => answer(uri, foldsOf));
connection.onDocumentFormatting(({ textDocument: { uri } }) => answer(uri, formattingOf));
connection.onDocumentLinks(({ textDocument: { uri } }) => answer(uri, linksOf) ?? Promise.resolve(null));
connection.languages.inlayHint.on(({ textDocument: { uri } }) => answer(uri, inlayHintsOf));
connection.languages.semanticTokens.on(({ textDocument: { uri } }) => answer(uri, tokensOf) ?? { data: [] });

documents.listen(connection);
connection.listen();

/** The document as it is now, read at most once for each of its versions. */
function fileOf(uri: string): OpenModelfile | undefined {
  const document = documents.get(uri);
  if (!document) return undefined;
  const known = open.get(uri);
  if (known?.document === document && known.version === document.version) return known;
  const file = openModelfile(document, facts, onDiskByUri.get(uri) ?? NOT_LOOKED_AT);
  open.set(uri, file);
  return file;
}

function answer<Answer>(uri: string, make: (file: OpenModelfile) => Answer): Answer | null {
  const file = fileOf(uri);
  return file ? make(file) : null;
}

function scheduleAll(): void {
  for (const uri of documents.keys()) schedule(uri);
}

/** The first change sets the time: someone who types on and on still sees findings. */
function schedule(uri: string): void {
  if (timers.has(uri)) return;
  const look = (): void => {
    timers.delete(uri);
    void publish(uri).catch((thrown: unknown) => connection.console.error(messageOf(thrown)));
  };
  timers.set(uri, setTimeout(look, DEBOUNCE_MS));
}

/** Says what is wrong with a document, and once more where its files turn out not to be as was thought. */
async function publish(uri: string): Promise<void> {
  const file = fileOf(uri);
  if (!file) return;
  const send = (shown: OpenModelfile): Promise<void> =>
    connection.sendDiagnostics({ uri, version: shown.version, diagnostics: diagnosticsOf(shown) });
  await send(file);
  const found = await lookAtDisk(file);
  if (!documents.get(uri)) return;
  const thought = onDiskByUri.get(uri) ?? NOT_LOOKED_AT;
  const sameNames = sameTexts(found.localNames, thought.localNames);
  if (sameNames && sameTexts(found.missingPaths, thought.missingPaths)) return;
  onDiskByUri.set(uri, found);
  open.delete(uri);
  const mended = fileOf(uri);
  if (mended) await send(mended);
  if (sameNames) return;
  // The editor asked for these before the look at the disk, when the name still was a model's.
  refreshHints();
  if (canRefresh.tokens) void connection.languages.semanticTokens.refresh().catch(ignoreGoneClient);
}

function refreshHints(): void {
  if (canRefresh.hints) void connection.languages.inlayHint.refresh().catch(ignoreGoneClient);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** The paths of a document that are certainly not there, and the names that certainly are. */
async function lookAtDisk({ document, parsed }: OpenModelfile): Promise<NamesOnDisk> {
  const folder = folderOf(document.uri);
  if (folder === undefined) return NOT_LOOKED_AT;
  const place = placeIn(folder);
  const [missingPaths, localNames] = await Promise.all([
    namesWhere(namedPaths(parsed), place, async (file) => (await lookAt(file)) === 'missing'),
    namesWhere(bareNames(parsed), place, async (file) => (await lookAt(file)) === 'there'),
  ]);
  return { missingPaths, localNames };
}

async function lookAt(file: string): Promise<'there' | 'missing' | 'unknown'> {
  try {
    await stat(file);
    return 'there';
  } catch (thrown) {
    // What may not be looked at may well be there.
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unknown';
  }
}

/** The folder of a document that is a file; undefined for one that was never saved. */
function folderOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return path.dirname(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

function placeIn(folder: string): PathPlace {
  return { folder, homeFolder: homedir(), path };
}

function resolveIn(folder: string, named: string): string | undefined {
  return resolveNamedPath(named, placeIn(folder));
}

/** Model files and folders for a path at an offset, as they would be written there. */
async function filesAt({ document, parsed }: OpenModelfile, offset: number): Promise<readonly NamedFile[]> {
  const place = placeAt(parsed, offset);
  if (place.kind !== 'value' || !['model', 'adapter', 'draft'].includes(place.command.name)) return [];
  const folder = folderOf(document.uri);
  const typed = typedFolder(place.command.args);
  const resolved = folder === undefined || typed === undefined ? undefined : resolveIn(folder, typed);
  if (typed === undefined || resolved === undefined) return [];
  const entries = await readdir(resolved, { withFileTypes: true }).catch(() => []);
  const files = entries.slice(0, MOST_ENTRIES).map(async (entry): Promise<readonly NamedFile[]> => {
    if (entry.isDirectory()) {
      const isHidden = entry.name.startsWith('.') || entry.name === 'node_modules';
      return isHidden ? [] : [{ path: `${typed}${entry.name}/`, isFolder: true, detail: l10n.t('folder') }];
    }
    if (!isModelFile(entry.name)) return [];
    const size = await stat(path.join(resolved, entry.name)).then(
      ({ size }) => formatBytes(size),
      () => '',
    );
    return [{ path: `${typed}${entry.name}`, isFolder: false, detail: size }];
  });
  return (await Promise.all(files)).flat();
}

/** Links to pages, and to those files that are there. */
async function linksOf(file: OpenModelfile): Promise<DocumentLink[]> {
  const { document, parsed } = file;
  const folder = folderOf(document.uri);
  const { missingPaths, localNames } = await lookAtDisk(file);
  return links(parsed, localNames).flatMap((link) => {
    const range = rangeIn(document, link.range);
    if (link.kind === 'page')
      return [{ range, target: link.url, tooltip: l10n.t('Open the page of this model') }];
    const resolved = folder === undefined ? undefined : resolveIn(folder, link.path);
    if (resolved === undefined || missingPaths.includes(link.path)) return [];
    return [{ range, target: pathToFileURL(resolved).href }];
  });
}

function tokensOf({ document, parsed, facts }: OpenModelfile): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  for (const { type, range, isDeprecated } of semanticTokens(parsed, facts?.localNames)) {
    const { line, character } = document.positionAt(range.start);
    const modifiers = isDeprecated === true ? 1 : 0;
    builder.push(line, character, range.end - range.start, TOKEN_TYPES.indexOf(type), modifiers);
  }
  return builder.build();
}

/** A client that is gone needs no refresh. */
function ignoreGoneClient(): void {
  return undefined;
}
