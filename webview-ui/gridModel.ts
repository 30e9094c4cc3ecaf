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

/** The rows of a table, of which some may not be loaded yet. */
export interface GridRows<Row> {
  /** Another value means that these are other rows: what was where in the old ones says nothing. */
  readonly identity: unknown;
  readonly length: number;
  /** Undefined while the row is not loaded. */
  at(index: number): Row | undefined;
  /** Where a loaded row stands. */
  indexOf(key: string): number | undefined;
}

/** What a table shows. One object, so that a change is one assignment. */
export interface GridModel<Row> {
  readonly label: string;
  readonly columns: readonly GridColumn<Row>[];
  readonly rows: GridRows<Row>;
  keyOf(row: Row): string;
  readonly order?: { readonly column: string; readonly descending: boolean };
  /** Makes rows expandable: what stands under an expanded row. */
  readonly detail?: (row: Row) => TemplateResult;
  readonly expanded?: ReadonlySet<string>;
  readonly selectedKey?: string | null;
  onSort?(column: string): void;
  /** A click, Enter or Space on a row. */
  onActivate(key: string): void;
  /** The keyboard has moved to a row. */
  onMove?(key: string): void;
  /** These rows (`end` not included) are in the page now; those that are not loaded are needed. */
  onShow?(first: number, end: number): void;
  onScroll(scrollTop: number): void;
}

/** Rows that are all there. */
export function loadedRows<Row>(rows: readonly Row[], keyOf: (row: Row) => string): GridRows<Row> {
  const indexByKey = new Map(rows.map((row, index) => [keyOf(row), index]));
  return {
    identity: rows,
    length: rows.length,
    at: (index) => rows[index],
    indexOf: (key) => indexByKey.get(key),
  };
}
