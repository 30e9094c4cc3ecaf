import * as vscode from 'vscode';
import type { Proposal } from '../pool/proposal';
import type { PullRun } from '../pool/pullRuns';
import { formatNumber } from '../shared/numberText';
import { TASKS } from '../shared/settings';
import { taskWord } from '../shared/taskWord';
import { formatBytes, formatGib } from '../shared/units';
import { agoText } from './poolText';
import { isRunning, pullDescription } from './pullText';

/** One line of the reasons, under its name. */
interface ProposalFact {
  readonly name: string;
  readonly value: string;
}

/** How long a rejection holds; as the pool counts it (`REJECTED_DAYS` in pool/proposals.ts). */
const REJECTED_DAYS = 90;

/** What a proposal is about, in a few words: `Qwen3 14B instead of qwen2.5:7b`. */
export function proposalTitle({ kind, target, replacesName }: Proposal): string {
  switch (kind) {
    case 'add':
      return vscode.l10n.t('Add {0}', targetName(target));
    case 'swap':
      return vscode.l10n.t('{0} instead of {1}', targetName(target), replacesName ?? '');
    case 'evict':
      return vscode.l10n.t('Remove {0}', target.ollamaName);
  }
}

/** The model without its build, which a narrow view has no room for: `Qwen3 14B` of `Qwen3 14B (Q4_K_M)`. */
export function targetName({ label, quant }: Proposal['target']): string {
  const build = ` (${quant})`;
  return label.endsWith(build) ? label.slice(0, -build.length) : label;
}

/** `+4.6 GiB`, `−4.7 GiB`: what the pool would hold more or less. */
export function diskChange(gib: number): string {
  return `${gib < 0 ? '−' : '+'}${formatGib(Math.abs(gib))}`;
}

/** The line beside a proposal's title: where it stands, else what it would change. */
export function proposalDescription(proposal: Proposal, run: PullRun | undefined): string {
  const { kind, status, phase, problem, target, task, scoreDelta, diskImpactGb, replacesName } = proposal;
  if (status === 'installing') {
    if (phase === 'evicting') return vscode.l10n.t('removing {0}', replacesName ?? target.ollamaName);
    return run && isRunning(run) ? pullDescription(run) : vscode.l10n.t('installing');
  }
  if (problem) return problemTitle(proposal);
  const disk = diskChange(diskImpactGb);
  switch (kind) {
    case 'add':
      return [vscode.l10n.t('score {0} for {1}', formatNumber(target.score), taskName(task)), disk].join(
        ' · ',
      );
    case 'swap':
      return [vscode.l10n.t('+{0} points', formatNumber(scoreDelta, 1)), disk].join(' · ');
    case 'evict':
      return disk;
  }
}

/** Which half of an approval failed: `not installed`, `installed, but qwen2.5:7b is still there`. */
export function problemTitle(proposal: Proposal): string {
  const { kind, phase, target, replacesName } = proposal;
  if (isPaused(proposal)) return vscode.l10n.t('paused, goes on when approved again');
  if (kind === 'evict') return vscode.l10n.t('not removed');
  return phase === 'evicting'
    ? vscode.l10n.t('installed, but {0} is still there', replacesName ?? target.ollamaName)
    : vscode.l10n.t('not installed');
}

/** The same in sentences; empty where nothing is wrong. */
export function problemText(proposal: Proposal): string {
  return isPaused(proposal)
    ? vscode.l10n.t('What was downloaded stays on the disk, and is used when it is approved again.')
    : (proposal.problem?.message ?? '');
}

/** Whether a person has halted what they had approved. */
function isPaused({ problem }: Proposal): boolean {
  return problem?.code === 'cancelled';
}

/** What speaks for a proposal and what it does, each under a name; what nobody said is left out. */
export function proposalFacts(proposal: Proposal): readonly ProposalFact[] {
  const { kind, target, justification, replacesName = '', diskImpactGb } = proposal;
  const { benchmarkBasis, hardwareFit, evidence, freshness } = justification;
  const { ollamaName, quant, sizeBytes } = target;
  const named = ollamaName.toUpperCase().includes(quant.toUpperCase());
  const comes = [ollamaName, ...(named ? [] : [quant]), formatBytes(sizeBytes)].join(', ');
  const goes = kind === 'evict' ? ollamaName : vscode.l10n.t('{0}, once the other is there', replacesName);
  const facts: readonly ProposalFact[] = [
    isPaused(proposal)
      ? { name: vscode.l10n.t('Paused'), value: problemText(proposal) }
      : { name: vscode.l10n.t('Failed'), value: problemText(proposal) },
    { name: vscode.l10n.t('Score'), value: scoreText(proposal) },
    { name: vscode.l10n.t('Comes'), value: kind === 'evict' ? '' : comes },
    { name: vscode.l10n.t('Goes'), value: kind === 'add' ? '' : goes },
    { name: vscode.l10n.t('Disk'), value: diskChange(diskImpactGb) },
    { name: vscode.l10n.t('Fit'), value: hardwareFit },
    { name: vscode.l10n.t('Evidence'), value: evidence },
    ...benchmarkBasis.map((value) => ({ name: vscode.l10n.t('Benchmark'), value })),
    { name: vscode.l10n.t('Freshness'), value: freshness },
  ];
  return facts.filter(({ value }) => value !== '');
}

function scoreText({ kind, target, task, scoreDelta, replacesName = '' }: Proposal): string {
  const score = vscode.l10n.t('{0} for {1}', formatNumber(target.score, 1), taskName(task));
  if (kind !== 'swap') return score;
  return vscode.l10n.t('{0}, {1} has {2}', score, replacesName, formatNumber(target.score - scoreDelta, 1));
}

/** What a no means, `threshold` in points. */
export function rejectionText(threshold: number): string {
  return vscode.l10n.t(
    'Rejected, it is not proposed again for {0} days, unless its lead grows by another {1} points.',
    String(REJECTED_DAYS),
    String(threshold),
  );
}

/** How a proposal ended, and when: `approved 2 days ago`. */
export function settledText({ status, changedAt }: Proposal, nowMs: number): string {
  const ago = agoText(changedAt, nowMs);
  switch (status) {
    case 'approved':
      return vscode.l10n.t('approved {0}', ago);
    case 'rejected':
      return vscode.l10n.t('rejected {0}', ago);
    case 'failed_target_missing':
      return vscode.l10n.t('not to be had, {0}', ago);
    case 'superseded':
      return vscode.l10n.t('out of date, {0}', ago);
    case 'open':
    case 'installing':
      return ago;
  }
}

/** A task that a newer version has written is called as it is there. */
function taskName(task: string): string {
  const known = TASKS.find((each) => each === task);
  return known === undefined ? task : taskWord(known);
}
