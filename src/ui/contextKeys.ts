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
    set(CONTEXT_KEYS.hasChatModels, engine.served.chat().length > 0);
    set(
      CONTEXT_KEYS.hasInstallable,
      backends.some((state) => engine.installs.canInstallOn(state.id)),
    );
    const entries = engine.served
      .all()
      .filter(({ backend }) => engine.installs.canInstallOn(backend))
      .map((model) => engine.installs.entryOf(model));
    const staying = entries.filter((entry) => entry?.origin === 'pool' && entry.pendingEviction !== true);
    set(
      CONTEXT_KEYS.hasPinnable,
      staying.some((entry) => entry?.pinned === false),
    );
    set(
      CONTEXT_KEYS.hasPinned,
      staying.some((entry) => entry?.pinned === true),
    );
    set(CONTEXT_KEYS.hasOutside, entries.includes(undefined));
    set(
      CONTEXT_KEYS.hasProposals,
      engine.pool.proposals.all.some(({ status }) => status === 'open'),
    );
    set(CONTEXT_KEYS.hasAllowed, engine.settings.poolAllowedOrgs.length > 0);
    set(CONTEXT_KEYS.hasCompared, engine.pool.manager.snapshot().lastRefreshAt !== null);
  };
  extension.subscriptions.push(
    {
      dispose: engine.dispatcher.onDidRecord(({ outcome }) => {
        if (outcome.kind === 'served') set(CONTEXT_KEYS.hasAnswered, true);
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
