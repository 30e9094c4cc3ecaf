import * as vscode from 'vscode';
import type { RunningCall } from '../dispatch/runningCalls';
import type { ExportFormat } from '../engine/recordExport';
import type { DispatchFilter } from '../shared/dispatchQuery';
import { ImaginedMachines } from '../engine/imaginedMachine';
import type { Ranking } from '../engine/rankingService';
import { systemClock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { ImaginedMachine } from '../shared/imaginedMachine';
import {
  pageMessageSchema,
  rankingKey,
  type HostMessage,
  type PageMessage,
  type RankingDetail,
  type ReportTab,
} from '../shared/reportMessages';
import type { Task } from '../shared/settings';
import { AnswersInOrder } from './answersInOrder';
import { exportDispatchRecords } from './exportRecords';
import { PageQueue } from './pageQueue';
import { machineMessage } from './machineReport';
import { onDidChangePool, poolMessage } from './poolReport';
import { dispatchesMessage, rankingDetail, rankingsMessage } from './reportData';
import { reportDocument } from './reportDocument';
import { runningMessages } from './runningMessages';
import { ShownRanking } from './shownRanking';
import type { ReportTarget, UiContext } from './uiContext';
import { installModel } from './installFlow';
import { showInstallCommand } from './installCommands';
import { measureModel } from './measureModel';
import { setDiskBudget } from './setDiskBudget';

const VIEW_TYPE = 'modelPool.report';
/** Changes of the pool that come sooner than this are told together: a download alone brings four a second. */
const POOL_INTERVAL_MS = 500;

/** The report: one webview panel that is filled by typed messages. It survives a window reload. */
export class ReportPanel implements vscode.WebviewPanelSerializer {
  #panel: vscode.WebviewPanel | undefined;
  /** Whether the page listens. It is thrown away while its tab is hidden, and loaded anew when it is shown. */
  #ready = false;
  /** What to show once the page says that it is ready. */
  #target: ReportTarget | undefined;
  /** What waits until the page has its first records, which it asks for as soon as it is there. */
  #afterFirstList: (() => void) | undefined;
  #task: Task;
  /** The machine that the page asks about where it is only imagined. */
  #imagined: ImaginedMachine | undefined;
  readonly #machines: ImaginedMachines;
  /** Ends the watch for records, which lasts while the page listens. */
  #stopListening: (() => void) | undefined;
  readonly #queue = new PageQueue<HostMessage>({
    send: (message) => void this.#panel?.webview.postMessage(message),
    isProgress: ({ type }) => type === 'callRunning',
  });
  readonly #order = new AnswersInOrder<ReportTab | 'devices' | 'summary'>();
  readonly #shown = new ShownRanking();
  /** Takes back the message about the pool that is due; undefined: none is. */
  #cancelPool: (() => void) | undefined;
  /** The running calls as the page knows them. */
  #runningShown: ReadonlyMap<string, RunningCall> = new Map();

  constructor(private readonly context: UiContext) {
    const { engine, extension } = context;
    this.#task = engine.settings.task;
    const devicesFile = vscode.Uri.joinPath(extension.extensionUri, 'data', 'devices.json').fsPath;
    this.#machines = new ImaginedMachines(devicesFile, systemClock);
    extension.subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      { dispose: () => this.#unlisten() },
      { dispose: engine.rankings.onDidChange(() => void this.#sendRanked()) },
      { dispose: engine.registry.onDidChangeRows(() => void this.#sendRanked()) },
      { dispose: engine.trials.onDidChange(() => void this.#sendMachine()) },
      onDidChangePool(context, () => this.#sendPoolSoon()),
      { dispose: context.showReport.on((target) => this.show(target)) },
    );
  }

  /** Opens the report, or brings it to the front, at a tab and an entry. */
  show(target: ReportTarget): void {
    if (this.#panel) {
      if (this.#ready) this.#post(showMessage(target));
      else this.#target = target;
      this.#panel.reveal();
      return;
    }
    this.#target = target;
    this.#task = target.task ?? this.context.engine.settings.task;
    this.#adopt(
      vscode.window.createWebviewPanel(
        VIEW_TYPE,
        vscode.l10n.t('Model Pool Report'),
        vscode.ViewColumn.Active,
        {
          enableScripts: true,
          localResourceRoots: [vscode.Uri.joinPath(this.context.extension.extensionUri, 'dist', 'webview')],
        },
      ),
    );
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#adopt(panel);
  }

  #adopt(panel: vscode.WebviewPanel): void {
    this.#unlisten();
    // One that VS Code brings back after another was opened takes its place: two would get each other's answers.
    const before = this.#panel;
    this.#panel = panel;
    before?.dispose();
    const icon = (name: string): vscode.Uri =>
      vscode.Uri.joinPath(this.context.extension.extensionUri, 'media', name);
    panel.iconPath = { light: icon('report-light.svg'), dark: icon('report-dark.svg') };
    panel.onDidChangeViewState(() => {
      if (this.#panel === panel && !panel.visible) this.#unlisten();
    });
    panel.onDidDispose(() => {
      if (this.#panel !== panel) return;
      this.#unlisten();
      this.#panel = undefined;
    });
    panel.webview.onDidReceiveMessage((raw: unknown) => {
      const parsed = pageMessageSchema.safeParse(raw);
      if (parsed.success) void this.#receive(parsed.data);
      else this.context.logger.log('warn', 'report.message.refused', { issues: parsed.error.issues.length });
    });
    panel.webview.html = reportDocument(this.context.extension.extensionUri, panel.webview);
  }

  async #receive(message: PageMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#listen();
        this.#imagined = message.imagined;
        this.#shown.opened = message.opened;
        return this.#fill(message.tab, message.task);
      case 'queryDevices':
        return this.#answer('devices', async () => ({
          ...{ type: 'devices', devices: [...(await this.#machines.devices())] },
        }));
      case 'queryRankings':
        this.#task = message.task;
        this.#imagined = message.imagined;
        this.#shown.opened = message.opened;
        return this.#sendRankings();
      case 'queryRankingDetails':
        this.#shown.opened = message.opened;
        return this.#sendDetails(message.ranking);
      case 'queryMachine':
        return this.#sendMachine();
      case 'queryPool':
        return this.#sendPool();
      case 'setDiskBudget':
        await setDiskBudget(this.context);
        return;
      case 'run':
        await vscode.commands.executeCommand(`modelPool.${message.command}`);
        return;
      case 'measureModel':
        return measureModel(this.context);
      case 'queryDispatches':
        await this.#answer('dispatches', () =>
          dispatchesMessage(this.context.engine.transcript, message.list, message.query),
        );
        this.#afterFirstList?.();
        this.#afterFirstList = undefined;
        return;
      case 'seen':
        return this.#queue.confirmed();
      case 'exportRecords':
        return this.#export(message.filter, message.format);
      case 'queryDispatchSummary':
        return this.#sendSummary(message.list, message.filter, message.asOf);
      case 'install':
      case 'showInstallCommand': {
        const model = this.#imagined ? undefined : this.#shown.model(rankingKey(message));
        if (!model) {
          void vscode.window.showInformationMessage(
            vscode.l10n.t('The models were ranked anew meanwhile. Look at the row again, then try again.'),
          );
          return;
        }
        return message.type === 'install'
          ? installModel(this.context, model)
          : showInstallCommand(this.context, model);
      }
      case 'openUrl':
        await vscode.env.openExternal(vscode.Uri.parse(message.url, true));
        return;
    }
  }

  /** A page that was just loaded gets the ranking, and where to go; the records it asks for, as it was left. */
  async #fill(keptTab: ReportTab, task: Task = this.#task): Promise<void> {
    this.#task = task;
    const tab = this.#target?.tab ?? keptTab;
    if (this.#target) this.#post(showMessage(this.#target));
    this.#target = undefined;
    // A ranking is megabytes: what is looked at does not wait behind it.
    const sendRest = (): void => void this.#sendRanked();
    if (tab === 'dispatches') this.#afterFirstList = sendRest;
    else if (tab !== 'pool') sendRest();
    await this.#sendPool();
    if (tab === 'pool') sendRest();
  }

  #listen(): void {
    this.#unlisten();
    this.#ready = true;
    const { dispatcher, transcript } = this.context.engine;
    const changed = (): void => this.#post({ type: 'dispatchesChanged' });
    const running = (calls: readonly RunningCall[]): void => this.#tellRunning(calls);
    // A call of this window is told at once; what other windows record, when it is seen in the folder.
    const removals = [
      dispatcher.onDidRecord(changed),
      transcript.onDidChange(changed),
      dispatcher.onDidChangeRunning(running),
    ];
    this.#stopListening = () => removals.forEach((remove) => remove());
    running(dispatcher.running());
  }

  #tellRunning(calls: readonly RunningCall[]): void {
    for (const message of runningMessages(this.#runningShown, calls)) this.#post(message);
    this.#runningShown = new Map(calls.map((call) => [call.callId, call]));
  }

  #unlisten(): void {
    this.#ready = false;
    this.#stopListening?.();
    this.#stopListening = undefined;
    if (this.#queue.dropped > 0) {
      this.context.logger.log('info', 'report.progress.dropped', { messages: this.#queue.dropped });
    }
    this.#cancelPool?.();
    this.#cancelPool = undefined;
    this.#queue.reset();
    this.#order.reset();
    this.#shown.forget();
    this.#afterFirstList = undefined;
    this.#runningShown = new Map();
  }

  async #sendRankings(): Promise<void> {
    if (!this.#ready) return;
    const [task, imagined] = [this.#task, this.#imagined];
    const number = this.#shown.next();
    const { rankings } = this.context.engine;
    await this.#answer('rankings', async () => {
      const ranking = imagined
        ? await this.#imagine(task, imagined)
        : await rankings.rank(task, rankings.host);
      this.#shown.take(number, ranking);
      const details = this.#openedDetails(number) ?? [];
      return rankingsMessage(this.context, ranking, { number, imagined: imagined ?? null, details });
    });
  }

  #sendDetails(ranking: number): void {
    const details = this.#openedDetails(ranking);
    this.#post(
      details
        ? { type: 'rankingDetails', ranking, details }
        : {
            ...{ type: 'rankingDetailsFailed', ranking },
            message: vscode.l10n.t('The models were ranked anew meanwhile.'),
          },
    );
  }

  #openedDetails(ranking: number): RankingDetail[] | undefined {
    return this.#shown.openedModels(ranking)?.map((model) => rankingDetail(this.context, model));
  }

  async #imagine(task: Task, machine: ImaginedMachine): Promise<Ranking> {
    const profile = await this.#machines.profileOf(machine);
    if (profile) return this.context.engine.rankings.imagine(task, profile);
    throw new Error(vscode.l10n.t('The device {0} is not known. Choose another one.', machine.device));
  }

  async #sendMachine(): Promise<void> {
    if (this.#ready) await this.#answer('machine', () => machineMessage(this.context));
  }

  #sendPoolSoon(): void {
    if (!this.#ready) return;
    this.#cancelPool ??= systemClock.after(POOL_INTERVAL_MS, () => {
      this.#cancelPool = undefined;
      void this.#sendPool();
    });
  }

  async #sendPool(): Promise<void> {
    if (this.#ready) await this.#answer('pool', () => poolMessage(this.context));
  }

  async #sendRanked(): Promise<void> {
    await Promise.all([this.#sendRankings(), this.#sendMachine()]);
  }

  /** Menus and the histogram are a help: without them the page is as good as before. */
  async #sendSummary(list: number, filter: DispatchFilter, asOf: number | null): Promise<void> {
    const mayTell = this.#order.ask('summary');
    try {
      const summary = await this.context.engine.transcript.summary(filter, asOf);
      if (summary && mayTell()) this.#post({ type: 'dispatchSummary', list, summary });
    } catch (thrown) {
      this.context.logger.log('error', 'report.summary.failed', { thrown });
    }
  }

  async #export(filter: DispatchFilter, format: ExportFormat): Promise<void> {
    try {
      await exportDispatchRecords(this.context, filter, format);
    } catch (thrown) {
      this.context.logger.log('error', 'report.export.failed', { thrown });
      void vscode.window.showErrorMessage(
        vscode.l10n.t('The records could not be exported: {0}', messageOf(thrown)),
      );
    }
  }

  async #answer(topic: ReportTab | 'devices', make: () => Promise<HostMessage>): Promise<void> {
    const mayTell = this.#order.ask(topic);
    let message: HostMessage;
    try {
      message = await make();
    } catch (thrown) {
      this.context.logger.log('error', 'report.failed', { what: topic, thrown });
      const what = topic === 'devices' ? 'rankings' : topic;
      message = { type: 'failed', what, message: messageOf(thrown) };
    }
    if (mayTell()) this.#post(message);
  }

  #post(message: HostMessage): void {
    if (this.#ready) this.#queue.push(message);
  }
}

/** Where to go, as the page is told: the entry of a tab is a record of the one and a model of the other. */
function showMessage({ tab, recordId, modelId, model, task }: ReportTarget): HostMessage {
  const entry = tab === 'dispatches' ? recordId : modelId;
  return {
    ...{ type: 'show', tab },
    ...(entry === undefined ? {} : { entryId: entry }),
    ...(task === undefined ? {} : { task }),
    ...(model === undefined ? {} : { model }),
  };
}
