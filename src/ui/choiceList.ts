import * as vscode from 'vscode';

/** What was taken: an entry, or one of its buttons. */
interface Chosen<Entry> {
  readonly entry: Entry;
  /** Absent: the entry itself. */
  readonly button?: vscode.QuickInputButton;
}

/**
 * Shows a list at once and fills it when its entries are there, which may take seconds; resolves with what was taken, or
 * undefined when the person leaves. Enter takes nothing while nothing is listed. Rejects as `entries` does.
 */
export function chooseFrom<Entry extends vscode.QuickPickItem>(
  { title, placeholder }: { readonly title: string; readonly placeholder: string },
  entries: Promise<readonly Entry[]>,
): Promise<Chosen<Entry> | undefined> {
  const list = vscode.window.createQuickPick<Entry>();
  Object.assign(list, { title, placeholder, busy: true, matchOnDescription: true, matchOnDetail: true });
  return new Promise((resolve, reject) => {
    const end = (chosen: Chosen<Entry>): void => {
      resolve(chosen);
      list.hide();
    };
    list.onDidAccept(() => {
      const [entry] = list.selectedItems;
      if (entry) end({ entry });
    });
    list.onDidTriggerItemButton(({ button, item: entry }) => end({ entry, button }));
    list.onDidHide(() => {
      resolve(undefined);
      list.dispose();
    });
    list.show();
    entries
      .then((all) => {
        list.items = all;
        list.busy = false;
      })
      .catch((thrown: unknown) => {
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        list.hide();
      });
  });
}
