import * as vscode from 'vscode';
import type { RankedModel } from '../ranking/rankTypes';
import { rankedModelDescription } from './modelText';
import type { UiContext } from './uiContext';

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
  const commands = await context.engine.installs.commands(chosen, shellOf(vscode.env.shell));
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
    else sendToTerminal(item.command);
    picker.hide();
  });
  picker.onDidHide(() => picker.dispose());
  picker.show();
}

/** Which quoting rules the user's shell has, by the name of its program. */
function shellOf(program: string): 'posix' | 'powershell' | 'cmd' {
  if (/(?:pwsh|powershell)(?:\.exe)?$/i.test(program)) return 'powershell';
  return /cmd(?:\.exe)?$/i.test(program) ? 'cmd' : 'posix';
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

function sendToTerminal(command: string): void {
  const terminal = vscode.window.activeTerminal ?? vscode.window.createTerminal('Model Pool');
  terminal.show();
  terminal.sendText(command, false);
}
