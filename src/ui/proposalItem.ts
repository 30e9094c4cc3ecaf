import * as vscode from 'vscode';
import type { Proposal } from '../pool/proposal';
import type { PullRun } from '../pool/pullRuns';
import { hoverCard } from './hoverCard';
import { proposalRowValue } from './manifest/rowValues';
import { plainText } from './modelText';
import {
  problemText,
  problemTitle,
  proposalDescription,
  proposalFacts,
  proposalTitle,
  rejectionText,
  settledText,
  targetName,
} from './proposalText';
import { isRunning } from './pullText';

/** A proposal that waits for a word or is carried out; commands on the row get it as their argument. */
export class ProposalItem extends vscode.TreeItem {
  readonly run: PullRun | undefined;

  constructor(
    readonly proposal: Proposal,
    options: {
      /** The download that carries it out. */
      readonly run: PullRun | undefined;
      /** Points by which its lead must grow before a no is asked about again. */
      readonly threshold: number;
    },
  ) {
    super(rowLabel(proposal), vscode.TreeItemCollapsibleState.Collapsed);
    this.id = `proposal:${proposal.id}`;
    const installing = proposal.status === 'installing';
    this.run = installing ? options.run : undefined;
    this.description = proposalDescription(proposal, options.run);
    this.contextValue = proposalRowValue({
      installing,
      pulling: this.run !== undefined && isRunning(this.run),
      explained: proposal.kind !== 'evict',
    });
    this.iconPath = new vscode.ThemeIcon(iconOf(proposal));
    const facts = proposalFacts(proposal).map(({ name, value }) => `${name}: ${value}`);
    this.tooltip = hoverCard(proposalTitle(proposal), [
      proposal.justification.summary,
      proposal.problem ? { warning: `${problemTitle(proposal)}. ${problemText(proposal)}` } : undefined,
      { list: facts },
      installing
        ? undefined
        : vscode.l10n.t('Approve asks once more, and says what is downloaded and what is removed.'),
      installing ? undefined : rejectionText(options.threshold),
    ]);
    this.accessibilityInformation = {
      label: `${proposalTitle(proposal)}, ${this.description}. ${proposal.justification.summary}`,
    };
  }
}

/** One of the reasons under a proposal. */
export class ProposalFactItem extends vscode.TreeItem {
  constructor(proposalId: string, index: number, fact: { readonly name: string; readonly value: string }) {
    super(fact.name, vscode.TreeItemCollapsibleState.None);
    this.id = `proposal:${proposalId}:${index}`;
    this.description = plainText(fact.value);
    this.tooltip = hoverCard(fact.name, [fact.value]);
    this.accessibilityInformation = { label: `${fact.name}: ${fact.value}` };
  }
}

/** What was decided in the last weeks, put away. */
export class SettledProposalsItem extends vscode.TreeItem {
  constructor(readonly proposals: readonly Proposal[]) {
    super(vscode.l10n.t('Decided lately: {0}', proposals.length), vscode.TreeItemCollapsibleState.Collapsed);
    this.id = 'proposals:settled';
    this.iconPath = new vscode.ThemeIcon('history');
    this.tooltip = vscode.l10n.t('Proposals of the last 30 days that were approved or rejected');
  }
}

export class SettledProposalItem extends vscode.TreeItem {
  constructor(proposal: Proposal, nowMs: number) {
    super(proposalTitle(proposal), vscode.TreeItemCollapsibleState.None);
    this.id = `settled:${proposal.id}`;
    this.description = settledText(proposal, nowMs);
    this.iconPath = new vscode.ThemeIcon(
      proposal.status === 'approved' ? 'check' : proposal.status === 'rejected' ? 'circle-slash' : 'question',
    );
    this.tooltip = hoverCard(proposalTitle(proposal), [
      this.description,
      proposal.justification.summary,
      proposal.problem?.message,
    ]);
    this.accessibilityInformation = { label: `${proposalTitle(proposal)}, ${this.description}` };
  }
}

/** Once it was approved, how far it is matters more than what it is instead of. */
function rowLabel(proposal: Proposal): string {
  const isBegun = proposal.status === 'installing' || proposal.problem !== null;
  return isBegun && proposal.kind !== 'evict' ? targetName(proposal.target) : proposalTitle(proposal);
}

function iconOf({ kind, status, problem }: Proposal): string {
  if (status === 'installing') return 'loading~spin';
  if (problem) return problem.code === 'cancelled' ? 'debug-pause' : 'warning';
  return { add: 'diff-added', swap: 'arrow-swap', evict: 'trash' }[kind];
}
