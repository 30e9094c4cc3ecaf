import * as vscode from 'vscode';
import type { PoolErrorCode } from '../pool/poolState';
import { huggingFacePageOf } from '../shared/huggingFacePage';
import { commandId } from './manifest/commands';
import { setDiskBudget } from './setDiskBudget';
import type { UiContext } from './uiContext';

type Remedy = 'page' | 'again' | 'budget' | 'remove' | 'another' | 'commands' | 'organisation' | 'log';

/** What helps where an install did not happen, the likeliest first. */
const REMEDIES: Readonly<Record<PoolErrorCode, readonly Remedy[]>> = {
  advisory_only: ['commands'],
  failed_target_missing: ['another'],
  installer_unavailable: ['again'],
  install_failed: ['again', 'log'],
  not_in_pool: [],
  parse_failed: ['again', 'log'],
  disk_full: ['remove', 'another', 'again'],
  gated: ['page', 'again', 'another'],
  cancelled: ['again'],
  not_allowed: ['organisation'],
  budget_exceeded: ['budget', 'remove'],
  in_use: ['again'],
  busy: ['again'],
  storage_unavailable: ['again', 'log'],
};

interface Trouble {
  readonly code: PoolErrorCode;
  /** The model, as its server is asked for it. */
  readonly name: string;
  readonly message: string;
  /** For a dialog of its own, where a person waits for the answer. */
  readonly detail?: string;
  /** Does it once more from the start. */
  readonly again: () => Promise<void>;
}

/** Says what went wrong with buttons for what helps, and does what is chosen. */
export async function offerRemedies(context: UiContext, trouble: Trouble): Promise<void> {
  const { code, name, message, detail, again } = trouble;
  const items = REMEDIES[code].map((remedy) => ({ title: remedyLabel(remedy), remedy }));
  const choice =
    detail === undefined
      ? await vscode.window.showErrorMessage(message, ...items)
      : await vscode.window.showWarningMessage(message, { modal: true, detail }, ...items);
  switch (choice?.remedy) {
    case undefined:
      return;
    case 'page':
      await openModelPage(name);
      return;
    case 'again':
      return again();
    case 'budget':
      if (await setDiskBudget(context)) await again();
      return;
    case 'remove':
      return run('removeModel');
    case 'another':
      return run('installModel');
    case 'commands':
      return run('showInstallCommand');
    case 'organisation':
      return run('allowOrganisation');
    case 'log':
      return run('showLog');
  }
}

/** Opens the page where a model's conditions are read and accepted; a name without one opens nothing. */
export async function openModelPage(name: string): Promise<void> {
  const page = huggingFacePageOf(name);
  if (page !== null) await vscode.env.openExternal(vscode.Uri.parse(page));
}

async function run(key: Parameters<typeof commandId>[0]): Promise<void> {
  await vscode.commands.executeCommand(commandId(key));
}

function remedyLabel(remedy: Remedy): string {
  switch (remedy) {
    case 'page':
      return vscode.l10n.t('Open Model Page');
    case 'again':
      return vscode.l10n.t('Try Again');
    case 'budget':
      return vscode.l10n.t('Set Disk Budget');
    case 'remove':
      return vscode.l10n.t('Remove Model');
    case 'another':
      return vscode.l10n.t('Choose Another');
    case 'commands':
      return vscode.l10n.t('Show Install Command');
    case 'organisation':
      return vscode.l10n.t('Allow Organisation');
    case 'log':
      return vscode.l10n.t('Show Log');
  }
}
