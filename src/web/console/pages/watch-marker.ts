import type { DeliveryStanding, DeliverySummary } from '../../../client/index.js';
import { isFinal } from '../../../delivery/phase.js';
import { html, type Html } from '../html.js';
import { deliveryPath } from './delivery-address.js';

/** Has a page renewed while it is looked at. */
export const newsScript = 'news.js';

/** What a page of a delivery watches, and how that stood when it was made; of an ended one there is no news. */
export const watchesDelivery = (
  view: 'delivery' | 'sending',
  { id, phase, journal }: Pick<DeliveryStanding, 'id' | 'phase' | 'journal'>,
): Html | false =>
  !isFinal(phase) &&
  html`<div
    hidden
    data-watch="${deliveryPath(id, 'news')}?view=${view}"
    data-phase="${phase}"
    data-entries="${journal.length}"
  ></div>`;

/** What a list watches. */
export function watchesList(shown: readonly Pick<DeliverySummary, 'id' | 'phase'>[]): Html | false {
  const open = shown.filter(({ phase }) => !isFinal(phase));
  const of = new URLSearchParams(open.map(({ id }): [string, string] => ['of', id]));
  return open.length > 0 && html`<div hidden data-watch="/news?${of.toString()}"></div>`;
}
