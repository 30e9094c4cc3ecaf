import * as vscode from 'vscode';
import type { ModelPoolApi } from './engine/sessionApi';
import { DeferredTree } from './ui/deferredTree';
import { COMMANDS, commandId, type CommandKey } from './ui/manifest/commands';
import { POOL_VIEW_ID, PROPOSALS_VIEW_ID, RECOMMENDED_VIEW_ID } from './ui/manifest/views';
import type { Started } from './ui/start';
import { TreeRow } from './ui/treeRow';

let started: Promise<Started> | undefined;

/**
 * Puts commands and views in place and returns: no file is read, no server asked and nothing heavy loaded before that.
 * The rest is a bundle of its own (`ui/start`), loaded right after. Other extensions get the API that it returns.
 */
export function activate(extension: vscode.ExtensionContext): ModelPoolApi {
  const trees = {
    pool: new DeferredTree(POOL_VIEW_ID),
    recommended: new DeferredTree(RECOMMENDED_VIEW_ID),
    proposals: new DeferredTree(PROPOSALS_VIEW_ID),
  };
  started = afterActivation()
    .then(() => import('./ui/start'))
    .then(({ start }) => start(extension, trees));
  const running = started;
  running.catch((thrown: unknown) => {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const text = vscode.l10n.t(
      'Model Pool could not start: {0}. Reload the window, or reinstall the extension.',
      reason,
    );
    // Else the views would say for ever that they are looking.
    for (const tree of Object.values(trees)) {
      tree.view.message = text;
      tree.fillFrom({ children: () => [] });
    }
    void vscode.window.showErrorMessage(text);
  });
  for (const key of Object.keys(COMMANDS) as CommandKey[]) {
    // A command on a row gets what the row shows; only this bundle knows the class that rows are kept as.
    const run = async (argument: unknown): Promise<unknown> =>
      (await running).runCommand(key, argument instanceof TreeRow ? argument.item : argument);
    extension.subscriptions.push(vscode.commands.registerCommand(commandId(key), run));
  }
  extension.subscriptions.push(trees.pool, trees.recommended, trees.proposals);
  return { apiVersion: 1, registerSession: async (name) => (await running).registerSession(name) };
}

/** Ends timers and pulls, and writes what the transcript still holds. */
export async function deactivate(): Promise<void> {
  const running = started;
  started = undefined;
  // A start that failed has told so already, and left nothing to end.
  const ended = await running?.catch(() => undefined);
  await ended?.dispose();
}

function afterActivation(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
