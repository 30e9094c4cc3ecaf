import * as vscode from 'vscode';
import { createEngine } from '../engine';
import { Emitter } from '../shared/events';
import { createLogger } from '../shared/logger';
import { ChatProvider } from './chatProvider';
import { createCommands } from './commandTable';
import { trackContextKeys } from './contextKeys';
import type { DeferredTree } from './deferredTree';
import type { CommandKey } from './manifest/commands';
import { PickStore } from './pickStore';
import { PoolTree } from './poolTree';
import { RecommendedTree } from './recommendedTree';
import { ReportPanel } from './reportPanel';
import { onSettingsChanged, readSettings } from './settingsReader';
import { StatusItem } from './statusItem';
import type { UiContext } from './uiContext';

/** What activation holds of the running extension. */
export interface Started {
  runCommand(key: CommandKey, argument: unknown): Promise<unknown>;
  dispose(): Promise<void>;
}

/** Builds the engine and everything that shows it. Probing and detection begin later, on their own. */
export function start(
  extension: vscode.ExtensionContext,
  trees: { readonly pool: DeferredTree; readonly recommended: DeferredTree },
): Started {
  const log = vscode.window.createOutputChannel('Model Pool', { log: true });
  const logger = createLogger((level, line) => log[level](line));
  const picks = new PickStore(extension.workspaceState, extension.globalState);
  const { settings, problems } = readSettings();
  const engine = createEngine({
    dataDir: vscode.Uri.joinPath(extension.extensionUri, 'data').fsPath,
    storageDir: extension.globalStorageUri.fsPath,
    settings,
    pick: () => picks.pick ?? undefined,
    env: process.env,
    logger,
  });
  const context: UiContext = { engine, extension, logger, log, picks, showReport: new Emitter() };
  extension.subscriptions.push(
    log,
    onSettingsChanged(() => applySettings(context)),
  );
  trees.pool.fillFrom(new PoolTree(context, trees.pool));
  trees.recommended.fillFrom(new RecommendedTree(context, trees.recommended));
  new StatusItem(context);
  new ChatProvider(context);
  new ReportPanel(context);
  trackContextKeys(context);
  for (const problem of problems) logger.log('warn', 'setting.refused', { ...problem });
  engine.start();
  return { runCommand: createCommands(context), dispose: () => engine.dispose() };
}

function applySettings({ engine, logger }: UiContext): void {
  const { settings, problems } = readSettings();
  for (const problem of problems) {
    logger.log('warn', 'setting.refused', { ...problem });
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The setting {0} is not used: {1}', problem.key, problem.message),
    );
  }
  engine.configure(settings);
}
