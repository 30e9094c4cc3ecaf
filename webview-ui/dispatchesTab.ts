import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { DISPATCH_COLUMNS } from '../src/shared/dispatchQuery';
import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { PageMessage } from '../src/shared/reportMessages';
import { filterField, menu, toggle } from './controls';
import './dataGrid';
import type { DataGrid } from './dataGrid';
import { dispatchColumns } from './dispatchColumns';
import { dispatchDetail } from './dispatchDetail';
import { isNewestFirst, menusOf, nextDispatchOrder, NO_FILTERS, spanLabel } from './dispatchFilters';
import type { Menu } from './dispatchFilters';
import { dispatchHistogram } from './dispatchHistogram';
import { recordIn, rowsOf } from './dispatchList';
import type { DispatchList } from './dispatchList';
import { OUTCOME_KINDS } from './dispatchesView';
import { focusSoon } from './focusSoon';
import { formatNumber } from './format';
import type { GridModel } from './gridModel';
import { crossIcon, exportIcon, warningIcon } from './icons';
import type { DispatchesData, PageData } from './pageData';
import './runningCalls';
import { banner, emptyView, failureView, loadingView, progressLine } from './stateViews';
import { SPANS } from './state';
import type { DispatchesState } from './state';

export type ExportFormat = Extract<PageMessage, { type: 'exportRecords' }>['format'];

/** The names of the formats are the same in every language. */
const EXPORTS: readonly (readonly [ExportFormat, label: string])[] = [
  ['jsonLines', 'JSON lines'],
  ['csv', 'CSV'],
  ['otlp', 'OTLP'],
];

/** The Dispatches tab: the log of calls, newest first unless sorted otherwise, and the sheet of the chosen one. */
export class DispatchesTab extends LitElement {
  static override readonly properties = {
    dispatches: { attribute: false },
    running: { attribute: false },
    kept: { attribute: false },
    nowMs: { attribute: false },
    missingId: { attribute: false },
  };

  declare dispatches: DispatchesData | null;
  declare running: PageData['running'];
  declare kept: DispatchesState | null;
  declare nowMs: number;
  /** A record that was looked for among all that are kept, and is not there. */
  declare missingId: string | null;
  /** Wired by the page. */
  send: (message: PageMessage) => void = () => undefined;
  reload: () => void = () => undefined;
  exportAs: (format: ExportFormat) => void = () => undefined;
  showRows: (first: number, end: number) => void = () => undefined;
  keep: (changes: Partial<DispatchesState>) => void = () => undefined;
  /** Where the table was left, pixels. */
  keptScrollTop = 0;
  keepScrollTop: (scrollTop: number) => void = () => undefined;

  private list: DispatchList | null = null;
  private model: GridModel<DispatchRecord> | null = null;
  /** The chosen record stays on its sheet when its page is given up. */
  private chosen: DispatchRecord | null = null;
  private menus: readonly Menu[] = [];
  /** A menu that was there stays, so that the others do not move while a reader narrows the log. */
  private readonly menusShown = new Set<Menu['field']>();

  constructor() {
    super();
    this.dispatches = null;
    this.running = [];
    this.kept = null;
    this.nowMs = 0;
    this.missingId = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { dispatches, kept } = this;
    // The running calls are no part of the table.
    if (!kept || (changed.size === 1 && changed.has('running'))) return;
    this.menus = menusOf(dispatches?.summary ?? null, kept, this.menusShown);
    for (const { field } of this.menus) this.menusShown.add(field);
    const list = dispatches?.list ?? null;
    if (list && (list !== this.list || !this.model)) this.model = this.buildModel(list, kept);
    else if (list && this.model) this.model = { ...this.buildModel(list, kept), rows: this.model.rows };
    this.list = list;
    const id = kept.selectedId;
    if (id === null) this.chosen = null;
    else if (list) this.chosen = recordIn(list, id) ?? (this.chosen?.recordId === id ? this.chosen : null);
  }

  private get table(): DataGrid<DispatchRecord> | null {
    return this.querySelector<DataGrid<DispatchRecord>>('mp-data-grid');
  }

  private buildModel(list: DispatchList, kept: DispatchesState): GridModel<DispatchRecord> {
    return {
      label: isNewestFirst(kept.order)
        ? l10n.t('Dispatch records, newest first')
        : l10n.t('Dispatch records'),
      columns: dispatchColumns(this.nowMs),
      rows: rowsOf(list),
      keyOf: (record) => record.recordId,
      order: kept.order,
      selectedKey: kept.selectedId,
      onSort: (key) => {
        const column = DISPATCH_COLUMNS.find((candidate) => candidate === key);
        if (column) this.ask({ order: nextDispatchOrder(kept.order, column) });
      },
      onActivate: (key) => this.keep({ selectedId: key === kept.selectedId ? null : key }),
      // With the sheet open it follows the keyboard, as a list beside its detail does.
      onMove: (key) => {
        if (this.kept?.selectedId !== null) this.keep({ selectedId: key });
      },
      onShow: (first, end) => this.showRows(first, end),
      onScroll: (scrollTop) => this.keepScrollTop(scrollTop),
    };
  }

  /** Asks for another list, from its top. */
  private ask(changes: Partial<DispatchesState>): void {
    this.table?.scrollToTop();
    this.keep(changes);
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

  private renderToolbar(dispatches: DispatchesData, kept: DispatchesState): TemplateResult {
    const spans = SPANS.filter((span) => span !== 'chosen' || kept.span === 'chosen');
    return html`<div class="toolbar" role="search" aria-label=${l10n.t('Filter dispatches')}>
      ${this.menus.map(({ field, label, options }) =>
        menu(label, options, kept[field], (value) =>
          this.ask(
            field === 'outcome'
              ? { outcome: OUTCOME_KINDS.find((kind) => kind === value) ?? null }
              : { [field]: value },
          ),
        ),
      )}
      ${menu(
        l10n.t('Time'),
        spans.map((span) => [span, spanLabel(span)] as const),
        kept.span,
        (span) => this.ask({ span, fromMs: null, untilMs: null }),
      )}
      ${filterField(l10n.t('Filter by model, backend or error'), kept.text, (text) => this.ask({ text }))}
      ${inheritedToggle(dispatches.summary?.inherited ?? null, kept.inheritedOnly, (inheritedOnly) =>
        this.ask({ inheritedOnly }),
      )}
      <span class="muted count" role="status">${dispatches.list ? countLine(dispatches.list) : ''}</span>
      ${dispatches.list && dispatches.list.total > 0 ? this.renderExports(dispatches.list) : nothing}
    </div>`;
  }

  private renderExports({ total }: DispatchList): TemplateResult {
    return html`<span
      class="exports"
      role="group"
      aria-label=${l10n.t('Export the listed records into a file')}
      >${exportIcon}${EXPORTS.map(
        ([format, label]) =>
          html`<button
            type="button"
            class="text-button"
            title=${exportText(total, label)}
            @click=${() => this.exportAs(format)}
          >
            ${label}
          </button>`,
      )}</span
    >`;
  }

  private renderNotices(dispatches: DispatchesData, kept: DispatchesState): TemplateResult {
    const { failure, newer, list } = dispatches;
    const missing = this.missingId !== null && this.missingId === kept.selectedId && !this.chosen;
    return html`${list && list.problem !== null ? banner('warning', list.problem) : nothing}
    ${list && list.notice !== null ? banner('warning', list.notice) : nothing}
    ${
      failure === null || !list
        ? nothing
        : banner('warning', failure, { label: l10n.t('Try Again'), run: this.reload })
    }
    ${
      list && list.unreadable > 0
        ? banner(
            'info',
            list.unreadable === 1
              ? l10n.t('1 line of the transcript could not be read and is left out.')
              : l10n.t(
                  '{0} lines of the transcript could not be read and are left out.',
                  formatNumber(list.unreadable),
                ),
          )
        : nothing
    }
    ${
      newer && list
        ? banner('info', l10n.t('There are newer records.'), {
            label: l10n.t('Show Them'),
            run: () => {
              this.table?.scrollToTop();
              this.table?.focusTable();
              this.reload();
            },
          })
        : nothing
    }
    ${
      missing
        ? html`<div class="banner info" role="status">
            <span class="banner-text">${l10n.t('The chosen record is no longer kept.')}</span>
            <button type="button" class="icon-button" aria-label=${l10n.t('Dismiss')} @click=${this.close}>
              ${crossIcon}
            </button>
          </div>`
        : nothing
    }`;
  }

  private renderTable(list: DispatchList): TemplateResult {
    if (list.total === 0 && !list.complete) return loadingView(l10n.t('Reading the records…'));
    if (list.known === 0) {
      return emptyView(
        l10n.t('No calls recorded yet'),
        l10n.t(
          'Pick a model in the status bar, then run Model Pool: Ask a Model, or choose the model in the chat view. Each call leaves one record here: what was called, why that, and what came back. Prompts and answers are never stored.',
        ),
        {
          label: l10n.t('Ask a Model'),
          run: () => this.send({ type: 'run', command: 'askModel' }),
        },
      );
    }
    if (list.total === 0) {
      return emptyView(
        l10n.t('No record matches the filters'),
        list.known === 1
          ? l10n.t('1 record is hidden by them.')
          : l10n.t('{0} records are hidden by them.', formatNumber(list.known)),
        {
          label: l10n.t('Clear Filters'),
          run: () => {
            this.ask(NO_FILTERS);
            focusSoon(this, '.filter');
          },
        },
      );
    }
    return html`<mp-data-grid
      id="dispatch-table"
      class="dispatch-table"
      .model=${this.model}
      .restoreScrollTop=${this.keptScrollTop}
    ></mp-data-grid>`;
  }

  private renderSheet(): TemplateResult | typeof nothing {
    if (!this.chosen) return nothing;
    return html`<aside class="sheet" tabindex="0" aria-label=${l10n.t('Details of the chosen record')}>
      ${dispatchDetail(this.chosen, this.nowMs, this.close)}
    </aside>`;
  }

  protected override render(): unknown {
    const { dispatches, kept } = this;
    if (!dispatches || !kept) return nothing;
    const { list, failure, loading, summary } = dispatches;
    const body = list
      ? html`<div class="log">
          <div class="log-table">
            <mp-running-calls .calls=${this.running}></mp-running-calls>
            ${this.renderTable(list)}
          </div>
          ${this.renderSheet()}
        </div>`
      : failure !== null
        ? failureView(l10n.t('The records could not be read'), failure, {
            label: l10n.t('Try Again'),
            run: this.reload,
          })
        : loadingView(l10n.t('Reading the records…'));
    const busy = loading || (list?.complete === false && list.notice === null);
    return html`${this.renderToolbar(dispatches, kept)}
    ${
      summary && list && list.total > 0
        ? dispatchHistogram(summary.histogram, ({ fromMs, untilMs }) =>
            this.ask({ span: 'chosen', fromMs, untilMs }),
          )
        : nothing
    }
    ${progressLine(busy, l10n.t('Reading records'))} ${this.renderNotices(dispatches, kept)} ${body}`;
  }
}

/** A warning, for such a value was set by nobody; with the number of records that have one, where it is known. */
function inheritedToggle(
  records: number | null,
  checked: boolean,
  changed: (checked: boolean) => void,
): TemplateResult {
  const label =
    records === null ? l10n.t('Inherited values') : l10n.t('Inherited values ({0})', formatNumber(records));
  return html`<span class="marked"
    >${records !== null && records > 0 ? html`<span class="mark-warning">${warningIcon}</span>` : nothing}
    ${toggle(
      label,
      l10n.t('Only calls in which a value fell through from the primary route (inherited_from_primary)'),
      checked,
      changed,
    )}</span
  >`;
}

/** `240 records`, `12 of 240 records`; with what is missing while older ones are still being read. */
function countLine({ total, known, complete, notice }: DispatchList): string {
  const records = countRecords(total, known);
  if (complete) return records;
  return notice === null
    ? l10n.t('{0} so far, reading older ones…', records)
    : l10n.t('{0} read, older ones exist', records);
}

function countRecords(total: number, known: number): string {
  if (total !== known) return l10n.t('{0} of {1} records', formatNumber(total), formatNumber(known));
  return known === 1 ? l10n.t('1 record') : l10n.t('{0} records', formatNumber(known));
}

function exportText(total: number, format: string): string {
  return total === 1
    ? l10n.t('Export 1 listed record as {0} into a file', format)
    : l10n.t('Export {0} listed records as {1} into a file', formatNumber(total), format);
}

customElements.define('mp-dispatches-tab', DispatchesTab);
