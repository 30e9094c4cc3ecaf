import * as vscode from 'vscode';
import type { ApprovalPlan } from '../engine/approvalPlan';
import type { Proposal } from '../pool/proposal';
import { formatBytes } from '../shared/units';
import { leavingLine, poolUseText } from './poolText';
import { targetName } from './proposalText';

type Plan = Extract<ApprovalPlan, { readonly kind: 'possible' }>;

/** What the dialog before an approval says besides the plan. */
export interface ApprovalFacts {
  /** Whether what goes is the picked model of this window. */
  readonly leavesPick: boolean;
  /** Null where nobody knows. */
  readonly licence: string | null;
  /** Address of the server that downloads. */
  readonly backendUrl: string;
  readonly nowMs: number;
}

/** The one dialog before a proposal is carried out: what is downloaded, what is removed and when, and the disk after. */
export function approvalText(
  proposal: Proposal,
  plan: Plan,
  facts: ApprovalFacts,
): { readonly message: string; readonly detail: string } {
  const { justification } = proposal;
  const lines = [
    justification.summary,
    '',
    ...(plan.installs ? downloadLines(proposal, facts) : []),
    ...(plan.installs ? [''] : []),
    ...removalLines(proposal, plan, facts),
    '',
    poolLine(plan),
    freeLine(proposal, plan),
  ];
  return {
    message: question(proposal, plan),
    detail: lines.filter((line) => line !== undefined).join('\n'),
  };
}

function question({ target }: Proposal, { installs, leaves }: Plan): string {
  if (!installs) return vscode.l10n.t('Remove {0}?', leaves?.ollamaName ?? target.ollamaName);
  if (!leaves) return vscode.l10n.t('Install {0}?', targetName(target));
  return vscode.l10n.t('Install {0} and remove {1}?', targetName(target), leaves.ollamaName);
}

function downloadLines({ target }: Proposal, { licence, backendUrl }: ApprovalFacts): readonly string[] {
  const { ollamaName, backend, sizeBytes } = target;
  return [
    vscode.l10n.t(
      'Download: {0}, {1}, through {2} at {3}',
      ollamaName,
      formatBytes(sizeBytes),
      backend,
      backendUrl,
    ),
    licence === null
      ? vscode.l10n.t('Licence: not known here; see the model page before use')
      : vscode.l10n.t('Licence: {0}', licence),
  ];
}

function removalLines(
  proposal: Proposal,
  { installs, leaves, leavesFirst }: Plan,
  { leavesPick, nowMs }: ApprovalFacts,
): readonly (string | undefined)[] {
  if (!leaves) return [vscode.l10n.t('Nothing is removed.')];
  const when = !installs
    ? vscode.l10n.t('Removed now; if a call uses it, when that has ended:')
    : leavesFirst
      ? vscode.l10n.t(
          'Removed BEFORE the download, because the disk has no room for both. If the download fails, it is gone all the same:',
        )
      : vscode.l10n.t('Removed once {0} is there and no call uses it:', targetName(proposal.target));
  return [
    when,
    leavingLine(leaves, nowMs),
    leavesPick
      ? vscode.l10n.t('{0} is your pick in this window; pick another one afterwards.', leaves.ollamaName)
      : undefined,
  ];
}

function poolLine({ usedBytes, budgetBytes, changeBytes }: Plan): string {
  return vscode.l10n.t(
    'Pool: {0}, then {1}',
    poolUseText(usedBytes, budgetBytes),
    formatBytes(Math.max(0, usedBytes + changeBytes)),
  );
}

function freeLine({ target }: Proposal, plan: Plan): string | undefined {
  const { freeBytes, changeBytes, installs, leaves, leavesFirst } = plan;
  if (freeBytes === null) return undefined;
  const after = formatBytes(Math.max(0, freeBytes - changeBytes));
  if (!installs || leavesFirst || !leaves)
    return vscode.l10n.t('Free on that disk: {0} now, {1} after', formatBytes(freeBytes), after);
  const lowest = Math.max(0, freeBytes - target.sizeBytes);
  return vscode.l10n.t(
    'Free on that disk: {0} now, {1} while both are there, {2} after',
    ...[formatBytes(freeBytes), formatBytes(lowest), after],
  );
}
