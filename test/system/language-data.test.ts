import { sendingWorkflowId } from '../../workflows/messages.js';
import { definition } from './definition.js';
import { eventually, openSendingEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await openSendingEnvironment();
});
afterAll(() => environment.close());

/** Starts a delivery, and confirms it after its seal was made under another ICU, or under none that is known. */
async function sealedUnder(id: string, text: string, icu: string | null) {
  const delivery = await environment.sealpost.start(definition({ id, content: { text } }), { operator: 'author' });
  const { seal } = await eventually(
    () => delivery.show(),
    (seen) => seen.phase === 'awaiting-decision' && seen.seal !== undefined,
  );
  expect(await sealedIcu(id)).toEqual([process.versions.icu]);
  await storeIcu(id, icu);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: seal ?? '' });
  return delivery;
}

async function sealedIcu(id: string) {
  const { rows } = await environment.database.query<{ icu: string }>(
    'select r.sealed_icu as icu from revision r join delivery d on d.key = r.delivery where d.id = $1',
    [id],
  );
  return rows.map(({ icu }) => icu);
}

const storeIcu = (id: string, icu: string | null | undefined) =>
  environment.database.query(
    'update revision r set sealed_icu = $2 from delivery d where d.key = r.delivery and d.id = $1',
    [id, icu],
  );

const lastFailure = async (id: string) => {
  const { raw } = await environment.temporal.workflow.getHandle(sendingWorkflowId(id)).describe();
  return raw.pendingActivities?.[0]?.lastFailure;
};

const inLocale = '{{ first_name }} {{ 1234.5 | number }} {{ unsubscribe_url }}';
const sent = { outcome: 'finished', counts: { sent: 5 } };

test('under other language data than that of the seal nothing is claimed, until a worker has the same', async () => {
  const delivery = await sealedUnder('other-icu', inLocale, '1.0');
  const { failure } = await eventually(
    // The workflow may not be there yet.
    async () => ({
      failure: await lastFailure('other-icu').catch(() => undefined),
      ended: (await delivery.progress()).ended,
    }),
    ({ failure, ended }) => Boolean(failure) || ended,
  );
  expect(failure?.applicationFailureInfo?.type).toBe('OtherLanguageData');
  expect(failure?.message).toContain('run the same version of Node on all workers');
  const { counts } = await delivery.progress();
  expect(counts).toEqual({ pending: 5 });
  const { rowCount } = await environment.database.query('select from batch');
  expect(rowCount).toBe(0);
  await storeIcu('other-icu', process.versions.icu);
  expect(await delivery.outcome()).toEqual(sent);
});

test.each<[string, string, string | null]>([
  ['content that is the same everywhere', '{{ first_name | upcase }} {{ unsubscribe_url }}', '1.0'],
  ['a seal of a time when it was not recorded', inLocale, null],
])('%s is sent', async (_, text, icu) => {
  const delivery = await sealedUnder(icu === null ? 'unknown-icu' : 'any-icu', text, icu);
  expect(await delivery.outcome()).toEqual(sent);
});
