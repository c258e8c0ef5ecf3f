import { z } from 'zod';
import { checkChain } from '../../../client/index.js';
import { timeSpan } from '../../../wording/time-span.js';
import { isWanted, journalKinds, toldEntries, type ToldEntry } from '../../../wording/told-journal.js';
import { grouped } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, shortHash } from '../shown-values.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';

const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .optional()
  .catch(undefined);

const query = z.object({
  actor: z.string().trim().max(100).optional().catch(undefined),
  kind: z
    .enum(journalKinds as [string, ...string[]])
    .optional()
    .catch(undefined),
  since: day,
  until: day,
});
type Query = z.output<typeof query>;

async function timelinePage(visit: Visit<'read', z.output<typeof deliveryParams>, Query>): Promise<Answer> {
  const {
    sealpost,
    params: { id },
    query: asked,
  } = visit;
  const delivery = sealpost.delivery(id);
  const standing = await delivery.standing();
  const entries = await delivery.journal();
  const told = toldEntries(entries);
  const shown = told.filter((entry) => isWanted(entry, filterOf(asked)));
  const faults = checkChain(id, entries);
  const last = entries.at(-1);
  const actors = [...new Set(told.flatMap(({ actor }) => actor ?? []))].sort();
  const body = html`<h2 class="page-title">Timeline</h2>
    ${filters(id, asked, actors)}
    ${
      faults.length > 0
        ? html`<div class="notice refused" role="alert">
            <span class="mark" aria-hidden="true">!</span>
            <p>The journal is not as it was written: ${faults.join('; ')}.</p>
          </div>`
        : last &&
          html`<p class="hint">
            The chain of ${grouped(entries.length)} entries is unbroken; the last one has the hash
            ${shortHash(last.hash, 16)}…
          </p>`
    }
    ${
      shown.length === 0
        ? html`<div class="empty"><p>No entry is like that.</p></div>`
        : html`<ol class="plain log timeline">
            ${shown.map(entryRow)}
          </ol>`
    }`;
  return { page: deliveryFrame(visit, standing, { page: 'timeline', title: 'Timeline', body }) };
}

function filterOf({ actor, kind, since, until }: Query): Parameters<typeof isWanted>[1] {
  const known = journalKinds.find((one) => one === kind);
  return {
    ...(actor && { actor: [actor] }),
    ...(known && { kind: [known] }),
    // A day that there is not filters nothing.
    since: since === undefined ? undefined : timeSpan(since),
    until: until === undefined ? undefined : timeSpan(until),
  };
}

function entryRow({ n, at, text, follows }: ToldEntry): Html {
  return html`<li id="entry-${n}">
    <span class="when"><b>${grouped(n)}</b> ${instant(at)}</span>
    <span
      ><span dir="auto">${text}</span> ${
        follows.length > 0 &&
        html`<small
          >follows from
          ${follows.map((cause, i) => html`${i > 0 && ', '}<a href="#entry-${cause}">${grouped(cause)}</a>`)}</small
        >`
      }</span
    >
  </li>`;
}

function filters(id: string, { actor, kind, since, until }: Query, actors: readonly string[]): Html {
  const option = (value: string, chosen: string | undefined) =>
    html`<option value="${value}" ${value === chosen && html`selected`}>${value}</option>`;
  return html`<form class="search ledger-filters" method="get" action="${deliveryPath(id, 'timeline')}" role="search">
    <label for="actor">Who</label>
    <select id="actor" name="actor" data-submit>
      <option value="">anybody</option>
      ${actors.map((one) => option(one, actor))}
    </select>
    <label for="kind">What</label>
    <select id="kind" name="kind" data-submit>
      <option value="">anything</option>
      ${journalKinds.map((one) => option(one, kind))}
    </select>
    <label for="since">From</label>
    <input id="since" name="since" type="date" value="${since ?? ''}" />
    <label for="until">To</label>
    <input id="until" name="until" type="date" value="${until ?? ''}" />
    <button>Show</button>
  </form>`;
}

export const timelineRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/timeline', needs: 'read', params: deliveryParams, query, answer: timelinePage }),
];
