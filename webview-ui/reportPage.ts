import * as l10n from '@vscode/l10n';
import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import { VscodeTabs } from '@vscode-elements/elements/dist/vscode-tabs/index.js';
import { html, LitElement, nothing } from 'lit';
import type { ImaginedMachine } from '../src/shared/imaginedMachine';
import { rankingKey } from '../src/shared/reportMessages';
import type { HostMessage } from '../src/shared/reportMessages';
import { NEWEST_FIRST } from '../src/shared/dispatchQuery';
import { ROW_HEIGHT } from './dataGrid';
import { DetailRequests } from './detailRequests';
import { asksAnew, NO_FILTERS } from './dispatchFilters';
import { recordIn } from './dispatchList';
import './dispatchesTab';
import type { ExportFormat } from './dispatchesTab';
import type { Host } from './messages';
import './machineTab';
import {
  askedForMachine,
  askedForPool,
  askedForRankings,
  askedForRecords,
  INITIAL_DATA,
  reduceHostMessage,
} from './pageData';
import type { PageData } from './pageData';
import { sameMachine } from './imaginedText';
import './poolTab';
import { NO_RANKING_FILTER } from './rankingFilters';
import './rankingsTab';
import { RecordRequests } from './recordRequests';
import { MAX_EXPANDED } from './rankingsView';
import type { Task } from './rankingsView';
import { banner, misunderstoodText } from './stateViews';
import { parsePageState } from './state';
import type { DispatchesState, PageState, PoolState, RankingsState, ScrollTops, Tab } from './state';

/** A reader who types is asked for with the words, not with each letter. */
const ASK_AFTER_MS = 150;
/** How long changes gather before they are kept: scrolling would else write at every frame. */
const KEEP_AFTER_MS = 150;
/** Relative dates are drawn anew this often. */
const CLOCK_EVERY_MS = 30_000;

const TABS: readonly Tab[] = ['rankings', 'dispatches', 'machine', 'pool'];

/** The whole page: it speaks with the host, keeps what the reader has set, and hands both to the tabs. */
export class ReportPage extends LitElement {
  static override readonly properties = {
    data: { state: true },
    kept: { state: true },
    nowMs: { state: true },
    misunderstood: { state: true },
    linkedKey: { state: true },
    missingId: { state: true },
  };

  declare private data: PageData;
  declare private kept: PageState;
  declare private nowMs: number;
  /** The host sent something that this page cannot read. */
  declare private misunderstood: boolean;
  /** The row of the ranking that a link led to. */
  declare private linkedKey: string | null;
  /** A record that was looked for and is not there. */
  declare private missingId: string | null;

  private readonly host: Host;
  private scrollTops: ScrollTops;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;
  /** The model that a link leads to, until its row is there. */
  private awaitedModelId: string | null = null;
  /** The task last asked for; null while the host's own default is awaited. */
  private wantedTask: Task | null;
  private readonly records: RecordRequests;
  private readonly details: DetailRequests;

  constructor(host: Host) {
    super();
    this.host = host;
    this.data = INITIAL_DATA;
    this.kept = parsePageState(host.keptState());
    this.scrollTops = this.kept.scrollTops;
    this.nowMs = Date.now();
    this.misunderstood = false;
    this.linkedKey = null;
    this.missingId = null;
    this.wantedTask = this.kept.rankings.task;
    this.records = new RecordRequests({
      dispatches: () => this.data.dispatches,
      kept: () => this.kept.dispatches,
      isAtTop: () => this.scrollTops.dispatches === 0,
      send: (message) => void host.send(message),
      asked: (list) => {
        this.data = askedForRecords(this.data, list);
      },
      missing: (recordId) => {
        this.missingId = recordId;
      },
    });
    this.details = new DetailRequests({
      rankings: () => this.data.rankings,
      opened: () => this.opened(),
      send: (message) => void host.send(message),
    });
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.clock = setInterval(() => {
      this.nowMs = Date.now();
    }, CLOCK_EVERY_MS);
    this.host.listen(
      (message) => this.receive(message),
      () => {
        this.misunderstood = true;
      },
    );
    this.host.send({
      type: 'ready',
      tab: this.kept.tab,
      ...(this.wantedTask === null ? {} : { task: this.wantedTask }),
      ...this.imagined(),
      opened: this.opened(),
    });
    this.records.askForList(Math.floor(this.scrollTops.dispatches / ROW_HEIGHT));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
    this.records.stop();
  }

  private receive(message: HostMessage): void {
    // Progress comes many times a second, and the log has nothing of it to draw anew.
    if (message.type !== 'callRunning') this.nowMs = Date.now();
    this.data = reduceHostMessage(this.data, message, this.wantedTask, this.kept.rankings.imagined);
    if (message.type === 'rankings') {
      this.openAwaited();
      this.details.ask();
    }
    if (message.type === 'show') void this.show(message);
    if (message.type === 'dispatches') this.records.received();
    if (message.type === 'dispatchesChanged') this.records.changed();
  }

  /** Goes to a tab and, where one is named, to its entry: a record of the one, a model of the other. */
  private async show({
    tab,
    entryId: entry,
    task,
    model,
  }: Extract<HostMessage, { type: 'show' }>): Promise<void> {
    this.keep({ tab });
    if (task !== undefined) this.rankFor(task);
    if (model !== undefined) {
      const { backend, provider, modelId } = model;
      this.keepDispatches({ ...NO_FILTERS, backend, provider, model: modelId });
    }
    if (entry === undefined) return;
    if (tab === 'dispatches') this.showRecord(entry);
    if (tab === 'rankings') await this.showModel(entry);
  }

  /** A link from a view shows what the view shows: its task, on the machine that there is. */
  private rankFor(task: Task): void {
    const isImagined = this.kept.rankings.imagined !== null;
    if (isImagined) this.keepRankings({ imagined: null, expanded: [], compared: [] });
    if (isImagined || task !== (this.wantedTask ?? this.data.rankings.data?.task)) this.askForTask(task);
  }

  private async showModel(modelId: string): Promise<void> {
    // Taken away first, so that a second link to the same model leads there again.
    this.linkedKey = null;
    await this.updateComplete;
    this.keepRankings(NO_RANKING_FILTER);
    this.awaitedModelId = modelId;
    this.openAwaited();
  }

  /** Opens the row that a link leads to, once the ranking is there. */
  private openAwaited(): void {
    const row = this.data.rankings.data?.rows.find(({ modelId }) => modelId === this.awaitedModelId);
    if (!row) return;
    this.awaitedModelId = null;
    const key = rankingKey(row);
    const others = this.kept.rankings.expanded.filter((other) => other !== key);
    this.keepRankings({ expanded: [...others, key].slice(-MAX_EXPANDED) });
    this.linkedKey = key;
  }

  private readonly unlink = (): void => {
    this.linkedKey = null;
  };

  private showRecord(recordId: string): void {
    const { list } = this.data.dispatches;
    this.keep({ dispatches: { ...this.kept.dispatches, selectedId: recordId } });
    if (list && recordIn(list, recordId)) return;
    this.scrollTops = { ...this.scrollTops, dispatches: 0 };
    this.keep({ dispatches: { ...this.kept.dispatches, ...NO_FILTERS, order: NEWEST_FIRST } });
    this.records.seek(recordId);
  }

  private keep(changes: Partial<PageState>): void {
    this.kept = { ...this.kept, ...changes };
    this.keepSoon();
  }

  private keepSoon(): void {
    this.keepTimer ??= setTimeout(() => {
      this.keepTimer = undefined;
      this.host.keepState({ ...this.kept, scrollTops: this.scrollTops });
    }, KEEP_AFTER_MS);
  }

  private readonly keepScrollTop = (tab: keyof ScrollTops, scrollTop: number): void => {
    this.scrollTops = { ...this.scrollTops, [tab]: scrollTop };
    this.keepSoon();
    if (tab === 'dispatches' && scrollTop === 0) this.records.reloadAtTop();
  };

  private readonly keepRankingsScroll = (top: number): void => this.keepScrollTop('rankings', top);
  private readonly keepDispatchesScroll = (top: number): void => this.keepScrollTop('dispatches', top);
  private readonly keepMachineScroll = (top: number): void => this.keepScrollTop('machine', top);
  private readonly keepPoolScroll = (top: number): void => this.keepScrollTop('pool', top);

  private readonly keepRankings = (changes: Partial<RankingsState>): void => {
    this.keep({ rankings: { ...this.kept.rankings, ...changes } });
    this.details.ask();
  };

  private opened(): string[] {
    const { expanded, compared } = this.kept.rankings;
    return [...new Set([...expanded, ...compared])];
  }

  private readonly keepDispatches = (changes: Partial<DispatchesState>): void => {
    this.keep({ dispatches: { ...this.kept.dispatches, ...changes } });
    if (!asksAnew(changes)) return;
    this.scrollTops = { ...this.scrollTops, dispatches: 0 };
    this.records.askForListAfter('text' in changes ? ASK_AFTER_MS : 0);
  };

  private readonly keepPool = (pool: PoolState): void => this.keep({ pool });

  private readonly askForTask = (task: Task): void => {
    this.wantedTask = task;
    this.keepRankings({ task });
    this.data = askedForRankings(this.data);
    this.host.send({ type: 'queryRankings', task, ...this.imagined(), opened: this.opened() });
  };

  private imagined(): { readonly imagined?: ImaginedMachine } {
    const { imagined } = this.kept.rankings;
    return imagined === null ? {} : { imagined };
  }

  /** Ranks on another machine; null: on the one that there is. What was open or compared is of the one before. */
  private readonly imagine = (imagined: ImaginedMachine | null): void => {
    if (sameMachine(imagined, this.kept.rankings.imagined)) return;
    this.keepRankings({ imagined, expanded: [], compared: [] });
    this.askForTask(this.kept.rankings.task ?? this.data.rankings.data?.task ?? 'general');
  };

  private readonly reloadMachine = (): void => {
    this.data = askedForMachine(this.data);
    this.host.send({ type: 'queryMachine' });
  };

  private readonly reloadPool = (): void => {
    this.data = askedForPool(this.data);
    this.host.send({ type: 'queryPool' });
  };

  private readonly exportRecords = (format: ExportFormat): void => this.records.exportAs(format);
  private readonly reloadDispatches = (): void => this.records.askForList();
  private readonly showRows = (first: number, end: number): void => this.records.show(first, end);

  private readonly onTab = (event: Event): void => {
    const index = event.currentTarget instanceof VscodeTabs ? event.currentTarget.selectedIndex : 0;
    this.keep({ tab: TABS[index] ?? 'rankings' });
  };

  protected override render(): unknown {
    const { data, kept, nowMs } = this;
    return html`<main>
      <h1 class="unseen">${l10n.t('Model Pool report')}</h1>
      ${this.misunderstood ? banner('warning', misunderstoodText()) : nothing}
      <vscode-tabs selected-index=${TABS.indexOf(kept.tab)} @vsc-tabs-select=${this.onTab}>
        <vscode-tab-header>${l10n.t('Rankings')}</vscode-tab-header>
        <vscode-tab-panel>
          <mp-rankings-tab
            .rankings=${data.rankings}
            .kept=${kept.rankings}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .devices=${data.devices}
            .askFor=${this.askForTask}
            .imagine=${this.imagine}
            .keep=${this.keepRankings}
            .linkedKey=${this.linkedKey}
            .unlink=${this.unlink}
            .keptScrollTop=${this.scrollTops.rankings}
            .keepScrollTop=${this.keepRankingsScroll}
          ></mp-rankings-tab>
        </vscode-tab-panel>
        <vscode-tab-header>${l10n.t('Dispatches')}</vscode-tab-header>
        <vscode-tab-panel>
          <mp-dispatches-tab
            .dispatches=${data.dispatches}
            .running=${data.running}
            .kept=${kept.dispatches}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .reload=${this.reloadDispatches}
            .exportAs=${this.exportRecords}
            .showRows=${this.showRows}
            .missingId=${this.missingId}
            .keep=${this.keepDispatches}
            .keptScrollTop=${this.scrollTops.dispatches}
            .keepScrollTop=${this.keepDispatchesScroll}
          ></mp-dispatches-tab>
        </vscode-tab-panel>
        <vscode-tab-header>${l10n.t('Machine')}</vscode-tab-header>
        <vscode-tab-panel>
          <mp-machine-tab
            .machine=${data.machine}
            .isShown=${kept.tab === 'machine'}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .reload=${this.reloadMachine}
            .keptScrollTop=${this.scrollTops.machine}
            .keepScrollTop=${this.keepMachineScroll}
          ></mp-machine-tab>
        </vscode-tab-panel>
        <vscode-tab-header>${l10n.t('Pool')}</vscode-tab-header>
        <vscode-tab-panel>
          <mp-pool-tab
            .pool=${data.pool}
            .kept=${kept.pool}
            .isShown=${kept.tab === 'pool'}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .reload=${this.reloadPool}
            .keep=${this.keepPool}
            .keptScrollTop=${this.scrollTops.pool}
            .keepScrollTop=${this.keepPoolScroll}
          ></mp-pool-tab>
        </vscode-tab-panel>
      </vscode-tabs>
    </main>`;
  }
}

customElements.define('mp-report-page', ReportPage);
