import * as vscode from 'vscode';
import { CONTEXT_KEYS } from './manifest/views';
import type { UiContext } from './uiContext';

/** Keeps the keys that `when` clauses read true to the state. */
export function trackContextKeys(context: UiContext): void {
  const { engine, extension } = context;
  const last = new Map<string, boolean>();
  const set = (key: string, value: boolean): void => {
    if (last.get(key) === value) return;
    last.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const update = (): void => {
    const backends = engine.registry.backends();
    set(CONTEXT_KEYS.ready, true);
    set(CONTEXT_KEYS.hasBackends, backends.length > 0);
    set(CONTEXT_KEYS.hasHosts, engine.hosts.known().length > 1);
    set(
      CONTEXT_KEYS.hasInstallable,
      backends.some((state) => engine.installs.canInstallOn(state.id)),
    );
  };
  extension.subscriptions.push(
    { dispose: engine.registry.onDidChangeBackends(update) },
    // Machines can come from the setting alone.
    { dispose: engine.rankings.onDidChange(update) },
  );
  update();
}
