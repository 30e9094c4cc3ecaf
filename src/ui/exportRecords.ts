import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { exportToFile, type ExportFormat, type FileExported } from '../engine/recordExport';
import { systemClock } from '../shared/clock';
import { NO_DISPATCH_FILTER, type DispatchFilter } from '../shared/dispatchQuery';
import { formatNumber } from '../shared/numberText';
import { CANCELLED, withCancel } from './cancellableProgress';
import type { UiContext } from './uiContext';

const manifest = z.object({ version: z.string() });

/**
 * Writes dispatch records into a file that the user chooses: those that `filter` leaves, else all of them. Asks for the
 * format where none is given. Nothing is sent anywhere.
 */
export async function exportDispatchRecords(
  context: UiContext,
  filter: DispatchFilter = NO_DISPATCH_FILTER,
  given?: ExportFormat,
): Promise<void> {
  const format = given ?? (await askForFormat());
  if (!format) return;
  const target = await askForFile(format);
  if (!target) return;
  if (target.scheme !== 'file') {
    void vscode.window.showWarningMessage(
      vscode.l10n.t(
        'Records can only be exported into a folder of the machine on which the extension runs. Choose another place.',
      ),
    );
    return;
  }
  const end = await exportWithProgress(context, filter, format, target);
  if (end === CANCELLED) return;
  if (!end.ok) {
    void vscode.window.showWarningMessage(end.message);
    return;
  }
  const open = vscode.l10n.t('Open File');
  const chosen = await vscode.window.showInformationMessage(writtenText(end, target), open);
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', target);
}

/** What each format is for, in the order in which they are offered. */
function formats(): readonly (vscode.QuickPickItem & { readonly format: ExportFormat })[] {
  return [
    {
      format: 'jsonLines',
      label: vscode.l10n.t('JSON Lines'),
      description: '.jsonl',
      detail: vscode.l10n.t('One object a record, for scripts'),
    },
    {
      format: 'csv',
      label: vscode.l10n.t('CSV'),
      description: '.csv',
      detail: vscode.l10n.t('One row a record, for spreadsheets'),
    },
    {
      format: 'otlp',
      label: vscode.l10n.t('OpenTelemetry Spans'),
      description: '.otlp.jsonl',
      detail: vscode.l10n.t('OTLP/JSON as the file exporter writes it, for trace viewers'),
    },
  ];
}

async function askForFormat(): Promise<ExportFormat | undefined> {
  const choice = await vscode.window.showQuickPick(formats(), {
    title: vscode.l10n.t('Export Dispatch Records'),
    placeHolder: vscode.l10n.t('Which format? The file stays on this machine.'),
    matchOnDetail: true,
  });
  return choice?.format;
}

async function askForFile(format: ExportFormat): Promise<vscode.Uri | undefined> {
  const extension = format === 'csv' ? 'csv' : 'jsonl';
  const day = new Date(systemClock.now()).toISOString().slice(0, 10);
  const name = `model-pool-dispatches-${day}${format === 'otlp' ? '.otlp' : ''}.${extension}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const label = formats().find((choice) => choice.format === format)?.label ?? format;
  return vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder, name),
    filters: { [label]: [extension] },
    title: vscode.l10n.t('Export Dispatch Records'),
    saveLabel: vscode.l10n.t('Export'),
  });
}

function exportWithProgress(
  { engine, extension }: UiContext,
  filter: DispatchFilter,
  format: ExportFormat,
  target: vscode.Uri,
): Promise<FileExported | typeof CANCELLED> {
  const version = manifest.parse(extension.extension.packageJSON).version;
  const task = { transcript: engine.transcript, filter, format, version, file: target.fsPath };
  return withCancel(vscode.l10n.t('Exporting records'), (signal, report) =>
    exportToFile({
      ...task,
      signal,
      onProgress: ({ written, matched }) =>
        report({
          fraction: written / matched,
          message: vscode.l10n.t('{0} of {1}', formatNumber(written), formatNumber(matched)),
        }),
    }),
  );
}

function writtenText({ written, matched }: Extract<FileExported, { ok: true }>, target: vscode.Uri): string {
  const place = path.basename(target.fsPath);
  const folder = path.dirname(target.fsPath);
  const text =
    written === 1
      ? vscode.l10n.t('1 record was exported to {0} in {1}.', place, folder)
      : vscode.l10n.t('{0} records were exported to {1} in {2}.', formatNumber(written), place, folder);
  const gone = matched - written;
  if (gone === 0) return text;
  const goneText =
    gone === 1
      ? vscode.l10n.t('1 more was deleted meanwhile.')
      : vscode.l10n.t('{0} more were deleted meanwhile.', formatNumber(gone));
  return `${text} ${goneText}`;
}
