import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { operatorRoles } from '../../src/client/index.js';
import { makeToken } from '../../src/web/access/api-tokens.js';
import { browseConsole, password, reloadedUntil, type BrowsedConsole } from './console-browser.js';
import { framesOfMail, keepMail, makeDeliveries, mixedRelay, pagesInside } from './console-states.js';
import { openSendingEnvironment, type SendingEnvironment } from './environment.js';

/** What leaves the place that it stands in where that place is not guarded. */
const payloads: readonly ((mark: string) => string)[] = [
  (mark) => `"'><x-evil ${mark}><img src onerror=evil('${mark}')>`,
  (mark) => `</textarea></title></pre><x-evil ${mark}><svg/onload=evil('${mark}')>`,
  (mark) => `--></noscript></style></script><script>evil('${mark}')</script>`,
  (mark) => `<iframe srcdoc="<script>top.evil('${mark}')</script>"></iframe>`,
  (mark) => `&lt;x-evil ${mark}&gt;&#60;x-evil ${mark}&#62;`,
  (mark) => `' onpointerenter=evil('${mark}') autofocus onfocus=evil('${mark}') x='" ${mark} x="`,
  (mark) => `<a href="javascript:evil('${mark}')">${mark}</a>`,
];

/** Most characters that a field takes, where all payloads together are too long for it. */
const limits: Readonly<Record<string, number>> = {
  name: 200,
  'new name': 200,
  sender: 100,
  'answers to': 100,
  list: 200,
  prefix: 80,
  address: 250,
  field: 300,
  reply: 400,
  'reply that takes it': 400,
  'operator name': 200,
  'key label': 100,
  'token label': 60,
  'mail: to': 300,
};

const markOf = (field: string): string => `zq-${field.replaceAll(/\W+/g, '-')}`;
const fields = new Set<string>();

/** As many payloads as the field takes, another one first in each. */
function hostile(field: string): string {
  const first = fields.size;
  fields.add(field);
  // A mail whose text has such a link is refused by the first step.
  const taken = field === 'text' ? payloads.slice(0, -1) : payloads;
  let text = '';
  for (let i = 0; i < taken.length; i += 1) {
    const next = taken[(first + i) % taken.length]?.(markOf(field)) ?? '';
    if (text.length + next.length <= (limits[field] ?? 900)) text += next;
  }
  expect([field, text]).toEqual([field, expect.stringContaining('zq-')]);
  return text;
}

const folder = mkdtempSync(join(tmpdir(), 'sealpost-xss-'));
let environment: SendingEnvironment;
let served: BrowsedConsole;

beforeAll(async () => {
  environment = await openSendingEnvironment({ on: mixedRelay(hostile) });
  const inboxFolder = join(folder, 'inbox');
  served = await browseConsole(environment, { owner: operatorRoles, approver: ['approver'] }, { inboxFolder });
  const { sealpost, database } = environment;
  for (const id of ['owner', 'approver'])
    await sealpost.operators.put({ id, name: hostile('operator name'), roles: [...operatorRoles] }, 'author');
  const { publicKey: key } = generateKeyPairSync('ed25519');
  await sealpost.operators.addKey('owner', { key, label: hostile('key label') }, 'owner');
  await sealpost.denylist.add(['left@shop.example'], { operator: 'owner', reason: hostile('denylist reason') });
  await sealpost.quarantine.add(['full@shop.example'], { operator: 'owner', reason: hostile('quarantine reason') });
  const access = { database, now: Date.now };
  await makeToken(access, 'owner', { label: hostile('token label'), scopes: ['read'], days: 1 });
  keepMail(inboxFolder, hostile);
  await makeDeliveries(environment, hostile);
});
afterAll(async () => {
  await served.close();
  await environment.close();
  rmSync(folder, { recursive: true });
});

/** Elements and attributes that no template of ours makes. */
const made = `[...document.querySelectorAll('*')].filter((one) =>
  one.matches('x-evil, svg[onload], iframe[srcdoc], script:not([src]), img[src=""]') ||
  [...one.attributes].some(({ name, value }) => name.startsWith('on') || name.startsWith('zq-') ||
    (['href', 'src', 'action', 'formaction'].includes(name) && /^\\s*(?:javascript|data|vbscript):/i.test(value)))
).map((one) => one.outerHTML.slice(0, 200))`;

const madeIn = (frame: Page | Frame): Promise<string[]> => frame.evaluate<string[]>(made);

/** A browser without our policy: what it would have stopped runs, and is told. */
async function unguarded(): Promise<{ page: Page; ran: string[] }> {
  const page = await served.signedIn('owner', { bypassCSP: true });
  const ran: string[] = [];
  await page.context().exposeFunction('evil', (mark: string) => void ran.push(mark));
  return { page, ran };
}

test('whatever people, mails and relays write is text on every page, even to a browser that knows no policy', async () => {
  const { page, ran } = await unguarded();
  const faults: string[] = [];
  let seen = '';
  for (const path of pagesInside) {
    const answer = await page.goto(`${served.url}${path}`);
    if ((answer?.status() ?? 500) >= 500) faults.push(`${path} answers ${answer?.status()}`);
    faults.push(...(await madeIn(page)).map((one) => `${path}: ${one}`));
    seen += await page.content();
    if (!path.includes('/preview')) continue;
    for (const frame of page.frames().slice(1))
      faults.push(...(await madeIn(frame)).map((one) => `${path}, framed: ${one}`));
  }
  expect([faults, ran]).toEqual([[], []]);
  // A field that is shown nowhere would prove nothing.
  expect([...fields].filter((field) => !seen.includes(markOf(field)))).toEqual([]);
  await page.context().close();
});

test('what a form was filled in with comes back as text', async () => {
  const { page, ran } = await unguarded();
  const faults: string[] = [];
  let seen = '';
  const look = async (what: string) => {
    faults.push(...(await madeIn(page)).map((one) => `${what}: ${one}`));
    seen += await page.content();
  };
  const reflected: readonly (readonly [field: string, path: string])[] = [
    ['search', '/deliveries?search='],
    ['recipient search', '/deliveries/ended/recipients?search='],
    ['inbox search', '/inbox?to='],
    ['denylist search', '/denylist?search='],
    ['next', '/account/keys/new?next=/'],
  ];
  for (const [field, path] of reflected) {
    await page.goto(`${served.url}${path}${encodeURIComponent(hostile(field).slice(0, 200))}`);
    await look(path);
  }
  for (const [field, path] of [
    ['who', '/deliveries/waiting/timeline?actor='],
    ['since', '/deliveries/waiting/timeline?since='],
    ['against', '/deliveries/waiting/report?against='],
    ['proof', '/deliveries/waiting/proofs?proof='],
    ['begin', '/new-delivery?begin='],
    ['id', '/deliveries/'],
    ['operator', '/operators/'],
  ] as const) {
    await page.goto(`${served.url}${path}${encodeURIComponent(payloads[0]?.(markOf(field)) ?? '')}`);
    await look(path);
  }

  await page.goto(`${served.url}/new-delivery`);
  const named = (field: string, end: string) => `${payloads[0]?.(markOf(field)).replaceAll(/[/\\]/g, '')}${end}`;
  await page.getByLabel('Files').setInputFiles(
    [named('picture', '.png'), named('text file', '.html')].map((name) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(`\u0000${name}`.slice(name.endsWith('.png') ? 0 : 1)),
    })),
  );
  await page
    .getByLabel('delivery.yaml')
    .fill(`name: ${JSON.stringify(hostile('draft'))}\n${markOf('setting')}<x-evil>: 1`);
  await page.getByRole('button', { name: 'Check it' }).click();
  await reloadedUntil(page, /to correct/);
  await look('draft');
  await page.goto(`${served.url}/denylist`);
  await page.getByLabel('Addresses, one a line').fill(hostile('address line'));
  await page.locator('#add-sender').fill(hostile('list sender').slice(0, 320));
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await look('denylist entry');
  await page.goto(`${served.url}/denylist`);
  const csv = { name: named('list file', '.csv'), mimeType: 'text/csv', buffer: Buffer.from(hostile('list line')) };
  await page.getByLabel('CSV or one address a line').setInputFiles(csv);
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByText('was imported').waitFor();
  await look('denylist import');
  await page.goto(`${served.url}/operators`);
  await page.getByLabel('Id').fill(hostile('operator id').slice(0, 64));
  await page.getByLabel('Name', { exact: true }).fill(hostile('new operator').slice(0, 200));
  await page.getByLabel('Groups').fill(hostile('groups'));
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('alert').waitFor();
  await look('operator');
  await page.context().clearCookies();
  await page.goto(`${served.url}/sign-in?next=${encodeURIComponent(`/${hostile('next after')}`)}`);
  await page.getByLabel('Operator id').fill(hostile('sign in').slice(0, 200));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await look('sign-in');

  expect([faults, ran]).toEqual([[], []]);
  const shownAgain = ['search', 'recipient search', 'inbox search', 'denylist search', 'picture', 'text file', 'draft'];
  for (const field of [...shownAgain, 'address line', 'list sender', 'list file', 'operator id', 'groups', 'sign in'])
    expect([field, seen.includes(markOf(field))]).toEqual([field, true]);
  await page.context().close();
});

test('a mail’s own HTML runs nothing, in its frame and opened by itself', async () => {
  const page = await served.signedIn('owner');
  const ran: string[] = [];
  await page.context().exposeFunction('evil', (mark: string) => void ran.push(mark));
  for (const path of ['/inbox/1', ...framesOfMail]) await page.goto(`${served.url}${path}`);
  await page.goto(`${served.url}/inbox/1/html`);
  // It is the mail that was looked at, with all that is in it.
  expect(await page.content()).toContain(markOf('mail: html'));
  expect([ran, await page.evaluate('origin')]).toEqual([[], 'null']);
  await page.context().close();
});
