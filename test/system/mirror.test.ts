import PostalMime from 'postal-mime';
import {
  deliverySettingsSchema,
  type Content,
  type DeliverySettingsInput,
  type Profile,
} from '../../src/delivery/definition.js';
import { compileRevision } from '../../src/mime/compile-revision.js';
import { messageUrls } from '../../src/mime/message-token.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { insertRevision, readRevision, type StoredRevision } from '../../src/store/revisions.js';
import { computeTarget } from '../../src/store/target.js';
import { startScriptedRelay, type ScriptedRelay } from '../smtp/scripted-relay.js';
import { definition } from './definition.js';
import { openEnvironment, type TestEnvironment } from './environment.js';
import { servePages, type ServedPages } from './served-pages.js';

const hosted = 'https://news.garden.example';
const address = 'ann@shop.example';
const fields = { name: '"><img src=x onerror=alert(1)><script>alert(2)</script>' };
const sentAt = new Date('2026-11-02T09:00:00Z');
const day = 86_400_000;

let environment: TestEnvironment;
let database: Database;
let relay: ScriptedRelay;
let server: ServedPages;
let now = sentAt.getTime();

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
  relay = await startScriptedRelay({ keep: true });
  server = await servePages(database, () => now);
});
afterAll(async () => {
  await server.stop();
  await database.end();
  await environment.close();
  await relay.close();
});
beforeEach(() => {
  now = sentAt.getTime();
  server.records.length = 0;
});

async function* profiles(own: Profile['fields']): AsyncGenerator<Profile> {
  yield await Promise.resolve({ row: 1, address, fields: own });
}

let ids = 0;
const freshId = () => `delivery-${(ids += 1)}`;

const linking = '<p title="{{ name }}">{{ name }} <a href="{{ mirror_url }}">in a browser</a></p>';

interface Sent {
  revision: StoredRevision;
  /** Its page, if it has one. */
  url: string;
}

/** A delivery whose one message was sealed and sent. */
async function sent(
  deliveryId: string,
  mirror: DeliverySettingsInput['mirror'] = { hosted },
  html = linking,
  own: Pick<DeliverySettingsInput, 'format'> & Pick<Content, 'files'> & Partial<Pick<Profile, 'fields'>> = {},
): Promise<Sent> {
  const { format, files, fields: values = fields } = own;
  const sender = { address: 'a@b.example' };
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId,
    author: 'author',
    settings: deliverySettingsSchema.parse({ name: 'N', sender, subject: 'S', mirror, format }),
    content: { html, text: 'in short', sources: { 'content.html': html }, ...(files && { files }) },
    profiles: profiles(values),
  });
  const revision = await readRevision(database, deliveryId, hash);
  await computeTarget(database, revision, () => undefined);
  const subject = { proof: 0, seq: 1, address, fields: values, date: sentAt };
  const message = compileRevision({ deliveryId, ...revision })(subject);
  await database.query(
    `update message set leaf = $2, status = 'sent', first_claimed_at = $3 where delivery = $1 and proof = 0`,
    [revision.deliveryKey, message.leaf, sentAt],
  );
  return { revision, url: pageOf(revision) };
}

const pageOf = ({ secret, deliveryKey }: StoredRevision, key = { proof: 0, seq: 1 }): string =>
  messageUrls('', secret, 'mirror')({ deliveryKey, ...key });

const change = async ({ revision }: Sent, what: string) =>
  await database.query(`update message set ${what} where delivery = $1 and proof = 0`, [revision.deliveryKey]);

test('a message is shown as it was sent, and operators get its address by number and by Message-ID', async () => {
  await environment.startWorker({ SMTP_URL: relay.url });
  const values = definition({
    id: 'mirrored',
    approval: { mode: 'automatic' },
    mirror: { hosted },
    content: {
      html: '<p>Dear {{ first_name }}, <a href="{{ mirror_url }}">in a browser</a> {{ unsubscribe_url }}</p>',
      text: '{{ mirror_url }} {{ unsubscribe_url }}',
    },
  });
  const delivery = await environment.sealpost.start(values, { operator: 'author' });
  expect(await delivery.outcome()).toEqual({ outcome: 'finished', counts: { sent: 5 } });
  now = Date.now();
  const pages = new Set<string>();
  for (const { bytes } of relay.messages) {
    const { html = '', text = '', messageId = '', to } = await PostalMime.parse(bytes);
    const url = /href="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(text).toContain(`${url} `);
    const { statusCode, body } = await server.ask({ url: url.slice(hosted.length) });
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: html?.trimEnd() });
    pages.add(url);
    const seq = /^person(\d)/.exec(to?.[0]?.address ?? '')?.[1] ?? '';
    if (seq !== '3') continue;
    const expiresAt = expect.stringMatching(/^\d{4}-/);
    const byNumber = await environment.cli(['mirror', 'mirrored', '--message', seq, '--json']);
    expect(JSON.parse(byNumber.stdout)).toEqual({ id: 'mirrored', proof: 0, seq: 3, url, expiresAt });
    for (const id of [messageId, messageId.slice(1, -1)]) {
      const found = await environment.cli(['mirror', 'mirrored', '--message-id', id]);
      expect(found).toEqual({ code: 0, stdout: `${url}\n`, stderr: '' });
    }
  }
  expect(pages.size).toBe(5);
});

test('the page runs nothing, whatever the content and the recipient’s values say', async () => {
  const hostile =
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">' +
    '<script>alert(1)</script><p onclick="alert(2)">{{ name }}</p><a href="javascript:alert(3)">x</a>' +
    '<form action="https://evil.example"><input></form><iframe src="https://evil.example"></iframe>{{ mirror_url }}';
  const { url } = await sent('hostile', { hosted }, hostile);
  const { statusCode, body, headers } = await server.ask({ url });
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex',
    'cache-control': 'no-store',
  });
  const policy = new Map(
    headers['content-security-policy']?.split('; ').map((one): [string, string[]] => {
      const [name = '', ...sources] = one.split(' ');
      return [name, sources];
    }),
  );
  // What no directive names is as `default-src` says: scripts, frames, plug-ins, connections.
  expect(policy.get('default-src')).toEqual(["'none'"]);
  expect([...policy.keys()].filter((name) => /script|frame-src|child|worker|object|connect/.test(name))).toEqual([]);
  for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(policy.get(name)).toEqual(["'none'"]);
  // Neither scripts nor forms nor an origin; a refresh needs allow-scripts too.
  expect(policy.get('sandbox')).toEqual([
    'allow-popups',
    'allow-popups-to-escape-sandbox',
    'allow-top-navigation-by-user-activation',
  ]);
  expect(body).not.toContain('refresh');
  expect(body).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
  expect(body).not.toContain('<img');
});

test('opened or asked for its head, a page changes nothing; nothing else is answered', async () => {
  const { url } = await sent('opened');
  const rows = async () => (await database.query('select * from message order by delivery, proof, seq')).rows;
  const before = await rows();
  for (const [method, status] of [
    ['GET', 200],
    ['HEAD', 200],
    ['POST', 404],
    ['PUT', 404],
    ['DELETE', 404],
  ] as const)
    expect([method, (await server.ask({ method, url })).statusCode]).toEqual([method, status]);
  expect(await rows()).toEqual(before);
  expect(server.records[0]).toEqual({ method: 'GET', route: '/m/:token', status: 200, ms: expect.any(Number) });
  expect(JSON.stringify(server.records)).not.toContain(url.slice(4));
});

const stolen = (revision: StoredRevision) => pageOf({ ...revision, secret: Buffer.alloc(32) });

test.each<[string, (id: string) => Promise<string>]>([
  [
    'a message that nobody began to send',
    async (id) => {
      const delivery = await sent(id);
      await change(delivery, `first_claimed_at = null, status = 'pending'`);
      return delivery.url;
    },
  ],
  [
    'a recipient who was left out',
    async (id) => {
      const delivery = await sent(id);
      await change(delivery, `status = 'ignored', reason = 'denylisted'`);
      return delivery.url;
    },
  ],
  ['a delivery that has no pages', async (id) => (await sent(id, { mode: 'never', hosted }, '<p>x</p>')).url],
  ['a delivery that links to none', async (id) => (await sent(id, { hosted }, '<p>x</p>')).url],
  ['another delivery’s key', async (id) => stolen((await sent(id)).revision)],
  [
    'a link to unsubscribe',
    async (id) =>
      (({ secret, deliveryKey }) =>
        messageUrls('', secret, 'unsubscription')({ deliveryKey, proof: 0, seq: 1 }).replace('/u/', '/m/'))(
        (await sent(id)).revision,
      ),
  ],
  ['its own link where people unsubscribe', async (id) => (await sent(id)).url.replace('/m/', '/u/')],
  ['a message that there is not', async (id) => pageOf((await sent(id)).revision, { proof: 0, seq: 9 })],
  ['a changed token', async (id) => (await sent(id)).url.replace(/.(?=..$)/, (one) => (one === 'A' ? 'B' : 'A'))],
])('for %s the answer is that of unknown paths', async (_name, make) => {
  const url = await make(freshId());
  const unknown = await server.ask({ url: '/nowhere' });
  const { statusCode, body, headers } = await server.ask({ url });
  expect({ statusCode, body }).toEqual({ statusCode: 404, body: unknown.body });
  expect(headers['content-security-policy']).toBe(unknown.headers['content-security-policy']);
  expect(server.records.at(-1)).not.toHaveProperty('error');
});

test.each([
  ['always', { mode: 'always', hosted }],
  ['by-id', { mode: 'by-id', hosted }],
] as const)('with %s, a message has a page that it does not link to', async (mode, mirror) => {
  const { url } = await sent(`page-${mode}`, mirror, '<p>no link</p>');
  expect(await server.ask({ url })).toMatchObject({ statusCode: 200, body: '<p>no link</p>' });
});

test('an image that came with the message is shown, and who asked for text sees the text', async () => {
  const base64 = Buffer.from('picture').toString('base64');
  const files = [{ name: 'logo.png', type: 'image/png', contentId: 'logo.png@garden', base64 }];
  const html = '<img alt="" src="cid:logo.png@garden"><a href="{{ mirror_url }}">in a browser</a>';
  const own = { files, format: 'recipient' } as const;
  const both = await sent('both-parts', { hosted }, html, { ...own, fields: { email_format: 'html' } });
  expect((await server.ask({ url: both.url })).body).toContain(`<img alt="" src="data:image/png;base64,${base64}">`);
  const short = await sent('text-alone', { hosted }, html, { ...own, fields: { email_format: 'text' } });
  const { statusCode, body } = await server.ask({ url: short.url });
  expect({ statusCode, body }).toEqual({
    statusCode: 200,
    body: expect.stringMatching(/<pre[^>]*>in short\s*<\/pre>/),
  });
});

test('a page is shown for as long as the definition says, from the sending of its message', async () => {
  const { url } = await sent('expiring', { hosted, expiresAfter: '30d' });
  now = sentAt.getTime() + 30 * day - 1;
  expect((await server.ask({ url })).statusCode).toBe(200);
  now += 1;
  const { statusCode, body, headers } = await server.ask({ url });
  expect({ statusCode, body }).toEqual({ statusCode: 410, body: expect.stringContaining('No longer here') });
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
  expect(body).not.toContain('in a browser');
});

test.each([
  ['its leaf is another', (one: Sent) => change(one, `leaf = sha256('x')`)],
  ['it has none', (one: Sent) => change(one, 'leaf = null')],
  ['its address is another', (one: Sent) => change(one, `address = 'eve@shop.example'`)],
  [
    'its fields are others',
    (one: Sent) =>
      database.query(`update profile set fields = '{"name":"Eve"}' where revision = $1`, [one.revision.key]),
  ],
  [
    'its fields are gone',
    (one: Sent) => database.query(`update profile set fields = '{}' where revision = $1`, [one.revision.key]),
  ],
])('a message that was not sealed like this is shown to nobody: %s', async (_name, tamper) => {
  const delivery = await sent(freshId());
  await tamper(delivery);
  const { statusCode, body } = await server.ask({ url: delivery.url });
  expect({ statusCode, body }).toEqual({ statusCode: 404, body: expect.stringContaining('Not found') });
  expect(body).not.toMatch(/Eve|eve@|in a browser/);
  expect(server.records).toEqual([
    { method: 'GET', route: '/m/:token', status: 404, ms: expect.any(Number), error: 'SEAL_DIFFERS' },
  ]);
});

test('a proof has a page of its own', async () => {
  const { revision, url } = await sent('proofed');
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status, first_claimed_at)
     values ($1, 1, 1, $2, 1, 'editor@garden.example', 'sent', $3)`,
    [revision.deliveryKey, revision.key, sentAt],
  );
  const own = pageOf(revision, { proof: 1, seq: 1 });
  const { statusCode, body } = await server.ask({ url: own });
  expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining(`${hosted}${own}"`) });
  expect(own).not.toBe(url);
});

test.each([
  ['never', { mode: 'never', hosted }, '<p>x</p>', '', /mirror\.mode is never/],
  ['auto', { hosted }, '<p>x</p>', '', /its content holds no \{\{ mirror_url \}\}/],
  ['unsent', { hosted }, linking, `first_claimed_at = null, status = 'pending'`, /has not been sent/],
  ['excluded', { hosted }, linking, `status = 'ignored'`, /nothing was sent to this recipient/],
  ['expired', { hosted }, linking, `first_claimed_at = '2020-01-01'`, /mirror\.expiresAfter, is over/],
] as const)('operators are told why a message has no page: %s', async (name, mirror, html, tamper, why) => {
  const id = `told-${name}`;
  const delivery = await sent(id, mirror, html);
  if (tamper) await change(delivery, tamper);
  await expect(environment.sealpost.delivery(id).mirrorPage({ seq: 1 })).rejects.toMatchObject({
    code: 'MIRROR_PAGE_NOT_FOUND',
    message: expect.stringMatching(why),
  });
});

test('a message that there is not is told as that', async () => {
  const delivery = environment.sealpost.delivery('told-never');
  for (const name of [{ seq: 99 }, { messageId: '<x@b.example>' }])
    await expect(delivery.mirrorPage(name)).rejects.toThrow(/no such message/);
  await expect(environment.sealpost.delivery('nowhere').mirrorPage({ seq: 1 })).rejects.toMatchObject({
    code: 'DELIVERY_NOT_FOUND',
  });
});
