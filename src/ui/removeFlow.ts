import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import type { RegisteredModel } from '../registry/row';
import { formatBytes } from '../shared/units';
import type { UiContext } from './uiContext';

/** Removes an installed model after a dialog that says what is deleted. */
export async function removeModel(context: UiContext, model?: RegisteredModel): Promise<void> {
  const chosen = model ?? (await askWhatToRemove(context));
  if (!chosen) return;
  const { engine } = context;
  const size = chosen.capabilities.sizeBytes;
  const lines = [
    size === undefined
      ? vscode.l10n.t('Its files are deleted from the disk of {0}.', hostLabel(engine, chosen.backend))
      : vscode.l10n.t(
          'Up to {0} are freed on the disk of {1}; layers shared with other models stay.',
          formatBytes(size),
          hostLabel(engine, chosen.backend),
        ),
    engine.dispatcher.inUse.has(chosen)
      ? vscode.l10n.t('It is answering a call now; wait for the call to end, or that call fails.')
      : (await engine.leases.isUsedElsewhere(chosen))
        ? vscode.l10n.t('Another window has a call to it now; wait for that call to end, or it fails.')
        : vscode.l10n.t('To have it again you must download it again.'),
  ];
  const remove = vscode.l10n.t('Remove');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Remove {0} from {1}?', chosen.modelId, chosen.backend),
    { modal: true, detail: lines.join('\n') },
    remove,
  );
  if (choice !== remove) return;
  const result = await engine.installs.remove(chosen.backend, chosen.modelId);
  if (result.status === 'error') {
    await vscode.window.showErrorMessage(
      vscode.l10n.t('{0} was not removed. {1}', chosen.modelId, result.message),
    );
  }
}

async function askWhatToRemove(context: UiContext): Promise<RegisteredModel | undefined> {
  const items = context.engine.served
    .all()
    .filter((model) => context.engine.installs.canInstallOn(model.backend))
    .map((model) => ({
      label: model.displayName,
      description: model.backend,
      detail: model.capabilities.sizeBytes === undefined ? '' : formatBytes(model.capabilities.sizeBytes),
      model,
    }));
  const choice = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Remove which model?') });
  return choice?.model;
}
