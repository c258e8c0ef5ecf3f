import { escapeHtml } from '../../content/escape-html.js';

/** HTML that is safe to stand in a page as it is: {@link html} makes it, and {@link escapedHtml} of what others escaped. */
export class Html {
  constructor(
    /** Its text. */
    readonly text: string,
  ) {}
}

/** HTML that another module of ours has made and escaped already. */
export const escapedHtml = (text: string): Html => new Html(text);

/** What may stand in a template. Nothing comes of `undefined`, `null` and `false`. */
export type Piece = Html | string | number | false | undefined | null | readonly Piece[];

/**
 * A piece of a page. Every value is escaped, unless it is one of these pieces already; lists are put one after the other.
 *
 * @example
 * ```ts
 * html`<a href="/deliveries/${id}" ${html`aria-current="page"`}>${name}</a>`
 * ```
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.reduce((text, string, i) => text + textOf(pieces[i - 1]) + string));
}

function textOf(piece: Piece): string {
  if (piece === undefined || piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return escapeHtml(String(piece));
}
