// C0 and C1 controls move the cursor, change colours and retitle windows; bidi controls and line separators make a line
// read as another one. Subjects, replies and comments come from strangers.
// eslint-disable-next-line no-control-regex -- control characters are what it is about
const unsafe = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of text that is safe to show: blanks in place of tabs and line breaks, `?` in place of other controls. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\t\r\n\u2028\u2029]/g, ' ').replace(unsafe, '?');
}

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

/** `1,240`: the same on every machine, whatever its locale. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** @returns `1,240 messages`, `1 message` */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** @returns `2 sent, 1 failed`; empty where there are none */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${grouped(count)} ${what}`)
    .join(', ');
}

/** An instant for people: `2026-11-24 22:10:05 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
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
