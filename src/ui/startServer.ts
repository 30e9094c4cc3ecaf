import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import * as vscode from 'vscode';
import { findProgram, programsOf } from '../engine/findProgram';
import { serverStarts, type ServerStart } from '../engine/serverStarts';
import { shellOfProgram } from '../engine/terminalShell';
import type { BackendState } from '../registry/row';
import { sendToTerminal } from './installCommands';
import { commandId } from './manifest/commands';
import type { UiContext } from './uiContext';
import { remoteLabel, windowPlace } from './windowPlace';

interface StartChoice extends vscode.QuickPickItem {
  readonly choose?: () => Promise<void>;
}

/**
 * Offers what can be started on this machine, with its command, and runs what is chosen in a terminal of its own. With a
 * backend only the ways to start that one.
 */
export async function startServer(context: UiContext, backend?: BackendState): Promise<void> {
  const { remoteName, runsBeside } = windowPlace(context.extension);
  if (remoteName !== undefined && runsBeside) {
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'Terminals of this window run on a remote machine ({0}), and Model Pool looks at the servers of your own computer. Start the server on your computer yourself, or install Model Pool on {0} too.',
        remoteLabel(remoteName),
      ),
    );
    return;
  }
  const choices = await choicesOf(context, backend);
  if (choices.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Nothing to start: every model server of this machine answers.'),
    );
    return;
  }
  const choice = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Start Server'),
    placeHolder: vscode.l10n.t('Enter runs the command in a new terminal; closing that ends the server'),
    matchOnDetail: true,
  });
  await choice?.choose?.();
}

async function choicesOf({ engine }: UiContext, backend?: BackendState): Promise<readonly StartChoice[]> {
  const servedBy = (id: string): readonly string[] =>
    engine.registry
      .listForBackend(id)
      // What ships with the extension was never seen there.
      .filter(({ source }) => source !== 'baseline')
      .map(({ modelId }) => modelId);
  const backends = engine.registry.backends();
  const files = await filesAmong(backends.flatMap(({ id }) => servedBy(id)));
  const starts = serverStarts(
    {
      ...{ backends, servedBy, isFile: (file) => files.has(file) },
      shell: shellOfProgram(vscode.env.shell),
    },
    backend?.id,
  );
  const programs = [...new Set(starts.map(({ program }) => program))];
  const sources = programsOf(process.env);
  const found = new Map(
    await Promise.all(programs.map(async (name) => [name, await findProgram(name, sources)] as const)),
  );
  return starts
    .map((start) => choiceOf(start, found.get(start.program) === 'missing'))
    .sort((a, b) => Number(a.isLast) - Number(b.isLast))
    .map(({ choice }) => choice);
}

/** Those that are paths of files here; a server may name its models as it likes. */
async function filesAmong(ids: readonly string[]): Promise<ReadonlySet<string>> {
  const looked = await Promise.all(
    ids.map(async (id) => {
      if (!path.isAbsolute(id)) return undefined;
      const facts = await stat(id).catch(() => undefined);
      return facts?.isFile() ? id : undefined;
    }),
  );
  return new Set(looked.filter((id) => id !== undefined));
}

/** One way to start a server; those that cannot be taken now come last, and say what is missing. */
function choiceOf(
  start: ServerStart,
  isMissing: boolean,
): { readonly choice: StartChoice; readonly isLast: boolean } {
  const { label, backend, command, note, program, page } = start;
  const place = backend ?? vscode.l10n.t('not added yet');
  if (isMissing) {
    const detail = vscode.l10n.t(
      '{0} is not installed, or not on the PATH. Enter shows how to install it.',
      program,
    );
    const open = async (): Promise<void> => {
      await vscode.env.openExternal(vscode.Uri.parse(page));
    };
    return {
      isLast: true,
      choice: { label: `$(cloud-download) ${label}`, description: place, detail, choose: open },
    };
  }
  if (command === undefined) {
    const show = async (): Promise<void> => {
      await vscode.commands.executeCommand(commandId('showInstallCommand'));
    };
    return {
      isLast: true,
      choice: { label: `$(info) ${label}`, description: place, detail: note, choose: show },
    };
  }
  return {
    isLast: false,
    choice: {
      label: `$(play) ${label}`,
      description: `${place} · ${note}`,
      detail: command,
      choose: () => run(start, command),
    },
  };
}

async function run({ label, backend, env }: ServerStart, command: string): Promise<void> {
  const terminal = await sendToTerminal(command, {
    name: label,
    // Windows looks for a program in the working directory first, and a workspace is not to be trusted.
    cwd: homedir(),
    ...(env ? { env } : {}),
    run: true,
  });
  // A backend of the settings is looked at every few seconds while its view is seen.
  if (backend !== undefined || terminal.exitStatus !== undefined) return;
  const add = vscode.l10n.t('Add Backend');
  const text = vscode.l10n.t('{0} is starting. Add it when its terminal says that it listens.', label);
  if ((await vscode.window.showInformationMessage(text, add)) === add) {
    await vscode.commands.executeCommand(commandId('addBackend'));
  }
}
