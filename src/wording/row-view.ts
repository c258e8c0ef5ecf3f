import type { Column } from './terminal-text.js';

type Cell = string | number | boolean | null;

/** How rows of one kind are shown. */
export interface RowView<Row> {
  table: readonly Column[];
  tableCells: (row: Row) => (string | number)[];
  csv: readonly string[];
  csvCells: (row: Row) => Cell[];
  /** A row as JSON. @default the row as it is */
  json?: (row: Row) => object;
  /** What is said where there are none. */
  none: string;
}
