import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import { hoverCard } from './hoverCard';
import type { BackendState, RegisteredModel } from '../registry/row';
import type { Measurement, ModelRef } from '../shared/modelRef';
import { sameModelRef } from '../shared/modelRef';
import type { SettingProblem } from '../shared/settings';
import type { StateStatus } from '../storage/stateDatabase';
import { BackendItem } from './backendItem';
import type { DeferredTree, RowSource } from './deferredTree';
import { ROW } from './manifest/views';
import {
  plainText,
  servedModelDescription,
  servedModelTooltip,
  shortModelName,
  sourceText,
} from './modelText';
import { toolCallingText } from './probeToolCalling';
import { PullItem } from './pullItem';
import { settingProblemText } from './settingProblems';
import type { UiContext } from './uiContext';

class MessageItem extends vscode.TreeItem {
  constructor(id: string, text: string, icon: string, tooltip = text) {
    super(plainText(text), vscode.TreeItemCollapsibleState.None);
    this.id = `message:${id}`;
    this.iconPath = new vscode.ThemeIcon(icon);
    this.tooltip = plainText(tooltip);
    if (icon === 'warning') this.contextValue = ROW.problem;
  }
}

class ProviderItem extends vscode.TreeItem {
  constructor(
    readonly backend: string,
    readonly provider: string,
    readonly models: readonly RegisteredModel[],
  ) {
    super(provider, vscode.TreeItemCollapsibleState.Expanded);
    this.id = `provider:${backend}/${provider}`;
    this.iconPath = new vscode.ThemeIcon('organization');
    const count = models.length === 1 ? vscode.l10n.t('1 model') : vscode.l10n.t('{0} models', models.length);
    const [first] = models;
    this.description = first && first.source !== 'probe' ? `${count} · ${first.source}` : count;
    this.tooltip = hoverCard(provider, [count, first && sourceText(first)]);
  }
}

/** A row of the Pool view for one served model; commands on the row get it as their argument. */
export class ServedModelItem extends vscode.TreeItem {
  readonly ref: ModelRef;

  constructor(
    readonly model: RegisteredModel,
    options: {
      readonly picked: boolean;
      readonly busy: boolean;
      readonly removable: boolean;
      /** Whether it runs on a machine of ours. */
      readonly own: boolean;
      readonly callsTools: boolean | undefined;
      readonly toolCalling: string | undefined;
      readonly measured: Measurement | null;
      readonly host: string;
      readonly reachable: boolean;
    },
  ) {
    super(shortModelName(model.displayName, model.provider), vscode.TreeItemCollapsibleState.None);
    this.ref = { backend: model.backend, provider: model.provider, modelId: model.modelId };
    this.id = `model:${model.backend}/${model.provider}/${model.modelId}`;
    this.contextValue = [
      // An embedding model is no partner for a talk.
      model.capabilities.embedding === true ? 'listed' : ROW.model,
      options.own ? ROW.ownModel : undefined,
      options.removable ? ROW.removable : undefined,
    ]
      .filter((value) => value !== undefined)
      .join('.');
    this.description = [
      options.busy ? vscode.l10n.t('in use') : '',
      servedModelDescription(model, options.reachable, options.callsTools),
    ]
      .filter((part) => part !== '')
      .join(' · ');
    this.iconPath = new vscode.ThemeIcon(options.busy ? 'loading~spin' : modelIcon(model, options));
    this.tooltip = servedModelTooltip(model, options);
    const spoken = [model.displayName, options.picked ? vscode.l10n.t('picked') : '', this.description];
    this.accessibilityInformation = { label: spoken.filter((part) => part !== '').join(', ') };
  }
}

type PoolItem = BackendItem | ProviderItem | ServedModelItem | PullItem | MessageItem;

/** The Pool view: what each backend serves, grouped by provider, with installs as they go. */
export class PoolTree implements RowSource {
  constructor(
    private readonly context: UiContext,
    { refresh }: DeferredTree,
  ) {
    const { engine, picks } = context;
    context.extension.subscriptions.push(
      { dispose: engine.registry.onDidChangeRows(refresh) },
      { dispose: engine.registry.onDidChangeBackends(refresh) },
      { dispose: engine.state.onDidChangeStatus(refresh) },
      { dispose: engine.pulls.onDidChange(refresh) },
      { dispose: engine.trials.onDidChange(refresh) },
      { dispose: engine.dispatcher.inUse.onDidChange(refresh) },
      { dispose: picks.onDidChange(refresh) },
      { dispose: context.settingProblems.onDidChange(refresh) },
    );
  }

  children(parent: vscode.TreeItem | undefined): PoolItem[] {
    const { engine, settingProblems } = this.context;
    if (!parent) {
      return [
        ...storageItems(engine.state.status),
        ...settingProblems.current.map(settingProblemItem),
        ...engine.registry.backends().map((state) => new BackendItem(state)),
      ];
    }
    if (parent instanceof BackendItem) return this.#childrenOfBackend(parent.state);
    if (parent instanceof ProviderItem) return parent.models.map((model) => this.#modelItem(model));
    return [];
  }

  #childrenOfBackend(state: BackendState): PoolItem[] {
    const { engine } = this.context;
    const pulls = engine.pulls.runs
      .filter((run) => run.backend === state.id && run.status !== 'succeeded')
      .map((run) => new PullItem(run));
    const byProvider = Map.groupBy(engine.registry.listForBackend(state.id), (model) => model.provider);
    // Servers list what was used last first; rows that stay in their place are found again.
    const providers = [...byProvider]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(
        ([provider, models]) =>
          new ProviderItem(
            state.id,
            provider,
            models.toSorted((a, b) => a.displayName.localeCompare(b.displayName)),
          ),
      );
    const content = providers.length > 0 || pulls.length > 0 ? providers : emptinessOf(state);
    return [...pulls, ...problemOf(state), ...content];
  }

  #modelItem(model: RegisteredModel): ServedModelItem {
    const { engine, picks } = this.context;
    const ref: ModelRef = { backend: model.backend, provider: model.provider, modelId: model.modelId };
    const pick = picks.pick;
    return new ServedModelItem(model, {
      picked: pick !== null && sameModelRef(pick, ref),
      busy: engine.dispatcher.inUse.has(ref),
      removable: engine.installs.canInstallOn(model.backend),
      own: engine.served.isOwn(model),
      callsTools: engine.served.toolCallingOf(model),
      toolCalling: toolCallingText(engine.trials.toolCallingFound(model), model.capabilities.tools),
      measured: engine.trials.measured(model),
      host: hostLabel(engine, model.backend),
      reachable: engine.registry.backend(model.backend)?.readiness === 'ok',
    });
  }
}

/** What is wrong with what is stored, in one row that says what to do. */
function storageItems(status: StateStatus): MessageItem[] {
  switch (status.state) {
    case 'closed':
      return [];
    case 'open':
      return status.notice === undefined
        ? []
        : [new MessageItem('storage', status.notice, 'info', status.notice)];
    case 'read_only':
    case 'degraded':
      return [
        new MessageItem(
          'storage',
          status.state === 'degraded'
            ? vscode.l10n.t('What is seen here is not stored')
            : vscode.l10n.t('A newer Model Pool wrote the stored data'),
          'warning',
          status.message,
        ),
      ];
  }
}

function settingProblemItem(problem: SettingProblem): MessageItem {
  const text = settingProblemText(problem);
  return new MessageItem(
    `setting:${problem.key}`,
    vscode.l10n.t('{0} is not used', problem.key),
    'warning',
    text,
  );
}

function problemOf(state: BackendState): PoolItem[] {
  if (state.readiness === 'ok' || state.readiness === 'unknown' || state.message === undefined) return [];
  const next = state.nextStep === undefined ? '' : `\n${state.nextStep}`;
  return [
    new MessageItem(
      `${state.id}:problem`,
      state.nextStep ?? state.message,
      'warning',
      `${state.message}${next}`,
    ),
  ];
}

function emptinessOf(state: BackendState): PoolItem[] {
  if (state.readiness === 'unknown' || state.probing) {
    return [new MessageItem(`${state.id}:probing`, vscode.l10n.t('Looking…'), 'loading~spin')];
  }
  if (state.readiness !== 'ok') return [];
  return [
    new MessageItem(
      `${state.id}:empty`,
      vscode.l10n.t('Nothing installed yet: see Recommended below'),
      'info',
      vscode.l10n.t('{0} answers but serves no model. Install one from the Recommended view.', state.id),
    ),
  ];
}

function modelIcon(
  model: RegisteredModel,
  { picked, reachable }: { readonly picked: boolean; readonly reachable: boolean },
): string {
  if (model.capabilities.embedding === true) return 'symbol-array';
  if (picked) return 'check';
  return model.running && reachable ? 'circle-filled' : 'circle-outline';
}
