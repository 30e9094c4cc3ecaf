import * as vscode from 'vscode';
import { CONTEXT_KEYS } from './manifest/views';
import { stateKeys } from './stateKeys';
import type { UiContext } from './uiContext';

/** Keeps the keys that `when` clauses read true to the state. */
export function trackContextKeys({ engine, extension }: UiContext): void {
  const last = new Map<string, boolean>();
  const set = (key: keyof typeof CONTEXT_KEYS, value: boolean): void => {
    if (last.get(key) === value) return;
    last.set(key, value);
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS[key], value);
  };
  const update = (): void => {
    const keys = stateKeys(engine);
    for (const key of Object.keys(keys) as (keyof typeof keys)[]) set(key, keys[key]);
  };
  extension.subscriptions.push(
    {
      dispose: engine.dispatcher.onDidRecord(({ outcome }) => {
        if (outcome.kind === 'served') set('hasAnswered', true);
      }),
    },
    { dispose: engine.registry.onDidChangeBackends(update) },
    { dispose: engine.registry.onDidChangeRows(update) },
    { dispose: engine.pool.manager.onDidChange(update) },
    { dispose: engine.pool.proposals.onDidChange(update) },
    { dispose: engine.onDidConfigure(update) },
    // Machines can come from the setting alone.
    { dispose: engine.rankings.onDidChange(update) },
  );
  update();
}
