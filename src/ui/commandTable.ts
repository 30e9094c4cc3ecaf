import * as vscode from 'vscode';
import type { PullRun } from '../pool/pullRuns';
import type { RegisteredModel } from '../registry/row';
import { messageOf } from '../shared/errors';
import type { ModelRef } from '../shared/modelRef';
import { TASKS, type Task } from '../shared/settings';
import { taskWord } from '../shared/taskWord';
import { addBackend } from './addBackend';
import { adoptModel } from './adoptModel';
import { chooseAllowedOrganisations } from './allowOrganisation';
import { setApiKey } from './apiKeys';
import { approveProposal, rejectProposal } from './approveProposal';
import { askModel } from './askModel';
import { BackendItem } from './backendItem';
import { chooseHost } from './chooseHost';
import { createContextVariant } from './contextVariant';
import { commandTitle } from './commandTitle';
import { copyEndpoint } from './copyEndpoint';
import { cancelPull, dismissPull } from './endPull';
import { explainRoute } from './explainRoute';
import { exportDispatchRecords } from './exportRecords';
import { copyDiagnostics } from './diagnostics';
import { installModel, followWithProgress } from './installFlow';
import { showInstallCommand } from './installCommands';
import type { CommandKey } from './manifest/commands';
import { POOL_VIEW_ID, RECOMMENDED_VIEW_ID } from './manifest/views';
import { measureMemoryBandwidth } from './measureBandwidth';
import { measureModel } from './measureModel';
import { probeToolCalling } from './probeToolCalling';
import { warmModel } from './warmModel';
import { modelfileCommands } from './modelfile/buildCommands';
import { openModelfile } from './modelfile/replacedModelfile';
import { pickModel } from './pickModel';
import { pinModel } from './pinModel';
import { ProposalItem } from './proposalItem';
import { PullItem } from './pullItem';
import { RecommendedItem } from './recommendedTree';
import { reconcilePool } from './reconcilePool';
import { removeModel } from './removeFlow';
import { resetData } from './resetData';
import { ServedModelItem } from './servedModelItem';
import { setDiskBudget } from './setDiskBudget';
import { writeSetting } from './settingsReader';
import { startServer } from './startServer';
import { stopModel } from './stopModel';
import type { UiContext } from './uiContext';

type Handler = (argument: unknown) => unknown;

/** One implementation a command; a command of the manifest without one does not compile. */
function implementations(context: UiContext): Readonly<Record<CommandKey, Handler>> {
  const { engine, showReport } = context;
  const pulls = engine.pulls;
  return {
    ...modelfileCommands(context, engine.modelfileBuilds),
    rank: (asked) =>
      showReport.fire({
        tab: 'rankings',
        task: TASKS.find((task) => task === asked) ?? engine.settings.task,
      }),
    openReport: () => showReport.fire({ tab: 'rankings' }),
    showDispatches: (row) => {
      const ref = refOf(row);
      showReport.fire({ tab: 'dispatches', ...(ref === undefined ? {} : { model: ref }) });
    },
    explainScore: (row) =>
      showReport.fire({
        tab: 'rankings',
        task: explainedTask(row) ?? engine.settings.task,
        ...explainedModel(context, row),
      }),
    installModel: (row) => installModel(context, row instanceof RecommendedItem ? row.model : undefined),
    removeModel: (row) => removeModel(context, servedOf(row)),
    pinModel: (row) => pinModel(context, true, servedOf(row)),
    unpinModel: (row) => pinModel(context, false, servedOf(row)),
    adoptModel: (row) => adoptModel(context, servedOf(row)),
    setDiskBudget: () => setDiskBudget(context),
    allowOrganisation: () => chooseAllowedOrganisations(context),
    reconcilePool: () => reconcilePool(context),
    approveProposal: (row) =>
      approveProposal(context, row instanceof ProposalItem ? row.proposal : undefined),
    rejectProposal: (row) => rejectProposal(context, row instanceof ProposalItem ? row.proposal : undefined),
    showPoolReport: () => showReport.fire({ tab: 'pool' }),
    showInstallCommand: (row) =>
      showInstallCommand(context, row instanceof RecommendedItem ? row.model : undefined),
    pickModel: (row) => pickModel(context, refOf(row)),
    askModel: (row) => askModel(context, refOf(row)),
    measureModel: (row) => measureModel(context, refOf(row)),
    warmModel: (row) => warmModel(context, refOf(row)),
    stopModel: (row) => {
      const model = servedOf(row);
      return model && stopModel(context, model);
    },
    openModelfile: (row) => {
      const ref = refOf(row);
      return ref && openModelfile(context, ref);
    },
    createContextVariant: (row) => createContextVariant(context, servedOf(row)),
    probeToolCalling: (row) => probeToolCalling(context, refOf(row)),
    explainRoute: (row) => explainRoute(context, refOf(row)),
    exportRecords: () => exportDispatchRecords(context),
    chooseTask: () => chooseTask(context),
    filterRecommended: () => context.recommended.choose(),
    groupRecommended: () => context.recommended.toggleGroups(),
    refresh: () => refresh(context),
    redetectHardware: () => redetect(context),
    addBackend: () => addBackend(context),
    startServer: (row) => startServer(context, row instanceof BackendItem ? row.state : undefined),
    copyEndpoint: (row) => copyEndpoint(context, refOf(row)),
    setApiKey: (row) => setApiKey(context, row instanceof BackendItem ? row.state.id : undefined),
    measureBandwidth: () => measureMemoryBandwidth(engine.hosts),
    chooseHost: () => chooseHost(context, engine.hosts),
    openSettings: () =>
      vscode.commands.executeCommand('workbench.action.openSettings', '@ext:modelpool.model-pool'),
    showLog: () => context.log.show(),
    copyDiagnostics: () => copyDiagnostics(context),
    resetData: () => resetData(context),
    copyModelId: async (row) => {
      if (row instanceof ServedModelItem) await vscode.env.clipboard.writeText(row.ref.modelId);
    },
    pausePull: (row) => {
      const run = runOf(row);
      if (run) pulls.cancel(run.runId);
    },
    cancelPull: (row) => {
      const run = runOf(row);
      return run && cancelPull(context, run);
    },
    resumePull: (row) => {
      const run = runOf(row);
      if (!run) return;
      pulls.resume(run.runId);
      return followWithProgress(context, run.runId);
    },
    dismissPull: (row) => {
      const run = runOf(row);
      if (run) dismissPull(context, run);
    },
  };
}

/** Runs commands; a failure shows in the log and as one message, never as an unhandled rejection. */
export function createCommands(context: UiContext): (key: CommandKey, argument: unknown) => Promise<unknown> {
  const table = implementations(context);
  return async (key, argument) => {
    try {
      return await table[key](argument);
    } catch (thrown) {
      context.logger.log('error', 'command.failed', { command: key, thrown });
      const show = vscode.l10n.t('Show Log');
      const text = vscode.l10n.t('{0} failed: {1}', commandTitle(context.extension, key), messageOf(thrown));
      if ((await vscode.window.showErrorMessage(text, show)) === show) context.log.show();
      return undefined;
    }
  };
}

/** The task that a row's score is for, where it has its own. */
function explainedTask(row: unknown): Task | undefined {
  if (row instanceof RecommendedItem) return row.task;
  return row instanceof ProposalItem ? TASKS.find((task) => task === row.proposal.task) : undefined;
}

function explainedModel({ engine }: UiContext, row: unknown): { readonly modelId?: string } {
  if (row instanceof RecommendedItem) return { modelId: row.model.modelId };
  const rank = row instanceof ServedModelItem ? engine.served.rankOf(row.model) : undefined;
  if (rank) return { modelId: rank.model.modelId };
  const id = row instanceof ProposalItem ? row.proposal.target.hfRepoId : null;
  return id === null ? {} : { modelId: id };
}

function servedOf(row: unknown): RegisteredModel | undefined {
  return row instanceof ServedModelItem ? row.model : undefined;
}

function refOf(row: unknown): ModelRef | undefined {
  return row instanceof ServedModelItem ? row.ref : undefined;
}

function runOf(row: unknown): PullRun | undefined {
  if (row instanceof PullItem || row instanceof ProposalItem) return row.run;
  return row instanceof RecommendedItem ? row.run : undefined;
}

async function chooseTask(context: UiContext): Promise<void> {
  const current = context.engine.settings.task;
  const choice = await vscode.window.showQuickPick(
    TASKS.map((task) => ({
      label: taskWord(task),
      description: task === current ? vscode.l10n.t('current') : '',
      task,
    })),
    { title: vscode.l10n.t('Recommend models for') },
  );
  if (choice) await writeSetting('task', choice.task);
}

/** Asks every backend again, with progress and cancel; names those that did not answer. */
async function refresh(context: UiContext): Promise<void> {
  const { engine } = context;
  if (engine.registry.backends().length === 0) {
    await addBackend(context);
    return;
  }
  await vscode.window.withProgress(
    { location: { viewId: POOL_VIEW_ID }, title: vscode.l10n.t('Refreshing'), cancellable: true },
    async (_progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      // New models are looked for, and proposed, beside it; the views of both say how that goes.
      void engine.refreshes.refresh({ signal: abort.signal }).catch(() => undefined);
      await engine.refreshAll(abort.signal);
    },
  );
}

async function redetect(context: UiContext): Promise<void> {
  await vscode.window.withProgress(
    { location: { viewId: RECOMMENDED_VIEW_ID }, title: vscode.l10n.t('Detecting hardware') },
    () => context.engine.rankings.redetect(),
  );
}
