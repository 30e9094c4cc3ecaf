import * as vscode from 'vscode';
import type { InstallPlan } from '../engine/installs';
import type { PoolInstallRequest } from '../pool/poolInstalls';
import type { PullRun } from '../pool/pullRuns';
import type { RankedModel } from '../ranking/rankTypes';
import { systemClock } from '../shared/clock';
import { formatBytes } from '../shared/units';
import { allowOrganisations } from './allowOrganisation';
import { isGivenUp } from './endPull';
import { consentText, refusalDetail } from './installConsent';
import { offerRemedies, openModelPage } from './installRemedies';
import { commandId } from './manifest/commands';
import { offerFirstUse } from './offerFirstUse';
import { isRunning, pullDescription } from './pullText';
import { rankedChoices } from './rankedChoices';
import type { UiContext } from './uiContext';

type PossiblePlan = Extract<InstallPlan, { readonly kind: 'possible' }>;
type PullReport = (run: PullRun) => void;

/** How long the status bar says that an install was paused. */
const PAUSED_SHOWN_MS = 10_000;

/** Installs a model after one dialog that says what will happen; resolves when it is there, or will not be. */
export async function installModel(context: UiContext, model?: RankedModel): Promise<void> {
  const chosen = model ?? (await askWhatToInstall(context));
  if (!chosen) return;
  const { engine } = context;
  const title = vscode.l10n.t('Looking at what {0} takes', chosen.name);
  const plan = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    engine.installs.plan(chosen),
  );
  if (plan.kind === 'impossible') {
    await explainImpossible(plan.message);
    return;
  }
  const again = (): Promise<void> => installModel(context, chosen);
  const { refusal } = plan.preview;
  if (refusal) {
    const name = plan.request.ollamaName;
    const message = vscode.l10n.t('{0} cannot be installed now', name);
    await offerRemedies(context, { code: refusal.code, name, message, detail: refusalDetail(plan), again });
    return;
  }
  const begunBytes = engine.installs.pullOf(chosen)?.highWaterBytes ?? 0;
  if (await consents(context, plan, begunBytes)) await install(context, plan.request, again);
}

async function askWhatToInstall({ engine }: UiContext): Promise<RankedModel | undefined> {
  const { installs } = engine;
  const isOffered = (model: RankedModel): boolean =>
    !installs.isInstalled(model) && installs.nameOf(model) !== null;
  // The list is there at once, and fills when the ranking is.
  const choice = await vscode.window.showQuickPick(rankedChoices(engine, isOffered), {
    title: vscode.l10n.t('Install which model?'),
    placeHolder: vscode.l10n.t('Best for this machine first'),
    matchOnDetail: true,
  });
  return choice?.model;
}

async function explainImpossible(message: string): Promise<void> {
  const add = vscode.l10n.t('Add Backend');
  const choice = await vscode.window.showWarningMessage(message, add);
  if (choice === add) await vscode.commands.executeCommand(commandId('addBackend'));
}

/** The one dialog before anything is downloaded. */
async function consents(context: UiContext, plan: PossiblePlan, begunBytes: number): Promise<boolean> {
  const { settings } = context.engine;
  const facts = { settings, begunBytes, nowMs: systemClock.now() };
  const { message, detail, organisation } = consentText(plan, facts);
  const install = vscode.l10n.t('Install');
  const page = plan.gatedPage === null ? [] : [vscode.l10n.t('Open Model Page')];
  const allow = organisation === null ? [] : [vscode.l10n.t('Always Allow {0}', organisation)];
  const options = { modal: true, detail };
  const choice = await vscode.window.showInformationMessage(message, options, install, ...page, ...allow);
  if (choice === undefined) return false;
  if (choice === page[0]) {
    await openModelPage(plan.request.ollamaName);
    return false;
  }
  if (organisation !== null && choice !== install) await allowOrganisations(context, [organisation]);
  return true;
}

async function install(
  context: UiContext,
  request: PoolInstallRequest,
  again: () => Promise<void>,
): Promise<void> {
  const { installs, pulls } = context.engine;
  const abort = new AbortController();
  let run: PullRun | undefined;
  const outcome = await withPullProgress(
    request.label ?? request.ollamaName,
    (report) => {
      const onEvent = (now: PullRun): void => {
        run = now;
        report(now);
      };
      return installs.install({ ...request, signal: abort.signal, onEvent });
    },
    () => {
      abort.abort();
      // A person who pauses a pull that was under way before means it too.
      if (run) pulls.cancel(run.runId);
    },
  );
  if (outcome.status === 'success') await tellSuccess(context, request, outcome);
  else await tellFailure(context, { ...outcome, name: request.ollamaName, run, again });
}

/** Follows a run that goes on again with a notification beside its row; resolves when it is over. */
export async function followWithProgress(context: UiContext, runId: string): Promise<void> {
  const { engine } = context;
  const { pulls } = engine;
  const current = (): PullRun | undefined => pulls.runs.find((run) => run.runId === runId);
  const first = current();
  if (!first) return;
  const over = await withPullProgress(
    first.label,
    async (report) => {
      const stop = pulls.onDidChange(() => {
        const run = current();
        if (run) report(run);
      });
      try {
        return await pulls.whenOver(runId);
      } finally {
        stop();
      }
    },
    () => pulls.cancel(runId),
  );
  if (!over) return;
  if (over.status === 'succeeded') {
    await engine.refreshBackend(over.backend);
    return offerFirstUse(context, over);
  }
  const { name, code = 'install_failed', message = '' } = over;
  const again = async (): Promise<void> => {
    pulls.resume(runId);
    await followWithProgress(context, runId);
  };
  await tellFailure(context, { name, code, message, run: over, again });
}

/** A cancellable notification beside the row; hiding it changes nothing about the run. */
async function withPullProgress<T>(
  label: string,
  task: (report: PullReport) => Promise<T>,
  cancel: () => void,
): Promise<T> {
  const title = vscode.l10n.t('Installing {0}', label);
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    let shown = 0;
    token.onCancellationRequested(cancel);
    return task((run) => {
      if (!isRunning(run)) return;
      const percent = run.percent ?? 0;
      progress.report({ message: pullDescription(run), increment: Math.max(0, percent - shown) });
      shown = Math.max(shown, percent);
    });
  });
}

/** An install that took nothing away needs few words: its row says that it is there. */
async function tellSuccess(
  context: UiContext,
  { backend, ollamaName, label = ollamaName }: PoolInstallRequest,
  { evicted, pending }: { readonly evicted: readonly string[]; readonly pending: readonly string[] },
): Promise<void> {
  // Rows are what its server has said: they are to say the same as the words.
  await context.engine.refreshBackend(backend);
  if (evicted.length + pending.length === 0) {
    return offerFirstUse(context, { backend, name: ollamaName, label });
  }
  const sentences = [
    evicted.length === 0
      ? ''
      : vscode.l10n.t('Removed to make room for {0}: {1}.', label, evicted.join(', ')),
    pending.length === 0
      ? ''
      : vscode.l10n.t(
          '{0} is installed; to be removed as soon as no call uses it: {1}.',
          label,
          pending.join(', '),
        ),
  ];
  void vscode.window.showInformationMessage(sentences.filter((sentence) => sentence !== '').join(' '));
}

async function tellFailure(
  context: UiContext,
  failure: {
    readonly name: string;
    readonly code: Parameters<typeof offerRemedies>[1]['code'];
    readonly message: string;
    readonly run: PullRun | undefined;
    readonly again: () => Promise<void>;
  },
): Promise<void> {
  const { name, code, message, run, again } = failure;
  const label = run?.label ?? name;
  if (code !== 'cancelled') {
    const text = vscode.l10n.t('{0} was not installed. {1}', label, message);
    await offerRemedies(context, { code, name, message: text, again });
    return;
  }
  if (run && isGivenUp(run)) return;
  const kept = run?.highWaterBytes ?? 0;
  const text =
    kept === 0
      ? vscode.l10n.t('{0} was not installed.', label)
      : vscode.l10n.t('{0} is paused. {1} stay on the disk.', label, formatBytes(kept));
  vscode.window.setStatusBarMessage(`$(debug-pause) ${text}`, untilItGoesOn(context, run));
}

/** Resolves when the run that was paused runs again or is given up, and after ten seconds in any case. */
function untilItGoesOn({ engine }: UiContext, run: PullRun | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(end, PAUSED_SHOWN_MS);
    const stop = engine.pulls.onDidChange(() => {
      const now = engine.pulls.runs.find((each) => each.runId === run?.runId);
      if (run && (!now || isRunning(now))) end();
    });
  });
}
