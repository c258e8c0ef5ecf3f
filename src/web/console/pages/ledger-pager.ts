import type { LedgerPage } from '../../../client/index.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';

/** Leads to the next page of the ledger, or on through it where nothing was found yet; a script follows that by itself. */
export function nextPage(
  { rows, next, unfinished, last }: LedgerPage,
  addressOf: (after: number) => string,
): Html | undefined {
  if (next === undefined) return undefined;
  return html`<span>
    ${unfinished && html`<small>looked through ${grouped(next)} of ${grouped(last)}</small>`}
    <a rel="next" href="${addressOf(next)}" ${unfinished && rows.length === 0 && html`data-look-on`}
      >${unfinished ? 'Look on' : 'More'} →</a
    >
  </span>`;
}
