import { deliverySettingsSchema, type Profile } from '../../src/delivery/definition.js';
import { compileRevision, type RenderedMessage } from '../../src/mime/compile-revision.js';
import { messageUrls } from '../../src/mime/message-token.js';
import { exchangeMessages, fenceBatch } from '../../src/store/claims.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { insertRevision, readRevision, type StoredRevision } from '../../src/store/revisions.js';
import { computeTarget, countExclusions } from '../../src/store/target.js';
import { startWebServer } from '../../src/web/server.js';
import { openEnvironment, type TestEnvironment } from './environment.js';
import { servePages, type ServedPages } from './served-pages.js';

const base = 'https://news.garden.example';
const people = ['ann@shop.example', 'ben@shop.example', 'cleo@shop.example'];

let environment: TestEnvironment;
let database: Database;
let server: ServedPages;

beforeAll(async () => {
  environment = await openEnvironment();
  database = openDatabase(environment.env['DATABASE_URL'] ?? '');
  server = await servePages(database);
});
afterAll(async () => {
  await server.stop();
  await database.end();
  await environment.close();
});
beforeEach(async () => {
  await database.query('delete from denylist');
});

async function* profiles(addresses: readonly string[]): AsyncGenerator<Profile> {
  for (const [index, address] of addresses.entries()) {
    yield await Promise.resolve({ row: index + 1, address, fields: { name: '<script>alert(1)</script>' } });
  }
}

/** A delivery that has been analysed and approved: its messages may be claimed. */
async function analysed(deliveryId: string, sender = 'News@Garden.example'): Promise<StoredRevision> {
  const html =
    '<p>{{ name }} <a href="https://garden.example/offer">offer</a> <a href="{{ unsubscribe_url }}">leave</a></p>';
  const { hash } = await insertRevision(database, {
    purpose: 'start',
    deliveryId,
    author: 'author',
    settings: deliverySettingsSchema.parse({
      name: 'N',
      sender: { address: sender },
      subject: 'S',
      unsubscribe: { hosted: base },
    }),
    content: { html, text: '{{ unsubscribe_url }}', sources: { 'content.html': html } },
    profiles: profiles(people),
  });
  const revision = await readRevision(database, deliveryId, hash);
  await computeTarget(database, revision, () => undefined);
  await database.query(`update delivery set control = 'run', approved_seal = 'x' where id = $1`, [deliveryId]);
  return revision;
}

/** Claims all messages of a delivery that has been analysed before. */
async function claimer(id: string, sender: string) {
  const { deliveryKey } = await analysed(id, sender);
  return async () => {
    const key = { deliveryKey, proof: 0, number: 1 };
    const batch = { ...key, epoch: await fenceBatch(database, key, { from: 1, to: 3 }, 'hold') };
    const ask = { settlements: [], from: 1, to: 3, limit: 3, now: Date.now() };
    const { messages, taken } = await exchangeMessages(database, batch, ask);
    return { taken, claimed: messages.map(({ address }) => address) };
  };
}

/** The message as it is delivered. */
function rendered(deliveryId: string, revision: StoredRevision, seq: number, proof = 0): RenderedMessage {
  const address = people[seq - 1] ?? 'nobody@shop.example';
  const fields = { name: '<script>alert(1)</script>' };
  return compileRevision({ deliveryId, ...revision })({ proof, seq, address, fields, date: new Date(0) });
}

function linkOf({ headers }: RenderedMessage): string {
  const value = headers.find(([name]) => name === 'List-Unsubscribe')?.[1] ?? '';
  const url = /^<(https:.+)>$/.exec(value)?.[1] ?? '';
  expect(url.startsWith(`${base}/u/`)).toBe(true);
  return url.slice(base.length);
}

async function denied(): Promise<unknown[]> {
  const { rows } = await database.query('select address, sender, source from denylist order by address');
  return rows;
}

const gmail = {
  headers: { 'content-type': 'multipart/form-data; boundary=abc123' },
  payload: '--abc123\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--abc123--\r\n',
};
const urlencoded = {
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  payload: 'List-Unsubscribe=One-Click',
};
const ann = { address: 'ann@shop.example', sender: 'news@garden.example', source: 'unsubscribed' };

test.each([
  ['as Gmail posts it', gmail],
  ['as RFC 8058 shows it', urlencoded],
  ['without a body', {}],
])('one click %s puts the recipient on the sender’s denylist, once', async (name, request) => {
  const id = `one-click-${name.length}`;
  const message = rendered(id, await analysed(id), 1);
  expect(message.headers).toContainEqual(['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']);
  const url = linkOf(message);
  for (let time = 1; time <= 2; time += 1) {
    const { statusCode, body } = await server.ask({ method: 'POST', url, ...request });
    expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining('You are unsubscribed') });
    expect(await denied()).toEqual([ann]);
  }
});

test('no link of a message changes anything by being opened, nor asked for its head', async () => {
  const message = rendered('scanned', await analysed('scanned'), 1);
  const text = message.bytes.toString('latin1', message.bodyOffset).replace(/=\r\n/g, '').replaceAll('=3D', '=');
  const links = [...new Set([...(text.match(/https:\/\/[^\s"<]+/g) ?? []), base + linkOf(message)])];
  expect(links).toHaveLength(2);
  for (const link of links.filter((one) => one.startsWith(base))) {
    for (const method of ['GET', 'HEAD'] as const) {
      const { statusCode } = await server.ask({ method, url: link.slice(base.length) });
      expect(statusCode).toBe(200);
    }
  }
  expect(await denied()).toEqual([]);
});

test('the page asks with one button that posts to itself, names the sender and not the recipient', async () => {
  const url = linkOf(rendered('page', await analysed('page'), 1));
  const { body, headers } = await server.ask({ url });
  expect(body.match(/<form method="post">/g)).toHaveLength(1);
  expect(body.match(/<button/g)).toHaveLength(1);
  expect(body).toContain('news@garden.example');
  expect(body).not.toContain('ann@');
  expect(headers).toMatchObject({
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; style-src 'sha256-[^;]+; form-action 'self';/,
    ),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
});

test('what is no genuine token is not found, in the same words, and changes nothing', async () => {
  const revision = await analysed('tampered');
  const url = linkOf(rendered('tampered', revision, 1));
  const flipped = `${url.slice(0, -3)}${url.at(-3) === 'A' ? 'B' : 'A'}${url.slice(-2)}`;
  const stolen = linkOf(rendered('tampered', { ...revision, secret: Buffer.alloc(32) }, 2));
  const nobody = linkOf(rendered('tampered', revision, 999_999));
  const refused = ['/', '/u/', '/u/x', flipped, stolen, nobody, `${url}/`, `/u/${'A'.repeat(39)}`, '/u/%00', '/%zz'];
  const answers: unknown[] = [];
  for (const path of refused) {
    for (const method of ['GET', 'POST'] as const) {
      const { statusCode, body, headers } = await server.ask({ method, url: path, ...(method === 'POST' && gmail) });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      answers.push([
        path,
        statusCode === 400 && path === '/%zz' ? 404 : statusCode,
        path === '/%zz' || body.includes('Not found'),
      ]);
    }
  }
  expect(answers).toEqual(refused.flatMap((path) => [1, 2].map(() => [path, 404, true])));
  expect(await denied()).toEqual([]);
});

test('a body that is too large is refused, and the log holds neither tokens nor addresses', async () => {
  const url = linkOf(rendered('large', await analysed('large'), 1));
  const own = await servePages(database);
  const { statusCode, body } = await own.ask({ ...urlencoded, method: 'POST', url, payload: 'x'.repeat(5_000) });
  expect({ statusCode, body }).toEqual({ statusCode: 413, body: expect.stringContaining('Refused') });
  expect(await denied()).toEqual([]);
  await own.stop();
  expect(own.records).toEqual([{ method: 'POST', route: '/u/:token', status: 413, ms: expect.any(Number) }]);
});

test('the link of a proof works and unsubscribes nobody', async () => {
  const revision = await analysed('tried');
  await database.query(
    `insert into message (delivery, proof, seq, revision, profile_row, address, status)
     values ($1, 1, 1, $2, 1, 'editor@garden.example', 'sent')`,
    [revision.deliveryKey, revision.key],
  );
  const url = linkOf(rendered('tried', revision, 1, 1));
  const { statusCode, body } = await server.ask({ method: 'POST', url, ...gmail });
  expect({ statusCode, body }).toEqual({ statusCode: 200, body: expect.stringContaining('This was a proof') });
  expect(await denied()).toEqual([]);
});

test('who unsubscribed is left out of this sender’s targets, and of no other’s', async () => {
  await database.query(`insert into denylist (address, sender, source, added_at) values
    ('ann@shop.example', 'news@garden.example', 'unsubscribed', now()),
    ('ben@shop.example', '', 'operator', now()), ('ben@shop.example', 'news@garden.example', 'unsubscribed', now())`);
  await analysed('same-sender');
  await analysed('other-sender', 'news@tools.example');
  expect(await countExclusions(database, 'same-sender')).toEqual({ denylisted: 2 });
  expect(await countExclusions(database, 'other-sender')).toEqual({ denylisted: 1 });
});

test('who unsubscribed after the seal is ignored at the claim, for this sender alone', async () => {
  const same = await claimer('sealed-same', 'news@garden.example');
  const other = await claimer('sealed-other', 'news@tools.example');
  await database.query(`insert into denylist (address, sender, source, added_at) values
    ('ann@shop.example', 'news@garden.example', 'unsubscribed', now()),
    ('ben@shop.example', '', 'operator', now()), ('ben@shop.example', 'news@garden.example', 'unsubscribed', now())`);
  expect(await same()).toEqual({ taken: 3, claimed: ['cleo@shop.example'] });
  expect(await other()).toEqual({ taken: 3, claimed: ['ann@shop.example', 'cleo@shop.example'] });
});

test('who leaves a sender that is personalised leaves its domain, and no other', async () => {
  const { deliveryKey, secret } = await analysed('shops', '{{ shop }}@Bücher.example');
  const url = messageUrls('', secret, 'unsubscription')({ deliveryKey, proof: 0, seq: 1 });
  expect((await server.ask({ url })).body).toContain('no more e-mail from xn--bcher-kva.example.');
  const claim = await claimer('same-domain', 'news@bücher.example');
  const other = await claimer('other-domain', 'news@buch.example');
  expect((await server.ask({ method: 'POST', url, ...gmail })).statusCode).toBe(200);
  expect(await denied()).toEqual([{ ...ann, sender: '@xn--bcher-kva.example' }]);
  expect(await claim()).toEqual({ taken: 3, claimed: ['ben@shop.example', 'cleo@shop.example'] });
  expect(await other()).toEqual({ taken: 3, claimed: people });
  for (const [id, sender, excluded] of [
    ['shops-again', '{{ shop }}@bücher.example', { denylisted: 1 }],
    ['shop-again', 'service@bücher.example', { denylisted: 1 }],
    ['subdomain', '{{ shop }}@news.bücher.example', {}],
    ['elsewhere', 'news@buch.example', {}],
  ] as const) {
    await analysed(id, sender);
    expect([id, await countExclusions(database, id)]).toEqual([id, excluded]);
  }
});

test('who left one sender gets nothing from one that is personalised at the same domain, for that may be the same', async () => {
  const claim = await claimer('any-shop', '{{ shop }}@garden.example');
  await database.query(`insert into denylist (address, sender, source, added_at) values
    ('ann@shop.example', 'news@garden.example', 'unsubscribed', now()),
    ('ben@shop.example', 'news@mygarden.example', 'unsubscribed', now())`);
  expect(await claim()).toEqual({ taken: 3, claimed: ['ben@shop.example', 'cleo@shop.example'] });
  await analysed('any-shop-again', '{{ shop }}@garden.example');
  expect(await countExclusions(database, 'any-shop-again')).toEqual({ denylisted: 1 });
});

test('served over HTTP, it unsubscribes and stops', async () => {
  const url = linkOf(rendered('served', await analysed('served'), 1));
  const running = await startWebServer({
    databaseUrl: environment.env['DATABASE_URL'] ?? '',
    host: '127.0.0.1',
    port: 0,
    record: () => undefined,
  });
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  const answer = await fetch(`${running.url}${url}`, { method: 'POST', body: form });
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('You are unsubscribed')]);
  expect(await denied()).toEqual([ann]);
  await running.stop();
  await expect(fetch(`${running.url}${url}`)).rejects.toThrow('fetch failed');
});

test('a database that does not answer is told as that, without a trace', async () => {
  const gone = openDatabase('postgres://user:hidden@127.0.0.1:1/x');
  const broken = await servePages(gone);
  const url = linkOf(rendered('broken', await analysed('broken'), 1));
  const { statusCode, body, headers } = await broken.ask({ method: 'POST', url, ...gmail });
  expect({ statusCode, retry: headers['retry-after'] }).toEqual({ statusCode: 503, retry: '60' });
  expect(body).not.toMatch(/127\.0\.0\.1|ECONN|hidden| at /);
  await broken.stop();
  expect(broken.records).toMatchObject([{ route: '/u/:token', status: 503, error: 'ECONNREFUSED' }]);
  await gone.end();
});
