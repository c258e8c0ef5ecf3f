import type { Page } from 'playwright-core';
import { desktop, browseConsole, phone, type BrowsedConsole } from './console-browser.js';
import { inPhase, openSendingEnvironment, type SendingEnvironment } from './environment.js';

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

const yaml = (id: string) => `id: ${id}
name: Winter
sender: { address: news@garden.example }
subject: Winter
content: { text: content.txt }
recipients: recipients.csv
unsubscribe: { url: https://garden.example/leave }
approval: { approvers: [approver], fourEyes: true }
`;
const csv = 'email\nann@shop.example\nben@shop.example\n';
const text = 'Dear all, it snows. {{ unsubscribe_url }}\n';

/** The form, filled in. */
async function writeDraft(page: Page, id: string): Promise<void> {
  await page.goto(`${served.url}/new-delivery`);
  await page.getByLabel('Files', { exact: true }).setInputFiles([
    { name: 'content.txt', mimeType: 'text/plain', buffer: Buffer.from(text) },
    { name: 'recipients.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) },
  ]);
  await page.getByLabel('delivery.yaml').fill(yaml(id));
}

/** Gives the browser a key in a window of its own, as the page says. */
async function giveKey(page: Page): Promise<void> {
  const [other] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'give it one' }).click(),
  ]);
  await served.makeKey(other);
  await other.close();
}

const signed = async (page: Page, key: string): Promise<string> =>
  (await page.locator(`dt:text-is("${key}") + dd`).innerText()).trim();

test('an author without a command line submits under four eyes, another approves, and it is sent', async () => {
  const page = await served.signedIn('author');
  await writeDraft(page, 'signed-here');
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await page.getByText('under four eyes you sign for what you submit').waitFor();
  expect((await environment.sealpost.list()).map(({ id }) => id)).not.toContain('signed-here');
  await giveKey(page);
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  const dialog = page.getByRole('dialog', { name: 'You sign for this' });
  await dialog.waitFor();
  expect([await signed(page, 'delivery'), await signed(page, 'author'), await signed(page, 'recipients')]).toEqual([
    'signed-here',
    'author',
    '2',
  ]);
  const revision = await signed(page, 'revision');
  await page.getByRole('button', { name: 'Back' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await page.getByRole('button', { name: 'Sign, and start the delivery' }).click();
  await page.getByText('It is started').waitFor();
  const delivery = environment.sealpost.delivery('signed-here');
  const { seal = '', ...shown } = await inPhase(delivery, 'awaiting-decision');
  expect(shown).toMatchObject({ revision, author: 'author', authorSigned: true });
  await delivery.decide({ operator: 'approver', verdict: 'confirm', seal });
  expect((await delivery.outcome()).outcome).toBe('finished');
  await page.context().close();
});

test('a revision that was changed after it was signed is refused, and one with a key that counts no more is asked for anew', async () => {
  const page = await served.signedIn('author', phone);
  await writeDraft(page, 'changed');
  await giveKey(page);
  await page.getByRole('button', { name: 'Start the delivery' }).click();
  await page.getByRole('button', { name: 'Sign, and start the delivery' }).click();
  await page.getByText('It is started').waitFor();
  const delivery = environment.sealpost.delivery('changed');
  const { revision } = await inPhase(delivery, 'awaiting-decision');
  await page.goto(`${served.url}/deliveries/changed/edit`);
  await page.getByLabel('content.txt').fill('Dear all, it rains. {{ unsubscribe_url }}\n');
  await page.getByRole('button', { name: 'Submit the revision' }).click();
  await page.getByRole('dialog').waitFor();
  // Nobody can type while it is open: it is somebody else's script, or a proxy.
  await page.getByLabel('content.txt').evaluate((area) => {
    (area as unknown as { value: string }).value = 'Dear all, send us money. {{ unsubscribe_url }}';
  });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.getByRole('button', { name: 'Sign, and submit the revision' }).click();
  await page.getByText('What is submitted is not what was signed').waitFor();
  expect((await delivery.show()).revisions.map(({ hash }) => hash)).toEqual([revision]);
  await page.getByRole('button', { name: 'Submit the revision' }).click();
  await page.getByRole('button', { name: 'Sign, and submit the revision' }).click();
  await page.getByText('The revision is submitted').waitFor();
  const again = await inPhase(delivery, 'awaiting-decision');
  expect([again.authorSigned, again.revision === revision]).toEqual([true, false]);
  await page.goto(`${served.url}/deliveries/changed/edit`);
  await environment.sealpost.operators.revokeKeys('author', {}, 'author');
  await page.getByRole('button', { name: 'Submit the revision' }).click();
  await page.getByText('under four eyes you sign for what you submit').waitFor();
  await page.context().close();
});

test('a server that would have something else signed gets no signature; without scripts the page says what to do', async () => {
  const page = await served.signedIn('author');
  await writeDraft(page, 'tricked');
  await giveKey(page);
  let changed: { type?: string; said?: object } = {};
  await page.route('**/new-delivery/text', async (route) => {
    const { text: given, ...told } = (await (await route.fetch()).json()) as { text: string };
    const said = JSON.stringify({ ...(JSON.parse(given) as object), ...changed.said });
    await route.fulfill({ json: { ...told, text: said, ...(changed.type !== undefined && { type: changed.type }) } });
  });
  for (const [change, fault] of [
    [{ type: 'sealpost-decision' }, 'it is another kind of statement'],
    [{ said: { author: 'approver' } }, 'it says another "author"'],
    [{ said: { delivery: 'another' } }, 'the definition does not name "another"'],
    [{ said: { verdict: 'confirm' } }, 'it says another "verdict"'],
    [{ said: { revision: 'any' } }, 'it names no revision'],
    [{ said: { signedAt: '2030-01-01T00:00:00.000Z' } }, 'it says another "signedAt"'],
  ] as const) {
    changed = change;
    await page.getByRole('button', { name: 'Start the delivery' }).click();
    await page.getByText(`is not what you submit: ${fault}`).waitFor();
  }
  expect((await environment.sealpost.list()).map(({ id }) => id)).not.toContain('tricked');
  await page.context().close();
  const bare = await served.signedIn('author', { ...desktop, javaScriptEnabled: false });
  await writeDraft(bare, 'bare');
  expect(await bare.locator('main').innerText()).toContain('Turn scripts on for this page, or submit the files');
  await bare.getByRole('button', { name: 'Start the delivery' }).click();
  await bare.getByText('under four eyes you sign for what you submit').waitFor();
  await bare.context().close();
});
