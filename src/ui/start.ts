import * as vscode from 'vscode';
import { createEngine } from '../engine';
import { Emitter } from '../shared/events';
import { createLogger } from '../shared/logger';
import type { SettingProblem } from '../shared/settings';
import { ChatProvider } from './chatProvider';
import { createCommands } from './commandTable';
import { trackContextKeys } from './contextKeys';
import type { DeferredTree } from './deferredTree';
import { commandId, type CommandKey } from './manifest/commands';
import { PickStore } from './pickStore';
import { PoolTree } from './poolTree';
import { RecommendedTree } from './recommendedTree';
import { ReportPanel } from './reportPanel';
import { onSettingsChanged, readSettings } from './settingsReader';
import { SettingProblems, settingProblemText } from './settingProblems';
import { StatusItem } from './statusItem';
import type { ReportTarget, UiContext } from './uiContext';

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
  const settingProblems = new SettingProblems();
  const { settings, problems } = readSettings();
  const engine = createEngine({
    dataDir: vscode.Uri.joinPath(extension.extensionUri, 'data').fsPath,
    storageDir: extension.globalStorageUri.fsPath,
    settings,
    pick: () => picks.pick ?? undefined,
    env: process.env,
    logger,
  });
  const showReport = new Emitter<ReportTarget>();
  const context: UiContext = { engine, extension, logger, log, picks, settingProblems, showReport };
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
  noteProblems(context, problems);
  engine.start();
  lookWhenSeen(context, trees.pool.view);
  return { runCommand: createCommands(context), dispose: () => engine.dispose() };
}

/** Whoever opens the Pool view does not wait for the schedule's first tick: what was never asked is asked then. */
function lookWhenSeen({ engine, extension }: UiContext, view: DeferredTree['view']): void {
  const look = (): void => {
    const unseen = engine.registry.backends().some((state) => state.readiness === 'unknown');
    if (view.visible && unseen) void engine.refreshAll(new AbortController().signal);
  };
  extension.subscriptions.push(view.onDidChangeVisibility(look));
  look();
}

function applySettings(context: UiContext): void {
  const { settings, problems } = readSettings();
  const fresh = noteProblems(context, problems);
  if (fresh.length > 0) void tellProblems(fresh);
  context.engine.configure(settings);
}

/** Shows problems where they stand for as long as they last, and returns those that are new. */
function noteProblems(
  { settingProblems, logger }: UiContext,
  problems: readonly SettingProblem[],
): readonly SettingProblem[] {
  const fresh = settingProblems.replace(problems);
  for (const problem of fresh) logger.log('warn', 'setting.refused', { ...problem });
  return fresh;
}

/** One message for one edit of the settings, however much of it is wrong. */
async function tellProblems(fresh: readonly SettingProblem[]): Promise<void> {
  const open = vscode.l10n.t('Open Settings');
  const text = fresh.map(settingProblemText).join(' ');
  if ((await vscode.window.showWarningMessage(text, open)) === open) {
    await vscode.commands.executeCommand(commandId('openSettings'));
  }
}
