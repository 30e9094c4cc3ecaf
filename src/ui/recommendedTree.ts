import * as vscode from 'vscode';
import { isRecommended, type LeftOut } from '../engine/leftOut';
import { contextLimits, usableGib, type ContextLimits, type UsableGib } from '../engine/machineLimits';
import type { Ranking } from '../engine/rankingService';
import type { RankedModel } from '../ranking/rankTypes';
import { commandId } from './manifest/commands';
import type { CatalogueStatus } from '../engine/catalogueStatus';
import type { DeferredTree, RowSource } from './deferredTree';
import { thisMachineLabel } from './hostText';
import { hoverCard } from './hoverCard';
import { machineRowValue, recommendedRowValue } from './manifest/rowValues';
import {
  hasUnseenHardware,
  machineMemoryLine,
  machineName,
  machineTitle,
  machineTooltip,
} from './machineText';
import { LOCAL_HOST } from '../shared/modelRef';
import { TASKS, type Task } from '../shared/settings';
import { formatContext } from '../shared/units';
import { rankedModelDescription } from './modelText';
import { isRunning, pullDescription } from './pullText';
import { pullIcon } from './pullItem';
import type { PullRun } from '../pool/pullRuns';
import { taskWord } from '../shared/taskWord';
import { confidenceText, contextLimitText, recommendedCard } from './recommendedCard';
import type { UiContext } from './uiContext';
import { nameWithPlace, whereModelsRun, windowPlace, type WindowPlace } from './windowPlace';

/** How many models the view shows, and how many of each task where it groups by them; the report shows all. */
const SHOWN = 25;
const SHOWN_OF_TASK = 10;

/** What the models below are ranked for; always by its name, because it may be another machine. */
class MachineItem extends vscode.TreeItem {
  constructor({ profile, hardwareKnown }: Ranking, place: WindowPlace) {
    super(machineTitle(profile), vscode.TreeItemCollapsibleState.None);
    const local = profile.host === LOCAL_HOST;
    const name = local ? localName(profile, place) : machineName(profile);
    this.id = 'machine';
    this.description = `${name} · ${machineMemoryLine(profile)}`;
    this.contextValue = machineRowValue(local);
    this.iconPath = new vscode.ThemeIcon(
      !hardwareKnown || hasUnseenHardware(profile) ? 'warning' : local ? 'vm' : 'remote',
    );
    this.tooltip = machineTooltip(profile, local ? whereModelsRun(place) : undefined);
    const which = local ? vscode.l10n.t('This machine') : vscode.l10n.t('Machine {0}', name);
    this.accessibilityInformation = { label: `${which}: ${machineTitle(profile)}, ${this.description}` };
  }
}

/** A machine that is described in the settings does not say its own name. */
function localName({ hostName }: Ranking['profile'], place: WindowPlace): string {
  return hostName === undefined ? thisMachineLabel(place) : nameWithPlace(hostName, place);
}

class TextItem extends vscode.TreeItem {
  constructor(id: string, label: string, icon: string, tooltip?: string, command?: vscode.Command) {
    super(label, vscode.TreeItemCollapsibleState.None);
    this.id = id;
    this.iconPath = new vscode.ThemeIcon(icon);
    this.tooltip = tooltip ?? label;
    if (command) this.command = command;
  }
}

/** A recommended model; commands on the row get it as their argument. */
export class RecommendedItem extends vscode.TreeItem {
  readonly run: PullRun | undefined;
  /** What it is ranked for. */
  readonly task: Task;

  constructor(
    readonly model: RankedModel,
    options: {
      readonly rank: number;
      readonly task: Task;
      /** Whether it stands under its task. */
      readonly inGroup: boolean;
      readonly installed: boolean;
      readonly installable: boolean;
      readonly run: PullRun | undefined;
      /** Null where fit and speed mean nothing. */
      readonly limits: ContextLimits | null;
    },
  ) {
    super(model.name, vscode.TreeItemCollapsibleState.None);
    this.task = options.task;
    this.id = `recommended:${options.inGroup ? `${options.task}:` : ''}${model.modelId}`;
    this.run = options.run;
    const { run } = options;
    this.description = run
      ? pullDescription(run)
      : [
          options.installed ? vscode.l10n.t('installed') : undefined,
          rankedModelDescription(model, options.limits !== null),
          options.limits ? contextDescription(model, options.limits) : undefined,
          // What most rows do not have comes last, where a narrow view may cut it off.
          model.benchmarkScore.confidence === 'low' ? confidenceText('low') : undefined,
        ]
          .filter((part) => part !== undefined)
          .join(' · ');
    this.contextValue = recommendedRowValue({
      installable: options.installable && !options.installed,
      pull: run && (isRunning(run) ? 'running' : 'stopped'),
    });
    this.iconPath = new vscode.ThemeIcon(
      run ? pullIcon(run) : options.installed ? 'pass-filled' : 'circle-large-outline',
    );
    this.tooltip = recommendedCard({ ...options, model });
    this.command = {
      command: commandId('explainScore'),
      title: vscode.l10n.t('Explain Score'),
      arguments: [this],
    };
    this.accessibilityInformation = { label: `${options.rank}. ${model.name}, ${this.description}` };
  }
}

/** A task with the best models for it; opens to them. */
class TaskItem extends vscode.TreeItem {
  constructor(
    readonly task: Task,
    isChosen: boolean,
  ) {
    super(
      vscode.l10n.t('For {0}', taskWord(task)),
      isChosen ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
    );
    this.id = `task:${task}`;
    this.iconPath = new vscode.ThemeIcon('list-ordered');
  }
}

/** How many models are not recommended; opens to the reasons. */
class LeftOutItem extends vscode.TreeItem {
  constructor(readonly groups: readonly LeftOut[]) {
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    const text =
      count === 1 ? vscode.l10n.t('Left out: 1 model') : vscode.l10n.t('Left out: {0} models', count);
    super(text, vscode.TreeItemCollapsibleState.Collapsed);
    this.id = 'left-out';
    this.iconPath = new vscode.ThemeIcon('filter');
    this.tooltip = vscode.l10n.t('Models that are known and not recommended here, by why');
  }
}

/** One reason, with how many models it holds for; a row of its own for each. */
class LeftOutReasonItem extends vscode.TreeItem {
  constructor({ title, text, count, examples }: LeftOut) {
    super(title, vscode.TreeItemCollapsibleState.None);
    this.id = `left-out:${title}`;
    this.description = String(count);
    this.iconPath = new vscode.ThemeIcon('circle-slash');
    const more = count - examples.length;
    this.tooltip = hoverCard(text, [
      { list: examples },
      more > 0 ? vscode.l10n.t('and {0} more', more) : undefined,
    ]);
    const label =
      count === 1
        ? vscode.l10n.t('1 model left out: {0}', text)
        : vscode.l10n.t('{0} models left out: {1}', count, text);
    this.accessibilityInformation = { label };
  }
}

type Item = MachineItem | TaskItem | TextItem | RecommendedItem | LeftOutItem | LeftOutReasonItem;

/** The Recommended view: the chosen machine, then the best models for it by the chosen task. */
export class RecommendedTree implements RowSource {
  constructor(
    private readonly context: UiContext,
    private readonly tree: DeferredTree,
  ) {
    const { engine } = context;
    const { refresh } = tree;
    context.extension.subscriptions.push(
      { dispose: engine.rankings.onDidChange(refresh) },
      { dispose: engine.catalogue.onDidChangeStatus(refresh) },
      { dispose: engine.registry.onDidChangeRows(refresh) },
      { dispose: engine.registry.onDidChangeBackends(refresh) },
      { dispose: engine.pulls.onDidChange(refresh) },
      { dispose: context.recommended.onDidChange(refresh) },
    );
  }

  async children(parent: vscode.TreeItem | undefined): Promise<Item[]> {
    if (parent instanceof LeftOutItem) return parent.groups.map((group) => new LeftOutReasonItem(group));
    if (parent instanceof TaskItem) return this.#ofTask(parent.task);
    if (parent) return [];
    const { engine, recommended: filter } = this.context;
    const ranking = await this.#ranking();
    this.tree.view.description = [
      filter.isGrouped ? vscode.l10n.t('by task') : vscode.l10n.t('for {0}', taskWord(ranking.task)),
      filter.text,
      engine.catalogue.status.source,
    ]
      .filter((part) => part !== undefined)
      .join(' · ');
    const { leftOut } = ranking;
    return [
      new MachineItem(ranking, windowPlace(this.context.extension)),
      ...ranking.problems.map((problem, index) => new TextItem(`problem:${index}`, problem, 'warning')),
      ...(filter.isGrouped
        ? TASKS.map((task) => new TaskItem(task, task === ranking.task))
        : this.#models(ranking, SHOWN)),
      ...(leftOut.length > 0 ? [new LeftOutItem(leftOut)] : []),
      catalogueItem(engine.catalogue.status),
    ];
  }

  async #ofTask(task: Task): Promise<Item[]> {
    const { rankings } = this.context.engine;
    return this.#models(await rankings.rank(task, rankings.host), SHOWN_OF_TASK);
  }

  /** The best models of a ranking that the filter lets through, and the row after them. */
  #models(ranking: Ranking, shown: number): Item[] {
    const { engine, recommended: filter } = this.context;
    const { hardwareKnown, models, profile } = ranking;
    const usable = hardwareKnown ? usableGib(profile) : null;
    const recommended = models.filter(
      (model) =>
        isRecommended(model, hardwareKnown) || (model.score > 0 && engine.installs.isInstalled(model)),
    );
    // Each keeps its place among all: a filter makes no model better.
    const kept = recommended
      .map((model, index) => ({ model, rank: index + 1 }))
      .filter(({ model }) => filter.lets(model, engine.installs.isInstalled(model)));
    const end =
      kept.length === 0 && recommended.length > 0
        ? [filteredItem(ranking.task, filter.text ?? '')]
        : endOf(ranking, kept.length, shown, filter.isGrouped);
    return [
      ...kept.slice(0, shown).map(({ model, rank }) => this.#item(model, rank, usable, ranking.task)),
      ...end,
    ];
  }

  /** Says what is waited for until there are rows: a machine's tools take up to some seconds. */
  async #ranking(): Promise<Ranking> {
    const { rankings, settings } = this.context.engine;
    if (this.tree.view.description === undefined)
      this.tree.view.message = vscode.l10n.t('Looking at this machine and ranking models for it…');
    try {
      return await rankings.rank(settings.task, rankings.host);
    } finally {
      this.tree.view.message = '';
    }
  }

  #item(model: RankedModel, rank: number, usable: UsableGib | null, task: Task): RecommendedItem {
    const { engine, recommended } = this.context;
    return new RecommendedItem(model, {
      ...{ rank, task, inGroup: recommended.isGrouped },
      installed: engine.installs.isInstalled(model),
      installable: engine.installs.nameOf(model) !== null,
      run: engine.installs.pullOf(model),
      limits: usable === null ? null : contextLimits(model, usable),
    });
  }
}

/** The row that leads to the report. Nothing where there are no models at all: a problem has said why. */
function endOf(
  { task, models, snapshotDate, profile }: Ranking,
  recommended: number,
  shown: number,
  inGroup: boolean,
): TextItem[] {
  if (models.length === 0) return [];
  const more = recommended - shown;
  const text =
    recommended === 0
      ? vscode.l10n.t('No known model fits {0} for {1}', machineName(profile), taskWord(task))
      : more > 0
        ? vscode.l10n.t('{0} more in the report', more)
        : vscode.l10n.t('All models in the report');
  const scores =
    snapshotDate === null ? text : vscode.l10n.t('{0}. Scores as of {1}.', text, snapshotDate.slice(0, 10));
  const open = { command: commandId('rank'), title: vscode.l10n.t('Open Report'), arguments: [task] };
  const id = inGroup ? `more:${task}` : 'more';
  return [new TextItem(id, text, recommended === 0 ? 'info' : 'ellipsis', scores, open)];
}

/** Where the filter leaves nothing. */
function filteredItem(task: Task, filter: string): TextItem {
  const text = vscode.l10n.t('No recommended model here has all of: {0}', filter);
  const title = vscode.l10n.t('Filter Recommended Models');
  const command = { command: commandId('filterRecommended'), title };
  return new TextItem(`filtered:${task}`, text, 'filter', undefined, command);
}

/** Where the list of models comes from, and what to do about it. */
function catalogueItem({ state, source, message, nextStep }: CatalogueStatus): TextItem {
  const icon = state === 'refreshing' ? 'loading~spin' : state === 'live' ? 'cloud' : 'archive';
  const tooltip = [message, nextStep].filter((part) => part !== undefined).join(' ');
  return new TextItem('catalogue', vscode.l10n.t('Models: {0}', source), icon, tooltip);
}

/** `14k context`: the longest with which it stays where it runs. */
function contextDescription(model: RankedModel, limits: ContextLimits): string | undefined {
  const tokens = model.fit === 'gpu' ? limits.onAccelerators : limits.atAll;
  return contextLimitText(model, limits) === undefined
    ? undefined
    : vscode.l10n.t('{0} context', formatContext(tokens));
}
