import * as vscode from 'vscode';
import { planApproval } from '../engine/approvalPlan';
import { servedKey } from '../engine/poolDisks';
import type { Proposal } from '../pool/proposal';
import type { PullRun } from '../pool/pullRuns';
import { systemClock } from '../shared/clock';
import { approvalText } from './approvalText';
import { withCancel } from './cancellableProgress';
import { offerRemedies } from './installRemedies';
import { proposalDescription, proposalTitle, targetName } from './proposalText';
import { isRunning, pullDescription } from './pullText';
import type { UiContext } from './uiContext';

/** Carries a proposal out after one dialog that says what is downloaded and what is removed. */
export async function approveProposal(context: UiContext, given?: Proposal): Promise<void> {
  const proposal = given ?? (await askWhich(context, vscode.l10n.t('Approve which proposal?')));
  if (!proposal) return;
  const { engine } = context;
  const plan = await planApproval(
    {
      pool: engine.pool.manager,
      hostOf: (backend) => engine.hostOf(backend),
      freeBytes: (backend) => engine.pool.disk.freeBytes(backend),
    },
    proposal,
  );
  if (plan.kind === 'over') return carryOut(context, proposal, false);
  const again = (): Promise<void> => approveProposal(context, newest(context, proposal));
  if (plan.refusal) {
    const { code, message: detail } = plan.refusal;
    const message = vscode.l10n.t('{0}: not possible now', proposalTitle(proposal));
    return offerRemedies(context, { code, name: proposal.target.ollamaName, message, detail, again });
  }
  const { message, detail } = approvalText(proposal, plan, {
    leavesPick: plan.leaves !== null && isPicked(context, plan.leaves),
    licence: licenceOf(context, proposal),
    backendUrl: engine.registry.backend(proposal.target.backend)?.url ?? '',
    nowMs: systemClock.now(),
  });
  const approve = vscode.l10n.t('Approve');
  const choice = await vscode.window.showInformationMessage(message, { modal: true, detail }, approve);
  if (choice === approve) await carryOut(context, proposal, plan.leavesFirst);
}

/** Says no; the row goes, and that is all there is to see. */
export async function rejectProposal(context: UiContext, given?: Proposal): Promise<void> {
  const proposal = given ?? (await askWhich(context, vscode.l10n.t('Reject which proposal?')));
  if (!proposal) return;
  const outcome = await context.engine.proposalRuns.reject(proposal.id);
  if (outcome.status === 'error') void vscode.window.showErrorMessage(outcome.message);
}

async function carryOut(context: UiContext, proposal: Proposal, evictFirst: boolean): Promise<void> {
  const { proposalRuns, pulls } = context.engine;
  let run: PullRun | undefined;
  const outcome = await withCancel(proposalTitle(proposal), (signal, report) => {
    // A person who pauses a download that was under way before means it too.
    signal.addEventListener('abort', () => run && pulls.cancel(run.runId), { once: true });
    return proposalRuns.approve(proposal.id, {
      ...{ consent: 'user', evictFirst, signal },
      onPhase: (phase) => {
        if (phase === 'evicting') report({ fraction: 1, message: vscode.l10n.t('removing') });
      },
      onEvent: (now) => {
        run = now;
        if (isRunning(now)) report({ fraction: (now.percent ?? 0) / 100, message: pullDescription(now) });
      },
    });
  });
  if (typeof outcome === 'symbol') return;
  switch (outcome.status) {
    case 'success':
      // Rows are what its server has said: they are to say the same as the words.
      await context.engine.refreshBackend(proposal.target.backend);
      return tellWhatWent(proposal, outcome);
    case 'moot':
      void vscode.window.showInformationMessage(outcome.message);
      return;
    case 'error': {
      // The row says that it was paused and how it goes on.
      if (outcome.code === 'cancelled') return;
      const message = vscode.l10n.t('{0}: {1}', proposalTitle(proposal), outcome.message);
      const again = (): Promise<void> => approveProposal(context, newest(context, proposal));
      const name = proposal.target.ollamaName;
      await offerRemedies(context, { code: outcome.code, name, message, again });
    }
  }
}

/** What only came needs no words: its row says that it is there. */
function tellWhatWent(
  { kind, target }: Proposal,
  { evicted, pending }: { readonly evicted: readonly string[]; readonly pending: readonly string[] },
): void {
  if (evicted.length + pending.length === 0) return;
  const sentences = [
    kind === 'evict' ? '' : vscode.l10n.t('{0} is installed.', targetName(target)),
    evicted.length === 0 ? '' : vscode.l10n.t('Removed: {0}.', evicted.join(', ')),
    pending.length === 0
      ? ''
      : vscode.l10n.t('To be removed as soon as no call uses it: {0}.', pending.join(', ')),
  ];
  void vscode.window.showInformationMessage(sentences.filter((sentence) => sentence !== '').join(' '));
}

async function askWhich(context: UiContext, title: string): Promise<Proposal | undefined> {
  const open = context.engine.pool.proposals.all.filter(({ status }) => status === 'open');
  if (open.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No proposal waits for a word now.'));
    return undefined;
  }
  const items = open.map((proposal) => ({
    label: proposalTitle(proposal),
    description: proposalDescription(proposal, undefined),
    detail: proposal.justification.summary,
    proposal,
  }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDetail: true }))?.proposal;
}

/** The proposal as it stands by now. */
function newest({ engine }: UiContext, proposal: Proposal): Proposal {
  return engine.pool.proposals.all.find(({ id }) => id === proposal.id) ?? proposal;
}

function isPicked(
  { picks }: UiContext,
  entry: { readonly backend: string; readonly ollamaName: string },
): boolean {
  const { pick } = picks;
  if (!pick || 'best' in pick) return false;
  return servedKey(pick.backend, pick.modelId) === servedKey(entry.backend, entry.ollamaName);
}

function licenceOf({ engine }: UiContext, { target }: Proposal): string | null {
  const ranking = engine.rankings.known(engine.settings.task, engine.hostOf(target.backend));
  return ranking?.models.find(({ modelId }) => modelId === target.hfRepoId)?.licence ?? null;
}
