import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { askForServedModel } from './askForServedModel';
import type { UiContext } from './uiContext';

/** Keeps a model of the pool from ever being removed for another one, or lets it go again. */
export async function pinModel(context: UiContext, pinned: boolean, model?: RegisteredModel): Promise<void> {
  const { installs, pool } = context.engine;
  const chosen =
    model ??
    (await askForServedModel(
      context,
      pinned ? vscode.l10n.t('Keep which model?') : vscode.l10n.t('Unpin which model?'),
      (each) => {
        const entry = installs.entryOf(each);
        return entry?.origin === 'pool' && entry.pinned !== pinned && entry.pendingEviction !== true;
      },
    ));
  if (!chosen) return;
  const { backend, modelId: ollamaName } = chosen;
  const result = await pool.manager.pin({ backend, ollamaName }, pinned);
  if (result.status === 'success') return;
  const text = pinned
    ? vscode.l10n.t('{0} was not pinned. {1}', ollamaName, result.message)
    : vscode.l10n.t('{0} was not unpinned. {1}', ollamaName, result.message);
  await vscode.window.showErrorMessage(text);
}
