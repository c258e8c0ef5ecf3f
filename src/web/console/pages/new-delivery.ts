import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { findingOfFault } from '../../../client/definition-faults.js';
import { withSettings } from '../../../client/definition-yaml.js';
import { DeliveryIdUsedError, type LocatedFinding } from '../../../client/index.js';
import { packageFile } from '../../../client/package-file.js';
import { html } from '../html.js';
import { form, page, type Answer, type ConsoleRoute, type Visit } from '../route.js';
import { findingsOfError, previewAnswer, textAnswer } from './draft-acts.js';
import { draftForm } from './draft-form.js';
import { draftFields, draftLimits, draftOf, filesOf, type Draft, type DraftFields } from './draft-input.js';
import { deliveryPath } from './delivery-address.js';
import { ownKeys, signingScript } from './signing-keys.js';

const path = '/new-delivery';

const empty = `# What each setting means: docs/parameters.md
id:
name:
sender:
  address:
subject:
content: content.mjml
recipients: recipients.csv
approval:
  approvers: [role:approver]
`;

const emptyDraft: Draft = {
  definition: empty,
  texts: new Map([['content.mjml', '']]),
  others: new Map(),
};

/** The example of the package as somebody's own: under an id that is free, and theirs to answer for. */
async function exampleDraft({ sealpost, operator }: Pick<Visit, 'sealpost' | 'operator'>): Promise<Draft> {
  const read = async (name: string) => await readFile(packageFile(`examples/winter-news/${name}`), 'utf8');
  const base = 'winter-news';
  const used = new Set((await sealpost.list({ search: base, limit: 1_000 })).map(({ id }) => id));
  let id = base;
  for (let n = 2; used.has(id); n += 1) id = `${base}-${n}`;
  const own = { id, owner: operator.id, approval: { approvers: ['role:approver'] } };
  return {
    definition: withSettings(await read('delivery.yaml'), own),
    texts: new Map([
      ['content.mjml', await read('content.mjml')],
      ['recipients.csv', await read('recipients.csv')],
    ]),
    others: new Map(),
  };
}

type DraftPageVisit = Pick<Visit, 'csrf' | 'sealpost' | 'operator'>;

async function draftPage(visit: DraftPageVisit, draft: Draft, findings?: readonly LocatedFinding[]): Promise<Answer> {
  const keys = await ownKeys(visit);
  const main = html`<nav class="crumbs" aria-label="Where this is"><a href="/deliveries">Deliveries</a></nav>
    <h1>New delivery</h1>
    <p>
      Choose the files of a delivery, or write them here. Nothing leaves before a proof was sent and a person has
      confirmed it. <a href="${path}?begin=example">Begin with an example</a>
    </p>
    ${draftForm({
      draft,
      ...(findings && { findings }),
      action: path,
      csrf: visit.csrf,
      submit: 'Start the delivery',
      author: { operator: visit.operator, keys },
    })}`;
  const refused = findings?.some(({ level }) => level === 'error') ?? false;
  const page = { title: 'New delivery', main, section: '/deliveries', scripts: [signingScript] };
  return { page, ...(refused && { status: 422 }) };
}

type DraftVisit = Visit<'submit', unknown, unknown, DraftFields>;

async function submit(visit: DraftVisit): Promise<Answer> {
  const { sealpost, operator, form: fields, files } = visit;
  const draft = draftOf(fields, files);
  // What step 1 would find costs the id of a delivery that has begun: better before.
  const findings = await sealpost.checkDraft(filesOf(draft));
  if (fields.act !== 'submit' || findings.some(({ level }) => level === 'error'))
    return await draftPage(visit, draft, findings);
  try {
    const { signature } = fields;
    const delivery = await sealpost.start(filesOf(draft), { operator: operator.id, ...(signature && { signature }) });
    const text = delivery.alreadyStarted
      ? 'This very delivery was started before: here it is.'
      : 'It is started: its parameters are checked, proofs go out, and the analysis seals what would be sent.';
    return { to: deliveryPath(delivery.id), notice: { kind: 'done', text } };
  } catch (error) {
    if (error instanceof DeliveryIdUsedError)
      return await draftPage(visit, draft, [findingOfFault({ field: 'id', sentence: error.message })]);
    return await draftPage(visit, draft, findingsOfError(error));
  }
}

export const newDeliveryRoutes: readonly ConsoleRoute[] = [
  page({
    path,
    needs: 'submit',
    query: z.object({ begin: z.enum(['example']).optional().catch(undefined) }),
    answer: async (visit) => draftPage(visit, visit.query.begin === undefined ? emptyDraft : await exampleDraft(visit)),
  }),
  form({ path, needs: 'submit', form: draftFields, uploads: draftLimits, answer: submit }),
  form({
    path: `${path}/text`,
    needs: 'submit',
    form: draftFields,
    uploads: draftLimits,
    answer: (visit) => {
      const draft = filesOf(draftOf(visit.form, visit.files));
      const { sealpost, operator } = visit;
      return textAnswer(
        visit,
        () => sealpost.checkDraft(draft),
        () => sealpost.startToSign(draft, { operator: operator.id }),
      );
    },
  }),
  form({
    path: `${path}/preview`,
    needs: 'submit',
    form: draftFields,
    uploads: draftLimits,
    answer: ({ sealpost, form: fields, files }) => {
      const draft = filesOf(draftOf(fields, files));
      return previewAnswer((row) => sealpost.previewDraft(draft, row), fields.row ?? '');
    },
  }),
];
