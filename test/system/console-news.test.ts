import { makeToken, revokeToken } from '../../src/web/access/api-tokens.js';
import { beginSession, endSessionsOf } from '../../src/web/access/sessions.js';
import { loopbackAddress } from '../../src/web/access/public-url.js';
import { browseConsole, type BrowsedConsole } from './console-browser.js';
import { definition, recipients } from './definition.js';
import { inPhase, openSendingEnvironment, type SendingEnvironment } from './environment.js';
import { sessionName } from './served-console.js';

let environment: SendingEnvironment;
let served: BrowsedConsole;

beforeAll(async () => {
  environment = await openSendingEnvironment();
  served = await browseConsole(environment, { author: ['engineer'], approver: ['approver'] });
});
afterAll(async () => {
  await served.close();
  await environment.close();
});

test('pages tell counts and phases without being loaded again', async () => {
  const { sealpost } = environment;
  const delivery = await sealpost.start(
    definition({
      id: 'watched',
      recipients: recipients(60),
      sending: { rate: '1/s', waves: { size: 30, every: '1s' } },
    }),
    {
      operator: 'author',
    },
  );
  const { seal = '' } = await inPhase(delivery, 'awaiting-decision');
  const [overview, sending, list] = await Promise.all(
    ['/deliveries/watched', '/deliveries/watched/sending', '/deliveries?status=open'].map(async (path) => {
      const page = await served.signedIn('author');
      await page.goto(served.url + path);
      await page.evaluate('globalThis.loadedOnce = true');
      return page;
    }),
  );
  if (!overview || !sending || !list) throw new Error('three pages were opened');
  const pages = [overview, sending, list];
  const phase = (text: string) => Promise.all(pages.map((page) => page.locator(`.phase:text-is("${text}")`).waitFor()));
  await overview.locator('details > summary').first().focus();
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  await phase('sending');
  await Promise.all([overview, sending].map((page) => page.getByText(/% of 60 messages done, .* a second/).waitFor()));
  await delivery.pause({ operator: 'author' });
  await phase('paused');
  await overview.getByRole('button', { name: 'Resume' }).waitFor();
  await overview.getByText('author paused it').first().waitFor();
  expect(await overview.getByRole('status').first().innerText()).toMatch(/^paused/);
  expect(await list.getByRole('status').first().innerText()).toMatch(/^Test delivery: paused/);
  // What somebody is typing is not taken from under their hands.
  await sending.getByLabel('Another rate').fill('7/s');
  await delivery.setRate({ operator: 'author', rate: 'unlimited' });
  await delivery.resume({ operator: 'author' });
  await delivery.outcome();
  await Promise.all([overview, list].map((page) => page.locator('.phase:text-is("finished")').waitFor()));
  await overview.locator('.sending-figures').getByRole('cell', { name: '60', exact: true }).waitFor();
  await sending.getByText('100 % of 60 messages done').waitFor();
  const waves = sending.getByRole('img', { name: '100 % of 30 messages done: 30 sent' });
  await waves.nth(1).waitFor();
  await sending.getByText('It has changed, and is finished now.').waitFor();
  expect(await sending.getByLabel('Another rate').inputValue()).toBe('7/s');
  expect(await Promise.all(pages.map((page) => page.evaluate('globalThis.loadedOnce')))).toEqual([true, true, true]);
  await Promise.all(pages.map((page) => page.context().close()));
});

/** Reads what is told until it ends, once the first word has come. */
async function watch(path: string, headers: Record<string, string>) {
  const { status, body } = await fetch(served.url + path, { headers, redirect: 'manual' });
  if (status !== 200 || !body) return { status, ended: Promise.resolve() };
  const reader = body.getReader();
  await reader.read();
  const read = async (): Promise<void> => {
    while (!(await reader.read()).done);
  };
  return { status, ended: read(), leave: () => reader.cancel() };
}

const access = () => ({ database: environment.database, now: Date.now });

async function cookieOf(operator: string): Promise<{ cookie: string }> {
  const secret = await beginSession(access(), operator, 'Chromium');
  return { cookie: `${sessionName(loopbackAddress(Number(new URL(served.url).port)))}=${secret}` };
}

describe('what is told ends', () => {
  const operators = () => environment.sealpost.operators;

  beforeAll(async () => {
    const delivery = await environment.sealpost.start(definition({ id: 'open' }), { operator: 'author' });
    await inPhase(delivery, 'awaiting-decision');
  });
  beforeEach(async () => {
    await operators().put({ id: 'viewer', name: 'V', roles: ['reviewer'] }, 'author');
    await operators().setActive('viewer', true, 'author');
  });

  const ways: [string, () => Promise<unknown>][] = [
    [
      'the session',
      () => endSessionsOf(access(), 'viewer', { except: undefined }, { by: 'author', kind: 'session-ended' }),
    ],
    ['the role', () => operators().put({ id: 'viewer', name: 'V', roles: [] }, 'author')],
    ['the account', () => operators().setActive('viewer', false, 'author')],
  ];
  test.each(ways)('with %s', async (_name, end) => {
    const other = await watch('/deliveries/open/news', await cookieOf('author'));
    const cookie = await cookieOf('viewer');
    const watches = await Promise.all(
      ['/deliveries/open/news', '/news?of=open', '/api/v1/deliveries/open/events'].map((path) => watch(path, cookie)),
    );
    expect(watches.map(({ status }) => status)).toEqual([200, 200, 200]);
    await end();
    await Promise.all(watches.map(({ ended }) => ended));
    expect(await Promise.race([other.ended.then(() => 'ended'), Promise.resolve('goes on')])).toBe('goes on');
    await other.leave?.();
  });

  test('with the token', async () => {
    const token = await makeToken(access(), 'viewer', { label: 'watch', scopes: ['read'], days: 1 });
    const { ended } = await watch('/api/v1/deliveries/open/events', { authorization: `Bearer ${token}` });
    const { rows } = await environment.database.query('select max(key) as key from api_token');
    await revokeToken(access(), 'viewer', rows[0].key);
    await ended;
  });

  test('for more than a hundred of one operator’s, before it begins', async () => {
    const cookie = await cookieOf('viewer');
    const watches = await Promise.all(Array.from({ length: 101 }, () => watch('/deliveries/open/news', cookie)));
    const statuses = watches.map(({ status }) => status);
    expect([statuses.filter((one) => one === 200).length, statuses.filter((one) => one === 429).length]).toEqual([
      100, 1,
    ]);
    await Promise.all(watches.map(async ({ leave }) => await leave?.()));
  });
});
