import * as vscode from 'vscode';
import type { TrialProgress, WarmPlan } from '../engine/modelTrials';
import type { RegisteredModel } from '../registry/row';
import type { ModelRef } from '../shared/modelRef';
import { formatContext } from '../shared/units';
import { withCancel, type CANCELLED } from './cancellableProgress';
import { shortModelName } from '../shared/shortModelName';
import type { UiContext } from './uiContext';

/**
 * Says what loading a model would put out or load anew, and asks whether to go on; does not ask where it would do neither.
 * `go` is the button's word.
 */
export async function agreesToLoad(plan: Extract<WarmPlan, { ok: true }>, go: string): Promise<boolean> {
  const detail = loadingText(plan);
  if (detail === undefined) return true;
  const title = vscode.l10n.t('Load {0}?', nameOf(plan.model));
  return (await vscode.window.showInformationMessage(title, { modal: true, detail }, go)) === go;
}

/** What a load does to what is loaded now; undefined where it does nothing to it. */
function loadingText({ model, contextTokens, reloads, mayDisplace }: Extract<WarmPlan, { ok: true }>) {
  const sentences = [
    reloads && contextTokens !== null
      ? vscode.l10n.t(
          '{0} is loaded with a context of {1}. It is loaded anew with {2}.',
          nameOf(model),
          formatContext(model.running?.contextTokens ?? 0),
          formatContext(contextTokens),
        )
      : undefined,
    mayDisplace.length > 0
      ? vscode.l10n.t(
          'There may be no room beside what is loaded: {0} may put out {1}.',
          model.backend,
          mayDisplace.map(nameOf).join(', '),
        )
      : undefined,
  ].filter((sentence) => sentence !== undefined);
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

/** Runs a trial with a notification that tells how far it is and can cancel it; `CANCELLED` where it was. */
export async function withTrialProgress<T>(
  title: string,
  trial: (options: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: TrialProgress) => void;
  }) => Promise<T>,
): Promise<T | typeof CANCELLED> {
  return withCancel(title, (signal, report) =>
    trial({ signal, onProgress: (now) => report({ message: progressText(now) }) }),
  );
}

function progressText(progress: TrialProgress): string {
  switch (progress.phase) {
    case 'loading':
      return vscode.l10n.t('loading it; a large model takes minutes…');
    case 'checking':
      return vscode.l10n.t('reading back what its server has allocated…');
    case 'measuring':
      return progress.run === 0
        ? vscode.l10n.t('one run that does not count…')
        : vscode.l10n.t('run {0}…', progress.run);
  }
}

/** Tells how a trial ended, with the way to its record where it left one. */
export async function tellTrial(
  { showReport }: UiContext,
  { message, recordId, isWarning }: { message: string; recordId: string | null; isWarning: boolean },
): Promise<void> {
  const show = vscode.l10n.t('Show Record');
  const actions = recordId === null ? [] : [show];
  const choice = isWarning
    ? await vscode.window.showWarningMessage(message, ...actions)
    : await vscode.window.showInformationMessage(message, ...actions);
  if (choice === show && recordId !== null) showReport.fire({ tab: 'dispatches', recordId });
}

/** How a model is called in a sentence. */
export function nameOf(model: ModelRef | RegisteredModel): string {
  return shortModelName(model.modelId, model.provider);
}
