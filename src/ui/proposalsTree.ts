import * as vscode from 'vscode';
import { servedKey } from '../engine/poolDisks';
import type { RefreshStage } from '../engine/refreshCycle';
import type { Proposal } from '../pool/proposal';
import type { PullRun } from '../pool/pullRuns';
import { systemClock } from '../shared/clock';
import type { DeferredTree, RowSource } from './deferredTree';
import { hoverCard } from './hoverCard';
import { ROW } from './manifest/views';
import { plainText } from './modelText';
import { agoText } from './poolText';
import { ProposalFactItem, ProposalItem, SettledProposalItem, SettledProposalsItem } from './proposalItem';
import { proposalFacts } from './proposalText';
import type { UiContext } from './uiContext';

/** What was decided longer ago is history, which the report tells. */
const SETTLED_SHOWN_MS = 30 * 24 * 3_600_000;

/** Without these there are no proposals; what else fails is told where it is seen. */
const TOLD_STAGES: readonly RefreshStage[] = ['rank', 'propose'];

/** The last comparison was not whole. */
class TroubleItem extends vscode.TreeItem {
  constructor(messages: readonly string[]) {
    super(vscode.l10n.t('The last comparison failed in part'), vscode.TreeItemCollapsibleState.None);
    this.id = 'proposals:trouble';
    this.description = plainText(messages[0] ?? '');
    this.iconPath = new vscode.ThemeIcon('warning');
    this.contextValue = ROW.problem;
    this.tooltip = hoverCard(vscode.l10n.t('The last comparison failed in part'), [{ list: messages }]);
  }
}

class NothingOpenItem extends vscode.TreeItem {
  constructor() {
    super(vscode.l10n.t('Nothing to propose now'), vscode.TreeItemCollapsibleState.None);
    this.id = 'proposals:none';
    this.iconPath = new vscode.ThemeIcon('pass');
  }
}

type Item =
  | TroubleItem
  | ProposalItem
  | ProposalFactItem
  | SettledProposalsItem
  | SettledProposalItem
  | NothingOpenItem;

/** The Proposals view: what would make the pool better, each with its reasons, and a yes or a no beside it. */
export class ProposalsTree implements RowSource {
  constructor(
    private readonly context: UiContext,
    private readonly tree: DeferredTree,
  ) {
    const { engine } = context;
    const { refresh } = tree;
    context.extension.subscriptions.push(
      ...[
        engine.pool.proposals.onDidChange(refresh),
        engine.pool.manager.onDidChange(refresh),
        engine.pulls.onDidChange(refresh),
        engine.refreshes.onDidChange(refresh),
      ].map((dispose) => ({ dispose })),
    );
  }

  children(parent: vscode.TreeItem | undefined): Item[] {
    const nowMs = systemClock.now();
    if (parent instanceof ProposalItem) {
      const { proposal } = parent;
      return proposalFacts(proposal).map((fact, index) => new ProposalFactItem(proposal.id, index, fact));
    }
    if (parent instanceof SettledProposalsItem) {
      return parent.proposals.map((proposal) => new SettledProposalItem(proposal, nowMs));
    }
    return parent ? [] : this.#roots(nowMs);
  }

  #roots(nowMs: number): Item[] {
    const { engine } = this.context;
    const { all } = engine.pool.proposals;
    const live = all.filter(({ status }) => status === 'open' || status === 'installing');
    const settled = all.filter((proposal) => isSettledLately(proposal, nowMs)).toReversed();
    this.#tellInTitle(live.filter(({ status }) => status === 'open').length, nowMs);
    const troubles = this.#troubles();
    if (live.length + settled.length + troubles.length === 0) return [];
    const threshold = engine.settings.refreshProposalThreshold;
    return [
      ...(troubles.length === 0 ? [] : [new TroubleItem(troubles)]),
      ...live
        .toSorted(mostWorthFirst)
        .map((proposal) => new ProposalItem(proposal, { run: this.#runOf(proposal), threshold })),
      ...(live.length + troubles.length === 0 ? [new NothingOpenItem()] : []),
      ...(settled.length === 0 ? [] : [new SettledProposalsItem(settled)]),
    ];
  }

  /** How many wait, on the icon of the container; and how old the comparison is, beside the view's title. */
  #tellInTitle(open: number, nowMs: number): void {
    const { view } = this.tree;
    const tooltip =
      open === 1
        ? vscode.l10n.t('1 proposal waits for your word')
        : vscode.l10n.t('{0} proposals wait for your word', open);
    view.badge = open === 0 ? undefined : { value: open, tooltip };
    const { refreshes, pool } = this.context.engine;
    const { lastRefreshAt } = pool.manager.snapshot();
    const compared =
      lastRefreshAt === null ? '' : vscode.l10n.t('compared {0}', agoText(lastRefreshAt, nowMs));
    view.description = refreshes.running ? vscode.l10n.t('comparing…') : compared;
  }

  /** What kept the last comparison from being whole; nothing where nothing may be proposed anyway. */
  #troubles(): readonly string[] {
    const { refreshes, settings } = this.context.engine;
    if (settings.poolAllowedOrgs.length === 0) return [];
    const errors = refreshes.last?.errors ?? [];
    return errors.flatMap(({ stage, message }) => (TOLD_STAGES.includes(stage) ? [message] : []));
  }

  #runOf({ target }: Proposal): PullRun | undefined {
    const key = servedKey(target.backend, target.ollamaName);
    return this.context.engine.pulls.runs.find((run) => servedKey(run.backend, run.name) === key);
  }
}

function isSettledLately({ status, changedAt }: Proposal, nowMs: number): boolean {
  const isDecided = status === 'approved' || status === 'rejected' || status === 'failed_target_missing';
  return isDecided && nowMs - Date.parse(changedAt) < SETTLED_SHOWN_MS;
}

/** What gains most first; what is to be removed last. */
function mostWorthFirst(a: Proposal, b: Proposal): number {
  const rank = { swap: 0, add: 1, evict: 2 };
  return rank[a.kind] - rank[b.kind] || b.scoreDelta - a.scoreDelta;
}
