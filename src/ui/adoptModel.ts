import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { formatBytes, formatGib } from '../shared/units';
import { askForServedModel } from './askForServedModel';
import { offerRemedies } from './installRemedies';
import { pinModel } from './pinModel';
import { poolUsedText } from './poolText';
import type { UiContext } from './uiContext';

/** Takes a model that was installed outside into the pool, after a dialog that says what that means. */
export async function adoptModel(context: UiContext, model?: RegisteredModel): Promise<void> {
  const { engine } = context;
  const chosen =
    model ??
    (await askForServedModel(
      context,
      vscode.l10n.t('Add which model to the pool?'),
      (each) => engine.installs.entryOf(each) === undefined,
    ));
  if (!chosen) return;
  const add = vscode.l10n.t('Add to Pool');
  const addAndPin = vscode.l10n.t('Add and Keep (Pin)');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('Add {0} to the pool?', chosen.modelId),
    { modal: true, detail: adoptionDetail(context, chosen) },
    add,
    addAndPin,
  );
  if (choice === undefined) return;
  const result = await engine.installs.adopt(chosen);
  if (result.status === 'error') {
    const message = vscode.l10n.t('{0} was not added to the pool. {1}', chosen.modelId, result.message);
    const again = (): Promise<void> => adoptModel(context, chosen);
    await offerRemedies(context, { code: result.code, name: chosen.modelId, message, again });
    return;
  }
  if (choice === addAndPin) await pinModel(context, true, chosen);
}

function adoptionDetail({ engine }: UiContext, { capabilities }: RegisteredModel): string {
  const { disks, diskBudgetGb } = engine.pool.manager.snapshot();
  const used = poolUsedText(disks);
  const lines = [
    capabilities.sizeBytes === undefined
      ? vscode.l10n.t(
          'It then counts towards the disk budget (now {0} of {1}).',
          used,
          formatGib(diskBudgetGb),
        )
      : vscode.l10n.t(
          'Its {0} then count towards the disk budget (now {1} of {2}).',
          formatBytes(capabilities.sizeBytes),
          used,
          formatGib(diskBudgetGb),
        ),
    vscode.l10n.t(
      'It may be named when room is needed for a better model; it goes only where you agree. A pinned model is never named.',
    ),
    vscode.l10n.t('Nothing is downloaded or removed now.'),
  ];
  return lines.join('\n');
}
