import * as vscode from 'vscode';
import { shellOfProgram } from '../engine/terminalShell';
import type { RankedModel } from '../ranking/rankTypes';
import { chooseFrom } from './choiceList';
import { rankedChoices } from './rankedChoices';
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
  const title = vscode.l10n.t('Install {0} ({1})', chosen.name, chosen.quant);
  const placeholder = vscode.l10n.t('Enter copies the command; nothing is run');
  const taken = await chooseFrom({ title, placeholder }, commandChoices(context, chosen, [copy, terminal]));
  if (!taken?.entry.command) return;
  if (taken.button === terminal) await sendToTerminal(taken.entry.command);
  else await copyCommand(taken.entry.command);
}

async function commandChoices(
  { engine }: UiContext,
  model: RankedModel,
  buttons: readonly vscode.QuickInputButton[],
): Promise<readonly CommandChoice[]> {
  const commands = await engine.installs.commands(model, shellOfProgram(vscode.env.shell));
  return commands.map((entry) => ({
    label: entry.label,
    description: entry.command === undefined ? '' : entry.note,
    detail: entry.command ?? entry.note,
    command: entry.command ?? '',
    buttons: entry.command === undefined ? [] : buttons,
    alwaysShow: true,
  }));
}

async function askForRankedModel({ engine }: UiContext): Promise<RankedModel | undefined> {
  const choice = await vscode.window.showQuickPick(
    rankedChoices(engine, () => true),
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
