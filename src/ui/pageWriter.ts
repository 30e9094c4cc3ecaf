import * as vscode from 'vscode';
import type { Page } from './pages';

/** Far longer than a busy machine takes. What VS Code has not taken over by then is written again with what has come since. */
const TAKEN_WITHIN_MS = 30_000;

/**
 * Appends to a page, whether or not its tab is visible. VS Code takes far longer to take a text over than a model takes
 * for a token, so what comes meanwhile is gathered: the stream never waits for the screen.
 */
export class PageWriter {
  #text: string;
  /** How much of the text the page was given. */
  #given: number;
  #writing: Promise<void> | undefined;
  #isClosed = false;
  readonly #closing = new vscode.EventEmitter<void>();
  /** Calls the listener once, when the last tab of the page was closed. */
  readonly onDidClose = this.#closing.event;
  readonly #readers: ReadersOfTheEnd;
  readonly #subscriptions: vscode.Disposable;

  constructor(private readonly page: Page) {
    this.#text = page.document.getText();
    this.#given = this.#text.length;
    this.#readers = new ReadersOfTheEnd(page.document);
    // The document itself stays with VS Code for minutes after its tab.
    const tabs = vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
      if (closed.some((tab) => this.#isOurs(tab))) this.#lookAtTabs();
    });
    this.#subscriptions = vscode.Disposable.from(this.#readers, tabs, this.#closing);
  }

  get closed(): boolean {
    return this.#isClosed;
  }

  append(text: string): void {
    // VS Code tells of changed lines: a half of a line's end would be waited for in vain.
    this.#text += text.replaceAll('\r', '');
    this.#writing ??= this.#write();
  }

  /** Resolves when everything appended so far stands in the document, or the page was closed, or VS Code hangs. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #write(): Promise<void> {
    while (this.#given < this.#text.length && !this.#isClosed) {
      this.#given = this.#text.length;
      const taken = this.#taken();
      this.page.write(this.#text);
      await taken;
      this.#readers.bringToEnd();
    }
    this.#writing = undefined;
  }

  /** Resolves when the document has changed, or is closed; at the latest after `TAKEN_WITHIN_MS`. */
  #taken(): Promise<void> {
    return new Promise((resolve) => {
      const listeners = vscode.Disposable.from(
        vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
          if (document === this.page.document && contentChanges.length > 0) done();
        }),
        vscode.workspace.onDidCloseTextDocument((document) => {
          if (document === this.page.document) done();
        }),
        this.onDidClose(() => done()),
      );
      const done = (): void => {
        clearTimeout(timer);
        listeners.dispose();
        resolve();
      };
      const timer = setTimeout(done, TAKEN_WITHIN_MS);
    });
  }

  #lookAtTabs(): void {
    const left = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).some((tab) => this.#isOurs(tab));
    if (left || this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.fire();
  }

  #isOurs({ input }: vscode.Tab): boolean {
    return input instanceof vscode.TabInputText && input.uri.toString() === this.page.document.uri.toString();
  }
}

/**
 * The editors in which the end of a document is followed. One whose reader has scrolled up is left there until the
 * reader comes back to the end. Only readers move up: following moves down.
 */
class ReadersOfTheEnd {
  readonly #firstLines = new WeakMap<vscode.TextEditor, number>();
  readonly #scrolledUp = new WeakSet<vscode.TextEditor>();
  readonly #listener: vscode.Disposable;

  constructor(private readonly document: vscode.TextDocument) {
    this.#listener = vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor, visibleRanges }) => {
      if (textEditor.document === document) this.#moved(textEditor, visibleRanges);
    });
  }

  bringToEnd(): void {
    const end = endOf(this.document);
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== this.document || this.#scrolledUp.has(editor)) continue;
      editor.revealRange(new vscode.Range(end, end));
    }
  }

  dispose(): void {
    this.#listener.dispose();
  }

  #moved(editor: vscode.TextEditor, visible: readonly vscode.Range[]): void {
    const first = visible[0]?.start.line ?? 0;
    const last = visible.at(-1)?.end.line ?? 0;
    const before = this.#firstLines.get(editor) ?? 0;
    this.#firstLines.set(editor, first);
    if (first < before) this.#scrolledUp.add(editor);
    else if (last >= this.document.lineCount - 1) this.#scrolledUp.delete(editor);
  }
}

function endOf(document: vscode.TextDocument): vscode.Position {
  return document.lineAt(document.lineCount - 1).range.end;
}
