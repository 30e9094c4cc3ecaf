import * as vscode from 'vscode';
import * as z from 'zod';
import { hoverCard } from '../hoverCard';

/** The files that may name models, as `src/modelfile/otherFiles.ts` reads them. */
const FILES: vscode.DocumentSelector = [
  { pattern: '**/chatLanguageModels.json' },
  { pattern: '**/opencode.{json,jsonc}' },
  { pattern: '**/{compose,docker-compose}{,.*}.{yml,yaml}' },
  { pattern: '**/{.env,.env.*,*.env}' },
];

const cards = z.array(
  z.object({
    range: z.object({ start: z.number(), end: z.number() }),
    title: z.string(),
    hint: z.string(),
    lines: z.array(z.string()),
  }),
);

/** Asks the language server what it knows of the models in a file. */
export type AskReferences = (path: string, text: string, token: vscode.CancellationToken) => Promise<unknown>;

/** Whether a document is one of the files that may name models. */
export function mayNameModels(document: vscode.TextDocument): boolean {
  return vscode.languages.match(FILES, document) > 0;
}

/** Hovers and hints on the models that other files name, until what it returns is disposed of. */
export function provideReferences(ask: AskReferences, changed: vscode.Event<void>): vscode.Disposable {
  const read = async (
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<readonly { readonly range: vscode.Range; readonly card: z.infer<typeof cards>[number] }[]> => {
    const parsed = cards.safeParse(await ask(document.uri.path, document.getText(), token));
    return (parsed.data ?? []).map((card) => {
      const { start, end } = card.range;
      return { range: new vscode.Range(document.positionAt(start), document.positionAt(end)), card };
    });
  };
  const hovers = vscode.languages.registerHoverProvider(FILES, {
    provideHover: async (document, position, token) => {
      const found = (await read(document, token)).find(({ range }) => range.contains(position));
      return found && new vscode.Hover(hoverCard(found.card.title, found.card.lines), found.range);
    },
  });
  const hints = vscode.languages.registerInlayHintsProvider(FILES, {
    onDidChangeInlayHints: changed,
    provideInlayHints: async (document, visible, token) =>
      (await read(document, token))
        .filter(({ range, card }) => card.hint !== '' && visible.intersection(range) !== undefined)
        .map(({ range, card }) => {
          const hint = new vscode.InlayHint(range.end, card.hint);
          hint.paddingLeft = true;
          return hint;
        }),
  });
  return vscode.Disposable.from(hovers, hints);
}
