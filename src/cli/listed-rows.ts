import { csvLine } from '../wording/csv.js';
import type { Terminal } from './terminal.js';
import type { RowView } from '../wording/row-view.js';
import { jsonText, tableLines } from '../wording/terminal-text.js';

export interface RowOptions {
  json?: boolean;
  csv?: boolean;
  limit?: number;
}

/** Rows that one table holds: its columns fit what is in it, so it has to be in memory. */
const tableRows = 1_000;

/** Rows of a table where no limit is given. */
const tableLimit = 50;

/**
 * Prints rows as a table, CSV or JSON, at the pace of whoever reads it; memory does not grow with their number.
 *
 * @param rows - at most so many; all of them without a limit
 */
export async function printRows<Row>(
  terminal: Terminal,
  { json, csv, limit }: RowOptions,
  rows: (limit: number | undefined) => AsyncIterable<Row>,
  view: RowView<Row>,
): Promise<void> {
  if (json) await printJson(terminal, rows(limit), view);
  else if (csv) await printCsv(terminal, rows(limit), view);
  else await printTable(terminal, rows, view, limit ?? tableLimit);
}

async function printJson<Row>(terminal: Terminal, rows: AsyncIterable<Row>, view: RowView<Row>): Promise<void> {
  let separator = '[\n';
  for await (const row of rows) {
    await terminal.write(`${separator}${jsonText(view.json?.(row) ?? row)}`);
    separator = ',\n';
  }
  await terminal.write(separator === '[\n' ? '[]\n' : '\n]\n');
}

async function printCsv<Row>(terminal: Terminal, rows: AsyncIterable<Row>, view: RowView<Row>): Promise<void> {
  await terminal.write(csvLine(view.csv));
  for await (const row of rows) await terminal.write(csvLine(view.csvCells(row)));
}

async function printTable<Row>(
  terminal: Terminal,
  rows: (limit: number) => AsyncIterable<Row>,
  view: RowView<Row>,
  limit: number,
): Promise<void> {
  let shown: (string | number)[][] = [];
  let count = 0;
  // One more than is shown, to know whether there are more.
  for await (const row of rows(limit + 1)) {
    if ((count += 1) > limit) break;
    shown.push(view.tableCells(row));
    if (shown.length === tableRows) {
      terminal.print(...tableLines(view.table, shown));
      shown = [];
    }
  }
  if (count === 0) return terminal.print(view.none);
  if (shown.length > 0) terminal.print(...tableLines(view.table, shown));
  if (count > limit) terminal.print('', `These are the first ${limit}; there are more: --limit, --csv or --json.`);
}
