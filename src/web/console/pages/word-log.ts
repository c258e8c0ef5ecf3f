import { html, type Html } from '../html.js';
import { instant } from '../shown-values.js';

/** A decision or a review. */
interface Word {
  /** ISO 8601. */
  at: string;
  accepted: boolean;
  comment?: string;
}

/** What people have said, with their reasons; what was refused shows that it was. */
export function wordLog<T extends Word>(words: readonly T[], textOf: (word: T) => string): Html {
  return html`<ul class="plain log">
    ${words.map(
      (word) =>
        html`<li class="${word.accepted ? '' : 'refused'}">
          ${instant(word.at)}
          <span dir="auto">${textOf(word)}${word.comment !== undefined && `: “${word.comment}”`}</span>
        </li>`,
    )}
  </ul>`;
}
