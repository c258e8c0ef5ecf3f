import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { IdentityProvider } from '../../src/web/access/identity-provider.js';
import { invite } from '../../src/web/access/invitations.js';
import { parseProvider } from '../../src/web/access/provider-settings.js';
import { givePassword } from '../../src/web/access/sign-in.js';
import { startConsole, type RunningConsole } from '../../src/web/console/server.js';
import { overhang, password, phone, shutOut } from './console-browser.js';
import { openSendingEnvironment, type SendingEnvironment } from './environment.js';
import { clientSecret, startProvider, type LocalProvider } from './identity-provider.js';

let environment: SendingEnvironment;
let provider: LocalProvider;
/** Adds people whom the provider knows; the strict one does not, and takes no passwords. */
let served: RunningConsole;
let strict: RunningConsole;
let browser: Browser;

const settings = (issuer: string, more = '') =>
  parseProvider(
    `issuer: ${issuer}
name: Garden ID
clientId: sealpost
scopes: [openid, profile, groups]
roles:
  claim: groups
  map: { mail-editors: engineer, mail-approvers: [approver, reviewer] }
${more}`,
    'oidc.yaml',
    clientSecret,
  );

async function openConsole(given: ReturnType<typeof settings>): Promise<RunningConsole> {
  const { env } = environment;
  const databaseUrl = env['DATABASE_URL'] ?? '';
  const at = { host: '127.0.0.1', port: 0 };
  return await startConsole({ env, databaseUrl, ...at, provider: given, record: () => undefined });
}

beforeAll(async () => {
  environment = await openSendingEnvironment();
  provider = await startProvider();
  served = await openConsole(settings(provider.issuer, 'newOperators: add'));
  strict = await openConsole(settings(provider.issuer, 'passwords: false'));
  provider.serve([served, strict].map(({ url }) => `${url}/sign-in/callback`));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  provider.people['s-1'] = { preferred_username: 'anna', name: 'Anna Berg', groups: ['mail-editors', 'staff'] };
});
afterAll(async () => {
  await browser.close();
  await served.stop();
  await strict.stop();
  await provider.close();
  await environment.close();
});

const access = () => ({ database: environment.database, now: Date.now });
async function newPage(own: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext(own);
  context.setDefaultTimeout(15_000);
  return await context.newPage();
}

/** Says at the provider who one is, where it asks. */
async function say(page: Page, subject: string): Promise<void> {
  await page.getByLabel('Who?').fill(subject);
  await page.getByRole('button', { name: 'It is me' }).click();
}

async function toProvider(page: Page, at = served, path = '/account'): Promise<void> {
  await page.goto(`${at.url}/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByRole('button', { name: 'Sign in with Garden ID' }).click();
}

async function signIn(subject: string, at = served): Promise<Page> {
  const page = await newPage();
  await toProvider(page, at);
  await say(page, subject);
  await page.waitForURL(`${at.url}/**`);
  return page;
}

const operatorOf = async (id: string) =>
  (await environment.sealpost.operators.list()).find((operator) => operator.id === id);

/** Of sign-ins that were refused, the last first. */
async function refused(): Promise<Record<string, unknown>[]> {
  const { rows } = await environment.database.query<{ operator: string | null; data: Record<string, unknown> }>(
    `select operator, data from access_event where kind = 'sign-in-failed' order by n desc`,
  );
  return rows.map(({ operator, data }) => ({ operator, ...data }));
}

type Asker = BrowserContext['request'];
const newAsker = async (): Promise<Asker> => (await browser.newContext()).request;
const stay = { maxRedirects: 0 };

/** Signs in without looking, up to the provider's answer, which stays with us. @param change - of what the provider is asked */
async function answerFor(ask: Asker, subject: string, change: Record<string, string> = {}, at = served): Promise<URL> {
  const csrf = /name="_csrf" value="([^"]+)"/.exec(await (await ask.get(`${at.url}/sign-in`)).text())?.[1] ?? '';
  const begun = await ask.post(`${at.url}/sign-in/provider`, {
    form: { _csrf: csrf, next: '/account' },
    headers: { origin: at.url },
  });
  const [, href = ''] = /<a href="([^"]+)">go on/.exec(await begun.text()) ?? [];
  const asked = new URL(href.replaceAll('&amp;', '&'));
  for (const [name, value] of Object.entries(change)) asked.searchParams.set(name, value);
  const question = (await ask.get(asked.href, stay)).headers()['location'] ?? '';
  let answer = await ask.post(new URL(question, provider.issuer).href, { form: { sub: subject }, ...stay });
  while (!answer.headers()['location']?.startsWith(at.url))
    answer = await ask.get(answer.headers()['location'] ?? '', stay);
  return new URL(answer.headers()['location'] ?? '');
}

async function expectNobody(ask: Asker, answer: URL, at = served): Promise<void> {
  const told = await ask.get(answer.href, stay);
  expect([told.status(), await told.text()]).toEqual([403, expect.stringContaining('This sign-in was refused')]);
  expect((await ask.get(`${at.url}/account`, stay)).headers()['location']).toContain('/sign-in');
}

async function expectRefused(ask: Asker, answer: URL, reason: string, operator?: string, at = served): Promise<void> {
  await expectNobody(ask, answer, at);
  expect((await refused())[0]).toMatchObject({ reason, operator: operator ?? null, provider: provider.issuer });
}

/** Somebody with a browser of their own. */
async function expectSubjectRefused(subject: string, reason: string, operator?: string, at = served): Promise<void> {
  const ask = await newAsker();
  await expectRefused(ask, await answerFor(ask, subject, {}, at), reason, operator, at);
}

test('whom nobody has added comes in with mapped roles, and other roles at the provider are other roles here', async () => {
  const page = await signIn('s-1');
  expect(new URL(page.url()).pathname).toBe('/account');
  expect(await page.locator('.facts').innerText()).toMatch(/Anna Berg\s+Operator id\s+anna\s+Roles\s+engineer\s+Signs/);
  expect(await page.getByText('Change it').count()).toBe(0);
  provider.people['s-1'] = { preferred_username: 'other-name', groups: ['mail-approvers'] };
  const again = await signIn('s-1');
  expect(await again.locator('.facts').innerText()).toMatch(/anna\s+Roles\s+reviewer, approver/);
  const history = (await environment.sealpost.operators.history()).filter(({ operator }) => operator === 'anna');
  expect(history.map(({ kind, by, data }) => [kind, by, data['roles']])).toEqual([
    ['added', provider.issuer, ['engineer']],
    ['changed', provider.issuer, ['reviewer', 'approver']],
  ]);
  // Sessions are those that there are anyway.
  expect(await again.getByRole('button', { name: /End the session/ }).count()).toBe(1);
  provider.people['s-1'] = { groups: ['staff'] };
  await expectSubjectRefused('s-1', 'no-roles', 'anna');
  expect((await operatorOf('anna'))?.roles).toEqual([]);
  provider.people['s-1'] = { groups: ['mail-approvers'] };
});

test('who signs out is told that the session at the provider is another one, and how to end it', async () => {
  const page = await signIn('s-1');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('At Garden ID you may be signed in yet').waitFor();
  await page.getByRole('link', { name: 'sign out there, too' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.getByRole('heading', { name: 'Sign-out Success' }).waitFor();
  // So the provider asks who it is once more.
  await toProvider(page);
  await page.getByLabel('Who?').waitFor();
});

test('what people see of it shuts nobody out, on a phone and without scripts', async () => {
  const page = await newPage(phone);
  const looked: unknown[] = [];
  const look = async () => looked.push(await shutOut(page), await overhang(page));
  await page.goto(`${served.url}/sign-in`);
  await look();
  await environment.sealpost.operators.put({ id: 'invited', name: 'I' }, 'author');
  await page.goto(served.url + (await invite(access(), 'invited', 'author')));
  await look();
  provider.people['s-0'] = { preferred_username: 'nobody' };
  await toProvider(page);
  await say(page, 's-0');
  await page.getByText('You have no role here').waitFor();
  await look();
  expect(looked).toEqual([[], 0, [], 0, [], 0]);

  const bare = await newPage({ javaScriptEnabled: false });
  await toProvider(bare);
  await say(bare, 's-1');
  await bare.waitForURL(`${served.url}/account`);
});

describe('nobody comes in by', () => {
  test('an operator that is disabled, or the name of another one', async () => {
    await environment.sealpost.operators.put({ id: 'gone', name: 'Gone' }, 'author');
    await environment.sealpost.operators.setActive('gone', false, 'author');
    await environment.sealpost.operators.put({ id: 'lena', name: 'Lena', roles: ['admin'] }, 'author');
    await givePassword(access(), { id: 'lena' }, password);
    const groups = ['mail-editors'];
    for (const [subject, name, reason, operator] of [
      ['s-2', 'gone', 'disabled', 'gone'],
      ['s-3', 'anna', 'taken', 'anna'],
      ['s-4', 'ANNA', 'taken', undefined],
      ['s-5', 'lena', 'taken', 'lena'],
      ['s-6', 'not@an.id', 'no-id', undefined],
    ] as const) {
      provider.people[subject] = { preferred_username: name, groups };
      await expectSubjectRefused(subject, reason, operator);
    }
    expect(await operatorOf('lena')).toMatchObject({ roles: ['admin'] });
    expect(await operatorOf('ANNA')).toBeUndefined();
    await environment.sealpost.operators.setActive('anna', false, 'author');
    await expectSubjectRefused('s-1', 'disabled', 'anna');
    await environment.sealpost.operators.setActive('anna', true, 'author');
  });

  test.each<[string, Record<string, string>]>([
    ['an answer to another sign-in (nonce)', { nonce: 'of another' }],
    ['a code for another client', { client_id: 'other' }],
    ['a code for who holds another proof (PKCE)', { code_challenge: 'x'.repeat(43) }],
  ])('%s', async (_name, change) => {
    const ask = await newAsker();
    await expectRefused(ask, await answerFor(ask, 's-1', change), 'not-valid');
  });

  test('an answer of another provider, or a refusal', async () => {
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'http://localhost:1'),
      (url: URL) => url.searchParams.delete('iss'),
      (url: URL) => url.searchParams.append('code', 'another'),
      (url: URL) => url.searchParams.set('error', 'access_denied'),
    ]) {
      const ask = await newAsker();
      const answer = await answerFor(ask, 's-1');
      change(answer);
      await expectRefused(ask, answer, 'not-valid');
    }
    expect((await refused())[0]).toMatchObject({ code: 'access_denied' });
  });

  test('an answer that another browser asked for, that nobody asked for, or that was used', async () => {
    const before = (await refused()).length;
    const [own, other] = [await newAsker(), await newAsker()];
    const answer = await answerFor(own, 's-1');
    await answerFor(other, 's-7');
    await expectNobody(other, answer);
    const forged = new URL(answer);
    forged.searchParams.set('state', 'x'.repeat(43));
    await expectNobody(own, forged);
    expect((await own.get(answer.href, stay)).headers()['location']).toBe('/account');
    const again = await own.get(answer.href, stay);
    expect([again.status(), again.headers()['set-cookie']]).toEqual([403, undefined]);
    // Strangers cannot fill the table.
    expect(await refused()).toHaveLength(before);
  });
});

test('a key and a token each take a fresh sign-in, of the same person', async () => {
  const page = await signIn('s-1');
  const again = page.getByRole('button', { name: 'Sign in again with Garden ID' });
  await page.goto(`${served.url}/account/keys/new?next=/account`);
  expect(await page.getByLabel('Your password').count()).toBe(0);

  provider.people['s-7'] = { preferred_username: 'eve', groups: ['mail-editors'] };
  await (await signIn('s-7')).context().close();
  await again.click();
  await say(page, 's-7');
  await page.getByText('That was the account of somebody else').waitFor();
  expect((await refused())[0]).toMatchObject({ reason: 'another-account', operator: 'anna' });

  // Somebody who keeps the provider from asking comes back with an old sign-in.
  const old = await newPage();
  provider.signedInAt = Math.floor(Date.now() / 1_000) - 120;
  await toProvider(old);
  await say(old, 's-1');
  await old.route(`${provider.issuer}/auth?*`, async (route) => {
    const url = new URL(route.request().url());
    for (const name of ['prompt', 'max_age']) url.searchParams.delete(name);
    await route.continue({ url: url.href });
  });
  await old.goto(`${served.url}/account/keys/new`);
  await old.getByRole('button', { name: 'Sign in again with Garden ID' }).click();
  await old.getByText('no valid sign-in').waitFor();
  expect((await refused())[0]).toMatchObject({ reason: 'not-valid', code: 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' });
  provider.signedInAt = undefined;
  await old.context().close();

  await page.goto(`${served.url}/account/keys/new?next=/account`);
  const { cookies } = await page.context().storageState();
  await again.click();
  await say(page, 's-1');
  await page.getByLabel('What the device is called').fill('Test browser');
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('This browser has a key of yours').waitFor();
  const { keys } = await environment.sealpost.operators.find('anna');
  expect(keys.map(({ label }) => label)).toEqual(['Test browser']);
  // It has counted once, and a session that was stolen before is none any more.
  await page.getByText('Make a token').click();
  await again.waitFor();
  const thief = await browser.newContext();
  await thief.addCookies(cookies);
  const answer = await thief.request.get(`${served.url}/account`, { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  await again.click();
  await say(page, 's-1');
  await page.getByLabel('What it is for').fill('ci');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByLabel('The new token').waitFor();
});

test('a link connects an operator who has a password, which lets them in no more', async () => {
  const page = await newPage();
  await page.goto(served.url + (await invite(access(), 'lena', 'author')));
  provider.people['s-8'] = { preferred_username: 'unlike', groups: ['mail-editors'] };
  await page.getByRole('button', { name: 'Sign in with Garden ID' }).click();
  await say(page, 's-8');
  await page.waitForURL(`${served.url}/deliveries`);
  expect((await operatorOf('lena'))?.roles).toEqual(['engineer']);
  const by = await newPage();
  await by.goto(`${served.url}/sign-in`);
  await by.getByLabel('Operator id').fill('lena');
  await by.getByLabel('Password').fill(password);
  await by.getByRole('button', { name: 'Sign in', exact: true }).click();
  await by.getByText('do not let you in').waitFor();
});

test('where nobody is added and no password is taken, only who was added before comes in', async () => {
  provider.people['s-9'] = { preferred_username: 'new', groups: ['mail-editors'] };
  await expectSubjectRefused('s-9', 'unknown', undefined, strict);
  await environment.sealpost.operators.put({ id: 'new', name: 'New' }, 'author');
  const page = await signIn('s-9', strict);
  expect(new URL(page.url()).pathname).toBe('/account');
  await givePassword(access(), { id: 'gone' }, password);
  await environment.sealpost.operators.setActive('gone', true, 'author');
  const stranger = await newPage();
  await stranger.goto(`${strict.url}/sign-in`);
  expect(await stranger.getByLabel('Password').count()).toBe(0);
  const csrf = await stranger.locator('input[name=_csrf]').first().inputValue();
  const answer = await stranger.context().request.post(`${strict.url}/sign-in`, {
    form: { _csrf: csrf, operator: 'gone', password },
    headers: { origin: strict.url },
  });
  expect(answer.status()).toBe(401);
  expect(strict.firstLink).toBeUndefined();
});

test('while the provider is away passwords let in, and a page says what is wrong', async () => {
  const gone = await startProvider();
  await gone.close();
  const away = await openConsole(settings(gone.issuer));
  const page = await newPage();
  await toProvider(page, away);
  await page.getByText('No good answer comes from Garden ID (ECONNREFUSED).').waitFor();
  await page.getByRole('link', { name: 'To the sign-in' }).click();
  await page.getByLabel('Operator id').fill('gone');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${away.url}/account`);
  await away.stop();
  const misnamed = new IdentityProvider(settings(`${provider.issuer}/`));
  await expect(misnamed.address('http://127.0.0.1/x', { state: '', nonce: '', verifier: '' }, false)).rejects.toThrow(
    `The provider names itself "${provider.issuer}", and not "${provider.issuer}/"`,
  );
});
