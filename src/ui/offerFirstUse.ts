import * as vscode from 'vscode';
import type { PullRun } from '../pool/pullRuns';
import { askModel } from './askModel';
import { pickModel } from './pickModel';
import type { UiContext } from './uiContext';

/**
 * Says after an install what can be done with the model, to somebody who has picked none yet and would not know. Whoever
 * has a pick sees on the model's row that it is there.
 */
export async function offerFirstUse(
  context: UiContext,
  { backend, name, label }: Pick<PullRun, 'backend' | 'name' | 'label'>,
): Promise<void> {
  const { engine, picks } = context;
  if (picks.pick !== null) return;
  const ask = vscode.l10n.t('Ask It');
  const text = vscode.l10n.t('{0} is installed. Ask it a question here, or choose it in the chat.', label);
  if ((await vscode.window.showInformationMessage(text, ask)) !== ask) return;
  const model = engine.served.chat().find((each) => each.backend === backend && each.modelId === name);
  if (!model) return pickModel(context);
  const ref = { backend, provider: model.provider, modelId: name };
  await picks.set(ref);
  await askModel(context, ref);
}
