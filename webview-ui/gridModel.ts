import type { TemplateResult } from 'lit';

export interface GridColumn<Row> {
  readonly key: string;
  readonly label: string;
  /** More than the label says. */
  readonly hint?: string;
  readonly numeric?: boolean;
  readonly sortable?: boolean;
  cell(row: Row): unknown;
}

/** What a table shows. One object, so that a change is one assignment. */
export interface GridModel<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
  readonly order?: { readonly column: string; readonly descending: boolean };
  /** Makes rows expandable: what stands under an expanded row. */
  readonly detail?: (row: Row) => TemplateResult;
  readonly expanded?: ReadonlySet<string>;
  readonly selectedKey?: string | null;
  /** Under the last row. */
  readonly footer?: TemplateResult | undefined;
  onSort?(column: string): void;
  /** A click, Enter or Space on a row. */
  onActivate(key: string): void;
  /** The keyboard has moved to a row. */
  onMove?(key: string): void;
  onScroll(scrollTop: number): void;
}
