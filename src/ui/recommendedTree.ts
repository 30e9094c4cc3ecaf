import * as vscode from 'vscode';
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
import { formatContext, formatGib } from '../shared/units';
import { fitText, rankedModelDescription, speedText } from './modelText';
import { isRunning, pullDescription } from './pullText';
import { pullIcon } from './pullItem';
import type { PullRun } from '../pool/pullRuns';
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
      /** Whether fit and speed mean anything. */
      readonly hardwareKnown: boolean;
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
          options.hardwareKnown ? rankedModelDescription(model) : scoreDescription(model),
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
    this.tooltip = recommendedTooltip(model, options.rank, options.hardwareKnown);
    this.command = {
      command: commandId('explainScore'),
      title: vscode.l10n.t('Explain Score'),
      arguments: [this],
    };
    this.accessibilityInformation = { label: `${options.rank}. ${model.name}, ${this.description}` };
  }
}

type Item = MachineItem | TextItem | RecommendedItem;

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
    if (parent) return [];
    const { engine } = this.context;
    const ranking = await engine.rankings.rank(engine.settings.task, engine.rankings.host);
    this.tree.view.description = [
      vscode.l10n.t('for {0}', taskLabel(ranking.task)),
      engine.catalogue.status.source,
    ].join(' · ');
    const { hardwareKnown, models } = ranking;
    const fitting = models.filter((model) => model.fitsHardware || (!hardwareKnown && model.score > 0));
    return [
      new MachineItem(ranking),
      ...ranking.problems.map((problem, index) => new TextItem(`problem:${index}`, problem, 'warning')),
      ...fitting.slice(0, SHOWN).map((model, index) => this.#item(model, index + 1, hardwareKnown)),
      ...endOf(ranking, fitting.length),
      catalogueItem(engine.catalogue.status),
    ];
  }

  #item(model: RankedModel, rank: number, hardwareKnown: boolean): RecommendedItem {
    const { engine } = this.context;
    return new RecommendedItem(model, {
      rank,
      installed: engine.installs.isInstalled(model),
      installable: engine.installs.nameOf(model) !== null,
      run: engine.installs.pullOf(model),
      hardwareKnown,
    });
  }
}

/** The last row: what is not in the view. Nothing where there are no models at all: a problem has said why. */
function endOf({ task, models, snapshotDate, hardwareKnown }: Ranking, fitting: number): TextItem[] {
  if (models.length === 0) return [];
  const left = models.length - fitting;
  const text =
    fitting === 0
      ? vscode.l10n.t('No known model fits this machine for {0}', taskLabel(task))
      : hardwareKnown
        ? vscode.l10n.t('{0} more in the report, {1} do not fit', Math.max(0, fitting - SHOWN), left)
        : vscode.l10n.t('{0} more in the report', Math.max(0, fitting - SHOWN));
  const scores =
    snapshotDate === null ? text : vscode.l10n.t('{0}. Scores as of {1}.', text, snapshotDate.slice(0, 10));
  const open = { command: commandId('rank'), title: vscode.l10n.t('Open Report') };
  return [new TextItem('more', text, fitting === 0 ? 'info' : 'ellipsis', scores, open)];
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

function recommendedTooltip(model: RankedModel, rank: number, hardwareKnown: boolean): vscode.MarkdownString {
  const sources = new Set(model.benchmarkScore.contributions.map((part) => part.source));
  return hoverCard(`${rank}. ${model.name}`, [
    model.modelId,
    vscode.l10n.t(
      'Score {0} of 100 ({1} evidence from {2} sources, {3} confidence)',
      model.score.toFixed(1),
      model.evidence,
      sources.size,
      model.benchmarkScore.confidence,
    ),
    ...(hardwareKnown ? hardwareLines(model) : [model.unfitReason]),
    model.licence
      ? vscode.l10n.t('Licence: {0}', model.licence)
      : vscode.l10n.t('Licence: not known here, see the model page'),
  ]);
}

function hardwareLines(model: RankedModel): Parameters<typeof hoverCard>[1] {
  const [low, high] = model.speedEstimate.range;
  return [
    model.speedEstimate.basis === 'measured'
      ? vscode.l10n.t('{0}, measured here', speedText(model))
      : vscode.l10n.t('{0}, estimated: {1} to {2}', speedText(model), low.toFixed(0), high.toFixed(0)),
    vscode.l10n.t('Memory by context:'),
    {
      list: model.fitByContext.map(
        (fit) => `${formatContext(fit.contextTokens)}: ${formatGib(fit.totalGb)}, ${fitText(fit.fit)}`,
      ),
    },
  ];
}
