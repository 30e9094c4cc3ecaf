import * as vscode from 'vscode';
import type { MeasureResult } from '../engine/modelTrials';
import type { ModelRef } from '../shared/modelRef';
import { formatDuration, formatTokensPerSecond } from '../shared/units';
import { CANCELLED } from './cancellableProgress';
import { askForModel } from './modelPicker';
import { agreesToLoad, nameOf, tellTrial, withTrialProgress } from './trialDialog';
import type { UiContext } from './uiContext';

/** Measures how fast a model is where it runs, and says what was found; asks for a model where none is given. */
export async function measureModel(context: UiContext, target?: ModelRef): Promise<void> {
  const ref =
    target ??
    (await askForModel(
      context,
      vscode.l10n.t('Measure a Model'),
      vscode.l10n.t('Which model to measure; it is loaded for that'),
    ));
  if (!ref) return;
  const { trials } = context.engine;
  const plan = trials.planWarm(ref);
  if (!plan.ok) return tellTrial(context, { message: plan.message, recordId: null, isWarning: true });
  if (!(await agreesToLoad(plan, vscode.l10n.t('Load and Measure')))) return;
  const result = await withTrialProgress(vscode.l10n.t('Measuring {0}', nameOf(ref)), (options) =>
    trials.measure(ref, options),
  );
  if (result === CANCELLED) return;
  await tellTrial(
    context,
    result.ok
      ? { message: measuredText(ref, result), recordId: result.recordIds.at(-1) ?? null, isWarning: false }
      : { ...result, isWarning: true },
  );
}

function measuredText(ref: ModelRef, result: Extract<MeasureResult, { ok: true }>): string {
  const { decodeTokPerSec, promptTokPerSec, promptTokens, answerTokens, loadMs } = result;
  const writes = formatTokensPerSecond(decodeTokPerSec);
  const sentences = [
    promptTokPerSec === undefined
      ? vscode.l10n.t('{0} writes {1}.', nameOf(ref), writes)
      : vscode.l10n.t(
          '{0} writes {1} and reads {2}.',
          nameOf(ref),
          writes,
          formatTokensPerSecond(promptTokPerSec),
        ),
    promptTokens === null
      ? vscode.l10n.t('The median of {0} runs with {1} tokens of answer.', result.runs, answerTokens)
      : vscode.l10n.t(
          'The median of {0} runs with {1} tokens of prompt and {2} of answer.',
          ...[result.runs, promptTokens, answerTokens],
        ),
    result.measuredBy === 'client'
      ? vscode.l10n.t('Its server does not say its times: the way to it is part of these.')
      : undefined,
    loadMs === null ? undefined : vscode.l10n.t('Before, it was loaded in {0}.', formatDuration(loadMs)),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}
