import * as vscode from 'vscode';

/**
 * A view's provider from the first moment of activation: it asks the real one as soon as that is there, so that nothing
 * heavy is loaded before activation has returned.
 */
export class DeferredTree implements vscode.TreeDataProvider<vscode.TreeItem> {
  readonly #changed = new vscode.EventEmitter<vscode.TreeItem | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly view: vscode.TreeView<vscode.TreeItem>;
  readonly #real: Promise<RowSource>;
  #resolveReal: (real: RowSource) => void = () => undefined;

  constructor(viewId: string) {
    this.#real = new Promise((resolve) => {
      this.#resolveReal = resolve;
    });
    this.view = vscode.window.createTreeView(viewId, { treeDataProvider: this });
  }

  /** Hands over to the real provider. */
  fillFrom(source: RowSource): void {
    this.#resolveReal(source);
  }

  /** Draws every row anew. */
  readonly refresh = (): void => this.#changed.fire(undefined);

  getTreeItem(item: vscode.TreeItem): vscode.TreeItem {
    return item;
  }

  async getChildren(parent?: vscode.TreeItem): Promise<vscode.TreeItem[]> {
    return (await this.#real).children(parent);
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }
}

/** What a view shows: rows of the top level, or those under one of its rows. */
export interface RowSource {
  children(parent: vscode.TreeItem | undefined): vscode.TreeItem[] | Promise<vscode.TreeItem[]>;
}
