import * as vscode from 'vscode';

/**
 * Appends to a document through edits, so that it works whether or not its tab is visible. An edit takes VS Code far
 * longer than a token takes the model, so what comes meanwhile is gathered: the stream never waits for the screen.
 */
export class DocumentWriter {
  #waiting = '';
  #writing: Promise<void> | undefined;
  readonly #readers: ReadersOfTheEnd;

  constructor(private readonly document: vscode.TextDocument) {
    this.#readers = new ReadersOfTheEnd(document);
  }

  get closed(): boolean {
    return this.document.isClosed;
  }

  append(text: string): void {
    this.#waiting += text;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything appended so far stands in the document, or the document was closed. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  dispose(): void {
    this.#readers.dispose();
  }

  async #write(): Promise<void> {
    while (this.#waiting !== '' && !this.closed) {
      const text = this.#waiting;
      this.#waiting = '';
      const edit = new vscode.WorkspaceEdit();
      edit.insert(this.document.uri, endOf(this.document), text);
      await vscode.workspace.applyEdit(edit);
      this.#readers.bringToEnd();
    }
    this.#writing = undefined;
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
