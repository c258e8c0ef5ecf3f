import { z } from 'zod';
import type { AttemptRow, LedgerRow } from '../../../client/index.js';
import type { AttemptOutcome } from '../../../delivery/message-status.js';
import { grouped } from '../../../delivery/plain-words.js';
import { errorPage } from '../error-page.js';
import { html, type Html } from '../html.js';
import { page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, reasonLabel } from '../shown-values.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { facts } from './delivery-step.js';
import { messagesOf, ofQuery, statusCell } from './recipients.js';

const params = deliveryParams.extend({ seq: z.coerce.number().int().min(0).max(2_147_483_647) });

async function recipientPage(
  visit: Visit<'recipients', z.output<typeof params>, z.output<typeof ofQuery>>,
): Promise<Answer> {
  const {
    sealpost,
    params: { id, seq },
    query: { of },
  } = visit;
  const delivery = sealpost.delivery(id);
  const standing = await delivery.standing();
  const one = { ...messagesOf(of), after: seq - 1, upTo: seq };
  const [row] = (await delivery.messagePage(one)).rows;
  if (!row) return errorPage(404, 'There is no such message.');
  const attempts: AttemptRow[] = [];
  for await (const attempt of delivery.attempts(one)) attempts.push(attempt);
  const body = html`<nav class="crumbs" aria-label="Where this is in the delivery">
      <a href="${deliveryPath(id, 'recipients')}">Recipients</a>
    </nav>
    <h2 class="page-title" dir="auto">${row.address === '' ? '(no address)' : row.address}</h2>
    ${particulars(row)}
    <h3>Attempts</h3>
    ${attemptsHtml(attempts)}`;
  return { page: deliveryFrame(visit, standing, { page: 'recipients', title: row.address, body }) };
}

function particulars(row: LedgerRow): Html | undefined {
  const { proof, seq, settledAt, nextAttemptAt } = row;
  const of = proof === 0 ? '' : proof < 0 ? ', a copy for the archive' : `, of proof ${proof}`;
  return facts([
    ['status', statusCell(row)],
    ['number', `${grouped(seq)}${of}`],
    row.seed === null ? ['row of the source', row.row === null ? '' : grouped(row.row)] : ['seed', String(row.seed)],
    ...(settledAt === null ? [] : [['settled', instant(settledAt)] as const]),
    ...(nextAttemptAt === null ? [] : [['tried again', instant(nextAttemptAt)] as const]),
  ]);
}

const outcomeWords: Readonly<Record<AttemptOutcome, string>> = {
  sent: 'the relay took it',
  deferred: 'not now',
  rejected: 'refused',
  'in-doubt': 'nobody knows whether the relay took it',
};

function attemptsHtml(attempts: readonly AttemptRow[]): Html {
  if (attempts.length === 0) return html`<p>Nothing was tried yet.</p>`;
  return html`<ol class="plain attempts">
    ${attempts.map(
      ({ number, at, outcome, reason, reply }) =>
        html`<li>
          <p>
            <b>${number}.</b> ${instant(at)} ${outcomeWords[outcome]}${reason !== null && ` (${reasonLabel(reason)})`}
          </p>
          ${reply !== null && html`<pre class="raw" dir="auto" tabindex="0" aria-label="Reply ${number}">${reply}</pre>`}
        </li>`,
    )}
  </ol>`;
}

export const recipientRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/recipients/:seq', needs: 'recipients', params, query: ofQuery, answer: recipientPage }),
];
