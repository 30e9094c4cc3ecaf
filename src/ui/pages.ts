import * as vscode from 'vscode';
import { systemClock } from '../shared/clock';

/**
 * Documents that only Model Pool writes, such as an answer while it comes: nobody is asked to save one that is closed. They
 * live as long as their window: they may hold what a person asked, which is stored nowhere.
 */
export class Pages implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #texts = new Map<string, string>();
  /** How often each name was given. */
  readonly #names = new Map<string, number>();
  readonly #registration: vscode.Disposable;

  constructor(private readonly scheme = 'model-pool-page') {
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) =>
        this.#texts.get(uri.toString()) ??
        `${vscode.l10n.t('This page was kept only while its window was open, and is gone.')}\n`,
    });
  }

  /** Opens a page of Markdown in a tab of its own. `name` is its title; what a path cannot hold is replaced. */
  async open(name: string, text: string): Promise<Page> {
    const uri = this.#newUri(name.replaceAll(': ', ' ').replaceAll(/[\\/:*?"<>|]/g, '-'));
    this.#texts.set(uri.toString(), text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    return {
      document,
      write: (now) => {
        this.#texts.set(uri.toString(), now);
        this.#changed.fire(uri);
      },
    };
  }

  #newUri(name: string): vscode.Uri {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return vscode.Uri.from({
      scheme: this.scheme,
      path: count === 1 ? `/${name}.md` : `/${name} (${count}).md`,
      // A page of an earlier start of the window is another one.
      query: String(systemClock.now()),
    });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

/** A page that was opened. */
export interface Page {
  readonly document: vscode.TextDocument;
  /** Makes this its whole text; the document follows a moment later. */
  readonly write: (text: string) => void;
}
