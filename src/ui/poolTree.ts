import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import { hoverCard } from './hoverCard';
import { UnfinishedDownloads, type Unfinished } from '../engine/unfinishedDownloads';
import type { BackendState, RegisteredModel } from '../registry/row';
import type { ModelRef } from '../shared/modelRef';
import { formatBytes, formatGib } from '../shared/units';
import type { SettingProblem } from '../shared/settings';
import { formatMoment } from '../shared/timeText';
import type { StateStatus } from '../storage/stateDatabase';
import { BackendItem } from './backendItem';
import type { DeferredTree, RowSource } from './deferredTree';
import { ROW } from './manifest/views';
import { plainText, sourceText } from './modelText';
import { poolUsedText } from './poolText';
import { toolCallingText } from './probeToolCalling';
import { samePick } from './pickStore';
import { PullItem } from './pullItem';
import { rankCardLines } from './servedRankText';
import { ServedModelItem } from './servedModelItem';
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

type PoolItem = BackendItem | ProviderItem | ServedModelItem | PullItem | MessageItem;

/** The Pool view: what each backend serves, grouped by provider, with installs as they go. */
export class PoolTree implements RowSource {
  readonly #unfinished: UnfinishedDownloads;

  constructor(
    private readonly context: UiContext,
    { refresh, view }: DeferredTree,
  ) {
    const { engine, picks } = context;
    const { registry, pulls, installs, pool } = engine;
    this.#unfinished = new UnfinishedDownloads({ registry, pulls, installs, disk: pool.disk });
    const showUse = (): void => {
      // VS Code wants a text to take away, not nothing.
      view.description = poolUse(context) ?? '';
    };
    context.extension.subscriptions.push(
      this.#unfinished,
      { dispose: this.#unfinished.onDidChange(refresh) },
      { dispose: pool.manager.onDidChange(refresh) },
      { dispose: pool.manager.onDidChange(showUse) },
      { dispose: engine.registry.onDidChangeRows(refresh) },
      { dispose: engine.registry.onDidChangeBackends(refresh) },
      { dispose: engine.state.onDidChangeStatus(refresh) },
      { dispose: engine.pulls.onDidChange(refresh) },
      { dispose: engine.trials.onDidChange(refresh) },
      // Fit, score and speed of a row are those of the ranking.
      { dispose: engine.rankings.onDidRank(refresh) },
      { dispose: engine.dispatcher.inUse.onDidChange(refresh) },
      { dispose: picks.onDidChange(refresh) },
      { dispose: context.settingProblems.onDidChange(refresh) },
    );
    showUse();
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
    const unfinished = this.#unfinished.on(state.id);
    return [
      ...pulls,
      ...problemOf(state),
      ...limitsOf(state),
      ...content,
      ...(unfinished ? [unfinishedItem(state.id, unfinished)] : []),
    ];
  }

  #modelItem(model: RegisteredModel): ServedModelItem {
    const { engine, picks } = this.context;
    const ref: ModelRef = { backend: model.backend, provider: model.provider, modelId: model.modelId };
    const pick = picks.pick;
    const rank = engine.served.rankOf(model);
    return new ServedModelItem(model, {
      picked: pick !== null && samePick(pick, ref),
      busy: engine.dispatcher.inUse.has(ref),
      stoppable: engine.trials.canUnload(model),
      ranked: rank !== undefined,
      fits: (engine.served.fitOf(model)?.kind ?? rank?.build?.fit) !== 'none',
      rankLines: rankCardLines(engine, model),
      removable: engine.installs.canInstallOn(model.backend),
      own: engine.served.isOwn(model),
      callsTools: engine.served.toolCallingOf(model),
      toolCalling: toolCallingText(engine.trials.toolCallingFound(model), model.capabilities.tools),
      measured: engine.trials.measured(model),
      contextTokens: engine.served.contextOf(model),
      host: hostLabel(this.context, model.backend),
      reachable: engine.registry.backend(model.backend)?.readiness === 'ok',
      entry: engine.installs.entryOf(model),
    });
  }
}

/** `31.2 GiB of 100 GiB`; undefined while nothing is in the pool, or no budget is known. */
function poolUse({ engine }: UiContext): string | undefined {
  const { disks, diskBudgetGb } = engine.pool.manager.snapshot();
  if (disks.length === 0 || diskBudgetGb === 0) return undefined;
  return vscode.l10n.t('{0} of {1}', poolUsedText(disks), formatGib(diskBudgetGb));
}

/** Disk that is gone and that no other row tells of. */
function unfinishedItem(backend: string, { bytes, files, lastWrittenAt }: Unfinished): MessageItem {
  const tooltip = [
    vscode.l10n.t(
      'Downloads that Ollama did not finish hold {0} of the disk; the last byte was written on {1}.',
      formatBytes(bytes),
      formatMoment(lastWrittenAt),
    ),
    files === 1
      ? vscode.l10n.t('It is one file; Ollama does not say of which model.')
      : vscode.l10n.t('They are {0} files; Ollama does not say of which models.', files),
    vscode.l10n.t(
      'Installing the same model again goes on from there. Ollama frees them when it starts again an hour later or more.',
    ),
  ];
  return new MessageItem(
    `${backend}:unfinished`,
    vscode.l10n.t('{0} in unfinished downloads', formatBytes(bytes)),
    'archive',
    tooltip.join('\n'),
  );
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

/** What a server that is not new enough cannot do, in one row; each with the version that can. */
function limitsOf({ id, readiness, limits = [] }: BackendState): PoolItem[] {
  const [first] = limits;
  if (first === undefined || readiness !== 'ok') return [];
  const label =
    limits.length === 1 ? first : vscode.l10n.t('{0} features need a newer version', limits.length);
  return [new MessageItem(`${id}:limits`, label, 'info', limits.join('\n'))];
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
