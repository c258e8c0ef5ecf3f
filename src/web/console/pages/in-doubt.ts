import { z } from 'zod';
import type { LedgerRow } from '../../../client/index.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import { resolutionVerdicts, type ResolutionVerdict } from '../../../delivery/resolution.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant } from '../shown-values.js';
import { commentSchema, reasonField } from './comment-field.js';
import { noticeOf } from './delivery-acts.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { nextPage } from './ledger-pager.js';
import { recipientPath } from './recipients.js';

/** Nobody judges more of them one by one. */
const mostShown = 200;

type Params = z.output<typeof deliveryParams>;

const query = z.object({ after: z.coerce.number().int().min(0).max(2_147_483_647).optional().catch(undefined) });
type Query = z.output<typeof query>;

async function inDoubtPage(visit: Visit<'recipients', Params, Query>): Promise<Answer> {
  const {
    sealpost,
    ledger,
    params: { id },
    query: { after },
  } = visit;
  const delivery = sealpost.delivery(id);
  const standing = await delivery.standing();
  const [pace, found] = await Promise.all([
    ledger.pace(id, standing.phase !== 'sending'),
    delivery.messagePage({ statuses: ['in-doubt'], limit: mostShown, ...(after !== undefined && { after }) }),
  ]);
  const counted = pace?.counts['in-doubt'];
  const { rows } = found;
  const more = found.next !== undefined || (counted !== undefined && counted > rows.length);
  const none = rows.length === 0 && !more && after === undefined;
  const body = html`<h2 class="page-title">In doubt</h2>
    <p>
      The connection was lost while the relay took these messages: it may have them or not, and sending them again could
      bring a second copy. The relay’s log tells.
    </p>
    ${none ? html`<div class="empty"><p>No message is in doubt.</p></div>` : resolving(visit, rows, { more, counted })}
    ${
      found.next !== undefined &&
      html`<nav class="pager" aria-label="Pages">
        <span></span>
        ${nextPage(found, (seq) => `${deliveryPath(id, 'in-doubt')}?after=${seq}`)}
      </nav>`
    }`;
  return { page: deliveryFrame(visit, standing, { page: 'in-doubt', title: 'In doubt', body }) };
}

const verdictWords: Readonly<Record<ResolutionVerdict, readonly [label: string, effect: string]>> = {
  sent: ['The relay had them', 'they count as sent'],
  resend: ['Send them once more', 'with the same Message-ID: who has the first copy gets a second one'],
  'give-up': ['Give them up', 'they count as failed'],
};

function resolving(
  { csrf, visitor, params: { id } }: Visit<'recipients', Params, Query>,
  rows: readonly LedgerRow[],
  { more, counted }: { more: boolean; counted: number | undefined },
): Html {
  const may = visitor.may.has('steer');
  const all = more ? `all${counted === undefined ? '' : ` ${grouped(counted)}`} that are in doubt` : 'all of them';
  return html`<form method="post" action="${deliveryPath(id, 'in-doubt')}">
    ${csrfInput(csrf)}
    <ul class="plain rows in-doubt">
      ${rows.map(
        (row) =>
          html`<li>
            ${may && html`<input type="checkbox" name="messages" value="${row.seq}" aria-label="${row.address}" />`}
            <div>
              <a href="${recipientPath(id, row)}" dir="auto">${row.address}</a>
              <small>${row.settledAt !== null && instant(row.settledAt)} <code dir="auto">${row.reply}</code></small>
            </div>
          </li>`,
      )}
    </ul>
    ${
      may &&
      html`<div class="stack">
        <label class="choice"
          ><input type="checkbox" name="all" value="yes" /><span
            ><b>${all[0]?.toUpperCase()}${all.slice(1)}</b></span
          ></label
        >
        <fieldset>
          <legend>What becomes of those that are marked</legend>
          ${resolutionVerdicts.map(
            (verdict) =>
              html`<label class="choice"
                ><input type="radio" name="verdict" value="${verdict}" required /><span
                  ><b>${verdictWords[verdict][0]}</b> <small>${verdictWords[verdict][1]}</small></span
                ></label
              >`,
          )}
        </fieldset>
        ${reasonField()}
        <button class="primary">Decide</button>
      </div>`
    }
  </form>`;
}

const fields = z.object({
  verdict: z.enum(resolutionVerdicts),
  messages: z.union([z.string(), z.array(z.string())]).optional(),
  all: z.literal('yes').optional(),
  comment: commentSchema,
});

async function resolve({
  sealpost,
  operator,
  params: { id },
  form: { verdict, messages, all, comment },
}: Visit<'steer', Params, unknown, z.output<typeof fields>>): Promise<Answer> {
  const to = deliveryPath(id, 'in-doubt');
  const numbers = [messages ?? []].flat().filter((text) => /^\d{1,9}$/.test(text));
  if (all === undefined && numbers.length === 0)
    return { to, notice: { kind: 'refused', text: 'No message was marked: nothing was decided.' } };
  const which = all === 'yes' ? 'all' : numbers.map(Number);
  const decision = { operator: operator.id, verdict, messages: which, ...(comment && { comment }) } as const;
  const notice = await noticeOf(
    () => sealpost.delivery(id).resolveInDoubt(decision),
    ({ messages: resolved = 0 }) => `Decided on ${plural(resolved, 'message')}: ${verdictWords[verdict][1]}.`,
  );
  return { to, notice };
}

export const inDoubtRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/in-doubt', needs: 'recipients', params: deliveryParams, query, answer: inDoubtPage }),
  form({ path: '/deliveries/:id/in-doubt', needs: 'steer', params: deliveryParams, form: fields, answer: resolve }),
];
