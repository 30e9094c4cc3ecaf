import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { formatBytes } from '../shared/units';
import { askForServedModel } from './askForServedModel';
import { hostLabel } from './hostText';
import { samePick } from './pickStore';
import type { UiContext } from './uiContext';

/** What differs by less is the same to people: servers round, and small layers are shared by many models. */
const SAME_BYTES = 2 ** 20;

/** Removes an installed model after a dialog that says what is deleted, and what that frees. */
export async function removeModel(context: UiContext, model?: RegisteredModel): Promise<void> {
  const chosen = model ?? (await askForServedModel(context, vscode.l10n.t('Remove which model?')));
  if (!chosen) return;
  const { engine } = context;
  const entry = engine.installs.entryOf(chosen);
  const lines = [
    freedLine(context, chosen),
    entry?.pinned ? vscode.l10n.t('It is pinned: you asked to keep it.') : undefined,
    isPicked(context, chosen)
      ? vscode.l10n.t('It is the picked model; pick another one afterwards.')
      : undefined,
    await useLine(context, chosen, entry !== undefined),
    vscode.l10n.t('To have it again you must download it again.'),
  ];
  const remove = entry?.pinned ? vscode.l10n.t('Remove Pinned Model') : vscode.l10n.t('Remove');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove {0} from {1}?', chosen.modelId, chosen.backend),
    { modal: true, detail: lines.filter((line) => line !== undefined).join('\n') },
    remove,
  );
  if (choice !== remove) return;
  const outcome = await engine.installs.remove(chosen.backend, chosen.modelId);
  if (outcome.status === 'pending') void vscode.window.showInformationMessage(outcome.message);
  else if (outcome.status === 'error') {
    await vscode.window.showErrorMessage(
      vscode.l10n.t('{0} was not removed. {1}', chosen.modelId, outcome.message),
    );
  }
}

/** What is really freed: layers that other models have as well stay. Those outside the pool may have any of them. */
function freedLine(context: UiContext, model: RegisteredModel): string {
  const { engine } = context;
  const host = hostLabel(context, model.backend);
  const size = model.capabilities.sizeBytes;
  const freed = engine.installs.freedBytesOf(model);
  const isOnlyOwn = engine.served
    .all()
    .every((other) => other.backend !== model.backend || engine.installs.entryOf(other) !== undefined);
  if (freed === null || !isOnlyOwn) {
    const most = freed ?? size;
    if (most === undefined) return vscode.l10n.t('Its files are deleted from the disk of {0}.', host);
    return vscode.l10n.t(
      'Up to {0} are freed on the disk of {1}; layers shared with other models stay.',
      formatBytes(most),
      host,
    );
  }
  if (size === undefined || size - freed < SAME_BYTES)
    return vscode.l10n.t('{0} are freed on the disk of {1}.', formatBytes(freed), host);
  return vscode.l10n.t(
    '{0} are freed on the disk of {1}; {2} are shared with other models and stay.',
    formatBytes(freed),
    host,
    formatBytes(size - freed),
  );
}

function isPicked({ picks }: UiContext, model: RegisteredModel): boolean {
  return picks.pick !== null && samePick(picks.pick, model);
}

/** Who calls it now, and what that means for the removal: the pool waits for calls, a server alone does not. */
async function useLine(
  { engine }: UiContext,
  model: RegisteredModel,
  waits: boolean,
): Promise<string | undefined> {
  if (engine.dispatcher.inUse.has(model)) {
    return waits
      ? vscode.l10n.t('It is answering a call now and goes when that has ended.')
      : vscode.l10n.t('It is answering a call now; wait for the call to end, or that call fails.');
  }
  if (!(await engine.leases.isUsedElsewhere(model))) return undefined;
  return waits
    ? vscode.l10n.t('Another window has a call to it now; it goes when that has ended.')
    : vscode.l10n.t('Another window has a call to it now; wait for that call to end, or it fails.');
}
