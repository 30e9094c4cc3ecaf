import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import { choice, filterField, toggle } from './controls';
import './dataGrid';
import type { DataGrid } from './dataGrid';
import type { GridModel } from './gridModel';
import { dispatchColumns } from './dispatchColumns';
import { dispatchDetail } from './dispatchDetail';
import { filterDispatches, OUTCOME_KINDS, OUTCOME_LABELS } from './dispatchesView';
import { count } from './format';
import { crossIcon } from './icons';
import type { DispatchesData } from './pageData';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';
import type { DispatchesState } from './state';

const OUTCOME_OPTIONS = [
  ['all', 'All outcomes'] as const,
  ...OUTCOME_KINDS.map((kind) => [kind, OUTCOME_LABELS[kind]] as const),
];

/** The Dispatches tab: the log of calls, newest first, and the sheet of the chosen one. */
export class DispatchesTab extends LitElement {
  static override readonly properties = {
    dispatches: { attribute: false },
    kept: { attribute: false },
    nowMs: { attribute: false },
  };

  declare dispatches: DispatchesData | null;
  declare kept: DispatchesState | null;
  declare nowMs: number;
  /** Wired by the page. */
  reload: () => void = () => undefined;
  loadOlder: () => void = () => undefined;
  keep: (changes: Partial<DispatchesState>) => void = () => undefined;
  /** Where the table was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private model: GridModel<DispatchRecord> | null = null;

  constructor() {
    super();
    this.dispatches = null;
    this.kept = null;
    this.nowMs = 0;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    this.model = this.buildModel();
  }

  private get table(): DataGrid<DispatchRecord> | null {
    return this.querySelector<DataGrid<DispatchRecord>>('mp-data-grid');
  }

  private buildModel(): GridModel<DispatchRecord> | null {
    const { dispatches, kept } = this;
    if (!dispatches?.records || !kept) return null;
    return {
      label: 'Dispatch records, newest first',
      columns: dispatchColumns(this.nowMs),
      rows: filterDispatches(dispatches.records, kept),
      keyOf: (record) => record.recordId,
      selectedKey: kept.selectedId,
      footer: dispatches.more ? this.renderFooter(dispatches) : undefined,
      onActivate: (key) => this.keep({ selectedId: key === kept.selectedId ? null : key }),
      // With the sheet open it follows the keyboard, as a list beside its detail does.
      onMove: (key) => {
        if (this.kept?.selectedId !== null) this.keep({ selectedId: key });
      },
      onScroll: (scrollTop) => this.keepScrollTop(scrollTop),
    };
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // From the table too: the sheet follows the keyboard there, so that is where the focus is.
    this.addEventListener('keydown', this.onKeyDown);
  }

  private readonly onKeyDown = (event: KeyboardEvent): void => {
    const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key === 'Escape' && !inField && this.kept?.selectedId) this.close();
  };

  private readonly close = (): void => {
    this.keep({ selectedId: null });
    this.table?.focusTable();
  };

  private renderFooter(dispatches: DispatchesData): TemplateResult {
    return html`<vscode-button secondary ?disabled=${dispatches.loading} @click=${this.loadOlder}
      >Load Older</vscode-button
    >`;
  }

  private renderToolbar(dispatches: DispatchesData, kept: DispatchesState): TemplateResult {
    const known = dispatches.records?.length ?? 0;
    const shown = this.model?.rows.length ?? 0;
    const loaded = `${count(known, 'record')}${dispatches.more ? ' loaded, older ones exist' : ''}`;
    return html`<div class="toolbar" role="search" aria-label="Filter dispatches">
      ${choice('Outcome', OUTCOME_OPTIONS, kept.outcome, (outcome) => this.keep({ outcome }))}
      ${filterField('Filter by model, backend or host', kept.text, (text) => this.keep({ text }))}
      ${toggle(
        'Inherited values',
        'Only calls in which a value fell through from the primary route (inherited_from_primary)',
        kept.inheritedOnly,
        (inheritedOnly) => this.keep({ inheritedOnly }),
      )}
      <span class="muted count" role="status"
        >${dispatches.records ? (shown === known ? loaded : `${shown} of ${loaded}`) : ''}</span
      >
    </div>`;
  }

  private renderNotices(dispatches: DispatchesData, older: TemplateResult | typeof nothing): TemplateResult {
    const { failure, problem, unreadable, newer, records } = dispatches;
    return html`${problem === null ? nothing : banner('warning', problem)}
    ${
      failure === null || !records
        ? nothing
        : banner('warning', failure, { label: 'Try Again', run: this.reload })
    }
    ${
      unreadable > 0
        ? banner('info', `${count(unreadable, 'line')} of the transcript could not be read and are left out.`)
        : nothing
    }
    ${
      newer && records
        ? banner('info', 'There are newer records.', {
            label: 'Show Them',
            run: () => {
              this.table?.scrollToTop();
              this.reload();
            },
          })
        : nothing
    }
    ${older}`;
  }

  private renderTable(dispatches: DispatchesData): TemplateResult {
    const known = dispatches.records?.length ?? 0;
    if (known === 0 && !dispatches.more) {
      return emptyView(
        'No calls recorded yet',
        'Pick a model in the status bar, then run Model Pool: Ask a Model, or choose the model in the chat view. Each call leaves one record here: what was called, why that, and what came back. Prompts and answers are never stored.',
      );
    }
    if (this.model?.rows.length === 0) {
      const clear = {
        label: 'Clear Filters',
        run: () => this.keep({ text: '', outcome: 'all', inheritedOnly: false }),
      };
      const among = dispatches.more ? 'None of the loaded records matches.' : 'No record matches.';
      return html`${emptyView('No record matches the filters', among, clear)}
      ${dispatches.more ? html`<div class="grid-footer">${this.renderFooter(dispatches)}</div>` : nothing}`;
    }
    return html`<mp-data-grid
      id="dispatch-table"
      class="dispatch-table"
      .model=${this.model}
      .restoreScrollTop=${this.keptScrollTop}
    ></mp-data-grid>`;
  }

  private renderSheet(kept: DispatchesState): TemplateResult | typeof nothing {
    const record = this.dispatches?.records?.find((candidate) => candidate.recordId === kept.selectedId);
    if (!record) return nothing;
    return html`<aside class="sheet" tabindex="0" aria-label="Details of the chosen record">
      ${dispatchDetail(record, this.nowMs, this.close)}
    </aside>`;
  }

  /** A linked record that lies beyond the loaded pages. */
  private renderMissing(dispatches: DispatchesData, kept: DispatchesState): TemplateResult | typeof nothing {
    const { records, more, loading } = dispatches;
    if (kept.selectedId === null || !records || loading) return nothing;
    if (records.some((record) => record.recordId === kept.selectedId)) return nothing;
    return more
      ? banner('info', 'The chosen record is older than those loaded here.', {
          label: 'Load Older',
          run: this.loadOlder,
        })
      : html`<div class="banner info" role="status">
          <span class="banner-text">The chosen record is no longer kept.</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            @click=${() => this.keep({ selectedId: null })}
          >
            ${crossIcon}
          </button>
        </div>`;
  }

  protected override render(): unknown {
    const { dispatches, kept } = this;
    if (!dispatches || !kept) return nothing;
    const { records, failure, loading } = dispatches;
    const body = records
      ? html`<div class="log">
          <div class="log-table">${this.renderTable(dispatches)}</div>
          ${this.renderSheet(kept)}
        </div>`
      : failure !== null
        ? failureView('The records could not be read', failure, { label: 'Try Again', run: this.reload })
        : loadingView('Reading the records…');
    return html`${this.renderToolbar(dispatches, kept)} ${progressLine(loading, 'Reading records')}
    ${this.renderNotices(dispatches, this.renderMissing(dispatches, kept))} ${body}`;
  }
}

customElements.define('mp-dispatches-tab', DispatchesTab);
