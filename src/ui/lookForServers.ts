import * as vscode from 'vscode';
import { CONTEXT_KEYS } from './manifest/views';
import type { UiContext } from './uiContext';

/**
 * While no server is set up: sees whether one answers on this machine each time the Pool view comes into sight, so that
 * the empty view can say so. Adds nothing, uses nothing, and asks no other machine: that is for Add Backend.
 */
export function lookForServers(
  { engine, extension, logger }: UiContext,
  view: Pick<vscode.TreeView<unknown>, 'visible' | 'onDidChangeVisibility'>,
): void {
  let looking = new AbortController();
  const look = async (): Promise<void> => {
    // What an earlier look finds is out of date.
    looking.abort();
    if (!view.visible || engine.settings.backends.length > 0) return;
    looking = new AbortController();
    const { signal } = looking;
    try {
      const found = await engine.setup.find(signal, { onlyHere: true });
      await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.hasFound, found.length > 0);
    } catch (thrown) {
      if (!signal.aborted) logger.log('warn', 'servers.look_failed', { thrown });
    }
  };
  extension.subscriptions.push(
    { dispose: () => looking.abort() },
    view.onDidChangeVisibility(() => void look()),
    { dispose: engine.onDidConfigure(() => void look()) },
  );
  void look();
}
