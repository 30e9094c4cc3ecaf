import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import { VscodeTabs } from '@vscode-elements/elements/dist/vscode-tabs/index.js';
import { html, LitElement, nothing } from 'lit';
import type { ImaginedMachine } from '../src/shared/imaginedMachine';
import type { HostMessage } from '../src/shared/reportMessages';
import { NEWEST_FIRST } from '../src/shared/dispatchQuery';
import type { DispatchFilter } from '../src/shared/dispatchQuery';
import { ROW_HEIGHT } from './dataGrid';
import { asksAnew, filterOf, isNewestFirst, NO_FILTERS } from './dispatchFilters';
import { missingOffset, PAGE_RECORDS, pageOffset, recordIn } from './dispatchList';
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
import { MAX_EXPANDED, rankingKey } from './rankingsView';
import type { Task } from './rankingsView';
import { banner } from './stateViews';
import { parsePageState } from './state';
import type { DispatchesState, PageState, RankingsState, ScrollTops, Tab } from './state';

/** A reader who types is asked for with the words, not with each letter. */
const ASK_AFTER_MS = 150;
/** How long changes gather before they are kept: scrolling would else write at every frame. */
const KEEP_AFTER_MS = 150;
/** Rows beyond those in sight that are asked for as well, so that a wheel does not outrun the answers. */
const ROWS_AHEAD = 40;
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
  /** What the list that was asked for last is narrowed to; its pages must all have the same. */
  private listFilter: DispatchFilter;
  /** A record that is looked for in the list. */
  private soughtId: string | null;
  /** The rows of the log that are in the page. */
  private shownRows = { first: 0, end: 0 };
  /** The list, complete or not, that a summary was asked for. */
  private summaryOf = '';
  private askTimer: ReturnType<typeof setTimeout> | undefined;

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
    this.listFilter = filterOf(this.kept.dispatches, this.nowMs);
    this.soughtId = this.kept.dispatches.selectedId;
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
      ...(this.wantedTask === null ? {} : { task: this.wantedTask }),
      ...this.imagined(),
    });
    this.askForList(Math.floor(this.scrollTops.dispatches / ROW_HEIGHT));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
    clearTimeout(this.askTimer);
  }

  private receive(message: HostMessage): void {
    // Progress comes many times a second, and the log has nothing of it to draw anew.
    if (message.type !== 'callRunning') this.nowMs = Date.now();
    this.data = reduceHostMessage(this.data, message, this.wantedTask, this.kept.rankings.imagined);
    if (message.type === 'rankings') this.openAwaited();
    if (message.type === 'show') void this.show(message.tab, message.entryId);
    if (message.type === 'dispatches') this.afterRecords();
    if (message.type === 'dispatchesChanged') this.afterChange();
  }

  /** Goes to a tab and, where one is named, to its entry: a record of the one, a model of the other. */
  private async show(tab: Tab, entry: string | undefined): Promise<void> {
    this.keep({ tab });
    if (entry === undefined) return;
    if (tab === 'dispatches') this.showRecord(entry);
    if (tab === 'rankings') await this.showModel(entry);
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
    this.scrollTops = { ...this.scrollTops, dispatches: 0 };
    const { list } = this.data.dispatches;
    this.keep({ dispatches: { ...this.kept.dispatches, selectedId: recordId } });
    if (list && recordIn(list, recordId)) return;
    this.soughtId = recordId;
    this.keep({ dispatches: { ...this.kept.dispatches, ...NO_FILTERS, order: NEWEST_FIRST } });
    this.askForList();
  }

  private afterRecords(): void {
    const { list, newer } = this.data.dispatches;
    if (!list) return;
    if (this.soughtId !== null && recordIn(list, this.soughtId)) this.soughtId = null;
    if (this.soughtId !== null && list.complete) {
      this.missingId = this.soughtId;
      this.soughtId = null;
    }
    this.askForSummary();
    if (newer) this.reloadAtTop();
    else this.showRows(this.shownRows.first, this.shownRows.end);
  }

  private afterChange(): void {
    const { list, loading } = this.data.dispatches;
    if (loading) return;
    if (list?.complete !== false) this.reloadAtTop();
    // Older records come below what is shown; in another order they may come anywhere.
    else if (isNewestFirst(this.kept.dispatches.order) && this.soughtId === null)
      this.askForPage(pageOffset(this.shownRows.first));
    else this.askForList(this.shownRows.first);
  }

  /** Newer records come by themselves while the reader looks at the newest ones, else they are announced. */
  private reloadAtTop(): void {
    const { newer, loading } = this.data.dispatches;
    if (newer && !loading && this.scrollTops.dispatches === 0) this.askForList();
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
    if (tab === 'dispatches' && scrollTop === 0) this.reloadAtTop();
  };

  private readonly keepRankingsScroll = (top: number): void => this.keepScrollTop('rankings', top);
  private readonly keepDispatchesScroll = (top: number): void => this.keepScrollTop('dispatches', top);

  private readonly keepRankings = (changes: Partial<RankingsState>): void =>
    this.keep({ rankings: { ...this.kept.rankings, ...changes } });

  private readonly keepDispatches = (changes: Partial<DispatchesState>): void => {
    this.keep({ dispatches: { ...this.kept.dispatches, ...changes } });
    if (!asksAnew(changes)) return;
    this.scrollTops = { ...this.scrollTops, dispatches: 0 };
    clearTimeout(this.askTimer);
    this.askTimer = setTimeout(() => this.askForList(), 'text' in changes ? ASK_AFTER_MS : 0);
  };

  private readonly askForTask = (task: Task): void => {
    this.wantedTask = task;
    this.keepRankings({ task });
    this.data = askedForRankings(this.data);
    this.host.send({ type: 'queryRankings', task, ...this.imagined() });
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

  /** Asks for a list of the records anew, with the page of one of its rows. */
  private askForList(row = 0): void {
    clearTimeout(this.askTimer);
    this.missingId = null;
    this.listFilter = filterOf(this.kept.dispatches, Date.now());
    this.askForRecords(this.data.dispatches.wanted + 1, pageOffset(row), null);
  }

  /** Asks for a further page of the list. */
  private askForPage(offset: number): void {
    const { list, wanted } = this.data.dispatches;
    this.askForRecords(wanted, offset, list?.complete === true ? list.asOf : null);
  }

  private askForRecords(list: number, offset: number, asOf: number | null): void {
    this.data = askedForRecords(this.data, list);
    this.host.send({
      type: 'queryDispatches',
      list,
      query: {
        ...{ filter: this.listFilter, order: this.kept.dispatches.order, offset, limit: PAGE_RECORDS, asOf },
        around: this.soughtId,
      },
    });
  }

  /** Once for the first answer of a list, and again when all of its records are known. */
  private askForSummary(): void {
    const { list } = this.data.dispatches;
    if (list?.notice !== null) return;
    const summaryOf = `${list.list} ${list.complete}`;
    if (summaryOf === this.summaryOf) return;
    this.summaryOf = summaryOf;
    const asOf = list.complete ? list.asOf : null;
    this.host.send({ type: 'queryDispatchSummary', list: list.list, filter: this.listFilter, asOf });
  }

  private readonly exportRecords = (format: ExportFormat): void => {
    this.host.send({ type: 'exportRecords', format, filter: this.listFilter });
  };

  private readonly reloadDispatches = (): void => this.askForList();

  /** One question at a time: what the reader has scrolled past meanwhile is never asked for. */
  private readonly showRows = (first: number, end: number): void => {
    this.shownRows = { first, end };
    const { list, loading, failure, wanted } = this.data.dispatches;
    if (list?.list !== wanted || loading || failure !== null) return;
    const near = [Math.max(0, first - ROWS_AHEAD), end + ROWS_AHEAD] as const;
    const offset = missingOffset(list, first, end) ?? missingOffset(list, ...near);
    if (offset !== null) this.askForPage(offset);
  };

  private readonly onTab = (event: Event): void => {
    const index = event.currentTarget instanceof VscodeTabs ? event.currentTarget.selectedIndex : 0;
    this.keep({ tab: TABS[index] ?? 'rankings' });
  };

  protected override render(): unknown {
    const { data, kept, nowMs } = this;
    return html`<main>
      <h1 class="unseen">Model Pool report</h1>
      ${
        this.misunderstood
          ? banner(
              'warning',
              'The extension sent something that this page cannot read: one of them is from another version. Close this report and open it again; if this stays, reload the window.',
            )
          : nothing
      }
      <vscode-tabs selected-index=${TABS.indexOf(kept.tab)} @vsc-tabs-select=${this.onTab}>
        <vscode-tab-header>Rankings</vscode-tab-header>
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
        <vscode-tab-header>Dispatches</vscode-tab-header>
        <vscode-tab-panel>
          <mp-dispatches-tab
            .dispatches=${data.dispatches}
            .running=${data.running}
            .kept=${kept.dispatches}
            .nowMs=${nowMs}
            .reload=${this.reloadDispatches}
            .exportAs=${this.exportRecords}
            .showRows=${this.showRows}
            .missingId=${this.missingId}
            .keep=${this.keepDispatches}
            .keptScrollTop=${this.scrollTops.dispatches}
            .keepScrollTop=${this.keepDispatchesScroll}
          ></mp-dispatches-tab>
        </vscode-tab-panel>
        <vscode-tab-header>Machine</vscode-tab-header>
        <vscode-tab-panel>
          <mp-machine-tab
            .machine=${data.machine}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .reload=${this.reloadMachine}
          ></mp-machine-tab>
        </vscode-tab-panel>
        <vscode-tab-header>Pool</vscode-tab-header>
        <vscode-tab-panel>
          <mp-pool-tab
            .pool=${data.pool}
            .nowMs=${nowMs}
            .send=${this.host.send}
            .reload=${this.reloadPool}
          ></mp-pool-tab>
        </vscode-tab-panel>
      </vscode-tabs>
    </main>`;
  }
}

customElements.define('mp-report-page', ReportPage);
