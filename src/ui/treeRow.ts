import * as vscode from 'vscode';

/**
 * A row as a view keeps it: the same object for as long as its id is shown. VS Code finds what a click was meant for by
 * this object; were it a new one at every change, clicks that come while a view draws itself would lose their row.
 */
export class TreeRow {
  /** The rows under it that were shown last; undefined before it was opened. */
  children: readonly TreeRow[] | undefined;

  constructor(
    /** What it shows now. */
    public item: vscode.TreeItem,
  ) {}

  /** Takes these as its children and returns them: rows that were there before stay the same objects. */
  adopt(items: readonly vscode.TreeItem[]): readonly TreeRow[] {
    const known = new Map(this.children?.map((row) => [row.item.id, row]));
    this.children = items.map((item) => {
      const row = known.get(item.id) ?? new TreeRow(item);
      row.item = item;
      return row;
    });
    return this.children;
  }
}

/** Whether two items with the same id look and behave the same. */
export function looksSame(a: vscode.TreeItem, b: vscode.TreeItem): boolean {
  return looks(a) === looks(b);
}

function looks(item: vscode.TreeItem): string {
  const { label, description, contextValue, collapsibleState, tooltip, iconPath, command } = item;
  return JSON.stringify([
    label,
    description,
    contextValue,
    collapsibleState,
    tooltip instanceof vscode.MarkdownString ? tooltip.value : tooltip,
    iconPath instanceof vscode.ThemeIcon ? [iconPath.id, iconPath.color] : iconPath,
    command?.command,
    item.accessibilityInformation?.label,
  ]);
}
