import * as vscode from 'vscode';
import { isRecommended, type LeftOut } from '../engine/leftOut';
import { contextLimits, usableGib, type ContextLimits, type UsableGib } from '../engine/machineLimits';
import type { Ranking } from '../engine/rankingService';
import type { RankedModel } from '../ranking/rankTypes';
import { commandId } from './manifest/commands';
import type { CatalogueStatus } from '../engine/catalogueStatus';
import type { DeferredTree, RowSource } from './deferredTree';
import { hoverCard } from './hoverCard';
import { ROW } from './manifest/views';
import {
  hasUnseenHardware,
  machineMemoryLine,
  machineName,
  machineTitle,
  machineTooltip,
} from './machineText';
import { LOCAL_HOST } from '../shared/modelRef';
import { formatContext } from '../shared/units';
import { rankedModelDescription } from './modelText';
import { isRunning, pullDescription } from './pullText';
import { pullIcon } from './pullItem';
import type { PullRun } from '../pool/pullRuns';
import { confidenceText, contextLimitText, recommendedCard } from './recommendedCard';
import { taskLabel } from './taskText';
import type { UiContext } from './uiContext';

/** How many models the view shows; the report shows all. */
const SHOWN = 25;

/** What the models below are ranked for; always by its name, because it may be another machine. */
class MachineItem extends vscode.TreeItem {
  constructor({ profile, hardwareKnown }: Ranking) {
    super(machineTitle(profile), vscode.TreeItemCollapsibleState.None);
    const name = machineName(profile);
    const local = profile.host === LOCAL_HOST;
    this.id = 'machine';
    this.description = `${name} · ${machineMemoryLine(profile)}`;
    this.contextValue = local ? `${ROW.machine}.${ROW.thisMachine}` : ROW.machine;
    this.iconPath = new vscode.ThemeIcon(
      !hardwareKnown || hasUnseenHardware(profile) ? 'warning' : local ? 'vm' : 'remote',
    );
    this.tooltip = machineTooltip(profile);
    const which = local ? vscode.l10n.t('This machine') : vscode.l10n.t('Machine {0}', name);
    this.accessibilityInformation = { label: `${which}: ${machineTitle(profile)}, ${this.description}` };
  }
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

  constructor(
    readonly model: RankedModel,
    options: {
      readonly rank: number;
      readonly installed: boolean;
      readonly installable: boolean;
      readonly run: PullRun | undefined;
      /** Null where fit and speed mean nothing. */
      readonly limits: ContextLimits | null;
    },
  ) {
    super(model.name, vscode.TreeItemCollapsibleState.None);
    this.id = `recommended:${model.modelId}`;
    this.run = options.run;
    const { run } = options;
    this.description = run
      ? pullDescription(run)
      : [
          options.installed ? vscode.l10n.t('installed') : undefined,
          ...(options.limits
            ? [rankedModelDescription(model), contextDescription(model, options.limits)]
            : [scoreDescription(model)]),
          // What most rows do not have comes last, where a narrow view may cut it off.
          model.benchmarkScore.confidence === 'low' ? confidenceText('low') : undefined,
        ]
          .filter((part) => part !== undefined)
          .join(' · ');
    const pullRow = run === undefined ? undefined : isRunning(run) ? ROW.pullRunning : ROW.pullStopped;
    this.contextValue = [
      ROW.recommended,
      pullRow ?? (options.installable && !options.installed ? ROW.installable : undefined),
    ]
      .filter((value) => value !== undefined)
      .join('.');
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

/** How many models are not recommended; opens to the reasons. */
class LeftOutItem extends vscode.TreeItem {
  constructor(readonly groups: readonly LeftOut[]) {
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    super(vscode.l10n.t('Left out: {0} models', count), vscode.TreeItemCollapsibleState.Collapsed);
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
    this.accessibilityInformation = { label: vscode.l10n.t('{0} models left out: {1}', count, text) };
  }
}

type Item = MachineItem | TextItem | RecommendedItem | LeftOutItem | LeftOutReasonItem;

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
    );
  }

  async children(parent: vscode.TreeItem | undefined): Promise<Item[]> {
    if (parent instanceof LeftOutItem) return parent.groups.map((group) => new LeftOutReasonItem(group));
    if (parent) return [];
    const { engine } = this.context;
    const ranking = await engine.rankings.rank(engine.settings.task, engine.rankings.host);
    this.tree.view.description = [
      vscode.l10n.t('for {0}', taskLabel(ranking.task)),
      engine.catalogue.status.source,
    ].join(' · ');
    const { hardwareKnown, leftOut, models, profile } = ranking;
    const usable = hardwareKnown ? usableGib(profile) : null;
    const recommended = models.filter(
      (model) =>
        isRecommended(model, hardwareKnown) || (model.score > 0 && engine.installs.isInstalled(model)),
    );
    return [
      new MachineItem(ranking),
      ...ranking.problems.map((problem, index) => new TextItem(`problem:${index}`, problem, 'warning')),
      ...recommended.slice(0, SHOWN).map((model, index) => this.#item(model, index + 1, usable)),
      ...endOf(ranking, recommended.length),
      ...(leftOut.length > 0 ? [new LeftOutItem(leftOut)] : []),
      catalogueItem(engine.catalogue.status),
    ];
  }

  #item(model: RankedModel, rank: number, usable: UsableGib | null): RecommendedItem {
    const { engine } = this.context;
    return new RecommendedItem(model, {
      rank,
      installed: engine.installs.isInstalled(model),
      installable: engine.installs.nameOf(model) !== null,
      run: engine.installs.pullOf(model),
      limits: usable === null ? null : contextLimits(model, usable),
    });
  }
}

/** The row that leads to the report. Nothing where there are no models at all: a problem has said why. */
function endOf({ task, models, snapshotDate }: Ranking, recommended: number): TextItem[] {
  if (models.length === 0) return [];
  const text =
    recommended === 0
      ? vscode.l10n.t('No known model fits this machine for {0}', taskLabel(task))
      : vscode.l10n.t('{0} more in the report', Math.max(0, recommended - SHOWN));
  const scores =
    snapshotDate === null ? text : vscode.l10n.t('{0}. Scores as of {1}.', text, snapshotDate.slice(0, 10));
  const open = { command: commandId('rank'), title: vscode.l10n.t('Open Report') };
  return [new TextItem('more', text, recommended === 0 ? 'info' : 'ellipsis', scores, open)];
}

/** Where the list of models comes from, and what to do about it. */
function catalogueItem({ state, source, message, nextStep }: CatalogueStatus): TextItem {
  const icon = state === 'refreshing' ? 'loading~spin' : state === 'live' ? 'cloud' : 'archive';
  const tooltip = [message, nextStep].filter((part) => part !== undefined).join(' ');
  return new TextItem('catalogue', vscode.l10n.t('Models: {0}', source), icon, tooltip);
}

/** `score 62 · Q4_K_M`: what is known of a model without a machine. */
function scoreDescription(model: RankedModel): string {
  return [vscode.l10n.t('score {0}', model.score.toFixed(0)), model.quant].join(' · ');
}

/** `14k context`: the longest with which it stays where it runs. */
function contextDescription(model: RankedModel, limits: ContextLimits): string | undefined {
  const tokens = model.fit === 'gpu' ? limits.onAccelerators : limits.atAll;
  return contextLimitText(model, limits) === undefined
    ? undefined
    : vscode.l10n.t('{0} context', formatContext(tokens));
}
