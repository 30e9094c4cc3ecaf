import * as vscode from 'vscode';
import { DeferredTree } from './ui/deferredTree';
import { COMMANDS, commandId, type CommandKey } from './ui/manifest/commands';
import { POOL_VIEW_ID, RECOMMENDED_VIEW_ID } from './ui/manifest/views';
import type { Started } from './ui/start';

let started: Promise<Started> | undefined;

/**
 * Puts commands and views in place and returns: no file is read, no server asked and nothing heavy loaded before that.
 * The rest is a bundle of its own (`ui/start`), loaded right after.
 */
export function activate(extension: vscode.ExtensionContext): void {
  const trees = { pool: new DeferredTree(POOL_VIEW_ID), recommended: new DeferredTree(RECOMMENDED_VIEW_ID) };
  started = afterActivation()
    .then(() => import('./ui/start'))
    .then(({ start }) => start(extension, trees));
  const running = started;
  for (const key of Object.keys(COMMANDS) as CommandKey[]) {
    const run = async (argument: unknown): Promise<unknown> => (await running).runCommand(key, argument);
    extension.subscriptions.push(vscode.commands.registerCommand(commandId(key), run));
  }
  extension.subscriptions.push(trees.pool, trees.recommended);
}

/** Ends timers and pulls, and writes what the transcript still holds. */
export async function deactivate(): Promise<void> {
  const running = started;
  started = undefined;
  await (await running)?.dispose();
}

function afterActivation(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
