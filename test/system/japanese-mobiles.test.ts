import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import PostalMime from 'postal-mime';
import { prepareBatch } from '../../activities/prepare-batch.js';
import { makeRevisionReader } from '../../activities/read-compiled-revision.js';
import { readSignedProof } from '../../src/audit/message-proof.js';
import { readMail, type ReceivedMail } from '../../src/audit/received-mail.js';
import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { verifyMessage } from '../../src/audit/verify-message.js';
import type { Delivery } from '../../src/client/index.js';
import { deliverySettingsSchema, type Profile } from '../../src/delivery/definition.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { countMobileRecipients } from '../../src/store/mobile-recipients.js';
import { insertRevision, readRevision } from '../../src/store/revisions.js';
import { computeTarget } from '../../src/store/target.js';
import { mobileReaders } from '../delivery/mobile-readers.js';
import { entitiesOf, type Entities } from '../mime/entities.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { inPhase, openEnvironment, type TestEnvironment } from './environment.js';
import { servePages, type ServedPages } from './served-pages.js';

const systemKey = await parseSystemKey(makeSystemKey());

let environment: TestEnvironment;
let database: Database;
let relay: ScriptedRelay;
let pages: ServedPages;

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
  relay = await startScriptedRelay({ keep: true });
  pages = await servePages(database);
  await environment.startWorker({ SMTP_URL: relay.url });
});
afterAll(async () => {
  await pages.stop();
  await database.end();
  await environment.close();
  await relay.close();
});

/** A revision whose target was computed. */
async function targeted(deliveryId: string, readers: typeof mobileReaders, own: { mobileFormatField?: string } = {}) {
  async function* profiles(): AsyncGenerator<Profile> {
    for (const [index, [address, fields]] of readers.entries())
      yield await Promise.resolve({ row: index + 2, address, fields });
  }
  const sender = { address: 'a@b.example' };
  const settings = deliverySettingsSchema.parse({ name: 'N', sender, subject: 'S', ...own });
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId,
    author: 'author',
    settings,
    content: { text: '{{ text | default: "T" }}', sources: { 'content.txt': 'T' } },
    profiles: profiles(),
  });
  const revision = await readRevision(database, deliveryId, hash);
  await computeTarget(database, revision, () => undefined);
  return { hash, revision };
}

/** Its recipients by operator. */
async function counted(...target: Parameters<typeof targeted>) {
  return await countMobileRecipients(database, (await targeted(...target)).revision);
}

// One of them at a time, for a sum would hide who was taken for whose.
test('SQL counts as messages are made: by what the profile names, else by the domain', async () => {
  for (const [n, reader] of mobileReaders.entries()) {
    const [, , carrier] = reader;
    expect([reader, await counted(`reader-${n}`, [reader])]).toEqual([reader, carrier ? { [carrier]: 1 } : {}]);
  }
});

test('who gets no message is not counted, and another column may name the format', async () => {
  const doubles: typeof mobileReaders = [
    ['a@au.com', {}, 'au'],
    ['a@AU.com', {}, 'au'],
    ['', { mobile_format: 'au' }, 'au'],
  ];
  expect(await counted('doubles', doubles)).toEqual({ au: 1 });
  expect(await counted('own-field', mobileReaders, { mobileFormatField: 'phone' })).toMatchObject({ docomo: 5 });
});

// The first attempt stores what it has made, and its worker dies before anybody hears what it has found.
test('the largest parts are found of all messages, whichever attempt made them', async () => {
  const deliveryId = 'attempts';
  const texts: typeof mobileReaders = [4_000, 4_998, 5_200, 5_100].map((length) => [
    `reader${length}@docomo.ne.jp`,
    { text: '花'.repeat(length) },
    'docomo',
  ]);
  const { hash } = await targeted(deliveryId, [
    ...texts,
    ['a@softbank.ne.jp', { text: '花'.repeat(9_000) }, 'softbank'],
  ]);
  const revision = await makeRevisionReader(database)({ deliveryId, revision: hash });
  for (const attempt of [1, 2]) {
    const activity = new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
    const found = activity.run(() => prepareBatch({ database }, revision, { from: 2, to: 6 }));
    expect(await found).toEqual({ oversized: [{ carrier: 'docomo', part: 'text', bytes: 10_406, row: 4 }] });
  }
});

const people = [
  { email: 'ann@shop.example', name: '安☃' },
  { email: 'ben@docomo.ne.jp', name: '弁', news: '花'.repeat(4_900) },
  { email: 'cleo@ezweb.ne.jp', name: '暮' },
  { email: 'dora@shop.example', name: '銅鑼', mobile_format: 'decore-mail' },
  { email: 'eve@au.com', name: '☃' },
];
const images = ['image/jpeg'];
const alternative = ['multipart/alternative', 'text/plain', 'text/html'];
const structures: Record<string, [charset: string, Entities]> = {
  'ann@shop.example': ['utf-8', ['multipart/alternative', 'text/plain', ['multipart/related', 'text/html', ...images]]],
  'ben@docomo.ne.jp': ['iso-2022-jp', ['multipart/mixed', ['multipart/related', alternative, ...images]]],
  'cleo@ezweb.ne.jp': ['iso-2022-jp', ['multipart/mixed', alternative, ...images]],
  'dora@shop.example': ['iso-2022-jp', ['multipart/related', alternative, ...images]],
};

test('one delivery serves all: each mobile gets its operator’s format, and whoever makes a message again the same', async () => {
  const delivery = await environment.sealpost.start(
    definition({
      id: 'for-all',
      subject: '{{ name }}さんへ',
      bcc: 'archive@garden.example',
      mirror: { hosted: 'https://garden.example' },
      content: {
        html: `<html lang="ja"><head><meta charset="utf-8"></head><body><table><tr><td>{{ name }}さん {{ news | default: "" }}</td></tr></table><img src="cid:garden.jpg" alt=""><a href="{{ mirror_url }}">Web</a> <a href="{{ unsubscribe_url }}">解除</a></body></html>`,
        text: '{{ name }}さん {{ unsubscribe_url }}',
      },
      images: { 'garden.jpg': Buffer.alloc(120_000) },
      recipients: people,
    }),
    { operator: 'author' },
  );
  const analysed = await inPhase(delivery, 'awaiting-decision');
  const found = analysed.findings.filter(({ rule }) => /^japanese-mobile-|^personalisation/.test(rule));
  const largest = /\(row 2\) has ([\d,]+)/.exec(found.map(({ sentence }) => sentence).join())?.[1];
  const docomo = 'NTT DoCoMo (1 recipient)';
  const au = 'KDDI au (2 recipients)';
  const all = `Mobiles of ${au}, ${docomo} and SoftBank (1 recipient)`;
  expect(new Set(found.map(({ level, sentence }) => `${level}: ${sentence.split(':')[0]}`))).toEqual(
    new Set([
      'warning: 1 recipient gets no message (row 5); Subject',
      `warning: Mobiles of ${docomo} take HTML of less than 10,000 bytes, and the largest (row 2) has ${largest}`,
      `warning: ${all} take images of less than 100 KB together, and these have 118 KB`,
      `warning: Mobiles of ${docomo} and SoftBank (1 recipient) do not know the tags table, tr and td`,
      `warning: Mobiles of ${au} do not know the tags table, tr, td and a`,
    ]),
  );
  expect((await delivery.report()).analysis?.differing).toEqual([]);
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal: analysed.seal ?? '' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 4, ignored: 1 } });
  const copies = new Set(takenBy('archive@garden.example').map((bytes) => bytes.toString('latin1')));
  expect(copies.size).toBe(4);
  const [ben = ''] = takenBy('ben@docomo.ne.jp').map((bytes) => bytes.toString('latin1'));
  const [, base64 = ''] = /^Content-Type: text\/html;[^]*?\r\n\r\n([^]*?)\r\n--/m.exec(ben) ?? [];
  expect(largest).toBe(Buffer.from(base64, 'base64').length.toLocaleString('en-US'));
  for (const [n, { email, name }] of people.slice(0, 4).entries()) {
    const [bytes = Buffer.alloc(0)] = takenBy(email);
    const wire = bytes.toString('latin1');
    const [charset, structure] = structures[email] ?? [];
    expect(entitiesOf(wire)).toEqual(structure);
    expect(wire.match(/; charset=[\w-]+/g)).toEqual([`; charset=${charset}`, `; charset=${charset}`]);
    const mail = await PostalMime.parse(bytes);
    expect([mail.subject, mail.text?.startsWith(`${name}さん https`)]).toEqual([`${name}さんへ`, true]);
    expect(mail.html).toContain(`<meta charset="${charset}">`);
    expect(mail.attachments).toMatchObject([{ mimeType: 'image/jpeg', content: { byteLength: 120_000 } }]);
    expect(copies).toContain(wire);
    await expectTheSame(delivery, n + 1, readMail(bytes));
  }
});

const takenBy = (address: string): Buffer[] =>
  relay.messages.filter(({ recipient }) => recipient === address).map(({ bytes }) => bytes);

/** Preview, proof of one message and web page are made of what was sealed, and look at the leaf. */
async function expectTheSame(delivery: Delivery, seq: number, mail: ReceivedMail): Promise<void> {
  expect(readMail((await delivery.preview(seq)).eml)).toEqual(mail);
  const proof = await readSignedProof(await delivery.messageProof(seq, systemKey));
  if (typeof proof === 'string') throw new Error(proof);
  expect(verifyMessage(mail, proof.proof).map(({ state }) => state)).toEqual(['ok', 'ok']);
  const { url } = await delivery.mirrorPage({ seq });
  const page = await pages.ask({ url: new URL(url).pathname });
  expect([page.statusCode, page.body.includes(`${people[seq - 1]?.name}さん`)]).toEqual([200, true]);
}

test('without such a mobile nothing is said', async () => {
  const delivery = await environment.sealpost.start(definition({ id: 'no-mobiles' }), { operator: 'author' });
  const { findings } = await inPhase(delivery, 'awaiting-decision');
  expect(findings.filter(({ rule }) => rule.startsWith('japanese-mobile-'))).toEqual([]);
});
