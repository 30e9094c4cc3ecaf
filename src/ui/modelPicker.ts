import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import type { RegisteredModel } from '../registry/row';
import { modelRefKey, sameModelRef, type ModelRef } from '../shared/modelRef';
import { commandId } from './manifest/commands';
import { contextText, plainText, servedModelDescription, shortModelName } from './modelText';
import type { UiContext } from './uiContext';

interface ModelChoice extends vscode.QuickPickItem {
  readonly ref?: ModelRef;
  readonly run?: () => void;
}

/** Asks which model to use; resolves with the choice, or undefined when the user leaves. Loads nothing. */
export async function askForModel(
  context: UiContext,
  title: string,
  placeHolder = vscode.l10n.t('Which model to ask; nothing is loaded before the first question'),
): Promise<ModelRef | undefined> {
  const choice = await vscode.window.showQuickPick(choicesOf(context), {
    title,
    placeHolder,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  choice?.run?.();
  return choice?.ref;
}

function choicesOf(context: UiContext): ModelChoice[] {
  const { engine, picks } = context;
  const pick = picks.pick;
  const toChoice = (model: RegisteredModel): ModelChoice => {
    const ref = { backend: model.backend, provider: model.provider, modelId: model.modelId };
    const picked = pick !== null && sameModelRef(pick, ref);
    const detail = [servedModelDescription(model), contextText(model, engine.served.contextOf(model))].filter(
      (part) => part !== undefined && part !== '',
    );
    return {
      label: `${picked ? '$(check) ' : ''}${shortModelName(model.displayName, model.provider)}`,
      description: `${model.backend} · ${hostLabel(engine, model.backend)}`,
      detail: detail.join(' · '),
      ref,
    };
  };
  const served = engine.served.chat();
  const byKey = new Map(served.map((model) => [modelRefKey(model), model]));
  const recent = picks.recent
    .map((ref) => byKey.get(modelRefKey(ref)))
    .filter((model) => model !== undefined);
  const recentKeys = new Set(recent.map(modelRefKey));
  const others = served.filter((model) => !recentKeys.has(modelRefKey(model)));
  return [
    ...group(vscode.l10n.t('recent'), recent.map(toChoice)),
    ...[...Map.groupBy(others, (model) => model.backend)].flatMap(([backend, models]) =>
      group(backend, models.map(toChoice)),
    ),
    ...troubleChoices(context),
    ...group(vscode.l10n.t('more'), moreChoices(context)),
  ];
}

/** Backends that cannot be asked now, so that nobody wonders where their models went. */
function troubleChoices(context: UiContext): ModelChoice[] {
  const troubled = context.engine.registry
    .backends()
    .filter((state) => state.readiness !== 'ok' && state.readiness !== 'unknown');
  return group(
    vscode.l10n.t('not answering'),
    troubled.map((state) => ({
      label: `$(warning) ${state.id}`,
      description: state.url,
      detail: plainText([state.message, state.nextStep].filter((part) => part !== undefined).join(' ')),
      run: () => void vscode.commands.executeCommand(commandId('refresh')),
    })),
  );
}

function moreChoices(context: UiContext): ModelChoice[] {
  const run = (key: 'installModel' | 'addBackend') => () =>
    void vscode.commands.executeCommand(commandId(key));
  return [
    { label: `$(desktop-download) ${vscode.l10n.t('Install another…')}`, run: run('installModel') },
    ...(context.engine.registry.backends().length === 0
      ? [{ label: `$(add) ${vscode.l10n.t('Add a backend…')}`, run: run('addBackend') }]
      : []),
  ];
}

function group(label: string, choices: readonly ModelChoice[]): ModelChoice[] {
  if (choices.length === 0) return [];
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...choices];
}
