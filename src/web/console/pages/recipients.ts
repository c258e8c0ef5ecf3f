import { z } from 'zod';
import { csvLine } from '../../../wording/csv.js';
import { ledgerView, whyExcluded } from '../../../wording/message-views.js';
import type { Delivery, LedgerFilter, LedgerPage, LedgerRow } from '../../../client/index.js';
import { messageStatuses, reasons, type Reason } from '../../../delivery/message-status.js';
import { grouped } from '../../../delivery/plain-words.js';
import { fileStream } from '../file-stream.js';
import { html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, reasonLabel } from '../shown-values.js';
import { statusWord } from '../status-bar.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { nextPage } from './ledger-pager.js';

const perPage = 50;

/** Whose messages: of the target, the archive's copies, or of a proof by its number. */
const query = z.object({
  status: z.enum(messageStatuses).optional().catch(undefined),
  reason: z
    .enum(Object.keys(reasons) as [Reason, ...Reason[]])
    .optional()
    .catch(undefined),
  search: z.string().trim().max(320).optional().catch(undefined),
  of: z
    .string()
    .regex(/^(?:copies|[1-9]\d{0,5})$/)
    .optional()
    .catch(undefined),
  after: z.coerce.number().int().min(0).max(2_147_483_647).optional().catch(undefined),
});
type Query = z.output<typeof query>;
type Params = z.output<typeof deliveryParams>;

/** The ledger's own words for what a page's address asks. */
function filterOf({ status, reason, search, of }: Query): LedgerFilter {
  return {
    ...(status && { statuses: [status] }),
    ...(reason && { reason }),
    ...(search && { search }),
    ...(of === 'copies' && { copies: true }),
    ...(of !== undefined && of !== 'copies' && { proof: Number(of) }),
  };
}

function address(id: string, asked: Query, file = 'recipients'): string {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined && value !== '') wanted.set(name, String(value));
  return `${deliveryPath(id, file)}${wanted.size === 0 ? '' : `?${wanted.toString()}`}`;
}

async function recipientsPage(visit: Visit<'recipients', Params, Query>): Promise<Answer> {
  const { sealpost, params, query: asked } = visit;
  const delivery = sealpost.delivery(params.id);
  const standing = await delivery.standing();
  const found = await delivery.messagePage({
    ...filterOf(asked),
    limit: perPage,
    ...(asked.after !== undefined && { after: asked.after }),
  });
  const body = html`<h2 class="page-title">Recipients</h2>
    ${filters(params.id, asked, standing.proofs.length, standing.settings.bcc !== undefined)}
    ${found.rows.length === 0 ? nothing(found, asked) : ledgerTable(params.id, found.rows)}
    ${pager(params.id, asked, found)}`;
  return { page: deliveryFrame(visit, standing, { page: 'recipients', title: 'Recipients', body }) };
}

/** Reasons that a recipient of the target can have, in words. */
export function reasonWords({ status, reason, reply }: Pick<LedgerRow, 'status' | 'reason' | 'reply'>): string {
  if (reason === null) return '';
  return status === 'ignored' ? whyExcluded({ reason, reply }) : reasonLabel(reason);
}

function filters(id: string, { status, reason, search, of }: Query, proofs: number, copies: boolean): Html {
  const option = (value: string, label: string, chosen: string | undefined) =>
    html`<option value="${value}" ${value === chosen && html`selected`}>${label}</option>`;
  return html`<form class="search ledger-filters" method="get" action="${deliveryPath(id, 'recipients')}" role="search">
      <label for="search">Address</label>
      <input id="search" type="search" name="search" value="${search ?? ''}" placeholder="a part of it" />
      <label for="status">Status</label>
      <select id="status" name="status" data-submit>
        <option value="">any</option>
        ${messageStatuses.map((one) => option(one, statusWord(one), status))}
      </select>
      <label for="reason">Reason</label>
      <select id="reason" name="reason" data-submit>
        <option value="">any</option>
        ${Object.keys(reasons).map((one) => option(one, reasonLabel(one), reason))}
      </select>
      ${
        (proofs > 0 || copies) &&
        html`<label for="of">Messages</label>
          <select id="of" name="of" data-submit>
            <option value="">of the target</option>
            ${Array.from({ length: proofs }, (_, i) => option(String(i + 1), `of proof ${i + 1}`, of))}
            ${copies && option('copies', 'copies for the archive', of)}
          </select>`
      }
      <button>Search</button>
    </form>
    <p class="ledger-export">
      <a href="${address(id, { status, reason, search, of }, 'recipients.csv')}" download>As CSV</a>
      <small>all that the filters let through, safe to open in a spreadsheet</small>
    </p>`;
}

function ledgerTable(id: string, rows: readonly LedgerRow[]): Html {
  return html`<table class="ledger">
    <thead>
      <tr>
        <th scope="col" class="number">No.</th>
        <th scope="col">Address</th>
        <th scope="col">Status</th>
        <th scope="col">Reply</th>
        <th scope="col">Settled</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <td class="number">${grouped(row.seq)}</td>
            <td>
              <a href="${recipientPath(id, row)}" dir="auto">${row.address === '' ? '(no address)' : row.address}</a>
              ${row.seed !== null && html`<span class="badge">seed ${row.seed}</span>`}
            </td>
            <td>${statusCell(row)}</td>
            <td class="reply"><code dir="auto">${short(row.reply ?? '')}</code></td>
            <td>${row.settledAt !== null && instant(row.settledAt)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

export function statusCell(row: LedgerRow): Html {
  const why = reasonWords(row);
  return html`<span class="dot ${row.status}"></span>${statusWord(row.status)}
    ${why !== '' && html`<small dir="auto">${why}</small>`}
    ${row.attempts > 1 && html`<small>${row.attempts} attempts</small>`}
    ${row.possibleDuplicate && html`<small>may come twice</small>`}`;
}

const mostShown = 160;
const short = (text: string): string =>
  text.length > mostShown ? `${text.slice(0, mostShown).toWellFormed()}…` : text;

export function recipientPath(id: string, { proof, seq }: Pick<LedgerRow, 'proof' | 'seq'>): string {
  const of = proof === 0 ? '' : `?of=${proof < 0 ? 'copies' : proof}`;
  return deliveryPath(id, `recipients/${seq}${of}`);
}

function nothing({ unfinished }: LedgerPage, { after }: Query): Html {
  if (unfinished)
    return html`<div class="empty"><p>Nothing yet. The ledger is long: it is looked through piece by piece.</p></div>`;
  return html`<div class="empty"><p>${after === undefined ? 'No message is like that.' : 'That was all.'}</p></div>`;
}

function pager(id: string, asked: Query, found: LedgerPage): Html | undefined {
  if (asked.after === undefined && found.next === undefined) return undefined;
  return html`<nav class="pager" aria-label="Pages">
    ${asked.after === undefined ? html`<span></span>` : html`<a href="${address(id, { ...asked, after: undefined })}">⇤ From the beginning</a>`}
    ${nextPage(found, (after) => address(id, { ...asked, after }))}
  </nav>`;
}

/** The rows of the ledger, as `sealpost messages --csv` writes them. */
function csvOf(delivery: Delivery, filter: LedgerFilter) {
  return fileStream(async (write) => {
    let lines = csvLine(ledgerView.csv);
    for await (const row of delivery.messages(filter)) {
      lines += csvLine(ledgerView.csvCells(row));
      if (lines.length < 64_000) continue;
      await write(lines);
      lines = '';
    }
    await write(lines);
  });
}

/** `of` in an address. */
export const messagesOf = (of: string | undefined): Pick<LedgerFilter, 'proof' | 'copies'> =>
  filterOf(of === undefined ? {} : { of });

export const ofQuery = query.pick({ of: true });

export const recipientsRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/deliveries/:id/recipients',
    needs: 'recipients',
    params: deliveryParams,
    query,
    answer: recipientsPage,
  }),
  page({
    path: '/deliveries/:id/recipients.csv',
    needs: 'recipients',
    params: deliveryParams,
    query,
    answer: async ({ sealpost, params: { id }, query: asked }) => {
      const delivery = sealpost.delivery(id);
      // An id that nobody knows is an error and not an empty file.
      await delivery.progress();
      const body = csvOf(delivery, filterOf(asked));
      return { download: { name: `${id}-recipients.csv`, type: 'text/csv; charset=utf-8', body } };
    },
  }),
];
