// C0 and C1 controls move the cursor, change colours and retitle windows; bidi controls and line separators make a line
// read as another one. Subjects, replies and comments come from strangers.
// eslint-disable-next-line no-control-regex -- control characters are what it is about
export const unsafe = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of text that is safe to show: blanks in place of tabs and line breaks, `?` in place of other controls. */
export function oneLine(text: string): string {
  return text.replace(/\r\n|[\t\r\n\u2028\u2029]/g, ' ').replace(unsafe, '?');
}

/** `1,240`: the same on every machine, whatever its locale. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** @returns `1,240 messages`, `1 message` */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** An instant for people: `2026-11-24 22:10:05 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}
