import * as vscode from 'vscode';
import { looksSame, TreeRow } from './treeRow';

/**
 * A view's provider from the first moment of activation: it asks the real one as soon as that is there, so that nothing
 * heavy is loaded before activation has returned. Of later changes it draws only the rows that look different.
 */
export class DeferredTree implements vscode.TreeDataProvider<TreeRow> {
  readonly #changed = new vscode.EventEmitter<TreeRow[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly view: vscode.TreeView<TreeRow>;
  readonly #root = new TreeRow(new vscode.TreeItem(''));
  readonly #source: Promise<RowSource>;
  #resolveSource: (source: RowSource) => void = () => undefined;
  #refreshing = false;
  #again = false;
  /** Counts what might have changed the rows. */
  #changes = 0;

  constructor(viewId: string) {
    this.#source = new Promise((resolve) => {
      this.#resolveSource = resolve;
    });
    this.view = vscode.window.createTreeView(viewId, { treeDataProvider: this });
  }

  /** Hands over to the real provider. */
  fillFrom(source: RowSource): void {
    this.#resolveSource(source);
  }

  /** Looks at every row that was shown; changes that come meanwhile are looked at together afterwards. */
  readonly refresh = (): void => {
    this.#changes += 1;
    this.#again = true;
    if (!this.#refreshing) void this.#refreshAll();
  };

  getTreeItem(row: TreeRow): vscode.TreeItem {
    return row.item;
  }

  async getChildren(row: TreeRow = this.#root): Promise<TreeRow[]> {
    const before = this.#changes;
    const rows = row.adopt(await this.#itemsUnder(row));
    // What changed while they were made may not be in them, and nobody looked at rows that were not there. Not before
    // VS Code has these: it draws nothing anew that it does not know.
    if (this.#changes !== before) setImmediate(this.refresh);
    return [...rows];
  }

  dispose(): void {
    this.view.dispose();
    this.#changed.dispose();
  }

  async #refreshAll(): Promise<void> {
    this.#refreshing = true;
    while (this.#again) {
      this.#again = false;
      const changed = await this.#changedRows();
      if (changed.includes(this.#root)) this.#changed.fire(undefined);
      else if (changed.length > 0) this.#changed.fire(changed);
    }
    this.#refreshing = false;
  }

  async #changedRows(): Promise<TreeRow[]> {
    const changed: TreeRow[] = [];
    try {
      await this.#compare(this.#root, changed);
      return changed;
    } catch {
      // VS Code asks again for what is drawn anew, and then shows the error in the view.
      return [this.#root];
    }
  }

  /** Collects the rows that must be drawn anew, each with everything under it. */
  async #compare(parent: TreeRow, changed: TreeRow[]): Promise<void> {
    // Never opened: VS Code asks for these rows when it is.
    if (!parent.children) return;
    const items = await this.#itemsUnder(parent);
    const rows = parent.children;
    if (items.length !== rows.length || items.some((item, index) => item.id !== rows[index]?.item.id)) {
      changed.push(parent);
      return;
    }
    for (const [index, row] of rows.entries()) {
      const item = items[index] ?? row.item;
      const same = looksSame(item, row.item);
      row.item = item;
      if (same) await this.#compare(row, changed);
      else changed.push(row);
    }
  }

  async #itemsUnder(row: TreeRow): Promise<readonly vscode.TreeItem[]> {
    const source = await this.#source;
    return source.children(row === this.#root ? undefined : row.item);
  }
}

/** What a view shows: rows of the top level, or those under one of its rows. Every row has an id of its own. */
export interface RowSource {
  children(parent: vscode.TreeItem | undefined): vscode.TreeItem[] | Promise<vscode.TreeItem[]>;
}
