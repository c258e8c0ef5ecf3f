import { asSpreadsheetText } from '../delivery/spreadsheet-text.js';

// eslint-disable-next-line no-control-regex -- controls that would act on a terminal
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/**
 * One cell after RFC 4180, no formula to a spreadsheet. Some of those separate cells by semicolon or tab, whatever the
 * file's name says: what follows one would be a cell of its own.
 */
function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const safe = asSpreadsheetText(value.replace(controls, '?'));
  return /[",;\t\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @returns one line with its end, CRLF */
export function csvLine(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}
