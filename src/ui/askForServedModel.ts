import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { hostLabel } from './hostText';
import { knownNow, servedModelDescription } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import type { UiContext } from './uiContext';

/** Asks for one of the models on backends that Model Pool installs on; undefined where the person leaves. */
export async function askForServedModel(
  context: UiContext,
  title: string,
  isOffered: (model: RegisteredModel) => boolean = () => true,
): Promise<RegisteredModel | undefined> {
  const { engine } = context;
  const items = engine.served
    .all()
    .filter((model) => engine.installs.canInstallOn(model.backend) && isOffered(model))
    .map((model) => ({
      label: shortModelName(model.displayName, model.provider),
      description: `${model.backend} · ${hostLabel(context, model.backend)}`,
      detail: servedModelDescription(knownNow(engine, model)),
      model,
    }));
  const choice = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return choice?.model;
}
