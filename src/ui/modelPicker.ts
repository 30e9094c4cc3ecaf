import * as vscode from 'vscode';
import { chooseFrom } from './choiceList';
import { hostLabel } from './hostText';
import { isStartable } from '../engine/serverStarts';
import type { BackendState, RegisteredModel } from '../registry/row';
import { modelRefKey, type ModelRef } from '../shared/modelRef';
import { TASKS } from '../shared/settings';
import { commandId } from './manifest/commands';
import { knownNow, plainText, servedModelDescription } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import { samePick, type UserPick } from './pickStore';
import { rankLine } from './servedRankText';
import { startServer } from './startServer';
import type { UiContext } from './uiContext';
import { modelNow, pickName } from './userPick';

/** Something that can be done to a model of the list in place of picking it. */
export interface PickAction {
  readonly icon: string;
  readonly tooltip: string;
  readonly isOffered: (model: RegisteredModel) => boolean;
  readonly run: (model: RegisteredModel) => unknown;
}

interface PickEntry extends vscode.QuickPickItem {
  readonly pick?: UserPick;
  readonly model?: RegisteredModel;
  readonly run?: () => unknown;
}

interface PickQuestion {
  readonly title: string;
  readonly placeHolder?: string;
  /** Buttons of each model. */
  readonly actions?: readonly PickAction[];
  /** Entries at the end of the list. */
  readonly more?: readonly PickEntry[];
}

/** Asks for one of the served models; resolves with it, or undefined when the user leaves. Loads nothing. */
export async function askForModel(
  context: UiContext,
  title: string,
  placeHolder: string,
): Promise<ModelRef | undefined> {
  const entries = [
    ...recentEntries(context, []),
    ...modelEntries(context, []),
    ...troubleEntries(context),
    ...installEntries(context),
  ];
  const pick = await ask({ title, placeHolder }, Promise.resolve(entries));
  return pick && !('best' in pick) ? pick : undefined;
}

/** Asks which model to use: one of the served ones, or the best one for a task at each call. Loads nothing. */
export async function askForPick(context: UiContext, question: PickQuestion): Promise<UserPick | undefined> {
  const { actions = [], more = [] } = question;
  // Else what is best would be told, and taken, of tasks that nothing was ranked for yet: that comes a while after the start.
  const ranked = context.engine.served.chat().length > 1 ? rankEveryTask(context) : Promise.resolve();
  const entries = ranked.then(() => [
    ...recentEntries(context, actions),
    ...autoEntries(context),
    ...modelEntries(context, actions),
    ...troubleEntries(context),
    ...installEntries(context),
    ...more,
  ]);
  return ask(question, entries);
}

/** Asks, and does what the chosen entry or button stands for, where that is not a pick. */
async function ask(
  {
    title,
    placeHolder = vscode.l10n.t('Which model to ask; nothing is loaded before the first question'),
    actions = [],
  }: PickQuestion,
  entries: Promise<readonly PickEntry[]>,
): Promise<UserPick | undefined> {
  const chosen = await chooseFrom({ title, placeholder: placeHolder }, entries);
  if (!chosen) return undefined;
  const { entry, button } = chosen;
  if (button) {
    const action = actions.find(({ tooltip }) => tooltip === button.tooltip);
    if (entry.model) await action?.run(entry.model);
    return undefined;
  }
  await entry.run?.();
  return entry.pick;
}

/** What is ranked already costs nothing. A machine that cannot be ranked for leaves its models without a score. */
async function rankEveryTask({ engine }: UiContext): Promise<void> {
  const hosts = new Set(engine.served.chat().map(({ backend }) => engine.hostOf(backend)));
  await Promise.allSettled(
    [...hosts].flatMap((host) => TASKS.map((task) => engine.rankings.rank(task, host))),
  );
}

function recentOf({ engine, picks }: UiContext): readonly RegisteredModel[] {
  const byKey = new Map(engine.served.chat().map((model) => [modelRefKey(model), model]));
  return picks.recent.map((ref) => byKey.get(modelRefKey(ref))).filter((model) => model !== undefined);
}

function recentEntries(context: UiContext, actions: readonly PickAction[]): PickEntry[] {
  return group(
    vscode.l10n.t('recent'),
    recentOf(context).map((model) => modelEntry(context, model, actions)),
  );
}

/** The other served models, by backend. */
function modelEntries(context: UiContext, actions: readonly PickAction[]): PickEntry[] {
  const shown = new Set(recentOf(context).map(modelRefKey));
  const models = context.engine.served.chat().filter((model) => !shown.has(modelRefKey(model)));
  return [...Map.groupBy(models, ({ backend }) => backend)].flatMap(([backend, ofBackend]) =>
    group(
      backend,
      ofBackend.map((model) => modelEntry(context, model, actions)),
    ),
  );
}

function modelEntry(context: UiContext, model: RegisteredModel, actions: readonly PickAction[]): PickEntry {
  const { engine, picks } = context;
  const { backend, provider, modelId } = model;
  const pick = { backend, provider, modelId };
  const isPicked = picks.pick !== null && samePick(picks.pick, pick);
  // Of a long line only the beginning is seen.
  const parts = [rankLine(engine, model), servedModelDescription(knownNow(engine, model))];
  const state = engine.registry.backend(backend);
  const isAway = state !== undefined && isTroubled(state);
  return {
    label: `${isPicked ? '$(check) ' : ''}${shortModelName(model.displayName, provider)}`,
    description: [
      backend,
      hostLabel(context, backend),
      ...(isAway ? [vscode.l10n.t('not answering')] : []),
    ].join(' · '),
    detail: parts.filter((part) => part !== '').join(' · '),
    buttons: actions
      .filter(({ isOffered }) => isOffered(model))
      .map(({ icon, tooltip }) => ({ iconPath: new vscode.ThemeIcon(icon), tooltip })),
    ...{ pick, model },
  };
}

/** One entry a task that some model can do now; none where there is no choice, unless one of them is picked. */
function autoEntries({ engine, picks }: UiContext): PickEntry[] {
  const { pick } = picks;
  if (engine.served.chat().length < 2 && !(pick && 'best' in pick)) return [];
  const entries = TASKS.flatMap((task): PickEntry[] => {
    const auto = { best: { task } };
    const isPicked = pick !== null && samePick(pick, auto);
    const now = modelNow(engine, auto);
    if (!now && !isPicked) return [];
    return [
      {
        label: `${isPicked ? '$(check)' : '$(sparkle)'} ${pickName(auto)}`,
        description: now
          ? vscode.l10n.t('now {0} of {1}', shortModelName(now.modelId, now.provider), now.backend)
          : vscode.l10n.t('no model for it answers now'),
        pick: auto,
      },
    ];
  });
  return group(vscode.l10n.t('the best one at each call'), entries);
}

/** Backends that cannot be asked now, so that nobody wonders where their models went: a click starts or asks them. */
function troubleEntries(context: UiContext): PickEntry[] {
  const troubled = context.engine.registry.backends().filter(isTroubled);
  return group(
    vscode.l10n.t('not answering'),
    troubled.map((state) => ({
      label: `$(warning) ${state.id}`,
      description: state.url,
      detail: plainText([state.message, state.nextStep].filter((part) => part !== undefined).join(' ')),
      run: () =>
        isStartable(state)
          ? startServer(context, state)
          : vscode.commands.executeCommand(commandId('refresh')),
    })),
  );
}

/** Whether it was asked and did not answer as it should. */
function isTroubled({ readiness }: BackendState): boolean {
  return readiness !== 'ok' && readiness !== 'unknown';
}

function installEntries(context: UiContext): PickEntry[] {
  const run = (key: 'installModel' | 'addBackend') => () => vscode.commands.executeCommand(commandId(key));
  return group(vscode.l10n.t('more'), [
    { label: `$(desktop-download) ${vscode.l10n.t('Install another…')}`, run: run('installModel') },
    ...(context.engine.registry.backends().length === 0
      ? [{ label: `$(add) ${vscode.l10n.t('Add a backend…')}`, run: run('addBackend') }]
      : []),
  ]);
}

function group(label: string, entries: readonly PickEntry[]): PickEntry[] {
  if (entries.length === 0) return [];
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...entries];
}
