import type { z } from 'zod';
import type { EditableRevision, LocatedFinding } from '../../../client/index.js';
import { findingOfFault } from '../../../client/definition-faults.js';
import { plural } from '../../../delivery/plain-words.js';
import { html, type Html } from '../html.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { reasonField } from './comment-field.js';
import { noticeOf } from './delivery-acts.js';
import { deliveryParams, deliveryPath } from './delivery-address.js';
import { deliveryFrame } from './delivery-frame.js';
import { findingsOfError, previewAnswer, textAnswer } from './draft-acts.js';
import { draftForm } from './draft-form.js';
import { ownKeys, signingScript } from './signing-keys.js';
import { draftFields, draftLimits, draftOf, filesOf, type Draft, type DraftFields } from './draft-input.js';

type Params = z.output<typeof deliveryParams>;
type ReviseVisit = Visit<'submit', Params, unknown, DraftFields>;

/** What of a form about a revision is shown again. */
interface Given {
  draft: Draft;
  fields?: DraftFields;
  findings?: readonly LocatedFinding[];
}

async function editPage(visit: Visit<'submit', Params>, edited: EditableRevision, given: Given): Promise<Answer> {
  const { sealpost, operator, params, csrf } = visit;
  const keys = await ownKeys(visit);
  const standing = await sealpost.delivery(params.id).standing();
  const { draft, fields, findings } = given;
  const body = html`<h2 class="page-title">A new revision</h2>
    <p>
      The delivery goes back to its first step: proofs, analysis and decisions of the revision before count no more.
      ${attachedText(edited)}
    </p>
    ${draftForm({
      draft,
      ...(findings && { findings }),
      action: deliveryPath(params.id, 'edit'),
      csrf,
      submit: 'Submit the revision',
      author: { operator, keys, delivery: params.id },
      more: revisionFields(edited, fields),
    })}`;
  const refused = findings?.some(({ level }) => level === 'error') ?? false;
  return {
    page: deliveryFrame(visit, standing, { page: 'edit', title: 'Edit', body, scripts: [signingScript] }),
    ...(refused && { status: 422 }),
  };
}

const attachedText = ({ attached }: EditableRevision): Html | false =>
  attached.size > 0 &&
  html`Pictures and attachments are kept unless others come under their names: ${[...attached.keys()].join(', ')}.`;

function revisionFields({ revision, profiles }: EditableRevision, fields: DraftFields | undefined): Html {
  const anew = fields?.recipients === 'given';
  return html`<input type="hidden" name="base" value="${fields?.base ?? revision}" />
    <fieldset>
      <legend>Recipients</legend>
      <label class="choice"
        ><input type="radio" name="recipients" value="kept" ${!anew && html`checked`} /><span
          >Those of the current revision (${plural(profiles, 'row')}), whatever <code>recipients</code> says above</span
        ></label
      >
      <label class="choice"
        ><input type="radio" name="recipients" value="given" ${anew && html`checked`} /><span
          >Read anew, as <code>recipients</code> says: choose the files above</span
        ></label
      >
    </fieldset>
    ${reasonField(fields?.comment)}`;
}

const overtaken = (hash: string): LocatedFinding =>
  findingOfFault({
    field: '',
    sentence: `Somebody has submitted revision ${hash.slice(0, 12)} meanwhile. Open the page anew in another window and see what differs; submit once more to put yours in its place.`,
  });

async function submit(visit: ReviseVisit): Promise<Answer> {
  const { sealpost, operator, params, form: fields, files } = visit;
  const delivery = sealpost.delivery(params.id);
  const edited = await delivery.editable();
  const draft = draftOf(fields, files);
  const source = filesOf(draft, edited.attached);
  const kept = fields.recipients !== 'given';
  const found = kept ? await delivery.checkDraft(source) : await sealpost.checkDraft(source);
  const isOld = fields.base !== undefined && fields.base !== edited.revision;
  const findings = isOld ? [overtaken(edited.revision), ...found] : found;
  const again = { ...fields, base: edited.revision };
  if (fields.act !== 'submit' || findings.some(({ level }) => level === 'error'))
    return await editPage(visit, edited, { draft, fields: again, findings });
  try {
    const { comment, signature } = fields;
    const by = { operator: operator.id, ...(comment && { comment }), ...(signature && { signature }) };
    const done = 'The revision is submitted: it is checked, proofs go out, and it is analysed.';
    const notice = await noticeOf(() => delivery.revise(source, by, kept ? 'kept' : undefined), done);
    if (notice.kind !== 'refused') return { to: deliveryPath(params.id), notice };
    const refusal = findingOfFault({ field: '', sentence: notice.text });
    return await editPage(visit, edited, { draft, fields: again, findings: [refusal] });
  } catch (error) {
    return await editPage(visit, edited, { draft, fields: again, findings: findingsOfError(error) });
  }
}

export const reviseRoutes: readonly ConsoleRoute[] = [
  page({
    path: '/deliveries/:id/edit',
    needs: 'submit',
    params: deliveryParams,
    answer: async (visit) => {
      const edited = await visit.sealpost.delivery(visit.params.id).editable();
      const { definition, texts } = edited;
      return await editPage(visit, edited, { draft: { definition, texts, others: new Map() } });
    },
  }),
  form({
    path: '/deliveries/:id/edit',
    needs: 'submit',
    params: deliveryParams,
    form: draftFields,
    uploads: draftLimits,
    answer: submit,
  }),
  form({
    path: '/deliveries/:id/edit/text',
    needs: 'submit',
    params: deliveryParams,
    form: draftFields,
    uploads: draftLimits,
    answer: async (visit) => {
      const { sealpost, operator, params, form: fields, files } = visit;
      const delivery = sealpost.delivery(params.id);
      const draft = filesOf(draftOf(fields, files), (await delivery.editable()).attached);
      const kept = fields.recipients !== 'given';
      return await textAnswer(
        visit,
        () => (kept ? delivery.checkDraft(draft) : sealpost.checkDraft(draft)),
        () => delivery.revisionToSign(draft, { operator: operator.id }, kept ? 'kept' : undefined),
      );
    },
  }),
  form({
    path: '/deliveries/:id/edit/preview',
    needs: 'submit',
    params: deliveryParams,
    form: draftFields,
    uploads: draftLimits,
    answer: async ({ sealpost, params, form: fields, files }) => {
      const delivery = sealpost.delivery(params.id);
      const { attached } = await delivery.editable();
      const draft = filesOf(draftOf(fields, files), attached);
      const make = (row: number | undefined) =>
        fields.recipients === 'given' ? sealpost.previewDraft(draft, row) : delivery.previewDraft(draft, row);
      return await previewAnswer(make, fields.row ?? '');
    },
  }),
];
