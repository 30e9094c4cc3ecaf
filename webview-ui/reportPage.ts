import '@vscode-elements/elements/dist/vscode-tab-header/index.js';
import '@vscode-elements/elements/dist/vscode-tab-panel/index.js';
import { VscodeTabs } from '@vscode-elements/elements/dist/vscode-tabs/index.js';
import { html, LitElement, nothing } from 'lit';
import type { HostMessage } from '../src/shared/reportMessages';
import './dispatchesTab';
import type { Host } from './messages';
import { asked, INITIAL_DATA, reduceHostMessage } from './pageData';
import type { PageData } from './pageData';
import './rankingsTab';
import { MAX_EXPANDED, rankingKey } from './rankingsView';
import type { Task } from './rankingsView';
import { banner } from './stateViews';
import { parsePageState } from './state';
import type { DispatchesState, PageState, RankingsState, ScrollTops, Tab } from './state';

const PAGE_RECORDS = 100;
/** How long changes gather before they are kept: scrolling would else write at every frame. */
const KEEP_AFTER_MS = 150;
/** Relative dates are drawn anew this often. */
const CLOCK_EVERY_MS = 30_000;

const TABS: readonly Tab[] = ['rankings', 'dispatches'];

/** The whole page: it speaks with the host, keeps what the reader has set, and hands both to the two tabs. */
export class ReportPage extends LitElement {
  static override readonly properties = {
    data: { state: true },
    kept: { state: true },
    nowMs: { state: true },
    misunderstood: { state: true },
    linkedKey: { state: true },
  };

  declare private data: PageData;
  declare private kept: PageState;
  declare private nowMs: number;
  /** The host sent something that this page cannot read. */
  declare private misunderstood: boolean;
  /** The row of the ranking that a link led to. */
  declare private linkedKey: string | null;

  private readonly host: Host;
  private scrollTops: ScrollTops;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private clock: ReturnType<typeof setInterval> | undefined;
  /** The model that a link leads to, until its row is there. */
  private awaitedModelId: string | null = null;
  /** The task last asked for; null while the host's own default is awaited. */
  private wantedTask: Task | null;

  constructor(host: Host) {
    super();
    this.host = host;
    this.data = INITIAL_DATA;
    this.kept = parsePageState(host.keptState());
    this.scrollTops = this.kept.scrollTops;
    this.nowMs = Date.now();
    this.misunderstood = false;
    this.linkedKey = null;
    this.wantedTask = this.kept.rankings.task;
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
    this.host.send({ type: 'ready', ...(this.wantedTask === null ? {} : { task: this.wantedTask }) });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
  }

  private receive(message: HostMessage): void {
    this.nowMs = Date.now();
    this.data = reduceHostMessage(this.data, message, this.wantedTask);
    if (message.type === 'rankings') this.openAwaited();
    if (message.type === 'show') void this.show(message.tab, message.entryId);
    if (message.type === 'dispatchesChanged' || message.type === 'dispatches') this.reloadAtTop();
  }

  /** Goes to a tab and, where one is named, to its entry: a record of the one, a model of the other. */
  private async show(tab: Tab, entry: string | undefined): Promise<void> {
    this.keep({ tab });
    if (entry === undefined) return;
    if (tab === 'dispatches') this.showRecord(entry);
    else await this.showModel(entry);
  }

  private async showModel(modelId: string): Promise<void> {
    // Taken away first, so that a second link to the same model leads there again.
    this.linkedKey = null;
    await this.updateComplete;
    this.keepRankings({ text: '', installedOnly: false, gpuOnly: false });
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
    this.keepDispatches({ selectedId: recordId });
    const { records, loading } = this.data.dispatches;
    // A link is most often to a call that has just ended.
    if (records && !loading && !records.some((record) => record.recordId === recordId))
      this.queryDispatches(0);
  }

  /** Newer records come by themselves while the reader looks at the newest ones, else they are announced. */
  private reloadAtTop(): void {
    const { newer, loading } = this.data.dispatches;
    if (newer && !loading && this.scrollTops.dispatches === 0) this.queryDispatches(0);
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

  private readonly keepScrollTop = (tab: Tab, scrollTop: number): void => {
    this.scrollTops = { ...this.scrollTops, [tab]: scrollTop };
    this.keepSoon();
    if (tab === 'dispatches' && scrollTop === 0) this.reloadAtTop();
  };

  private readonly keepRankingsScroll = (top: number): void => this.keepScrollTop('rankings', top);
  private readonly keepDispatchesScroll = (top: number): void => this.keepScrollTop('dispatches', top);

  private readonly keepRankings = (changes: Partial<RankingsState>): void =>
    this.keep({ rankings: { ...this.kept.rankings, ...changes } });

  private readonly keepDispatches = (changes: Partial<DispatchesState>): void =>
    this.keep({ dispatches: { ...this.kept.dispatches, ...changes } });

  private readonly askForTask = (task: Task): void => {
    this.wantedTask = task;
    this.keepRankings({ task });
    this.data = asked(this.data, 'rankings', true);
    this.host.send({ type: 'queryRankings', task });
  };

  private queryDispatches(offset: number): void {
    this.data = asked(this.data, 'dispatches', offset === 0);
    this.host.send({ type: 'queryDispatches', offset, limit: PAGE_RECORDS });
  }

  private readonly reloadDispatches = (): void => this.queryDispatches(0);

  private readonly loadOlder = (): void => this.queryDispatches(this.data.dispatches.records?.length ?? 0);

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
            .askFor=${this.askForTask}
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
            .kept=${kept.dispatches}
            .nowMs=${nowMs}
            .reload=${this.reloadDispatches}
            .loadOlder=${this.loadOlder}
            .keep=${this.keepDispatches}
            .keptScrollTop=${this.scrollTops.dispatches}
            .keepScrollTop=${this.keepDispatchesScroll}
          ></mp-dispatches-tab>
        </vscode-tab-panel>
      </vscode-tabs>
    </main>`;
  }
}

customElements.define('mp-report-page', ReportPage);
