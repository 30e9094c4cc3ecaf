import * as vscode from 'vscode';
import { shellOfProgram } from '../engine/terminalShell';
import type { RankedModel } from '../ranking/rankTypes';
import { rankedModelDescription } from './modelText';
import type { UiContext } from './uiContext';

/** Shells with slow start-up files take a second or two; cmd never says that it is ready. */
const PROMPT_WITHIN_MS = 3_000;

interface CommandChoice extends vscode.QuickPickItem {
  readonly command: string;
}

/** Shows the command for each tool side by side; Enter or the first button copies, the second fills a terminal. */
export async function showInstallCommand(context: UiContext, model?: RankedModel): Promise<void> {
  const chosen = model ?? (await askForRankedModel(context));
  if (!chosen) return;
  const copy: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: vscode.l10n.t('Copy'),
  };
  const terminal: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('terminal'),
    tooltip: vscode.l10n.t('Send to Terminal (not executed)'),
  };
  const picker = vscode.window.createQuickPick<CommandChoice>();
  picker.title = vscode.l10n.t('Install {0} ({1})', chosen.name, chosen.quant);
  picker.placeholder = vscode.l10n.t('Enter copies the command; nothing is run');
  const commands = await context.engine.installs.commands(chosen, shellOfProgram(vscode.env.shell));
  picker.items = commands.map((entry) => ({
    label: entry.label,
    description: entry.command === undefined ? '' : entry.note,
    detail: entry.command ?? entry.note,
    command: entry.command ?? '',
    buttons: entry.command === undefined ? [] : [copy, terminal],
    alwaysShow: true,
  }));
  picker.onDidAccept(() => {
    const command = picker.selectedItems[0]?.command;
    if (command) void copyCommand(command);
    picker.hide();
  });
  picker.onDidTriggerItemButton(({ item, button }) => {
    if (button === copy) void copyCommand(item.command);
    else void sendToTerminal(item.command);
    picker.hide();
  });
  picker.onDidHide(() => picker.dispose());
  picker.show();
}

async function askForRankedModel(context: UiContext): Promise<RankedModel | undefined> {
  const { engine } = context;
  const ranking = await engine.rankings.rank(engine.settings.task, engine.rankings.host);
  const choice = await vscode.window.showQuickPick(
    ranking.models
      .filter((model) => model.fitsHardware)
      .map((model) => ({
        label: model.name,
        description: rankedModelDescription(model),
        detail: model.modelId,
        model,
      })),
    { title: vscode.l10n.t('Show the install command of which model?'), matchOnDetail: true },
  );
  return choice?.model;
}

async function copyCommand(command: string): Promise<void> {
  await vscode.env.clipboard.writeText(command);
  vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) Command copied'), 3_000);
}

/** How a terminal of ours differs from a usual one. */
interface TerminalOptions extends Pick<vscode.TerminalOptions, 'name' | 'cwd' | 'env'> {
  /** Whether the command is run at once. Only for a click that says so. */
  readonly run?: boolean;
}

/**
 * Types the command at the prompt of a new terminal; the user presses Enter. Never into a terminal that is there: its
 * shell may have other quotes than the default one, for which the command was written, and its line may not be empty.
 */
export async function sendToTerminal(
  command: string,
  { run = false, ...options }: TerminalOptions = {},
): Promise<vscode.Terminal> {
  const terminal = vscode.window.createTerminal({ name: 'Model Pool', ...options });
  terminal.show();
  await promptOf(terminal);
  // The person may have closed it before it was ready.
  if (terminal.exitStatus === undefined) terminal.sendText(command, run);
  return terminal;
}

/** Until the shell tells VS Code that it is ready: what is typed earlier is on the screen twice. Some never tell. */
async function promptOf(terminal: vscode.Terminal): Promise<void> {
  await new Promise<void>((resolve) => {
    const ready = (): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(ready, PROMPT_WITHIN_MS);
    const listener = vscode.window.onDidChangeTerminalShellIntegration((event) => {
      if (event.terminal === terminal) ready();
    });
  });
}
