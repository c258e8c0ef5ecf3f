import { deliverySettingsSchema, type Profile } from '../../src/delivery/definition.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { countMobileRecipients } from '../../src/store/mobile-recipients.js';
import { insertRevision, readRevision } from '../../src/store/revisions.js';
import { computeTarget } from '../../src/store/target.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { inPhase, openEnvironment, type TestEnvironment } from './environment.js';

let environment: TestEnvironment;
let database: Database;
let relay: ScriptedRelay;

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
  relay = await startScriptedRelay({ keep: true });
  await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await database.end();
  await environment.close();
  await relay.close();
});

type Recipient = [address: string, fields?: Profile['fields']];

async function* profiles(recipients: readonly Recipient[]): AsyncGenerator<Profile> {
  for (const [index, [address, fields = {}]] of recipients.entries())
    yield await Promise.resolve({ row: index + 2, address, fields });
}

/** The recipients by operator, of a target that was analysed. */
async function counted(deliveryId: string, recipients: readonly Recipient[], own: { mobileFormatField?: string } = {}) {
  const sender = { address: 'a@b.example' };
  const settings = deliverySettingsSchema.parse({ name: 'N', sender, subject: 'S', ...own });
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId,
    author: 'author',
    settings,
    content: { text: 'T', sources: { 'content.txt': 'T' } },
    profiles: profiles(recipients),
  });
  const revision = await readRevision(database, deliveryId, hash);
  await computeTarget(database, revision, () => undefined);
  return await countMobileRecipients(database, revision);
}

const named = (mobile_format: Profile['fields'][string]) => ({ mobile_format });

test.each<[carrier: string, recipients: Recipient[]]>([
  ['docomo', [['a@docomo.ne.jp'], ['b@DoCoMo.ne.jp'], ['c@shop.example', named('Deco-mail')]]],
  [
    'softbank',
    [
      ['a@softbank.ne.jp'],
      ['b@i.softbank.jp'],
      ['c@t.vodafone.ne.jp'],
      ['d@jp-q.ne.jp'],
      ['e@disney.ne.jp'],
      ['f@docomo.ne.jp', named(' decore_MAIL ')],
      ['g@ezweb.ne.jp', named('SoftBank')],
    ],
  ],
  [
    'au',
    [
      ['a@ezweb.ne.jp'],
      ['b@shop.biz.ezweb.ne.jp'],
      ['c@au.com'],
      ['d@biz.au.com'],
      ['e@shop.example', named('Decoration Mail')],
      ['f@shop.example', named('KDDI AU')],
      ['g@ezweb.ne.jp', named('html')],
      ['h@ezweb.ne.jp', named(7)],
    ],
  ],
])('all of these have %s', async (carrier, recipients) => {
  expect(await counted(`all-${carrier}`, recipients)).toEqual({ [carrier]: recipients.length });
});

test('others have no such mobile, and who gets no message is not counted', async () => {
  const others: Recipient[] = [
    ['a@shop.example'],
    ['b@docomo.co.jp'],
    ['c@xdocomo.ne.jp'],
    ['d@sub.docomo.ne.jp'],
    ['e@vodafone.ne.jp'],
    ['f@xau.com'],
    ['docomo.ne.jp@shop.example'],
    ['g@shop.example', named('text')],
    ['h@shop.example', { phone: 'docomo' }],
  ];
  expect(await counted('others', others)).toEqual({});
  expect(await counted('doubles', [['a@au.com'], ['a@AU.com'], ['', named('au')]])).toEqual({ au: 1 });
  expect(await counted('own-field', others, { mobileFormatField: 'phone' })).toEqual({ docomo: 1 });
});

test('one delivery for all warns of what the mobiles among its recipients cannot show, and is sent', async () => {
  const people = ['ann@shop.example', 'ben@docomo.ne.jp', 'cleo@ezweb.ne.jp', 'dora@shop.example', 'eve@au.com'];
  const delivery = await environment.sealpost.start(
    definition({
      id: 'for-all',
      content: {
        html: `<html lang="en"><body><table role="presentation"><tr><td>${'Frost. '.repeat(1_500)}<a href="{{ unsubscribe_url }}">unsubscribe</a> <img src="cid:plan.png" alt="Plan"></td></tr></table></body></html>`,
        text: 'Frost. {{ unsubscribe_url }}',
      },
      images: { 'plan.png': Buffer.alloc(120_000) },
      recipients: people.map((email) => ({ email, ...(email.startsWith('dora') && { mobile_format: 'decore-mail' }) })),
    }),
    { operator: 'author' },
  );
  const analysed = await inPhase(delivery, 'awaiting-decision');
  const found = analysed.findings.filter(({ rule }) => rule.startsWith('japanese-mobile-'));
  const docomo = 'NTT DoCoMo (1 recipient)';
  const au = 'KDDI au (2 recipients)';
  const all = `Mobiles of ${au}, ${docomo} and SoftBank (1 recipient)`;
  expect(new Set(found.map(({ level, sentence }) => `${level}: ${sentence.split(':')[0]}`))).toEqual(
    new Set([
      `warning: ${all} read ISO-2022-JP, and the messages are in utf-8`,
      `warning: Mobiles of ${au} and ${docomo} take HTML of less than 10,000 bytes, and the template has 10,696 before it is filled`,
      `warning: ${all} show JPEG and GIF images alone, and "plan.png" is of another type`,
      `warning: ${all} take images of less than 100 KB together, and these have 118 KB`,
      `warning: Mobiles of ${docomo} and SoftBank (1 recipient) do not know the tags table, tr and td`,
      `warning: Mobiles of ${au} do not know the tags table, tr, td and a`,
    ]),
  );
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: analysed.seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
});

test('without such a mobile nothing is said', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'no-mobiles' }), { operator: 'author' });
  const { findings } = await inPhase(delivery, 'awaiting-decision');
  expect(findings.filter(({ rule }) => rule.startsWith('japanese-mobile-'))).toEqual([]);
});
