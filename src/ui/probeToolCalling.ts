import * as vscode from 'vscode';
import type { ToolCallingVerdict } from '../dispatch/toolCallingProbe';
import type { ToolCallingFinding } from '../engine/toolCallingStore';
import type { ModelRef } from '../shared/modelRef';
import { CANCELLED } from './cancellableProgress';
import { askForModel } from './modelPicker';
import { agreesToLoad, nameOf, tellTrial, withTrialProgress } from './trialDialog';
import type { UiContext } from './uiContext';

/** Tries whether a model calls tools, by one small call, and says so; asks for a model where none is given. */
export async function probeToolCalling(context: UiContext, target?: ModelRef): Promise<void> {
  const ref =
    target ??
    (await askForModel(
      context,
      vscode.l10n.t('Check Tool Calling'),
      vscode.l10n.t('Which model to try; it is loaded for that'),
    ));
  if (!ref) return;
  const { trials } = context.engine;
  const plan = trials.planWarm(ref);
  // There is none for what runs elsewhere, which can be tried all the same.
  if (plan.ok && !(await agreesToLoad(plan, vscode.l10n.t('Load and Try')))) return;
  const verdict = await withTrialProgress(
    vscode.l10n.t('Trying whether {0} calls tools', nameOf(ref)),
    ({ signal }) => trials.probeToolCalling(ref, signal),
  );
  if (verdict === CANCELLED) return;
  const isWarning = verdict.result === 'inconclusive';
  await tellTrial(context, { message: verdictText(ref, verdict), recordId: verdict.recordId, isWarning });
}

function verdictText(ref: ModelRef, verdict: ToolCallingVerdict): string {
  switch (verdict.result) {
    case 'yes':
      return vscode.l10n.t('{0} calls tools: it was offered one and called it rightly.', nameOf(ref));
    case 'no':
      return verdict.how === 'listed'
        ? vscode.l10n.t('{0} does not call tools: its server or your settings say so.', nameOf(ref))
        : vscode.l10n.t(
            '{0} does not call tools: it was offered one and did not call it rightly.',
            nameOf(ref),
          );
    case 'inconclusive':
      return vscode.l10n.t('Whether {0} calls tools is still not known. {1}', nameOf(ref), verdict.message);
  }
}

/** `calls tools (tried)`: what is known of a model's tool calling and how; undefined where nobody knows. */
export function toolCallingText(
  found: ToolCallingFinding | undefined,
  listed: boolean | undefined,
): string | undefined {
  if (found?.how === 'tried')
    return found.callsTools
      ? vscode.l10n.t('calls tools (tried)')
      : vscode.l10n.t('does not call tools (tried)');
  const known = found?.callsTools ?? listed;
  if (known === undefined) return undefined;
  return known
    ? vscode.l10n.t('calls tools (its server says so)')
    : vscode.l10n.t('does not call tools (its server says so)');
}
