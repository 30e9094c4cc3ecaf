import * as vscode from 'vscode';
import { createEngine } from './engine';
import { Emitter } from './shared/events';
import { createLogger } from './shared/logger';
import { ChatProvider } from './ui/chatProvider';
import { registerCommands } from './ui/commandTable';
import { trackContextKeys } from './ui/contextKeys';
import { PickStore } from './ui/pickStore';
import { PoolTree } from './ui/poolTree';
import { RecommendedTree } from './ui/recommendedTree';
import { ReportPanel } from './ui/reportPanel';
import { onSettingsChanged, readSettings } from './ui/settingsReader';
import { StatusItem } from './ui/statusItem';
import type { UiContext } from './ui/uiContext';
import type { Engine } from './engine';

let engine: Engine | undefined;

/** Builds the parts and returns: no probe, no detection and no file is touched before it has returned. */
export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Model Pool', { log: true });
  const logger = createLogger((level, line) => log[level](line));
  const picks = new PickStore(extension.workspaceState, extension.globalState);
  const { settings, problems } = readSettings();
  engine = createEngine({
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
  new PoolTree(context);
  new RecommendedTree(context);
  new StatusItem(context);
  new ChatProvider(context);
  new ReportPanel(context);
  registerCommands(context);
  trackContextKeys(context);
  for (const problem of problems) logger.log('warn', 'setting.refused', { ...problem });
  engine.start();
}

/** Ends timers and pulls, and writes what the transcript still holds. */
export async function deactivate(): Promise<void> {
  await engine?.dispose();
  engine = undefined;
}

function applySettings({ engine: target, logger }: UiContext): void {
  const { settings, problems } = readSettings();
  for (const problem of problems) {
    logger.log('warn', 'setting.refused', { ...problem });
    void vscode.window.showWarningMessage(
      vscode.l10n.t('The setting {0} is not used: {1}', problem.key, problem.message),
    );
  }
  target.configure(settings);
}
