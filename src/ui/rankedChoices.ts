import type * as vscode from 'vscode';
import type { Engine } from '../engine';
import type { RankedModel } from '../ranking/rankTypes';
import { rankedModelDescription } from './modelText';

interface RankedChoice extends vscode.QuickPickItem {
  readonly model: RankedModel;
}

/** What may be run on the machine of the views, as entries of a list: the best for the user's task first. */
export async function rankedChoices(
  { rankings, settings }: Pick<Engine, 'rankings' | 'settings'>,
  isOffered: (model: RankedModel) => boolean,
): Promise<readonly RankedChoice[]> {
  const { models, hardwareKnown } = await rankings.rank(settings.task, rankings.host);
  return models
    .filter((model) => (model.fitsHardware || !hardwareKnown) && isOffered(model))
    .map((model) => ({
      label: model.name,
      description: rankedModelDescription(model, hardwareKnown),
      detail: model.modelId,
      model,
    }));
}
