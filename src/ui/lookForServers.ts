import * as vscode from 'vscode';
import { CONTEXT_KEYS } from './manifest/views';
import type { UiContext } from './uiContext';

/**
 * While no server is set up: sees whether one answers on this machine each time the Pool view comes into sight, so that
 * the empty view can say so. Adds nothing, uses nothing, and asks no other machine: that is for Add Backend.
 */
export function lookForServers(
  { engine, extension }: UiContext,
  view: Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>,
): void {
  const closing = new AbortController();
  const look = async (): Promise<void> => {
    if (!view.visible || engine.settings.backends.length > 0) return;
    const found = await engine.setup.find(closing.signal, { onlyHere: true }).catch((error: unknown) => {
      if (closing.signal.aborted) return [];
      throw error;
    });
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.hasFound, found.length > 0);
  };
  extension.subscriptions.push(
    { dispose: () => closing.abort() },
    view.onDidChangeVisibility(() => void look()),
    { dispose: engine.onDidConfigure(() => void look()) },
  );
  void look();
}
