import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { operatorRoles } from '../../src/client/index.js';
import { invite } from '../../src/web/access/invitations.js';
import { consoleRoutes } from '../../src/web/console/routes.js';
import {
  browseConsole,
  desktop,
  overhang,
  password,
  phone,
  shutOut,
  told,
  type BrowsedConsole,
} from './console-browser.js';
import { keepMail, knownPages, makeDeliveries, mixedRelay, pagesInside, type Write } from './console-states.js';
import { definition } from './definition.js';
import { openSendingEnvironment, type SendingEnvironment } from './environment.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-pages-'));
const asItIs: Write = (_field, plain) => plain;
let environment: SendingEnvironment;
let served: BrowsedConsole;

beforeAll(async () => {
  environment = await openSendingEnvironment({ on: mixedRelay(asItIs) });
  const systemKey = await parseSystemKey(makeSystemKey());
  served = await browseConsole(
    environment,
    { owner: operatorRoles, approver: ['approver'] },
    { inboxFolder: join(folder, 'inbox'), systemKey: () => Promise.resolve(systemKey) },
  );
  const { sealpost } = environment;
  await sealpost.denylist.add(['left@shop.example'], { operator: 'owner', reason: 'asked by letter' });
  await sealpost.quarantine.add(['full@shop.example'], { operator: 'owner' });
  keepMail(join(folder, 'inbox'), asItIs);
  await makeDeliveries(environment, asItIs);
});
afterAll(async () => {
  await served.close();
  await environment.close();
  rmSync(folder, { recursive: true });
});

test('each page of the table of routes is looked at', () => {
  const pages = consoleRoutes.filter(({ kind }) => kind === 'page').map(({ path }) => path);
  expect(knownPages.toSorted()).toEqual(pages.toSorted());
});

const go = async (page: Page, path: string): Promise<string> => {
  await page.goto(`${served.url}${path}`);
  return path;
};

test('no page shuts anybody out, in light and in dark, and none is wider than a phone', async () => {
  const page = await served.signedIn('owner');
  const faults: string[] = [];
  const look = async (path: string) => {
    faults.push(...(await shutOut(page)).map((one) => `${path}: ${one}`));
    await page.setViewportSize(phone.viewport);
    if ((await overhang(page)) > 0) faults.push(`${path} is ${await overhang(page)} px too wide`);
    await page.setViewportSize(desktop.viewport);
  };
  for (const path of pagesInside) await look(await go(page, path));
  // What answers a form that was filled in wrongly, and what is shown once.
  await go(page, '/new-delivery');
  await page.getByRole('button', { name: 'Check it' }).click();
  await told(page, 'to correct');
  await look('a draft with faults');
  await go(page, '/denylist');
  await page.getByLabel('Addresses, one a line').fill('no address');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await look('an entry that is wrong');
  await go(page, '/operators/approver');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await told(page, 'It opens once');
  await look('an invitation');
  await page.context().clearCookies();
  const link = await invite({ database: environment.database, now: Date.now }, 'owner', 'author');
  for (const path of ['/sign-in', '/sign-in/callback', link, '/welcome/x']) await look(await go(page, path));
  expect(faults).toEqual([]);
  await page.context().close();
});

test('without scripts every page is there, and each form has a button', async () => {
  const page = await served.signedIn('owner', { ...desktop, javaScriptEnabled: false });
  const faults: string[] = [];
  for (const path of pagesInside) {
    const answer = await page.goto(`${served.url}${path}`);
    if (path !== '/no-such-page' && !answer?.ok()) faults.push(`${path} answers ${answer?.status()}`);
    if ((await page.locator('main h1').count()) !== 1) faults.push(`${path} has no heading`);
    const mute = page.locator('form:not(:has(button:not([formtarget])))');
    if ((await mute.count()) > 0) faults.push(`${path} has a form without a button`);
  }
  expect(faults).toEqual([]);
  await page.context().close();
});

test('without scripts forms do their work: in, a draft with its preview, a filter, the rate, the lists, and out', async () => {
  const page = await served.stranger({ ...desktop, javaScriptEnabled: false });
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await go(page, '/new-delivery?begin=example');
  await page.getByLabel('Operator id').fill('owner');
  await page.getByLabel('Password').fill(password);
  await press('Sign in');
  await page.getByRole('heading', { name: 'New delivery' }).waitFor();
  await press('Preview');
  await page.frameLocator('iframe').getByText('winter', { exact: false }).first().waitFor();
  await page.getByLabel('delivery.yaml').fill('name: 1');
  await press('Check it');
  await told(page, 'to correct');
  expect(await page.getByLabel('delivery.yaml').inputValue()).toBe('name: 1');

  await go(page, '/deliveries/ended/recipients');
  await page.getByLabel('Status').selectOption('failed');
  await press('Search');
  expect(await page.locator('.ledger tbody tr').count()).toBe(1);
  await go(page, '/deliveries/ended/in-doubt');
  await page.getByLabel('person3@shop.example').check();
  await page.getByLabel('The relay had them').check();
  await press('Decide');
  await told(page, 'Decided on 1 message');
  await go(page, '/deliveries/paused/sending');
  await page.getByLabel('Another rate').fill('2/min');
  await press('Set it');
  await told(page, 'at 2/min at the most');
  await press('Resume');
  await told(page, 'It goes on.');

  await go(page, '/denylist');
  await page.getByLabel('CSV or one address a line').setInputFiles({
    name: 'list.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('address,reason\nown@shop.example,moved\n'),
  });
  await press('Import');
  await told(page, '1 new');
  await page.getByRole('button', { name: 'Remove own@shop.example' }).click();
  await told(page, 'own@shop.example is taken off it.');
  await go(page, '/operators');
  await page.getByLabel('Id').fill('new-one');
  await page.getByLabel('Name', { exact: true }).fill('New one');
  await press('Add');
  await told(page, 'Added.');
  await press('Sign out');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

test('a preview that comes late does not take the place of what was submitted', async () => {
  const page = await served.signedIn('owner');
  await page.addInitScript(`window.timers = []; window.setTimeout = (then) => window.timers.push(then);`);
  await go(page, '/new-delivery');
  const { content: _, ...settings } = definition({ id: 'pressed' });
  const text = JSON.stringify({ ...settings, content: 'content.mjml', recipients: undefined });
  await page.getByLabel('delivery.yaml').fill(text);
  await page.evaluate(`document.querySelector('[value=check]').click(); window.timers.at(-1)();`);
  await told(page, 'to correct');
  await page.context().close();
});
