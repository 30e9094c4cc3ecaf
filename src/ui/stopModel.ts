import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { CANCELLED, withCancel } from './cancellableProgress';
import { nameOf } from './trialDialog';
import type { UiContext } from './uiContext';

/** Has the server of a loaded model let go of it; asks first where a call uses it. Nothing is removed from the disk. */
export async function stopModel(context: UiContext, model: RegisteredModel): Promise<void> {
  const { engine } = context;
  const { backend, provider, modelId } = model;
  const inUse = engine.dispatcher.inUse.has(model) || (await engine.leases.isUsedElsewhere(model));
  if (inUse && !(await agreesToStop(model))) return;
  const title = vscode.l10n.t('Unloading {0}', nameOf(model));
  const stopped = await withCancel(title, (signal) =>
    engine.trials.unload({ backend, provider, modelId }, signal),
  );
  if (stopped === CANCELLED) return;
  if (!stopped.ok) void vscode.window.showWarningMessage(stopped.message);
  else if (!stopped.isGone) {
    const text = vscode.l10n.t(
      '{0} is told to let go of {1}, and does when the calls to it have ended.',
      backend,
      nameOf(model),
    );
    void vscode.window.showInformationMessage(text);
  } else {
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(check) {0} is unloaded', nameOf(model)), 3_000);
  }
}

async function agreesToStop(model: RegisteredModel): Promise<boolean> {
  const stop = vscode.l10n.t('Unload');
  const title = vscode.l10n.t('Unload {0}?', nameOf(model));
  const detail = vscode.l10n.t(
    'A call uses it now. Ollama lets that call end first; another server may break it off. The model stays on the disk, and the next call loads it again.',
  );
  return (await vscode.window.showWarningMessage(title, { modal: true, detail }, stop)) === stop;
}
