import { z } from 'zod';
import { confirmingSends, demand, stillWanted } from '../../../wording/decision-text.js';
import { envelopeFields } from '../../../wording/description-text.js';
import { decisionText } from '../../../wording/journal-text.js';
import { addresseesText } from '../../../wording/target-text.js';
import {
  seenBefore,
  type DeliveryFigures,
  type RevisionDifference,
  type DeliveryStanding,
  type SeenBefore,
} from '../../../client/index.js';
import { sha256Hex } from '../../../delivery/command.js';
import { grouped, plural } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { instant, shortHash } from '../shown-values.js';
import { commentSchema } from './comment-field.js';
import { decisionForms, deliberately, isDecidable, typedWrong } from './decision-forms.js';
import { noticeOf } from './delivery-acts.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { facts } from './delivery-step.js';
import { findingsList, findingsSummary } from './findings.js';
import { previewPath } from './mail-frame.js';
import { comparison } from './report.js';
import { ownKeys, signingScript } from './signing-keys.js';

type DecisionVisit = Visit<'read' | 'decide', z.output<typeof deliveryParams>>;

async function decisionPage(visit: DecisionVisit, fault?: string): Promise<Answer> {
  const { sealpost, ledger, operator, visitor, params } = visit;
  const delivery = await sealpost.delivery(params.id).standing();
  const against = comparison(delivery, operator.id);
  const [figures, difference, keys] = await Promise.all([
    ledger.figures(params.id),
    ledger.difference({ ...delivery, against, addresses: false }),
    ownKeys(visit),
  ]);
  const body = isDecidable(delivery)
    ? html`<p class="sentence">${confirmingSends({ ...delivery, ...figures })}</p>
        ${review(visit, delivery, figures)} ${changes(delivery, operator.id, difference)}
        <section aria-labelledby="deciding">
          <h2 id="deciding">Your decision</h2>
          <p>
            ${demand(delivery.pendingDecision).join(' ')} The request stands until
            ${instant(delivery.pendingDecision.expiresAt)}.
          </p>
          ${
            visitor.may.has('decide')
              ? decisionForms(visit, delivery, keys, fault)
              : html`<p class="hint">Your roles let you look, and not decide: an approver confirms or rejects.</p>`
          }
        </section>
        ${decided(delivery)}`
    : html`<p class="sentence">There is nothing to decide now.</p>
        ${decided(delivery)}`;
  return {
    page: deliveryFrame(visit, delivery, { page: 'decision', title: 'Decision', body, scripts: [signingScript] }),
    ...(fault !== undefined && { status: 422 }),
  };
}

/** What a decision is made by, in a screenful; the rest is a link away. */
function review({ visitor }: DecisionVisit, delivery: DeliveryStanding, figures: DeliveryFigures | undefined): Html {
  const { id, findings, profiles, seal, revision, author, settings, files, sample } = delivery;
  const left = Object.values(figures?.excluded ?? {}).reduce((sum, count) => sum + count, 0);
  const filled = sample && visitor.may.has('recipients') ? { sample } : {};
  const envelope = envelopeFields({ settings, files, ...filled }).filter(
    ([name]) => !filled.sample || name !== 'its template',
  );
  const infos = findings.filter(({ level }) => level === 'info');
  return html`${facts([
      ...envelope,
      ['to', `${addresseesText({ ...delivery, ...figures })} of ${grouped(profiles)}`],
      ...(figures ? [['left out', left === 0 ? 'nobody' : plural(left, 'recipient')] as const] : []),
      ['revision', html`${shortHash(revision)} by <bdi>${author}</bdi>`],
      ['seal', shortHash(seal ?? '', 16)],
    ])}
    <div class="acts">
      ${visitor.may.has('recipients') && html`<a class="button" href="${previewPath(id, { view: 'phone' })}">See the mail</a>`}
      <a class="button" href="${deliveryPath(id, 'report')}">Read the report</a>
      <a class="button" href="#deciding">Decide</a>
    </div>
    <section aria-labelledby="checks">
      <h2 id="checks">Checks: ${findingsSummary(findings)}</h2>
      ${findingsList(findings.filter(({ level }) => level !== 'info'))}
      ${
        infos.length > 0 &&
        html`<details>
          <summary>${grouped(infos.length)} for information</summary>
          ${findingsList(infos)}
        </details>`
      }
    </section>`;
}

/** What is news to this person. */
function changes(
  delivery: DeliveryStanding,
  operator: string,
  difference: RevisionDifference | undefined,
): Html | undefined {
  const seen = seenBefore(delivery, operator);
  if (!seen && delivery.revisions.length < 2) return undefined;
  return html`<section aria-labelledby="changes">
    <h2 id="changes">
      ${seen ? 'What has changed since you last decided' : 'What has changed since the revision before'}
    </h2>
    ${seen && sinceThen(delivery, seen)}
    ${
      seen?.revision !== delivery.revision &&
      (difference
        ? html`<ul class="changes">
              ${changeLines(difference).map((line) => html`<li dir="auto">${line}</li>`)}
            </ul>
            <p><a href="${deliveryPath(delivery.id, 'report')}#difference">Line by line</a></p>`
        : html`<p><a href="${deliveryPath(delivery.id, 'report')}#difference">See the report</a></p>`)
    }
  </section>`;
}

function sinceThen({ revision, sealedCount }: DeliveryStanding, seen: SeenBefore): Html {
  const before = seen.sealedCount;
  const same = seen.revision === revision ? 'The revision is the same; it was analysed again. ' : '';
  const counts =
    before === undefined || sealedCount === undefined
      ? ''
      : before === sealedCount
        ? `As many messages as then: ${grouped(before)}.`
        : `${grouped(before)} messages then, ${grouped(sealedCount)} now.`;
  return html`<p>
    You said a word on it ${instant(seen.at)}${seen.seal !== undefined && html`, on seal ${shortHash(seen.seal, 8)}`}.
    ${same}${counts}
  </p>`;
}

const mostSettings = 8;

function changeLines({ settings, sources, files, target }: RevisionDifference): string[] {
  const recipients = [
    [target.gained.count, 'new'],
    [target.lost.count, 'gone'],
    [target.changed.count, 'with other fields'],
  ] as const;
  const told = recipients.flatMap(([count, what]) => (count === 0 ? [] : [`${grouped(count)} ${what}`]));
  return [
    ...settings
      .slice(0, mostSettings)
      .map(({ path, before = 'not set', after = 'not set' }) => `${path}: ${cut(before)} → ${cut(after)}`),
    ...(settings.length > mostSettings ? [`${settings.length - mostSettings} more settings`] : []),
    sources.length === 0
      ? 'Content: the same'
      : `Content: ${sources.map(({ file, change }) => `${file} ${change}`).join(', ')}`,
    ...files.map(({ name, change }) => `${name} ${change}`),
    told.length === 0 ? 'Recipients: the same' : `Recipients: ${told.join(', ')}`,
  ];
}

const cut = (text: string): string => (text.length > 120 ? `${text.slice(0, 120).toWellFormed()}…` : text);

function decided({ decisions }: DeliveryStanding): Html | undefined {
  if (decisions.length === 0) return undefined;
  return html`<section aria-labelledby="decisions">
    <h2 id="decisions">Decisions so far</h2>
    <ul class="plain log">
      ${decisions.toReversed().map(
        (decision) =>
          html`<li class="${decision.accepted ? '' : 'refused'}">
            ${instant(decision.at)}
            <span dir="auto"
              >${decisionText(decision)}${decision.comment !== undefined && `: “${decision.comment}”`}</span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

const fields = z.object({
  verdict: z.enum(['confirm', 'reject', 'withdraw']),
  seal: sha256Hex('seal'),
  typed: z.string().max(64).optional(),
  comment: commentSchema,
  breakGlass: z.literal('true').optional(),
  signature: z.string().max(8_192).optional(),
});

type DecideVisit = Visit<'decide', z.output<typeof deliveryParams>, unknown, z.output<typeof fields>>;

async function decide(visit: DecideVisit): Promise<Answer> {
  const { sealpost, operator, params, form: given } = visit;
  const { verdict, seal, typed = '', comment, breakGlass, signature } = given;
  const of = sealpost.delivery(params.id);
  const before = await of.standing();
  // The seal that the person saw may be none any more: the delivery refuses it, and the journal has it.
  if (verdict === 'confirm' && isDecidable(before) && seal === before.seal && !deliberately(before).matches(typed))
    return await decisionPage(visit, typedWrong(before));
  const decision = {
    operator: operator.id,
    verdict,
    seal,
    ...(comment !== undefined && { comment }),
    ...(breakGlass && { breakGlass: true }),
    ...(signature && { signature }),
  };
  const notice = await noticeOf(() => of.decide(decision), doneText(visit, before));
  return { to: deliveryPath(params.id, 'decision'), notice };
}

/** What it came to once the delivery has taken it, by how that stood before. */
function doneText(
  { operator, form: { verdict, breakGlass } }: DecideVisit,
  { pendingDecision }: DeliveryStanding,
): string {
  if (verdict === 'reject') return 'Rejected: nothing leaves. A new revision is awaited.';
  if (verdict === 'withdraw') return 'Your confirmation counts no more.';
  const wanted = breakGlass ? undefined : stillWanted(pendingDecision, operator.id);
  return wanted === undefined ? 'Confirmed: the delivery goes on.' : `Your confirmation counts. ${wanted}`;
}

export const decisionRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/deliveries/:id/decision',
    needs: 'read',
    params: deliveryParams,
    answer: (visit) => decisionPage(visit),
  }),
  form({ path: '/deliveries/:id/decision', needs: 'decide', params: deliveryParams, form: fields, answer: decide }),
];
