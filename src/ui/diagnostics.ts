import { homedir, release } from 'node:os';
import process from 'node:process';
import * as vscode from 'vscode';
import * as z from 'zod';
import { diagnosticsText, storageSizes } from '../engine/diagnostics';
import { isoNow, systemClock } from '../shared/clock';
import { settingProblemText } from './settingProblems';
import type { UiContext } from './uiContext';

const manifest = z.object({ version: z.string() });

/** Puts a redacted description of this window, its backends and its storage on the clipboard, for a bug report. */
export async function copyDiagnostics(context: UiContext): Promise<void> {
  const { engine, extension, settingProblems } = context;
  const [sizes, leases] = await Promise.all([
    storageSizes(extension.globalStorageUri.fsPath),
    engine.leases.others(),
  ]);
  const text = diagnosticsText({
    at: isoNow(systemClock),
    extensionVersion: manifest.safeParse(extension.extension.packageJSON).data?.version ?? 'of no version',
    editorVersion: vscode.version,
    nodeVersion: process.versions.node,
    system: `${process.platform} ${release()} ${process.arch}`,
    remoteName: vscode.env.remoteName,
    homeFolder: homedir(),
    windowId: engine.windowId,
    leads: engine.leads,
    storage: { ...sizes, status: engine.state.status, transcriptProblem: engine.transcript.problem },
    leases,
    backends: engine.registry.backends(),
    rows: engine.registry.rows(),
    hardware: engine.rankings.known(engine.settings.task)?.profile,
    settings: engine.settings,
    settingProblems: settingProblems.current.map(settingProblemText),
    logLines: context.recentLines,
  });
  await vscode.env.clipboard.writeText(text);
  const show = vscode.l10n.t('Show');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The diagnostics are on the clipboard, without keys, prompts and names of folders. Look through them before you paste them into a bug report.',
    ),
    show,
  );
  if (chosen !== show) return;
  await context.pages.open(vscode.l10n.t('Diagnostics'), text);
}
