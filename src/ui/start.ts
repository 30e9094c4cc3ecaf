import * as vscode from 'vscode';
import { shellOfProgram } from '../engine/terminalShell';
import { createEngine } from '../engine';
import { secretNameOf } from '../engine/backendHeaders';
import type { ModelPoolSession } from '../engine/sessionApi';
import { Emitter } from '../shared/events';
import { isoNow, systemClock } from '../shared/clock';
import { createLogger } from '../shared/logger';
import type { SettingProblem } from '../shared/settings';
import { speak } from '../shared/spokenLanguage';
import { onKeysChanged, secretReader } from './apiKeys';
import { watchAttention } from './attention';
import { ChatProvider } from './chatProvider';
import { restoreHost } from './chooseHost';
import { createCommands } from './commandTable';
import { trackContextKeys } from './contextKeys';
import type { DeferredTree } from './deferredTree';
import { lookForServers } from './lookForServers';
import { commandId, type CommandKey } from './manifest/commands';
import { editorChat } from './editorChat';
import { provideRouteDocuments } from './explainRoute';
import { editorModels } from './editorModels';
import { registerLanguageModelTools } from './languageModelTools';
import { startModelfileSupport } from './modelfile/modelfileSupport';
import { onNetworkSettingsChanged, readNetworkSettings } from './networkSettings';
import { Pages } from './pages';
import { PickStore } from './pickStore';
import { PoolTree } from './poolTree';
import { ProposalsTree } from './proposalsTree';
import { RecommendedFilter } from './recommendedFilter';
import { RecommendedTree } from './recommendedTree';
import { ReportPanel } from './reportPanel';
import { onSettingsChanged, readSettings } from './settingsReader';
import { SettingProblems, settingProblemText } from './settingProblems';
import { StatusItem } from './statusItem';
import type { ReportTarget, UiContext } from './uiContext';
import { editorLanguage } from './editorLanguage';

/** Lines of the log that are kept for diagnostics. */
const RECENT_LINES = 100;

/** What activation holds of the running extension. */
export interface Started {
  runCommand(key: CommandKey, argument: unknown): Promise<unknown>;
  /** See `ModelPoolApi`; throws `SessionError`. */
  registerSession(name: unknown): ModelPoolSession;
  dispose(): Promise<void>;
}

/** Builds the engine and everything that shows it. Probing and detection begin later, on their own. */
export async function start(
  extension: vscode.ExtensionContext,
  trees: {
    readonly pool: DeferredTree;
    readonly recommended: DeferredTree;
    readonly proposals: DeferredTree;
  },
): Promise<Started> {
  // The rooms below the user interface know nothing of VS Code: their texts come from the same bundle.
  speak(editorLanguage());
  const log = vscode.window.createOutputChannel('Model Pool', { log: true });
  const recentLines: string[] = [];
  const logger = createLogger((level, line) => {
    log[level](line);
    recentLines.push(`${isoNow(systemClock)} ${level} ${line}`);
    if (recentLines.length > RECENT_LINES) recentLines.shift();
  });
  const picks = new PickStore(
    extension.workspaceState,
    extension.globalState,
    () => vscode.workspace.workspaceFolders !== undefined,
  );
  const settingProblems = new SettingProblems();
  const { settings, problems } = readSettings();
  const shipped = (...names: string[]): string =>
    vscode.Uri.joinPath(extension.extensionUri, ...names).fsPath;
  const engine = await createEngine({
    dataDir: shipped('data'),
    storageDir: extension.globalStorageUri.fsPath,
    programs: {
      sqlWasm: shipped('dist', 'sql-wasm.wasm'),
      transcriptWorker: shipped('dist', 'storage', 'transcriptWorker.js'),
      bandwidthWorker: shipped('dist', 'hardware', 'bandwidthWorker.js'),
    },
    settings,
    network: readNetworkSettings(),
    secrets: secretReader(extension.secrets),
    editorModels,
    editorChat,
    pick: () => picks.pick ?? undefined,
    env: process.env,
    shell: shellOfProgram(vscode.env.shell),
    logger,
  });
  const showReport = new Emitter<ReportTarget>();
  const context: UiContext = {
    engine,
    extension,
    logger,
    log,
    recentLines,
    picks,
    pages: new Pages(),
    recommended: new RecommendedFilter(extension.globalState),
    settingProblems,
    showReport,
  };
  extension.subscriptions.push(
    log,
    context.pages,
    onSettingsChanged(() => applySettings(context)),
    onNetworkSettingsChanged(() => engine.configureNetwork(readNetworkSettings())),
    provideRouteDocuments(context),
    onKeysChanged(extension.secrets, (name) => refreshUsersOf(context, name)),
  );
  trees.pool.fillFrom(new PoolTree(context, trees.pool));
  trees.recommended.fillFrom(new RecommendedTree(context, trees.recommended));
  trees.proposals.fillFrom(new ProposalsTree(context, trees.proposals));
  new StatusItem(context);
  new ChatProvider(context);
  new ReportPanel(context);
  extension.subscriptions.push(
    startModelfileSupport(context, { otherFiles: () => engine.settings.modelfileOtherFiles }),
    registerLanguageModelTools(context),
  );
  restoreHost(context, engine.hosts);
  trackContextKeys(context);
  noteProblems(context, problems);
  engine.start();
  lookForServers(context, trees.pool.view);
  watchAttention(context, [trees.pool.view, trees.recommended.view, trees.proposals.view]);
  return {
    runCommand: createCommands(context),
    registerSession: (name) => engine.registerSession(name),
    dispose: () => engine.dispose(),
  };
}

/** A key that was set or removed in any window changes what its backends answer. */
function refreshUsersOf({ engine }: UiContext, secretName: string): void {
  for (const backend of engine.settings.backends) {
    if (secretNameOf(backend) === secretName) void engine.refreshBackend(backend.id);
  }
}

function applySettings(context: UiContext): void {
  const { settings, problems } = readSettings();
  const fresh = noteProblems(context, problems);
  if (fresh.length > 0) void tellProblems(fresh);
  context.engine.configure(settings);
  restoreHost(context, context.engine.hosts);
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
