import * as vscode from 'vscode';
import { storageSizes, type StorageSizes } from '../engine/diagnostics';
import { emptyState, removeStoredFiles } from '../engine/resetStoredData';
import { systemClock } from '../shared/clock';
import { formatBytes } from '../shared/units';
import { exportDispatchRecords } from './exportRecords';
import { isRunning } from './pullText';
import type { UiContext } from './uiContext';

/** What a person types to say that the records may go; the same in every language. */
const WORD = 'reset';

/**
 * Removes what Model Pool has stored, after one dialog that says what, and a word that is typed where records of calls
 * would go; then reloads the window. Models, settings and keys stay. The engine ends before any file is removed: what it
 * still writes on its way is then removed too, and nothing that it knows comes back.
 */
export async function resetData(context: UiContext): Promise<void> {
  const { engine, extension, logger } = context;
  const folder = extension.globalStorageUri.fsPath;
  const pulls = engine.pulls.runs.filter(isRunning).map(({ label }) => label);
  if (pulls.length > 0) {
    tellPulls(pulls);
    return;
  }
  const sizes = await storageSizes(folder);
  const agreed = await agrees(sizes);
  if (agreed === 'export') {
    await exportDispatchRecords(context);
    return resetData(context);
  }
  if (!agreed || (sizes.transcriptFiles > 0 && !(await typesTheWord(sizes)))) return;
  const emptied = await emptyState(engine.state, systemClock);
  if (!emptied.ok) {
    if (emptied.code === 'pulls_running') tellPulls([]);
    else void vscode.window.showErrorMessage(vscode.l10n.t('Nothing was reset. {0}', emptied.message));
    return;
  }
  await engine.dispose();
  const { left } = await removeStoredFiles(folder, logger);
  await forgetChoices(extension);
  if (left.length > 0) await tellLeft(left);
  await reload();
}

export interface ResetText {
  readonly message: string;
  readonly detail: string;
}

/** What the dialog says: all that goes, and what stays. */
export function resetText({ stateBytes, transcriptBytes, transcriptFiles }: StorageSizes): ResetText {
  const records =
    transcriptFiles === 0
      ? vscode.l10n.t('Records of calls: there are none')
      : vscode.l10n.t('All records of calls ({0})', formatBytes(transcriptBytes));
  const going = [
    vscode.l10n.t(
      'What the servers serve, what your machines are, what was measured and tried of models, and the context that was chosen for each ({0})',
      formatBytes(stateBytes),
    ),
    vscode.l10n.t(
      "The pool's bookkeeping: which models it installed, pins, paused installs, proposals and what you rejected",
    ),
    records,
    vscode.l10n.t('Kept lists of public models'),
    vscode.l10n.t('Your picks, here and for windows that have none of their own'),
  ];
  const staying = [
    vscode.l10n.t(
      'All models, on their servers. Those that the pool installed then count as yours: outside of its disk budget, and none of them is removed to make room. Add to Pool takes them in again',
    ),
    vscode.l10n.t('Your settings, with the backends, and all API keys'),
    vscode.l10n.t('Files that you exported'),
  ];
  const list = (lines: readonly string[]): string => lines.map((line) => `• ${line}.`).join('\n');
  return {
    message: vscode.l10n.t('Reset all data of Model Pool?'),
    detail: [
      vscode.l10n.t('Removed, for all windows:'),
      list(going),
      '',
      vscode.l10n.t('Not touched:'),
      list(staying),
      '',
      vscode.l10n.t(
        'This cannot be undone. Calls that run in this window are broken off, and the window is reloaded. Reload other windows too: until then they show what they know.',
      ),
    ].join('\n'),
  };
}

async function agrees(sizes: StorageSizes): Promise<boolean | 'export'> {
  const { message, detail } = resetText(sizes);
  const reset = vscode.l10n.t('Reset and Reload Window');
  const exportFirst = vscode.l10n.t('Export Records First…');
  const choices = sizes.transcriptFiles === 0 ? [reset] : [reset, exportFirst];
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, ...choices);
  return choice === exportFirst ? 'export' : choice === reset;
}

async function typesTheWord({ transcriptBytes }: StorageSizes): Promise<boolean> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Reset Model Pool Data'),
    prompt: vscode.l10n.t(
      'The records of your calls ({0}) cannot be brought back. Type {1} to remove them with everything else.',
      formatBytes(transcriptBytes),
      WORD,
    ),
    ignoreFocusOut: true,
    validateInput: (value) =>
      isTheWord(value) ? undefined : vscode.l10n.t('Type {0}, or press Escape.', WORD),
  });
  return typed !== undefined && isTheWord(typed);
}

function isTheWord(text: string): boolean {
  return text.trim().toLowerCase() === WORD;
}

function tellPulls(labels: readonly string[]): void {
  const what = labels.length === 0 ? vscode.l10n.t('a model') : labels.join(', ');
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Nothing was reset: {0} is being installed. Let that end, or cancel it in the Pool view, then try again.',
      what,
    ),
  );
}

/** What VS Code keeps for us: picks, the chosen machine, names of models of Modelfiles, how texts become tokens. */
async function forgetChoices({ workspaceState, globalState }: vscode.ExtensionContext): Promise<void> {
  for (const store of [workspaceState, globalState]) {
    for (const key of store.keys()) await store.update(key, undefined);
  }
}

async function tellLeft(left: readonly string[]): Promise<void> {
  const detail = vscode.l10n.t(
    'Another program has them open. They are in the storage folder of Model Pool and can be removed by hand.',
  );
  await vscode.window.showWarningMessage(
    vscode.l10n.t('These files could not be removed: {0}', left.join(', ')),
    { modal: true, detail },
  );
}

/** Nothing of the extension works any more until the window is loaded anew. */
async function reload(): Promise<void> {
  const again = vscode.l10n.t('Reload Window');
  const run = (): Thenable<unknown> => vscode.commands.executeCommand('workbench.action.reloadWindow');
  await run();
  const text = vscode.l10n.t('The data of Model Pool is reset. It works again when this window is reloaded.');
  if ((await vscode.window.showInformationMessage(text, again)) === again) await run();
}
