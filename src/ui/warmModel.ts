import * as vscode from 'vscode';
import type { WarmResult } from '../engine/modelTrials';
import type { ModelRef } from '../shared/modelRef';
import { formatContext, formatDuration } from '../shared/units';
import { CANCELLED } from './cancellableProgress';
import { askForModel } from './modelPicker';
import { agreesToLoad, nameOf, tellTrial, withTrialProgress } from './trialDialog';
import type { UiContext } from './uiContext';

/** Loads a model before it is needed, after saying what goes for it; asks for one where none is given. */
export async function warmModel(context: UiContext, target?: ModelRef): Promise<void> {
  const ref =
    target ?? (await askForModel(context, vscode.l10n.t('Warm Model'), vscode.l10n.t('Which model to load')));
  if (!ref) return;
  const { trials } = context.engine;
  const plan = trials.planWarm(ref);
  if (!plan.ok) return tellTrial(context, { message: plan.message, recordId: null, isWarning: true });
  if (!(await agreesToLoad(plan, vscode.l10n.t('Load')))) return;
  const warmed = await withTrialProgress(vscode.l10n.t('Loading {0}', nameOf(ref)), (options) =>
    trials.warm(ref, options),
  );
  if (warmed === CANCELLED) return;
  const message = warmed.ok ? warmedText(ref, warmed) : warmed.message;
  await tellTrial(context, { message, recordId: null, isWarning: !warmed.ok });
}

function warmedText(ref: ModelRef, warmed: Extract<WarmResult, { ok: true }>): string {
  const { loadMs, contextAsked, contextTokens, keptMinutes, displaced } = warmed;
  const isLess = contextTokens !== null && contextAsked !== null && contextTokens < contextAsked;
  const sentences = [
    loadMs === null
      ? vscode.l10n.t('{0} was loaded already.', nameOf(ref))
      : vscode.l10n.t('{0} was loaded in {1}.', nameOf(ref), formatDuration(loadMs)),
    contextTokens === null ? undefined : vscode.l10n.t('Its context is {0}.', formatContext(contextTokens)),
    isLess
      ? vscode.l10n.t(
          'It was asked for {0}: its server gives less. Calls are cut to what it has.',
          formatContext(contextAsked),
        )
      : undefined,
    keptMinutes === null ? undefined : vscode.l10n.t('It stays for {0} minutes without a call.', keptMinutes),
    displaced.length === 0
      ? undefined
      : vscode.l10n.t('Put out for it: {0}.', displaced.map(nameOf).join(', ')),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}
