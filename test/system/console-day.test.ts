import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makeSystemKey, parseSystemKey } from '../../src/audit/system-key.js';
import { startInbox, type Inbox } from '../../src/local/inbox.js';
import {
  browseConsole,
  overhang,
  password,
  phone,
  reloadedUntil,
  told,
  type BrowsedConsole,
} from './console-browser.js';
import { openEnvironment, type TestEnvironment } from './environment.js';

const folder = mkdtempSync(join(tmpdir(), 'sealpost-day-'));
let environment: TestEnvironment;
let inbox: Inbox;
let served: BrowsedConsole;
let thumbprint = '';

beforeAll(async () => {
  environment = await openEnvironment();
  const inboxFolder = join(folder, 'inbox');
  inbox = await startInbox(inboxFolder, { preferredPort: 0 });
  await environment.startWorker({ SMTP_URL: inbox.smtpUrl });
  const systemKey = await parseSystemKey(makeSystemKey());
  ({ thumbprint } = systemKey);
  served = await browseConsole(
    environment,
    { author: ['engineer', 'approver'], approver: ['approver'], olga: ['auditor'] },
    { inboxFolder, systemKey: () => Promise.resolve(systemKey) },
  );
});
afterAll(async () => {
  await served.close();
  await environment.close();
  await inbox.stop();
  rmSync(folder, { recursive: true });
});

const people = 40;
const definition = `id: bulbs
name: Autumn bulbs
owner: author
sender: { name: Garden, address: news@garden.example }
subject: 'Bulbs for {{ first_name }}'
content: mail.html
recipients: people.csv
unsubscribe: { url: 'https://garden.example/leave?who={{ email }}' }
proofs: { recipients: [proof@garden.example] }
approval: { approvers: [approver] }
sending: { rate: 1/min }
`;
const html = `<html><body><h1>Bulbs</h1><p>Dear {{ first_name }}, plant them now. <a href="{{ unsubscribe_url }}">Leave</a></p></body></html>`;
const csv = [
  'email,first_name',
  ...Array.from({ length: people }, (_, i) => `person${i + 1}@shop.example,Name${i + 1}`),
];

const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });

/** Through the form, to where the operator wanted to go. */
async function signIn(page: Page, operator: string, path: string): Promise<void> {
  await page.goto(`${served.url}${path}`);
  await page.getByLabel('Operator id').fill(operator);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${served.url}${path}`);
}

async function giveKey(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Give it one' }).click();
  await page.getByLabel('What the device is called').fill('Test browser');
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Make the key' }).click();
  await page.getByText('This browser has a key of yours').waitFor();
}

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'This delivery' }).getByRole('link', { name }).click();

const sentOf = async (page: Page): Promise<number> =>
  Number(/(\d+) sent/.exec((await page.locator('.bar').first().getAttribute('aria-label')) ?? '')?.[1] ?? 0);

test('a delivery’s day: files, a fault, a proof, a signed decision, pause and resume, a reply, the bundle', async () => {
  const page = await served.stranger();
  await signIn(page, 'author', '/deliveries');
  await page.getByRole('link', { name: 'New delivery' }).click();
  await page
    .getByLabel('Files')
    .setInputFiles([
      file('delivery.yaml', definition.replace('1/min', 'slowly')),
      file('mail.html', html),
      file('people.csv', csv.join('\n')),
    ]);
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await told(page, '1 fault to correct: nothing was changed.');
  // The fault leads to its line.
  await page.getByRole('link', { name: 'line 11' }).click();
  expect(await page.evaluate('getSelection().toString()')).toBe('sending: { rate: slowly }');
  await page.getByLabel('delivery.yaml').fill(definition);
  await page.getByRole('button', { name: 'Check it' }).click();
  await told(page, 'it can be taken');
  await page.frameLocator('iframe:not(.arriving)').getByText('Dear Name1, plant them now.').waitFor();
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await told(page, 'It is started');

  await reloadedUntil(page, /waits for your decision|awaiting decision/i);
  expect(await page.locator('#parameters').innerText()).toContain('done');
  await tab(page, 'Proofs');
  await page.getByRole('button', { name: 'Send a proof' }).click();
  await told(page, 'Another proof goes out');
  await tab(page, 'Proofs');
  await reloadedUntil(page, /Proof 2/);
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByLabel('Search by recipient').fill('proof@');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'Proof 2' }).click();
  await page.frameLocator('iframe').getByText('Dear Name1, plant them now.').waitFor();
  await page.context().close();

  const approver = await served.stranger();
  await signIn(approver, 'approver', '/deliveries/bulbs/decision');
  await giveKey(approver);
  expect(await approver.locator('main').innerText()).toMatch(/40 messages/);
  await approver.getByLabel('the number of messages').fill('40');
  await approver.getByRole('button', { name: 'Sign and confirm' }).click();
  await told(approver, 'Confirmed: the delivery goes on.');

  await tab(approver, 'Sending');
  await reloadedUntil(approver, /sent\s+1\b/);
  await approver.getByRole('button', { name: 'Pause' }).click();
  await told(approver, 'It is paused');
  await tab(approver, 'Sending');
  await reloadedUntil(approver, /paused/);
  await approver.getByLabel('Another rate').fill('as it likes');
  await approver.getByRole('button', { name: 'Set it' }).click();
  await told(approver, 'or unlimited');
  await approver.getByLabel('Another rate').fill('unlimited');
  await approver.getByRole('button', { name: 'Set it' }).click();
  await told(approver, 'as fast as they are taken from now on');
  expect(await sentOf(approver)).toBeLessThan(people);
  await approver.getByRole('button', { name: 'Resume' }).click();
  await told(approver, 'It goes on.');
  await reloadedUntil(approver, /finished/);
  await tab(approver, 'Sending');
  await reloadedUntil(approver, /sent\s+40\b/);

  await tab(approver, 'Recipients');
  await approver.getByLabel('Address').fill('person7@');
  await approver.getByRole('button', { name: 'Search' }).click();
  await approver.getByRole('link', { name: 'person7@shop.example' }).click();
  expect(await approver.locator('pre.raw').innerText()).toMatch(/^250 .*kept as message \d+/);
  await approver.context().close();

  const auditor = await served.stranger();
  await signIn(auditor, 'olga', '/deliveries/bulbs/bundle');
  const [bundle] = await Promise.all([
    auditor.waitForEvent('download'),
    auditor.getByRole('button', { name: 'Download' }).click(),
  ]);
  const path = join(folder, 'bundle.ndjson');
  await bundle.saveAs(path);
  const verify = (at: string) => environment.cli(['audit', 'verify', at, '--key', thumbprint]);
  const verified = await verify(path);
  expect([verified.code, verified.stdout]).toEqual([0, expect.not.stringMatching(/FAILED|not checked/)]);
  // It is the file that is checked.
  writeFileSync(`${path}.changed`, readFileSync(path, 'utf8').replace('person7@shop', 'person7@chop'));
  expect((await verify(`${path}.changed`)).code).not.toBe(0);
  await auditor.context().close();
});

test('on a phone: text in place of files, a rejection with its reason, a revision, a decision, and nothing beside the screen', async () => {
  const page = await served.signedIn('author', phone);
  const looked: [string, number][] = [];
  const look = async () => void looked.push([new URL(page.url()).pathname, await overhang(page)]);
  const own = definition
    .replace('bulbs', 'pocket')
    .replace('[approver]', '[author]')
    .replace('sending: { rate: 1/min }\n', '');
  await page.goto(`${served.url}/new-delivery`);
  await page
    .getByLabel('Files')
    .setInputFiles([file('mail.html', html), file('people.csv', csv.slice(0, 6).join('\n'))]);
  await page.getByLabel('delivery.yaml').fill(own);
  await look();
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await told(page, 'It is started');
  await look();
  await reloadedUntil(page, /awaiting decision/i);
  await look();

  await tab(page, 'Decision');
  await giveKey(page);
  await look();
  await page.getByText('Reject it…').click();
  await page.getByLabel('What must be mended').fill('Say which bulbs.');
  await page.getByRole('button', { name: 'Sign and reject' }).click();
  await told(page, 'Rejected: nothing leaves.');
  await look();

  await tab(page, 'Edit');
  expect(await page.getByLabel('delivery.yaml').inputValue()).toBe(own);
  const subject = "subject: 'Tulips for {{ first_name }}'";
  await page.getByLabel('delivery.yaml').fill(own.replace(/^subject: .*$/m, subject));
  await look();
  await page.getByRole('button', { name: 'Submit the revision' }).click();
  // The browser has a key by now, by which its author signs for what is submitted.
  await page.getByRole('button', { name: 'Sign, and submit the revision' }).click();
  await told(page, 'The revision is submitted');
  await reloadedUntil(page, /awaiting decision/i);
  await tab(page, 'Decision');
  await reloadedUntil(page, /Tulips/);
  await page.getByLabel('the number of messages').fill('5');
  await page.getByRole('button', { name: 'Sign and confirm' }).click();
  await told(page, 'Confirmed: the delivery goes on.');
  await tab(page, 'Sending');
  await reloadedUntil(page, /finished/);
  await look();
  await tab(page, 'Recipients');
  await look();
  await page.getByRole('link', { name: 'person3@shop.example' }).click();
  expect(await page.locator('pre.raw').innerText()).toContain('kept as message');
  await look();
  await tab(page, 'Timeline');
  expect(await page.locator('.timeline').innerText()).toContain('Say which bulbs.');
  await look();
  expect(looked.filter(([, over]) => over > 0)).toEqual([]);
  await page.context().close();
});
