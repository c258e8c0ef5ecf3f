import type { CellResult } from './play-cell.js';
import { nameOf } from './cell.js';

const headings = ['cell', 'sent', 'lost', 'duplicated', 'in doubt', 'marked message', 'seconds', 'verdict'] as const;

/** The results as a table in Markdown. */
export function tableOf(results: readonly CellResult[]): string {
  return [row(headings), row(headings.map(() => '---')), ...results.map(rowOf)].join('\n');
}

/** One line of it; `sent` is the relay's count by Message-ID. */
export function rowOf({ cell, sent, lost, duplicated, inDoubt, marked, seconds, faults }: CellResult): string {
  const verdict = faults.length === 0 ? 'as promised' : faults.join('; ');
  return row([nameOf(cell), sent, lost, duplicated, inDoubt, marked ?? '', seconds, verdict]);
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
