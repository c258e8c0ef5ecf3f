import type { CellResult } from './play-cell.js';
import { nameOf } from './cell.js';

const headings = ['cell', 'sent', 'lost', 'duplicated', 'in doubt', 'marked message', 'seconds', 'verdict'] as const;

/** The results as a table in Markdown; `sent` is the relay's count by Message-ID. */
export function tableOf(results: readonly CellResult[]): string {
  const rows = results.map((result) => [
    nameOf(result.cell).replaceAll(' | ', ', '),
    result.sent,
    result.lost,
    result.duplicated,
    result.inDoubt,
    result.marked ?? '',
    result.seconds,
    result.faults.length === 0 ? 'as promised' : result.faults.join('; '),
  ]);
  const lines = [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
