import { z } from 'zod';
import { reviewText } from '../../../wording/journal-text.js';
import type { Delivery, DeliveryStanding, ProofDescription } from '../../../client/index.js';
import { exclusionWords } from '../../../delivery/control-rules/target-rules.js';
import { tookAny } from '../../../delivery/message-status.js';
import { statementType } from '../../../delivery/signed-statement.js';
import { html, type Html } from '../html.js';
import { csrfInput } from '../layout.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { actButtons, noticeOf } from './delivery-acts.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { commentField, commentSchema } from './comment-field.js';
import { facts } from './delivery-step.js';
import { proofDetails } from './proofs-step.js';
import { cannotSign, keyHolder, ownKeys, signingScript } from './signing-keys.js';
import { wordLog } from './word-log.js';

const query = z.object({ proof: z.coerce.number().int().min(1).max(2_147_483_647).optional().catch(undefined) });

type ProofsVisit = Visit<'read', z.output<typeof deliveryParams>, z.output<typeof query>>;

async function proofsPage(visit: ProofsVisit): Promise<Answer> {
  const of = visit.sealpost.delivery(visit.params.id);
  const delivery = await of.standing();
  const { proofs, reviews } = delivery;
  const shown = proofs.find(({ proof }) => proof === visit.query.proof) ?? proofs.at(-1);
  const body = html`${
    shown
      ? html`<ul class="plain rows">
            ${proofs.toReversed().map((proof) => proofRow(delivery.id, proof, proof === shown))}
          </ul>
          ${await proofSection(visit, of, delivery, shown)}`
      : html`<p class="empty">No proof has been sent yet.</p>`
  }
  ${actButtons(visit, delivery, ['proof'])}
  ${
    reviews.length > 0 &&
    html`<section aria-labelledby="reviews">
      <h2 id="reviews">What reviewers say</h2>
      ${wordLog(reviews.toReversed(), reviewText)}
    </section>`
  }`;
  return { page: deliveryFrame(visit, delivery, { page: 'proofs', title: 'Proofs', body, scripts: [signingScript] }) };
}

function proofRow(id: string, proof: ProofDescription, shown: boolean): Html {
  const name = html`<b>Proof ${proof.proof}</b>`;
  return html`<li>
    <div>
      ${shown ? name : html`<a href="${deliveryPath(id, 'proofs')}?proof=${proof.proof}">${name}</a>`}
      ${proof.stale ? html`<span class="badge">of an older revision</span>` : html`<span class="phase good">current</span>`}
      ${proofDetails(proof)}
    </div>
  </li>`;
}

async function proofSection(
  visit: ProofsVisit,
  of: Delivery,
  delivery: DeliveryStanding,
  proof: ProofDescription,
): Promise<Html> {
  return html`<section aria-labelledby="proof">
    <h2 id="proof">Proof ${proof.proof}</h2>
    ${visit.visitor.may.has('recipients') && (await replies(of, proof))} ${await reviewForm(visit, delivery, proof)}
  </section>`;
}

/** Of a proof to more people than these, the ledger tells the rest. */
const mostReplies = 200;

/** What became of each of its messages. */
async function replies(of: Delivery, { proof }: ProofDescription): Promise<Html> {
  const rows: Html[] = [];
  for await (const { address, status, reason, reply } of of.messages({ proof, limit: mostReplies }))
    rows.push(
      html`<tr>
        <td><bdi>${address}</bdi></td>
        <td>
          <span class="dot ${status}"></span>${status}${reason !== null && html`: ${exclusionWords[reason] ?? reason}`}
        </td>
        <td><code dir="auto">${reply}</code></td>
      </tr>`,
    );
  return html`<div class="wide" tabindex="0" role="region" aria-label="Messages of the proof">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">to</th>
          <th scope="col">status</th>
          <th scope="col">reply</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** For whom the definition names as a reviewer, of a proof that shows what there is now. */
async function reviewForm(
  visit: ProofsVisit,
  { id, approvalRules, reviews }: DeliveryStanding,
  { proof, revision, stale, counts }: ProofDescription,
): Promise<Html | undefined> {
  const { visitor, operator, csrf } = visit;
  const named = approvalRules.some(({ settings }) => settings.contentApproval?.reviewers.includes(operator.id));
  if (!named || !visitor.may.has('review') || stale || !tookAny(counts)) return undefined;
  const own = reviews.findLast((one) => one.accepted && one.operator === operator.id && one.proof === proof);
  const mustSign = approvalRules.some(({ settings }) => settings.requireSignature);
  const disabled = mustSign && html`disabled`;
  const keys = await ownKeys(visit);
  return html`<form
    class="stack"
    method="post"
    action="${deliveryPath(id, `proofs/${proof}/review`)}"
    data-signs="${statementType('review')}"
    data-text="/api/v1${deliveryPath(id, `proofs/${proof}/review-text`)}"
    ${keyHolder(operator, keys)}
  >
    ${csrfInput(csrf)}
    <input type="hidden" name="signature" />
    <p>
      ${
        own
          ? html`You ${own.verdict === 'approve' ? 'approved' : 'rejected'} what it shows. Your last word counts.`
          : 'Is what this proof shows right? The delivery asks you.'
      }
    </p>
    ${reviewKeyStates(id, { operator: operator.id, proof, mustSign })}
    ${commentField('comment', { label: 'Why', hint: 'Needed to reject: what must be mended.' })}
    <p class="fault" role="alert" hidden></p>
    <div class="acts">
      <button class="primary" name="verdict" value="approve" data-says="verdict" ${disabled}>Approve</button>
      <button class="danger" name="verdict" value="reject" data-says="verdict" ${disabled}>Reject</button>
    </div>
    <details class="other">
      <summary>What you sign</summary>
      <p>Your verdict and comment on this proof, once. Word for word:</p>
      ${facts([
        ['delivery', html`<code data-says="delivery">${id}</code>`],
        ['revision', html`<code data-says="revision">${revision}</code>`],
        ['proof', html`<code data-says="proof">${proof}</code>`],
      ])}
    </details>
  </form>`;
}

/** Why this browser cannot sign a review, in each case. */
function reviewKeyStates(
  id: string,
  { operator, proof, mustSign }: { operator: string; proof: number; mustSign: boolean },
): Html {
  const next = new URLSearchParams({ next: deliveryPath(id, 'proofs') }).toString();
  const command = html`<p><code>sealpost proof approve ${id} ${proof} --operator ${operator}</code></p>`;
  return html`<div class="key-state" data-when="none unknown" hidden>
      <p>This browser has no key of yours that counts. <a href="/account/keys/new?${next}">Give it one</a>.</p>
    </div>
    <div class="key-state" data-when="insecure unsupported" hidden>${cannotSign} ${mustSign && command}</div>
    ${
      mustSign &&
      html`<noscript
        ><div class="key-state">
          <p>A review is signed by a script, which this browser does not run. On the command line:</p>
          ${command}
        </div></noscript
      >`
    }`;
}

const params = deliveryParams.extend({ proof: z.coerce.number().int().min(1).max(2_147_483_647) });
const fields = z.object({
  verdict: z.enum(['approve', 'reject']),
  comment: commentSchema,
  signature: z.string().max(8_192).optional(),
});

const effects = {
  approve: 'You approved it. Your last word counts, until a new revision comes.',
  reject: 'You rejected it. Nobody can confirm the revision until you approve it, or a new one comes.',
};

async function review({
  sealpost,
  operator,
  params: { id, proof },
  form: { verdict, comment, signature },
}: Visit<'review', z.output<typeof params>, unknown, z.output<typeof fields>>): Promise<Answer> {
  const to = `${deliveryPath(id, 'proofs')}?proof=${proof}`;
  if (verdict === 'reject' && comment === undefined)
    return { to, notice: { kind: 'refused', text: 'Say what must be mended: nothing was rejected.' } };
  const word = {
    operator: operator.id,
    verdict,
    proof,
    ...(comment !== undefined && { comment }),
    ...(signature && { signature }),
  };
  return { to, notice: await noticeOf(() => sealpost.delivery(id).reviewProof(word), effects[verdict]) };
}

export const proofsRoutes: readonly ConsoleRoute[] = [
  page({ path: '/deliveries/:id/proofs', needs: 'read', params: deliveryParams, query, answer: proofsPage }),
  form({ path: '/deliveries/:id/proofs/:proof/review', needs: 'review', params, form: fields, answer: review }),
];
