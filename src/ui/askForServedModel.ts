import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import { hostLabel } from './hostText';
import { servedModelDescription } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import type { UiContext } from './uiContext';

/** Asks for one of the models on backends that Model Pool installs on; undefined where the person leaves. */
export async function askForServedModel(
  { engine }: UiContext,
  title: string,
  isOffered: (model: RegisteredModel) => boolean = () => true,
): Promise<RegisteredModel | undefined> {
  const items = engine.served
    .all()
    .filter((model) => engine.installs.canInstallOn(model.backend) && isOffered(model))
    .map((model) => ({
      label: shortModelName(model.displayName, model.provider),
      description: `${model.backend} · ${hostLabel(engine, model.backend)}`,
      detail: servedModelDescription(model),
      model,
    }));
  const choice = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
  return choice?.model;
}
