import * as vscode from 'vscode';
import type { InstallPlan } from '../engine/installPlanner';
import type { PullRun } from '../pool/pullRuns';
import type { RankedModel } from '../ranking/rankTypes';
import { formatBytes } from '../shared/units';
import { commandId } from './manifest/commands';
import { rankedModelDescription } from './modelText';
import { isRunning, pullDescription, pullPercent } from './pullText';
import type { UiContext } from './uiContext';

/** Installs a model after one dialog that says what will happen; the row shows the progress. */
export async function installModel(context: UiContext, model?: RankedModel): Promise<void> {
  const chosen = model ?? (await askWhatToInstall(context));
  if (!chosen) return;
  const plan = await context.engine.installs.plan(chosen);
  if (plan.kind === 'impossible') {
    await explainImpossible(plan.message);
    return;
  }
  if (!(await consent(plan))) return;
  const run = await context.engine.pulls.start({
    backend: plan.backend,
    name: plan.name,
    label: chosen.name,
  });
  void followWithProgress(context, run.runId);
}

async function askWhatToInstall(context: UiContext): Promise<RankedModel | undefined> {
  const { engine } = context;
  const ranking = await engine.rankings.rank(engine.settings.task, engine.rankings.host);
  const items = ranking.models
    .filter(
      (model) =>
        (model.fitsHardware || !ranking.hardwareKnown) &&
        !engine.installs.isInstalled(model) &&
        engine.installs.nameOf(model) !== null,
    )
    .slice(0, 200)
    .map((model) => ({
      label: model.name,
      description: rankedModelDescription(model),
      detail: model.modelId,
      model,
    }));
  const choice = await vscode.window.showQuickPick(items, {
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
async function consent(plan: Extract<InstallPlan, { kind: 'possible' }>): Promise<boolean> {
  const size =
    plan.sizeBytes === null
      ? vscode.l10n.t('Download: size not known before the pull starts')
      : vscode.l10n.t('Download: {0}', formatBytes(plan.sizeBytes));
  const disk =
    plan.freeBytes === null
      ? undefined
      : plan.sizeBytes === null
        ? vscode.l10n.t('Free on that disk now: {0}', formatBytes(plan.freeBytes))
        : vscode.l10n.t(
            'Free on that disk: {0} now, {1} after',
            formatBytes(plan.freeBytes),
            formatBytes(Math.max(0, plan.freeBytes - plan.sizeBytes)),
          );
  const lines = [
    size,
    disk,
    plan.tooBig ? vscode.l10n.t('This is more than is free: the download would stop part-way.') : undefined,
    plan.licence === null
      ? vscode.l10n.t('Licence: not known here; see the model page before use')
      : vscode.l10n.t('Licence: {0}', plan.licence),
    vscode.l10n.t('Through {0} at {1}. Nothing is removed.', plan.backend, plan.backendUrl),
  ].filter((line) => line !== undefined);
  const install = vscode.l10n.t('Install');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('Install {0}?', plan.name),
    { modal: true, detail: lines.join('\n') },
    install,
  );
  return choice === install;
}

/** A cancellable notification beside the row; leaving it hidden changes nothing about the run. */
export async function followWithProgress(context: UiContext, runId: string): Promise<void> {
  const { pulls } = context.engine;
  const current = (): PullRun | undefined => pulls.runs.find((run) => run.runId === runId);
  const first = current();
  if (!first) return;
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Installing {0}', first.label),
      cancellable: true,
    },
    (progress, token) =>
      new Promise<void>((resolve) => {
        let shown = 0;
        token.onCancellationRequested(() => pulls.cancel(runId));
        const stop = pulls.onDidChange(() => report());
        const report = (): void => {
          const run = current();
          if (!run || !isRunning(run)) {
            stop();
            resolve();
            return;
          }
          const percent = pullPercent(run) ?? 0;
          progress.report({ message: pullDescription(run), increment: Math.max(0, percent - shown) });
          shown = Math.max(shown, percent);
        };
        report();
      }),
  );
  await tellEnd(context, current());
}

async function tellEnd(context: UiContext, run: PullRun | undefined): Promise<void> {
  if (run?.status === 'failed') {
    const again = vscode.l10n.t('Try Again');
    const message = vscode.l10n.t('{0} was not installed. {1}', run.name, run.message ?? '');
    if ((await vscode.window.showErrorMessage(message, again)) === again) {
      context.engine.pulls.resume(run.runId);
      await followWithProgress(context, run.runId);
    }
  }
}
