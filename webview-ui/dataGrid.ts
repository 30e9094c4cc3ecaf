import { html, LitElement, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { repeat } from 'lit/directives/repeat.js';
import { activates, rowAfterKey } from './gridKeys';
import type { GridModel, GridRows } from './gridModel';
import { arrowDownIcon, arrowUpIcon } from './icons';
import { scrollTopToShow, virtualWindow } from './virtualRows';
import type { VirtualWindow } from './virtualRows';

/** Pixels; the same number stands in grid.css. */
export const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 28;
const OVERSCAN_ROWS = 8;

/**
 * A table with a fixed head of which only the rows in view are in the page. The table itself has the focus and names
 * its active row, so that the keyboard stays in it when that row is scrolled out of the page.
 */
export class DataGrid<Row> extends LitElement {
  static override readonly properties = {
    model: { attribute: false },
    restoreScrollTop: { attribute: false },
    active: { state: true },
    view: { state: true },
  };

  declare model: GridModel<Row> | null;
  /** Where to scroll to when the first rows have come. */
  declare restoreScrollTop: number;
  /** The row that the keyboard is on; its key is not known before it is loaded. */
  declare active: { readonly index: number; readonly key: string | null } | null;
  declare view: { readonly scrollTop: number; readonly height: number };

  private restored = false;
  private revealedKey: string | null = null;
  /** The row that stays in view with its detail, whose height comes later; null once the reader has moved on. */
  private followedKey: string | null = null;
  private broughtTo = 0;
  private rowsSeen: GridRows<Row> | null = null;
  private readonly detailHeights = new Map<string, number>();
  private readonly sizes = new ResizeObserver((entries) => this.measure(entries));

  constructor() {
    super();
    this.model = null;
    this.restoreScrollTop = 0;
    this.active = null;
    this.view = { scrollTop: 0, height: 600 };
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  scrollToTop(): void {
    this.scroller?.scrollTo({ top: 0 });
  }

  focusTable(): void {
    this.scroller?.focus();
  }

  private get scroller(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.grid');
  }

  private measure(entries: readonly ResizeObserverEntry[]): void {
    for (const { target, borderBoxSize, contentRect } of entries) {
      if (!(target instanceof HTMLElement)) continue;
      const height = borderBoxSize[0]?.blockSize ?? contentRect.height;
      const key = target.dataset['key'];
      if (height === 0) continue;
      if (key === undefined) {
        this.view = { ...this.view, height };
      } else if (this.detailHeights.get(key) !== height) {
        this.detailHeights.set(key, height);
        this.requestUpdate();
      }
    }
  }

  protected override willUpdate(): void {
    const rows = this.model?.rows;
    if (!rows || rows === this.rowsSeen) return;
    const others = rows.identity !== this.rowsSeen?.identity;
    this.rowsSeen = rows;
    if (this.active) this.active = this.activeIn(rows, this.active, others);
  }

  /** The active row among rows that have changed; null where it is not, or no longer, among them. */
  private activeIn(
    rows: GridRows<Row>,
    { index, key }: NonNullable<DataGrid<Row>['active']>,
    others: boolean,
  ): DataGrid<Row>['active'] {
    const place = key === null ? undefined : rows.indexOf(key);
    if (place !== undefined) return { index: place, key };
    const row = rows.at(index);
    if (others || index >= rows.length || (key !== null && row !== undefined)) return null;
    if (row === undefined || !this.model) return { index, key };
    // The keyboard was here before the row.
    const loadedKey = this.model.keyOf(row);
    this.model.onMove?.(loadedKey);
    return { index, key: loadedKey };
  }

  protected override updated(): void {
    const scroller = this.scroller;
    if (!scroller) return;
    this.sizes.observe(scroller);
    for (const detail of this.querySelectorAll('.grid-detail')) this.sizes.observe(detail);
    // In a tab that is not shown nothing can be scrolled; its first size comes when it is.
    if (!this.model || scroller.clientHeight === 0 || this.model.rows.length === 0) return;
    const shown = this.shownRows(this.model);
    this.model.onShow?.(shown.first, shown.end);
    // First, so that a link leads to its row wherever the table was left.
    if (!this.restored && this.restoreScrollTop > 0) scroller.scrollTop = this.restoreScrollTop;
    this.restored = true;
    this.revealSelected(this.model);
    this.follow(this.model);
  }

  /** Brings a row into view when it has been selected from elsewhere: by a link, or before it was loaded. */
  private revealSelected(model: GridModel<Row>): void {
    const selected = model.selectedKey ?? null;
    if (selected === this.revealedKey) return;
    const index = selected === null ? undefined : model.rows.indexOf(selected);
    if (selected !== null && index === undefined) return;
    this.revealedKey = selected;
    if (selected === null || index === undefined) return;
    this.active = { index, key: selected };
    this.followedKey = model.detail ? selected : null;
    this.bringIntoView(model, index);
  }

  private follow(model: GridModel<Row>): void {
    const key = this.followedKey;
    const index = key === null ? undefined : model.rows.indexOf(key);
    if (key === null || index === undefined) return;
    const isOpen = model.expanded?.has(key) === true;
    this.bringIntoView(model, index, isOpen ? (this.detailHeights.get(key) ?? 0) : 0);
  }

  /** Details by row index, with the height each had when it was last in the page. */
  private extras(model: GridModel<Row>): Map<number, number> {
    const extras = new Map<number, number>();
    for (const key of model.expanded ?? []) {
      const index = model.rows.indexOf(key);
      if (index !== undefined) extras.set(index, this.detailHeights.get(key) ?? 0);
    }
    return extras;
  }

  private bringIntoView(model: GridModel<Row>, index: number, detailHeight = 0): void {
    const scroller = this.scroller;
    if (!scroller) return;
    const view = {
      rowHeight: ROW_HEIGHT,
      scrollTop: scroller.scrollTop,
      viewportHeight: scroller.clientHeight - HEAD_HEIGHT,
      extras: this.extras(model),
    };
    scroller.scrollTop = scrollTopToShow(index, view, detailHeight);
    this.broughtTo = scroller.scrollTop;
  }

  private shownRows(model: GridModel<Row>): VirtualWindow {
    return virtualWindow({
      count: model.rows.length,
      rowHeight: ROW_HEIGHT,
      scrollTop: this.view.scrollTop,
      viewportHeight: this.view.height - HEAD_HEIGHT,
      overscan: OVERSCAN_ROWS,
      extras: this.extras(model),
    });
  }

  private moveTo(model: GridModel<Row>, index: number): void {
    const row = model.rows.at(index);
    const key = row === undefined ? null : model.keyOf(row);
    this.active = { index, key };
    this.followedKey = null;
    this.bringIntoView(model, index);
    if (key !== null) model.onMove?.(key);
  }

  private onKeyDown(event: KeyboardEvent, model: GridModel<Row>): void {
    // Buttons and links inside rows keep their own keys.
    if (event.target !== this.scroller || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = this.active?.key ?? null;
    const page = Math.max(1, Math.floor((this.view.height - HEAD_HEIGHT) / ROW_HEIGHT) - 1);
    const target = rowAfterKey(event.key, this.active?.index ?? -1, page, model.rows.length);
    if (target !== null) {
      this.moveTo(model, target);
    } else if (key !== null && activates(event.key, !!model.detail, model.expanded?.has(key) === true)) {
      this.followedKey = key;
      model.onActivate(key);
    } else {
      return;
    }
    event.preventDefault();
  }

  private onRowClick(model: GridModel<Row>, index: number, key: string): void {
    // Marking text to copy it is not a click.
    if (getSelection()?.type === 'Range') return;
    this.active = { index, key };
    this.followedKey = null;
    model.onActivate(key);
  }

  private renderHead(model: GridModel<Row>): TemplateResult {
    const heads = model.columns.map((column) => {
      const sorted = model.order?.column === column.key;
      const descending = model.order?.descending === true;
      const direction = !sorted ? 'none' : descending ? 'descending' : 'ascending';
      const classes = column.numeric === true ? 'cell numeric' : 'cell';
      if (column.sortable !== true) {
        return html`<div class=${classes} role="columnheader" title=${ifDefined(column.hint)}>
          <span class="clip">${column.label}</span>
        </div>`;
      }
      return html`<div class=${classes} role="columnheader" aria-sort=${direction}>
        <button type="button" title=${ifDefined(column.hint)} @click=${() => model.onSort?.(column.key)}>
          <span class="clip">${column.label}</span
          >${sorted ? (descending ? arrowDownIcon : arrowUpIcon) : nothing}
        </button>
      </div>`;
    });
    return html`<div role="rowgroup" class="grid-head">
      <div class="grid-row" role="row" aria-rowindex="1">${heads}</div>
    </div>`;
  }

  private renderRow(model: GridModel<Row>, index: number): TemplateResult {
    const row = model.rows.at(index);
    return row === undefined ? this.renderAwaited(index) : this.renderLoaded(model, row, index);
  }

  private renderAwaited(index: number): TemplateResult {
    const active = index === this.active?.index;
    return html`<div
      id="${this.id}-${index}"
      class="grid-row awaited ${active ? 'active' : ''}"
      role="row"
      aria-rowindex=${index + 2}
    >
      <div class="cell muted" role="gridcell">…</div>
    </div>`;
  }

  private renderLoaded(model: GridModel<Row>, row: Row, index: number): TemplateResult {
    const key = model.keyOf(row);
    const active = index === this.active?.index;
    const open = model.expanded?.has(key) === true;
    const selected = model.selectedKey === key;
    return html`<div
        id="${this.id}-${index}"
        class="grid-row ${active ? 'active' : ''} ${open ? 'open' : ''} ${selected ? 'selected' : ''}"
        role="row"
        aria-rowindex=${index + 2}
        aria-level=${ifDefined(model.detail ? 1 : undefined)}
        aria-expanded=${ifDefined(model.detail ? open : undefined)}
        aria-selected=${ifDefined(model.detail ? undefined : selected)}
        @click=${() => this.onRowClick(model, index, key)}
      >
        ${model.columns.map(
          (column) =>
            html`<div class=${column.numeric === true ? 'cell numeric' : 'cell'} role="gridcell">
              ${column.cell(row)}
            </div>`,
        )}
      </div>
      ${
        open && model.detail
          ? html`<div class="grid-detail" role="row" aria-level="2" data-key=${key}>
              <div role="gridcell" aria-colspan=${model.columns.length}>${model.detail(row)}</div>
            </div>`
          : nothing
      }`;
  }

  protected override render(): unknown {
    const model = this.model;
    if (!model) return nothing;
    const shown = this.shownRows(model);
    const activeIndex = this.active?.index;
    const activeShown = activeIndex !== undefined && activeIndex >= shown.first && activeIndex < shown.end;
    const indices = Array.from({ length: shown.end - shown.first }, (_, offset) => shown.first + offset);
    // Heights are set through the property: the page's security policy forbids the style attribute.
    return html`<div
      class="grid"
      role=${model.detail ? 'treegrid' : 'grid'}
      tabindex="0"
      aria-label=${model.label}
      aria-rowcount=${model.rows.length + 1}
      aria-colcount=${model.columns.length}
      aria-activedescendant=${ifDefined(activeShown ? `${this.id}-${activeIndex}` : undefined)}
      @scroll=${(event: Event) => this.onScroll(event, model)}
      @keydown=${(event: KeyboardEvent) => this.onKeyDown(event, model)}
    >
      ${this.renderHead(model)}
      <div role="rowgroup" class="grid-body">
        <div class="grid-space" role="presentation" .style=${`height: ${shown.above}px`}></div>
        ${repeat(
          indices,
          (index) => {
            const row = model.rows.at(index);
            return row === undefined ? index : model.keyOf(row);
          },
          (index) => this.renderRow(model, index),
        )}
        <div class="grid-space" role="presentation" .style=${`height: ${shown.below}px`}></div>
      </div>
    </div>`;
  }

  private onScroll(event: Event, model: GridModel<Row>): void {
    const scroller = event.currentTarget;
    // A table in a hidden tab reports its end of scrolling as 0; the place it was left at is kept.
    if (!(scroller instanceof HTMLElement) || scroller.clientHeight === 0) return;
    if (scroller.scrollTop !== this.broughtTo) this.followedKey = null;
    this.view = { ...this.view, scrollTop: scroller.scrollTop };
    model.onScroll(scroller.scrollTop);
  }
}

customElements.define('mp-data-grid', DataGrid);
