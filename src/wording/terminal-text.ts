import { grouped, oneLine, unsafe } from '../delivery/plain-words.js';

export { grouped, oneLine, plural, timeText } from '../delivery/plain-words.js';

/** JSON on one line, or indented; what `JSON.stringify` leaves of the unsafe characters is escaped. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(unsafe, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\p{Emoji_Presentation}]/u;

/** @returns how many columns of a terminal the text takes */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
    columns += wide.test(character) ? 2 : 1;
  }
  return columns;
}

/** Cuts text to so many columns; `…` marks the cut. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  for (const character of text) {
    if (columnsOf(kept + character) > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** In columns of the terminal. @default 60 */
  width?: number;
}

/** @returns the lines of a table: a header, then one line a row; cells are made safe and cut to their column's width */
export function tableLines(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string[] {
  const body = rows.map((row) => columns.map(({ width = 60 }, i) => cut(oneLine(String(row[i] ?? '')), width)));
  const all = [columns.map(({ title }) => title), ...body];
  const widths = columns.map((_, i) => Math.max(...all.map((cells) => columnsOf(cells[i] ?? ''))));
  return all.map((cells) =>
    cells
      .map((cell, i) => {
        const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - columnsOf(cell)));
        return columns[i]?.align === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}

export type Field = readonly [name: string, value: string | number];

/** Names and values below one another, values aligned. */
export function fieldLines(fields: readonly Field[]): string[] {
  const width = Math.max(0, ...fields.map(([name]) => columnsOf(name)));
  return fields.map(([name, value]) => `${name}${' '.repeat(width - columnsOf(name))}  ${oneLine(String(value))}`);
}

/** @returns `2 sent, 1 failed`; empty where there are none */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${grouped(count)} ${what}`)
    .join(', ');
}

/** Breaks text between words into lines of so many columns; a word that is longer stands alone. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && columnsOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
