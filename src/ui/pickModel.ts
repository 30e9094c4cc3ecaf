import * as vscode from 'vscode';
import type { RegisteredModel } from '../registry/row';
import type { ModelRef } from '../shared/modelRef';
import { measureModel } from './measureModel';
import { askForPick, type PickAction } from './modelPicker';
import { samePick } from './pickStore';
import type { UiContext } from './uiContext';
import { modelNow, pickName } from './userPick';
import { warmModel } from './warmModel';

/** Sets the pick; asks for one where none is given. Loads it only where the setting says so. */
export async function pickModel(context: UiContext, target?: ModelRef): Promise<void> {
  const pick = target ?? (await askForPick(context, question(context)));
  if (!pick) return;
  await context.picks.set(pick);
  const { engine } = context;
  const now = engine.settings.warmOnPick ? modelNow(engine, pick) : null;
  if (now && isOwn(context, now)) await warmModel(context, now);
}

function question(context: UiContext): Parameters<typeof askForPick>[1] {
  const hasFolder = vscode.workspace.workspaceFolders !== undefined;
  return {
    title: hasFolder ? vscode.l10n.t('Pick Model for This Folder') : vscode.l10n.t('Pick Model'),
    actions: pickActions(context),
    more: scopeEntries(context),
  };
}

/** What can be done to a model from the list. */
function pickActions(context: UiContext): readonly PickAction[] {
  const { engine, showReport } = context;
  const isOwnModel = (model: RegisteredModel): boolean => engine.served.isOwn(model);
  return [
    {
      ...{ icon: 'flame', tooltip: vscode.l10n.t('Warm Model'), isOffered: isOwnModel },
      run: (model) => warmModel(context, refOf(model)),
    },
    {
      ...{ icon: 'dashboard', tooltip: vscode.l10n.t('Measure a Model'), isOffered: isOwnModel },
      run: (model) => measureModel(context, refOf(model)),
    },
    {
      ...{ icon: 'graph', tooltip: vscode.l10n.t('Open in Report') },
      isOffered: (model) => engine.served.rankOf(model) !== undefined,
      run: (model) => {
        const modelId = engine.served.rankOf(model)?.model.modelId;
        showReport.fire({ tab: 'rankings', ...(modelId === undefined ? {} : { modelId }) });
      },
    },
  ];
}

/** Where the pick counts, where that can be changed: entries that say so and do it. */
function scopeEntries({ picks }: UiContext): NonNullable<Parameters<typeof askForPick>[1]['more']> {
  const { pick, everywhere } = picks;
  if (picks.scope !== 'folder' || !pick || (everywhere && samePick(pick, everywhere))) return [];
  return [
    {
      label: `$(globe) ${vscode.l10n.t('Use {0} in all windows', pickName(pick))}`,
      description: vscode.l10n.t('but those with a pick of their own; now in this folder only'),
      run: () => picks.useEverywhere(),
    },
    ...(everywhere
      ? [
          {
            label: `$(discard) ${vscode.l10n.t('Follow all windows: {0}', pickName(everywhere))}`,
            description: vscode.l10n.t('forgets the pick of this folder'),
            run: () => picks.followEverywhere(),
          },
        ]
      : []),
  ];
}

function refOf({ backend, provider, modelId }: RegisteredModel): ModelRef {
  return { backend, provider, modelId };
}

/** Whether it runs on a machine of ours: nothing can be loaded elsewhere. */
function isOwn({ engine }: UiContext, { backend, provider, modelId }: ModelRef): boolean {
  const model = engine.registry.find(backend, provider, modelId);
  return model !== undefined && engine.served.isOwn(model);
}
