import { html, LitElement, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import type { PageMessage, RankingRow, Rankings } from '../src/shared/reportMessages';
import { choice, filterField, toggle } from './controls';
import './dataGrid';
import { loadedRows } from './gridModel';
import type { GridModel } from './gridModel';
import { count, formatAge, formatDay, formatRelative } from './format';
import { warningIcon } from './icons';
import type { RankingsData } from './pageData';
import { rankingColumns } from './rankingColumns';
import { rankingDetail } from './rankingDetail';
import {
  filterRankings,
  MAX_EXPANDED,
  nextOrder,
  RANKING_COLUMNS,
  rankingKey,
  sortRankings,
  TASK_LABELS,
  TASKS,
} from './rankingsView';
import type { Task } from './rankingsView';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';
import type { RankingsState } from './state';

const TASK_OPTIONS = TASKS.map((task) => [task, TASK_LABELS[task]] as const);

/** The Rankings tab: this machine, the filters, and the table of models worth running here. */
export class RankingsTab extends LitElement {
  static override readonly properties = {
    rankings: { attribute: false },
    kept: { attribute: false },
    nowMs: { attribute: false },
    linkedKey: { attribute: false },
  };

  declare rankings: RankingsData | null;
  declare kept: RankingsState | null;
  declare nowMs: number;
  /** The row that a link led to: it is brought into view and marked. */
  declare linkedKey: string | null;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  askFor: (task: Task) => void = () => undefined;
  keep: (changes: Partial<RankingsState>) => void = () => undefined;
  unlink: () => void = () => undefined;
  /** Where the table was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private model: GridModel<RankingRow> | null = null;

  constructor() {
    super();
    this.rankings = null;
    this.kept = null;
    this.nowMs = 0;
    this.linkedKey = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('rankings') || changed.has('kept') || changed.has('linkedKey')) {
      this.model = this.buildModel();
    }
  }

  private buildModel(): GridModel<RankingRow> | null {
    const { rankings, kept } = this;
    if (!rankings?.data || !kept) return null;
    const all = rankings.data.rows;
    const expanded = new Set(kept.expanded);
    return {
      label: 'Models ranked for this machine',
      columns: rankingColumns(all, expanded),
      rows: loadedRows(sortRankings(filterRankings(all, kept), kept.order), rankingKey),
      keyOf: rankingKey,
      order: kept.order,
      expanded,
      selectedKey: this.linkedKey,
      detail: (row) => rankingDetail(row, this.send),
      onSort: (key) => {
        const column = RANKING_COLUMNS.find((candidate) => candidate === key);
        if (column) this.keep({ order: nextOrder(kept.order, column) });
      },
      onActivate: (key) => {
        if (!expanded.delete(key)) expanded.add(key);
        this.unlink();
        this.keep({ expanded: [...expanded].slice(-MAX_EXPANDED) });
      },
      onScroll: (scrollTop) => this.keepScrollTop(scrollTop),
    };
  }

  private renderMachine(data: Rankings): TemplateResult {
    const { machine, snapshotDate } = data;
    const age = snapshotDate === null ? null : formatAge(snapshotDate, this.nowMs);
    const scores =
      snapshotDate === null
        ? 'Date of the scores unknown'
        : `Scores of ${formatDay(snapshotDate)}${age === null ? '' : ` (${age})`}`;
    return html`<header class="machine">
      <div class="machine-line">
        <h2 title="Detected ${formatRelative(machine.detectedAt, this.nowMs)}">${machine.title}</h2>
        <span class="muted machine-memory">${machine.memoryLine}</span>
        <span class="muted snapshot">${scores}</span>
      </div>
      ${machine.warnings.map(
        (text) =>
          html`<p class="machine-warning"><span class="mark-warning">${warningIcon}</span>${text}</p>`,
      )}
    </header>`;
  }

  private renderToolbar(kept: RankingsState, shown: number | null): TemplateResult {
    const data = this.rankings?.data ?? null;
    return html`<div class="toolbar" role="search" aria-label="Filter models">
      ${choice('Task', TASK_OPTIONS, kept.task ?? data?.task ?? 'general', this.askFor)}
      ${filterField('Filter models', kept.text, (text) => this.keep({ text }))}
      ${toggle('Installed only', 'Only models that are installed', kept.installedOnly, (installedOnly) =>
        this.keep({ installedOnly }),
      )}
      ${
        // Without an accelerator there is nothing to choose, unless the choice was made before it went.
        kept.gpuOnly || data?.rows.some((row) => row.fit === 'gpu' || row.fit === 'offload')
          ? toggle('Fits GPU', 'Only models that fit into accelerator memory', kept.gpuOnly, (gpuOnly) =>
              this.keep({ gpuOnly }),
            )
          : nothing
      }
      <span class="muted count" role="status">${data && shown !== null ? countLine(data, shown) : ''}</span>
    </div>`;
  }

  private renderTable(data: Rankings): TemplateResult {
    if (data.rows.length === 0) {
      const left = data.unfit > 0 ? ` ${count(data.unfit, 'model')} did not fit.` : '';
      return emptyView(
        'No model to recommend',
        `No model with a published score for this task fits this machine.${left} Try another task, or check that the hardware shown above is right (Model Pool: Re-detect Hardware).`,
      );
    }
    if (this.model?.rows.length === 0) {
      return emptyView(
        'No model matches the filters',
        `${count(data.rows.length, 'model')} are hidden by them.`,
        {
          label: 'Clear Filters',
          run: () => this.keep({ text: '', installedOnly: false, gpuOnly: false }),
        },
      );
    }
    return html`<mp-data-grid
      id="ranking-table"
      class="ranking-table"
      .model=${this.model}
      .restoreScrollTop=${this.keptScrollTop}
    ></mp-data-grid>`;
  }

  protected override render(): unknown {
    const { rankings, kept } = this;
    if (!rankings || !kept) return nothing;
    const { data, failure, loading } = rankings;
    const retry = {
      label: 'Try Again',
      run: () => this.askFor(kept.task ?? data?.task ?? 'general'),
    };
    const body = data
      ? html`${failure === null ? nothing : banner('warning', failure, retry)}
        ${data.warnings.map((text) => banner('warning', text))} ${this.renderTable(data)}`
      : failure !== null
        ? failureView('The models could not be ranked', failure, retry)
        : loadingView('Looking at this machine and ranking models for it…');
    return html`${data ? this.renderMachine(data) : nothing}
    ${this.renderToolbar(kept, this.model?.rows.length ?? null)} ${progressLine(loading, 'Ranking models')}
    ${body}`;
  }
}

function countLine(data: Rankings, shown: number): string {
  const all = data.rows.length;
  const models = shown === all ? count(all, 'model') : `${shown} of ${count(all, 'model')}`;
  return data.unfit > 0 ? `${models}, ${data.unfit} too big` : models;
}

customElements.define('mp-rankings-tab', RankingsTab);
