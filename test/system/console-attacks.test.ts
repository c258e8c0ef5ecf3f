import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { operatorRoles } from '../../src/client/index.js';
import { makeToken } from '../../src/web/access/api-tokens.js';
import { csrfField, csrfToken } from '../../src/web/access/csrf.js';
import { needsCsrfToken, type RouteRule } from '../../src/web/access/route-rule.js';
import { givePassword } from '../../src/web/access/sign-in.js';
import { apiRoutes } from '../../src/web/api/routes.js';
import { consoleRoutes } from '../../src/web/console/routes.js';
import { streams } from './console-states.js';
import { openEnvironment, type TestEnvironment } from './environment.js';
import { serveConsole, sessionName, type Browser, type ServedConsole } from './served-console.js';

const rules: readonly RouteRule[] = [...consoleRoutes, ...apiRoutes];
const password = 'four green garden gates';
/** Of a file that is there wherever this runs, and must not be read. */
const secret = readFileSync('/etc/passwd', 'utf8').split('\n')[0] ?? '';

let environment: TestEnvironment;
let served: ServedConsole;
let who: Browser;

beforeAll(async () => {
  environment = await openEnvironment();
  served = await serveConsole(environment);
  await environment.sealpost.operators.put({ id: 'all', name: 'All', roles: [...operatorRoles] }, 'author');
  await givePassword(served.access, { id: 'all' }, password);
  who = await served.as('all');
});
afterAll(async () => {
  // Nothing of all this is a defect of the console.
  expect(served.records.filter(({ error }) => error !== undefined)).toEqual([]);
  await served.close();
  await environment.close();
});

let asked = 0;
/** Another address of this machine: many requests from one are slowed down. */
const elsewhere = () => `127.9.${Math.floor(++asked / 250)}.${asked % 250}`;

const tokenOf = (browser: Browser): string => csrfToken(browser.cookies.get(sessionName(served.address)) ?? '');

type Part = { name: string; value: string; filename?: string };

/** A form with files as nobody's browser sends it. */
function multipart(parts: readonly Part[]): { payload: string; type: string } {
  const lines = parts.map(({ name, value, filename }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: text/plain`;
    return `--b\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
  });
  return { payload: `${lines.join('')}--b--\r\n`, type: 'multipart/form-data; boundary=b' };
}

async function upload(path: string, parts: readonly Part[]) {
  const { payload, type } = multipart([{ name: csrfField, value: tokenOf(who) }, ...parts]);
  return await who.post(path, {}, { payload, headers: { 'content-type': type } });
}

const draft = (definition: string, ...files: Part[]) =>
  upload('/new-delivery', [{ name: 'definition', value: definition }, { name: 'act', value: 'check' }, ...files]);
const fileOf = (filename: string, value = 'x'): Part => ({ name: 'files', filename, value });

describe('a name of a file is no path', () => {
  test.each<[given: string, shown: string | undefined]>([
    ['../../etc/passwd.csv', 'passwd.csv'],
    ['/etc/cron.d/run.csv', 'run.csv'],
    ['C:\\Windows\\run.csv', 'run.csv'],
    ['..\\..\\run.csv', 'run.csv'],
    ['a/../../run.csv', 'run.csv'],
    ['%2e%2e%2frun.csv', '%2e%2e%2frun.csv'],
    ['..;/run.csv', 'run.csv'],
    ['run\0.csv', 'run.csv'],
    ['run\x1b[2J.csv', 'run[2J.csv'],
    ['CON.csv', 'CON.csv'],
    ['__proto__', '__proto__'],
    ['constructor.csv', 'constructor.csv'],
    ['toString', 'toString'],
    ['.htaccess', '.htaccess'],
    [`${'x'.repeat(3_000)}.csv`, 'x'.repeat(200)],
    ['\u202eexe.csv', '\u202eexe.csv'],
    ['..', undefined],
    ['.', undefined],
    ['/', undefined],
    ['', undefined],
  ])('%j', async (given, shown) => {
    const { statusCode, body } = await draft('name: x', fileOf(given, 'email\na@b.example\n'));
    expect([200, 422]).toContain(statusCode);
    const named = [...body.matchAll(/(?:name="text:([^"]*)"|<b>([^<]*)<\/b>, or they are missing)/g)].map(
      ([, edited, other]) => edited ?? other,
    );
    expect(named).toEqual(shown === undefined ? [] : [shown]);
  });

  const definition = (own: string) => `id: paths
name: Paths
sender: { address: news@garden.example }
subject: Hello
unsubscribe: { url: 'https://garden.example/leave' }
${own}`;
  test.each([
    ['content', 'content: /etc/passwd\nrecipients: people.csv'],
    ['content above the folder', 'content: ../../../../../../etc/passwd\nrecipients: people.csv'],
    ['content by a Windows path', 'content: ..\\..\\etc\\passwd\nrecipients: people.csv'],
    ['content by a URL', 'content: file:///etc/passwd\nrecipients: people.csv'],
    ['recipients', 'content: mail.html\nrecipients: /etc/passwd'],
    ['one of several sources', 'content: mail.html\nrecipients: [people.csv, { file: ../../etc/passwd }]'],
    ['an attachment', 'content: mail.html\nrecipients: people.csv\nattachments: [/etc/passwd]'],
    ['an image', 'content: image.html\nrecipients: people.csv'],
    ['an include of MJML', 'content: include.mjml\nrecipients: people.csv'],
    ['a block', 'content: block.html\nrecipients: people.csv'],
    ['YAML’s own tags', 'content: !!js/function >\n  /etc/passwd\nrecipients: people.csv'],
  ])('a definition reads no file of the server: %s', async (_what, own) => {
    const { statusCode, body } = await draft(
      definition(own),
      fileOf('people.csv', 'email\nann@shop.example\n'),
      fileOf('mail.html', '<p>Hello <a href="{{ unsubscribe_url }}">leave</a></p>'),
      fileOf('image.html', '<p><img src="cid:../../../../etc/passwd"> <a href="{{ unsubscribe_url }}">leave</a></p>'),
      fileOf('include.mjml', '<mjml><mj-body><mj-include path="/etc/passwd" type="html" /></mj-body></mjml>'),
      fileOf('block.html', '<p>{% render "/etc/passwd" %}{% include "/etc/passwd" %}</p>'),
    );
    expect([statusCode, body.includes(secret), body.includes('to correct')]).toEqual([422, false, true]);
  });

  const values = {
    id: 'paths',
    name: 'Paths',
    sender: { address: 'news@garden.example' },
    subject: 'Hello',
    unsubscribe: { url: 'https://garden.example/leave' },
    content: { text: 'Hello {{ unsubscribe_url }}' },
    recipients: [{ email: 'ann@shop.example' }],
  };
  test.each<[string, object]>([
    ['content', { content: '/etc/passwd' }],
    ['recipients', { recipients: '/etc/passwd' }],
    ['recipients in a file', { recipients: { file: '/etc/passwd' } }],
    ['an attachment', { attachments: ['/etc/passwd'] }],
    ['an attachment’s file', { attachments: [{ file: '/etc/passwd' }] }],
    ['an include', { content: { mjml: '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>' } }],
    ['files', { files: { 'delivery.yaml': 'content: /etc/passwd' } }],
    ['files and their definition', { files: [['/etc/passwd', '']], definition: '/etc/passwd' }],
  ])('nor does the API: %s', async (_what, own) => {
    const token = await makeToken(served.access, 'all', { label: 'attack', scopes: ['submit'], days: 1 });
    const { statusCode, body } = await served.stranger().post(
      '/api/v1/deliveries',
      {},
      {
        payload: JSON.stringify({ ...values, ...own }),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      },
    );
    expect([statusCode, body.includes(secret)]).toEqual([422, false]);
  });
});

describe('what is sent is limited', () => {
  test('of two files of one name the last one counts, and names that differ in case are two', async () => {
    const { body } = await draft(
      'name: x',
      fileOf('a.csv', 'first'),
      fileOf('A.csv', 'other'),
      fileOf('a.csv', 'last'),
    );
    const shown = [...body.matchAll(/name="text:(\w\.csv)"[^>]*>\s*(\w*)</g)].map(([, name, value]) => [name, value]);
    expect(shown).toEqual([
      ['a.csv', 'last'],
      ['A.csv', 'other'],
    ]);
  });

  test.each<[string, () => Promise<{ statusCode: number; body: string }>, number, string]>([
    ['too many files', () => draft('', ...Array.from({ length: 41 }, (_, i) => fileOf(`${i}.csv`))), 413, 'Too large'],
    [
      'too many fields',
      () => draft('', ...Array.from({ length: 510 }, (_, i) => ({ name: `f${i}`, value: '' }))),
      413,
      '',
    ],
    ['a field that is too long', () => draft('x'.repeat(3_000_000)), 413, 'Too large'],
    [
      'files that are too large together',
      () => draft('', fileOf('a', 'x'.repeat(40e6)), fileOf('b', 'x'.repeat(40e6))),
      413,
      '',
    ],
    ['aliases that stand for gigabytes', () => draft(laughs), 422, 'alias'],
    ['a definition of many levels', () => draft(`a: ${'['.repeat(20_000)}`), 422, 'to correct'],
    ['a form that breaks off', () => broken('--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nno end'), 400, ''],
    ['a form that is none', () => broken('nothing'), 400, ''],
  ])('%s', async (_what, send, status, says) => {
    const { statusCode, body } = await send();
    expect([statusCode, body.includes(says)]).toEqual([status, true]);
  });

  const laughs = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    .concat('bcdefghij'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefghij'[i]}, `.repeat(10)}]`))
    .join('\n');
  const broken = (payload: string) =>
    who.post('/new-delivery', {}, { payload, headers: { 'content-type': 'multipart/form-data; boundary=b' } });

  test('a list that unpacks to far more than a list does', async () => {
    const token = await makeToken(served.access, 'all', { label: 'bomb', scopes: ['lists'], days: 1 });
    const bomb = gzipSync(`address,reason\n${`ann@shop.example,${'x'.repeat(900)}\n`.repeat(30_000)}`);
    const { statusCode, body } = await fetchFrom('/api/v1/denylist/imports', bomb, token);
    expect([statusCode, body]).toEqual([422, expect.stringContaining('unpacks to more than')]);
  });
});

/** Octets, which are no text. */
async function fetchFrom(path: string, bytes: Buffer, token: string) {
  const headers = { 'content-type': 'application/gzip', authorization: `Bearer ${token}` };
  return await served.stranger().post(path, {}, { payload: bytes, headers });
}

test.each(rules.filter(needsCsrfToken).map((rule) => [`${rule.method} ${rule.path}`, rule] as const))(
  '%s takes no other kind of body in place of its token',
  async (_name, { method, path, kind }) => {
    const url = path.replaceAll(/:key/g, '2147483647').replaceAll(/:\w+/g, 'x'.repeat(43));
    const { payload, type } = multipart([{ name: 'verdict', value: 'sent' }]);
    for (const [contentType, body] of [
      // What a page of another site can send without asking first.
      ['text/plain', `{"x":"${csrfField}=","y":1}`],
      ['text/plain', ''],
      [type, payload],
      ['application/x-www-form-urlencoded', ''],
      // And what it cannot.
      ['application/json', '{}'],
      ['application/json', `{"${csrfField}":["x"]}`],
      ['application/octet-stream', 'x'],
    ] as const) {
      const from = elsewhere();
      const { statusCode } = await who.post(
        url,
        {},
        { method, payload: body, headers: { 'content-type': contentType }, from },
      );
      // A body that the form does not take is refused before it is read.
      expect([contentType, kind, [419, 415].includes(statusCode) || statusCode]).toEqual([contentType, kind, true]);
    }
  },
);

test('no answer may be framed elsewhere, guessed at or kept, whatever it is and whoever asks', async () => {
  const faults: unknown[] = [];
  const look = ({ statusCode, headers }: Awaited<ReturnType<Browser['get']>>, what: string) => {
    const { 'content-security-policy': policy = '', 'x-frame-options': framing } = headers;
    const own = /frame-ancestors 'none'/.test(String(policy)) && framing === 'DENY';
    const frame =
      /frame-ancestors 'self'/.test(String(policy)) &&
      String(policy).startsWith('sandbox;') &&
      framing === 'SAMEORIGIN';
    const safe = (own || frame) && headers['x-content-type-options'] === 'nosniff';
    const kept = headers['cache-control'] !== 'no-store' && statusCode !== 304;
    if (!safe || kept) faults.push([what, statusCode, policy, framing, headers['cache-control']]);
  };
  for (const rule of rules.filter(({ path }) => !streams.includes(path))) {
    const url = rule.path.replaceAll(/:key/g, '1').replaceAll(/:\w+/g, 'x'.repeat(43));
    for (const browser of [served.stranger(), await served.as('all')]) {
      if (rule.method === 'GET') look(await browser.get(url), `GET ${url}`);
      else look(await browser.post(url, {}, { method: rule.method, from: elsewhere() }), `${rule.method} ${url}`);
    }
  }
  const own = { host: new URL(served.address.url).host };
  for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE'])
    for (const url of ['/deliveries', '/sign-in', '/api/v1/deliveries'])
      look(await served.ask({ method, url, headers: own }), `${method} ${url}`);
  for (const url of [
    '/%zz',
    '/%00',
    '/..%2f..%2fetc/passwd',
    '/assets/..%2froutes.ts',
    '//evil.example',
    `/${'x'.repeat(8_000)}`,
  ])
    look(await served.ask({ url, headers: own }), url);
  look(await served.ask({ url: '/sign-in', headers: { host: 'evil.example' } }), 'another host');
  expect(faults).toEqual([]);
});

test.each([
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET /sign-in HTTP/1.1\r\n\r\n',
  'nonsense\r\n\r\n',
  `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  'POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
])('what is no request of HTTP gets no page: %j', async (written) => {
  const socket = connect(served.port(), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(written);
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  // Where it is one after all, the page that says so is like every other.
  if (answer.includes('<html')) expect(answer).toMatch(/^HTTP\/1\.1 421 [^]*\r\nx-frame-options: DENY\r\n/);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  '/\\/evil.example',
  '\\\\evil.example',
  'https:evil.example',
  'https://evil.example',
  'HTTPS:/evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/..//evil.example',
  '/.//evil.example',
  '/deliveries/..//evil.example',
  '/%2e%2e//evil.example',
  '/\t/evil.example',
  '/\r\n/evil.example',
  '%2f%2fevil.example',
  '/%5cevil.example',
  '/%2fevil.example',
  '@evil.example',
  '.evil.example',
  '/x\r\nLocation: https://evil.example',
  '/x\r\n\r\n<script>',
])('nobody is led elsewhere after signing in: %j', async (next) => {
  const home = served.address.url;
  const leads = ({ headers }: { headers: { location?: string | undefined } }) =>
    new URL(headers.location ?? '', home).origin;
  const query = new URLSearchParams({ next }).toString();
  const stranger = served.stranger();
  const { body } = await stranger.get(`/sign-in?${query}`);
  const [, hidden = ''] = /name="next" value="([^"]*)"/.exec(body) ?? [];
  expect(leads({ headers: { location: hidden.replaceAll('&amp;', '&') } })).toBe(home);
  // Who has signed in already is led on at once.
  expect(leads(await who.get(`/sign-in?${query}`))).toBe(home);
  // Whatever the form says by then.
  const answer = await stranger.post('/sign-in', { operator: 'all', password, next }, { from: elsewhere() });
  expect([answer.statusCode, leads(answer)]).toEqual([303, home]);
});
